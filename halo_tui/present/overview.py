"""The panes of the Overview: how work stands, what was used, the end of the logs."""

from __future__ import annotations

from halo_engine.agents.views import dollars, short
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_tui.overview_reading import DAYS, Tail, Tokens, Work
from halo_tui.present import log_rows
from halo_tui.present.columns import compose, lay_out
from halo_tui.present.counts import number
from halo_tui.present.ink import Line, clean, cut_line, ends, fit, flow, width
from halo_tui.present.states import badge, tone
from halo_tui.present.when import When

COUNTED = (
    State.OPEN,
    State.PLANNING,
    State.PLAN_REVIEW,
    State.IN_PROGRESS,
    State.REVIEW,
    State.TESTING,
    State.RUNNING,
    State.BLOCKED,
    State.FAILED,
)
BLOCKS = " ▁▂▃▄▅▆▇█"
TALLEST, BROADEST = 8, 9
"""Rows and cells of a day's bar."""
NAMED = 7
"""Rows from which on the days have names."""
SAID = 24
"""Cells of the sum beside the bars."""
NAME = 12


def work(found: Work, when: When, columns: int, rows: int) -> list[Line]:
    """The counts in words, and below them as many items in hand as there is room for."""
    parts: list[Line] = [_count(state, found.counts[state]) for state in COUNTED if found.counts[state]]
    if found.late:
        parts.append([("past due ", "alert"), (number(found.late), "alert")])
    parts.append([("done in a day ", "muted"), (number(found.done), "plain")])
    lines = flow(parts, columns)
    room = max(0, rows - len(lines))
    if room == 1 and len(found.items) > 1:
        more: Line = [(f"  and {_in_hand(found) - 1:,} more", "faint")]
        return [*lines, [*_item(found.items[0], when, columns - width(more)), *more]]
    shown = found.items if len(found.items) <= room else found.items[: max(0, room - 1)]
    lines += [_item(item, when, columns) for item in shown]
    left = _in_hand(found) - len(shown)
    if room and left > 0:
        lines.append([(f"  and {left:,} more in hand", "faint")])
    return lines


def _in_hand(found: Work) -> int:
    return sum(found.counts[state] for state in {item.state for item in found.items})


def _count(state: State, count: int) -> Line:
    shade = tone(state)
    return [(f"{badge(state)[0]} ", shade if shade in {"alert", "warning"} else "muted"), (number(count), "strong")]


def _item(item: Item, when: When, columns: int) -> Line:
    late = item.due is not None and when.seconds(item.due) > 0
    right: Line = [
        ("past due  " if late else "", "alert"),
        badge(item.state),
        (fit(when.age(item.entered), 7, "right"), "faint"),
    ]
    return ends([(f"{item.id} ", "faint"), (clean(item.title), "plain")], [("  ", "plain"), *right], columns)


def tokens(found: Tokens, columns: int, rows: int) -> list[Line]:
    """A bar a day, its name below where there is room, with the sum beside; then what share each instance has."""
    total = found.instances.total
    if not total.replies:
        return [[("no session used any in this time", "muted")]]
    said: Line = [(short(total.tokens), "strong"), (" tokens  ", "muted")]
    said += [(dollars(total.cost, partly=bool(total.unpriced)), "strong")]
    named = rows >= NAMED
    room = rows - len(found.instances.rows) - 1 - named
    tall = max(2 if rows >= 4 else 1, min(TALLEST, room))
    broad = max(2, min(BROADEST, (columns - SAID) // DAYS - 1))
    drawn = _bars([used for _, used in found.days], tall, broad)
    lines: list[Line] = [[(each, "muted")] for each in drawn]
    lines[-1] = ends(lines[-1], [("  ", "plain"), *said], columns)
    if named:
        lines.append([("".join(fit(f"{day:%a}"[:broad], broad + 1) for day, _ in found.days), "faint")])
    shares = _shares(found, columns, max(0, rows - len(lines)))
    return [*lines, [], *shares] if len(lines) + 1 + len(shares) <= rows else [*lines, *shares]


def total(found: Tokens) -> str:
    """The same in a few words, where there is no room for more."""
    used = found.instances.total
    return f"{short(used.tokens)} tokens, {dollars(used.cost, partly=bool(used.unpriced))} in {DAYS} days"


def _bars(values: list[int], tall: int, broad: int) -> list[str]:
    """Columns of blocks, so many rows tall and so many cells broad, the oldest first."""
    top = max(values, default=0) or 1
    eighths = [max(round(value / top * 8 * tall), 1 if value else 0) for value in values]
    return [
        "".join(BLOCKS[min(8, max(0, each - 8 * row))] * broad + " " for each in eighths)
        for row in range(tall - 1, -1, -1)
    ]


def _shares(found: Tokens, columns: int, rows: int) -> list[Line]:
    cost, tokens_ = found.instances.total.cost, found.instances.total.tokens or 1
    room = max(4, columns - NAME - 15)
    used = found.instances.rows
    shown = used if len(used) <= rows else used[: max(0, rows - 1)]
    lines: list[Line] = []
    for row in shown:
        part = row.cost / cost if cost else row.tokens / tokens_
        halves = round(part * room * 2)
        bar = "━" * (halves // 2) + "╸" * (halves % 2)
        lines.append(
            ends(
                [(fit(clean(row.name), NAME), "plain"), (bar, "muted")],
                [(f" {part:4.0%} {dollars(row.cost, partly=bool(row.unpriced)):>8}", "muted")],
                columns,
            )
        )
    if rows and len(used) > len(shown):
        lines.append([(f"and {len(used) - len(shown)} more", "faint")])
    return lines


def tail(found: Tail, when: When, columns: int, rows: int) -> list[Line]:
    """The last records, a line each."""
    if not found.sources:
        return [[("no logs were found", "muted")]]
    slots = lay_out(log_rows.COLUMNS[1:], columns)
    shown = found.entries[-rows:] if rows else []
    cells = [log_rows.row(each.record, b"", False, each.source, when)[1:] for each in shown]
    return [cut_line(compose(each, slots), columns) for each in cells] or [[("nothing has been written yet", "muted")]]
