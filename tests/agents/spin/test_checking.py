"""`spin-check` over the sessions that are there: verdicts, alerts, and growing files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from benchmarks.spin.lots.first import stuck, working, working_with_people
from benchmarks.spin.transcript import Transcript
from benchmarks.spin.work import work_on
from halo_engine.agents.config import agent_settings
from halo_engine.agents.queries import Filter
from halo_engine.agents.spin import checking
from halo_engine.agents.spin.checking import Judge, check, flagged, tell
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.states import State


@pytest.fixture
def home(own_home, monkeypatch):
    monkeypatch.setenv("HALO_NOW", "2026-11-04T12:00:00+00:00")
    return own_home / ".claude"


def made(make, seed="1"):
    session = Transcript(Random(seed))
    session.clock = datetime(2026, 11, 4, 9, tzinfo=UTC)
    make(session, Random(seed))
    return session


def test_it_names_the_one_that_is_stuck_and_raises_an_alert(home, agentctl, workspace):
    bad, good = made(stuck.nonce_in_result), made(working_with_people.research, "2")
    for each in (bad, good):
        each.save(home)
    said = agentctl("spin-check", "--since", "7d", "--json")
    assert said.code == 1
    assert (said.data["checked"], said.data["flagged"]) == (2, 1)
    assert [each["session"] for each in said.data["sessions"]] == [bad.session]
    assert flagged(workspace) == {bad.session}
    row = alerts.alert(workspace, f"spin:{bad.session}")
    assert "repeat" in row.evidence
    assert agentctl("alerts").code == 1
    assert agentctl("ack", bad.session[:8], "--note", "looking").code == 0
    assert agentctl("alerts").code == 0
    assert agentctl("mute", bad.session[:8], "--until", "2h").code == 0
    assert agentctl("spin-check").code == 1
    assert len(agentctl("alerts", "--all", "--json").data) == 1


def test_it_explains(home, agentctl):
    bad = made(stuck.flip_flop)
    path = home / bad.save(home)
    for which in (bad.session[:8], str(path)):
        said = agentctl("spin-check", "--session", which, "--explain")
        assert said.code == 1
        assert "undone" in said.out
        assert "since line" in said.out
        assert f"from line {bad.stuck_from + 1}" in said.out
    assert agentctl("spin-check", "--session", "nothing-like-it").code == 3


def test_nothing_wrong_is_said_too(home, agentctl):
    made(working.refactoring).save(home)
    said = agentctl("spin-check")
    assert said.code == 0
    assert "0 of 1 sessions go nowhere" in said.out


def test_an_old_session_raises_no_alert(home, agentctl, workspace, monkeypatch):
    made(stuck.rereading).save(home)
    monkeypatch.setenv("HALO_NOW", "2026-11-09T12:00:00+00:00")
    assert agentctl("spin-check", "--since", "30d").code == 1
    assert flagged(workspace) == frozenset()


def test_a_growing_session_is_judged_as_it_grows_and_its_alert_resolved_when_it_works(home, workspace):
    session = made(stuck.nonce_in_result)
    judge = Judge(agent_settings(workspace).spin)

    def look():
        found = check(workspace, Filter(), judge)
        tell(workspace, found)
        return found[0].verdict

    place = home / session.save(home)
    whole = place.read_bytes()
    lines = whole.splitlines(keepends=True)
    place.write_bytes(b"".join(lines[: session.stuck_from]))
    assert not look().flagged
    place.write_bytes(whole[:-20])
    assert look().flagged
    assert flagged(workspace) == {session.session}
    for _ in range(30):
        work_on(session, session.random, 1)
    place.write_text("\n".join(session.lines) + "\n")
    assert not look().flagged
    row = alerts.alert(workspace, f"spin:{session.session}")
    assert (row.state, row.reason) == (State.RESOLVED, "work moves again")


def test_a_file_that_was_replaced_is_judged_afresh(home, workspace):
    session = made(stuck.nonce_in_result)
    place = home / session.save(home)
    judge = Judge(agent_settings(workspace).spin)
    assert judge.file(place).flagged
    place.write_text(session.lines[0] + "\n")
    assert not judge.file(place).flagged


def test_thresholds_are_settings(home, agentctl, workspace):
    made(stuck.poll_without_pause).save(home)
    Path(workspace.root / "agentctl.yaml").write_text("spin: {threshold: 9}\n")
    assert agentctl("spin-check").code == 0
    Path(workspace.root / "agentctl.yaml").write_text("spin: {weights: {repat: 0}}\n")
    assert agentctl("spin-check").code == 6


def test_a_secret_does_not_leave_the_transcript(home, agentctl, workspace, monkeypatch):
    monkeypatch.setenv("SHOP_API_KEY", "hunter2-hunter2-hunter2")

    def leaking(session, random):
        session.prompt("Fix the upload")
        for _ in range(9):
            session.run("curl -H 'X: hunter2-hunter2-hunter2' https://shop.example", "503 try later")

    session = made(leaking)
    path = home / session.save(home)
    said = agentctl("spin-check")
    assert said.code == 1
    whole = agentctl("spin-check", "--explain", "--json").out + agentctl("spin-check", "--session", str(path)).out
    whole += agentctl("session", session.session).out + agentctl("session", session.session, "--json").out
    assert "[redacted]" in whole
    assert "hunter2" not in said.out + whole
    row = alerts.alert(workspace, f"spin:{session.session}")
    assert "curl" in row.title
    assert all(b"hunter2" not in event.payload for event in workspace.log.read())


def test_what_has_not_changed_is_not_read_again(home, agentctl, workspace, monkeypatch):
    path = home / made(stuck.poll_without_pause).save(home)
    first = agentctl("spin-check", "--json").data
    reads = []
    advance = checking.Following.advance
    monkeypatch.setattr(checking.Following, "advance", lambda self, session: reads.append(1) or advance(self, session))
    assert agentctl("spin-check", "--json").data == first
    assert reads == []
    with path.open("a") as file:
        file.write(path.read_text().splitlines()[-1] + "\n")
    assert agentctl("spin-check", "--json").code == 1
    assert reads == [1]
    Path(workspace.root / "agentctl.yaml").write_text("spin: {repeat_limit: 6}\n")
    agentctl("spin-check")
    assert reads == [1, 1]
    (workspace.store / "transcripts.db").unlink()
    assert agentctl("spin-check").code == 1
    assert reads == [1, 1, 1]
