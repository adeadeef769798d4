"""The same tree read by ccusage: to the token where its rules are right, and each difference that the docs tell of."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from halo_engine.agents import queries
from halo_engine.agents.ingest import ingest
from halo_engine.agents.queries import Filter
from halo_engine.workspace import Workspace
from tests.agents.conftest import Transcripts, prompt, reply
from tests.agents.test_shapes import CLAUDE, codex, written
from tests.programs import NPM, npm

pytestmark = npm("ccusage")
ONE = 1130
OPUS = "claude-opus-4-5-20251101"


@pytest.fixture
def theirs(own_home: Path) -> Callable[..., dict[str, Any]]:
    """`theirs("claude")`: the session report of a source, without a look at the network."""

    def report(source: str) -> dict[str, Any]:
        environment = {"HOME": str(own_home), "PATH": os.environ["PATH"], "TZ": "UTC", "CCUSAGE_OFFLINE": "1"}
        command = [str(NPM / ".bin" / "ccusage"), source, "session", "--offline", "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
        found: dict[str, Any] = json.loads(done.stdout)["totals"]
        return found

    return report


def ours(workspace: Workspace) -> tuple[int, float]:
    ingest(workspace)
    found = queries.usage(workspace, "model", Filter())
    return found.total.tokens, found.total.cost


def test_a_tree_of_all_shapes(workspace: Workspace, transcripts: Transcripts, theirs: Any) -> None:
    """Replies of several lines, forks, sub-agents, side questions, tiers of the cache, and several models."""
    hour = {"cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 70}}
    lines = [prompt("s1")]
    for number in range(40):
        at = f"2026-11-{1 + number // 2:02}T{number % 24:02}:00:05.000Z"
        model = ("claude-sonnet-4-5-20250929", OPUS, "claude-haiku-4-5-20251001")[number % 3]
        counts = {"output_tokens": 3} | (hour if number % 4 == 0 else {})
        lines.append(reply("s1", f"m{number}", f"r{number}", at, model, counts))
        lines.append(reply("s1", f"m{number}", f"r{number}", at, model, counts | {"output_tokens": 90 + number}))
    transcripts.write("s1", *lines)
    transcripts.write("s2", *(line.replace('"s1"', '"s2"') for line in lines[:31]), reply("s2", "own", "own"))
    side = reply("s1", "m900", "r900", isSidechain=True, agentId="a7")
    transcripts.write("subagents/agent-a7", side, project="-home-ana-shop/s1")
    transcripts.write("s3", *map(written, CLAUDE))
    tokens, cost = ours(workspace)
    peer = theirs("claude")
    assert tokens == peer["totalTokens"]
    assert cost == pytest.approx(peer["totalCost"], abs=1e-6)


def test_codex(own_home: Path, workspace: Workspace, theirs: Any) -> None:
    codex(own_home / ".codex")
    tokens, cost = ours(workspace)
    peer = theirs("codex")
    assert tokens == peer["totalTokens"]
    written, input_price = 600, 1.75e-6
    assert peer["costUSD"] - cost == pytest.approx(written * input_price * 0.25, abs=1e-9), "a write at 1.25, unasked"


def null(session: str) -> str:
    return reply(session, content={"id": None})


NOTHING = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
DIFFERENT: dict[str, tuple[dict[str, list[str]], int, int]] = {
    "a null somewhere": ({"s1": [null("s1")]}, ONE, 0),
    "a space before the brace": ({"s1": [reply("s1").replace('"usage":{', '"usage": {')]}, ONE, 0),
    "a version that is none": ({"s1": [reply("s1", version="dev")]}, ONE, 0),
    "a breakdown of nothing": (
        {
            "s1": [
                reply("s1", counts={"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}})
            ]
        },
        ONE,
        ONE - 100,
    ),
    "a copy without request id": (
        {"s1": [reply("s1", request=None)], "s2": [reply("s2", request=None, at="2026-11-20T11:00:05.000Z")]},
        ONE,
        2 * ONE,
    ),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_differences_are_those_that_are_told(
    what: str, workspace: Workspace, transcripts: Transcripts, theirs: Any
) -> None:
    files, own, other = DIFFERENT[what]
    for session, lines in files.items():
        transcripts.write(session, *(line.replace('"requestId":null,', "") for line in lines))
    assert ours(workspace)[0] == own
    assert theirs("claude")["totalTokens"] == other
