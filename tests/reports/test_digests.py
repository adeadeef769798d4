"""What memory and the fleet bring to briefings and reports is what happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from halo_engine import clock
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.briefings import commands as briefings
from halo_engine.digest import Days
from halo_engine.fleet import digest as fleet
from halo_engine.fleet import lifecycle
from halo_engine.fleet.operations import demo
from halo_engine.memory import commands as notes
from halo_engine.memory import digest as memory
from halo_engine.memory.commands import Draft
from tests.fleet.furnishing import down

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
DAYS = Days(date(2026, 11, 19), 3, UTC)


@pytest.fixture(autouse=True)
def morning():
    with clock.held(NOW):
        yield


def figures(measures):
    return {each.name: each.values for each in measures}


def texts(row, name):
    return [point.text for each in row.sections if each.name == name for point in each.points]


def test_notes_are_counted_on_the_day_they_were_made(workspace):
    for ago, title in ((9, "Old"), (2, "Two days"), (2, "Two days too"), (0, "Today")):
        with clock.held(NOW - timedelta(days=ago, hours=1)):
            notes.new(workspace, Draft(f"{title} says something of its own"), force=True)
    found = figures(memory.report(workspace, DAYS))
    assert found["memory.added"] == (2, 0, 1)
    assert found["memory.notes"] == (3, 3, 4)
    row = briefings.generate(workspace, NOW.date(), ai=False)
    assert texts(row, "memory") == ["1 note new", "note-4 Today says something of its own (fact)"]


def test_an_instance_with_an_alert_had_a_day_with_trouble(workspace):
    with clock.held(NOW - timedelta(days=20)):
        demo(workspace, Random(7))
    with clock.held(NOW - timedelta(days=1)):
        alerts.raise_(workspace, Raising("error", "a", "trouble", instance="dad"))
        alerts.raise_(workspace, Raising("error", "b", "more of it", instance="dad"))
        alerts.raise_(workspace, Raising("error", "c", "elsewhere"))
    instances, health = fleet.report(workspace, DAYS)
    assert instances.values[-1] == 5
    assert health.over(0, 3) == pytest.approx(14 / 15)


def test_what_is_down_is_told_first_and_what_is_frozen_is_not_down(workspace):
    down(workspace)
    lifecycle.freeze(workspace, "mum")
    row = briefings.generate(workspace, NOW.date(), ai=False)
    said = texts(row, "fleet")
    assert said[0].startswith("0 of 3 up")
    assert "dad is down" in said
    assert not any(each.startswith("mum is down") for each in said)
