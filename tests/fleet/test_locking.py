"""Locks: one has them, others see that, and who only looks is in nobody's way."""

from __future__ import annotations

import threading

import pytest

from halo_engine.errors import Conflict
from halo_engine.fleet import recording
from halo_engine.fleet.files import locking


def test_looking_whether_a_command_is_under_way_keeps_nobody_away(workspace):
    with recording.alone(workspace, "dad"):
        pass
    assert not recording.busy(workspace, "dad")
    look = (workspace.run / "fleet" / "dad.lock").open()
    assert not locking.held(look)
    threading.Timer(0.1, look.close).start()
    with recording.alone(workspace, "dad"):
        assert recording.busy(workspace, "dad")
    with recording.alone(workspace, "dad"), pytest.raises(Conflict), recording.alone(workspace, "dad"):
        pass


def test_one_is_held_until_it_is_closed(tmp_path):
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        assert locking.taken(first)
        assert locking.held(second)
        assert not locking.taken(second, patience=0.05)
        first.close()
        assert locking.taken(second)
