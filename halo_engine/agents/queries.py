"""The read side: sessions, and what was used, by whatever one asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from halo_engine import clock, times
from halo_engine.agents.prices import Prices, prices
from halo_engine.agents.projection import agents
from halo_engine.agents.store import Session, Use
from halo_engine.clock import Timestamp
from halo_engine.errors import NotAllowed, NotFound
from halo_engine.events.store import Store, opened
from halo_engine.workspace import Workspace

TIMES = ("day", "week", "month")
OWNERS = ("model", "instance", "project", "session")
BY = (*TIMES, *OWNERS)
COUNTS = ("replies", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
SUMS = ", ".join(f"sum({each})" for each in COUNTS)


class Filter(msgspec.Struct, frozen=True):
    """Which sessions, or which part of their use; every field left alone lets everything through."""

    since: Timestamp | None = None
    until: Timestamp | None = None
    instance: str = ""
    project: str = ""
    """Part of the project's name or of its folder."""
    model: str = ""
    """Part of a model's name."""
    source: str = ""
    ids: frozenset[str] | None = None
    """Only these sessions."""


class Sum(msgspec.Struct, gc=False):
    """Tokens that cost the same, of one session or quarter of an hour."""

    group: str | int
    model: str
    tier: str
    band: int
    paid: bool
    cost: float
    replies: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int


class Usage(msgspec.Struct):
    """What was used, under one name."""

    name: str
    sessions: int = 0
    """That used something."""
    replies: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    tokens: int = 0
    """All of them."""
    cost: float = 0.0
    """US dollars, of what could be priced."""
    unpriced: int = 0
    """Tokens of models that the price table does not know."""
    models: list[str] = []

    def add(self, part: Sum, cost: float | None) -> None:
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(part, name))
        tokens = part.input + part.output + part.cache_read + part.cache_write_5m + part.cache_write_1h
        self.tokens += tokens
        if cost is None:
            self.unpriced += tokens
        self.cost += cost or 0.0
        if part.model and part.model not in self.models:
            self.models = [*self.models, part.model]


class Report(msgspec.Struct):
    """Usage by something, and all of it together."""

    by: str
    rows: list[Usage]
    total: Usage
    prices: str
    """The date of the price table."""
    unknown: list[str] = []
    """Models that it does not know: their tokens are counted, and not priced."""


class Spent(msgspec.Struct):
    """A session with what it used."""

    session: Session
    usage: Usage


def sessions(workspace: Workspace, wanted: Filter, limit: int = 0) -> tuple[list[Spent], int]:
    """Sessions, the one last active first, with what each used altogether; and how many more there are."""
    with opened(workspace, agents) as store:
        rows = _sessions(store, wanted)
        shown = rows[:limit] if limit else rows
        used = _by_session(store, prices(workspace), shown)
    return [Spent(row, used.get(row.key) or Usage(row.id)) for row in shown], len(rows) - len(shown)


def session(workspace: Workspace, ref: str) -> Session:
    """The session with that id, or whose id begins so.

    Raises NotFound when there is none, NotAllowed when there are several.
    """
    with opened(workspace, agents) as store:
        exact = store.select(Session, "WHERE id = ? OR key = ?", (ref, ref))
        like = ref.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found = exact or store.select(Session, "WHERE id LIKE ? ESCAPE '\\' ORDER BY last DESC LIMIT 6", (like,))
    if not found or not ref:
        raise NotFound(f"there is no session {ref!r}", "agentctl sessions")
    if len(found) > 1:
        raise NotAllowed(f"several sessions begin so: {', '.join(each.id for each in found)}", "write more of the id")
    return found[0]


def spent(workspace: Workspace, row: Session) -> Usage:
    """What a session used."""
    with opened(workspace, agents) as store:
        return _by_session(store, prices(workspace), [row]).get(row.key) or Usage(row.id)


def usage(workspace: Workspace, by: str, wanted: Filter) -> Report:
    """What was used, by one of `BY`; days, weeks and months in the operator's zone, the oldest first, the others the
    dearest first.
    """
    table = prices(workspace)
    rows: dict[str, Usage] = {}
    total = Usage("total")
    with opened(workspace, agents) as store:
        chosen = {row.key: row for row in _sessions(store, msgspec.structs.replace(wanted, until=None))}
        name_of = _namer(by, chosen, times.zone(workspace.settings.timezone or ""))
        for part in _sums(store, by, wanted, chosen):
            cost, name = table.cost(part), name_of(part.model if by == "model" else part.group)
            for each in (rows.setdefault(name, Usage(name)), total):
                each.add(part, cost)
        users: dict[str, set[str]] = {}
        for group, key in _users(store, by, wanted, chosen):
            users.setdefault(name_of(group), set()).add(key)
    for name, keys in users.items():
        rows[name].sessions = len(keys)
    total.sessions = len(set().union(*users.values()))
    ranked = sorted(
        rows.values(), key=(lambda row: row.name) if by in TIMES else (lambda row: (-row.cost, -row.tokens))
    )
    return Report(by, ranked, total, table.table.date, sorted(table.unknown))


def _sessions(store: Store, wanted: Filter) -> list[Session]:
    where: dict[str, object] = {}
    if wanted.since:
        where["last >= ?"] = wanted.since
    if wanted.until:
        where["first <= ?"] = wanted.until
    for column in ("instance", "source"):
        if getattr(wanted, column):
            where[f"{column} = ?"] = getattr(wanted, column)
    if wanted.project:
        where["instr(project || ' ' || cwd, ?)"] = wanted.project
    if wanted.model:
        where["EXISTS (SELECT 1 FROM use WHERE session = session.key AND instr(model, ?))"] = wanted.model
    clause = f"WHERE {' AND '.join(where)} " if where else ""
    rows = store.select(Session, f"{clause}ORDER BY last DESC, key", tuple(where.values()))
    return rows if wanted.ids is None else [row for row in rows if row.id in wanted.ids]


def _by_session(store: Store, table: Prices, rows: Sequence[Session]) -> dict[str, Usage]:
    found: dict[str, Usage] = {}
    chosen = {row.key: row for row in rows}
    for part in _sums(store, "session", Filter(), chosen):
        key = str(part.group)
        found.setdefault(key, Usage(chosen[key].id)).add(part, table.cost(part))
    for each in found.values():
        each.sessions = 1
    return found


def _sums(store: Store, by: str, wanted: Filter, chosen: dict[str, Session]) -> Iterator[Sum]:
    """Sums with what they are of: a quarter of an hour, nothing, or a session."""
    narrow = bool(wanted.instance or wanted.source or wanted.project or wanted.ids is not None)
    by_session = by in OWNERS[1:] or narrow
    group = "session" if by in OWNERS[1:] else "start" if by in TIMES else "''"
    where, values = _within(wanted)
    groups = f"{group}, model, tier, band, paid" + (", session" if by_session else "")
    sql = f"SELECT {group}, model, tier, band, paid, total(cost), {SUMS}, session FROM use WHERE {where} "
    for *values_of, key in store.all(sql + f"GROUP BY {groups}", values):
        if not by_session or key in chosen:
            yield Sum(*values_of)


def _users(store: Store, by: str, wanted: Filter, chosen: dict[str, Session]) -> Iterator[tuple[Any, str]]:
    """Which sessions used something, with what that is counted under."""
    group = "model" if by == "model" else "start" if by in TIMES else "session"
    where, values = _within(wanted)
    for found, key in store.all(f"SELECT DISTINCT {group}, session FROM use WHERE {where}", values):
        if key in chosen:
            yield found, key


def _within(wanted: Filter) -> tuple[str, list[object]]:
    """The slots of a window and of a model, for SQL."""
    where, values = ["replies > 0"], list[object]()
    for condition, moment in (("start >= ?", wanted.since), ("start <= ?", wanted.until)):
        if moment:
            where.append(condition)
            values.append(int(clock.instant(moment).timestamp()))
    if wanted.model:
        where.append("instr(model, ?)")
        values.append(wanted.model)
    return " AND ".join(where), values


def _namer(by: str, chosen: dict[str, Session], zone: tzinfo) -> Callable[[Any], str]:
    """From a model, a quarter of an hour or a session to what use is counted under."""
    if by == "model":
        return lambda model: model or "(no model named)"
    if by == "session":
        return lambda key: chosen[key].id
    if by in OWNERS:
        return lambda key: getattr(chosen[key], by) or "(none)"
    return lambda start: period(start, by, zone)


def period(start: int, by: str, zone: tzinfo) -> str:
    """The day, week (its Monday) or month in which a second since 1970 falls."""
    day = datetime.fromtimestamp(start, UTC).astimezone(zone).date()
    if by == "week":
        day -= timedelta(days=day.weekday())
    return day.isoformat()[:7] if by == "month" else day.isoformat()


def uses(workspace: Workspace, wanted: Filter) -> list[Use]:
    """The slots themselves, in order of time."""
    with opened(workspace, agents) as store:
        chosen = {row.key for row in _sessions(store, wanted)}
        since = int(clock.instant(wanted.since).timestamp()) if wanted.since else 0
        rows = store.select(Use, "WHERE replies > 0 AND start >= ? ORDER BY start, first", (since,))
        return [use for use in rows if use.session in chosen]
