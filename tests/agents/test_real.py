"""What the real programs write: one small task each, recorded.

Made with Claude Code 2.1.197, Codex CLI 0.169.0, Gemini CLI 0.61.0 and OpenCode 1.18.33 from npm. Each was told to
write a file, change a line of it and run a command that fails, and was answered by a server of our own in place of its
vendor's. Texts of the programs themselves are cut to `…`, and the folders are made up; of OpenCode's database there are
the three tables with the work.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from halo_engine.agents import records
from halo_engine.agents.records import AnyRecord, Call, Prompt, Result, Said
from halo_engine.agents.sources import SOURCES, read

REAL = Path(__file__).parent / "data" / "real"
PLACES = {
    "claude_code": ("claude.jsonl", ".claude/projects/-home-kit-code-notes/70abe9b0-7a13-41e7-8151-f6740e0250f7.jsonl"),
    "codex": ("rollout-codex.jsonl", ".codex/sessions/2026/11/21/rollout-2026-11-21T06-49-58-01a1fcde.jsonl"),
    "gemini": ("session-gemini.jsonl", ".gemini/tmp/notes/chats/session-2026-11-21T06-50-0b0ceebf.jsonl"),
    "opencode": ("opencode.sql", ".local/share/opencode/opencode.db"),
}
TOKENS = {"claude_code": 4 * 1500, "codex": 4 * 1050, "gemini": 4 * 937, "opencode": 4 * 1500}
"""At least; each request added a few, so that no two replies are alike."""


def laid(name: str, home: Path) -> Path:
    """The recording where its program would have kept it."""
    recording, place = PLACES[name]
    path = home / place
    path.parent.mkdir(parents=True)
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as database:
            database.executescript((REAL / recording).read_text())
    else:
        shutil.copy(REAL / recording, path)
    return path


@pytest.mark.parametrize("name", PLACES)
def test_all_that_happened_is_told_once_and_in_order(name: str, tmp_path: Path) -> None:
    told: list[AnyRecord] = list(read(laid(name, tmp_path), SOURCES[name]))
    assert not [each for each in told if isinstance(each, records.Malformed)]
    assert [each.text.strip('"') for each in told if isinstance(each, Prompt)] == ["Write hello.txt and show it"]
    assert [each.text for each in told if isinstance(each, Said)][-1] == "All is done."
    calls = [each.id for each in told if isinstance(each, Call)]
    results = [each for each in told if isinstance(each, Result)]
    assert len(calls) == len(set(calls)) == 3
    assert [each.call for each in results] == calls
    assert [each.failed for each in results] == [False, False, True]
    [edit] = results[1].changes
    assert edit.path == "/home/kit/code/notes/hello.txt"
    assert (edit.removed, edit.added) == (("two",), ("three",))


@pytest.mark.parametrize("name", PLACES)
def test_found_in_its_place_and_counted(name: str, own_home: Path, agentctl: Callable[..., Any]) -> None:
    path = laid(name, own_home)
    assert agentctl("ingest").code == 0
    [session] = agentctl("sessions", "--json").data
    assert session["source"] == name
    assert (session["prompts"], session["calls"], session["replies"]) == (1, 3, 4)
    assert TOKENS[name] < session["tokens"] < TOKENS[name] * 1.1
    assert session["cost"] > 0
    [source] = [each for each in agentctl("sources", "--json").data if each["name"] == name]
    assert (source["files"], source["damaged"], source["unknown"]) == (1, 0, {})
    assert path.exists()
