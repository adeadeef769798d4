"""The mail triage queue, as a section of the Schedule screen: accept, refuse, undo, and a message as text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual import on

from halo_engine.errors import HaloError
from halo_engine.mail.reading import Letter
from halo_engine.mail.store import Message
from halo_tui import mail_reading as reading
from halo_tui.actions import BY_ID
from halo_tui.actions.action import command_line
from halo_tui.feed import Change
from halo_tui.mail_reading import Queue
from halo_tui.present import mail
from halo_tui.present.filters import unmatched
from halo_tui.present.ink import Line
from halo_tui.screens.page import Page
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView, inset

KEPT = 50
"""Messages whose text is kept."""
OFFERS = {
    "waiting": ("mail.accept", "mail.refuse"),
    "done": ("mail.undo",),
    "undone": ("mail.accept",),
    "refused": ("mail.accept",),
    "missed": ("mail.accept",),
}
"""State -> what can be done about it."""


class MailQueue(Page):
    """Mixed into a screen that has a table `#mail`, a text `#section`, and sections."""

    section: str

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.queue = Queue()
        self._shown: dict[str, Message] = {}
        """What of it the filter leaves."""
        self._letters: dict[str, Letter | HaloError] = {}
        self._wanted = ""
        """The message whose text is asked for."""
        self._under_way: set[str] = set()

    @property
    def mail(self) -> RowTable[str]:
        return self.query_one("#mail", RowTable)

    @property
    def message(self) -> Message | None:
        """The selected message."""
        return self._shown.get(self.mail.key) if self.mail.key is not None else None

    def turn_to(self, section: str) -> None:
        """Show a section."""
        raise NotImplementedError

    def retitle(self) -> None:
        """Write the names of the sections anew, and what else is to be known of the table that shows."""

    # Reading

    def read_mail(self, change: Change | None = None) -> None:
        """Read the queue, unless what has changed is something else."""
        if change is not None and not change.many and not _named(change):
            return
        self.read("mail", partial(reading.queue, self.station.view), partial(self._queued, change), self._not_queued)

    def _queued(self, change: Change | None, found: Queue) -> None:
        words = self.filter.casefold().split() if self.section == "mail" else []
        self.queue = found
        self._shown = {name: row for name, row in found.messages.items() if all(word in _text(row) for word in words)}
        self.mail.empty = partial(unmatched, "esc") if found.messages else partial(mail.nothing, found)
        self._draw_rows()
        if change is not None:
            self.mail.glow(_named(change) & self._shown.keys())
        self.mail.dim(False)
        self.mail.border_title = f"Mail {found.waiting:,} waiting" if found.waiting else "Mail"
        self.retitle()
        if self.section == "mail":
            self.show_message()

    def note_mail(self) -> None:
        """Say at the lower edge of the queue what else is to be known."""
        found = self.queue
        fault = f"▲ {self.station.shortened(found.fault.message)}" if found.fault and found.messages else ""
        self.note(fault, f"{found.more:,} more" if found.more else "")

    def _draw_rows(self) -> None:
        rows, when, under_way = self._shown, self.station.when, frozenset(self._under_way)
        self.mail.show(
            list(rows),
            lambda names: {
                name: mail.row(rows[name], when, under_way=name in under_way) for name in names if name in rows
            },
        )

    def _not_queued(self, error: HaloError) -> None:
        self.mail.dim(True)
        self.show_fault(self.mail, error)

    @on(RowTable.Highlighted, "#mail")
    def _message_highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        self.later("settle", self.SETTLE, partial(self.show_message, top=message.by_hand))

    @on(RowTable.Opened, "#mail")
    def _message_opened(self, message: RowTable.Opened) -> None:
        """Ask the server for the text, and show it."""
        message.stop()
        if self.message is not None:
            self._wanted = self.message.id
            if not isinstance(self._letters.get(self._wanted), Letter):
                self._letters.pop(self._wanted, None)
                work = partial(reading.letter, self.station.view, self._wanted)
                self.read("letter", work, partial(self._read, self._wanted), partial(self._read, self._wanted))
            self.show_message(top=True)
        self.query_one("#section").focus()

    def _read(self, name: str, found: Letter | HaloError) -> None:
        self._letters[name] = found
        if len(self._letters) > KEPT:
            self._letters.pop(next(iter(self._letters)))
        self.show_message()

    def show_message(self, *, top: bool = False) -> None:
        """Show the selected message, if that is what shows."""
        if self.section != "mail":
            return
        row, when = self.message, self.station.when
        pane = self.query_one("#section", TextView)
        pane.dim(False)
        if row is None:
            steps = partial(mail.steps, self.queue, self.station.keys.of("mail.look"))
            pane.show(inset(steps) if not self.queue.messages else lambda *_: [], top=True)
            return
        letter, asked = self._letters.get(row.id), self._wanted == row.id
        keys = {BY_ID[name].name: self.station.keys.of(name) for name in OFFERS.get(row.state, ())}
        keys |= {} if letter or asked else {"read": "enter"}

        def build(columns: int) -> list[Line]:
            return mail.page(row, letter, when, columns, keys, reading=asked)

        pane.show(inset(build), top=top)

    # Actions

    def action_look_for_mail(self) -> None:
        if not self.refused("mail.look"):
            self.turn_to("mail")
            line = command_line(BY_ID["mail.look"])
            self.station.perform(line, partial(reading.look, self.station.workspace), self._said)

    def action_accept_mail(self) -> None:
        self._answer("mail.accept", reading.accept)

    def action_refuse_mail(self) -> None:
        self._answer("mail.refuse", reading.refuse)

    def action_undo_mail(self) -> None:
        self._answer("mail.undo", reading.take_back)

    def action_accept_all(self) -> None:
        if self._elsewhere():
            return
        about = "" if self.queue.waiting else "nothing waits"
        about = "some is hidden: clear the filter first" if self.filter else about
        if self.refused("mail.accept_all", about=about):
            return
        line = command_line(BY_ID["mail.accept_all"])
        waiting = {name for name, row in self._shown.items() if row.state == "waiting"}
        self._go(waiting, line, partial(reading.accept, self.station.workspace))

    def _answer(self, action: str, do: Callable[..., str]) -> None:
        """Give a word about the selected message, and go to the next that waits."""
        if self._elsewhere():
            return
        row = self.message
        if self.refused(action, about="" if row else "no message is selected") or row is None:
            return
        if row.id in self._under_way:
            self.station.complain("this is under way already")
            return
        line = command_line(BY_ID[action], message=row.id[:8])
        order = list(self._shown)
        after = order[order.index(row.id) + 1 :][:1]
        if row.state == "waiting" and after and self._shown[after[0]].state == "waiting":
            self.mail.go_to(after[0])
        self._go({row.id}, line, partial(do, self.station.workspace, row.id))

    def _elsewhere(self) -> bool:
        """Whether another section shows: then the queue does first, so that nobody answers what is not seen."""
        if self.section == "mail":
            return False
        self.turn_to("mail")
        self.station.remark("this is the mail that waits for your word")
        return True

    def _go(self, messages: set[str], line: str, work: Callable[[], str]) -> None:
        self._under_way |= messages
        self._draw_rows()

        def worked() -> str:
            try:
                return work()
            finally:
                self._under_way -= messages
                self.app.call_from_thread(self._draw_rows)

        self.station.perform(line, worked, self._said)

    def _said(self, word: str) -> None:
        self.station.remark(word)
        self.refresh_view()


def _named(change: Change) -> set[str]:
    """The messages that have changed."""
    return {stream[5:] for stream in change.streams if stream.startswith("mail/")}


def _text(row: Message) -> str:
    """What the filter looks in."""
    return f"{row.sender} {row.subject} {row.action} {row.target} {row.rule} {row.state} {row.account}".casefold()
