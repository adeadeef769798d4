"""One log file: its bytes by offset, cut into records, never held whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from halo_engine.logs.packed import BLOCK, identity, opened
from halo_engine.logs.record import Format, Spanning

NEAR = 4096
"""Bytes in which most lines end."""
LOOK = 65_536
"""Bytes that are read to find where a record begins."""
SCANNED = 96 << 10
"""Bytes of a block: small enough that their memory is used again, not mapped anew for each."""
LONGEST = 64 << 20
"""Bytes of a record of several lines; a longer one is taken apart."""


class LogFile:
    """A file as it was when it was opened; `grown` takes in what has been appended since.

    Offsets are of the unpacked bytes. Close it, or use it in a `with`.
    """

    def __init__(self, path: Path, file: IO[bytes] | None = None) -> None:
        self.path = path
        self._file = file or opened(path)
        self._descriptor = self._file.fileno()
        self.size = os.fstat(self._descriptor).st_size
        self.identity = identity(self._file)
        self.format: Format

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def grown(self) -> int:
        """The size now."""
        self.size = os.fstat(self._descriptor).st_size
        return self.size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one offset to another; fewer where the file has become shorter."""
        found = os.pread(self._descriptor, end - start, start)
        if len(found) == end - start or not found:
            return found
        parts = [found]
        while found and (at := start + sum(map(len, parts))) < end:
            found = os.pread(self._descriptor, end - at, at)
            parts.append(found)
        return b"".join(parts)

    def line_start(self, offset: int) -> int:
        """Where the line begins that holds this offset."""
        at = min(offset, self.size)
        while at > 0:
            step = min(LOOK, at)
            found = self.read(at - step, at).rfind(b"\n")
            if found >= 0:
                return at - step + found + 1
            at -= step
        return 0

    def line_end(self, offset: int) -> int:
        """Just behind the newline of the line that holds this offset, or the end of the file."""
        at, step = offset, NEAR
        while at < self.size:
            block = self.read(at, min(at + step, self.size))
            found = block.find(b"\n")
            if found >= 0:
                return at + found + 1
            if not block:
                break
            at += len(block)
            step = min(step * 16, BLOCK)
        return self.size

    def align(self, offset: int) -> int:
        """The first record that begins at this offset or after it; the size where none does."""
        if offset <= 0:
            return 0
        at = self.line_end(offset - 1)
        if not self.format.multiline:
            return at
        limit = min(at + LONGEST, self.size)
        before = self.read(max(0, at - LOOK), at) if self.format.looks_back else b""
        for begin, line in self._lines(at):
            at = begin
            if begin >= limit or self.format.begins(line.rstrip(b"\r"), before):
                return begin
            at += len(line) + 1
            before = (before + line + b"\n")[-LOOK:] if self.format.looks_back else b""
        return min(at, self.size)

    def _lines(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The lines from a beginning of a line on, each with its offset."""
        step = NEAR
        while block := self.read(at, min(at + step, self.size)):
            lines = block.split(b"\n")
            rest = lines.pop()
            for line in lines:
                yield at, line
                at += len(line) + 1
            if len(block) < step:
                if rest:
                    yield at, rest
                return
            step = min(step * 16, BLOCK) if lines else step * 16

    def blocks(self, start: int, end: int, size: int = SCANNED) -> Iterator[tuple[int, bytes]]:
        """The bytes between two beginnings of records, in blocks of whole records, each with its offset."""
        at, step = start, size
        while at < end:
            block = self.read(at, min(at + step, end))
            if not block:
                return
            last = at + len(block) >= end or len(block) < step  # the file has become shorter
            whole = len(block) if last else self.last_start(block, last_resort=step >= LONGEST)
            if whole == 0:
                step *= 2
                continue
            yield at, block if whole == len(block) else block[:whole]
            at, step = at + whole, size

    def blocks_before(self, end: int, start: int = 0, size: int = SCANNED) -> Iterator[tuple[int, bytes]]:
        """The same from `end` towards the beginning of the file."""
        at = end
        while at > start:
            low, step = at, size
            while low >= at and low > start:
                low = max(start, self.line_start(max(at - step, 0)) if not self.format.multiline else at - step)
                if self.format.multiline and low > start:
                    low = self.align(low)
                step *= 2
            yield low, self.read(low, at)
            at = low

    def last_start(self, block: bytes, *, last_resort: bool = False) -> int:
        """Where the last record of a block begins, 0 when there is no other than the first."""
        at = block.rfind(b"\n") + 1
        if not self.format.multiline:
            return at
        newline = at
        while at > 0:
            line_start = block.rfind(b"\n", 0, at - 1) + 1
            if line_start == 0:
                return newline if last_resort else 0
            before = block[max(0, line_start - LOOK) : line_start] if self.format.looks_back else b""
            if self.format.begins(block[line_start : at - 1].rstrip(b"\r"), before):
                return line_start
            at = line_start
        return 0

    def spans(self, block: bytes) -> Iterator[tuple[int, int]]:
        """Where each record of a block begins and ends, newlines left out."""
        start, length = 0, len(block)
        if not self.format.multiline:
            while start < length:
                end = block.find(b"\n", start)
                end = length if end < 0 else end
                yield start, end
                start = end + 1
            return
        if isinstance(self.format, Spanning):
            yield from self.format.spans(block)
            return
        first, last = 0, 0
        while start < length:
            end = block.find(b"\n", start)
            end = length if end < 0 else end
            if start > first and self.format.begins(block[start:end].rstrip(b"\r"), b""):
                yield first, last
                first = start
            last = end
            start = end + 1
        if length:
            yield first, last
