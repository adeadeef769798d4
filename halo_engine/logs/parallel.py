"""One file read by several processes: each takes every n-th piece, and the answers come back in order.

Processes are forked, so this is for command lines, which have one thread; the workstation reads in one process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from msgspec import msgpack

from halo_engine.errors import Unavailable
from halo_engine.logs.files import LogFile

A = TypeVar("A")
PIECE = 8 << 20
"""Bytes that a process reads for one answer."""
WORTH = 16 * PIECE
"""Bytes below which a second process costs more than it saves."""


def pieces(file: LogFile, start: int, end: int) -> list[tuple[int, int]]:
    """A part of a file cut between records."""
    cuts = [start]
    for offset in range(start + PIECE, end, PIECE):
        cut = file.align(offset)
        if cuts[-1] < cut < end:
            cuts.append(cut)
    return list(zip(cuts, [*cuts[1:], end], strict=True)) if start < end else []


def mapped(
    work: Callable[[int, int], A], answer: type[A], parts: Sequence[tuple[int, int]], processes: int
) -> Iterator[A]:
    """`work` on each part, in order, in so many processes; 1: in this one, as the answers are wanted.

    `answer` must be something msgspec can move. Raises Unavailable when a process ends early.
    """
    if processes <= 1 or sum(end - start for start, end in parts) < WORTH:
        for start, end in parts:
            yield work(start, end)
        return
    import signal

    workers = [_forked(work, parts[each::processes]) for each in range(min(processes, len(parts)))]
    try:
        for place in range(len(parts)):
            yield msgpack.decode(_frame(workers[place % len(workers)][1]), type=answer)
    finally:
        for identity, pipe in workers:
            os.close(pipe)
            os.kill(identity, signal.SIGKILL)
            os.waitpid(identity, 0)


def _forked(work: Callable[[int, int], A], parts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """A process that works and writes its answers into a pipe: its id, and the end to read."""
    reading, writing = os.pipe()
    identity = os.fork()
    if identity:
        os.close(writing)
        return identity, reading
    code = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            for start, end in parts:
                frame = msgpack.encode(work(start, end))
                pipe.write(len(frame).to_bytes(8) + frame)
                pipe.flush()
        code = 0
    finally:
        os._exit(code)


def _frame(pipe: int) -> bytes:
    return _exactly(pipe, int.from_bytes(_exactly(pipe, 8)))


def _exactly(pipe: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = os.read(pipe, min(size, 1 << 20))
        if not part:
            raise Unavailable(
                "a process that was reading ended early", "repeat; with `processes: 1` in logctl.yaml if it stays so"
            )
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def processors() -> int:
    """How many processes may run at a time here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
