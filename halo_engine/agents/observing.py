"""From what the files of a session say to one bounded observation of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import asdict, replace

from halo_engine.agents.config import AgentSettings, instance_of
from halo_engine.agents.events import SessionObserved, Slot
from halo_engine.agents.ledger import Ledger
from halo_engine.agents.store import Session, Use
from halo_engine.agents.tally import Facts
from halo_engine.events.model import New
from halo_engine.events.store import Store

MOST = 400
"""Slots that one event holds; more make more events."""
Place = tuple[int, str, str, int, bool]


def observations(ledger: Ledger, store: Store, settings: AgentSettings, sessions: Iterable[str]) -> Iterator[New]:
    """The events that say what has changed about these sessions, as against the store; none for no change."""
    for session in sessions:
        source = ledger.source_of(session)
        if not source:
            continue
        now = observed(ledger, settings, session)
        if now.prompts or now.calls or now.usage:
            yield from _differences(store, f"{source}/{session}", now)


def observed(ledger: Ledger, settings: AgentSettings, session: str) -> SessionObserved:
    """A session as its files and replies say it is."""
    facts, parts = Facts(), ledger.parts_of(session)
    for _, each in parts:
        facts.add(each)
    usage, side_replies, side_tokens = ledger.slots(session)
    lines, damaged = ledger.lines_of(session)
    about, first = facts.about, parts[0][0]
    return SessionObserved(
        project=about.project,
        cwd=about.cwd,
        branch=about.branch,
        version=about.version,
        instance=about.instance or instance_of(settings, about.cwd, first),
        parent=about.parent,
        path=min((path for path, _ in parts), key=lambda path: (path.count("/"), path)),
        first=facts.first or ledger.changed(session),
        last=facts.last or ledger.changed(session),
        files=len(parts),
        lines=lines,
        damaged=damaged,
        prompts=facts.prompts,
        calls=facts.calls,
        failures=facts.failures,
        agents=len(facts.agents),
        replies=sum(slot.replies for slot in usage),
        side_replies=side_replies,
        side_tokens=side_tokens,
        usage=tuple(usage),
    )


def _differences(store: Store, key: str, now: SessionObserved) -> Iterator[New]:
    row = store.get(Session, key)
    uses = store.select(Use, "WHERE session = ?", (key,)) if row else []
    before = {_place(use): Slot(*(getattr(use, name) for name in Slot.__struct_fields__)) for use in uses}
    after = {_place(slot): slot for slot in now.usage}
    gone = [
        Slot(*place, 0, 0, 0, 0, 0, 0, 0.0, 0, 0) for place in before if place not in after and before[place].replies
    ]
    changed = [slot for place, slot in after.items() if before.get(place) != slot] + gone
    if row and not changed and _header(row) == _header(now):
        return
    for start in range(0, max(len(changed), 1), MOST):
        payload = replace(now, usage=tuple(changed[start : start + MOST]))
        yield New(f"session/{key}", "session.transcript.observed", payload)


def _place(slot: Slot | Use) -> Place:
    return slot.start, slot.model, slot.tier, slot.band, slot.paid


def _header(said: SessionObserved | Session) -> dict[str, object]:
    return {name: value for name, value in asdict(said).items() if name in HEADER}


HEADER = frozenset(SessionObserved.__struct_fields__) - {"usage"}
