"""The read side: typed rows of an index that has looked at what people changed by hand.

Functions take a workspace; those that a caller combines take an open `Index` (`with looked(workspace) as index`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound
from halo_engine.events.model import Event
from halo_engine.events.store import opened
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.projection import memory
from halo_engine.memory.store import Decision, Record
from halo_engine.memory.sync import looked
from halo_engine.memory.wikilinks import name_key
from halo_engine.workspace import Workspace

SHOWN = 8
"""Names in a message."""
SORTS = {
    "created": "sort DESC",
    "modified": "coalesce(nullif(modified, ''), created) DESC, sort DESC",
    "title": "title COLLATE NOCASE, sort",
    "id": "sort",
}
CURRENT = """NOT note.archived AND (note.expires = '' OR note.expires > :now) AND NOT EXISTS (
    SELECT 1 FROM link JOIN note AS newer ON newer.row = link.source
    WHERE link.target = note.row AND link.kind = 'supersedes' AND NOT newer.archived)"""
"""SQL: the claim holds: not archived, not over, and nothing stands in its place."""


class NoteFilter(msgspec.Struct, frozen=True):
    """Which notes. Empty fields leave everything through; the fields of one another all hold."""

    tags: tuple[str, ...] = ()
    """All of them; `project/*` is every tag below it."""
    types: tuple[str, ...] = ()
    """Any of them."""
    entities: tuple[str, ...] = ()
    """Any of them, letters in any case."""
    since: Timestamp = ""
    """Made or changed since."""
    linked_to: str = ""
    """Id of a note that is linked, in either direction."""
    every: bool = False
    """Also what is archived, over or superseded."""


class Mention(msgspec.Struct, frozen=True):
    """One end of a link."""

    id: str
    """Of the note at the other end; empty where there is none yet."""
    title: str
    type: str
    kind: str
    """wiki, embed, markdown, field or supersedes."""
    text: str
    """The link's target as it is written."""
    archived: bool = False


class Card(msgspec.Struct, frozen=True):
    """A note with what is around it."""

    note: NoteRow
    links: list[Mention]
    backlinks: list[Mention]
    superseded_by: list[str]
    """Ids of the notes that stand in its place."""
    current: bool
    """The claim holds: not archived, not over, nothing in its place."""
    record: Record | None
    """Its uses and what happened to it; None while the event log does not know it."""


def card(workspace: Workspace, reference: str) -> Card:
    """Everything about a note.

    Raises NotFound.
    """
    with looked(workspace) as index:
        return card_in(workspace, index, find(index, reference))


def card_in(workspace: Workspace, index: Index, row: NoteRow) -> Card:
    """The same of a note that was found."""
    behind = backlinks(index, row.row)
    superseded = [each.id for each in behind if each.kind == "supersedes" and not each.archived]
    over = bool(row.expires) and row.expires <= clock.stamp()
    current = not (row.archived or over or superseded)
    return Card(row, links(index, row.row), behind, superseded, current, records(workspace, [row.id]).get(row.id))


def note(workspace: Workspace, reference: str) -> NoteRow:
    """A note by id (`note-42`, `42`), path, file name, title or alias.

    Raises NotFound for a name that nothing has, or that several have.
    """
    with looked(workspace) as index:
        return find(index, reference)


def find(index: Index, reference: str) -> NoteRow:
    """The same in an open index."""
    reference = reference.strip().removeprefix("[[").removesuffix("]]")
    exact = index.select("WHERE id IN (?, ?) ORDER BY id = ? DESC", (reference, f"note-{reference}", reference))
    if exact:
        return exact[0]
    named = index.all("SELECT rank, note FROM name WHERE key = ? ORDER BY rank", (name_key(reference),))
    rows = {row for rank, row in named if rank == named[0][0]}
    if len(rows) == 1:
        return index.select("WHERE row = ?", tuple(rows))[0]
    if not rows:
        raise NotFound(f"no note is `{reference}`", f"memctl search {reference}")
    found = index.select(f"WHERE row IN ({marks(rows)}) ORDER BY sort LIMIT {SHOWN}", tuple(rows))
    raise NotFound(
        f"`{reference}` is the name of {len(rows)} notes", ", ".join(f"{row.id} ({row.path})" for row in found)
    )


def page(
    workspace: Workspace, wanted: NoteFilter, limit: int = 50, *, sort: str = "created"
) -> tuple[list[NoteRow], int]:
    """Notes in order (see `SORTS`), and how many more there are; limit 0 is all."""
    with looked(workspace) as index:
        where, values = conditions(index, wanted)
        rows = index.select(f"WHERE {where} ORDER BY {SORTS[sort]} LIMIT :limit", {**values, "limit": limit or -1})
        total = index.one(f"SELECT count(*) FROM note WHERE {where}", values)
        return rows, total - len(rows)


def conditions(index: Index, wanted: NoteFilter) -> tuple[str, dict[str, Any]]:
    """SQL over `note` for a filter, and its values.

    Raises NotFound for a `linked_to` that is no note.
    """
    values: dict[str, Any] = {"now": clock.stamp(), "since": wanted.since}
    parts = ["1"] if wanted.every else [CURRENT]
    for number, tag in enumerate(wanted.tags):
        name = f"tag{number}"
        below = tag.endswith("/*")
        compared = f"tag >= :{name} AND tag < :{name} || char(0x10FFFF)" if below else f"tag = :{name}"
        values[name] = tag.removeprefix("#").removesuffix("*").casefold()
        parts.append(f"note.row IN (SELECT note FROM tag WHERE {compared})")
    parts += _any_of("note.type", "type", wanted.types, values)
    found = _any_of("entity", "entity", [each.casefold() for each in wanted.entities], values)
    parts += [f"note.row IN (SELECT note FROM entity WHERE {each})" for each in found]
    if wanted.since:
        parts.append("max(note.created, note.modified) >= :since")
    if wanted.linked_to:
        values["linked"] = find(index, wanted.linked_to).row
        parts.append(
            "note.row IN (SELECT target FROM link WHERE source = :linked "
            "UNION SELECT source FROM link WHERE target = :linked)"
        )
    return " AND ".join(parts), values


def _any_of(column: str, name: str, wanted: Iterable[str], values: dict[str, Any]) -> list[str]:
    given = {f"{name}{number}": each for number, each in enumerate(wanted)}
    values.update(given)
    return [f"{column} IN ({', '.join(f':{each}' for each in given)})"] if given else []


def links(index: Index, row: int) -> list[Mention]:
    """What a note links to, also what is not there yet."""
    return _mentions(index, "link.target", "link.source", row)


def backlinks(index: Index, row: int) -> list[Mention]:
    """What links to a note. Derived, never stored in the note."""
    return _mentions(index, "link.source", "link.target", row)


def _mentions(index: Index, other: str, this: str, row: int) -> list[Mention]:
    found = index.all(
        "SELECT coalesce(note.id, ''), coalesce(note.title, ''), coalesce(note.type, ''), link.kind, link.text, "
        f"coalesce(note.archived, 0) = 1 FROM link LEFT JOIN note ON note.row = {other} "
        f"WHERE {this} = ? AND link.source IS NOT link.target ORDER BY note.sort IS NULL, note.sort, link.key",
        (row,),
    )
    return [Mention(*each) for each in found]


def edges(index: Index) -> list[tuple[int, int]]:
    """Every link between two notes, as rows of `note`; each pair and direction once."""
    return index.all(
        "SELECT DISTINCT source, target FROM link WHERE target IS NOT NULL AND source <> target ORDER BY source, target"
    )


def missing(index: Index) -> list[tuple[str, list[str]]]:
    """Names that are linked and that no note has: each with the ids of the notes that link it, most wanted first."""
    found = index.all(
        "SELECT min(link.text), group_concat(note.id, char(10)) FROM link JOIN note ON note.row = link.source "
        "WHERE link.target IS NULL GROUP BY link.key ORDER BY count(*) DESC, link.key"
    )
    return [(name, ids.split("\n")) for name, ids in found]


def records(workspace: Workspace, ids: Sequence[str] | None = None) -> dict[str, Record]:
    """What happened to notes, by id; None is all of them."""
    with opened(workspace, memory) as store:
        if ids is None:
            return {row.id: row for row in store.select(Record)}
        return {row.id: row for row in store.select(Record, f"WHERE id IN ({marks(ids)})", ids)}


def decisions(workspace: Workspace) -> dict[str, Decision]:
    """What the operator said of proposed links, by `pair_key`."""
    with opened(workspace, memory) as store:
        return {row.pair: row for row in store.select(Decision)}


def history(workspace: Workspace, reference: str) -> list[Event]:
    """Everything that happened to a note, as events."""
    return workspace.log.stream(f"note/{note(workspace, reference).id}")


def counts(index: Index) -> Counter[str]:
    """How many notes: `all`, `current`, `archived`, `faulty`, and of each type `type:fact`."""
    now = {"now": clock.stamp()}
    found = Counter(
        all=index.count,
        current=index.one(f"SELECT count(*) FROM note WHERE {CURRENT}", now),
        archived=index.one("SELECT count(*) FROM note WHERE archived"),
        faulty=index.one("SELECT count(*) FROM note WHERE fault <> ''"),
    )
    by_type = index.all(f"SELECT type, count(*) FROM note WHERE {CURRENT} GROUP BY type", now)
    return found + Counter({f"type:{name}": count for name, count in by_type})


def tags(index: Index) -> list[tuple[str, int]]:
    """Every tag with how many notes have it, most first."""
    return index.all("SELECT tag, count(*) FROM tag GROUP BY tag ORDER BY count(*) DESC, tag")


def marks(values: Sequence[Any] | set[Any]) -> str:
    """SQL: as many question marks."""
    return ", ".join("?" * len(values))
