"""Usage by whatever one asks, in the operator's zone; five-hour windows; a session's timeline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from halo_engine import clock
from halo_engine.agents import queries
from halo_engine.agents.blocks import blocks
from halo_engine.agents.ingest import ingest
from halo_engine.agents.queries import Filter, period
from halo_engine.agents.timeline import timeline
from halo_engine.errors import NotAllowed, NotFound
from halo_engine.workspace import Workspace
from tests.agents.conftest import Transcripts, prompt, reply

ONE = 1130
OPUS = "claude-opus-4-5-20251101"


@pytest.fixture
def month(workspace: Workspace, transcripts: Transcripts) -> Workspace:
    """Three sessions over three days, of two projects and models."""
    transcripts.write(
        "aaa1",
        prompt("aaa1", at="2026-11-18T22:49:00.000Z"),
        reply("aaa1", "m1", at="2026-11-18T22:50:00.000Z"),
        reply("aaa1", "m2", at="2026-11-18T23:10:00.000Z"),
    )
    transcripts.write(
        "aaa2",
        prompt("aaa2", at="2026-11-20T09:29:00.000Z"),
        reply("aaa2", "m3", at="2026-11-20T09:30:00.000Z", model=OPUS),
    )
    transcripts.write("bbb", reply("bbb", "m4", at="2026-11-20T13:59:00.000Z", model="odd-1"), project="-srv-relay")
    ingest(workspace)
    return workspace


def by(workspace: Workspace, what: str, **wanted: str) -> dict[str, int]:
    return {row.name: row.tokens // ONE for row in queries.usage(workspace, what, Filter(**wanted)).rows}


def test_by_time(month: Workspace) -> None:
    assert by(month, "day") == {"2026-11-18": 2, "2026-11-20": 2}
    assert by(month, "week") == {"2026-11-16": 4}
    assert by(month, "month") == {"2026-11": 4}


@pytest.mark.parametrize(
    ("what", "wanted", "rows", "total"),
    [
        ("day", {}, {"2026-11-18": 1, "2026-11-20": 2}, 3),
        ("month", {"project": "ana-shop"}, {"2026-11": 2}, 2),
        ("model", {"project": "ana-shop"}, {OPUS: 1, "claude-sonnet-4-5-20250929": 1}, 2),
        ("project", {}, {"-home-ana-shop": 2, "-srv-relay": 1}, 3),
        ("day", {"since": "2026-11-18T00:00:00.000000Z", "until": "2026-11-19T00:00:00.000000Z"}, {"2026-11-18": 1}, 1),
    ],
)
def test_the_sessions_that_used_something(
    month: Workspace, what: str, wanted: dict[str, str], rows: dict[str, int], total: int
) -> None:
    report = queries.usage(month, what, Filter(**wanted))
    assert ({row.name: row.sessions for row in report.rows}, report.total.sessions) == (rows, total)


def test_days_are_the_operators(month: Workspace) -> None:
    (month.root / "halo.yaml").write_text("timezone: Asia/Kathmandu\n")
    assert by(Workspace(month.root), "day") == {"2026-11-19": 2, "2026-11-20": 2}


def test_a_quarter_of_an_hour_lies_in_one_day_of_any_zone() -> None:
    from zoneinfo import ZoneInfo

    start = int(datetime(2026, 11, 18, 18, 15, tzinfo=UTC).timestamp())
    assert period(start, "day", ZoneInfo("Asia/Kathmandu")) == "2026-11-19"
    assert period(start - 900, "day", ZoneInfo("Asia/Kathmandu")) == "2026-11-18"


def test_by_owner(month: Workspace) -> None:
    assert by(month, "model") == {OPUS: 1, "claude-sonnet-4-5-20250929": 2, "odd-1": 1}
    assert by(month, "project") == {"-home-ana-shop": 3, "-srv-relay": 1}
    assert by(month, "session") == {"aaa1": 2, "aaa2": 1, "bbb": 1}
    assert by(month, "instance") == {"(none)": 4}


def test_narrowed(month: Workspace) -> None:
    assert by(month, "day", since="2026-11-20T00:00:00.000000Z") == {"2026-11-20": 2}
    assert by(month, "day", until="2026-11-19T00:00:00.000000Z") == {"2026-11-18": 2}
    assert by(month, "day", project="relay") == {"2026-11-20": 1}
    assert by(month, "session", model="opus") == {"aaa2": 1}
    assert by(month, "day", source="codex") == {}


def test_cost_is_never_silently_zero(month: Workspace) -> None:
    report = queries.usage(month, "model", Filter())
    assert report.unknown == ["odd-1"]
    assert report.total.unpriced == ONE
    assert report.total.sessions == 3
    one = 10 * 3e-6 + 20 * 15e-6 + 1000 * 0.3e-6 + 100 * 3.75e-6
    assert report.total.cost == pytest.approx(2 * one + one * 5 / 3)


def test_sessions(month: Workspace) -> None:
    found, more = queries.sessions(month, Filter(), limit=2)
    assert [(each.session.id, each.usage.tokens) for each in found] == [("bbb", ONE), ("aaa2", ONE)]
    assert more == 1
    assert [each.session.id for each in queries.sessions(month, Filter(model="sonnet"))[0]] == ["aaa1"]


def test_a_session_by_the_beginning_of_its_id(month: Workspace) -> None:
    assert queries.session(month, "b").id == "bbb"
    with pytest.raises(NotAllowed, match="aaa2, aaa1"):
        queries.session(month, "aaa")
    for nothing in ("x", "", "%", "_"):
        with pytest.raises(NotFound):
            queries.session(month, nothing)


def test_windows_of_five_hours(month: Workspace) -> None:
    with clock.held(datetime(2026, 11, 20, 13, 59, tzinfo=UTC)):
        first, second = blocks(month, Filter())
    assert (first.start, first.end) == ("2026-11-18T22:00:00.000000Z", "2026-11-19T03:00:00.000000Z")
    assert (first.tokens, first.active, first.per_minute) == (2 * ONE, False, 113.0)
    assert (second.start, second.last) == ("2026-11-20T09:00:00.000000Z", "2026-11-20T13:59:00.000000Z")
    assert second.active
    assert second.unknown == ["odd-1"]
    assert second.projected_tokens == 2 * ONE + 8


def test_a_window_begins_anew_after_five_quiet_hours(workspace: Workspace, transcripts: Transcripts) -> None:
    times = ("08:10", "12:50", "13:00", "17:59", "23:30")
    transcripts.write("s", *[reply("s", f"m{each}", at=f"2026-11-20T{each}:00.000Z") for each in times])
    ingest(workspace)
    found = [(block.start[11:16], block.replies) for block in blocks(workspace, Filter())]
    assert found == [("08:00", 2), ("13:00", 2), ("23:00", 1)]


def test_a_timeline_says_what_each_reply_cost(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s", prompt("s", "Fix\n it"), reply("s", counts={"output_tokens": 1}), reply("s"))
    side = reply("s", "m2", "r2", at="2026-11-20T10:00:02.000Z", isSidechain=True, agentId="a7")
    transcripts.write("subagents/agent-a7", side, project="-home-ana-shop/s")
    ingest(workspace)
    found = timeline(workspace, queries.session(workspace, "s"))
    assert [(each.kind, each.text, each.agent, each.tokens) for each in found] == [
        ("prompt", "Fix it", "", 0),
        ("said", "done", "a7", ONE),
        ("said", "done", "", 0),
        ("said", "done", "", ONE),
    ]
    assert found[3].cost == pytest.approx(queries.usage(workspace, "day", Filter()).total.cost / 2)


def test_a_timeline_needs_its_transcript(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s", reply("s"))
    ingest(workspace)
    path.unlink()
    with pytest.raises(NotFound, match="not there any more"):
        timeline(workspace, queries.session(workspace, "s"))
