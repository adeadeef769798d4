"""Search: the notes that answer a query, the best first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from halo_engine import clock, console, times
from halo_engine.errors import Usage
from halo_engine.memory import decay, queries
from halo_engine.memory.config import memory_settings
from halo_engine.memory.finding import meaning, ranking
from halo_engine.memory.finding.asking import Asked, expression, understand
from halo_engine.memory.finding.meaning import Likeness
from halo_engine.memory.finding.ranking import Candidate, Reasons
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.queries import NoteFilter
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace

CANDIDATES = 200
"""Notes that are weighed: those that SQLite's bm25 has first."""
TITLE = 2.0
"""A word in the title counts as so many there."""
NEAREST = 100
"""Notes that are weighed for their meaning alone, with the extra."""
_COLUMNS = "note.row, note.id, note.title, note.body || ' ' || note.labels, note.created, note.sort"
SAME = 6
"""Decimals from which on two scores are the same."""


class Search(msgspec.Struct, frozen=True):
    """What is looked for."""

    text: str = ""
    filter: NoteFilter = NoteFilter()
    limit: int = 10
    """0 is all that are weighed."""


class Hit(msgspec.Struct, frozen=True):
    """A note that was found."""

    note: NoteRow
    score: float
    """Comparable within one answer only."""
    state: str
    """current, archived, expired or superseded."""
    reasons: Reasons
    """What the score is made of."""
    decay: float | None = None
    """Its decay (see `decay`), where others have the same score and this decided which comes first."""


def search(workspace: Workspace, what: Search) -> tuple[list[Hit], int]:
    """The best notes for a query, and how many more were weighed; without words, the latest ones.

    Raises NotFound for a `linked_to` that is no note.
    """
    with looked(workspace) as index:
        return found(workspace, index, what)


def batch(workspace: Workspace, wanted: Sequence[Search]) -> list[list[Hit]]:
    """Many searches over one look at the files, in their order."""
    meant = _meant(workspace)
    with looked(workspace) as index:
        return [_found(workspace, index, each, meant=meant)[0] for each in wanted]


def times_of(workspace: Workspace, what: Search) -> Asked:
    """The query, understood, with `since:` as a `Timestamp`; what is no time there is a word like any other."""
    asked = understand(what.text)
    if not any(field == "since" for field, _ in asked.fields):
        return asked
    zone = times.zone(workspace.settings.timezone or "")
    fields = []
    for field, value in asked.fields:
        try:
            since = clock.stamp(times.moment(value, clock.now(), zone, past=True)) if field == "since" else value
        except Usage:
            continue
        fields.append((field, since))
    return msgspec.structs.replace(asked, fields=tuple(fields))


def _meant(workspace: Workspace) -> bool:
    """Whether meaning counts: it is asked for, and the extra is there."""
    if not memory_settings(workspace).semantic:
        return False
    if meaning.installed():
        return True
    console.note("memctl.yaml asks for `semantic`, which is not installed: pip install 'halo-workstation[semantic]'")
    return False


def found(workspace: Workspace, index: Index, what: Search) -> tuple[list[Hit], int]:
    """The same in an open index."""
    return _found(workspace, index, what, meant=_meant(workspace))


def _found(workspace: Workspace, index: Index, what: Search, *, meant: bool) -> tuple[list[Hit], int]:
    """The same; `meant`: notes that are alike in meaning answer too."""
    asked = times_of(workspace, what)
    wanted = _filter(what.filter, asked)
    if not asked.terms and not asked.phrases:
        return _latest(index, wanted, what.limit)
    weights = ranking.weighed(index, asked)
    said = expression(ranking.telling(asked, weights))
    where, values = queries.conditions(index, msgspec.structs.replace(wanted, every=True))
    narrow = where != "1"
    candidates = _candidates(index, said, where if narrow else "", values) if said else []
    alike = meaning.of(index).likeness(_plain(asked)) if meant else None
    if alike and not asked.phrases:
        candidates += _alike(index, alike, {each.row for each in candidates}, where if narrow else "", values)
    order = ranking.ranked(index, asked, weights, candidates, alike)
    return _shown(workspace, index, order, wanted, what.limit or len(order))


def _filter(given: NoteFilter, asked: Asked) -> NoteFilter:
    """The filter with what the query says of fields."""
    said: dict[str, list[str]] = {}
    for field, value in asked.fields:
        said.setdefault(field, []).append(value)
    return NoteFilter(
        tags=(*given.tags, *said.get("tag", ())),
        types=(*given.types, *said.get("type", ())),
        entities=(*given.entities, *said.get("entity", ())),
        since=max([given.since, *said.get("since", ())]),
        linked_to=(said.get("linked") or [given.linked_to])[-1],
        every=given.every,
    )


def _candidates(index: Index, words: str, where: str, values: dict[str, Any]) -> list[Candidate]:
    """The notes that are worth weighing."""
    only = f"AND rowid IN (SELECT row FROM note WHERE {where})" if where else ""
    values = {**values, "words": words, "most": CANDIDATES}
    rows = index.all(
        f"SELECT {_COLUMNS} FROM ("
        f"SELECT rowid AS found, bm25(text, {TITLE}) AS rank FROM text WHERE text MATCH :words {only} "
        "ORDER BY rank LIMIT :most) JOIN note ON note.row = found ORDER BY rank, note.row",
        values,
    )
    return [Candidate(*row) for row in rows]


def _plain(asked: Asked) -> str:
    """The query without its fields."""
    return " ".join(term.forms[0] for term in asked.terms) if asked.fields else asked.text


def _alike(index: Index, alike: Likeness, known: set[int], where: str, values: dict[str, Any]) -> list[Candidate]:
    """The notes nearest in meaning that have not been found yet."""
    fit = {row for (row,) in index.all(f"SELECT row FROM note WHERE {where}", values)} if where else None
    new = [row for row in alike.nearest(NEAREST, fit) if row not in known]
    rows = index.all(f"SELECT {_COLUMNS} FROM note WHERE row IN ({queries.marks(new)})", new)
    return [Candidate(*row) for row in rows]


def _shown(
    workspace: Workspace, index: Index, order: list[Candidate], wanted: NoteFilter, limit: int
) -> tuple[list[Hit], int]:
    """The first of them that the filter lets through, and how many come after."""
    hits: list[Hit] = []
    seen = 0
    where, values = queries.conditions(index, msgspec.structs.replace(wanted, every=True))
    while seen < len(order) and len(hits) < limit:
        part = order[seen : _end_of_tie(order, seen + limit)]
        marks = ", ".join(str(each.row) for each in part)
        rows = {row.row: row for row in index.select(f"WHERE row IN ({marks}) AND {where}", values)}
        states = state_of(index, list(rows.values()))
        fresh = _of_ties(workspace, part, rows)
        for each in sorted(part, key=lambda each: (-round(each.score, SAME), -fresh.get(each.row, 0.0))):
            row = rows.get(each.row)
            if row and (wanted.every or states[row.row] == "current"):
                hits.append(Hit(row, each.score, states[row.row], each.reasons, fresh.get(each.row)))
        seen += len(part)
    return hits[:limit], max(len(hits) - limit, 0) + len(order) - seen


def _end_of_tie(order: list[Candidate], end: int) -> int:
    """The same place, or the next behind which no note has the score of the one before it."""
    while end < len(order) and round(order[end].score, SAME) == round(order[end - 1].score, SAME):
        end += 1
    return end


def _of_ties(workspace: Workspace, part: list[Candidate], rows: dict[int, NoteRow]) -> dict[int, float]:
    """How far those have decayed that share their score with another, by row: that settles which comes first."""
    shown = [each for each in part if each.row in rows]
    times = Counter(round(each.score, SAME) for each in shown)
    tied = [rows[each.row] for each in shown if times[round(each.score, SAME)] > 1]
    scores = decay.scores_of(workspace, tied) if tied else {}
    return {row.row: scores[row.id] for row in tied}


def state_of(index: Index, rows: list[NoteRow]) -> dict[int, str]:
    """Whether the claims hold: `current`, or why not."""
    now = clock.stamp()
    newer = {
        target
        for (target,) in index.all(
            "SELECT target FROM link JOIN note ON note.row = link.source "
            "WHERE kind = 'supersedes' AND NOT note.archived "
            f"AND target IN ({', '.join(str(row.row) for row in rows)})"
        )
    }
    return {row.row: _state(row, now, superseded=row.row in newer) for row in rows}


def _state(row: NoteRow, now: str, *, superseded: bool) -> str:
    if row.archived:
        return "archived"
    if superseded:
        return "superseded"
    return "expired" if row.expires and row.expires <= now else "current"


def _latest(index: Index, wanted: NoteFilter, limit: int) -> tuple[list[Hit], int]:
    """Without words: the latest notes first."""
    where, values = queries.conditions(index, wanted)
    rows = index.select(
        f"WHERE {where} ORDER BY {queries.SORTS['modified']} LIMIT :limit", {**values, "limit": limit or -1}
    )
    states = state_of(index, rows)
    total = index.one(f"SELECT count(*) FROM note WHERE {where}", values)
    return [Hit(row, 0.0, states[row.row], {}) for row in rows], total - len(rows)
