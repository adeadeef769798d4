"""A session, opened: what it used and changed over its turns, the turns that went nowhere shaded, and why."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from halo_engine import clock, times
from halo_engine.agents.queries import Spent
from halo_engine.agents.spin.detector import Verdict
from halo_engine.agents.timeline import Entry
from halo_engine.agents.views import MARKS, dollars, short
from halo_engine.alerts.store import Alert
from halo_engine.alerts.views import GLYPHS
from halo_engine.clock import Timestamp
from halo_engine.console import counted
from halo_tui.present.bars import bars
from halo_tui.present.ink import Line, Tone, clean, cut_line, flow, wrap
from halo_tui.present.sessions import Insight, whose
from halo_tui.present.when import When

LABEL = 9
HIGH = 3
"""Rows of each curve."""
WIDEST = 160
"""Cells of each curve."""
SHADE = "░"
LATEST = 400
"""Entries that are listed."""
TONES: dict[str, Tone] = {"prompt": "strong", "said": "plain", "thought": "faint", "mark": "warning"}


class Turn(NamedTuple):
    """One thing that happened, with what the curves need."""

    entry: Entry
    changed: int
    """Lines of files that it added or removed."""
    stuck: bool
    """Within what the detector flagged."""


class Story(NamedTuple):
    """A session as it is opened."""

    spent: Spent
    insight: Insight
    turns: Sequence[Turn]
    alert: Alert | None = None


def page(story: Story, when: When, columns: int) -> list[Line]:
    """The session in lines of at most that many columns."""
    lines = [*_head(story, when, columns), []]
    if story.insight.fault:
        return [*lines, *wrap(f"▲ {story.insight.fault}", columns, "warning")]
    lines += _evidence(story, when, columns)
    lines += [*curves(story.turns, when, columns), []]
    left_out = len(story.turns) - LATEST
    lines += [[(f"… {left_out:,} earlier; o opens the transcript", "faint")]] if left_out > 0 else []
    return lines + [cut_line(_turn(turn, when), columns) for turn in story.turns[-LATEST:]]


def _head(story: Story, when: When, columns: int) -> list[Line]:
    session, used, seen = story.spent.session, story.spent.usage, story.insight
    took = max(0.0, when.seconds(session.first) - when.seconds(session.last))
    parts: list[Line] = [
        [(whose(session), "strong")],
        [(session.source.replace("_", " "), "muted")],
        [(clean(", ".join(used.models)), "muted")],
        [(short(used.tokens), "plain"), (" tokens", "faint")],
        [(dollars(used.cost, partly=bool(used.unpriced)), "plain")],
        [*_counted(seen.files, "file"), (f" +{seen.added} -{seen.removed}", "faint")],
        _counted(session.prompts, "prompt"),
        [*_counted(session.calls, "call"), (f", {session.failures} failed", "faint")],
        [(when.day(session.first), "plain"), (f" for {times.span(took)}", "faint")],
    ]
    return flow([part for part in parts if part[0][0]], columns, 3)


def _counted(number: int, what: str) -> Line:
    figure, word = counted(number, what).split(" ", 1)
    return [(figure, "plain"), (f" {word}", "faint")]


def _evidence(story: Story, when: When, columns: int) -> list[Line]:
    """The verdict in words, the strongest evidence first; nothing where there is none."""
    verdict = story.insight.verdict
    if not verdict.findings:
        return []
    lines: list[Line] = [verdict_line(verdict)]
    for finding in verdict.findings:
        head = f"  {finding.part:4.2f}  {finding.rule:<12} "
        said = wrap(f"{finding.says} (from line {finding.since})", max(20, columns - len(head)))
        for place, line in enumerate(said):
            lines.append([(head if not place else " " * len(head), "faint"), *line])
    if story.alert is not None:
        state = story.alert.shown(clock.stamp(when.now))
        note = f": {story.alert.note}" if story.alert.note else ""
        lines.append([("  ", "plain"), (f"{GLYPHS[state]} {story.alert.id} {state}{note}", "muted")])
    return [*(cut_line(line, columns) for line in lines), []]


def verdict_line(verdict: Verdict) -> Line:
    """What the detector makes of it, in one line."""
    if not verdict.flagged:
        return [("● moves", "ok"), (f"   score {verdict.score:.2f}; what was seen:", "muted")]
    since = f" since line {verdict.since}, {verdict.wasted:,} tokens written since   score {verdict.score:.2f}"
    if verdict.recovered:
        return [("↻ went nowhere", "warning"), (f"{since}, works again", "muted")]
    return [("▲ goes nowhere", "alert"), (since, "muted")]


def curves(turns: Sequence[Turn], when: When, columns: int) -> list[Line]:
    """Tokens and changed lines over the turns, the flagged ones shaded."""
    if not turns:
        return [[("nothing is in the transcript", "muted")]]
    groups = rounds(turns)
    wide = min(columns - LABEL - 1, WIDEST)
    places = [place * len(groups) // wide for place in range(wide + 1)]
    parts = [[turn for group in groups[low : max(low + 1, high)] for turn in group] for low, high in pairwise(places)]
    stuck = [any(turn.stuck for turn in part) for part in parts]
    tokens = [max(turn.entry.tokens for turn in part) for part in parts]
    changed = [max(turn.changed for turn in part) for part in parts]
    return [
        *_curve("tokens", tokens, stuck, "muted"),
        *_curve("changes", changed, stuck, "ok"),
        _axis(turns[0].entry.time, turns[-1].entry.time, any(stuck), when, wide),
    ]


def rounds(turns: Sequence[Turn]) -> list[list[Turn]]:
    """Turns by the reply that they are of: each begins behind what the reply before it led to."""
    found: list[list[Turn]] = [[]]
    for turn in turns:
        if found[-1] and any(each.entry.tokens for each in found[-1]) and turn.entry.kind != "result":
            found.append([])
        found[-1].append(turn)
    return found


def _curve(name: str, values: Sequence[float], stuck: Sequence[bool], tone: Tone) -> list[Line]:
    lines: list[Line] = []
    most = f"≤ {short(max(values))}" if any(values) else "none"
    for number, drawn in enumerate(bars(values, HIGH)):
        label = (name, most, "")[min(number, 2)]
        line: Line = [(f"{label:<{LABEL}}", "muted" if number == 0 else "faint")]
        cells = [(SHADE if block == " " else block, bad, block == " ") for block, bad in zip(drawn, stuck, strict=True)]
        for (bad, blank), run in groupby(cells, key=lambda cell: cell[1:]):
            text = "".join(cell[0] if bad or not blank else " " for cell in run)
            line.append((text, ("mark" if blank else "alert") if bad else tone))
        lines.append(line)
    return lines


def _axis(first: Timestamp, last: Timestamp, shaded: bool, when: When, wide: int) -> Line:
    begin, end = (when.clock(time) if time else "" for time in (first, last))
    word = f" {SHADE} goes nowhere " if shaded else ""
    gap = max(1, wide - len(begin) - len(end) - len(word))
    return [(" " * LABEL + begin + " " * (gap // 2), "faint"), (word, "mark"), (" " * (gap - gap // 2) + end, "faint")]


def _turn(turn: Turn, when: When) -> Line:
    entry = turn.entry
    tone: Tone = "alert" if entry.failed else TONES.get(entry.kind, "muted")
    changed = f" ±{turn.changed} " if turn.changed else ""
    used = f" {short(entry.tokens)} tokens " if entry.tokens else ""
    return [
        ("▌" if turn.stuck else " ", "mark"),
        (f"{when.clock(entry.time) if entry.time else '':<13}", "faint"),
        (f"{MARKS[entry.kind]} ", tone),
        (f"{clean(entry.tool)} " if entry.tool else "", "plain"),
        (clean(entry.text), tone),
        (changed, "ok"),
        (used, "faint"),
    ]
