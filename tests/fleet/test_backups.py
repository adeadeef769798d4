"""Backups while an instance runs, and bringing them back; killed at every step."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from halo_engine.errors import BadData, Failed, NotAllowed, NotFound, Unavailable
from halo_engine.fleet import manifest, queries, retiring
from halo_engine.fleet.backups import copying, keeping, restoring
from halo_engine.fleet.conversing import talking
from halo_engine.fleet.files import archive, governance, primes, trees
from halo_engine.fleet.instance import Mount, layout
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.instance.store import Store

CHAT = "console:operator"


@pytest.fixture
def dad(fleet):
    saga.create(fleet, Wanted("dad"))
    made = layout(fleet, manifest.checked(fleet).find("dad"))
    (made.notes / "note-1.md").write_text("# One claim\n")
    return made


def tell(dad, text):
    return talking.send(dad, talking.Said(id=text, text=text, chat=CHAT), wait=20)


def told(dad):
    with Store(dad.database, reading=True) as store:
        return [message.text for message, _ in store.said(CHAT, 100)]


def test_a_backup_of_one_that_runs_and_back_again(fleet, dad, halctl):
    tell(dad, "before")
    made = keeping.backup(fleet, "dad")
    assert (made.databases, made.governance, Path(made.file).exists()) == (["store/instance.db"], 1, True)
    tell(dad, "after")
    (dad.notes / "note-1.md").write_text("# Spoilt\n")
    done = restoring.restore(fleet, "dad")
    assert "answered" in done.note
    assert told(dad) == ["before"]
    assert (dad.notes / "note-1.md").read_text() == "# One claim\n"
    assert (Path(done.replaced) / "memory/notes/note-1.md").read_text() == "# Spoilt\n"
    assert tell(dad, "and on").state == "answered"
    assert halctl("smoke", "dad").code == 0
    assert halctl("verify", "dad").code == 0


def test_what_was_committed_while_it_was_copied_is_there_or_not_and_nothing_is_torn(fleet, dad, tmp_path):
    """A writer adds to two tables in one transaction; every copy has as many rows in one as in the other."""
    path = dad.root / "store" / "other.db"
    over = threading.Event()

    def write():
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript("CREATE TABLE a (x); CREATE TABLE b (x)")
            while not over.is_set():
                with connection:
                    connection.executemany("INSERT INTO a VALUES (?)", [("x" * 500,)] * 20)
                    connection.executemany("INSERT INTO b VALUES (?)", [("x" * 500,)] * 20)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.3)
        made = keeping.backup(fleet, "dad")
    finally:
        over.set()
        writer.join()
    archive.extract(Path(made.file), tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "out" / "store" / "other.db")) as copy:
        a, b = (copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in "ab")
    assert a == b > 0
    assert not list((tmp_path / "out" / "store").glob("*-wal"))


def test_credentials_stay_out_unless_they_are_asked_for(fleet, dad):
    (dad.groups / "main" / ".credentials.json").write_text("{}")
    (dad.root / "store" / "auth").mkdir()
    (dad.root / "store" / "auth" / "creds").write_text("ratchet")
    made = keeping.backup(fleet, "dad")
    assert made.left_out == ["groups/main/.credentials.json", "store/auth", "store/auth/creds"]
    held = archive.read(Path(made.file))
    assert not any("cred" in path for path in held)
    time.sleep(1)
    assert "store/auth/creds" in archive.read(Path(keeping.backup(fleet, "dad", credentials=True).file))


def test_a_link_is_not_followed(fleet, dad, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    (dad.notes / "link.md").symlink_to(secret)
    made = keeping.backup(fleet, "dad")
    assert archive.read(Path(made.file))["memory/notes/link.md"].kind == "link"
    assert b"not yours" not in Path(made.file).read_bytes()


def test_a_damaged_store_is_no_backup(fleet, dad):
    supervisor_of(queries.record(fleet, "dad").instance).stop(fleet, queries.record(fleet, "dad").instance)
    with dad.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(BadData, match="damaged"):
        keeping.backup(fleet, "dad")
    assert keeping.backups(fleet, "dad") == []
    assert not list((fleet.root / "fleet" / ".staging").glob("*"))


def test_a_backup_that_was_changed_is_refused_and_nothing_happens(fleet, dad):
    made = keeping.backup(fleet, "dad")
    tell(dad, "hello")
    with Path(made.file).open("r+b") as file:
        file.seek(50)
        file.write(b"XX")
    with pytest.raises(BadData, match="not what was backed up"):
        restoring.restore(fleet, "dad")
    assert told(dad) == ["hello"]
    assert tell(dad, "still here").state == "answered"


def test_what_does_not_answer_is_taken_back(fleet, dad, monkeypatch):
    from halo_engine.fleet.conversing import answering

    keeping.backup(fleet, "dad")
    tell(dad, "hello")
    monkeypatch.setattr(answering, "answers", lambda *_: answering.Answered(False, "silent", 1.0))
    with pytest.raises(Failed, match="as it was before"):
        restoring.restore(fleet, "dad")
    monkeypatch.undo()
    assert told(dad) == ["hello"]
    assert queries.record(fleet, "dad").operation == ""


def test_where_the_old_one_cannot_be_started_either_both_are_said(fleet, dad, monkeypatch):
    keeping.backup(fleet, "dad")
    tell(dad, "hello")
    supervisor = supervisor_of(queries.record(fleet, "dad").instance)

    def refused(*_: object) -> None:
        raise Unavailable("there is no memory")

    monkeypatch.setattr(supervisor, "start", refused)
    both = "failed: there is no memory; it is as it was before; the old one does not answer either: there is no memory"
    with pytest.raises(Failed, match=both):
        restoring.restore(fleet, "dad")
    monkeypatch.undo()
    assert (told(dad), queries.record(fleet, "dad").operation) == (["hello"], "")


def test_one_whose_folder_is_gone_comes_back_whole(fleet, dad, halctl):
    tell(dad, "hello")
    keeping.backup(fleet, "dad")
    instance = queries.record(fleet, "dad").instance
    supervisor_of(instance).stop(fleet, instance)
    trees.erase(dad.root)
    restoring.restore(fleet, "dad")
    assert halctl("reset", "dad").code == 0
    assert told(dad) == ["hello"]
    assert halctl("verify", "dad").code == 0
    assert governance.drift(dad.root, primes.read(dad.root), queries.record(fleet, "dad").files).words() == ""


@pytest.mark.parametrize("there", [True, False])
def test_one_whose_mounts_may_not_be_is_neither_stopped_nor_moved_for_a_backup(fleet, dad, there):
    keeping.backup(fleet, "dad")
    tell(dad, "hello")
    instance = manifest.entry(fleet, "dad")
    if not there:
        supervisor_of(instance).stop(fleet, instance)
        trees.erase(dad.root)
    manifest.put(fleet, msgspec.structs.replace(instance, mounts=[Mount("/srv/books", "books")]))
    with pytest.raises(NotAllowed, match="can mount nothing"):
        restoring.restore(fleet, "dad")
    assert dad.root.exists() is there
    assert not there or told(dad) == ["hello"]
    assert queries.table(fleet)[0].running is there
    manifest.put(fleet, instance)
    restoring.restore(fleet, "dad")
    assert told(dad) == []


@pytest.mark.parametrize("point", ["backup.copied", "backup.archived", "backup.verified", "backup.kept"])
def test_a_killed_backup_is_none_and_the_next_one_is(fleet, dad, killed, point):
    killed(point, "backup", "dad")
    known = keeping.backups(fleet, "dad")
    assert len(known) == (point == "backup.kept")
    time.sleep(1)
    made = keeping.backup(fleet, "dad")
    place = Path(made.file).parent
    assert len(list(place.glob("*.tar.zst"))) == len(keeping.backups(fleet, "dad"))
    assert not list((fleet.root / "fleet" / ".staging").glob("*"))
    assert archive.checksum(Path(made.file)) == made.checksum


POINTS = ["staged", "begun", "stopped", "swapped", "answered"]


@pytest.mark.parametrize("point", [*(f"restore.{each}" for each in POINTS), "swap.out", "swap.in"])
def test_a_killed_restore_is_put_right_by_the_next_one(fleet, dad, killed, halctl, point):
    tell(dad, "before")
    keeping.backup(fleet, "dad")
    tell(dad, "after")
    assert killed(point, "restore", "dad").returncode == -9
    if queries.record(fleet, "dad").operation:
        assert halctl("freeze", "dad").code == 4
    assert halctl("restore", "dad", "--json").code == 0
    assert told(dad) == ["before"]
    assert queries.record(fleet, "dad").operation == ""
    assert not list((fleet.root / "fleet" / ".staging").glob("*"))
    assert halctl("smoke", "dad").code == 0


def test_only_so_many_are_kept(fleet, dad, monkeypatch):
    settings = fleet.root / "halctl.yaml"
    settings.write_text(settings.read_text() + "backups: 2\n")
    for second in range(4):
        monkeypatch.setenv("HALO_NOW", f"2026-11-20T12:00:0{second}+00:00")
        keeping.backup(fleet, "dad")
    assert [each.id for each in keeping.backups(fleet, "dad")] == ["20261120T120003Z", "20261120T120002Z"]
    assert keeping.chosen(fleet, "dad", "20261120T120002").id == "20261120T120002Z"
    with pytest.raises(NotFound):
        keeping.chosen(fleet, "dad", "2025")


def test_the_folded_are_refused(fleet, dad):
    keeping.backup(fleet, "dad")
    retiring.fold(fleet, "dad")
    with pytest.raises(NotAllowed):
        keeping.backup(fleet, "dad")
    with pytest.raises(NotAllowed):
        restoring.restore(fleet, "dad")


def test_all_of_them_at_once(fleet, dad, halctl):
    assert [each["instance"] for each in halctl("backup", "--all", "--json").data] == ["dad"]
    assert halctl("backup").code == halctl("backup", "dad", "--all").code == 2
    assert halctl("backup", "nobody").code == 3


def test_dry_runs_change_nothing(fleet, dad, halctl):
    assert "would be backed up" in halctl("backup", "dad", "--dry-run").out
    assert keeping.backups(fleet, "dad") == []
    keeping.backup(fleet, "dad")
    tell(dad, "hello")
    assert halctl("restore", "dad", "--dry-run").code == 0
    assert told(dad) == ["hello"]
    assert json.loads(halctl("backups", "dad", "--json").out)["data"][0]["instance"] == "dad"


def test_what_is_empty_of_a_sparse_file_takes_no_room_in_a_copy(tmp_path):
    source, made = tmp_path / "one" / "sparse", tmp_path / "other" / "sparse"
    source.parent.mkdir()
    with source.open("wb") as file:
        file.write(b"first")
        file.seek(20 << 20)
        file.write(b"last")
        file.truncate((40 << 20) + 7)
    made.parent.mkdir()
    copying.copy(source.parent, made.parent, credentials=False)
    assert made.read_bytes() == source.read_bytes()
    assert made.stat().st_blocks * 512 < 8 << 20


def test_a_copy_knows_a_database_by_its_first_bytes(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database")
    assert copying.damage(path)
