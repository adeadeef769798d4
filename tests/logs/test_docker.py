"""Docker's json-file driver cuts lines of more than 16 KiB; the parts come together again, whatever stands between."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from halo_engine.logs.follow import Follower
from halo_engine.logs.query import Query
from tests.logs.test_fuzz import opened


def line(text: str, stream: str = "stdout") -> bytes:
    told = {"log": text, "stream": stream, "time": "2026-11-21T01:02:34.5Z"}
    return json.dumps(told, separators=(",", ":")).encode()


def test_parts_with_the_other_stream_between_them(logctl: Any, written: Any) -> None:
    path = written(
        line("one\n"), line("half a "), line("a fault\n", "stderr"), line("line, "), line("half", "stderr"),
        line("whole\n"), line(" and half\n", "stderr"), line("two\n"),
    )  # fmt: skip
    said = logctl("search", path, "--json").data
    assert [each["message"] for each in said] == ["one", "half a line, whole", "a fault", "half and half", "two"]
    assert [each["fields"]["stream"] for each in said] == ["stdout", "stdout", "stderr", "stderr", "stdout"]
    stats = logctl("stats", path, "--json").data
    assert (stats["lines"], stats["records"], stats["malformed"], stats["continued"]) == (8, 5, 0, 3)


def test_a_follower_waits_for_the_rest(source: Any, written: Any) -> None:

    path = written(line("one\n"))
    follower = Follower(source(path), path, Query())
    with path.open("ab") as file:
        file.write(line("half a ") + b"\n" + line("a fault\n", "stderr") + b"\n")
    assert follower.fresh() == []
    with path.open("ab") as file:
        file.write(line("line\n") + b"\n" + line("two\n") + b"\n" + line("three\n") + b"\n")
    found = follower.fresh()
    assert [each.record.message for each in found] == ["half a line", "a fault", "two"]
    follower.close()


PARTS = st.builds(
    line, st.sampled_from(["a", "b\n", "c" * 300, "d" * 900 + "\n"]), st.sampled_from(["stdout", "stderr"])
)
ODD = st.sampled_from([b"", b"not json", line("x\n")[:20], b"{}"])


@settings(max_examples=200, deadline=None)
@given(st.lists(PARTS | ODD, max_size=40), st.integers(200, 4000))
def test_blocks_of_any_size_find_the_same_records(lines: list[bytes], size: int) -> None:
    data = b"".join(each + b"\n" for each in lines)
    with opened(data, "docker") as log:
        whole = [
            (first, last) for _, block in log.blocks(0, log.size, max(1, log.size)) for first, last in log.spans(block)
        ]
        cut = [
            (at + first, at + last) for at, block in log.blocks(0, log.size, size) for first, last in log.spans(block)
        ]
        assert cut == whole
        back = {
            (at + first, at + last)
            for at, block in log.blocks_before(log.size, 0, size)
            for first, last in log.spans(block)
        }
        assert sorted(back) == whole
