"""A made log with the truth about it: every count is equal to it, by whatever way it was counted."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from importlib import import_module
from random import Random

import pytest

from benchmarks import log_data
from halo_engine import clock
from halo_engine.logs import packed, parallel, queries, seek
from halo_engine.logs.levels import NAMES, wanted_levels
from halo_engine.logs.query import Condition, Query
from halo_engine.logs.reading import Reading
from halo_engine.logs.stamps import SECOND

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("truth") / "app.log"
    return path, log_data.generate(path, 3_000_000)


@pytest.fixture(autouse=True)
def in_small(monkeypatch):
    """Files and pieces are large from 256 KiB on, so that a small file goes all ways."""
    monkeypatch.setattr(seek, "SMALL", 1 << 18)
    monkeypatch.setattr(parallel, "PIECE", 1 << 18)
    monkeypatch.setattr(parallel, "WORTH", 1 << 18)


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def processes(request):
    return request.param


def test_lines_records_malformed_and_levels(log, source, processes):
    path, truth = log
    found = queries.stats([source(path)], Reading(processes=processes))
    assert (found.lines, sum(found.malformed.values())) == (truth["lines"], truth["malformed"])
    assert found.records == sum(truth["levels"].values())
    assert {name: group.count for name, group in found.groups.items()} == truth["levels"]
    assert found.malformed["nul"] == truth["faults"]["nul"]
    assert found.malformed["text"] == truth["faults"]["text"]


def test_by_instance(log, source):
    path, truth = log
    found = queries.stats([source(path)], Reading(), "instance")
    assert {name: group.count for name, group in found.groups.items()} == truth["instances"]


def test_a_time_that_stands_for_none_stops_no_process(log, source, processes, tmp_path):
    whole, truth = log
    path = tmp_path / "go.log"
    path.write_bytes(b'{"time":"0001-01-01T00:00:00Z","level":"info","msg":"zero"}\n' + whole.read_bytes())
    found = queries.stats([source(path)], Reading(processes=processes))
    assert found.groups["info"].count == truth["levels"]["info"] + 1
    assert queries.search([source(path)], Reading(Query(text="zero"), processes)).entries[0].readable()["time"] is None


@pytest.mark.parametrize("level", ["error", "=error", "=warn", "=info", "debug", "=trace", "fatal"])
def test_levels_and_how_many_more(log, source, level, processes):
    path, truth = log
    levels = wanted_levels(level)
    reading = Reading(Query(levels=levels), processes)
    found = queries.search([source(path)], reading, limit=7)
    assert found.count == sum(truth["levels"][NAMES[each]] for each in levels)
    assert len(found.entries) == 7
    assert found.entries == list(queries.stream([source(path)], reading))[-7:]


@pytest.mark.parametrize(("name", "seconds"), [("1h", 3600), ("24h", 86_400)])
@pytest.mark.parametrize("level", [None, "=error", "info"])
def test_a_time_is_sought_and_nothing_is_lost(log, source, name, seconds, level, processes):
    path, truth = log
    levels = wanted_levels(level) if level else None
    reading = Reading(Query(levels=levels, since=(truth["end"] - seconds) * SECOND), processes)
    late = truth["late"][name]
    wanted = {NAMES[each] for each in levels} if levels else set(LEVELS)
    assert queries.search([source(path)], reading).count == sum(late.get(each, 0) for each in wanted)
    assert not reading.disordered


def test_a_window_with_two_ends_is_what_a_full_look_finds(log, source, monkeypatch):
    path, truth = log
    query = Query(since=(truth["end"] - 300_000) * SECOND, until=(truth["end"] - 200_000) * SECOND)
    quick = queries.search([source(path)], Reading(query), 0)
    monkeypatch.setattr(seek, "SMALL", 1 << 40)
    assert queries.search([source(path)], Reading(query), 0) == quick
    assert quick.count > 1000


def test_the_last_lines_of_one_instance(log, source):
    path, _ = log
    query = Query(instances=("micro05",))
    assert queries.tail([source(path)], query, 5) == list(queries.stream([source(path)], Reading(query)))[-5:]


def test_conditions_texts_and_traces(log, source):
    path, truth = log
    lines = path.read_bytes().splitlines()
    sound = [json.loads(line) for line in lines if _sound(line)]
    assert len(sound) == sum(truth["levels"].values())

    def count(query):
        return queries.search([source(path)], Reading(query)).count

    message = [each.get("msg", each.get("message")) for each in sound]
    assert count(Query(where=(Condition("ms", ">=", "900"),))) == sum(each["ms"] >= 900 for each in sound)
    assert count(Query(where=(Condition("req.url", "=", "/v1/items/7"),))) == sum(
        each["req"]["url"] == "/v1/items/7" for each in sound
    )
    assert count(Query(where=(Condition("req.url", "~", "7$"),))) == sum(
        each["req"]["url"].endswith("7") for each in sound
    )
    assert count(Query(where=(Condition("stack", "!=", "x"),))) == len(sound)
    pattern = re.compile(r"^retrying .* 9\d+")
    assert count(Query(regex=pattern.pattern)) == sum(bool(pattern.search(text)) for text in message)
    assert count(Query(text="RETRYING fetch")) == sum("retrying fetch" in text for text in message)
    one = sound[500]["trace_id"]
    assert count(Query(trace=one)) == 1


def _sound(line):
    try:
        return isinstance(json.loads(line.decode()), dict)
    except ValueError:
        return False


def test_malformed_lines_are_shown(log, source, processes):
    path, truth = log
    found = queries.malformed([source(path)], Reading(processes=processes), 5)
    assert (found.count, len(found.lines)) == (truth["malformed"], 5)
    every = queries.malformed([source(path)], Reading(processes=processes), 0)
    assert every.lines[-5:] == found.lines
    assert len({line.start for line in every.lines}) == truth["malformed"]


def test_packed_and_rotated_files_are_one_log(log, source, tmp_path):
    import zstandard

    path, truth = log
    lines = path.read_bytes().splitlines(keepends=True)
    third = len(lines) // 3
    old, middle, new = b"".join(lines[:third]), b"".join(lines[third : 2 * third]), b"".join(lines[2 * third :])
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(old, 1))
    (tmp_path / "app.log.1.zst").write_bytes(zstandard.compress(middle, 1))
    (tmp_path / "app.log").write_bytes(new)
    made = source(tmp_path / "app.log", tmp_path / "app.log.1.zst", tmp_path / "app.log.2.gz")
    assert [file.name for file in made.in_order()] == ["app.log.2.gz", "app.log.1.zst", "app.log"]
    found = queries.stats([made], Reading())
    assert found.lines == truth["lines"]
    assert {name: group.count for name, group in found.groups.items()} == truth["levels"]
    records = [entry.record for entry in queries.stream([made], Reading())]
    assert records == [entry.record for entry in queries.stream([source(path)], Reading())]


def test_sources_are_merged_by_time(log, workspace, tmp_path):
    path, truth = log
    random, lines = Random(3), sorted(_dated(path))
    shares = [[], [], []]
    for _, line in lines:
        shares[random.randrange(3)].append(line)
    for name, share in zip("abc", shares, strict=True):
        (tmp_path / f"{name}.log").write_bytes(b"".join(share))
    sources = queries.sources(workspace, [tmp_path / f"{name}.log" for name in "abc"])
    merged = list(queries.stream(sources, Reading()))
    assert [entry.record.time for entry in merged] == [time for time, _ in lines]
    assert len({entry.source for entry in merged}) == 3
    latest = queries.search(sources, Reading(), 50)
    assert latest.count == sum(truth["levels"].values())
    assert [each.record.time for each in latest.entries] == [time for time, _ in lines[-50:]]
    assert [each.record.time for each in queries.tail(sources, Query(), 50)] == [time for time, _ in lines[-50:]]


def _dated(path):
    from halo_engine.logs.formats.json_lines import JsonLines
    from halo_engine.logs.record import Record

    form = JsonLines()
    for line in path.read_bytes().splitlines(keepends=True):
        record = form.head(line)
        if isinstance(record, Record):
            yield record.time, line


def test_a_clock_that_jumped_is_noticed_and_all_is_read(log, source, tmp_path):
    path, truth = log
    lines = path.read_bytes().splitlines(keepends=True)
    jumped = tmp_path / "jumped.log"
    jumped.write_bytes(b"".join(lines[-2000:] + lines[:-2000]))
    reading = Reading(Query(since=(truth["end"] - 3600) * SECOND))
    assert queries.search([source(jumped)], reading).count == sum(truth["late"]["1h"].values())
    assert reading.disordered == [str(jumped)]


def test_the_command_line_says_the_same(log, logctl, tmp_path):
    path, truth = log
    with clock.held(datetime.fromtimestamp(truth["end"], UTC)):
        said = logctl("search", path, "--level", "=error", "--since", "24h", "--limit", "10", "--json")
        assert len(said.data) == 10
        assert said.json["more"] == truth["late"]["24h"]["error"] - 10
        raw = logctl("export", path, "--period", "1h", "--format", "ndjson")
        assert len(raw.out.splitlines()) == sum(truth["late"]["1h"].values())
        data = logctl("stats", path, "--json").data
    assert (data["lines"], data["records"], data["malformed"]) == (
        truth["lines"],
        sum(truth["levels"].values()),
        truth["malformed"],
    )


def test_a_damaged_packed_file_gives_what_it_has(log, source, tmp_path, capsys):
    path, truth = log
    whole = gzip.compress(path.read_bytes(), 1)
    (tmp_path / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    found = queries.stats([source(tmp_path / "cut.log.gz")], Reading())
    assert 0 < found.lines < truth["lines"]
    assert "damaged, read as far as it goes" in capsys.readouterr().err


@pytest.mark.parametrize(("suffix", "module"), [("gz", "gzip"), ("xz", "lzma")])
def test_a_small_packed_file_that_ends_too_soon_gives_what_it_has(source, tmp_path, suffix, module):
    lines = b"".join(b'{"level":"info","msg":"%d"}\n' % number for number in range(1000))
    path = tmp_path / f"app.log.{suffix}"
    path.write_bytes(import_module(module).compress(lines)[:-4])
    assert queries.stats([source(path)], Reading()).records > 900


def test_stdin_is_a_file_too(log, workspace, monkeypatch):
    path, truth = log
    with path.open("rb") as file:
        monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": file}))
        found = queries.stats(queries.sources(workspace, [packed.STDIN]), Reading())
    assert found.lines == truth["lines"]


def test_the_generator_is_seeded(tmp_path):
    for name in ("a", "b"):
        log_data.generate(tmp_path / name, 100_000, seed=3)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
