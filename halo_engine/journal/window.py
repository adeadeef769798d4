"""Some days of the journal read back as one: put into words by the language model, else the entries by theme."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from halo_engine import clock, console, llm, resources
from halo_engine.clock import Timestamp
from halo_engine.errors import Conflict, HaloError
from halo_engine.events.model import New
from halo_engine.journal import queries
from halo_engine.journal.events import WindowSummarised
from halo_engine.journal.queries import EntryFilter
from halo_engine.journal.store import Entry
from halo_engine.workspace import Workspace

PROMPT = "journal_prompt.md"
ANSWER = 2000
"""Tokens of an answer."""
LONGEST = 200_000
"""Characters of entries that are sent; of what is longer, the latest."""
SIGNIFICANT = re.compile(r"[^\W\d_]{5,}")
OTHER = "other"


class Theme(msgspec.Struct, frozen=True):
    """Entries that belong together."""

    name: str
    entries: tuple[Entry, ...]
    """The oldest first."""


class Reading(msgspec.Struct, frozen=True):
    """Some days read back."""

    since: Timestamp
    until: Timestamp
    entries: int
    text: str = ""
    """In the language model's words; empty without it."""
    model: str = ""
    cached: bool = False
    """The same entries were put into words before."""
    themes: tuple[Theme, ...] = ()


def read(workspace: Workspace, days: int, *, ai: bool = True, anew: bool = False) -> Reading:
    """The entries of the last days. `ai`: in the language model's words where a key is set, asked once for the same
    entries unless `anew`. A model that cannot answer is a word on stderr.
    """
    now = clock.now()
    since, until = clock.stamp(now - timedelta(days=days)), clock.stamp(now)
    rows, _ = queries.page(workspace, EntryFilter(since=since))
    rows.reverse()
    reading = Reading(since, until, len(rows), themes=themes(rows))
    settings = workspace.settings.llm
    if not rows or not ai or not llm.configured(settings):
        return reading
    try:
        text, cached = _words(workspace, rows, anew=anew)
    except HaloError as error:
        console.note(f"without the language model: {error.message}")
        return reading
    return msgspec.structs.replace(reading, text=text, model=settings.model, cached=cached)


def _words(workspace: Workspace, rows: Sequence[Entry], *, anew: bool) -> tuple[str, bool]:
    """What the language model makes of the entries, and whether it was asked before."""
    settings = workspace.settings.llm
    system = resources.folder("templates").joinpath(PROMPT).read_text(encoding="utf-8")
    prompt = as_text(rows)[-LONGEST:]
    digest = hashlib.sha256(f"{settings.model}\0{system}\0{prompt}".encode()).hexdigest()[:32]
    known = queries.summary(workspace, digest)
    if known and not anew:
        return known.text, True
    text = llm.ask(settings, system, prompt, ANSWER).strip()
    fact = WindowSummarised(text, settings.model, len(rows))
    try:
        workspace.log.append([New(queries.stream(f"@{digest}"), "journal.window.summarised", fact)])
    except Conflict:
        console.note("the summary could not be kept; it will be asked for again")
    return text, False


def as_text(rows: Sequence[Entry]) -> str:
    """The entries as the language model gets them."""
    return "\n\n".join(f"{' '.join(_head(row))}\n{row.text}" for row in rows)


def _head(row: Entry) -> list[str]:
    energy = [f"energy {row.energy}/10"] if row.energy is not None else []
    mood = [row.mood] if row.mood else []
    return [f"[{console.moment(row.written)}]", *(f"#{tag}" for tag in row.tags), *mood, *energy]


def themes(rows: Sequence[Entry]) -> tuple[Theme, ...]:
    """Entries by theme, the largest first: the tag that most of the others have too; without a tag, the word."""
    tags = Counter(tag for row in rows for tag in row.tags)
    words = Counter(word for row in rows if not row.tags for word in _significant(row))
    found: dict[str, list[Entry]] = {}
    for row in rows:
        shared = [word for word in _significant(row) if words[word] > 1]
        name = _commonest(row.tags, tags) if row.tags else _commonest(shared, words)
        found.setdefault(name, []).append(row)
    order = sorted(found.items(), key=lambda pair: (pair[0] == OTHER, -len(pair[1]), pair[0]))
    return tuple(Theme(name, tuple(entries)) for name, entries in order)


def _significant(row: Entry) -> list[str]:
    return sorted({word.lower() for word in SIGNIFICANT.findall(row.text)})


def _commonest(names: Sequence[str], counts: Counter[str]) -> str:
    return min(names, key=lambda name: (-counts[name], name), default=OTHER)
