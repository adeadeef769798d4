"""A command under way: what it writes, as it comes, and how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import deque
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message

from halo_engine.workspace import Workspace
from halo_tui.dialogs.dialog import Dialog
from halo_tui.present import runs
from halo_tui.present.ink import Line
from halo_tui.widgets.text_view import TextView

KEPT = 5_000
"""Lines that are kept of what a command writes."""
REDRAW = 0.1
"""Seconds between two looks at what came."""
LIVELY = 20
"""Looks after which a command has been followed: what it wrote then shows from its end, else from its beginning."""


class Output(Dialog[int]):
    """Answers the exit code; None when it was left before the end (the command is ended then)."""

    BINDINGS: ClassVar = [
        Binding("y", "copy", show=False),
        Binding("q", "leave", show=False),
        Binding("enter", "leave", show=False),
    ]
    DEFAULT_CSS = "Output .sheet TextView { height: 1fr; background: $background; }"

    class Ended(Message):
        """The command is over."""

        def __init__(self, code: int) -> None:
            super().__init__()
            self.code = code

    def __init__(self, line: str, words: list[str], workspace: Workspace) -> None:
        super().__init__()
        self._line, self._words, self._workspace = line, words, workspace
        self._written: deque[str] = deque(maxlen=KEPT)
        self._child: subprocess.Popen[bytes] | None = None
        self._looks = 0
        self.code: int | None = None

    def compose(self) -> ComposeResult:
        sheet = Vertical(classes="sheet -tall")
        sheet.border_title = f"$ {self._line}".replace("[", "\\[")
        sheet.border_subtitle = "running   esc ends it"
        with sheet:
            yield TextView(self._text)

    def on_mount(self) -> None:
        view = self.query_one(TextView)
        view.following = True
        view.focus()
        self._redraw = self.set_interval(REDRAW, self._show)
        self.run_worker(self._run, thread=True)

    def _run(self) -> None:
        columns = max(40, self.app.size.width * 8 // 10 - 6)
        environment = os.environ | {
            "HALO_WORKSPACE": str(self._workspace.root),
            "COLUMNS": str(columns),
            "NO_COLOR": "1",
        }
        self._child = subprocess.Popen(
            self._words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        with self._child as child:
            for line in child.stdout or ():
                self._written.append(line.decode(errors="replace"))
        self.post_message(self.Ended(child.returncode))

    def on_output_ended(self, message: Ended) -> None:
        self.code = message.code
        self._redraw.stop()
        how = "done" if not self.code else f"exit {self.code}"
        self.query_one(".sheet").border_subtitle = f"{how}   y copy   esc leave"
        self._show()
        view = self.query_one(TextView)
        if view.following and self._looks < LIVELY:
            view.action_scroll_home()
        view.following = False

    def _show(self) -> None:
        self._looks += 1
        self.query_one(TextView).show(self._text)

    @property
    def written(self) -> str:
        """What the command wrote so far."""
        return "".join(self._written.copy())

    def _text(self, columns: int, rows: int) -> list[Line]:
        text = self.written
        if not text:
            return [[("nothing was written" if self.code is not None else "…", "faint")]]
        return runs.output(runs.cleaned(text), columns)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.written)
        self.query_one(".sheet").border_subtitle = "copied   esc leave"

    def action_leave(self) -> None:
        self._end()
        self.dismiss(self.code)

    def on_unmount(self) -> None:
        self._end()

    def _end(self) -> None:
        """End the command, with what it started, if it is under way."""
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGTERM)
