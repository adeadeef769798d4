"""Five-hour windows, as subscriptions count them: one begins with the full hour of its first reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from halo_engine import clock
from halo_engine.agents.prices import Prices, prices
from halo_engine.agents.queries import Filter, uses
from halo_engine.agents.store import Use
from halo_engine.clock import Timestamp
from halo_engine.workspace import Workspace

HOUR = 3600
LENGTH = 5 * HOUR


class Block(msgspec.Struct):
    """A window in which there were replies."""

    start: Timestamp
    end: Timestamp
    first: Timestamp
    last: Timestamp
    active: bool
    """It has not ended, and something was said within it."""
    replies: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    tokens: int = 0
    cost: float = 0.0
    per_minute: float = 0.0
    """Tokens a minute, from the first reply to the last."""
    projected_tokens: int = 0
    """Of an active window, if it goes on so to its end; likewise `projected_cost`."""
    projected_cost: float = 0.0
    models: list[str] = []
    unknown: list[str] = []
    """Models without a price."""


def blocks(workspace: Workspace, wanted: Filter) -> list[Block]:
    """The windows of all sessions together, the oldest first.

    A window ends five hours after its start, and also when nothing was said for five hours.
    """
    table = prices(workspace)
    since = int(clock.instant(wanted.since).timestamp()) if wanted.since else 0
    windows = grouped(uses(workspace, msgspec.structs.replace(wanted, since=None)))
    return [block(start, inside, table) for start, inside in windows if start + LENGTH > since]


def grouped(found: Sequence[Use]) -> list[tuple[int, list[Use]]]:
    """Slots by window, each with the second at which it starts. A slot never lies in two: both begin on the hour."""
    windows: list[tuple[int, list[Use]]] = []
    last = 0
    for use in found:
        if not windows or use.start >= windows[-1][0] + LENGTH or use.first - last > LENGTH * 1000:
            windows.append((use.first // 1000 // HOUR * HOUR, []))
            last = use.first
        windows[-1][1].append(use)
        last = max(last, use.last)
    return windows


def block(start: int, inside: Sequence[Use], table: Prices) -> Block:
    """A window added up."""
    first, last = min(use.first for use in inside), max(use.last for use in inside)
    end = start + LENGTH
    made = Block(moment(start), moment(end), moment(first / 1000), moment(last / 1000), active=False)
    unknown = set()
    for use in inside:
        for name in ("replies", "input", "output", "cache_read", "cache_write_5m", "cache_write_1h"):
            setattr(made, name, getattr(made, name) + getattr(use, name))
        cost = table.cost(use)
        made.cost += cost or 0.0
        if cost is None:
            unknown.add(use.model)
    made.tokens = made.input + made.output + made.cache_read + made.cache_write_5m + made.cache_write_1h
    made.models, made.unknown = sorted({use.model for use in inside}), sorted(unknown)
    minutes = (last - first) / 60_000
    made.per_minute = round(made.tokens / minutes, 1) if minutes else 0.0
    now = clock.now().timestamp()
    made.active = start <= now < end and now - last / 1000 < LENGTH
    if made.active and minutes:
        left = (end - now) / 60
        made.projected_tokens = made.tokens + round(made.per_minute * left)
        made.projected_cost = made.cost + made.cost / minutes * left
    return made


def moment(seconds: float) -> Timestamp:
    return clock.stamp(datetime.fromtimestamp(seconds, UTC))
