"""A store that is broken: seen before anything is written to it, left as it is, and told wherever somebody asks."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from halo_engine.errors import Conflict, Damaged, Unavailable
from halo_engine.events import sqlite as engine
from halo_engine.fleet.presence.occupying import occupant, occupied
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.instance.running import prepare
from halo_engine.instance.store import Store, looked_over
from tests.fleet.supervising import until


def scratched(path: Path) -> None:
    """In the middle: what was written last may be in the log beside it, which goes before."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 3000)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


def no_database(path: Path) -> None:
    path.write_text("no database, but something else\n" * 4096)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


DAMAGES = [scratched, cut, no_database, emptied, Path.unlink]


def kept(dad) -> dict[str, bytes]:
    """The store and its write-ahead log, byte for byte; of the index beside them nothing is kept."""
    found = dad.place.database.parent.glob("instance.db*")
    return {path.name: path.read_bytes() for path in sorted(found) if not path.name.endswith("-shm")}


def grown(dad, messages: int = 40) -> None:
    """A store of several pages in its file, not in its log."""
    dad.start()
    for n in range(messages):
        dad.tell(f"{n} " * 300, wait=30)
    dad.stop()


@pytest.mark.parametrize("ahead", [False, True], ids=["closed", "killed"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_it_is_seen_at_the_start_left_as_it_is_and_told_everywhere(dad, halo, damage: Callable[[Path], None], ahead):
    grown(dad)
    if ahead:
        dad.start()
        dad.tell("one that is still in the log")
        dad.kill()
    damage(dad.place.database)
    before = kept(dad)
    refused = dad.start(wait=False)
    said = refused.communicate(timeout=60)[1].decode()
    assert (refused.returncode, "halctl restore dad" in said) == (7, True)
    assert kept(dad) == before
    told = halo("fleet", "list")
    assert "active, held" in told.out
    assert "halctl restore dad" in told.err
    row = halo("fleet", "list", "--json").data[0]
    assert (row["running"], "halctl restore dad" in row["remedy"]) == (False, True)
    for words in (("status", "dad"), ("status",), ("health",), ("smoke", "dad")):
        found = halo("fleet", *words, "--json")
        assert (found.code, "halctl restore dad" in found.out) == (1, True), words
    for words in (("send", "dad", "hello"), ("send", "dad", "hello", "--wait")):
        sent = halo("fleet", *words)
        assert (sent.code, "halctl restore dad" in sent.err) == (5, True)
    [alert] = [each for each in halo("alerts", "list", "--json").data if each["kind"] == "process"]
    assert (alert["severity"], "halctl restore dad" in alert["hint"]) == ("critical", True)
    assert kept(dad) == before


def test_a_log_that_was_cut_loses_no_message_in_silence(dad):
    """Killed at once after its last message was accepted, before the next regular sign of life."""
    dad.start()
    for n in range(5):
        dad.tell(f"question {n}", wait=0)
    dad.kill()
    ahead = dad.place.database.with_name("instance.db-wal")
    os.truncate(ahead, ahead.stat().st_size // 2)
    before = kept(dad)
    refused = dad.start(wait=False)
    said = refused.communicate(timeout=60)[1].decode()
    assert refused.returncode == 7
    assert "has lost messages" in said
    assert kept(dad) == before
    dad.place.vitals.unlink()  # as the hint says, to go on without them
    dad.start()
    assert dad.tell("and on").state == "answered"


def test_what_breaks_while_it_runs_is_found_and_nothing_more_is_accepted(dad, halo):
    dad.configure(check_every=1)
    grown(dad)
    dad.start()
    pages = dad.place.database.stat().st_size // 4096
    with dad.place.database.open("r+b") as file:
        file.seek(4096 * 4)
        file.write(os.urandom(4096 * (pages - 4)))
    said = dad.process.communicate(timeout=60)[1].decode()
    assert (dad.process.returncode, "is damaged" in said) == (7, True)
    after = kept(dad)
    assert "instance.db-wal" in after, "its log is not folded into a broken file"
    with pytest.raises(Unavailable, match="damaged") as error:
        dad.tell("one more")
    assert "halctl restore dad" in error.value.hint
    assert "active, held" in halo("fleet", "list").out
    assert [each["kind"] for each in halo("alerts", "list", "--json").data] == ["process"]
    assert kept(dad) == after


@pytest.mark.parametrize("replaced", [False, True])
def test_a_store_that_is_taken_away_under_it_takes_nothing_more_in(dad, replaced):
    """What SQLite writes to a removed file is gone with the process that has it open."""
    dad.start()
    dad.tell("one")
    whole = dad.place.database.read_bytes()
    dad.place.database.unlink()
    if replaced:
        dad.place.database.write_bytes(whole)
    with pytest.raises(Unavailable, match="removed, or another put in its place"):
        dad.tell("two")
    dad.process.communicate(timeout=60)
    assert dad.process.returncode == 7
    if replaced:  # and with the log beside it that is the whole store again
        dad.start()
        assert dad.tell("two").state == "answered"
        return
    again = dad.start(wait=False)
    assert "is gone" in again.communicate(timeout=60)[1].decode(), "it is not begun anew in silence"


def test_a_full_disk_hides_who_is_there_and_keeps_nobody_out(dad, monkeypatch):
    prepare(dad.place)
    dad.place.occupant.mkdir()
    with occupied(dad.place, "dad"):
        with pytest.raises(Conflict, match="another process"), occupied(dad.place, "dad"):
            pass
        assert occupant(dad.place).pid == 0


def test_one_that_starts_again_says_no_more_that_it_stands_still(dad, halo):
    dad.start()
    dad.stop()
    whole = dad.place.database.read_bytes()
    scratched(dad.place.database)
    dad.start(wait=False).communicate()
    assert dad.place.refusal.exists()
    dad.place.database.write_bytes(whole)
    dad.start()
    assert not dad.place.refusal.exists()
    assert "held" not in halo("fleet", "list").out


def test_wrong_settings_are_told_to_whoever_writes(dad, halo):
    (dad.workspace.root / "instances.yaml").write_text("tries: many\n")
    assert dad.start(wait=False).communicate()[1]
    sent = halo("fleet", "send", "dad", "hello")
    assert (sent.code, "instances.yaml" in sent.err) == (5, True)


def test_a_store_writes_nothing_more_once_it_was_found_broken(tmp_path):
    path = tmp_path / "instance.db"
    store = Store(path)
    for n in range(50):
        store.accept(f"m{n}", "a", "s", "text " * 200)
    store.close()
    store = Store(path)
    store.accept("last", "a", "s", "in the log")
    scratched(path)
    ahead = path.with_name("instance.db-wal")
    before = (path.read_bytes(), ahead.read_bytes())
    with pytest.raises(Damaged):
        store.said("a", 100)
    for use in (lambda: store.accept("new", "a", "s", "t"), store.count, lambda: store.delivered(1)):
        with pytest.raises(Damaged):
            use()
    store.close()
    assert (path.read_bytes(), ahead.read_bytes()) == before


def test_a_history_that_cannot_be_read_is_damage_and_no_crash(tmp_path):
    path = tmp_path / "instance.db"
    store = Store(path)
    message, _ = store.accept("m", "a", "s", "t")
    store._connection.execute("DROP TABLE reply")
    with pytest.raises(Damaged):
        store.history(message, 100)
    store.close()


def test_a_large_store_is_looked_over_for_so_long_and_no_longer(tmp_path):
    path = tmp_path / "large.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, x TEXT UNIQUE)")
        made.executemany("INSERT INTO t (x) VALUES (?)", ((f"{n:0500}",) for n in range(40_000)))
    made.close()
    connection = engine.reader(path)
    assert engine.looked_over(connection, 0) == ([], False)
    assert engine.looked_over(connection) == ([], True)
    connection.close()


def test_looking_over_leaves_no_file_behind(tmp_path):
    path = tmp_path / "instance.db"
    assert looked_over(path, "").last == 0
    assert not path.exists()
    with Store(path) as store:
        store.accept("m", "a", "s", "t")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert looked_over(path, "").last == 1
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_the_sign_of_life_counts_a_message_before_its_sender_hears_that_it_is_accepted(dad):
    dad.start()
    for n in range(3):
        accepted = dad.tell(f"question {n}", wait=0)
        assert vitals(dad.place).accepted >= accepted.number


def test_a_damaged_event_log_stops_nobody_who_needs_it_not(dad, halo):
    """The operator's own chat goes on; the log says what to do itself, and is left as it is."""
    halo("fleet", "list")
    dad.start()
    log = dad.workspace.store / "events.db"
    with closing(sqlite3.connect(log)) as folded:
        folded.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with log.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (log.stat().st_size - 4096))
    before = log.read_bytes()
    assert dad.tell("hello", chat="console:operator").state == "answered"
    listed = halo("events", "list")
    assert (listed.code, "salvage" in listed.err) == (7, True)
    assert log.read_bytes() == before


@pytest.mark.parametrize("damage", [scratched, no_database, emptied, Path.unlink])
def test_damaged_rows_of_the_fleet_are_made_anew_from_the_log(dad, halo, damage):
    before = halo("fleet", "list", "--json").data
    store = dad.workspace.store / "fleet.db"
    until(store.exists)
    damage(store)
    after = halo("fleet", "list", "--json")
    assert (after.code, [each["name"] for each in after.data]) == (0, [each["name"] for each in before])
    assert halo("fleet", "history", "dad", "--json").data
