"""A file to scroll in: any line by offset or number, found forward and backward, followed, and counted over time."""

from __future__ import annotations

from itertools import accumulate
from random import Random

import pytest

from halo_engine.logs import queries, view
from halo_engine.logs.levels import Level
from halo_engine.logs.query import Query

START = 1_795_222_000


def line(n):
    level = 50 if n % 10 == 0 else 30
    return f'{{"level":{level},"time":{(START + n) * 1000},"msg":"{n}","pad":"{"x" * (n * 7919 % 300)}"}}\n'.encode()


@pytest.fixture
def lines():
    return [line(n) for n in range(2000)]


@pytest.fixture
def log(tmp_path, lines):
    path = tmp_path / "app.log"
    path.write_bytes(b"".join(lines))
    return path


@pytest.fixture
def seen(log, source):
    made = queries.view(source(log))
    yield made
    made.close()


@pytest.fixture
def starts(lines):
    return [0, *accumulate(map(len, lines))]


def test_lines_forward_and_backward_from_any_place(seen, lines, starts):
    for n in (0, 1, 700, 1990):
        found = seen.lines(starts[n], 20)
        assert [each.text + b"\n" for each in found] == lines[n : n + 20]
        assert [each.start for each in found] == starts[n : min(n + 20, 2000)]
        before = seen.lines_before(starts[n], 20)
        assert [each.start for each in before] == starts[max(0, n - 20) : n]
    assert seen.lines(seen.size, 5) == []
    assert seen.line_start(starts[9] + 3) == starts[9]


def test_lines_by_number_as_far_as_counted(seen, starts):
    assert not seen.count_lines(100_000)
    assert 0 < seen.counted < 1
    part = seen.line_count
    assert 0 < part < 2000
    assert seen.offset_of(part - 2) == starts[part - 2]
    while not seen.count_lines(100_000):
        pass
    assert (seen.counted, seen.line_count) == (1, 2000)
    for n in (0, 1, 63, 64, 1000, 1999):
        assert seen.offset_of(n) == starts[n]
        assert seen.number_of(starts[n]) == n
    assert seen.offset_of(10**9) == starts[1999]


@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_counts_are_right_for_any_step(seen, lines, starts, monkeypatch, step):
    monkeypatch.setattr(view, "STEP", step * 64)
    random = Random(step)
    while not seen.count_lines(random.randrange(1, 5000)):
        pass
    assert seen.line_count == 2000
    for n in random.sample(range(2000), 20):
        assert (seen.offset_of(n), seen.number_of(starts[n])) == (starts[n], n)


def test_an_unfinished_line_is_a_line(log, seen):
    with log.open("ab") as file:
        file.write(b'{"level":')
    assert not seen.grown()
    seen.count_lines()
    assert seen.line_count == 2001
    with log.open("ab") as file:
        file.write(b"30}\n")
    seen.grown()
    seen.count_lines()
    assert seen.line_count == 2001


def test_search_forward_backward_and_stopped(seen, starts, monkeypatch):
    monkeypatch.setattr(view, "STRIDE", 1000)
    errors = Query(levels=frozenset({Level.ERROR}))
    assert seen.find(errors, starts[11]) == starts[20]
    assert seen.find(errors, starts[20]) == starts[20]
    assert seen.find(errors, starts[20], forward=False) == starts[10]
    assert seen.find(Query(text="nothing of it"), 0) is None
    assert seen.find(Query(text="nothing of it"), seen.size, forward=False) is None
    assert seen.find(errors, starts[11], stopped=lambda: True) is None


def test_all_matches_the_latest_first(seen, starts):
    found = [at for part in seen.matches(Query(levels=frozenset({Level.ERROR}))) for at, _ in part.hits]
    assert found == starts[:2000:10][::-1]
    assert seen.after(Query(levels=frozenset({Level.ERROR})), starts[1985]) == [starts[1990]]


def test_times_and_histogram(seen, starts):
    second = 10**9
    assert seen.time_at(starts[7]) == (START + 7) * second
    assert seen.last_time() == (START + 1999) * second
    assert seen.offset_at((START + 500) * second) == starts[500]
    assert seen.offset_at((START + 5000) * second) == seen.size
    found = seen.histogram((START + 100) * second, (START + 200) * second, 4)
    assert [sum(each.counts.values()) for each in found] == [25, 25, 25, 25]
    assert sum(each.counts[Level.ERROR] for each in found) == 10
    assert found[1].since == (START + 125) * second


def test_a_record_is_read_whole(seen, starts):
    assert seen.record(starts[10]).fields["msg"] == "10"
    assert seen.record(starts[10]).level is Level.ERROR


def test_rotation_and_truncation_begin_anew(log, seen, lines):
    log.rename(log.with_name("app.log.1"))
    assert not seen.grown()
    log.write_bytes(b"".join(lines[:5]))
    assert seen.grown()
    assert (seen.size, len(seen.lines(0, 100))) == (log.stat().st_size, 5)
    log.write_bytes(lines[0])
    assert seen.grown()
    seen.count_lines()
    assert seen.line_count == 1


def test_a_line_of_many_megabytes_is_cut_for_the_screen(tmp_path, source):
    path = tmp_path / "long.log"
    path.write_bytes(b'{"msg":"' + b"x" * 5_000_000 + b'"}\n{"msg":"next"}\n')
    seen = queries.view(source(path))
    first, second = seen.lines(0, 10)
    assert len(first.text) == view.LONGEST_LINE
    assert second.text == b'{"msg":"next"}'
    assert seen.lines_before(seen.size, 1) == [second]
    assert len(seen.record(0).message) == 5_000_000
    seen.close()


def test_an_empty_file(tmp_path, source):
    path = tmp_path / "empty.log"
    path.touch()
    seen = queries.view(source(path))
    assert (seen.lines(0, 5), seen.lines_before(0, 5), seen.counted, seen.count_lines()) == ([], [], 1.0, True)
    assert (seen.line_count, seen.last_time(), seen.find(Query(), 0)) == (0, None, None)
    seen.close()
