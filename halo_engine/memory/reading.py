"""Reading many files: where there are two processors, in a process of its own while this one fills the index.

The other process is this module run as a program: paths in, notes out. It leaves nothing behind, however it ends.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO

from msgspec import msgpack

from halo_engine.memory import scanning
from halo_engine.memory.notes import Note, note_of

MANY = 5_000
"""Files from which a second process is worth its start."""
FRAME = struct.Struct(">I")
AT_A_TIME = 250
AHEAD = 2**20
"""Bytes that the other process may be ahead, where the system can: each reads on while the other is at work."""
Read = tuple[Note, int]
"""A note, and its file's modification time in nanoseconds."""


def notes(root: Path, paths: Sequence[str]) -> Iterator[Read]:
    """The notes at these paths, in order, each with its file's modification time; without those that have gone."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(paths) < MANY or processors < 2:
        yield from _here(root, paths)
        return
    done = 0
    for seen, batch in _elsewhere(root, paths):
        yield from batch
        done += seen
    yield from _here(root, paths[done:])


def _here(root: Path, paths: Iterable[str]) -> Iterator[Read]:
    for path in paths:
        found = scanning.read(root, path)
        if found:
            yield note_of(found[0], path), found[1]


def _elsewhere(root: Path, paths: Sequence[str]) -> Iterator[tuple[int, list[Read]]]:
    """How many paths were looked at, and their notes, as long as the other process lives."""
    words = [sys.executable, "-P", "-m", __name__, str(root)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as child:
        assert child.stdin
        assert child.stdout
        _widen(child.stdout)
        try:
            child.stdin.write(msgpack.encode(paths))
            child.stdin.close()
            while batch := _frame(child.stdout):
                yield batch
        except BrokenPipeError:
            return
        finally:
            child.kill()


def _widen(pipe: IO[bytes]) -> None:
    """Let the other process be ahead, as far as the system lets us."""
    import fcntl

    with suppress(OSError):  # beyond what is left to this user, or not to be had there
        fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", -1), AHEAD)


def _frame(pipe: IO[bytes]) -> tuple[int, list[Read]] | None:
    head = pipe.read(FRAME.size)
    body = pipe.read(FRAME.unpack(head)[0]) if len(head) == FRAME.size else b""
    return msgpack.decode(body, type=tuple[int, list[Read]]) if len(body) > 0 else None


def main(root: str) -> None:
    """Read the files whose paths come on stdin."""
    paths = iter(msgpack.decode(sys.stdin.buffer.read(), type=list[str]))
    while part := list(islice(paths, AT_A_TIME)):
        body = msgpack.encode((len(part), list(_here(Path(root), part))))
        sys.stdout.buffer.write(FRAME.pack(len(body)) + body)


if __name__ == "__main__":
    main(*sys.argv[1:])
