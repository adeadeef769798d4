"""A clock that is set while an instance runs: for a year, back by an hour, over both ends of summer time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from halo_engine.agents.prices import prices
from halo_engine.fleet import queries
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.instance.budget import Budget
from halo_engine.onboarding import queries as queries_of_people
from halo_engine.onboarding.states import State as Where
from halo_engine.times import zone
from tests.fleet.supervising import until
from tests.instance.conftest import opening, piece, refuses, says, stream
from tests.instance.test_admission import ANN, THROUGH, tell

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
JUMPS = ["+365d", "-1h", "@2026-10-25 00:59:57", "@2026-03-29 00:59:57", "-30d", "+0"]
"""A year on, an hour back, three seconds before summer time ends and begins in Europe, a month back, right again."""


class Clock:
    """The runtime's clock; what only goes on, its monotonic one, is left alone, as it is when a clock is set."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.set("+0")

    def set(self, to: str) -> None:
        draft = self.place.with_suffix(".new")
        draft.write_text(f"{to}\n")
        draft.replace(self.place)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.place),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }


@pytest.fixture
def clock(tmp_path) -> Clock:
    if LIBRARY is None:
        pytest.skip("needs libfaketime (apt install faketime)")
    return Clock(tmp_path / "faketime")


def test_set_while_it_runs_every_message_is_answered_once_and_its_heart_beats(dad, server, clock):
    server.replies = [says("Yes.")]
    dad.start(**clock.environment)
    for jump in JUMPS:
        clock.set(jump)
        before = vitals(dad.place)
        assert dad.tell(f"at {jump}", message_id=jump).state == "answered"
        assert dad.tell(f"at {jump}", message_id=jump).state == "answered"
        until(lambda before=before: vitals(dad.place).uptime > before.uptime)
        assert queries.alive(vitals(dad.place))
    years = {json.loads(line)["time"][:4] for line in (dad.place.logs / "instance.jsonl").read_text().splitlines()}
    assert len(years) > 1, "the clock was not set at all"
    with dad.store() as store:
        said = store.said("console", 100)
    assert [(message.text, answer.text) for message, answer in said] == [(f"at {jump}", "Yes.") for jump in JUMPS]
    assert len(server.asked) == len(JUMPS)
    asked = [turn["content"] for turn in server.asked[-1]["messages"] if turn["role"] == "user"]
    assert asked == [f"at {jump}" for jump in JUMPS], "the history is in the order in which it was said"
    assert dad.stop() == 0


def test_a_wait_for_the_next_try_is_as_long_as_it_is_whatever_the_clock_says(dad, server, clock):
    """By the clock, one of two seconds that is set back by an hour would last an hour."""
    dad.configure(backoff=2)
    server.replies = [refuses(529, "overloaded_error"), says("Yes.")]
    dad.start(**clock.environment)
    dad.tell("hello", message_id="m", wait=0)
    until(lambda: len(server.asked) == 1)
    clock.set("-1h")
    assert dad.tell("hello", message_id="m").state == "answered"
    assert len(server.asked) == 2


def test_a_turn_under_way_is_not_cut_off_by_a_clock_that_is_set(dad, server, clock):
    """The answer is being written when a year passes; no deadline has."""

    def slow(request):
        stream(opening(), piece("Yes"))(request)
        clock.set("+365d")
        says(", sir.")(request)

    server.replies = [slow, says("Yes.")]
    dad.start(**clock.environment)
    assert dad.tell("hello").state == "answered"


def test_a_day_that_comes_twice_has_one_budget(dad, server, clock, monkeypatch):
    """What was spent on a day is spent, also when the clock was on another day meanwhile."""
    server.replies = [says("Yes.")]
    dad.start(**clock.environment)
    dad.tell("one")
    today = vitals(dad.place).day
    until(lambda: vitals(dad.place).tokens > 0)
    first = vitals(dad.place).tokens
    clock.set("+1d")
    until(lambda: vitals(dad.place).day > today)
    assert vitals(dad.place).tokens == 0
    dad.tell("two")
    clock.set("+0")
    until(lambda: vitals(dad.place).day == today)
    assert vitals(dad.place).tokens == first


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-10-24T20:59:59", "2026-10-24"),
        ("2026-10-24T21:00:00", "2026-10-25"),
        ("2026-10-25T00:30:00", "2026-10-25"),
        ("2026-10-25T01:30:00", "2026-10-25"),
        ("2026-10-25T21:59:59", "2026-10-25"),
        ("2026-10-25T22:00:00", "2026-10-26"),
        ("2026-03-28T22:00:00", "2026-03-29"),
        ("2026-03-29T00:59:59", "2026-03-29"),
        ("2026-03-29T01:00:00", "2026-03-29"),
        ("2026-03-29T20:59:59", "2026-03-29"),
        ("2026-03-29T21:00:00", "2026-03-30"),
    ],
)
def test_a_day_of_23_or_25_hours_is_one_day(workspace, monkeypatch, instant, day):
    """Summer time of Europe ends on 25 October at 01:00 UTC, and begins on 29 March at 01:00 UTC."""
    monkeypatch.setenv("HALO_NOW", f"{instant}+00:00")
    assert Budget(prices(workspace), zone("Europe/Riga"), 1.0).day() == day


def test_a_zone_that_is_changed_begins_its_own_day(dad, server):
    """Whoever moves to where it is tomorrow already has tomorrow's budget there, and today's when they come back."""
    server.replies = [says("Yes.")]
    path = dad.workspace.root / "FLEET.yaml"
    whole = path.read_text()
    days = []
    for name in ("Etc/GMT+12", "Pacific/Kiritimati", "Etc/GMT+12"):
        path.write_text(f"{whole.rstrip()}\n  timezone: {name}\n")
        dad.start(HALO_NOW="2026-11-21T11:00:00+00:00")
        dad.tell(f"in {name}")
        dad.stop()
        days.append(vitals(dad.place).day)
    assert days == ["2026-11-20", "2026-11-22", "2026-11-20"]
    with dad.store() as store:
        assert store.spent(days[0]).tokens == 2 * store.spent(days[1]).tokens > 0


def test_the_next_start_goes_on_whatever_the_clock_was_when_it_died(dad, server):
    """Killed with a message under way a year from now; started today."""
    server.replies = [lambda request: server.over.wait(30), says("Yes.")]
    dad.start(HALO_NOW="2027-11-20T12:00:00+00:00")
    dad.tell("hello", message_id="m", wait=0)
    until(lambda: len(server.asked) == 1)
    dad.kill()
    dad.start(HALO_NOW="2026-11-20T12:00:00+00:00")
    assert dad.tell("hello", message_id="m").state == "answered"


def test_a_person_is_taken_through_once_whatever_the_clock_says(dad, server, clock):
    dad.configure(backoff=0, onboarding="true")
    dad.start(**clock.environment)
    for number, text in enumerate(THROUGH):
        clock.set(JUMPS[number % len(JUMPS)])
        assert tell(dad, text).kind == "onboarding"
    assert tell(dad, "Good morning").kind == "answer"
    found = queries_of_people.get(dad.workspace, ANN)
    assert found.state is Where.ACTIVE
    recorded = [event.type for event in dad.workspace.log.stream(f"user/{ANN}")]
    assert recorded.count("user.question.answered") == len([text for text in THROUGH if text.isdigit()])
    assert recorded.count("user.tutorial.read") == THROUGH.count("ok")
