"""The read side. Every function returns typed rows of a store that is caught up with the log."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import msgspec

from halo_engine import clock, times
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound, Usage
from halo_engine.events.store import opened
from halo_engine.journal import search
from halo_engine.journal.projection import journal
from halo_engine.journal.store import Entry, Summary
from halo_engine.workspace import Workspace

NO_LIMIT = -1
SHOWN = 10
"""Tags and moods that are counted by name."""


class EntryFilter(msgspec.Struct, frozen=True):
    """What to list. Empty fields leave everything through; the fields of one another all hold."""

    since: Timestamp = ""
    until: Timestamp = ""
    """Without it."""
    tags: tuple[str, ...] = ()
    """All of them."""
    mood: str = ""


class Stats(msgspec.Struct, frozen=True):
    """The journal in figures."""

    entries: int = 0
    words: int = 0
    days: int = 0
    """Days with an entry."""
    streak: int = 0
    """Days in a row with an entry, up to today or yesterday."""
    longest: int = 0
    first: Timestamp = ""
    last: Timestamp = ""
    energy: float | None = None
    """Of 10, on average."""
    tags: dict[str, int] = {}
    moods: dict[str, int] = {}
    months: dict[str, int] = {}
    """`2026-11` -> entries."""


def stream(entry_id: str) -> str:
    return f"journal/{entry_id}"


def page(workspace: Workspace, wanted: EntryFilter, limit: int = 0) -> tuple[list[Entry], int]:
    """The latest entries that a filter leaves (limit 0: all), and how many more there are."""
    where, values = condition(wanted)
    with opened(workspace, journal) as store:
        rows = store.select(Entry, f"{where} ORDER BY written DESC, id DESC LIMIT ?", [*values, limit or NO_LIMIT])
        total = int(store.all(f"SELECT count(*) FROM entry {where}", values)[0][0])
    return rows, total - len(rows)


def condition(wanted: EntryFilter) -> tuple[str, list[str]]:
    """A filter as SQL."""
    parts = [
        ("written >= ?", wanted.since),
        ("written < ?", wanted.until),
        ("mood = ?", wanted.mood.lower()),
        *(("EXISTS (SELECT 1 FROM json_each(entry.tags) WHERE value = ?)", tag.lower()) for tag in wanted.tags),
    ]
    given = [(sql, value) for sql, value in parts if value]
    where = f"WHERE {' AND '.join(sql for sql, _ in given)}" if given else ""
    return where, [value for _, value in given]


def entry(workspace: Workspace, reference: str) -> Entry:
    """The entry that an id, or its end of at least 4 characters, means.

    Raises NotFound; Usage for an end that several have.
    """
    end = reference.strip().lower()
    with opened(workspace, journal) as store:
        rows = store.select(Entry, "WHERE substr(id, -length(?)) = ? LIMIT 2", [end, end]) if len(end) >= 4 else []
    if not rows:
        raise NotFound(f"no entry {reference[:60]}", "`halo-engine journal list` shows what there is")
    if len(rows) > 1:
        raise Usage(f"several entries end in {end}", f"{', '.join(row.id for row in rows)}, ...")
    return rows[0]


def found(workspace: Workspace, words: str, limit: int = 0) -> tuple[list[Entry], int]:
    """The entries that have all the words, the latest first (limit 0: all), and how many more there are.

    Raises Usage for a search without a word.
    """
    ids = search.ids(workspace, words)
    chosen = ids[: limit or None]
    with opened(workspace, journal) as store:
        rows = [row for each in chosen if (row := store.get(Entry, each))]
    return rows, len(ids) - len(rows)


def summary(workspace: Workspace, digest: str) -> Summary | None:
    with opened(workspace, journal) as store:
        return store.get(Summary, digest)


def stats(workspace: Workspace) -> Stats:
    """Everything counted, on the operator's calendar."""
    rows, _ = page(workspace, EntryFilter())
    if not rows:
        return Stats()
    zone = times.zone(workspace.settings.timezone or "")
    dates = [clock.instant(row.written).astimezone(zone).date() for row in rows]
    energies = [row.energy for row in rows if row.energy is not None]
    days = sorted(set(dates))
    streaks = _streaks(days)
    current = streaks[days[-1]] if days[-1] >= clock.now().astimezone(zone).date() - timedelta(days=1) else 0
    return Stats(
        entries=len(rows),
        words=sum(len(row.text.split()) for row in rows),
        days=len(days),
        streak=current,
        longest=max(streaks.values()),
        first=rows[-1].written,
        last=rows[0].written,
        energy=sum(energies) / len(energies) if energies else None,
        tags=dict(Counter(tag for row in rows for tag in row.tags).most_common(SHOWN)),
        moods=dict(Counter(row.mood for row in rows if row.mood).most_common(SHOWN)),
        months=dict(sorted(Counter(f"{each:%Y-%m}" for each in dates).items())),
    )


def _streaks(days: list[date]) -> dict[date, int]:
    """Each day with the length of the streak that it ends or is within."""
    lengths: dict[date, int] = {}
    for day in days:
        lengths[day] = lengths.get(day - timedelta(days=1), 0) + 1
    return lengths
