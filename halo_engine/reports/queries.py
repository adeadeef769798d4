"""A report: every module's measures, by period."""

from __future__ import annotations

from datetime import date

import msgspec

from halo_engine.digest import Better, Days, Measure
from halo_engine.errors import HaloError
from halo_engine.modules import digests
from halo_engine.reports.periods import Span
from halo_engine.workspace import Workspace


class Figure(msgspec.Struct, frozen=True):
    """One measure of a report."""

    name: str
    title: str
    unit: str
    value: float | None
    """None: there is none, as for the cycle time of a day on which nothing was done."""
    before: float | None
    """The same of the period before."""
    history: list[float | None]
    """The oldest period first; the last is `value`."""
    better: Better

    @property
    def change(self) -> float | None:
        """How much more than before: 0.25 is a quarter; None where there is nothing to compare with."""
        if self.value is None or not self.before:
            return None
        return (self.value - self.before) / self.before


class Report(msgspec.Struct, frozen=True):
    """A period in figures."""

    first: date
    last: date
    """Both belong to it."""
    figures: list[Figure]
    missing: dict[str, str]
    """Module -> why its figures could not be had."""


def report(workspace: Workspace, span: Span) -> Report:
    """The figures of a period, each beside those of the periods before."""
    measures, missing = measured(workspace, span.days)
    return Report(span.first, span.last, [_figure(each, span) for each in measures], missing)


def measured(workspace: Workspace, days: Days) -> tuple[list[Measure], dict[str, str]]:
    """Every module's measures, and why a module has none to give."""
    found: list[Measure] = []
    missing: dict[str, str] = {}
    for name, part in digests("report"):
        try:
            found += part(workspace, days)
        except (HaloError, OSError) as error:
            missing[name] = str(error)
    return found, missing


def _figure(measure: Measure, span: Span) -> Figure:
    history = [_scaled(value, measure.unit) for value in span.figures(measure)]
    return Figure(measure.name, measure.title, measure.unit, history[-1], history[-2], history, measure.better)


def _scaled(value: float | None, unit: str) -> float | None:
    """Shares as percent; to six places, so that the same events always make the same text."""
    return None if value is None else round(value * 100 if unit == "%" else value, 6)
