"""The output of a command, kept within a limit while it grows: its beginning, a line that says how much is left out,
and its end. Only light modules are imported: the supervisor of each command has it.
"""

from __future__ import annotations

import os

LOOK = 0.5
"""Seconds between two looks at how much there is."""
TAIL = 1 << 20
"""Bytes of the end that are kept at most when something is left out; less where the limit is low."""
LINE = 4096
"""Bytes within which a cut looks for the end of a line."""


class Kept:
    """A file that is open for reading and appending; the command appends to it at the same time.

    What is written in the very moment of a cut may be left out too, or stand before the line that tells of it.
    """

    def __init__(self, descriptor: int, limit: int) -> None:
        self._file = descriptor
        self._limit = limit
        self._head = 0
        """Where the beginning that is kept ends; 0: nothing was left out yet."""
        self._body = 0
        """Where the part begins from which more may be left out."""
        self.left_out = 0
        """Bytes."""

    @property
    def unkept(self) -> int:
        """Bytes that the command wrote, less those of the file."""
        return self.left_out - (self._body - self._head)

    def trim(self) -> None:
        """Leave out what is too much, if anything is."""
        size = os.fstat(self._file).st_size
        if size <= self._limit:
            return
        self._head = self._head or self._line_before(self._limit // 2)
        self._body = self._body or self._head
        start = self._line_after(size - min(TAIL, self._limit // 4))
        tail = os.pread(self._file, size - start, start)
        self.left_out += os.fstat(self._file).st_size - len(tail) - self._body
        said = f"\n[... {self.left_out:,} bytes are left out here; {self._limit:,} are kept at most ...]\n".encode()
        os.ftruncate(self._file, self._head)
        self._body = self._head + len(said)
        self._write(said + tail)

    def _line_before(self, place: int) -> int:
        """The end of the last line before a place; the place itself within a long line."""
        found = os.pread(self._file, LINE, place - LINE).rfind(b"\n") if place > LINE else -1
        return place if found < 0 else place - LINE + found + 1

    def _line_after(self, place: int) -> int:
        """The beginning of the first line after a place; the place itself within a long line."""
        return place + os.pread(self._file, LINE, place).find(b"\n") + 1

    def _write(self, text: bytes) -> None:
        while text:
            text = text[os.write(self._file, text) :]
