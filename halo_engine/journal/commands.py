"""The write side."""

from __future__ import annotations

import re
from collections.abc import Sequence

from halo_engine.errors import Usage
from halo_engine.events.model import New
from halo_engine.events.store import opened
from halo_engine.ids import new_id
from halo_engine.journal import queries
from halo_engine.journal.events import EntryWritten
from halo_engine.journal.projection import journal, written
from halo_engine.journal.store import Entry
from halo_engine.workspace import Workspace

LONGEST = 100_000
"""Characters of an entry."""
WORD = re.compile(r"[^\s,]{1,40}")


def add(workspace: Workspace, text: str, tags: Sequence[str] = (), mood: str = "", energy: int | None = None) -> Entry:
    """Write an entry, dated now.

    Raises Usage for one that is empty or too long, and for a tag or mood that is no single word.
    """
    text = text.strip()
    if not text:
        raise Usage("an entry needs words", 'halo-engine journal add "..."; `-` takes them from standard input')
    if len(text) > LONGEST:
        raise Usage(f"an entry has at most {LONGEST:,} characters, this has {len(text):,}", "keep it in a file")
    for word in (*tags, *([mood] if mood else [])):
        if not WORD.fullmatch(word):
            raise Usage(f"{word[:60]!r} is no single word", "a tag or a mood has no spaces and no commas")
    kept = tuple(dict.fromkeys(tag.lower() for tag in tags))
    fact = EntryWritten(text, kept, mood.lower(), energy)
    new = New(queries.stream(new_id()), "journal.entry.written", fact, expected=0)
    _catch_up(workspace)
    event = workspace.log.append([new])[0]
    if not workspace.dry_run:
        _catch_up(workspace)
    return written(None, fact, event)


def _catch_up(workspace: Workspace) -> None:
    """Bring the store up to the log, and make it where there is none yet."""
    with opened(workspace, journal):
        pass
