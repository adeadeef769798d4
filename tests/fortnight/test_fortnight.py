"""A fortnight with a change of the clocks, a machine asleep for a day, failures and recoveries: jobs run when they
should, once; and every number of every briefing and report is what the event log says, counted by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from halo_engine import clock
from halo_engine.agents.ingest import refresh
from halo_engine.cron import queries
from halo_engine.digest import Days
from halo_engine.reports.export import table
from halo_engine.reports.periods import ending
from halo_engine.reports.queries import Report, measured, report
from halo_engine.workspace import Workspace
from tests.channels.bot import Bot
from tests.fortnight.counting import Fact, History, by_day, tokens
from tests.fortnight.world import ASLEEP, BROKEN, DAYS, DEAD, World

SUMMED = {"tasks.open": "last", "memory.notes": "last"}


def place(zone: str, first: date, name: str, *marks: pytest.MarkDecorator) -> Any:
    return pytest.param((zone, first), id=name, marks=marks)


PLACES = [
    place("Europe/Riga", date(2026, 3, 22), "an-hour-forward"),
    place("Australia/Lord_Howe", date(2026, 3, 29), "thirty-minutes-back"),
    place("Europe/Riga", date(2026, 10, 18), "an-hour-back", pytest.mark.soak),
    place("Australia/Lord_Howe", date(2026, 9, 27), "thirty-minutes-forward", pytest.mark.soak),
    place("America/Sao_Paulo", date(2018, 10, 28), "a-day-without-a-midnight", pytest.mark.soak),
    place("Antarctica/Troll", date(2026, 3, 22), "two-hours-forward", pytest.mark.soak),
]


@pytest.fixture
def world(workspace: Workspace, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, request: Any) -> Any:
    zone, first = request.param
    with Bot() as bot:
        made = World(workspace, tmp_path, bot, zone, first, seed=5)
        made.live()
        yield made


@pytest.mark.timeout(900)
@pytest.mark.parametrize("world", PLACES, indirect=True)
def test_a_fortnight(world: World) -> None:
    with clock.held(world.end):
        refresh(world.workspace)
    history = History(world.workspace.store / "events.db", world.commits)
    jobs_ran_when_they_should(world)
    every_morning_was_told(world, history)
    for fact in history.of("briefing.day.written"):
        a_briefing_is_right(world, history, fact)
    with clock.held(world.end):
        reports_are_right(world, history)


def runs(world: World, name: str, *outcomes: str) -> list[datetime]:
    rows, _ = queries.history(world.workspace, name)
    return [clock.instant(run.occurrence) for run in reversed(rows) if run.outcome in outcomes or not outcomes]


def jobs_ran_when_they_should(world: World) -> None:
    down, up = world.asleep
    slept = {name: [each for each in world.due(name) if down <= each < up] for name in ("daily-briefing", "flaky")}
    assert len(world.due("daily-briefing")) == DAYS
    for name in ("daily-briefing", "flaky", "early", "weekly"):
        assert len(runs(world, name)) == len(set(runs(world, name))), "each occurrence once"
    ran = [each for each in world.due("daily-briefing") if each != slept["daily-briefing"][0]]
    dead = world.due("daily-briefing")[DEAD]
    assert runs(world, "daily-briefing", "failed") == [dead]
    assert runs(world, "daily-briefing", "succeeded") == sorted({*ran, slept["daily-briefing"][0]} - {dead})
    broken = [each for each in world.due("flaky") if world.at(BROKEN, 0.1) <= each < world.at(BROKEN + 1, 0.1)]
    assert runs(world, "flaky", "failed") == broken
    assert runs(world, "flaky", "missed") == slept["flaky"][-1:]
    assert runs(world, "early", "succeeded") == [each for each in world.due("early") if not down <= each < up]
    assert runs(world, "weekly") == world.due("weekly")


def every_morning_was_told(world: World, history: History) -> None:
    """One message a morning, but for the morning asleep and the one on which nobody took any."""
    days = [str(world.first + timedelta(days=each)) for each in range(DAYS)]
    told = [day for place, day in enumerate(days) if place not in {ASLEEP, DEAD}]
    assert [re.search(r"20\d\d-\d\d-\d\d", text)[0] for text in world.bot.texts] == told  # type: ignore[index]
    sent = history.of("briefing.day.sent")
    assert [fact.stream for fact in sent] == [f"briefing/{day}" for day in told]
    seven = world.due("daily-briefing")
    assert [fact.time[:16] for fact in sent] == [
        clock.stamp(seven[place])[:16] for place in range(DAYS) if place not in {ASLEEP, DEAD}
    ]
    raised = [fact.data["kind"] for fact in history.of("alert.item.raised")]
    assert Counter(raised)["briefing"] == 1
    assert Counter(raised)["cron"] == 2, "flaky, and the briefing that was not delivered"
    with clock.held(world.end):
        rows = {run.name: run for run in _standings(world)}
    assert {name: row.failures for name, row in rows.items()} == dict.fromkeys(rows, 0), "all has recovered"


def _standings(world: World) -> list[Any]:
    return [each.standing for each in queries.listed(world.workspace)[0] if each.next]


def a_briefing_is_right(world: World, history: History, fact: Fact) -> None:
    since, until, before = fact.data["since"], fact.data["moment"], fact.position
    said = {(each["title"]): each for each in fact.data["sections"]}
    texts = {title: [point["text"] for point in each.get("points", ())] for title, each in said.items()}
    _alerts_are_right(said["Alerts"], history.alerts(before))
    states = history.states(before)
    work = (texts["Work"] or [""])[0]
    counted = {name.replace("in ", ""): int(count) for count, name in re.findall(r"(\d+) ([a-z ]+)", work)}
    assert counted == {
        name.replace("_", " ").replace("in ", ""): count
        for name, count in states.items()
        if name not in {"done", "cancelled"}
    }
    night = history.of("task.run.finished", since, until, before)
    good = sum(run.data["outcome"] == "succeeded" for run in night)
    first = (texts["Overnight"] or ["0 runs, 0 succeeded"])[0]
    assert first.startswith(f"{len(night)} {'run' if len(night) == 1 else 'runs'}, {good} succeeded"), first
    _jobs_are_right(texts["Jobs by the clock"], history, since, until, before)
    _tokens_are_right(texts["Tokens"], history, since, until, before)
    notes = len(history.of("note.item.created", since, until, before))
    new = [text for text in texts.get("Memory", ()) if text.endswith(" new")]
    assert new == ([f"{notes} {'notes' if notes > 1 else 'note'} new"] if notes else [])
    written = len(history.of("journal.entry.written", since, until, before))
    assert len(texts["Journal"]) + said["Journal"].get("more", 0) == written
    committed = sum(since <= each < until for each in history.commits)
    assert texts["Commits"][:1] == ([f"{committed} in code"] if committed else [])
    active = history.active(before)
    assert (f"0 of {active['active']} up" in texts["Fleet"][0]) is bool(active["active"])
    assert (f"{active['frozen']} frozen: " in texts["Fleet"][0]) is bool(active["frozen"])
    _mail_is_right(texts["Mail"], said["Mail"], Counter(
        each.data["action"] for each in history.of("mail.message.decided", since, until, before)
    ))  # fmt: skip
    needs = sum(p.get("state") == "wrong" for each in said.values() for p in each.get("points", ()))
    assert f" {needs} thing" in fact.data["prose"] or (not needs and "Nothing needs you" in fact.data["prose"])


def _alerts_are_right(section: dict[str, Any], alerts: dict[str, str]) -> None:
    points = section.get("points", [])
    named = {point["text"].split()[0]: point.get("state", "ok") for point in points}
    assert len(points) + section.get("more", 0) == len(alerts)
    assert all(state == ("note" if alerts[name] == "acknowledged" else "wrong") for name, state in named.items())


def _jobs_are_right(texts: list[str], history: History, since: str, until: str, before: int) -> None:
    ended = history.of("cron.run.finished", since, until, before)
    outcomes = Counter(each.data["outcome"] for each in ended)
    assert dict(outcomes) == {name: int(count) for count, name in re.findall(r"(\d+) (succeeded|failed)", texts[0])}
    assert texts[0].startswith(f"{len(ended)} run")
    missed = sum(each.data.get("missed", 0) for each in history.of("cron.run.passed", since, until, before))
    assert missed == int((re.search(r"(\d+) times? missed", texts[0]) or [0, 0])[1])


def _tokens_are_right(texts: list[str], history: History, since: str, until: str, before: int) -> None:
    slots = history.slots(since, until, before)
    if not slots:
        assert texts == []
        return
    used, cost = sum(map(tokens, slots)), sum(slot["cost"] for slot in slots)
    short = f"{used / 1000:.0f}k" if used >= 100_000 else f"{used / 1000:.1f}k" if used >= 10_000 else f"{used}"
    assert texts[0].startswith(f"{short} tokens"), (texts[0], used)
    assert f" ${cost:.2f}, {len({slot['session'] for slot in slots})} session" in texts[0]
    days = max(1, round((clock.instant(until) - clock.instant(since)) / timedelta(days=1)))
    assert texts[1].startswith(f"{cost / days:.0%} of the ")


def _mail_is_right(texts: list[str], section: dict[str, Any], actions: Counter[str]) -> None:
    shown = [text for text in texts if text.startswith("a@x")]
    assert len(shown) + section.get("more", 0) == actions["surface"]
    words = {"labelled": "label", "archived": "archive", "skipped": "skip"}
    found = re.findall(r"(\d+) (labelled|archived|skipped)", " ".join(texts))
    assert {words[word]: int(count) for count, word in found} == {
        name: count for name, count in actions.items() if name != "surface"
    }


def reports_are_right(world: World, history: History) -> None:
    """Each day's and both weeks' figures beside the period before, and the export."""
    days = [world.first + timedelta(days=each) for each in range(DAYS)]
    truth = by_day(history, world.zone, days)
    for place in range(1, DAYS):
        found = report(world.workspace, ending(days[place], 1, world.zone))
        _figures_are_right(found, truth, slice(place, place + 1), slice(place - 1, place))
    week = report(world.workspace, ending(days[-1], 7, world.zone))
    _figures_are_right(week, truth, slice(7, 14), slice(0, 7))
    whole = Days(days[0], DAYS, world.zone)
    rows = table(whole, measured(world.workspace, whole)[0])
    for name, values in truth.items():
        assert [row[name] for row in rows] == pytest.approx(values), name


def _figures_are_right(found: Report, truth: dict[str, list[Any]], now: slice, before: slice) -> None:
    assert found.missing == {}
    figures = {each.name: each for each in found.figures}
    assert set(truth) <= set(figures)
    for name, values in truth.items():
        for figure, part in ((figures[name].value, values[now]), (figures[name].before, values[before])):
            expected = part[-1] if name in SUMMED else sum(part)
            assert figure == pytest.approx(expected), (name, found.first)
    added, done = sum(truth["tasks.added"][now]), sum(truth["tasks.done"][now])
    to_do = added + (truth["tasks.open"][now.start - 1] if now.start else 0)
    assert figures["tasks.completion"].value == (pytest.approx(100 * done / to_do) if to_do else None)
