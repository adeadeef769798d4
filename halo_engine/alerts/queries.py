"""The read side. Every function returns typed rows of a store that is caught up with the log."""

from __future__ import annotations

import hashlib
import re

import msgspec

from halo_engine import clock
from halo_engine.alerts.projection import alerts
from halo_engine.alerts.states import Action, Severity, State
from halo_engine.alerts.store import Alert
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound
from halo_engine.events.model import Event
from halo_engine.events.store import Store, opened
from halo_engine.workspace import Workspace

REFERENCE = re.compile(r"(?:[Aa]-?)?0*(\d{1,15})")
ORDER = (
    "ORDER BY state = 'resolved', CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, "
    "state = 'acknowledged', changed DESC, number DESC"
)
OPEN_SQL = "state IN ('raised', 'acknowledged')"


class AlertFilter(msgspec.Struct, frozen=True):
    """What to list. Empty fields leave everything through; the fields of one another all hold."""

    states: frozenset[State] = frozenset({State.RAISED, State.ACKNOWLEDGED})
    """As a person sees them; empty: all."""
    kind: str = ""
    instance: str = ""
    severity: Severity | None = None
    """This and above."""
    at: Timestamp = ""
    """The moment at which an alert is muted, or is not; default: now."""


def name(number: int) -> str:
    """7 -> `A-007`."""
    return f"A-{number:03d}"


def key_stream(kind: str, subject: str) -> str:
    """The stream that holds a kind and subject for one alert, whatever characters they have."""
    return f"alert-key/{hashlib.sha256(f'{kind}:{subject}'.encode()).hexdigest()[:24]}"


def page(workspace: Workspace, wanted: AlertFilter, limit: int = 0) -> tuple[list[Alert], int]:
    """The first alerts that a filter leaves (limit 0: all), the worst and latest first, and how many more there are."""
    where, values = condition(wanted)
    with opened(workspace, alerts) as store:
        rows = store.select(
            Alert, f"{where} {ORDER}" + (" LIMIT ?" if limit else ""), [*values, limit][: None if limit else -1]
        )
        if not limit or len(rows) < limit:
            return rows, 0
        return rows, int(store.all(f"SELECT count(*) FROM alert {where}", values)[0][0]) - len(rows)


def condition(wanted: AlertFilter) -> tuple[str, list[str]]:
    """A filter as SQL."""
    now = wanted.at or clock.stamp()
    parts: list[str] = []
    values: list[str] = []
    if wanted.states:
        ways = []
        for state in sorted(wanted.states):
            muted = state is State.MUTED
            ways.append(f"({OPEN_SQL} AND muted_until > ?)" if muted else _plain(state))
            values += [now] if muted or state is not State.RESOLVED else []
        parts.append(f"({' OR '.join(ways)})")
    for column in ("kind", "instance"):
        if getattr(wanted, column):
            parts.append(f"{column} = ?")
            values.append(getattr(wanted, column))
    if wanted.severity:
        levels = list(Severity)
        above = ", ".join(f"'{each}'" for each in levels[levels.index(wanted.severity) :])
        parts.append(f"severity IN ({above})")
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _plain(state: State) -> str:
    return "state = 'resolved'" if state is State.RESOLVED else f"(state = '{state}' AND muted_until <= ?)"


def alert(workspace: Workspace, reference: str) -> Alert:
    """The alert that `A-007`, `a-7`, `7`, or `spin:8f3c` (kind and subject, which may be cut short) means.

    Raises NotFound.
    """
    with opened(workspace, alerts) as store:
        return found(store, reference)


def found(store: Store, reference: str) -> Alert:
    """The same in an open store."""
    match = REFERENCE.fullmatch(reference.strip())
    row = store.get(Alert, int(match[1])) if match else None
    if row is None and ":" in reference:
        kind, _, subject = reference.partition(":")
        start = re.sub(r"([%_\\])", r"\\\1", subject)
        rows = store.select(
            Alert, "WHERE kind = ? AND subject LIKE ? ESCAPE '\\' ORDER BY subject LIMIT 2", (kind, start + "%")
        )
        row = rows[0] if len(rows) == 1 or (rows and rows[0].subject == subject) else None
    if row is None:
        raise NotFound(f"no alert {reference[:80]}", "`halo-engine alerts list --state all` shows what there is")
    return row


def by_key(workspace: Workspace, kind: str, subject: str) -> Alert | None:
    """The alert about this, if it was ever raised."""
    with opened(workspace, alerts) as store:
        rows = store.select(Alert, "WHERE kind = ? AND subject = ?", (kind, subject))
        return rows[0] if rows else None


def last_number(workspace: Workspace) -> int:
    with opened(workspace, alerts) as store:
        return int(store.all("SELECT coalesce(max(number), 0) FROM alert")[0][0])


def counts(workspace: Workspace) -> dict[State, int]:
    """How many there are in each state, as a person sees them."""
    now = clock.stamp()
    state = f"CASE WHEN {OPEN_SQL} AND muted_until > ? THEN 'muted' ELSE state END"
    with opened(workspace, alerts) as store:
        rows = store.all(f"SELECT {state}, count(*) FROM alert GROUP BY 1", (now,))
    found = {State(state): int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in State}


def asking(workspace: Workspace, action: Action) -> list[Alert]:
    """The alerts that nobody has answered yet and whose policy asks for an action; for who can do it."""
    rows, _ = page(workspace, AlertFilter(states=frozenset({State.RAISED})))
    return [row for row in rows if row.action is action]


def history(workspace: Workspace, reference: str) -> list[Event]:
    """Everything that happened to an alert, the oldest first."""
    return list(workspace.log.stream(f"alert/{alert(workspace, reference).id}"))
