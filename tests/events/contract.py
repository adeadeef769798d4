"""What every event log does: tests that an implementation inherits, with a `log` fixture of its own.

class TestServerLog(LogContract):
    @pytest.fixture
    def log(self): ...
    @pytest.fixture
    def opened(self): ...     # another log object on the same store
    @pytest.fixture
    def appender(self): ...   # the command line of a program that appends as `APPENDER` says
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from itertools import islice

import pytest

from halo_engine import clock
from halo_engine.errors import Conflict
from halo_engine.events.log import EventLog
from halo_engine.events.model import Event, New, Payload, fact

LONG = 30
"""Seconds that something may take that takes milliseconds, before the test calls it hung."""


@fact("probe.thing.seen", "probe.thing.left")
class Seen(Payload, frozen=True, omit_defaults=True):
    what: str = ""


def seen(stream: str, what: str = "", expected: int | None = None, cause: Event | None = None) -> New:
    return New(stream, "probe.thing.seen", Seen(what), expected, cause)


def plain(events: object) -> list[tuple[object, ...]]:
    """Events without their hashes, which a log may leave out where nobody asked for them."""
    return [
        (e.position, e.id, e.stream, e.version, e.type, e.schema, e.time, e.source, e.payload, e.correlation_id)
        for e in events  # type: ignore[attr-defined]
    ]


class LogContract:
    """The contract of `EventLog`."""

    def test_an_empty_log(self, log: EventLog) -> None:
        assert (log.head(), log.head("probe"), list(log.read()), log.stream("probe/a")) == (0, 0, [], [])
        assert log.append([]) == []
        assert log.head() == 0

    def test_versions_and_positions_count_from_one(self, log: EventLog) -> None:
        made = [log.append([seen(f"probe/{name}")])[0] for name in "abaab"]
        assert [event.position for event in made] == [1, 2, 3, 4, 5]
        assert [event.version for event in made] == [1, 1, 2, 3, 2]
        assert log.head() == 5

    def test_what_is_read_is_what_was_appended(self, log: EventLog) -> None:
        text = 'Grüße \0 \U0001f989 \u202e "' + "x" * 100_000
        made = log.append([seen("probe/a", text), seen("probe/b")])
        assert plain(log.read()) == plain(made)
        assert plain(log.stream("probe/a")) == plain(made[:1])
        assert next(log.read()).data() == Seen(text)

    def test_the_envelope(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HALO_HOST", "lab")
        before = clock.stamp()
        (event,) = log.append([seen("probe/a")])
        assert before <= event.time <= clock.stamp()
        assert (event.type, event.schema, event.source) == ("probe.thing.seen", 1, "operator@lab")
        assert (event.correlation_id, event.causation_id) == (event.id, None)

    def test_who_acts_and_why_come_from_the_environment(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"ACTOR": "job:T-001", "HOST": "lab", "CORRELATION_ID": "c-1"}.items():
            monkeypatch.setenv(f"HALO_{name}", value)
        (event,) = log.append([seen("probe/a")])
        assert (event.source, event.actor) == ("job:T-001@lab", "job:T-001")
        assert (event.correlation_id, event.causation_id) == ("c-1", "c-1")
        monkeypatch.setenv("HALO_CAUSATION_ID", "e-9")
        (event,) = log.append([seen("probe/a")])
        assert (event.correlation_id, event.causation_id) == ("c-1", "e-9")

    def test_events_of_one_call_belong_together(self, log: EventLog) -> None:
        first, second = log.append([seen("probe/a"), seen("probe/b")])
        assert first.correlation_id == second.correlation_id == first.id
        (other,) = log.append([seen("probe/a")])
        assert other.correlation_id == other.id

    def test_a_cause_is_named_and_goes_before_the_environment(
        self, log: EventLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (cause,) = log.append([seen("probe/a")])
        monkeypatch.setenv("HALO_CORRELATION_ID", "c-1")
        (effect,) = log.append([seen("probe/b", cause=cause)])
        assert (effect.causation_id, effect.correlation_id) == (cause.id, cause.correlation_id)

    def test_ids_are_unique_and_ascend(self, log: EventLog) -> None:
        ids = [event.id for _ in range(20) for event in log.append([seen("probe/a"), seen("probe/b")])]
        assert len(set(ids)) == 40
        assert ids == sorted(ids)

    def test_order_is_by_position_not_by_clock(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        for year in (2030, 2020, 2025):
            monkeypatch.setenv("HALO_NOW", f"{year}-01-01T00:00:00+00:00")
            log.append([seen("probe/a", str(year))])
        assert [event.data().what for event in log.read()] == ["2030", "2020", "2025"]
        assert [event.version for event in log.stream("probe/a")] == [1, 2, 3]

    @pytest.mark.parametrize("expected", [0, 1, 3, 99])
    def test_a_conflict(self, log: EventLog, expected: int) -> None:
        log.append([seen("probe/a"), seen("probe/a")])
        with pytest.raises(Conflict, match="probe/a") as caught:
            log.append([seen("probe/a", expected=expected)])
        assert caught.value.exit_code == 4
        assert log.head() == 2

    def test_the_expected_version(self, log: EventLog) -> None:
        log.append([seen("probe/a", expected=0)])
        log.append([seen("probe/a", expected=1), seen("probe/a")])
        log.append([seen("probe/a")])
        assert [event.version for event in log.stream("probe/a")] == [1, 2, 3, 4]

    def test_all_or_none_over_several_streams(self, log: EventLog) -> None:
        log.append([seen("probe/a")])
        with pytest.raises(Conflict):
            log.append([seen("probe/b"), seen("probe/c", expected=0), seen("probe/a", expected=0)])
        assert (log.head(), log.stream("probe/b"), log.stream("probe/c")) == (1, [], [])
        assert [event.position for event in log.append([seen("probe/b"), seen("probe/a", expected=1)])] == [2, 3]

    def test_conflicts_leave_no_gaps(self, log: EventLog) -> None:
        for _ in range(5):
            log.append([seen("probe/a")])
            with pytest.raises(Conflict):
                log.append([seen("probe/b"), seen("probe/a", expected=0)])
        assert [event.position for event in log.read()] == [1, 2, 3, 4, 5]

    def test_of_two_writers_one_wins(self, log: EventLog, opened: Callable[[], EventLog]) -> None:
        other = opened()
        log.append([seen("probe/a", "first")])
        assert len(other.stream("probe/a")) == 1
        other.append([seen("probe/a", "theirs", expected=1)])
        with pytest.raises(Conflict):
            log.append([seen("probe/a", "ours", expected=1)])
        assert [event.data().what for event in log.stream("probe/a")] == ["first", "theirs"]
        other.close()

    def test_reading_a_part(self, log: EventLog) -> None:
        log.append([seen(f"{module}/a") for module in ("probe", "other", "probe", "probe-key", "probe")])
        assert [event.position for event in log.read(2)] == [3, 4, 5]
        assert [event.position for event in log.read(1, until=3)] == [2, 3]
        assert [event.position for event in log.read(limit=2)] == [1, 2]
        assert [event.position for event in log.read(limit=0)] == []
        assert [event.position for event in log.read(module="probe")] == [1, 3, 5]
        assert [event.position for event in log.read(1, until=4, module="probe", limit=1)] == [3]
        assert [event.position for event in log.read(5)] == [event.position for event in log.read(10**15)] == []
        assert [log.head(module) for module in (None, "probe", "other", "nobody")] == [5, 5, 2, 0]

    @pytest.mark.parametrize("name", ["probe/T-001", "probe/a b", "probe/ä.*>", "probe/a/b", "probe/'\"", "probe/%_"])
    def test_streams_may_be_called_anything(self, log: EventLog, name: str) -> None:
        log.append([seen("probe/x"), seen(name, expected=0)])
        assert [(event.stream, event.version) for event in log.stream(name)] == [(name, 1)]
        assert log.head("probe") == 2

    def test_appending_while_reading(self, log: EventLog, opened: Callable[[], EventLog]) -> None:
        log.append([seen("probe/a") for _ in range(100)])
        other = opened()
        read = log.read()
        assert [event.position for event in islice(read, 3)] == [1, 2, 3]
        other.append([seen("probe/b")])
        log.append([seen("probe/c")])
        rest = [event.position for event in read]
        assert rest[:97] == list(range(4, 101))
        assert [event.stream for event in log.read(100)] == ["probe/b", "probe/c"]
        other.close()

    def test_threads_share_a_log(self, log: EventLog) -> None:
        def write(name: str) -> None:
            for _ in range(50):
                log.append([seen(f"probe/{name}"), seen("probe/shared")])
                assert log.stream(f"probe/{name}")

        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
        assert [event.position for event in log.read()] == list(range(1, 301))
        assert [event.version for event in log.stream("probe/shared")] == list(range(1, 151))

    def test_threads_that_conflict_and_retry(self, log: EventLog) -> None:
        """What a counter would do: nothing is lost, nothing counts twice."""

        def count() -> None:
            done = 0
            while done < 25:
                version = len(log.stream("probe/count"))
                try:
                    log.append([seen("probe/count", str(version + 1), expected=version)])
                except Conflict:
                    continue
                done += 1

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
        assert [event.data().what for event in log.stream("probe/count")] == [str(n) for n in range(1, 101)]

    def test_follow_begins_with_what_is_there(self, log: EventLog) -> None:
        log.append([seen("probe/a") for _ in range(5)])
        followed = log.follow(2)
        assert [event.position for event in next(followed)] == [3, 4, 5]
        followed.close()  # type: ignore[attr-defined]

    def test_follow_has_pauses(self, log: EventLog) -> None:
        followed = log.follow(0, idle=0.01)
        assert next(followed) == []
        log.append([seen("probe/a")])
        assert [event.position for batch in islice(followed, 1) for event in batch] == [1]
        assert next(followed) == []
        followed.close()  # type: ignore[attr-defined]

    def test_follow_misses_nothing_between_two_looks(self, log: EventLog) -> None:
        followed = log.follow(0)
        heard = []
        for number in range(20):
            log.append([seen("probe/a", str(number)), seen("probe/b")])
            heard += next(followed)
        while len(heard) < 40:
            heard += next(followed)
        assert [event.position for event in heard] == list(range(1, 41))
        followed.close()  # type: ignore[attr-defined]

    def test_follow_wakes_when_another_process_appends(
        self, log: EventLog, appender: list[str], record_property: Callable[[str, object], None]
    ) -> None:
        """How fast is recorded, not judged: `benchmarks/` does that."""
        waits = []
        heard: list[Event] = []
        ready = threading.Event()

        def listen() -> None:
            followed = log.follow(0, idle=0.001)
            for batch in followed:
                ready.set()
                waits.extend(time.time() - clock.instant(event.time).timestamp() for event in batch)
                heard.extend(batch)
                if len(heard) >= 20:
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        assert ready.wait(LONG)
        subprocess.run([*appender, "probe/far", "20", "0.02"], check=True, timeout=LONG, env=dict(os.environ))
        thread.join(LONG)
        assert [(event.stream, event.version) for event in heard] == [("probe/far", n) for n in range(1, 21)]
        record_property("median_wake_ms", round(sorted(waits)[10] * 1000, 1))
        assert sorted(waits)[10] < 5

    def test_another_process_is_read_at_once(self, log: EventLog, appender: list[str]) -> None:
        log.append([seen("probe/a")])
        subprocess.run([*appender, "probe/far", "3", "0"], check=True, timeout=LONG)
        assert [event.stream for event in log.read()] == ["probe/a", *["probe/far"] * 3]
        assert log.head() == 4

    def test_closing(self, log: EventLog) -> None:
        log.append([seen("probe/a")])
        log.close()
        log.close()
        assert log.head() == 1, "a closed log opens again when it is asked"
        log.close()


APPENDER = """
import sys, time
from tests.events.contract import seen
def append(log):
    stream, count, pause = sys.argv[-3], int(sys.argv[-2]), float(sys.argv[-1])
    for _ in range(count):
        log.append([seen(stream)])
        time.sleep(pause)
"""
"""A program that appends so many events to a stream, with a pause after each; to be called with a log."""
