"""A filter of sessions as it is typed, `website instance:ben since:7d flagged`: what `agentctl sessions` takes."""

from __future__ import annotations

from shlex import quote

from halo_engine.agents import arguments
from halo_engine.agents.queries import Filter
from halo_engine.agents.sources import SOURCES
from halo_engine.errors import Usage
from halo_engine.workspace import Workspace
from halo_tui.present.filters import sort_out

WORDS = "project  instance:  model:  source:  since:  until:  flagged"
OPTIONS = {name: f"--{name}" for name in ("instance", "model", "source", "since", "until")}
FLAGS = frozenset({"flagged"})


def wanted(workspace: Workspace, text: str) -> tuple[Filter, bool]:
    """What a filter means, and whether only those with an open alert are wanted.

    Raises Usage for a time or a source that does not exist.
    """
    typed = sort_out(text, OPTIONS, FLAGS)
    given = dict.fromkeys(OPTIONS, "") | dict(typed.options)
    if given["source"] and given["source"] not in SOURCES:
        raise Usage(f"no source {given['source']!r}; they are: {', '.join(SOURCES)}")
    return arguments.wanted(workspace, given | {"project": " ".join(typed.words)}), "flagged" in typed.flags


def command(text: str) -> str:
    """The command line that lists the same sessions."""
    typed = sort_out(text, OPTIONS, FLAGS)
    parts = [f"{OPTIONS[name]} {quote(value)}" for name, value in typed.options]
    parts += [f"--project {quote(' '.join(typed.words))}"] if typed.words else []
    parts += ["--flagged"] if "flagged" in typed.flags else []
    return " ".join(["agentctl sessions", *parts])
