"""Whatever the bytes: no crash, no lost line, and the prefilter never changes an answer."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_engine.logs import bulk, scan
from halo_engine.logs.files import LogFile
from halo_engine.logs.formats import NAMES, named
from halo_engine.logs.formats.json_lines import Keys
from halo_engine.logs.levels import Level
from halo_engine.logs.query import Condition, Query
from halo_engine.logs.record import Entry, Malformed, Record
from halo_engine.logs.tally import tallied

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LEVELS = st.sampled_from([10, 30, 50, 50.0, 60, 3, 6, "error", "ERROR", "Fatal", "info", "50", " warn", "debug", None])
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "level": LEVELS | VALUES,
        "severity": LEVELS,
        "levelno": LEVELS,
        "lvl": LEVELS,
        "time": st.integers(0, 2**64) | st.just("2026-11-21T01:01:30Z") | VALUES,
        "msg": st.text(max_size=30) | VALUES,
        "instance": st.sampled_from(["dad", "mum", 7, "d d"]) | VALUES,
        "req": st.dictionaries(st.sampled_from(["level", "id"]), LEVELS | VALUES, max_size=2),
    },
)


def spaced(value, ascii_only, separators):
    return json.dumps(value, ensure_ascii=ascii_only, separators=separators).encode("utf-8", "surrogatepass")


def escaped(line):
    """The same JSON, with some of its letters as escapes."""
    return (
        line.replace(b'"error"', b'"\\u0065rror"')
        .replace(b'"level"', b'"l\\u0065vel"')
        .replace(b'"dad"', b'"d\\u0061d"')
    )


JSON = st.builds(spaced, OBJECTS, st.booleans(), st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :  ")]))
BROKEN = st.builds(lambda line, at: line[: at % (len(line) + 1)], JSON, st.integers(0, 400))
PRETTY = st.builds(lambda text: b"[14:02:11.123] INFO (w/1): " + text.encode("utf-8", "replace"), st.text(max_size=20))
DOCKER = st.builds(
    lambda log, end: json.dumps({"log": log + end, "stream": "stdout", "time": "2026-11-21T01:02:34.5Z"}).encode(),
    st.text(max_size=30) | JSON.map(lambda line: line.decode(errors="replace")),
    st.sampled_from(["\n", ""]),
)
TEXT = st.builds(lambda text: b"2026-11-21 01:02:38,268 ERROR " + text.encode("utf-8", "replace"), st.text(max_size=20))
LINES = st.one_of(
    JSON, JSON.map(escaped), BROKEN, PRETTY, DOCKER, TEXT, st.binary(max_size=40), st.just(b""), st.just(b"    at x:1")
).map(lambda line: line.replace(b"\n", b""))
FILES = st.builds(
    lambda lines, end: b"\n".join(lines) + end, st.lists(LINES, max_size=25), st.sampled_from([b"\n", b""])
)


def opened(data, form, keys=Keys()):  # noqa: B008
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    file.write(data)
    log = LogFile(Path("x.log"), file)
    log.format = named(form, data[:65_536], keys)
    return log


@pytest.mark.parametrize("form", NAMES)
@settings(max_examples=120, deadline=None)
@given(data=FILES)
def test_no_crash_and_no_lost_line(form, data):
    with opened(data, form) as log:
        found = tallied(log, Query(), "template", 0, log.size)
        assert found.lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
        assert found.records + sum(found.malformed.values()) + found.continued == found.lines
        assert found.continued >= 0
        for block_offset, block in log.blocks(0, log.size):
            for first, last in log.spans(block):
                record = log.format.whole(block[first:last])
                head = log.format.head(block[first:last])
                assert isinstance(head, Malformed) == isinstance(record, Malformed)
                if isinstance(record, Record) and isinstance(head, Record):
                    assert (head.time, head.level, head.instance) == (record.time, record.level, record.instance)
                    assert json.dumps(Entry("x", "x", block_offset, 0, record).readable(), allow_nan=False)


@pytest.mark.parametrize("by", ["level", "instance", "template"])
@pytest.mark.parametrize("keys", [Keys(), Keys(level=("levelno", "level"), instance=("level", "bot"), message=())])
@settings(max_examples=100, deadline=None)
@given(data=FILES, levels=st.none() | st.frozensets(st.sampled_from(Level)))
def test_counting_in_bulk_counts_the_same(by, keys, data, levels):
    with opened(data, "json", keys) as log:
        query = Query(levels=levels)
        assert bulk.fits(query, log)
        assert bulk.tallied(log, query, by, 0, log.size) == tallied(log, query, by, 0, log.size)


QUERIES = [
    Query(levels=frozenset({Level.ERROR, Level.FATAL})),
    Query(levels=frozenset({Level.INFO})),
    Query(levels=frozenset({Level.TRACE, Level.WARN})),
    Query(instances=("dad",)),
    Query(instances=("7",)),
    Query(where=(Condition("req.id", "=", "error"),)),
    Query(where=(Condition("req.id", "=", "50"),)),
    Query(text="Error"),
    Query(trace="error"),
]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
@settings(max_examples=150, deadline=None)
@given(data=FILES)
def test_the_prefilter_changes_no_answer(query, data):
    with opened(data, "json") as log:
        fast = scan.Judge(query, log)
        slow = scan.Judge(query, log)
        slow.spans = log.spans
        assert list(scan.hits(log, fast, 0, log.size)) == list(scan.hits(log, slow, 0, log.size))


@settings(max_examples=100, deadline=None)
@given(data=FILES, size=st.integers(1, 200), form=st.sampled_from(["json", "docker", "text", "pretty"]))
def test_blocks_of_any_size_hold_the_same_records(data, size, form):
    with opened(data, form) as log:
        spans = [(at + a, at + b) for at, block in log.blocks(0, log.size) for a, b in log.spans(block)]
        small = [(at + a, at + b) for at, block in log.blocks(0, log.size, size) for a, b in log.spans(block)]
        assert small == spans
        back = [
            (at + a, at + b)
            for at, block in log.blocks_before(log.size, 0, size)
            for a, b in reversed(list(log.spans(block)))
        ]
        assert back[::-1] == spans
        assert {log.align(start) for start, _ in spans} == {start for start, _ in spans}
