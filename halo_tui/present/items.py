"""Work items as rows of a list and cards of a board."""

from __future__ import annotations

from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import OVER, State
from halo_engine.tasks.store import Item
from halo_tui.present.columns import Cells, Column
from halo_tui.present.filters import unmatched
from halo_tui.present.ink import Line, Run, clean
from halo_tui.present.states import KINDS, tone
from halo_tui.present.when import When

COLUMNS = (
    Column("", 1),
    Column("id", 6),
    Column("title", 26, share=3),
    Column("tags", 10, share=1, priority=7),
    Column("state", 11, priority=5),
    Column("kind", 5, priority=4),
    Column("pri", 4, priority=3),
    Column("due", 6, priority=2, align="right"),
    Column("age", 4, priority=1, align="right"),
)
WIDE_IDS = 1_000
"""From this number on, ids take a column more for each digit."""
MARKS: dict[int, Run] = {0: ("", "plain"), 1: ("low", "faint"), 2: ("med", "muted"), 3: ("high", "plain")}
DAY = 86_400


def columns(highest: int) -> tuple[Column, ...]:
    """The columns of a list whose largest item number is `highest`."""
    extra = len(str(highest)) - 3 if highest >= WIDE_IDS else 0
    return (COLUMNS[0], Column("id", 6 + extra), *COLUMNS[2:])


def row(item: Item, when: When) -> Cells:
    """One row of the list."""
    over = item.state in OVER
    return (
        (GLYPHS[item.state], tone(item.state)),
        (item.id, "muted"),
        (clean(item.title), "muted" if over else "plain"),
        (clean(" ".join(f"#{tag}" for tag in item.tags)), "faint"),
        (words(item.state), tone(item.state)),
        (KINDS[item.kind], "faint"),
        MARKS.get(item.priority, MARKS[3]),
        due(item, when),
        (when.age(item.entered), "faint"),
    )


def due(item: Item, when: When) -> Run:
    """When it is due: `3d` yet to go, an alert once it is late."""
    if item.due is None or item.state in OVER:
        return "", "plain"
    left = -when.seconds(item.due)
    text = when.age(item.due).removeprefix("in ")
    if left < 0:
        return f"▲{text}", "alert"
    return text, "warning" if left < DAY else "muted"


def card(item: Item, when: When) -> Cells:
    """One row of a column of the board."""
    late, tone_ = due(item, when)
    return (
        ("▲", "alert") if tone_ == "alert" else (GLYPHS[item.state], tone(item.state)),
        (item.id, "muted"),
        (clean(item.title), "muted" if item.state in OVER else "plain"),
        (late.removeprefix("▲") or when.age(item.entered), tone_ if late else "faint"),
    )


CARD = (Column("", 1), Column("", 6, priority=2), Column("", 16, share=1), Column("", 4, priority=1, align="right"))


def empty(filtered: bool, key: str, columns: int) -> list[Line]:
    """What an empty list says; `key` adds an item."""
    if filtered:
        return unmatched("esc", columns)
    return [[("nothing to do", "muted")], [], [(key, "key"), (" adds an item", "faint")]]


LANES: dict[str, tuple[State, ...]] = {
    "open": (State.OPEN, State.DEFERRED),
    "planning": (State.PLANNING, State.PLAN_REVIEW),
    "in progress": (State.IN_PROGRESS, State.BLOCKED),
    "running": (State.RUNNING, State.RETRY, State.FAILED),
    "review": (State.REVIEW, State.TESTING),
    "over": (State.DONE, State.CANCELLED),
}
"""The columns of the board, and the states that each holds."""
