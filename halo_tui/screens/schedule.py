"""The Schedule screen: jobs by the clock, the crontab that they make, mail, the briefing and the reports."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from halo_engine.cron.queries import Coming
from halo_engine.cron.queries import Listed as Job
from halo_engine.errors import HaloError
from halo_tui import schedule_reading as reading
from halo_tui.actions import BY_ID
from halo_tui.actions.action import command_line
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.present import fleet, mail, markdown, schedule
from halo_tui.present.filters import unmatched
from halo_tui.present.ink import Line
from halo_tui.schedule_reading import Listed, Morning
from halo_tui.screens.mail_queue import MailQueue
from halo_tui.screens.page import framed
from halo_tui.session import Kept
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.tabs import tabs
from halo_tui.widgets.text_view import TextView, inset

WIDE = 150
"""Columns from which on the sections stand beside the jobs."""
SECTIONS = ("job", "history", "crontab", "mail", "briefing", "reports")
OF_A_JOB = SECTIONS[:2]


class ScheduleScreen(MailQueue):
    """`job` is the selected one; `section` what shows of it, or of the day. In the section of mail
    the queue stands where the jobs do.
    """

    DEFAULT_CSS = """
    ScheduleScreen { grid-rows: 2fr 3fr; }
    ScheduleScreen.-wide { grid-size: 2; grid-columns: 1fr 1fr; grid-rows: 2fr 3fr; }
    ScheduleScreen.-wide #section { row-span: 2; }
    ScheduleScreen.-wide.-mail { grid-columns: 3fr 2fr; grid-rows: 1fr; }
    ScheduleScreen.-wide.-mail #section { row-span: 1; }
    ScheduleScreen #ahead { display: none; }
    ScheduleScreen.-wide #ahead { display: block; }
    ScheduleScreen.-wide.-mail #ahead { display: none; }
    ScheduleScreen #mail, ScheduleScreen.-mail #jobs { display: none; }
    ScheduleScreen.-mail #mail { display: block; }
    """
    MAIN: ClassVar = "jobs"
    BINDINGS: ClassVar = [*bindings("schedule"), *bindings("mail"), *bindings("tabs")]
    HINTS: ClassVar = {
        "mail": ("mail.accept", "mail.refuse", "mail.undo", "mail.accept_all", "mail.look", "table.open"),
        "no mail": ("mail.look", "tabs.previous", "tabs.next"),
        "crontab": ("schedule.install", "tabs.previous", "tabs.next", "schedule.run", "schedule.enable"),
        "briefing": ("schedule.write", "schedule.send", "tabs.previous", "tabs.next"),
        "": ("tabs.previous", "tabs.next", "schedule.run", "schedule.enable", "schedule.install", "schedule.write"),
    }
    ARRANGED: ClassVar = {"-wide": lambda columns, _: columns >= WIDE}
    WORDS: ClassVar = "words, each somewhere in name, command, description or tags"

    def __init__(self) -> None:
        super().__init__(id="schedule")
        self.found = Listed({}, [])
        self.section = SECTIONS[0]

    def compose(self) -> ComposeResult:
        yield framed(RowTable[str](schedule.COLUMNS, id="jobs"))
        yield framed(RowTable[str](mail.COLUMNS, id="mail"), "Mail")
        yield framed(TextView(id="section"))
        yield framed(TextView(id="ahead"), "Next")

    def on_mount(self) -> None:
        super().on_mount()
        self._turned()
        self.refresh_view()

    @property
    def jobs(self) -> RowTable[str]:
        return self.query_one("#jobs", RowTable)

    @property
    def table(self) -> RowTable[str]:
        return self.mail if self.section == "mail" else self.jobs

    @property
    def job(self) -> Job | None:
        """The selected job."""
        return self.found.jobs.get(self.jobs.key) if self.jobs.key is not None else None

    def hints(self, pane: str) -> tuple[str, ...]:
        section = "no mail" if self.section == "mail" and not self.queue.messages else self.section
        return self.HINTS.get(section, self.HINTS[""])

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        self.read("jobs", partial(reading.listed, self.station.view), partial(self._listed, change), self._no_jobs)
        self.read_mail(change)

    def _listed(self, change: Change | None, found: Listed) -> None:
        words = self.filter.casefold().split() if self.section != "mail" else []
        jobs = {name: job for name, job in found.jobs.items() if all(word in _text(job) for word in words)}
        self.found = found._replace(jobs=jobs)
        self.jobs.empty = partial(unmatched, "esc") if found.jobs else schedule.nothing
        when = self.station.when
        self.jobs.show(
            list(jobs), lambda names: {name: schedule.row(jobs[name], when) for name in names if name in jobs}
        )
        if change is not None:
            self.jobs.glow({stream[5:] for stream in change.streams if stream.startswith("cron/")} & set(jobs))
        self.jobs.dim(False)
        self.jobs.border_title = f"Jobs {len(jobs)}"
        self.retitle()
        self._read_section()
        if self.has_class("-wide"):
            self.read("ahead", partial(reading.ahead, self.station.view, jobs), self._seen_ahead, self._no_jobs)

    def _seen_ahead(self, found: list[Coming]) -> None:
        when = self.station.when
        self.query_one("#ahead", TextView).show(inset(lambda columns: schedule.ahead(found, when, columns)))

    def _no_jobs(self, error: HaloError) -> None:
        self.jobs.dim(True)
        self.show_fault(self.jobs, error)

    @on(RowTable.Highlighted, "#jobs")
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if self.section in OF_A_JOB:
            self.later("settle", self.SETTLE, self._read_section)

    @on(RowTable.Opened, "#jobs")
    def _open(self, message: RowTable.Opened) -> None:
        message.stop()
        self.query_one("#section").focus()

    def _read_section(self, *, top: bool = False) -> None:
        job, view = self.job, self.station.view
        if self.section == "mail":
            self.show_message(top=top)
            return
        if job is None and self.section in OF_A_JOB:
            self._show(lambda _: [[], [("no job is selected", "muted")]])
            return
        name = job.name if job is not None else ""
        work: dict[str, Callable[[], Any]] = {
            "job": partial(reading.opened, view, name),
            "history": partial(reading.history, view, name),
            "crontab": partial(reading.difference, self.station.workspace),
            "briefing": partial(reading.morning, view),
            "reports": partial(reading.reports, self.station.workspace),
        }
        self.read("section", work[self.section], partial(self._seen, self.section, top), self._not_seen)

    def _seen(self, section: str, top: bool, found: Any) -> None:
        if section != self.section:
            return
        when = self.station.when
        build: dict[str, Callable[[int], list[Line]]] = {
            "job": lambda columns: schedule.page(found, when, columns),
            "history": lambda columns: schedule.history(found, when, columns),
            "crontab": lambda columns: (
                fleet.diff(found, columns) or [[("● ", "ok"), ("the crontab is as the jobs say", "muted")]]
            ),
            "briefing": lambda columns: self._morning(found, columns),
            "reports": lambda columns: schedule.reports(found[0], found[1], columns),
        }
        self._show(build[section], top=top)

    def _morning(self, found: Morning, columns: int) -> list[Line]:
        key = self.station.keys.of("schedule.write")
        none: Line = [("none was written today   ", "muted"), (key, "key"), (" writes it", "faint")]
        if found.row is None:
            return [none]
        sent = ", ".join(f"{channel} {self.station.when.clock(time)}" for channel, time in found.row.sent.items())
        said: Line = [(f"sent by {sent}" if sent else f"not sent yet  {found.row.failure}", "faint")]
        return [*([] if found.today else [none]), said, [], *markdown.lines(found.text, columns)]

    def _show(self, build: Callable[[int], list[Line]], *, top: bool = False) -> None:
        pane = self.query_one("#section", TextView)
        pane.dim(False)
        pane.show(inset(build), top=top)

    def _not_seen(self, error: HaloError) -> None:
        self.query_one("#section", TextView).fault(error)

    def retitle(self) -> None:
        names = {name: name for name in SECTIONS}
        if self.queue.waiting:
            names["mail"] = f"mail {self.queue.waiting:,}"
        self.query_one("#section").border_title = tabs(names, self.section)
        if self.section == "mail":
            self.note_mail()
        else:
            self.note(*(f"▲ {each.name}: {each.why}" for each in self.found.broken[:1]))
        self.station.show_bottom()

    def _turned(self) -> None:
        """Put the table of the section in its place, and the focus with it."""
        focused = self.table.has_focus or self.jobs.has_focus or self.mail.has_focus
        self.set_class(self.section == "mail", "-mail")
        self.retitle()
        if focused:
            self.table.focus()

    # Actions

    def action_turn(self, steps: int) -> None:
        self.turn_to(SECTIONS[(SECTIONS.index(self.section) + steps) % len(SECTIONS)])

    def turn_to(self, section: str) -> None:
        """Show a section."""
        self.section = section if section in SECTIONS else SECTIONS[0]
        self._turned()
        if self.filter:
            self.refresh_view()
        self._read_section(top=True)

    def _do(self, action: str, work: Callable[[], Any], line: str, then: Callable[[Any], None]) -> None:
        if not self.refused(action):
            self.station.perform(line, work, then)

    def _on_job(self, action: str) -> Job | None:
        job = None if self.section == "mail" else self.job
        return None if self.refused(action, about="" if job else "no job is selected") else job

    def action_switch(self) -> None:
        job = self._on_job("schedule.enable")
        if job is not None:
            on = not job.next
            line = command_line(BY_ID["schedule.enable"], job=job.name)
            work = partial(reading.switch, self.station.workspace, job.name, on)
            self.station.perform(
                line if on else line.replace("enable", "disable", 1), work, lambda _: self.refresh_view()
            )

    def action_run(self) -> None:
        job = self._on_job("schedule.run")
        if job is not None:
            line = command_line(BY_ID["schedule.run"], job=job.name)
            self.station.perform(
                line, partial(reading.run, self.station.workspace, job.name), lambda _: self.refresh_view()
            )

    def action_install(self) -> None:
        """The first time shows what would change; again, while that shows, does it."""
        if self.section != "crontab":
            self.turn_to("crontab")
            self.station.remark("this is what would change; i again installs it")
            return
        self._do(
            "schedule.install",
            partial(reading.install, self.station.workspace),
            "cronctl install",
            lambda _: self.refresh_view(),
        )

    def action_write(self) -> None:
        self.turn_to("briefing")
        work = partial(reading.write, self.station.workspace)
        self._do("schedule.write", work, "hal-briefing generate", lambda _: self._read_section(top=True))

    def action_send(self) -> None:
        self.turn_to("briefing")
        work = partial(reading.send, self.station.workspace)
        self._do("schedule.send", work, "hal-briefing send", self._sent)

    def _sent(self, said: str) -> None:
        self.station.remark(said)
        self._read_section()

    def filter_command(self, text: str) -> str:
        return "mailctl queue" if self.section == "mail" else "cronctl list"

    def clear(self) -> bool:
        if not self.table.has_focus:
            self.table.focus()
            return True
        return super().clear()

    def bring_up(self, key: str) -> None:
        if self.section == "mail":
            self.turn_to(SECTIONS[0])
        self.jobs.go_to(key)

    def remember(self) -> Kept:
        return super().remember() | {"section": self.section}

    def recall(self, kept: Kept) -> None:
        super().recall(kept)
        section = kept.get("section")
        self.section = section if isinstance(section, str) and section in SECTIONS else SECTIONS[0]

    def row_text(self) -> str:
        if self.section == "mail":
            return f"{self.message.id} {self.message.subject}" if self.message else ""
        return f"{self.job.name} {self.job.job.command}" if self.job else ""


def _text(job: Job) -> str:
    """What the filter looks in."""
    return f"{job.name} {job.job.command} {job.job.description} {' '.join(job.job.tags)}".casefold()
