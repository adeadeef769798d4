"""A report as Markdown or as a page with charts. The same report makes the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_engine.reports.queries import Figure, Report
from halo_engine.reports.words import change, is_quiet, judged, shown, sparkline, words
from halo_engine.templating import render
from halo_engine.workspace import Workspace

CHART = (240, 48)
"""Width and height of a chart."""
GAP = 2


def rendered(workspace: Workspace, report: Report, form: str) -> str:
    """The whole report as `markdown` or `html`, ending in a line break.

    Raises BadConfig when the operator's own template is wrong.
    """
    return render(workspace, "report.html.j2" if form == "html" else "report.md.j2", **_values(report)).strip() + "\n"


def _values(report: Report) -> dict[str, Any]:
    one_day = report.first == report.last
    kind = "Day" if one_day else "Week" if (report.last - report.first).days == 6 else "Period"
    told = [each for each in report.figures if not is_quiet(each)]
    return {
        "title": f"{report.first}" if one_day else f"{report.first} to {report.last}",
        "kind": kind,
        "words": words(report.figures, kind.lower()),
        "rows": [_row(each) for each in told],
        "quiet": ", ".join(each.title.strip().lower() for each in report.figures if is_quiet(each)),
        "missing": sorted(report.missing.items()),
        "chart": CHART,
    }


def _row(figure: Figure) -> dict[str, Any]:
    return {
        "title": figure.title.strip(),
        "nested": figure.title.startswith(" "),
        "value": shown(figure.value, figure.unit),
        "before": shown(figure.before, figure.unit),
        "change": change(figure),
        "judged": judged(figure),
        "spark": sparkline(figure.history),
        "bars": bars(figure.history),
    }


def bars(values: Sequence[float | None]) -> list[dict[str, float]]:
    """Rectangles of a bar chart in `CHART`: x, y, width, height."""
    width, height = CHART
    top = max((value for value in values if value is not None), default=0) or 1
    step = width / len(values)
    made = []
    for place, value in enumerate(values):
        tall = round((value or 0) / top * height, 2)
        made.append({"x": round(place * step, 2), "y": round(height - tall, 2), "w": round(step - GAP, 2), "h": tall})
    return made
