"""Reports are right to the number, the same for the same history, and days are the operator's days."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pyarrow import parquet

from halo_engine import clock
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.digest import Days, Measure
from halo_engine.reports.periods import ending
from halo_engine.reports.queries import Figure, report
from halo_engine.reports.words import change, words
from halo_engine.tasks import commands as tasks

LAST = date(2026, 3, 31)
RIGA = ZoneInfo("Europe/Riga")
"""Its clocks went forward on 2026-03-29."""


@pytest.fixture
def fortnight(workspace):
    """Made-up work over the change of the clocks, and what really happened, day by day."""
    (workspace.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    random = Random(3)
    truth = {"added": {}, "done": {}, "raised": {}, "hours": {}}
    begun = []
    for ago in range(20, -1, -1):
        day = LAST - timedelta(days=ago)
        for hour in (0, 3, 9, 23):
            moment = datetime(day.year, day.month, day.day, hour, random.randrange(60), tzinfo=RIGA)
            with clock.held(moment.astimezone(UTC)):
                begun.append((tasks.add(workspace, f"{day} {hour}").item.id, clock.now()))
                count(truth["added"], day)
                if random.random() < 0.5:
                    item, since = begun.pop(random.randrange(len(begun)))
                    tasks.start(workspace, item)
                    tasks.done(workspace, item)
                    count(truth["done"], day)
                    truth["hours"].setdefault(day, []).append((clock.now() - since).total_seconds() / 3600)
                if random.random() < 0.2:
                    alerts.raise_(workspace, Raising("error", f"{day}{hour}", "trouble"))
                    count(truth["raised"], day)
    with clock.held(datetime(2026, 3, 31, 20, 59, tzinfo=UTC)):
        yield truth


def count(counts, day):
    counts[day] = counts.get(day, 0) + 1


def days(first, last):
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def total(counts, first, last):
    return sum(counts.get(day, 0) for day in days(first, last))


@pytest.mark.parametrize("length", [1, 7])
def test_figures_equal_what_happened(workspace, fortnight, length):
    from halo_engine.workspace import Workspace

    found = report(Workspace(workspace.root), ending(LAST, length, RIGA))
    figures = {each.name: each for each in found.figures}
    first = LAST - timedelta(days=length - 1)
    before = first - timedelta(days=length), first - timedelta(days=1)
    assert figures["tasks.added"].value == total(fortnight["added"], first, LAST)
    assert figures["tasks.added"].before == total(fortnight["added"], *before)
    assert figures["tasks.done"].value == total(fortnight["done"], first, LAST)
    assert figures["tasks.done"].before == total(fortnight["done"], *before)
    assert figures["alerts.raised"].before == total(fortnight["raised"], *before)
    hours = [each for day in days(first, LAST) for each in fortnight["hours"].get(day, [])]
    assert figures["tasks.cycle_time"].value == pytest.approx(sum(hours) / len(hours), abs=1e-5)
    everything = total(fortnight["added"], date(2026, 1, 1), LAST) - total(fortnight["done"], date(2026, 1, 1), LAST)
    assert figures["tasks.open"].value == everything
    left = [
        total(fortnight["added"], date(2026, 1, 1), day) - total(fortnight["done"], date(2026, 1, 1), day)
        for day in (first - timedelta(days=1), before[0] - timedelta(days=1))
    ]
    rates = [
        100 * total(fortnight["done"], *span) / (open_then + total(fortnight["added"], *span))
        for span, open_then in zip([(first, LAST), before], left, strict=True)
    ]
    assert [figures["tasks.completion"].value, figures["tasks.completion"].before] == pytest.approx(rates)


def test_more_can_be_done_than_was_added_and_never_more_than_there_was(halo, workspace):
    """Three items of Friday are done on Saturday, on which one is added and nothing else is left but one."""
    with clock.held(datetime(2026, 3, 20, 9, tzinfo=UTC)):
        begun = [tasks.add(workspace, f"{each}").item.id for each in range(4)]
    with clock.held(datetime(2026, 3, 21, 9, tzinfo=UTC)):
        tasks.add(workspace, "Later")
        for item in begun[:3]:
            tasks.start(workspace, item)
            tasks.done(workspace, item)
    with clock.held(datetime(2026, 3, 21, 22, tzinfo=UTC)):
        daily, weekly = (
            {each["name"]: each for each in halo("reports", length, "--json").data["figures"]}
            for length in ("daily", "weekly")
        )
    assert (daily["tasks.completion"]["value"], daily["tasks.completion"]["before"]) == (60.0, 0.0)
    assert (weekly["tasks.completion"]["value"], weekly["tasks.completion"]["before"]) == (60.0, None)


def test_the_same_history_makes_the_same_bytes(halo, fortnight):
    for form in ("markdown", "html"):
        assert halo("reports", "weekly", "--format", form).out == halo("reports", "weekly", "--format", form).out
    assert "Week in figures: 2026-03-25 to 2026-03-31" in halo("reports", "weekly").out
    assert "http" not in halo("reports", "weekly", "--format", "html").out, "it needs no network"


def test_it_begins_with_what_changed(halo, workspace):
    for day, done, raised in ((20, 1, 1), (21, 3, 2)):
        with clock.held(datetime(2026, 3, day, 9, tzinfo=UTC)):
            for each in range(done):
                item = tasks.add(workspace, f"{day} {each}").item.id
                tasks.start(workspace, item)
                tasks.done(workspace, item)
            for each in range(raised):
                alerts.raise_(workspace, Raising("error", f"{day} {each}", "trouble"))
    with clock.held(datetime(2026, 3, 21, 22, tzinfo=UTC)):
        said = halo("reports", "daily").out.splitlines()
    assert said[2] == "Worse than the day before: alerts raised 2 (1). Better than the day before: tasks done 3 (1)."
    table = "\n".join(said[3:])
    assert "| Tasks done | 3 | 1 | +200% |" in table
    assert "| Journal entries" not in table, "what there never was takes one word"
    assert "Nothing to count: " in table
    assert "journal entries" in table


def test_shares_change_by_points(halo):
    figure = Figure("x", "X", "%", 91.0, 100.0, [100.0, 91.0], "more")
    assert change(figure) == "-9 pp"
    assert words([figure], "week") == "Worse than the week before: x 91% (100%)."


def test_nothing_is_said_in_few_words(halo):
    with clock.held(datetime(2026, 3, 21, 22, tzinfo=UTC)):
        said = halo("reports", "weekly").out
    assert "Nothing happened in all this time." in said


def test_a_past_day_does_not_change_any_more(halo, workspace, fortnight):
    before = halo("reports", "daily", "--date", "2026-03-20").out
    tasks.add(workspace, "Later")
    assert halo("reports", "daily", "--date", "2026-03-20").out == before


def test_an_export_has_a_row_a_day(halo, tmp_path, fortnight):
    rows = list(csv.DictReader(io.StringIO(halo("reports", "export", "--period", "10d").out)))
    assert [row["date"] for row in rows] == [str(day) for day in days(date(2026, 3, 22), LAST)]
    assert [int(row["tasks.added"]) for row in rows] == [4] * 10, "also on the day of 23 hours"
    assert msgspec.json.decode(halo("reports", "export", "--period", "10d", "--format", "json").out) == (
        halo("reports", "export", "--period", "10d", "--json").data
    )
    path = tmp_path / "days.parquet"
    assert halo("reports", "export", "--period", "10d", "--format", "parquet", "--output", str(path)).code == 0
    kept = parquet.read_table(path).to_pylist()
    assert [row["date"] for row in kept] == days(date(2026, 3, 22), LAST)
    assert [row["tasks.done"] for row in kept] == [float(row["tasks.done"]) for row in rows]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("export", "--period", "36h"), 2),
        (("export", "--period", "soon"), 2),
        (("export", "--format", "parquet"), 2),
        (("daily", "--date", "2027-01-01"), 2),
        (("weekly", "--date", "yesterday"), 2),
        (("weekly", "--date", "0001-01-03"), 2),
        (("daily", "--date", "1970-12-31"), 2),
        (("export", "--date", "1971-01-01", "--period", "3660d"), 0),
        (("weekly", "--output", "/nowhere/at/all.md"), 5),
    ],
)
def test_what_makes_no_sense_is_refused(halo, words, code):
    with clock.held(datetime(2026, 3, 31, 12, tzinfo=UTC)):
        assert halo("reports", *words).code == code


def test_days_follow_the_clock():
    march = Days(date(2026, 3, 28), 3, RIGA)
    assert march.bounds == [
        "2026-03-27T22:00:00.000000Z",
        "2026-03-28T22:00:00.000000Z",
        "2026-03-29T21:00:00.000000Z",
        "2026-03-30T21:00:00.000000Z",
    ]
    assert march.counts(
        ["2026-03-27T21:59:59.999999Z", "2026-03-29T20:59:59.000000Z", "2026-03-30T21:00:00.000000Z"]
    ) == (
        0,
        1,
        0,
    )


def test_a_ratio_is_of_the_whole_period_not_the_mean_of_its_days():
    measure = Measure("x", "X", values=(1, 9), per=(1, 19))
    assert measure.over(0, 2) == 0.5
    assert Measure("x", "X", values=(1, 9), per=(0, 0)).over(0, 2) is None
    assert Measure("x", "X", values=(1, 9), per=(1, 19), standing=(10, 30)).over(0, 2) == 10 / 30
    assert Measure("x", "X", values=(3, 4), fold="last").over(0, 2) == 4
