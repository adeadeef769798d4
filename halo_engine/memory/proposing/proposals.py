"""Proposed links: the page of them, and what the operator said of them, for ever."""

from __future__ import annotations

import msgspec

from halo_engine import clock
from halo_engine.errors import NotFound
from halo_engine.events.model import Event
from halo_engine.memory import commands, queries, writing
from halo_engine.memory.events import ProposalDecided
from halo_engine.memory.index import Index
from halo_engine.memory.proposing import cache, finding
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
        wanted = queries.find(index, note).id if note else ""
        with cache.opened(workspace, change=True) as kept:
            finding.refresh(index, kept)
        with cache.opened(workspace) as kept:
            condition = "AND (one = :note OR other = :note)" if wanted else ""
            rows = kept.all(
                f"SELECT source, target, score, reason FROM proposal WHERE score >= :least {condition} "
                "ORDER BY score DESC, one, other",
                {"least": threshold, "note": wanted},
            )
        current = dict(index.all(f"SELECT id, title FROM note WHERE {CURRENT}", {"now": clock.stamp()}))
        settled = _linked(index) | {_pair(key) for key in queries.decisions(workspace)}
    found = [
        Proposal(source, target, current[source], current[target], round(score, 4), reason)
        for source, target, score, reason in rows
        if source in current and target in current and pair_of(source, target) not in settled
    ]
    return found[: limit or None], max(len(found) - limit, 0) if limit else 0


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
