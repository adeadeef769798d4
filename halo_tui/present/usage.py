"""What was used, by day, model or instance: a line each, with its share as a bar."""

from __future__ import annotations

from halo_engine.agents.queries import TIMES, Report, Usage
from halo_engine.agents.views import dollars, short, sparkline
from halo_tui.present.ink import Line, clean, cut_line, fit, wrap

NAME = 26
BAR = 40
EIGHTHS = " ▏▎▍▌▋▊▉"


def page(report: Report, columns: int) -> list[Line]:
    """The report in lines of at most that many columns."""
    if not report.rows:
        return [[], [("nothing was used in this time", "muted")]]
    total = report.total
    lines: list[Line] = [
        [
            (short(total.tokens), "strong"),
            (" tokens   ", "muted"),
            (dollars(total.cost, partly=bool(total.unpriced)), "strong"),
            (f"   {total.replies:,} replies   {total.sessions:,} sessions", "muted"),
            (f"   {sparkline([row.cost for row in report.rows])}" if report.by in TIMES else "", "muted"),
        ],
        [],
    ]
    name = min(NAME, max(10, columns // 3))
    room = max(0, min(BAR, columns - name - 30))
    top = max((_size(row) for row in report.rows), default=0) or 1
    lines.append([(fit("", name) + " tokens     cost replies", "faint")])
    rows = reversed(report.rows) if report.by in TIMES else report.rows
    lines += [_row(row, top, name, room) for row in rows]
    if report.unknown:
        named = ", ".join(map(clean, report.unknown))
        lines += [[], *wrap(f"▲ no price for {named} in the table of {report.prices}", columns, "warning")]
        lines += [[("agentctl prices --update FILE", "faint")]]
    return [cut_line(line, columns) for line in lines]


def _size(row: Usage) -> float:
    return row.cost or row.tokens / 1e9


def _row(row: Usage, top: float, name: int, room: int) -> Line:
    eighths = round(_size(row) / top * room * 8)
    return [
        (fit(clean(row.name), name), "plain"),
        (f"{short(row.tokens):>7}", "plain"),
        (f"{dollars(row.cost, partly=bool(row.unpriced)):>9}", "muted"),
        (f"{short(row.replies):>8}  ", "faint"),
        ("█" * (eighths // 8) + EIGHTHS[eighths % 8].strip(), "muted"),
    ]
