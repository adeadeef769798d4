"""Files as bytes that can be read at any offset: plain ones as they are, packed ones and stdin unpacked once."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from weakref import WeakKeyDictionary, finalize

from halo_engine import console
from halo_engine.unpacking import ZstFile

PACKED = (".gz", ".zst", ".bz2", ".xz")
STDIN = Path("-")
BLOCK = 1 << 20
"""Bytes that are read at a time."""


def opened(path: Path) -> IO[bytes]:
    """The bytes of a log file, seekable. What is packed, or a pipe, goes to a nameless file on disk, not into memory;
    a pipe, which gives its bytes once, only the first time.

    A packed file that is damaged gives what can be unpacked, with a word on stderr. Raises OSError.
    """
    if path.suffix in PACKED:
        with _unpacker(path) as file:
            return _spooled(file, path)
    if path != STDIN and stat.S_ISREG(path.stat().st_mode):
        return path.open("rb", buffering=0)
    pipe = _pipe(path)
    if pipe not in _poured:
        _poured[pipe] = _spooled(pipe, path)
        finalize(pipe, _poured[pipe].close)
        if path != STDIN:
            pipe.close()
    return os.fdopen(os.dup(_poured[pipe].fileno()), "rb", buffering=0)


_pipes: dict[tuple[int, int], IO[bytes]] = {}
"""By device and number: those that were opened."""
_poured: WeakKeyDictionary[Any, IO[bytes]] = WeakKeyDictionary()
"""What came out of them."""


def _pipe(path: Path) -> Any:
    if path == STDIN:
        return sys.stdin.buffer
    status = path.stat()
    key = status.st_dev, status.st_ino
    if key not in _pipes:
        _pipes[key] = path.open("rb", buffering=0)
    return _pipes[key]


def _unpacker(path: Path) -> Any:
    if path.suffix == ".zst":
        return ZstFile(path)
    module = __import__({".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}[path.suffix])
    return module.open(path, "rb")


def _spooled(file: Any, path: Path) -> IO[bytes]:
    import tempfile

    spool = tempfile.TemporaryFile(prefix="halo-logs-", buffering=0)  # noqa: SIM115 (its reader closes it)
    for block in _salvaged(file, path):
        view = memoryview(block)
        while view:
            view = view[spool.write(view) :]
    return spool


def _salvaged(file: Any, path: Path) -> Iterator[bytes]:
    faults: tuple[type[Exception], ...] = (EOFError, OSError)
    if path.suffix in PACKED:
        import zlib
        from lzma import LZMAError

        faults = (*faults, zlib.error, LZMAError)
        if path.suffix == ".zst":
            from zstandard import ZstdError

            faults = (*faults, ZstdError)
    read = getattr(file, "read1", file.read)  # `read` would lose what it has when the file ends too soon
    try:
        while block := read(65_536):
            yield block
    except faults as error:
        console.note(f"{path}: damaged, read as far as it goes: {error}")


def identity(file: IO[bytes]) -> tuple[int, int]:
    """What stays the same when a file is renamed."""
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino


def beginning(path: Path, size: int) -> bytes:
    """The first bytes of a packed file; what can be had of a damaged one."""
    parts: list[bytes] = []
    with _unpacker(path) as file:
        for block in _salvaged(file, path):
            parts.append(block)
            if sum(map(len, parts)) >= size:
                break
    return b"".join(parts)[:size]
