"""Instants as a screen shows them, seen from a moment and in a time zone."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import NamedTuple

from halo_engine.clock import Timestamp, instant


class When(NamedTuple):
    """The moment that ages are counted from, and the operator's time zone."""

    now: datetime
    zone: tzinfo

    def age(self, time: Timestamp) -> str:
        """How long ago, in one unit: `3m`; `in 2h` when it is yet to come."""
        from halo_engine import times

        return times.ago(instant(time), self.now)

    def seconds(self, time: Timestamp) -> float:
        """Seconds since then."""
        return (self.now - instant(time)).total_seconds()

    def clock(self, time: Timestamp) -> str:
        """`14:02:11` today, else the date and the time: `Nov 19 14:02`."""
        then, now = instant(time).astimezone(self.zone), self.now.astimezone(self.zone)
        return f"{then:%H:%M:%S}" if then.date() == now.date() else self.day(time)

    def day(self, time: Timestamp) -> str:
        """`Nov 19 14:02`; with its year when that is another one."""
        then, now = instant(time).astimezone(self.zone), self.now.astimezone(self.zone)
        return f"{then:%b %d %H:%M}" if then.year == now.year else f"{then:%Y-%m-%d}"

    def full(self, time: Timestamp) -> str:
        """`2026-11-20 14:02:11`."""
        return f"{instant(time).astimezone(self.zone):%Y-%m-%d %H:%M:%S}"
