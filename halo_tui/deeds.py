"""Doing things: every deed shows its command line before, and keeps it afterwards in a history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import App
from textual.message import Message

from halo_engine.errors import Failed, HaloError, Unavailable
from halo_engine.workspace import Workspace
from halo_tui.present.frame import home
from halo_tui.present.ink import Line, clean

if TYPE_CHECKING:
    from halo_tui.widgets.prompt import Complete

DONE = "✓"


class Deed(NamedTuple):
    """A command that was given here."""

    line: str
    outcome: str = ""
    """Empty while it is under way, then `done` or what went wrong."""


class Deeds(App[None]):
    """The part of the app that acts. What it acts on is `workspace`: never the past."""

    workspace: Workspace

    class Acted(Message):
        """A deed came to its end."""

        def __init__(self, place: int, outcome: str, finish: Callable[[], None]) -> None:
            super().__init__()
            self.place, self.outcome, self.finish = place, outcome, finish

    def __init__(self) -> None:
        super().__init__()
        self.deeds: list[Deed] = []
        self.said: Line = []

    # Saying

    def say(self, line: Line) -> None:
        """Put a line at the bottom left."""
        self.said = line
        self.show_bottom()

    def show_bottom(self) -> None:
        """Draw the bottom line anew."""

    def echo(self, line: str) -> None:
        """Show a command line."""
        self.say([("$ ", "key"), (clean(line), "plain")])

    def remark(self, text: str) -> None:
        """Say something beside the command that was shown."""
        self.say(
            [*self.said[:2], ("  ", "plain"), (clean(text), "muted")]
            if self.said[:1] == [("$ ", "key")]
            else [(clean(text), "muted")]
        )

    def complain(self, text: str) -> None:
        """Say why something was not done."""
        self.say([("▲ ", "warning"), (clean(self.shortened(text)), "warning")])

    def shortened(self, text: str) -> str:
        """A text in which the workspace's folder is named as the title bar names it."""
        root = str(self.workspace.root)
        return text.replace(root, home(self.workspace.root, len(root)))

    # Doing

    def perform(self, line: str, work: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Show a command line, call the function that the command calls, in a worker; then `then` with its answer."""
        self.echo(line)
        self.deeds.append(Deed(line))
        self.run_worker(
            partial(self._perform, len(self.deeds) - 1, work, then or (lambda _: None)), thread=True, group="deeds"
        )

    def _perform(self, place: int, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        try:
            answer = work()
        except HaloError as error:
            self.post_message(self.Acted(place, error.message, partial(self.complain, error.message)))
        else:
            self.post_message(self.Acted(place, "done", partial(then, answer)))

    def on_deeds_acted(self, message: Acted) -> None:
        self.deeds[message.place] = self.deeds[message.place]._replace(outcome=message.outcome)
        if message.outcome == "done":
            line = self.deeds[message.place].line
            self.say([("$ ", "key"), (clean(line), "plain"), (f"  {DONE}", "ok")])
        message.finish()

    def outside(self, work: Callable[[], Any]) -> Any:
        """Give the terminal to another program, an editor, until it ends; None when it failed."""
        from textual.app import SuspendNotSupported

        try:
            with self.suspend():
                return work()
        except SuspendNotSupported:
            self.complain("this terminal cannot be given to another program")
        except HaloError as error:
            self.complain(error.message)
        return None

    def run_command(self, line: str) -> None:
        """Run any Halo command as a process of its own; what it writes opens in a pane."""
        from halo_tui.command_line import argv
        from halo_tui.dialogs.output import Output

        try:
            line, words = argv(line)
        except HaloError as error:
            self.complain(error.message)
            return
        self.echo(line)
        place = len(self.deeds)
        self.deeds.append(Deed(line))

        def ended(code: int | None) -> None:
            outcome = "done" if code == 0 else "ended" if code is None else f"exit {code}"
            self.deeds[place] = Deed(line, outcome)

        self.push_screen(Output(line, words, self.workspace), ended)

    def run_behind(self, line: str) -> None:
        """Run a Halo command as a process of its own that outlives this one; what it says last is said here."""
        from threading import Thread

        self.echo(line)
        self.deeds.append(Deed(line))
        work = partial(run_behind, line, self.workspace)
        # A thread of its own: to leave the workstation is not to wait for the command.
        Thread(target=self._perform, args=(len(self.deeds) - 1, work, self.remark), daemon=True).start()

    def import_file(self, path: str) -> None:
        """Take in a task list."""
        from pathlib import Path
        from shlex import quote

        from halo_engine.tasks.exchange.files import import_file

        file = Path(path).expanduser()

        def work() -> Any:
            try:
                return import_file(self.workspace, file, "auto")
            except OSError as error:
                raise Unavailable(f"{file} cannot be read: {error.strerror}", "give the path of a file") from error

        self.perform(f"nightctl import {quote(path)}", work, lambda report: self.remark(report.summary()))

    # Asking

    def ask(
        self,
        label: str,
        answered: Callable[[str | None], None],
        *,
        changed: Callable[[str], None] | None = None,
        complete: Complete | None = None,
        value: str = "",
        hint: str = "",
        paths: bool = False,
        past: list[str] | None = None,
    ) -> None:
        """Ask on the bottom line; the focus comes back to where it was."""
        focused = self.focused
        if paths:
            from halo_tui.command_line import paths_like as complete

        def done(text: str | None) -> None:
            if focused is not None and focused.is_attached:
                focused.focus()
            self.show_bottom()
            answered(text)

        self.call_later(
            self.prompt_asks, label, done, changed=changed, complete=complete, value=value, hint=hint, past=past or []
        )

    async def prompt_asks(self, label: str, done: Callable[[str | None], None], **options: Any) -> None:
        """Open the prompt; it is mounted when it is first needed."""
        raise NotImplementedError


def run_behind(line: str, workspace: Workspace) -> str:
    """Run a command line to its end; returns the last line that it wrote.

    Raises Failed with that line when it did not succeed.
    """
    import os
    import subprocess
    import tempfile

    from halo_tui.command_line import argv

    environment = os.environ | {"HALO_WORKSPACE": str(workspace.root), "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as said:
        code = subprocess.Popen(
            argv(line)[1], stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, start_new_session=True
        ).wait()
        said.seek(0)
        words = said.read().decode(errors="replace").strip().splitlines()
    last = words[-1] if words else ""
    if code > 1:
        raise Failed(last or f"it ended with exit code {code}")
    return last
