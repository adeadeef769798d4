"""The log as it was, and the log that nothing is written to."""

from __future__ import annotations

import pytest

from halo_engine.errors import BadConfig, Conflict, NotAllowed
from halo_engine.events.opening import DryLog, PastLog
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.workspace import Workspace
from tests.events.contract import LogContract, plain, seen


@pytest.fixture
def real(tmp_path):
    log = SqliteLog(tmp_path / "events.db")
    yield log
    log.close()


class TestThePresentAsPast(LogContract):
    """A log as it was at its very end reads like the log itself."""

    class Present:
        """Writes to the log, reads from its past."""

        def __init__(self, log):
            self._log = log
            self.append, self.close, self.follow = log.append, log.close, log.follow

        def __getattr__(self, name):
            return getattr(PastLog(self._log, self._log.head()), name)

    @pytest.fixture
    def log(self, real):
        return self.Present(real)

    @pytest.fixture
    def opened(self, real):
        return lambda: SqliteLog(real.path)

    test_follow_wakes_when_another_process_appends = None
    test_another_process_is_read_at_once = None


def test_the_past_knows_nothing_later(real):
    for module in ("probe", "other", "other", "probe", "other"):
        real.append([seen(f"{module}/a")])
    past = PastLog(real, 3)
    assert [past.head(), past.head("probe"), past.head("other"), past.head("nobody")] == [3, 1, 3, 0]
    assert [event.position for event in past.read()] == [1, 2, 3]
    assert [event.position for event in past.read(1, until=9, module="other", limit=5)] == [2, 3]
    assert [event.version for event in past.stream("other/a")] == [1, 2]
    assert [PastLog(real, moment).head("probe") for moment in range(7)] == [0, 1, 1, 1, 4, 4, 4]


def test_the_past_is_not_changed(real):
    real.append([seen("probe/a")])
    past = PastLog(real, 1)
    with pytest.raises(NotAllowed, match="this is the past"):
        past.append([seen("probe/a")])
    with pytest.raises(NotAllowed, match="does not go on"):
        past.follow(0)
    assert real.head() == 1


def test_a_dry_log_says_what_would_be_appended(real, monkeypatch):
    (cause,) = real.append([seen("probe/a")])
    before = real.path.read_bytes()
    dry = DryLog(real)
    monkeypatch.setenv("HALO_ACTOR", "job:T-1")
    monkeypatch.setenv("HALO_CORRELATION_ID", "c-1")
    dry.append([seen("probe/a", "x", expected=1), seen("probe/a"), seen("probe/b", cause=cause)])
    dry.append([seen("probe/a", expected=3)])
    assert [(e.position, e.stream, e.version, e.actor, e.correlation_id, e.causation_id) for e in dry.planned] == [
        (2, "probe/a", 2, "job:T-1", "c-1", "c-1"),
        (3, "probe/a", 3, "job:T-1", "c-1", "c-1"),
        (4, "probe/b", 1, "job:T-1", cause.id, cause.id),
        (5, "probe/a", 4, "job:T-1", "c-1", "c-1"),
    ]
    assert [event.version for event in dry.stream("probe/a")] == [1, 2, 3, 4]
    assert plain(real.read()) == plain([cause])
    assert real.path.read_bytes() == before


def test_a_dry_log_refuses_what_the_log_would_refuse(real):
    real.append([seen("probe/a")])
    dry = DryLog(real)
    with pytest.raises(Conflict) as dry_words:
        dry.append([seen("probe/b"), seen("probe/a", expected=0)])
    with pytest.raises(Conflict) as words:
        real.append([seen("probe/b"), seen("probe/a", expected=0)])
    assert dry_words.value.message == words.value.message
    assert dry.planned == []
    assert dry.stream("probe/b") == []


def test_a_dry_log_makes_no_file(tmp_path):
    dry = DryLog(SqliteLog(tmp_path / "store" / "events.db"))
    assert [event.position for event in dry.append([seen("probe/a", expected=0)])] == [1]
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_bus(tmp_path):
    (tmp_path / "halo.yaml").write_text("bus:\n  url: carrier-pigeon\n")
    with pytest.raises(BadConfig, match="carrier-pigeon"):
        _ = Workspace(tmp_path).log
