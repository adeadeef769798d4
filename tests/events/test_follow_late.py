"""A follower that is woken before the commit shows: writing comes first, then the sync, then the commit."""

from __future__ import annotations

import threading
import time

import pytest

from halo_engine.events import wake
from halo_engine.tasks import commands
from halo_engine.workspace import Workspace


class EarlyWake(wake.Wake):
    """Is woken once, at once, and hears nothing afterwards."""

    woken = False

    def wait(self, idle: float | None = None) -> bool:
        if not self.woken:
            self.woken = True
            return True
        time.sleep(60.0 if idle is None else idle)
        return False


def test_a_commit_that_shows_after_its_notice_is_not_missed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.add(workspace, "Before")
    monkeypatch.setattr(wake, "Wake", EarlyWake)
    late = threading.Timer(0.1, commands.add, (Workspace(workspace.root), "After"))
    follower = workspace.log.follow(workspace.log.head(), idle=60.0)
    late.start()
    batch = next(follower)
    late.join()
    follower.close()
    assert [event.data().title for event in batch] == ["After"]
