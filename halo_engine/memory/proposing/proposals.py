"""Proposed links: the page of them, and what the operator said of them, for ever."""

from __future__ import annotations

from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.errors import NotFound
from halo_engine.events.model import Event
from halo_engine.memory import commands, queries, writing
from halo_engine.memory import index as indices
from halo_engine.memory.events import ProposalDecided
from halo_engine.memory.index import Index
from halo_engine.memory.proposing import cache, finding
from halo_engine.memory.proposing.cache import Cache
from halo_engine.memory.proposing.evidence import Pair, pair_of
from halo_engine.memory.queries import CURRENT
from halo_engine.memory.store import pair_key
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace

LEAST = 0.3
"""Score from which a proposal is worth a person's look."""


class Proposal(msgspec.Struct, frozen=True):
    """A link that a person might have made."""

    source: str
    """Id of the note that would link: the one that mentions the other, where one does."""
    target: str
    source_title: str
    target_title: str
    score: float
    """0 to 1: how likely; see `judgement`."""
    reason: str


class Decided(msgspec.Struct, frozen=True):
    """What became of a proposal."""

    source: str
    target: str
    accepted: bool
    events: list[Event]
    note: str = ""
    """Why nothing was appended."""


def page(workspace: Workspace, note: str = "", limit: int = 20, threshold: float = 0.0) -> tuple[list[Proposal], int]:
    """The likeliest proposals, of one note or of all, and how many more there are; limit 0 is all. What has changed
    since the last time is looked at first.

    Raises NotFound.
    """
    with looked(workspace) as index:
        return page_in(workspace, index, note, limit, threshold)


def page_in(
    workspace: Workspace, index: Index, note: str = "", limit: int = 20, threshold: float = 0.0
) -> tuple[list[Proposal], int]:
    """The same of an open index."""
    wanted = queries.find(index, note).id if note else ""
    with cache.opened(workspace, change=True) as kept:
        finding.refresh(index, kept)
    with cache.opened(workspace) as kept:
        out = _left_out(workspace, index, kept)
        return _likeliest(index, kept, out, limit, {"note": wanted, "least": threshold})


def waiting(workspace: Workspace) -> int:
    """How many notes a page would look at first: thousands take a while."""
    with indices.reading(workspace) as index, cache.opened(workspace) as kept:
        return finding.unseen(index, kept)


def _likeliest(
    index: Index, kept: Cache, out: tuple[set[Pair], set[str]], limit: int, asked: dict[str, Any]
) -> tuple[list[Proposal], int]:
    where = "score >= :least" + " AND (one = :note OR other = :note)" * bool(asked["note"])
    found: list[Proposal] = []
    rows = kept.connection.execute(
        f"SELECT source, target, score, reason FROM proposal WHERE {where} ORDER BY score DESC, one, other", asked
    )
    for source, target, score, reason in rows:
        if pair_of(source, target) in out[0] or not out[1].isdisjoint((source, target)):
            continue
        if len(found) == (limit or -1):
            break
        mine, theirs = (index.one("SELECT title FROM note WHERE id = ?", (each,)) for each in (source, target))
        found.append(Proposal(source, target, mine, theirs, round(score, 4), reason))
    return found, _count(kept, where, asked) - len(found)


def _left_out(workspace: Workspace, index: Index, kept: Cache) -> tuple[set[Pair], set[str]]:
    """Pairs that are linked or decided, and notes that do not hold any more. Also as tables for `_count`."""
    settled = _linked(index) | {_pair(key) for key in queries.decisions(workspace)}
    over = index.all(f"SELECT id FROM note WHERE NOT archived AND NOT ({CURRENT})", {"now": clock.stamp()})
    kept.connection.execute("CREATE TEMP TABLE settled (one TEXT, other TEXT)")
    kept.connection.execute("CREATE TEMP TABLE over (id TEXT PRIMARY KEY) WITHOUT ROWID")
    kept.connection.executemany("INSERT INTO settled VALUES (?, ?)", settled)
    kept.connection.executemany("INSERT INTO over VALUES (?)", over)
    return settled, {note for (note,) in over}


def _count(kept: Cache, where: str, asked: dict[str, Any]) -> int:
    """How many proposals are left: all but the settled ones, and those of notes that do not hold any more."""
    gone = "(proposal.one IN over OR proposal.other IN over)"
    counts = (
        f"SELECT count(*) FROM proposal WHERE {where}",
        f"SELECT count(*) FROM settled CROSS JOIN proposal USING (one, other) WHERE {where} AND NOT {gone}",
        f"SELECT count(*) FROM proposal WHERE {where} AND {gone}",
    )
    every, settled, over = (kept.all(sql, asked)[0][0] for sql in counts)
    return int(every - settled - over)


def _pair(key: str) -> Pair:
    one, other = key.split("\n")
    return one, other


def _linked(index: Index) -> set[Pair]:
    ids = dict(index.all("SELECT row, id FROM note"))
    return {pair_of(ids[source], ids[target]) for source, target in queries.edges(index)}


def accept(workspace: Workspace, note: str, other: str) -> Decided:
    """Link two notes as proposed, and remember that; the one that mentions the other links."""
    return _decide(workspace, note, other, accepted=True)


def refuse(workspace: Workspace, note: str, other: str) -> Decided:
    """Never propose this link again."""
    return _decide(workspace, note, other, accepted=False)


def _decide(workspace: Workspace, note: str, other: str, *, accepted: bool) -> Decided:
    one, two = queries.note(workspace, note).id, queries.note(workspace, other).id
    if one == two:
        raise NotFound(f"{one} is not proposed to link to itself")
    with cache.opened(workspace) as kept:
        rows = kept.all(
            "SELECT source, target, score, reason FROM proposal WHERE one = ? AND other = ?", pair_of(one, two)
        )
    source, target, score, reason = rows[0] if rows else (one, two, 0.0, "by hand")
    made = list(commands.link(workspace, source, target).events) if accepted else []
    before = queries.decisions(workspace).get(pair_key(source, target))
    if before and before.accepted is accepted:
        return Decided(source, target, accepted, made, f"{source} and {target} were {_word(accepted)} already")
    payload = ProposalDecided(target, round(score, 4), reason)
    made += writing.record(workspace, source, f"note.proposal.{_word(accepted)}", payload)
    return Decided(source, target, accepted, made)


def _word(accepted: bool) -> str:
    return "accepted" if accepted else "refused"
