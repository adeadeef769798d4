"""One reply counts once; and what is added up quickly equals what is added up from records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_engine.agents.claude_tally import ClaudeTally
from halo_engine.agents.replies import Replies, hashed, milliseconds
from halo_engine.agents.sources.claude_code import ClaudeReader
from halo_engine.agents.tally import Tally
from tests.agents.conftest import prompt, reply

TOTAL = 1130
USAGE = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": st.integers(-1, 9) | st.none() | st.just(3.0),
        "output_tokens": st.integers(0, 90),
        "cache_read_input_tokens": st.integers(0, 90),
        "cache_creation_input_tokens": st.integers(0, 90) | st.text(max_size=2),
        "cache_creation": st.none()
        | st.dictionaries(
            st.sampled_from(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]), st.integers(0, 9)
        ),
        "speed": st.sampled_from(["fast", "standard"]),
        "service_tier": st.sampled_from(["standard", "batch"]) | st.none(),
    },
)
BLOCK = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "tool_result", "thinking", "new"])},
    optional={"text": st.text(max_size=4), "is_error": st.booleans() | st.none(), "id": st.text(max_size=2)},
)
CONTENT = st.text(max_size=6) | st.lists(BLOCK, max_size=3) | st.none() | st.just("<command-name>x")
MESSAGE = st.fixed_dictionaries(
    {"content": CONTENT},
    optional={
        "id": st.sampled_from(["m1", "m2", None]),
        "model": st.sampled_from(["x", "y"]),
        "usage": USAGE | st.none(),
    },
)
LINE = st.fixed_dictionaries(
    {"type": st.sampled_from(["user", "assistant", "system", "progress", "odd"]), "message": MESSAGE | st.none()},
    optional={
        "requestId": st.sampled_from(["r1", "r2", None, 5]),
        "sessionId": st.sampled_from(["s1", "s2"]),
        "timestamp": st.sampled_from(["2026-11-20T10:00:05.000Z", "2026-11-20T10:00:06+01:00", "soon", None, 7]),
        "isSidechain": st.booleans(),
        "isMeta": st.booleans(),
        "isApiErrorMessage": st.booleans(),
        "agentId": st.sampled_from(["a", ""]),
        "costUSD": st.floats(0, 9) | st.none(),
        "cwd": st.just("/x") | st.none(),
    },
)


def slowly(lines: list[bytes]) -> tuple[Tally, ClaudeReader]:
    tally, reader = Tally(), ClaudeReader(Path("/x/projects/p/s0.jsonl"))
    for number, line in enumerate(lines, 1):
        for record in reader.read(line, number):
            tally.add(record)
    return tally, reader


def quickly(lines: list[bytes]) -> ClaudeTally:
    tally = ClaudeTally(Path("/x/projects/p/s0.jsonl"))
    for line in lines:
        tally.line(line)
    tally.end()
    return tally


def counts(tally: Tally) -> dict[str, tuple[int, int, int]]:
    found = {name: (each.prompts, each.calls, each.failures) for name, each in tally.sessions.items()}
    return {name: each for name, each in found.items() if any(each)}


@given(st.lists(LINE.map(lambda entry: json.dumps(entry).encode()) | st.binary(max_size=20), max_size=8))
@settings(max_examples=300, deadline=None)
def test_quickly_is_the_same_as_slowly(lines: list[bytes]) -> None:
    one, reader = slowly(lines)
    other = quickly(lines)
    assert other.replies.all() == one.replies.all()
    assert other.damaged == one.damaged
    assert other.unknown == reader.unknown
    assert counts(other) == counts(one)


def total(*lines: str) -> int:
    return sum(each.total for each in quickly([line.encode() for line in lines]).replies.all())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([reply("s", counts={"output_tokens": 1}), reply("s"), reply("s", counts={"output_tokens": 3})], TOTAL),
        ([reply("s"), reply("fork")], TOTAL),
        ([reply("s"), reply("s", "m2", "r2")], 2 * TOTAL),
        ([reply("s"), reply("s", "m1", "r2")], 2 * TOTAL),
        ([reply("s"), reply("s", "m1", "r2", counts={"output_tokens": 900}, isSidechain=True)], TOTAL),
        ([reply("s", "m1", "r2", counts={"output_tokens": 900}, isSidechain=True), reply("s")], TOTAL),
        ([reply("s", request=None), reply("fork", request=None)], TOTAL),
        (
            [reply("s", request=None), reply("s", request=None, counts={"cache_read_input_tokens": 2000})],
            2 * TOTAL + 1000,
        ),
        ([reply("s").replace(" ", ""), prompt("s")], TOTAL),
        ([reply("s").replace('"usage":', '"usage" : ')], TOTAL),
        ([reply("s", cwd=None, version=None)], TOTAL),
        ([reply("s", message=None, request=None)], TOTAL),
    ],
)
def test_one_reply_counts_once(lines: list[str], expected: int) -> None:
    assert total(*lines) == expected


def test_replies_are_merged_in_any_order() -> None:
    lines = [reply("s", counts={"output_tokens": n}) for n in (1, 30, 7)]
    found: set[Any] = set()
    for order in (lines, lines[::-1]):
        merged = Replies()
        for line in order:
            for each in quickly([line.encode()]).replies.all():
                merged.put(each)
        found.add(sum(each.output for each in merged.all()))
    assert found == {30}


def test_a_hash_is_the_same_tomorrow() -> None:
    assert hashed("msg_1") == -7103710262777805244


@pytest.mark.parametrize(
    ("text", "expected"), [("2026-11-20T10:00:05.123000Z", 1795168805123), ("", 0), ("soon", 0), ("x" * 30, 0)]
)
def test_milliseconds(text: str, expected: int) -> None:
    assert milliseconds(text) == expected
