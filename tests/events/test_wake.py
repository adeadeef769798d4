"""Waiting for a write, also after a long rest."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from halo_engine.events import wake
from halo_engine.events.wake import Wake


@pytest.fixture(params=[0.0, 0.1, 60.0], ids=["rests", "comes-to-rest", "awake"])
def log(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wake, "CALM", request.param)
    path = tmp_path / "events.db"
    path.touch()
    return path


def test_nothing_written_is_told_when_the_time_is_over(log: Path) -> None:
    with Wake(log) as woken:
        assert woken.wait(0.3) is False


def test_a_write_wakes_whether_it_rests_or_not(log: Path) -> None:
    with Wake(log) as woken:
        for _ in range(3):
            woken.wait(0.2)
            writer = threading.Timer(0.15, log.write_text, ["more"])
            writer.start()
            assert woken.wait(30) is True
            writer.join()


def test_a_neighbour_does_not_wake(log: Path) -> None:
    with Wake(log) as woken:
        (log.parent / "other").write_text("x")
        assert woken.wait(0.3) is False


def test_the_wait_is_ended_from_another_thread(log: Path) -> None:
    ended = threading.Event()
    threading.Timer(0.2, ended.set).start()
    with Wake(log, ended) as woken:
        assert woken.wait() is False
