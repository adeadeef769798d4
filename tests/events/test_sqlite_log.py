"""The log in one SQLite file: the contract, and what is particular to a file."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from halo_engine.errors import Conflict, NotAllowed, Unavailable
from halo_engine.events import sqlite
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.events.verify import verify
from tests.events.contract import APPENDER, LONG, LogContract, seen

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store" / "events.db"


@pytest.fixture
def log(path):
    made = SqliteLog(path)
    yield made
    made.close()


@pytest.fixture
def appender(path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    code = f"{APPENDER}\nfrom pathlib import Path\nfrom halo_engine.events.sqlite_log import SqliteLog\n"
    return [sys.executable, "-c", f"{code}append(SqliteLog(Path(sys.argv[1])))", str(path)]


class TestSqliteLog(LogContract):
    @pytest.fixture
    def opened(self, path):
        return lambda: SqliteLog(path)


def test_reading_makes_no_file(log, path):
    assert (log.head(), list(log.read()), log.stream("probe/a")) == (0, [], [])
    assert not path.parent.exists()


def test_an_append_is_on_the_disk_when_it_returns(log, path):
    log.append([seen("probe/a")])
    connection = sqlite.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert log._open().execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    connection.close()


def open_files(path):
    """The files of a log that this process holds open."""
    names = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the folder's own
            names.append(str(entry.readlink()))
    return [name for name in names if str(path) in name]


def test_closing_lets_go_of_the_file(log, path):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda n: log.append([seen(f"probe/{n}")]), range(4)))
    log.close()
    assert open_files(path) == []
    assert sorted(file.name for file in path.parent.iterdir()) == ["events.db"]


def test_threads_that_have_ended_hold_no_files(log, path):
    log.append([seen("probe/a")])
    for _ in range(100):
        thread = threading.Thread(target=log.head)
        thread.start()
        thread.join()
    gc.collect()
    assert len([name for name in open_files(path) if name.endswith("-wal")]) == 1


def test_an_event_id_is_accepted_once(log):
    made = log.append([seen("probe/a")])
    assert log.restore(made) == []
    with pytest.raises(sqlite3.IntegrityError):
        log._open().execute(
            "INSERT INTO events SELECT 9, id, 'probe/b', 1, type, schema, time, source, '', '', '', '', '' FROM events"
        )


def test_first_writers_all_at_once(path, appender):
    """Eight processes that find no file yet: each makes it, or finds it made."""
    running = [
        subprocess.Popen([*appender, f"probe/{n}", "5", "0"], stderr=subprocess.PIPE, text=True) for n in range(8)
    ]
    errors = [each.communicate(timeout=LONG)[1] for each in running]
    assert [each.returncode for each in running] == [0] * 8, errors
    log = SqliteLog(path)
    assert log.head() == 40
    assert verify(log).faults == []
    log.close()


def test_many_short_lived_readers_and_writers(path):
    """Each opens and closes the file: none may find it locked for good."""

    def work(number):
        log = SqliteLog(path)
        log.append([seen(f"probe/{number % 3}")])
        head = log.head()
        log.close()
        return head

    with ThreadPoolExecutor(6) as pool:
        heads = list(pool.map(work, range(120)))
    assert max(heads) == 120


def test_a_writer_waits_for_its_turn(log, path):
    log.append([seen("probe/a")])
    holder = sqlite.connect(path)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, lambda: holder.execute("COMMIT")).start()
    assert log.append([seen("probe/a")])[0].version == 2
    holder.close()


def test_a_writer_does_not_wait_for_ever(log, path, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    log.append([seen("probe/a")])
    holder = sqlite.connect(path)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="stayed locked"):
        log.append([seen("probe/a")])
    assert log.head() == 1
    holder.execute("ROLLBACK")
    assert log.append([seen("probe/a")])[0].version == 2
    holder.close()


def test_a_reader_waits_while_the_file_is_taken_for_a_moment(log, path):
    """As when another process recovers the log of one that was killed."""
    log.append([seen("probe/a")])
    log.close()
    holder = sqlite.connect(path)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    threading.Timer(0.2, holder.close).start()
    assert log.head() == 1


def test_a_log_of_a_newer_halo_is_left_alone(log, path):
    log.append([seen("probe/a")])
    log.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    for attempt in (log.head, lambda: log.append([seen("probe/a")])):
        with pytest.raises(NotAllowed, match="newer Halo"):
            attempt()
    log.close()
    assert path.read_bytes() == before


@pytest.fixture
def foreign(tmp_path):
    other = SqliteLog(tmp_path / "elsewhere" / "events.db")
    yield other
    other.close()


def test_restoring_keeps_what_an_event_is(log, foreign, monkeypatch):
    monkeypatch.setenv("HALO_HOST", "far")
    foreign.append([seen("probe/x")])
    made = foreign.append([seen("probe/a", "one"), seen("probe/b", "two"), seen("probe/a", "three")])
    monkeypatch.setenv("HALO_HOST", "near")
    log.append([seen("probe/mine")])
    added = log.restore(made)
    assert [event.position for event in added] == [2, 3, 4]
    kept = ("id", "stream", "version", "type", "schema", "time", "source", "correlation_id", "causation_id", "payload")
    assert [[getattr(e, name) for name in kept] for e in log.read(1)] == [[getattr(e, n) for n in kept] for e in made]
    assert verify(log).faults == []


def test_restoring_twice_changes_nothing(log, foreign):
    made = foreign.append([seen("probe/a"), seen("probe/a"), seen("probe/b")])
    assert len(log.restore(made[:1])) == 1
    assert len(log.restore(made)) == 2
    assert log.restore(made) == []
    assert log.head() == 3
    assert verify(log).faults == []


def test_the_same_event_twice_in_one_restore(log, foreign):
    made = foreign.append([seen("probe/a")])
    assert len(log.restore([*made, *made])) == 1


def test_restoring_a_stream_that_went_another_way(log, foreign):
    made = foreign.append([seen("probe/b"), seen("probe/a", "theirs"), seen("probe/a")])
    log.append([seen("probe/a", "ours")])
    with pytest.raises(Conflict, match="probe/a is at version 1 here, and the event to import is its 1"):
        log.restore(made)
    assert log.head() == 1, "all or none"


def test_restoring_with_a_hole(log, foreign):
    made = foreign.append([seen("probe/a"), seen("probe/a"), seen("probe/a")])
    with pytest.raises(Conflict):
        log.restore([made[0], made[2]])
    assert log.head() == 0


def test_an_unknown_type_is_kept(log, foreign):
    (made,) = foreign.append([seen("probe/a")])
    strange = msgspec.structs.replace(made, type="probe.thing.invented", schema=7, payload=b'{"later":true}')
    log.restore([strange])
    (event,) = log.read()
    assert (event.type, event.schema, event.payload, event.data()) == (
        "probe.thing.invented",
        7,
        b'{"later":true}',
        None,
    )
    assert verify(log).faults == []


@pytest.mark.parametrize("way", ["real/events.db", "./real/../real/events.db", "link/events.db"])
def test_following_a_log_by_another_name(tmp_path, monkeypatch, way):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    log = SqliteLog(Path(way))
    followed = log.follow(0, idle=LONG)
    threading.Timer(0.1, lambda: SqliteLog(tmp_path / "real" / "events.db").append([seen("probe/a")])).start()
    assert [event.stream for event in next(followed)] == ["probe/a"]
    followed.close()
    log.close()
