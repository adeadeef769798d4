"""Many files are read in a process of their own, to the same notes."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from halo_engine.memory import reading


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of notes, more than are read at a time; one has gone, one is no UTF-8."""
    monkeypatch.setattr(reading, "MANY", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    paths = [f"n{number:03}.md" for number in range(600)]
    for path in paths:
        (tmp_path / path).write_text(f"# Claim {path}\n\nIt holds.\n")
    (tmp_path / paths[8]).write_bytes(b"# odd \xff\n")
    for path in paths:
        os.utime(tmp_path / path, (1, 1))
    (tmp_path / paths[7]).unlink()
    return paths


def here(root: Path, paths: list[str]) -> list[reading.Read]:
    return list(reading._here(root, paths))


def test_the_same_notes_in_the_same_order(tmp_path: Path, many: list[str]) -> None:
    found = list(reading.notes(tmp_path, many))
    assert found == here(tmp_path, many)
    assert len(found) == 599


def test_a_pipe_that_cannot_be_widened(tmp_path: Path, many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(1, "beyond what is left to this user")

    monkeypatch.setattr(fcntl, "fcntl", refused)
    assert list(reading.notes(tmp_path, many)) == here(tmp_path, many)


def test_what_the_other_process_leaves_is_read_here(
    tmp_path: Path, many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, seen = reading._frame, 0

    def ends_early(pipe: object) -> object:
        nonlocal seen
        seen += 1
        return frame(pipe) if seen == 1 else None  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "_frame", ends_early)
    assert list(reading.notes(tmp_path, many)) == here(tmp_path, many)
