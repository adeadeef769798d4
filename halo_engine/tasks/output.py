"""The output of a run: a file that may be large, in any encoding, and may still grow."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import msgspec

from halo_engine.errors import NotFound

BLOCK = 65_536
JSON_LIMIT = 1_000_000
"""Bytes of output, from its end, that an answer in JSON holds."""


class Output(msgspec.Struct, frozen=True):
    """Where a run's output is, its size, and its end."""

    path: str
    size: int
    """Bytes."""
    start: int
    """Offset of the first byte wanted."""
    text: str
    """The wanted part, at most the last `JSON_LIMIT` bytes; bytes that are not UTF-8 replaced."""


def of(path: Path, lines: int = 0) -> Output:
    """The output in a file, or its last `lines`.

    Raises NotFound when the file is gone.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise NotFound(f"the output {path} is not there any more", "nightctl runs says what it ended with") from error
    start = last_lines(path, lines) if lines else 0
    with path.open("rb") as file:
        file.seek(max(start, size - JSON_LIMIT))
        text = file.read(JSON_LIMIT).decode(errors="replace")
    return Output(str(path), size, start, text)


def last_lines(path: Path, lines: int) -> int:
    """Offset at which the last so many lines begin, found from the end in blocks."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        place, seen = end, 0
        while place > 0:
            step = min(BLOCK, place)
            file.seek(place - step)
            block = file.read(step)
            at = len(block) - (place == end and block.endswith(b"\n"))
            while (at := block.rfind(b"\n", 0, at)) >= 0:
                seen += 1
                if seen == lines:
                    return place - step + at + 1
            place -= step
    return 0


def write(output: Output) -> None:
    """The whole wanted part to stdout, byte for byte."""
    sys.stdout.flush()
    with Path(output.path).open("rb") as file:
        file.seek(output.start)
        shutil.copyfileobj(file, sys.stdout.buffer, BLOCK)
    sys.stdout.buffer.flush()
