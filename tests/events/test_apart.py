"""A history long enough for two processes gives the same rows as one."""

import os
import signal
from contextlib import closing

import pytest

from benchmarks.generate import filled
from halo_engine.events import apart, catching_up, store
from halo_engine.tasks.projection import tasks


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "MANY", 1000)
    return filled(tmp_path / "halo", 200, 3000)


def rows(workspace):
    with store.opened(workspace, tasks) as opened:
        return {row: opened.select(row, "ORDER BY 1") for row in tasks.rows}


@pytest.fixture
def alone(workspace, monkeypatch):
    with monkeypatch.context() as single:
        single.setattr(apart, "worthwhile", lambda *_: False)
        store.rebuild(workspace, tasks)
        return rows(workspace)


def test_two_processes_make_the_rows_of_one(workspace, alone):
    until = workspace.log.head()
    with closing(catching_up.connected(workspace.store / "tasks.db")) as connection:
        assert apart.worthwhile(tasks, connection, until) == (len(os.sched_getaffinity(0)) > 1)
        catching_up.clear(connection, tasks)
        with apart.Other(workspace, tasks, connection, until) as other:
            catching_up.fold(workspace.log, tasks, connection, until=until, share=other.ours)
            mine = connection.execute("SELECT count(*) FROM item").fetchone()[0]
            assert other.hand_over(tasks)
        assert 0 < mine < connection.execute("SELECT count(*) FROM item").fetchone()[0] == 200
    store.rebuild(workspace, tasks)
    assert rows(workspace) == alone
    assert not [path.name for path in workspace.store.iterdir() if "part" in path.name]


def test_rows_made_bit_by_bit_are_those_of_a_rebuild(workspace, alone):
    (workspace.store / "tasks.db").unlink()
    for moment in (1, 2, 700, 1900):
        with closing(catching_up.connected(workspace.store / "tasks.db")) as connection:
            catching_up.advance(workspace.at(moment), tasks, connection)
    assert rows(workspace) == alone


def test_a_store_in_memory_is_folded_by_one(workspace, alone):
    with closing(catching_up.in_memory(workspace, tasks)) as connection:
        assert connection.execute("SELECT count(*) FROM item").fetchone()[0] == 200


def test_a_rebuild_ends_well_when_the_other_process_dies(workspace, alone, monkeypatch):
    class Dying(apart.Other):
        def hand_over(self, projection):
            self._process.send_signal(signal.SIGKILL)
            return super().hand_over(projection)

    monkeypatch.setattr(apart, "Other", Dying)
    store.rebuild(workspace, tasks)
    assert rows(workspace) == alone
