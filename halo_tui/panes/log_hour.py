"""The last hour of a log by level, counted again every few seconds."""

from __future__ import annotations

import time
from functools import partial
from typing import cast

from halo_engine.errors import HaloError
from halo_tui import log_reading
from halo_tui.present import hour
from halo_tui.present.hour import Hour
from halo_tui.screens.page import Page
from halo_tui.widgets.text_view import TextView

CALM = 5.0
"""Seconds between two readings of the hour; more where it takes long: a twentieth of the time may go to it."""


class LogHour(TextView):
    """Counts the source that it is told."""

    DEFAULT_CSS = "LogHour { overflow: hidden; scrollbar-gutter: auto; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(lambda *_: [[(" …", "faint")]], id=id, focusable=False)
        self._due = 0.0

    def tell(self, source: str, until: str, *, anew: bool = False) -> None:
        """Count, if it is time to, or `anew` in any case; `until` is the moment that the clock was moved to, or ""."""
        now = time.monotonic()
        if now < self._due and not anew:
            return
        self._due = now + CALM
        page = cast("Page", self.parent)
        work = partial(log_reading.hour, page.station.workspace, source, until, hour.stretches(self.app.size.width - 2))
        page.read("hour", work, partial(self._counted, now), self._failed)

    def _counted(self, begun: float, found: Hour) -> None:
        now = time.monotonic()
        self._due = now + max(CALM, 20 * (now - begun))
        when = cast("Page", self.parent).station.when
        self.dim(False)
        self.border_title = hour.title(found, when)
        self.show(lambda columns, _: hour.picture(found, when, columns))

    def _failed(self, error: HaloError) -> None:
        self.dim(True)
        self.fault(error)
