"""Reading what is new in a file of a session, in one process or in two."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from halo_engine.agents.claude_tally import ClaudeTally
from halo_engine.agents.replies import Reply
from halo_engine.agents.sources import SOURCES
from halo_engine.agents.sources.source import Source, when
from halo_engine.agents.tally import Facts, Tally
from halo_engine.errors import BadData

BLOCK = 1 << 18
NEWLINE = ord("\n")
MARK = 256
"""Bytes before an offset that tell whether what was read is still what stands there."""
WORTH = 24 << 20
"""Bytes from which a second process is worth its start."""


class Job(msgspec.Struct):
    """A file to read, from an offset on."""

    source: str
    path: str
    size: int
    offset: int = 0
    carry: bytes = b""


class Scan(msgspec.Struct, omit_defaults=True):
    """What reading came to."""

    path: str
    offset: int = 0
    """Up to which byte it was read: the end of the last whole line."""
    mark: bytes = b""
    """A fingerprint of the bytes before the offset."""
    carry: bytes = b""
    replies: list[Reply] = []
    sessions: dict[str, Facts] = {}
    lines: int = 0
    damaged: int = 0
    unknown: dict[str, int] = {}
    fault: str = ""
    """Why it could not be read at all."""


def scan(job: Job) -> Scan:
    """Read a file on from where the job says. A last line without its end is left for later, unless it is whole."""
    path, source = Path(job.path), SOURCES[job.source]
    try:
        special = source.lines(path)
        return _whole(job, source, special) if special is not None else _onwards(job, source)
    except (OSError, BadData) as error:
        return Scan(job.path, fault=str(error))


def _whole(job: Job, source: Source, lines: Iterable[bytes]) -> Scan:
    tally, reader = Tally(), source.reader(Path(job.path))
    number = 0
    for number, line in enumerate(lines, 1):
        for record in reader.read(line, number):
            tally.add(record)
    for session, facts in tally.sessions.items():
        facts.about = reader.about(session)
    return _done(Scan(job.path, offset=job.size, lines=number, unknown=reader.unknown), tally)


def _onwards(job: Job, source: Source) -> Scan:
    path = Path(job.path)
    done = Scan(job.path, offset=job.offset)
    tally: Tally
    if source.name == "claude_code":
        tally = quick = ClaudeTally(path)
        for line in _lines(path, done):
            quick.line(line)
        quick.end()
        about, done.unknown = quick.about, quick.unknown
    else:
        tally, reader = Tally(), source.reader(path, job.carry)
        for line in _lines(path, done):
            for record in reader.read(line, done.lines):
                tally.add(record)
        about, done.unknown, done.carry = reader.about, reader.unknown, reader.carry()
    for session, facts in tally.sessions.items():
        facts.about = about(session)
    return _done(done, tally)


def _done(scan: Scan, tally: Tally) -> Scan:
    for facts in tally.sessions.values():
        facts.first, facts.last = when(facts.first), when(facts.last)
    scan.replies, scan.sessions, scan.damaged = tally.replies.all(), tally.sessions, tally.damaged
    return scan


def _lines(path: Path, done: Scan) -> Iterator[bytes]:
    """The whole lines from the offset on, blank ones left out; keeps offset, mark and number of lines in `done`."""
    with path.open("rb", buffering=BLOCK) as file:
        file.seek(done.offset)
        left = 0
        for line in file:
            if line[-1] != NEWLINE and not whole(line):
                left = len(line)
                break
            if len(line) > 2 or not line.isspace():
                done.lines += 1
                yield line
        done.offset = file.tell() - left
        done.mark = mark(path, done.offset)


def whole(line: bytes) -> bool:
    """Whether a line without its end is a JSON object that cannot go on."""
    try:
        return line.rstrip().endswith(b"}") and isinstance(msgspec.json.decode(line, type=dict[str, msgspec.Raw]), dict)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def mark(path: Path, offset: int) -> bytes:
    """The fingerprint of the bytes before an offset."""
    with path.open("rb") as file:
        file.seek(max(0, offset - MARK))
        return blake2b(file.read(min(MARK, offset)), digest_size=8).digest()


def scan_all(jobs: Sequence[Job]) -> Iterator[Scan]:
    """Read many files; in the order given. In two processes where that pays and nothing else runs in this one."""
    alone = threading.active_count() == 1 and (os.cpu_count() or 1) > 1
    if not alone or len(jobs) < 2 or sum(job.size - job.offset for job in jobs) < WORTH:
        yield from map(scan, jobs)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    workers = min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from map(_unpack, pool.map(_packed, jobs, chunksize=4))


_encode = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Scan).decode


def _packed(job: Job) -> bytes:
    return _encode(scan(job))
