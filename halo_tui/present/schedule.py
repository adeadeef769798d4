"""Jobs as rows, and one of them opened; the crontab as a diff; reports in figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from halo_engine.clock import instant
from halo_engine.cron.queries import Coming, Listed
from halo_engine.cron.store import FAILURES, Run
from halo_engine.cron.views import GLYPHS
from halo_engine.cron.words import describe
from halo_engine.reports.queries import Report
from halo_engine.reports.words import change, judged, shown, sparkline
from halo_engine.times import span
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import Line, clean, cut_line, ends, fit, wrap
from halo_tui.present.when import When
from halo_tui.schedule_reading import Opened

COLUMNS = (
    Column("", 1),
    Column("job", 16, share=1),
    Column("schedule", 15, share=1, priority=4),
    Column("what", 18, share=2, priority=5),
    Column("next", 6, priority=1, align="right"),
    Column("last", 11, priority=2),
    Column("when", 5, priority=3, align="right"),
)
NAME = 20
LABEL, MOMENT, OUTCOME, TRIGGER = 12, 14, 13, 10
"""Cells of a fact's name, and of when a run began, its outcome and what started it."""
TAIL = 40
"""Lines of output that show."""
TONES = {"succeeded": "ok", "running": "accent", "skipped": "warning", "missed": "warning", "cancelled": "warning"}


def outcome(word: str) -> tuple[str, str]:
    """An outcome with its glyph, in its tone."""
    said = f"{GLYPHS.get(word, '▲')} {word.replace('_', ' ')}"
    return (said, TONES.get(word, "alert")) if word else ("", "plain")


def row(found: Listed, when: When) -> Cells:
    """One row of the list; what is not enabled is grey."""
    on = bool(found.next)
    standing = found.standing
    word = "running" if standing.running else standing.last_outcome
    return (
        ("▲", "alert") if word in FAILURES else ("●", "ok") if on else ("○", "faint"),
        (clean(found.name), "plain" if on else "muted"),
        (clean(found.job.schedule), "muted" if on else "faint"),
        (clean(found.job.description or describe(found.job.schedule)), "muted" if on else "faint"),
        (when.age(found.next).removeprefix("in ") if on else "off", "plain" if on else "faint"),
        outcome(word),
        (when.age(standing.last_ended) if standing.last_ended else "", "faint"),
    )


def nothing(_: int) -> list[Line]:
    """What the empty list says."""
    return [
        [("there are no jobs yet", "muted")],
        [],
        [(":", "key"), (" cronctl add backup --schedule '30 2 * * *' --command ...", "plain")],
    ]


def page(found: Opened, when: When, columns: int) -> list[Line]:
    """A job: when it runs next, how it went last, and what it is."""
    job = found.job.job
    lines: list[Line] = [
        [(clean(found.job.name), "strong"), (f"  {clean(job.description)}", "muted")],
        [],
        _fact("schedule", f"{job.schedule}   {describe(job.schedule)}", columns),
    ]
    lines += [_fact("time zone", job.timezone, columns)] if job.timezone else []
    lines += [
        _fact("command" if not place else "", line, columns) for place, line in enumerate(job.command.split("\n"))
    ]
    if found.last is not None:
        room = columns - LABEL
        told = wrap(found.last.reason, max(10, room), "alert") if found.last.reason else []
        for place, line in enumerate([_run(found.last, when, room), *told]):
            lines.append([(fit("" if place else "last run", LABEL), "faint"), *line])
    lines += [[], [("next", "title")]]
    coming = found.coming if found.job.next else []
    lines += [_coming(time, when) for time in coming] or [[("it is not enabled: e enables it", "faint")]]
    if found.last is not None and found.last.tail.strip():
        lines += [[], [("what it wrote", "title")]]
        lines += [[(clean(line), "muted")] for line in found.last.tail.splitlines()[-TAIL:]]
    return [cut_line(line, columns) for line in lines]


def _fact(name: str, value: str, columns: int) -> Line:
    return cut_line([(fit(name, LABEL), "faint"), (clean(value), "plain")], columns)


def _coming(time: str, when: When) -> Line:
    local: datetime = instant(time).astimezone(when.zone)
    return [(f"{local:%a %Y-%m-%d %H:%M}", "plain"), (f"   {when.age(time)}", "faint")]


def _run(found: Run, when: When, columns: int, reason: str = "") -> Line:
    word, tone = outcome(found.outcome)
    left: Line = [(fit(when.day(found.started), MOMENT), "faint"), (fit(word, OUTCOME), tone)]
    left += [(fit(found.trigger, TRIGGER), "faint"), (clean(reason), "muted")]
    return ends(left, [(f"  {span(found.duration)}" if found.duration else "", "muted")], columns)


def ahead(found: Sequence[Coming], when: When, columns: int) -> list[Line]:
    """What runs next, of all jobs, by day."""
    lines: list[Line] = []
    day = ""
    for each in found:
        local: datetime = instant(each.time).astimezone(when.zone)
        if f"{local:%a %Y-%m-%d}" != day:
            day = f"{local:%a %Y-%m-%d}"
            lines += [*([[]] if lines else []), [(day, "title")]]
        left: Line = [(f"{local:%H:%M}  ", "plain"), (clean(each.job), "plain")]
        lines.append(ends(left, [(when.age(each.time), "faint")], columns))
    return lines or [[("no job is enabled", "muted")]]


def history(found: Sequence[Run], when: When, columns: int) -> list[Line]:
    """The runs of a job, the latest first."""
    return [_run(each, when, columns, each.reason) for each in found] or [[("it has not run yet", "muted")]]


def reports(day: Report, week: Report, columns: int) -> list[Line]:
    """Today beside yesterday, and this week beside the last."""
    return [*_report("today", day, columns), [], *_report("seven days", week, columns)]


def _low(bars: str) -> str:
    """Bars that do not touch those of the line above."""
    return bars.replace("█", "▇")


def _report(title: str, found: Report, columns: int) -> list[Line]:
    lines: list[Line] = [
        [
            (f"{title}  ", "title"),
            (str(found.first) if found.first == found.last else f"{found.first} to {found.last}", "faint"),
        ]
    ]
    for each in found.figures:
        bad = judged(each) == "worse"
        left: Line = [(fit(each.title, NAME), "muted"), (fit(shown(each.value, each.unit), 11, "right"), "plain")]
        left.append((fit(("▲" if bad else "") + change(each), 8, "right"), "warning" if bad else "faint"))
        lines.append(cut_line([*left, (f"  {_low(sparkline(each.history))}", "accent")], columns))
    lines += [[(f"▲ {clean(name)} could not be had: {clean(why)}", "warning")] for name, why in found.missing.items()]
    return lines
