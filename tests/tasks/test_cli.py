"""What people write on the command line, as they write it."""

from __future__ import annotations

import pytest

from halo_engine.tasks import queries
from tests.tasks import walking
from tests.tasks.walking import PLAN, Kind, reach


@pytest.mark.parametrize(
    ("given", "kept"),
    [("high", 3), ("HIGH", 3), ("h", 3), ("medium", 2), ("m", 2), ("low", 1), ("none", 0)],
)
def test_priorities(nightctl, given, kept):
    assert nightctl("add", "x", "--priority", given, "--json").data["priority"] == kept


@pytest.mark.parametrize("words", [["--tag", "a,b"], ["--tag", "a", "--tag", "b"], ["--tag", " a , b ,a"]])
def test_tags(nightctl, words):
    assert nightctl("add", "x", *words, "--json").data["tags"] == ["a", "b"]


@pytest.mark.parametrize(("given", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400)])
def test_timeouts(nightctl, given, seconds):
    assert nightctl("add", "x", "--timeout", given, "--json").data["timeout"] == seconds


def test_dates_are_the_operators(workspace, nightctl, monkeypatch):
    (workspace.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    monkeypatch.setenv("HALO_NOW", "2026-11-20T23:30:00+00:00")  # the 21st in Riga
    assert nightctl("add", "x", "--due", "today", "--json").data["due"] == "2026-11-21T21:59:59.000000Z"
    assert nightctl("add", "x", "--due", "2026-12-24T18:00", "--json").data["due"] == "2026-12-24T16:00:00.000000Z"
    assert (
        nightctl("add", "x", "--defer-until", "tomorrow", "--json").data["defer_until"] == "2026-11-21T22:00:00.000000Z"
    )


def test_dependencies_as_people_write_them(nightctl):
    for _ in range(3):
        nightctl("add", "x")
    item = nightctl(
        "add", "y", "--depends-on", "1,t-2", "--depends-on", "T-003", "--depends-on", "@last", "--json"
    ).data
    assert item["depends_on"] == ["T-001", "T-002", "T-003"]


def test_editing_tags(nightctl):
    nightctl("add", "x", "--tag", "a,b")
    assert nightctl("edit", "1", "--tag", "c", "--untag", "a", "--json").data["tags"] == ["b", "c"]
    assert nightctl("edit", "1", "--clear", "tags", "--json").data["tags"] == []


def test_clearing_fields(nightctl):
    nightctl("add", "x", "--due", "tomorrow", "--context", "words", "--window", "22:00-23:00", "--timeout", "1h")
    words = [word for field in ("due", "context", "window", "timeout") for word in ("--clear", field)]
    item = nightctl("edit", "1", *words, "--json").data
    assert [item.get(field) for field in ("due", "context", "window", "timeout")] == [None, "", None, None]


def test_a_plan_from_stdin_and_from_a_file(workspace, nightctl, tmp_path, monkeypatch):
    import io
    import sys

    item = walking.make(workspace, Kind.AGENT_JOB).id
    (tmp_path / "plan.xml").write_text(PLAN.format(goal="one"))
    assert nightctl("plan", item, "--from", str(tmp_path / "plan.xml"), "--json").data["state"] == "plan_review"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAN.format(goal="two").encode())))
    assert nightctl("plan", item, "--from", "-").code == 0
    assert queries.plan(workspace, item).xml == PLAN.format(goal="two")


def test_a_plan_with_faults_lists_them_all(workspace, nightctl, tmp_path):
    item = walking.make(workspace, Kind.AGENT_JOB).id
    (tmp_path / "plan.xml").write_text("<plan>\n<goal/>\n<steps/>\n</plan>")
    said = nightctl("plan", item, "--from", str(tmp_path / "plan.xml"), "--json")
    assert (said.code, said.error["kind"]) == (7, "bad_data")
    assert said.error["message"].count("line ") >= 3
    assert queries.item(workspace, item).state == "open"


def test_what_a_verb_answers(workspace, nightctl):
    assert nightctl("add", "milk").out == "T-001  ○ open  milk\n"
    assert nightctl("start", "1").out == "T-001  ◐ in progress  milk\n"
    again = nightctl("start", "1")
    assert (again.code, again.err) == (0, "T-001 is in_progress already; nothing changed\n")
    said = nightctl("approve", "1")
    assert said.code == 0
    said = nightctl("unblock", "1")
    assert (said.code, said.err) == (0, "T-001 is not blocked; nothing changed\n")


def test_next(workspace, nightctl):
    said = nightctl("next", "--json")
    assert (said.code, said.error["kind"]) == (1, "failed")
    nightctl("add", "low", "--priority", "low")
    nightctl("add", "high", "--priority", "high")
    assert nightctl("next", "--json").data["title"] == "high"


def test_lists(workspace, nightctl):
    empty = nightctl("list")
    assert (empty.code, empty.out, empty.err) == (0, "", "no items\n")
    assert nightctl("list", "--json").data == []
    nightctl("add", "milk", "--tag", "home", "--priority", "high")
    shown = nightctl("list").out
    for word in ("T-001", "open", "task", "high", "milk", "#home"):
        assert word in shown


def test_a_deferred_item_opens_when_somebody_looks(workspace, nightctl, monkeypatch):
    monkeypatch.setenv("HALO_NOW", "2026-11-20T00:00:00+00:00")
    nightctl("add", "milk", "--defer-until", "2026-11-21")
    assert nightctl("ready", "--json").data == []
    monkeypatch.setenv("HALO_NOW", "2026-11-22T00:00:00+00:00")
    assert [item["id"] for item in nightctl("ready", "--json").data] == ["T-001"]


def test_the_log_of_a_run(workspace, nightctl):
    item = reach(workspace, Kind.JOB, "failed").id
    said = nightctl("log", item, "--json")
    assert (said.code, said.error["kind"]) == (3, "not_found")
    folder = queries.run_folder(workspace, item)
    folder.mkdir(parents=True)
    (folder / "output.log").write_bytes(b"one\ntwo\nthree")
    assert nightctl("log", item).out == "one\ntwo\nthree"
    (folder / "output.log").write_bytes(b"one\ntwo\n\xff\xfe three")
    assert nightctl("log", item, "--lines", "1", "--json").data["text"].endswith(" three")
    assert nightctl("log", item, "--lines", "0", "--json").data["size"] == 16


def test_a_person_sees_their_own_zone(nightctl, workspace):
    (workspace.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    nightctl("add", "x", "--due", "2026-12-24 18:00")
    assert "2026-12-24 18:00:00 EET" in nightctl("show", "1").out
    assert nightctl("show", "1", "--json").data["due"] == "2026-12-24T16:00:00.000000Z"
    assert "TIME (E" in nightctl("history", "1").out
