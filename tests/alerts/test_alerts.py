"""The life of an alert, through the command line and the functions below it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from halo_engine import clock
from halo_engine.alerts import commands, queries
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.projection import alerts
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import FOR_EVER, Action, Severity, State
from halo_engine.errors import Conflict, NotAllowed, NotFound, Usage
from halo_engine.events import store

SPIN = Raising("spin", "s-1", "goes nowhere", instance="ben", evidence={"repeat": "9 times"})


def test_the_same_trouble_is_one_alert(workspace):
    first = commands.raise_(workspace, SPIN)
    again = commands.raise_(workspace, SPIN)
    other = commands.raise_(workspace, Raising("spin", "s-2", "another"))
    assert (first.alert.id, again.alert.id, other.alert.id) == ("A-001", "A-001", "A-002")
    assert again.events == []
    assert "already" in again.note
    assert first.alert.evidence == {"repeat": "9 times"}


def test_worse_is_said_and_better_is_not(workspace):
    commands.raise_(workspace, SPIN)
    commands.acknowledge(workspace, "1", "seen")
    worse = commands.raise_(workspace, Raising("spin", "s-1", "much worse", Severity.CRITICAL))
    assert (worse.alert.state, worse.alert.severity, worse.alert.title) == (
        State.RAISED,
        Severity.CRITICAL,
        "much worse",
    )
    assert commands.raise_(workspace, SPIN).events == []


def test_an_alert_comes_back_on_its_own_stream(workspace):
    commands.raise_(workspace, SPIN)
    assert commands.settle(workspace, "spin", "s-1", "work moves again").alert.reason == "work moves again"
    assert commands.settle(workspace, "spin", "s-1", "again") is None
    assert commands.settle(workspace, "spin", "unheard of", "?") is None
    back = commands.raise_(workspace, SPIN).alert
    assert (back.id, back.times, back.state, back.reason) == ("A-001", 2, State.RAISED, "")
    assert [event.type for event in queries.history(workspace, "A-1")] == [
        "alert.item.raised",
        "alert.item.resolved",
        "alert.item.raised",
    ]


def test_a_muted_alert_stays_muted_when_it_comes_back_and_is_heard_when_its_time_has_come(workspace):
    commands.raise_(workspace, SPIN)
    end = clock.stamp(clock.now() + timedelta(hours=2))
    assert commands.mute(workspace, "1", end).alert.shown(clock.stamp()) is State.MUTED
    assert commands.mute(workspace, "1", end).events == []
    commands.resolve(workspace, "1")
    back = commands.raise_(workspace, SPIN).alert
    assert back.shown(clock.stamp()) is State.MUTED
    assert queries.page(workspace, AlertFilter()) == ([], 0)
    with clock.held(clock.now() + timedelta(hours=3)):
        assert queries.counts(workspace)[State.RAISED] == 1
    commands.mute(workspace, "1")
    assert queries.alert(workspace, "1").muted_until == FOR_EVER
    assert commands.unmute(workspace, "1").alert.shown(clock.stamp()) is State.RAISED
    assert commands.unmute(workspace, "1").events == []


def test_what_cannot_be_done_says_so(workspace):
    with pytest.raises(NotFound):
        commands.acknowledge(workspace, "A-9")
    with pytest.raises(Usage):
        commands.raise_(workspace, Raising("spin", " ", "nothing"))
    commands.raise_(workspace, SPIN)
    with pytest.raises(Usage):
        commands.mute(workspace, "1", "2001-01-01T00:00:00.000000Z")
    commands.resolve(workspace, "1")
    assert commands.resolve(workspace, "1").events == []
    with pytest.raises(NotAllowed):
        commands.acknowledge(workspace, "1")


def test_references(workspace):
    commands.raise_(workspace, Raising("spin", "claude_code/ab_1", "one"))
    commands.raise_(workspace, Raising("spin", "claude_code/ab%2", "two"))
    for reference in ("A-001", "a-1", "1", "spin:claude_code/ab_1", "spin:claude_code/ab_"):
        assert queries.alert(workspace, reference).id == "A-001"
    with pytest.raises(NotFound):
        queries.alert(workspace, "spin:claude_code/ab")


def test_the_worst_and_latest_come_first_and_the_rest_is_counted(workspace):
    for number, severity in enumerate((Severity.NOTE, Severity.CRITICAL, Severity.WARNING)):
        commands.raise_(workspace, Raising("error", f"e{number}", "x", severity, instance=f"i{number % 2}"))
    rows, more = queries.page(workspace, AlertFilter(), 2)
    assert ([row.severity for row in rows], more) == ([Severity.CRITICAL, Severity.WARNING], 1)
    assert [row.subject for row in queries.page(workspace, AlertFilter(instance="i1"))[0]] == ["e1"]
    assert len(queries.page(workspace, AlertFilter(severity=Severity.WARNING))[0]) == 2
    assert queries.page(workspace, AlertFilter(kind="spin"))[0] == []


def test_a_rebuild_makes_the_same_rows(workspace):
    for each in ("s-1", "s-2", "s-3"):
        commands.raise_(workspace, Raising("spin", each, "x"))
    commands.acknowledge(workspace, "1", "seen")
    commands.mute(workspace, "2")
    commands.resolve(workspace, "3", "over")
    before = queries.page(workspace, AlertFilter(states=frozenset()))
    store.rebuild(workspace, alerts)
    assert queries.page(workspace, AlertFilter(states=frozenset())) == before


def test_two_who_raise_at_once_raise_one(workspace, monkeypatch):
    """The other's alert appears between the look and the append."""
    look = queries.by_key
    raced = iter([None])

    def by_key(place, kind, subject):
        if next(raced, "done") is None:
            found = look(place, kind, subject)
            commands._raise(place, SPIN, None)
            return found
        return look(place, kind, subject)

    monkeypatch.setattr(queries, "by_key", by_key)
    assert commands.raise_(workspace, SPIN).events == []
    assert len(queries.page(workspace, AlertFilter())[0]) == 1
    with pytest.raises(Conflict):
        commands._raise(workspace, SPIN, None)


def test_the_policy_says_what_is_asked_for(workspace):
    (workspace.root / "alerts.yaml").write_text("policy: {spin: freeze}\n")
    commands.raise_(workspace, SPIN)
    commands.raise_(workspace, Raising("error", "mum", "x"))
    assert [row.subject for row in queries.asking(workspace, Action.FREEZE)] == ["s-1"]
    commands.acknowledge(workspace, "1")
    assert queries.asking(workspace, Action.FREEZE) == []


def test_on_the_command_line(halo):
    assert halo("alerts", "list").code == 0
    assert halo("alerts", "raise", "error", "mum", "TelegramConflict", "--severity", "critical").code == 0
    assert halo("alerts", "list").code == 1
    said = halo("alerts", "list", "--json")
    assert [row["title"] for row in said.data] == ["TelegramConflict"]
    assert "A-001" in halo("alerts", "show", "error:mum").out
    assert "dry" not in halo("alerts", "ack", "1", "--dry-run").err
    assert halo("alerts", "list").code == 1
    assert "acknowledged" in halo("alerts", "ack", "1", "--note", "asked").out
    assert halo("alerts", "list").code == 0
    assert "muted" in halo("alerts", "mute", "1", "--until", "2h").out
    assert [row["id"] for row in halo("alerts", "list", "--state", "muted", "--json").data] == ["A-001"]
    assert halo("alerts", "unmute", "1").code == 0
    assert halo("alerts", "resolve", "1", "--reason", "over").code == 0
    assert len(halo("alerts", "list", "--state", "all", "--json").data) == 1
    assert [event["type"] for event in halo("alerts", "history", "1", "--json").data][-1] == "alert.item.resolved"
    assert halo("alerts", "ack", "1").code == 4
    assert halo("alerts", "ack", "77").code == 3
    assert halo("alerts", "mute", "1", "--until", "whenever").code == 2
    assert halo("events", "verify").code == 0


def test_status_says_what_is_open(halo):
    halo("alerts", "raise", "error", "mum", "TelegramConflict")
    said = halo("status", "--json")
    assert said.code == 1
    assert any("TelegramConflict" in check["evidence"] for check in said.data["checks"])
