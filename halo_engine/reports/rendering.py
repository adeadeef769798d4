"""A report as Markdown or as a page with charts. The same report makes the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_engine.reports.queries import Figure, Report
from halo_engine.templating import render
from halo_engine.workspace import Workspace

SPARKS = "▁▂▃▄▅▆▇█"
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
    return {
        "title": f"{report.first}" if one_day else f"{report.first} to {report.last}",
        "kind": "Day" if one_day else "Week" if (report.last - report.first).days == 6 else "Period",
        "rows": [_row(each) for each in report.figures],
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


def shown(value: float | None, unit: str) -> str:
    """`1,234`, `$6.40`, `2.5 h`, `83%`; a dash for none."""
    if value is None:
        return "-"
    if unit == "$":
        return f"${value:,.2f}"
    if unit == "%":
        return f"{value:.0f}%"
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.1f}"
    return f"{text} {unit}".rstrip()


def change(figure: Figure) -> str:
    """`+25%` beside the period before, `new` where there was nothing, `same`."""
    if figure.value is None or figure.before is None:
        return ""
    if figure.value == figure.before:
        return "same"
    return "new" if figure.change is None else f"{figure.change:+.0%}"


def judged(figure: Figure) -> str:
    """`better` or `worse` where more, or less, is good."""
    if not figure.better or figure.value is None or figure.before is None or figure.value == figure.before:
        return ""
    return "better" if (figure.value > figure.before) == (figure.better == "more") else "worse"


def sparkline(values: Sequence[float | None]) -> str:
    """A line of blocks, the highest for the greatest; a dot where there is no value."""
    top = max((value for value in values if value is not None), default=0) or 1
    return "".join("·" if value is None else SPARKS[min(7, max(0, int(value / top * 8)))] for value in values)


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
