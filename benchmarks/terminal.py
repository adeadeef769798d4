"""A program in a pseudo-terminal of 120 by 40, and when it writes what."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 120, 40
ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",  # what are you
    b"\x1b[6n": b"\x1b[1;1R",  # where is the cursor
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: known
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",  # resize reports: not known
}
"""A query of the program, and what a terminal says to it."""
PATIENCE = 60.0
QUIET = 0.25
"""Seconds without a byte after which the program has painted all it wanted."""


class Terminal:
    """Use it in a `with`: the program is ended, by its process id, on leaving."""

    def __init__(self, command: Sequence[str | Path], **environment: str) -> None:
        words = [str(word) for word in command]
        settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.started = time.perf_counter()
        self.pid, self._file = pty.fork()
        if not self.pid:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execve(words[0], words, os.environ | settings | environment)
        self.written = b""

    def read(self, patience: float) -> bytes:
        """What it writes next, with its queries answered; nothing when it is quiet for so many seconds.

        Raises EOFError when it has ended.
        """
        if not select.select([self._file], [], [], patience)[0]:
            return b""
        try:
            data = os.read(self._file, 65536)
        except OSError as error:
            raise EOFError(self.written[-2000:].decode(errors="replace")) from error
        self.written += data
        for query, answer in ANSWERS.items():
            for _ in range(data.count(query)):
                os.write(self._file, answer)
        return data

    def until(self, *texts: bytes) -> float:
        """Seconds from the start until one of these bytes were written.

        Raises TimeoutError after a minute.
        """
        while not any(text in self.written for text in texts):
            if time.perf_counter() - self.started > PATIENCE:
                raise TimeoutError(f"{texts!r} was not written: {self.written[-2000:]!r}")
            self.read(1)
        return time.perf_counter() - self.started

    def settle(self) -> int:
        """Wait until it is quiet; how many bytes came meanwhile."""
        count = 0
        while data := self.read(QUIET):
            count += len(data)
        return count

    def press(self, key: bytes) -> tuple[float, int]:
        """Seconds from a key to the first byte that it leads to, and the bytes of all that follows."""
        before = time.perf_counter()
        os.write(self._file, key)
        first = self.read(5)
        seconds = time.perf_counter() - before
        return seconds, len(first) + self.settle()

    def resident(self) -> int:
        """Bytes of memory that it holds now."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._file)
