"""What an instance may spend, and what it says that it has spent."""

from __future__ import annotations

import time
from datetime import UTC
from zoneinfo import ZoneInfo

import msgspec
import pytest

from halo_engine.agents.prices import prices
from halo_engine.fleet import manifest
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.instance.budget import Budget
from halo_engine.streaming import Question, Usage
from tests.instance.conftest import says

MODEL = "claude-sonnet-5-5"


@pytest.fixture
def budget(workspace):
    return Budget(prices(workspace), UTC, 1.0)


def test_a_model_that_nobody_knows_costs_as_much_as_the_dearest(budget):
    usage = Usage(input=1000, output=1000)
    assert 0 < budget.cost(MODEL, usage) <= budget.cost("nobody-knows-1", usage)
    assert budget.cost(MODEL, Usage(cache_read=1000)) < budget.cost(MODEL, Usage(input=1000))


def test_the_most_that_a_call_can_cost_is_more_than_it_does(budget):
    question = Question("You are brief. " * 50, ("hello",), 500)
    most = budget.most(question)
    assert most.estimated
    assert budget.cost(MODEL, most) >= budget.cost(MODEL, Usage(input=question.estimate(), output=500))


def test_the_day_is_a_day_where_its_people_are(workspace, monkeypatch):
    monkeypatch.setenv("HALO_NOW", "2026-11-20T23:30:00+00:00")
    days = [Budget(prices(workspace), ZoneInfo(zone), None).day() for zone in ("UTC", "Europe/Riga", "America/Lima")]
    assert days == ["2026-11-20", "2026-11-21", "2026-11-20"]


def test_no_limit_allows_everything_and_a_limit_counts_what_is_set_aside(workspace, budget):
    assert Budget(prices(workspace), UTC, None).allows(1e6, 1e6)
    assert budget.allows(0.9, 0.1)
    assert not budget.allows(0.95, 0.1)


def test_what_was_spent_is_said_and_ends_in_a_refusal(dad, server):
    """Twenty messages in twenty chats, and money for three of them at the most that each can cost."""
    made = Budget(prices(dad.workspace), UTC, None)
    one = made.cost(MODEL, made.most(Question("You are the Captain's assistant.\n", ("hello 10",), 4096)))
    manifest.put(dad.workspace, msgspec.structs.replace(manifest.read(dad.workspace).instances[0], budget=one * 3))
    server.replies = [says("Yes.", tokens=200_000)]
    dad.start()
    for n in range(20):
        dad.tell(f"hello {n:02}", chat=f"chat-{n}", message_id=f"m{n}", wait=0)
    replies = [dad.tell(f"hello {n:02}", chat=f"chat-{n}", message_id=f"m{n}") for n in range(20)]
    states = [reply.state for reply in replies]
    assert 1 <= states.count("answered") <= 4
    assert all("spend today" in reply.text for reply in replies if reply.state == "failed")
    assert len(server.asked) == states.count("answered")
    time.sleep(2.2)
    said = vitals(dad.place)
    assert said.tokens == states.count("answered") * 200_012
    assert said.cost == pytest.approx(states.count("answered") * made.cost(MODEL, Usage(200_000, 7, 0, 5)))
    assert (said.accepted, said.waiting, said.chats) == (20, 0, 20)
