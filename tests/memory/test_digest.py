"""What memory brings to the morning's message and to the weekly figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from halo_engine import clock
from halo_engine.digest import Days, Window
from halo_engine.memory import commands, digest
from halo_engine.memory.commands import Draft


def test_what_was_learnt_is_told_and_counted(workspace):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for days, title in ((3, "Old"), (0, "New")):
        with clock.held(now - timedelta(days=days)):
            commands.new(workspace, Draft(title))
    window = Window(clock.stamp(now - timedelta(days=1)), clock.stamp(now), clock.stamp(now))
    assert [point.text for point in digest.briefing(workspace, window)[0].points] == ["1 note new", "note-2 New (fact)"]
    added, away, standing = digest.report(workspace, Days((now - timedelta(days=1)).date(), 2, UTC))
    assert (added.values, away.values, standing.values) == ((0, 1), (0, 0), (1, 2))


def test_without_notes_nothing_is_said(workspace):
    now = clock.stamp()
    assert digest.briefing(workspace, Window(now, now, now)) == []
