"""A file in blocks of whole records, whatever is in it and whatever happens to it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from halo_engine.logs import queries
from halo_engine.logs.files import LogFile
from halo_engine.logs.formats.text import Text
from halo_engine.logs.reading import Reading
from halo_engine.logs.sources import Source


def test_a_record_of_many_lines_is_looked_at_a_few_times_only(
    written: Callable[..., Path], source: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(b"2026-11-20 14:02:11 ERROR lost", *[b"    at x:1"] * 100_000, b"2026-11-20 14:02:12 INFO up")
    looked, begins = 0, Text.begins

    def counted(form: Text, line: bytes, before: bytes) -> bool:
        nonlocal looked
        looked += len(line) + len(before)
        return begins(form, line, before)

    monkeypatch.setattr(Text, "begins", counted)
    assert queries.stats([source(path)], Reading()).records == 2
    assert queries.search([source(path)], Reading()).count == 2
    assert looked < 12 * path.stat().st_size


@pytest.mark.parametrize("line", [b'{"msg":"one"}', b"2026-11-20 14:02:11 INFO one\n  more"])
def test_a_file_that_becomes_shorter_while_it_is_read_is_read_to_its_end(
    line: bytes, written: Callable[..., Path], source: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(*[line] * 10)
    with source(path).opened(path) as file:
        with path.open("r+b") as other:
            other.truncate(path.stat().st_size - 4)
        reads, read = 0, LogFile.read

        def counted(self: LogFile, start: int, end: int) -> bytes:
            nonlocal reads
            reads += 1
            assert reads < 100, "it goes on for ever"
            return read(self, start, end)

        monkeypatch.setattr(LogFile, "read", counted)
        assert b"".join(block for _, block in file.blocks(0, file.size, 20)) == path.read_bytes()
        assert file.align(file.size - 6) <= file.size
