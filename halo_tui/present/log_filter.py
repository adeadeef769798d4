"""A filter of logs as it is typed, `conflict level:warn since:2h`: the same words as `logctl search` takes."""

from __future__ import annotations

from shlex import quote
from typing import Any

from halo_engine.logs import arguments
from halo_engine.logs.query import Query
from halo_engine.workspace import Workspace
from halo_tui.present.filters import sort_out

WORDS = "words  level:  since:  until:  instance:  where:a.b=c  regex:"
OPTIONS = {name: f"--{name}" for name in ("level", "since", "until", "instance", "where", "regex")}


def query(workspace: Workspace, text: str) -> Query:
    """What a filter means.

    Raises Usage for a level, a time, a condition or a pattern that cannot be read.
    """
    typed = sort_out(text, OPTIONS, frozenset())

    def values(name: str) -> list[str]:
        return [value for option, value in typed.options if option == name]

    given: dict[str, Any] = {
        "level": ",".join(values("level")),
        "since": "".join(values("since")[-1:]),
        "until": "".join(values("until")[-1:]),
        "instances": values("instance"),
        "where": values("where"),
        "text": " ".join(typed.words),
        "regex": "".join(values("regex")[-1:]),
    }
    return arguments.query(workspace, given)


def command(text: str, source: str = "", verb: str = "search") -> str:
    """The command line that finds the same."""
    typed = sort_out(text, OPTIONS, frozenset())
    parts = [f"--source {quote(source)}"] if source else []
    parts += [f"{OPTIONS[name]} {quote(value)}" for name, value in typed.options]
    parts += [f"--text {quote(' '.join(typed.words))}"] if typed.words else []
    return " ".join([f"logctl {verb}", *parts])


def toggled(text: str, word: str) -> str:
    """The filter with that word, or without it where it was there."""
    words = text.split()
    return " ".join([each for each in words if each != word] if word in words else [*words, word])
