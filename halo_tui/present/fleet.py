"""Instances as rows, and one of them opened: its health, who it is, its governance, sessions and history."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from halo_engine.agents.queries import Spent
from halo_engine.agents.views import dollars, short
from halo_engine.console import counted
from halo_engine.events.model import Event
from halo_engine.fleet.governing.pushing import Pushed
from halo_engine.fleet.instance import Status
from halo_engine.fleet.queries import InstanceRow, InstanceStatus
from halo_engine.fleet.smoke.running import Result
from halo_engine.fleet.views import GLYPHS
from halo_tui.fleet_reading import Persona
from halo_tui.present import facts, markdown
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import Line, Run, Tone, clean, cut_line, ends, fit, plain, wrap
from halo_tui.present.when import When

COLUMNS = (
    Column("", 1),
    Column("name", 10, share=1),
    Column("status", 9),
    Column("governance", 10, priority=2),
    Column("personality", 11, share=1, priority=3),
    Column("runtime", 15, priority=7),
    Column("bot", 10, priority=6),
    Column("notes", 5, priority=5, align="right"),
    Column("tokens", 7, priority=4, align="right"),
    Column("seen", 5, priority=1, align="right"),
)
BRIEF = (
    Column("", 1),
    Column("instance", 8, share=1),
    Column("status", 9),
    Column("personality", 11, share=1, priority=3),
    Column("notes", 5, priority=2, align="right"),
    Column("tokens", 7, priority=4, align="right"),
    Column("seen", 5, priority=1, align="right"),
)
MARKS: dict[str, Run] = {
    "ok": ("●", "ok"), "note": ("◆", "warning"), "wrong": ("▲", "alert"), "skipped": ("○", "faint"), "": ("…", "faint"),
}  # fmt: skip
GOVERNED: dict[str, Tone] = {"drifted": "alert", "unknown": "warning"}
LEVELS = 10
NAME = 17


def badge(row: InstanceRow) -> Run:
    """Glyph of how it stands; an active one that does not run is an alert."""
    if row.status is Status.ACTIVE:
        return ("▲", "alert") if row.running is False else ("●", "ok")
    if row.held:
        return "▲", "warning"
    return GLYPHS[row.status], "warning" if row.status is Status.PROVISIONING else "muted"


def status(row: InstanceRow) -> Run:
    """The status in a word; the reason of one that is held is in its health."""
    if row.status is Status.ACTIVE and row.running is False:
        return "held" if row.held else "down", "alert"
    return row.status.value, "plain" if row.status is Status.ACTIVE else "muted"


def row(found: InstanceRow, when: When) -> Cells:
    """One row of the list."""
    drifted: Run = ("▲ drifted", "alert") if found.governance == "drifted" else (found.governance, "muted")
    return (
        badge(found),
        (clean(found.name), "plain"),
        status(found),
        drifted,
        (clean(found.personality), "muted"),
        (f"{found.runtime}, {found.supervisor}", "faint"),
        (found.bot, "faint"),
        (str(found.notes), "muted"),
        (short(found.tokens) if found.tokens else "", "muted"),
        (when.age(found.seen) if found.seen else "never", "faint"),
    )


def brief(found: InstanceRow, when: When) -> Cells:
    """One row of the Overview; drift is told in the place of the status."""
    drifted = found.governance == "drifted" and found.running is not False
    return (
        ("▲", "alert") if drifted else badge(found),
        (clean(found.name), "plain"),
        ("drifted", "alert") if drifted else status(found),
        (clean(found.personality), "muted"),
        (str(found.notes), "muted"),
        (short(found.tokens) if found.tokens else "", "muted"),
        (when.age(found.seen) if found.seen else "never", "faint"),
    )


SIGNS: dict[str, Tone] = {"+": "ok", "-": "alert"}
"""Of the lines of a diff."""


def nothing(key: str, fault: str, _: int) -> list[Line]:
    """What the empty list says; `key` opens the wizard."""
    if fault:
        return wrap(f"▲ {fault}", 76, "alert")
    return [
        [("there are no instances yet", "muted")],
        [],
        [(key, "key"), (" makes one", "faint")],
    ]


def health(found: InstanceStatus, checked: Sequence[Result], running: str, when: When, columns: int) -> list[Line]:
    """What was seen when it was looked at, then the smoke checks as far as they have come."""
    lines: list[Line] = []
    for probe in found.probes:
        age = f"{probe.age:.0f}s" if probe.age < 100 else when.age(found.row.seen) if found.row.seen else ""
        lines += _finding(MARKS[probe.state], probe.name, probe.evidence, age, columns)
    lines.append([])
    if not checked and not running:
        return [*lines, [("s", "key"), (" runs the smoke checks, with a round trip of a message", "faint")]]
    wrong = sum(each.state == "wrong" for each in checked)
    noted = sum(each.state == "note" for each in checked)
    done = f"{wrong} wrong" if wrong else "all is well" + (f", {noted} to know of" if noted else "")
    lines.append([("smoke  ", "title"), (running or done, "alert" if wrong else "muted" if running else "ok")])
    for each in checked:
        lines += _finding(MARKS[each.state], each.name, each.evidence, f"{each.seconds:.1f}s", columns)
        lines += [[(" " * (NAME + 2), "plain"), (f"-> {each.hint}", "faint")]] if each.hint else []
    return lines


def _finding(mark: Run, name: str, evidence: str, right: str, columns: int) -> list[Line]:
    body = wrap(evidence, max(10, columns - NAME - 10), "plain" if mark[1] == "alert" else "muted") or [[]]
    first = ends([mark, (f" {fit(clean(name), NAME)}", "plain"), *body[0]], [(right, "faint")], columns)
    return [first, *([(" " * (NAME + 2), "plain"), *line] for line in body[1:])]


def personality(found: Persona, columns: int) -> list[Line]:
    """Levels as bars, the context, and the CLAUDE.md that they make."""
    lines: list[Line] = [[(clean(found.profile.display_name), "strong"), (f"  {found.profile.name}", "faint")], []]
    lines += [slider(name, level, found.sides[name], columns) for name, level in found.levels.items()]
    if found.profile.context.strip():
        lines += [[], [("context", "title")], *wrap(found.profile.context.strip(), columns, "muted")]
    return [*lines, [], [("CLAUDE.md", "title")], [], *markdown.lines(found.text, columns)]


class Composed(NamedTuple):
    """A CLAUDE.md in lines, and the line at which what is pointed at begins."""

    lines: list[Line]
    first: int


def composed(text: str, block: str, columns: int) -> Composed:
    """A CLAUDE.md, with a bar beside one of its blocks; none for an empty one."""
    room = max(10, columns - 2)
    lines = markdown.lines(text, room)
    first, length = 0, 0
    if block and block in text:
        first, length = len(markdown.lines(text.partition(block)[0], room)), len(markdown.lines(block, room))
        first += next((n for n, line in enumerate(lines[first:]) if plain(line).strip()), 0)
    bars: list[Run] = [("▌", "accent") if first <= n < first + length else (" ", "plain") for n in range(len(lines))]
    return Composed([[bar, *line] for bar, line in zip(bars, lines, strict=True)], first)


def slider(name: str, level: int, sides: tuple[str, str], columns: int, *, chosen: bool = False) -> Line:
    """A level as a bar between what its ends are like."""
    tone: Tone = "lit" if chosen else "plain"
    bar: Line = [
        (fit(name.replace("_", " "), NAME), tone),
        (f"{level:>2} ", "strong" if chosen else "muted"),
        ("▮" * level, "accent"),
        ("▯" * (LEVELS - level), "faint"),
        (f"  {clean(sides[0])} … {clean(sides[1])}", "faint"),
    ]
    return cut_line(bar, columns)


def governance(found: Pushed, columns: int) -> list[Line]:
    """What a push would change, as a diff."""
    if found.outcome == "already":
        return [[("● ", "ok"), (f"as the templates say, version {found.before}", "muted")]]
    lines: list[Line] = [[(f"a push would make version {found.after} of {found.before}", "muted")], []]
    lines += [[(f"{kind:<8} ", "faint"), (clean(path), "plain")] for path, kind in found.paths.items()]
    return [*lines, [], *diff(found.diff, columns)]


def diff(text: str, columns: int) -> list[Line]:
    """A unified diff, what goes and what comes told apart also without colour: by its sign. Nothing is cut: what is
    to be pushed is to be read.
    """
    lines = text.splitlines()
    files = [n for n, pair in enumerate(pairwise(lines)) if pair[0].startswith("--- ") and pair[1].startswith("+++ ")]
    heads = {*files, *(n + 1 for n in files)}
    return [line for n, said in enumerate(lines) for line in _changed(said, columns, head=n in heads)]


def _changed(said: str, columns: int, *, head: bool) -> list[Line]:
    tone = SIGNS.get(said[:1], "muted")
    if head or said.startswith("@@ "):
        return [cut_line([(clean(said), "faint")], columns)]
    body = wrap(said[1:], max(10, columns - 2), tone) or [[]]
    return [[(said[:1] if not place else " ", tone), (" ", tone), *line] for place, line in enumerate(body)]


def pushes(found: Sequence[Pushed], columns: int) -> list[Line]:
    """What a push to all would do: a line for each instance that would change, one for the others, then each diff."""
    lines: list[Line] = []
    same = [each for each in found if each.outcome == "already"]
    for each in found:
        if each.outcome == "already":
            continue
        count = counted(len(each.paths), "file") if each.paths else ""
        word = "would change" if each.outcome == "would" else each.outcome
        left: Line = [(fit(clean(each.name), NAME), "plain"), (f"{word} ", "muted"), (clean(each.note), "faint")]
        lines.append(ends(left, [(count, "muted")], columns))
    if same:
        names = ", ".join(clean(each.name) for each in same)
        lines += wrap(f"as the templates say already: {names}", columns, "faint")
    for each in found:
        if each.diff:
            lines += [[], [(clean(each.name), "title")], *diff(each.diff, columns)]
    return lines


def sessions(found: Sequence[Spent], when: When, columns: int) -> list[Line]:
    """The latest sessions of an instance."""
    if not found:
        return [[("no session of it is known in the last month", "muted")]]
    lines: list[Line] = []
    for each in found:
        cost = dollars(each.usage.cost, partly=bool(each.usage.unpriced))
        right: Line = [(f"{short(each.usage.tokens):>7} tokens  {cost:>8}  {when.age(each.session.last):>4}", "muted")]
        left: Line = [(f"{each.session.id[:8]}  ", "faint"), (clean(each.session.project), "plain")]
        lines.append(ends(left, right, columns))
    return lines


def history(found: Sequence[Event], when: When, columns: int) -> list[Line]:
    """What happened to it, the latest first."""
    return [
        cut_line(
            [
                (f"{when.day(event.time)}  ", "faint"),
                (f"{event.type.removeprefix('fleet.'):<24} ", "plain"),
                (f"{clean(event.actor)}  ", "muted"),
                (facts.says(event)[0], "faint"),
            ],
            columns,
        )
        for event in found
    ]
