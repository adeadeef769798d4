"""Debian's real cron: a job is installed, fired by it, and seen in the history. Needs root, as cron does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from halo_engine.cron import crontab, queries
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined

LONGEST = 100
"""Seconds: a minute until cron looks, and time to do it."""


@pytest.fixture
def own_crontab() -> Iterator[None]:
    """This user's crontab, empty for the time of the test."""
    before = crontab.read()
    crontab.write(b"")
    yield
    crontab.write(before)
    if not before:
        subprocess.run(["crontab", "-r"], check=True)


@contextmanager
def cron() -> Iterator[None]:
    """Cron running; where it runs already, the new one leaves by itself."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    daemon = subprocess.Popen([*as_root, "/usr/sbin/cron", "-f"], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def plain(tail: str) -> list[str]:
    """What a run said, without what tells it from others."""
    return sorted(line for line in tail.splitlines() if not line.startswith("HALO_"))


@pytest.mark.timeout(200)
def test_installed_fired_and_seen_in_the_history(
    workspace: Workspace,
    programs: Path,
    own_crontab: None,
    cronctl: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    foreign = b"# a line of the user\n17 3 29 2 * echo never mind\n"
    crontab.write(foreign)
    defined(
        workspace,
        "tick",
        schedule="* * * * *",
        command="echo from cron as $LOGNAME in $(pwd); echo 50%; env; tty; true",
    )
    assert cronctl("install").code == 0
    begun = time.monotonic()
    with cron():
        while not (found := queries.history(workspace, "tick", outcome="succeeded")[0]):
            assert time.monotonic() - begun < LONGEST, queries.history(workspace, "tick")
            time.sleep(0.5)
    assert found[0].trigger == "schedule"
    assert found[0].occurrence.endswith(":00.000000Z")
    assert "from cron as" in found[0].tail
    assert "50%" in found[0].tail
    monkeypatch.setenv("LANG", "of_whoever_calls")
    monkeypatch.setenv("LEAK", "from the shell")
    by_hand = cronctl("run", "tick", "--json").data[0]
    assert plain(by_hand["tail"]) == plain(found[0].tail), "the same environment"
    assert cronctl("uninstall").code == 0
    assert crontab.read() == foreign
