"""A log that grows, is rotated, copied and truncated, replaced: each record once, none lost."""

from __future__ import annotations

import os
import shutil

import pytest

from halo_engine.logs import follow as following
from halo_engine.logs import queries
from halo_engine.logs.follow import Follower, Following
from halo_engine.logs.query import Query


def line(n):
    return f'{{"level":30,"time":{1_795_222_890_000 + n},"msg":"{n}"}}\n'.encode()


def append(path, *numbers, end=b""):
    with path.open("ab") as file:
        file.write(b"".join(map(line, numbers)) + end)


def said(entries):
    return [int(entry.record.message) for entry in entries]


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    append(path, 0, 1)
    return path


@pytest.fixture
def follower(log, source):
    made = Follower(source(log), log, Query())
    yield made
    made.close()


def test_what_is_appended_is_read_once(log, follower):
    assert follower.fresh() == []
    append(log, 2, 3)
    assert said(follower.fresh()) == [2, 3]
    assert follower.fresh() == []


def test_a_half_line_waits_for_its_end(log, follower):
    whole = line(2)
    append(log, end=whole[:20])
    assert follower.fresh() == []
    append(log, end=whole[20:])
    assert said(follower.fresh()) == [2]


def test_a_rotation_loses_nothing(log, follower):
    append(log, 2)
    log.rename(log.with_name("app.log.1"))
    append(log.with_name("app.log.1"), 3)
    append(log, 4)
    assert said(follower.fresh()) == [2, 3, 4]
    append(log, 5)
    assert said(follower.fresh()) == [5]


def test_two_rotations_between_two_looks_lose_nothing(log, follower):
    append(log, 2)
    log.rename(log.with_name("app.log.1"))
    append(log, 3, 4)
    log.with_name("app.log.1").rename(log.with_name("app.log.2"))
    log.rename(log.with_name("app.log.1"))
    os.utime(log.with_name("app.log.2"), (1, 1))
    append(log, 5)
    assert said(follower.fresh()) == [2, 3, 4, 5]


def test_a_rotation_before_the_new_file_is_there(log, follower):
    append(log, 2)
    log.rename(log.with_name("app.log.1"))
    assert said(follower.fresh()) == [2]
    assert follower.fresh() == []
    append(log, 3)
    assert said(follower.fresh()) == [3]


def test_a_truncation_begins_anew(log, follower):
    append(log, 2)
    assert said(follower.fresh()) == [2]
    log.write_bytes(b"")
    append(log, 3)
    assert said(follower.fresh()) == [3]


def test_a_truncation_that_has_grown_past_the_place_is_noticed(log, follower):
    log.write_bytes(b"")
    append(log, *range(10, 20))
    assert said(follower.fresh()) == list(range(10, 20))


def test_copy_and_truncate_loses_nothing(log, follower):
    append(log, 2, 3)
    shutil.copy(log, log.with_name("app.log.1"))
    log.write_bytes(b"")
    append(log, 4)
    assert said(follower.fresh()) == [2, 3, 4]


def test_a_file_that_is_made_later(tmp_path, source, workspace):
    (workspace.root / "logctl.yaml").write_text(f"sources:\n  app:\n    path: {tmp_path}/later.log\n")
    made = queries.sources(workspace, names=["app"])[0]
    follower = Follower(made, tmp_path / "later.log", Query())
    assert follower.fresh() == []
    append(tmp_path / "later.log", 7)
    assert said(follower.fresh()) == [7]
    follower.close()


def test_a_record_of_several_lines_comes_whole(tmp_path, source, monkeypatch):
    path = tmp_path / "text.log"
    path.write_text("2026-11-21 01:02:38 INFO one\n")
    follower = Follower(source(path), path, Query())
    with path.open("a") as file:
        file.write("2026-11-21 01:02:39 ERROR two\n")
    assert follower.fresh() == []
    with path.open("a") as file:
        file.write("  at x\n2026-11-21 01:02:40 INFO three\n")
    assert [entry.record.message for entry in follower.fresh()] == ["two\n  at x"]
    monkeypatch.setattr(following, "PATIENCE", 0)
    assert [entry.record.message for entry in follower.fresh()] == ["three"]
    follower.close()


def test_several_are_followed_from_where_tail_ended(tmp_path, workspace, monkeypatch):
    monkeypatch.setattr(following, "PAUSE", 0)
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    append(one, 1, 3)
    append(two, 2, end=line(6)[:10])
    sources = queries.sources(workspace, [one, two])
    ends = queries.ends(sources)
    append(one, 5)
    assert said(queries.tail(sources, Query(), 10, ends)) == [1, 2, 3]
    stream = queries.follow(sources, Query(), ends)
    assert said(next(stream)) == [5]
    append(two, end=line(6)[10:])
    append(one, 7)
    assert said(next(stream)) == [6, 7]
    assert next(stream) == []
    stream.close()


def test_a_log_that_begins_meanwhile_is_followed_too(tmp_path, workspace, monkeypatch):
    monkeypatch.setattr(following, "AGAIN", 0)
    logs = workspace.logs
    logs.mkdir(exist_ok=True)
    append(logs / "app-2026-11-20.log", 1)
    files = Following(queries.sources(workspace), Query(), {}, lambda: queries.sources(workspace))
    assert files.fresh() == []
    append(logs / "app-2026-11-21.log", 2, 3)
    append(logs / "mum.log", 4)
    assert said(files.fresh()) == [2, 3, 4]
    (logs / "mum.log").rename(logs / "mum.log.1")
    assert files.fresh() == []
    append(logs / "mum.log", 5)
    (workspace.root / "logctl.yaml").write_text("nonsense: 1\n")
    assert said(files.fresh()) == [5]
    files.close()
