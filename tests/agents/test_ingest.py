"""What is new is read, once: growth, rotation, truncation, copies, damage, files that go away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_engine.agents import queries, scanning
from halo_engine.agents.ingest import ingest, refresh
from halo_engine.agents.projection import agents
from halo_engine.agents.queries import Filter
from halo_engine.agents.scanning import Job, scan, scan_all
from halo_engine.errors import BadConfig, BadData, NotFound
from halo_engine.events.store import rebuild
from halo_engine.workspace import Workspace
from tests.agents.conftest import Transcripts, prompt, reply

ONE = 1130


def tokens(workspace: Workspace) -> int:
    return queries.usage(workspace, "model", Filter()).total.tokens


def test_everything_is_read_once(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", prompt("s1"), reply("s1"))
    transcripts.write("s2", prompt("s2"), reply("s2", "m2", "r2"))
    report = ingest(workspace)
    assert (report.read, report.lines, report.sessions) == (2, 4, 2)
    head = workspace.log.head()
    assert ingest(workspace).read == 0
    assert workspace.log.head() == head
    assert tokens(workspace) == 2 * ONE


def test_a_grown_file_costs_only_its_new_bytes(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s1", *[reply("s1", f"m{n}", f"r{n}") for n in range(50)])
    ingest(workspace)
    before = path.stat().st_size
    transcripts.write("s1", reply("s1", "new", "new"), prompt("s1"))
    report = ingest(workspace)
    assert (report.lines, report.bytes) == (2, path.stat().st_size - before)
    [spent], _ = queries.sessions(workspace, Filter())
    assert (spent.session.replies, spent.session.lines, spent.session.prompts) == (51, 52, 1)
    assert spent.session.revision == 2


def test_a_reply_that_grows_in_a_later_line_replaces_what_was_known(
    workspace: Workspace, transcripts: Transcripts
) -> None:
    transcripts.write("s1", reply("s1", counts={"output_tokens": 1}))
    ingest(workspace)
    transcripts.write("s1", reply("s1", counts={"output_tokens": 700}))
    ingest(workspace)
    assert queries.usage(workspace, "model", Filter()).total.output == 700


def test_half_a_line_waits_for_its_end(workspace: Workspace, transcripts: Transcripts) -> None:
    line = reply("s1", "m2", "r2")
    path = transcripts.write("s1", reply("s1"))
    with path.open("a") as file:
        file.write(line[:40])
    assert ingest(workspace).damaged == 0
    with path.open("a") as file:
        file.write(line[40:])
    report = ingest(workspace)
    assert (report.lines, report.damaged) == (1, 0)
    with path.open("a") as file:
        file.write("\n" + reply("s1", "m3", "r3") + "\n")
    ingest(workspace)
    assert tokens(workspace) == 3 * ONE


def test_a_renamed_file_is_not_read_again(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s1", prompt("s1"), reply("s1"))
    ingest(workspace)
    path.rename(path.with_name("kept.jsonl"))
    report = ingest(workspace)
    assert report.lines == 0
    [spent], _ = queries.sessions(workspace, Filter())
    assert (spent.session.files, spent.session.prompts) == (1, 1)


def test_a_truncated_file_is_read_from_its_beginning(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s1", prompt("s1"), reply("s1"), reply("s1", "m2", "r2"))
    ingest(workspace)
    path.write_text(prompt("s1") + "\n" + reply("s1", "m3", "r3") + "\n")
    ingest(workspace)
    [spent], _ = queries.sessions(workspace, Filter())
    assert (spent.session.replies, spent.session.prompts, spent.session.lines) == (3, 1, 2)


def test_a_file_rewritten_in_place_and_larger_is_read_again(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s1", prompt("s1"))
    ingest(workspace)
    path.write_text("\n".join([prompt("s1", "Other words"), reply("s1"), prompt("s1", "more"), ""]))
    ingest(workspace)
    [spent], _ = queries.sessions(workspace, Filter())
    assert (spent.session.prompts, spent.session.lines) == (2, 3)


def test_a_fork_counts_only_its_own(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", prompt("s1"), reply("s1"))
    ingest(workspace)
    transcripts.write("s2", prompt("s2"), reply("s2"), reply("s2", "m2", "r2"))
    ingest(workspace)
    found = {spent.session.id: spent.usage.tokens for spent in queries.sessions(workspace, Filter())[0]}
    assert found == {"s1": ONE, "s2": ONE}


def test_a_main_reply_takes_over_from_a_side_question_of_another_session(
    workspace: Workspace, transcripts: Transcripts
) -> None:
    transcripts.write("s1", prompt("s1"), reply("s1", isSidechain=True))
    ingest(workspace)
    transcripts.write("s2", reply("s2", request="r9"))
    ingest(workspace)
    found = {spent.session.id: spent.usage.tokens for spent in queries.sessions(workspace, Filter())[0]}
    assert found == {"s1": 0, "s2": ONE}


def test_sub_agents_belong_to_their_session(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", prompt("s1"), reply("s1"))
    side = reply("s1", "m2", "r2", isSidechain=True, agentId="a7")
    transcripts.write("subagents/agent-a7", side, project="-home-ana-shop/s1")
    ingest(workspace)
    [spent], _ = queries.sessions(workspace, Filter())
    row = spent.session
    assert (row.files, row.agents, row.replies, row.side_replies, row.side_tokens) == (2, 1, 2, 1, ONE)
    assert row.path.endswith("s1.jsonl")


def test_sessions_outlive_their_files(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s1", prompt("s1"), reply("s1"))
    ingest(workspace)
    path.unlink()
    (workspace.store / "transcripts.db").unlink()
    transcripts.write("s2", reply("s2", "m2", "r2"))
    ingest(workspace)
    assert tokens(workspace) == 2 * ONE


def test_the_ledger_can_be_thrown_away(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", prompt("s1"), reply("s1"))
    ingest(workspace)
    head = workspace.log.head()
    (workspace.store / "transcripts.db").write_bytes(b"no database at all" * 100)
    ingest(workspace)
    assert workspace.log.head() == head
    assert tokens(workspace) == ONE


def test_rows_can_be_made_again_from_the_log(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", prompt("s1"), reply("s1"))
    ingest(workspace)
    transcripts.write("s1", reply("s1", "m2", "r2"))
    ingest(workspace)
    before = queries.sessions(workspace, Filter())
    rebuild(workspace, agents)
    assert queries.sessions(workspace, Filter()) == before


def test_damage_and_unknown_types_are_counted(workspace: Workspace, transcripts: Transcripts) -> None:
    path = transcripts.write("s1", prompt("s1"), "{broken", "[1]", '{"type":"wonder"}', reply("s1"))
    with path.open("ab") as file:
        file.write(b"\xff\xfe\x00\n\n")
    report = ingest(workspace)
    assert (report.lines, report.damaged, report.unknown) == (6, 3, {"wonder": 1})
    assert "3 damaged lines; 1 line of unknown type" in report.summary()
    assert tokens(workspace) == ONE


def test_a_line_without_a_time_is_not_lost(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", reply("s1", at=""))
    ingest(workspace)
    assert tokens(workspace) == ONE


def test_a_dry_run_changes_nothing(workspace: Workspace, transcripts: Transcripts) -> None:
    transcripts.write("s1", reply("s1"))
    dry = Workspace(workspace.root, dry_run=True)
    assert ingest(dry).events == 1
    assert workspace.log.head() == 0
    refresh(dry)
    assert ingest(workspace).events == 1


def test_a_long_session_takes_several_events(workspace: Workspace, transcripts: Transcripts) -> None:
    lines = [
        reply("s1", f"m{day}-{hour}", "r", at=f"2026-{day // 28 + 1:02}-{day % 28 + 1:02}T{hour:02}:00:00.000Z")
        for day in range(40)
        for hour in range(24)
    ]
    transcripts.write("s1", *lines)
    assert ingest(workspace).events == 3
    assert max(len(event.payload) for event in workspace.log.read()) < 50_000
    assert tokens(workspace) == ONE * 960


def test_paths_by_name(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "s1.jsonl"
    path.parent.mkdir()
    path.write_text(reply("s1") + "\n")
    (path.parent / "notes.txt").write_text("no session")
    assert ingest(workspace, [path.parent]).read == 1
    assert ingest(workspace, [path]).read == 0
    with pytest.raises(NotFound):
        ingest(workspace, [tmp_path / "nowhere"])
    with pytest.raises(BadData):
        ingest(workspace, [path.parent / "notes.txt"])


def test_instances_and_folders_are_configured(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "projects" / "p"
    folder.mkdir(parents=True)
    (folder / "s1.jsonl").write_text(reply("s1") + "\n")
    config = f"sources:\n  claude_code: [{tmp_path / 'logs'}]\ninstances:\n  ana: /home/ana\n"
    (workspace.root / "agentctl.yaml").write_text(config)
    ingest(workspace)
    [spent], _ = queries.sessions(workspace, Filter(instance="ana"))
    assert spent.session.id == "s1"
    (workspace.root / "agentctl.yaml").write_text("sources:\n  nonsense: []\n")
    with pytest.raises(BadConfig):
        ingest(workspace)


def test_an_unreadable_file_is_named(workspace: Workspace, own_home: Path) -> None:
    folder = own_home / ".local" / "share" / "opencode"
    folder.mkdir(parents=True)
    (folder / "opencode.db").write_text("no database, but long enough to be taken for one" * 20)
    report = ingest(workspace)
    assert list(report.faults) == [str(folder / "opencode.db")]


def test_two_processes_find_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = []
    for number in range(9):
        path = tmp_path / f"s{number}.jsonl"
        path.write_text("".join(reply(f"s{number}", f"m{number}-{n}", "r") + "\n" for n in range(40)))
        jobs.append(Job("claude_code", str(path), path.stat().st_size))
    alone = list(scan_all(jobs))
    monkeypatch.setattr(scanning, "WORTH", 1)
    monkeypatch.setattr(scanning.threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert list(scan_all(jobs)) == alone


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_is_lost_however_a_file_grows(data: st.DataObject, tmp_path: Path) -> None:
    lines = data.draw(st.lists(st.binary(max_size=9).map(lambda raw: raw.translate(None, b"\n{")), max_size=12))
    lines += [reply("s", f"m{n}", "r").encode() for n in range(data.draw(st.integers(0, 3)))]
    whole = b"".join(line + b"\n" for line in data.draw(st.permutations(lines)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))
    path = tmp_path / "s.jsonl"
    shutil.rmtree(path, ignore_errors=True)
    path.write_bytes(b"")
    found, offset, start, damaged = 0, 0, 0, 0
    for cut in [*cuts, len(whole)]:
        with path.open("ab") as file:
            file.write(whole[start:cut])
        start = cut
        done = scan(Job("claude_code", str(path), cut, offset))
        offset, found, damaged = done.offset, found + done.lines, damaged + done.damaged
    told = [line for line in whole.split(b"\n") if line and not line.isspace()]
    assert found == len(told)
    assert damaged == len([line for line in told if not line.startswith(b'{"type"')])
    assert offset == len(whole)
