"""What an instance, or whoever owns its files, may have planted: nothing outside is touched, and nobody waits."""

from __future__ import annotations

import errno
import os
import tarfile
from contextlib import suppress

import pytest
import zstandard

from halo_engine.errors import BadData, Failed, NotAllowed, Unavailable
from halo_engine.fleet import lifecycle, manifest, queries, retiring, syncing
from halo_engine.fleet.files import archive, governance, trees
from halo_engine.fleet.files.primes import read
from halo_engine.fleet.governing import pushing
from halo_engine.fleet.instance import Status
from halo_engine.fleet.provisioning import saga, steps
from halo_engine.fleet.supervisors import supervised
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from tests.fleet.conftest import left_over


@pytest.fixture
def dad(fleet, wanted):
    saga.create(fleet, wanted)
    return fleet.root / "fleet" / "dad"


@pytest.fixture
def precious(fleet):
    """A folder of the operator's, on the same disk."""
    place = fleet.root / "precious"
    place.mkdir()
    (place / "CLAUDE.md").write_text("mine")
    return place


def untouched(place):
    file = place / "CLAUDE.md"
    return (file.read_text(), oct(file.stat().st_mode)[-3:], sorted(each.name for each in place.iterdir()))


def test_a_pipe_for_a_heartbeat_keeps_nobody_waiting(fleet, dad, halctl):
    os.mkfifo(dad / "run" / "vitals.json")
    assert halctl("list", "--json").data[0]["beat"] == ""
    (dad / "run" / "vitals.json").unlink()
    (dad / "run" / "vitals.json").symlink_to("/etc/passwd")
    assert halctl("list").code == 0
    (dad / "run" / "vitals.json").unlink()
    (dad / "run" / "vitals.json").write_text("{" * 10_000)
    assert halctl("list").code == 0


def test_a_pipe_for_a_governed_file_is_drift(fleet, dad, halctl):
    governance.unseal(dad)
    (dad / "CLAUDE.md").unlink()
    os.mkfifo(dad / "CLAUDE.md")
    assert halctl("verify").code == 1
    with pytest.raises(NotAllowed, match=r"changed CLAUDE\.md"):
        pushing.push(fleet, "dad")
    assert pushing.push(fleet, "dad", accept_drift=True).outcome == "pushed"
    assert (dad / "CLAUDE.md").is_file()


def test_a_link_on_the_way_to_a_governed_file_is_not_followed(fleet, dad, precious, prime):
    before = untouched(precious)
    main = dad / "groups" / "main"
    main.rename(dad / "groups" / "aside")
    main.symlink_to(precious)
    assert queries.table(fleet)[0].governance == "drifted"
    (prime / "src" / "index.js").write_text("// two\n")
    with pytest.raises(Failed, match="leads over a link"):
        pushing.push(fleet, "dad", accept_drift=True)
    assert untouched(precious) == before
    assert (dad / "src" / "index.js").read_text() == "// one\n"
    assert queries.table(fleet)[0].operation == ""
    governance.lock(dad, read(dad))
    governance.unlock(dad, read(dad))
    assert untouched(precious) == before
    retiring.fry(fleet, "dad", confirm=True)
    assert untouched(precious) == before


def test_a_folder_that_became_a_link_is_not_looked_into(fleet, dad, precious):
    governance.unlock(dad, read(dad))
    (dad / "src").rename(dad / "data" / "src")
    (dad / "src").symlink_to(precious)
    told = pushing.staging.compared(dad, dad / "data", read(dad))
    assert "mine" not in told.diff
    assert pushing.push(fleet, "dad", accept_drift=True).outcome == "pushed"
    assert untouched(precious)[0] == "mine"
    assert not (dad / "src").is_symlink()


def test_folding_takes_links_as_links_and_leaves_pipes(fleet, dad, precious):
    os.mkfifo(dad / "data" / "pipe")
    (dad / "data" / "link").symlink_to(precious)
    (dad / "data" / "näme\nwith 'all'").write_text("x")
    (dad / "data" / ("long" * 50)).write_text("y")
    lifecycle.freeze(fleet, "dad")
    retiring.fold(fleet, "dad")
    retiring.unfold(fleet, "dad")
    assert (dad / "data" / "link").is_symlink()
    assert (dad / "data" / "näme\nwith 'all'").read_text() == "x"
    assert not (dad / "data" / "pipe").exists()
    assert untouched(precious)[0] == "mine"


def test_a_file_that_changes_while_it_is_folded_stops_the_fold(fleet, dad, monkeypatch):
    lifecycle.freeze(fleet, "dad")
    read_back = archive.read

    def meddled(path):
        (dad / "memory" / "late.md").write_text("late")
        return read_back(path)

    monkeypatch.setattr(archive, "read", meddled)
    with pytest.raises(Failed, match="the folder stays"):
        retiring.fold(fleet, "dad")
    assert (dad / "memory" / "late.md").exists()
    monkeypatch.undo()
    retiring.fold(fleet, "dad")
    retiring.unfold(fleet, "dad")
    assert (dad / "memory" / "late.md").read_text() == "late"


@pytest.mark.parametrize("step", ["copy", "compose", "supervise", "enlist"])
def test_a_full_disk_undoes_the_create_and_it_works_when_there_is_room(fleet, wanted, monkeypatch, step):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        place, name = {
            "copy": (trees, "pour"),
            "compose": (steps, "compose"),
            "supervise": (supervised, "replace"),
            "enlist": (manifest, "replace"),
        }[step]
        patch.setattr(place, name, full)
        with pytest.raises(Failed, match="No space left"):
            saga.create(fleet, wanted)
    assert left_over(fleet) == {"folders": [], "entries": [], "processes": []}
    saga.create(fleet, wanted)


@pytest.mark.parametrize("verb", ["push", "backup"])
def test_a_full_disk_is_named_and_nothing_is_left_in_staging(fleet, dad, prime, halctl, monkeypatch, verb):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(_[-1]))

    (prime / "src" / "index.js").write_text("// two\n")
    before = archive.listing(dad / "src")
    with monkeypatch.context() as patch:
        patch.setattr(trees, "pour", full)
        said = halctl(verb, "dad")
    assert (said.code, "No space left" in said.err, str(prime) in said.err) == (5, True, False)
    assert (archive.listing(dad / "src"), left_over(fleet)["folders"]) == (before, ["dad"])
    assert halctl(verb, "dad").code == 0


def test_a_disk_that_is_nearly_full_is_seen_before_anything_is_written(fleet, wanted):
    (fleet.root / "halctl.yaml").write_text(f"least_disk: {10**9}\n")
    with pytest.raises(Unavailable, match="MiB free"):
        saga.create(fleet, wanted)
    assert left_over(fleet)["folders"] == []


def test_one_that_is_written_in_by_hand_is_adopted_and_governed_by_a_push(fleet, dad, halctl):
    """As after a move from another workspace: the folder is there, and the history is not."""
    instance = manifest.entry(fleet, "dad")
    supervisor_of(instance).stop(fleet, instance)
    other = fleet.root / "fleet" / "sis"
    dad.rename(other)
    text = manifest.path(fleet).read_text()
    manifest.path(fleet).write_text(text.replace("name: dad", "name: sis").replace("fleet/dad", "fleet/sis"))
    assert sorted(syncing.sync(fleet)) == ["dad is not in the fleet any more; its folder is left alone", "sis is new"]
    (row,) = queries.table(fleet)
    assert (row.name, row.status, row.governance) == ("sis", Status.ACTIVE, "unknown")
    assert halctl("verify", "sis").code == 0
    assert pushing.push(fleet, "sis", accept_drift=True).outcome == "pushed"
    assert (queries.table(fleet)[0].governance, halctl("verify").code) == ("locked", 0)
    retiring.fry(fleet, "sis", confirm=True)
    assert left_over(fleet)["folders"] == []


def test_the_past_is_shown_from_the_history(fleet, dad):
    then = fleet.log.head()
    lifecycle.freeze(fleet, "dad")
    retiring.fry(fleet, "dad", confirm=True)
    (row,) = queries.table(fleet.at(then))
    assert (row.status, row.governance, row.running) == (Status.ACTIVE, "locked", None)
    assert queries.table(fleet) == []


def test_a_clock_that_is_set_does_not_end_an_instance(fleet, halctl, monkeypatch):
    assert halctl("create", "--name", "dad").code == 0
    for now in ("2027-11-21T10:00:00+00:00", "2020-01-01T00:00:00+00:00"):
        monkeypatch.setenv("HALO_NOW", now)
        assert halctl("list", "--json").data[0]["running"] is True
        assert halctl("status", "dad").code == 0


def test_a_folder_that_is_gone_is_seen(fleet, dad, halctl):
    lifecycle.freeze(fleet, "dad")
    governance.unseal(dad)
    dad.rename(fleet.root / "aside")
    assert [(row.status, row.governance) for row in queries.table(fleet)] == [(Status.FROZEN, "drifted")]
    assert halctl("verify").code == halctl("status", "dad").code == 1
    for verb in ("reset", "push", "fold"):
        assert halctl(verb, "dad").code in {1, 4, 5, 6}, verb
    assert halctl("fry", "dad", "--confirm").code == 0
    assert (fleet.root / "aside" / "CLAUDE.md").exists()


def test_what_is_odd_in_a_tree_survives_the_archive(tmp_path):
    """Names that are no text, holes, no rights at all, times before 1970, empty folders, set-user-id."""
    tree = tmp_path / "tree"
    (tree / "empty").mkdir(parents=True)
    for name in (b"caf\xe9", b"a:b", b"new\nline", b"-rf", b" ", b"x" * 255):
        (tree / os.fsdecode(name)).write_bytes(name)
    (tree / os.fsdecode(b"link\xfe")).symlink_to(os.fsdecode(b"to\xff"))
    with (tree / "sparse").open("wb") as file:
        file.seek(64 << 20)
        file.write(b"end")
    (tree / "-rf").chmod(0o4711)
    (tree / "a:b").chmod(0)
    os.utime(tree / "a:b", ns=(1, -5_000_000_001))
    (tree / "empty").chmod(0o2711)
    (tmp_path / "outside").write_text("also elsewhere")
    (tree / "z").hardlink_to(tmp_path / "outside")
    (tree / "empty-not" / "deep").mkdir(parents=True)
    for name in ("aa", "empty-not/deep/one", "zz"):
        (tree / name).hardlink_to(tree / "-rf")
    with suppress(OSError):  # not every disk has them
        os.setxattr(tree / "sparse", "user.halo", b"\xff\x00 bytes")
    held = tmp_path / "held.tar.zst"
    written = archive.write(tree, held)
    assert archive.read(held) == written == archive.listing(tree)
    assert archive.extract(held, tmp_path / "back") == written
    assert (tmp_path / "back" / "sparse").stat().st_blocks * 512 < 8 << 20
    assert "sparse" in written
    back = tmp_path / "back"
    assert {(back / name).stat().st_ino for name in ("-rf", "aa", "zz")} == {
        (back / "empty-not/deep/one").stat().st_ino
    }
    assert ((back / "zz").stat().st_nlink, (back / "z").stat().st_nlink) == (4, 1)
    assert written["zz"].same_as == "-rf"


@pytest.mark.parametrize("linked", ["/etc/passwd", "../precious", "later", "folder", "way/passwd"])
def test_an_archive_that_was_made_to_lead_out_is_refused(tmp_path, linked):
    """A hard link to what is no file of it, or to what lies behind a link of it."""
    held, target = tmp_path / "held.tar.zst", tmp_path / "back"
    (tmp_path / "precious").write_text("mine")
    with (
        held.open("wb") as file,
        zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for name, kind, leads in (
            (".", tarfile.DIRTYPE, ""),
            ("folder", tarfile.DIRTYPE, ""),
            ("way", tarfile.SYMTYPE, "/etc"),
            ("hard", tarfile.LNKTYPE, linked),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, leads
            tar.addfile(info)
    with pytest.raises(BadData):
        archive.read(held)
    with pytest.raises((BadData, OSError)):
        archive.extract(held, target)
    assert not (target / "hard").exists()


def test_an_archive_that_writes_through_its_own_link_is_refused(tmp_path):
    held, target = tmp_path / "held.tar.zst", tmp_path / "back"
    with (
        held.open("wb") as file,
        zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for name, kind, leads in ((".", tarfile.DIRTYPE, ""), ("way", tarfile.SYMTYPE, str(tmp_path))):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, leads
            tar.addfile(info)
        tar.addfile(tarfile.TarInfo("way/planted"))
    with pytest.raises(BadData, match="leads out"):
        archive.extract(held, target)
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("change", ["text", "mode", "gone", "link"])
def test_a_supervisors_file_that_was_meddled_with_is_drift(fleet, dad, precious, halctl, change):
    """An operator may install the unit: what it says must be what Halo wrote."""
    unit = dad / "halo-dad.service"
    wrote = unit.read_text()
    governance.unseal(dad)
    unit.chmod(0o644)
    if change == "text":
        unit.write_text(wrote.replace("ExecStart=", "ExecStartPre=/tmp/evil\nExecStart="))
    elif change in {"gone", "link"}:
        unit.unlink()
    if change == "link":
        unit.symlink_to(precious / "CLAUDE.md")
    governance.seal(dad)
    assert (halctl("verify").code, halctl("status", "dad").code) == (1, 1)
    assert halctl("list", "--json").data[0]["governance"] == "drifted"
    results = {each["name"]: each for each in halctl("smoke", "dad", "--json").data}
    assert "halo-dad.service" in results["governance"]["evidence"]
    lifecycle.freeze(fleet, "dad")
    lifecycle.reset(fleet, "dad")
    assert halctl("verify").code == 1, "a start does not hide it"
    assert halctl("push", "dad").code == 4
    assert halctl("push", "dad", "--accept-drift").code == 0
    assert (unit.read_text(), unit.stat().st_mode & 0o777, halctl("verify").code) == (wrote, 0o444, 0)
    assert untouched(precious)[0] == "mine"


def test_a_supervisors_file_follows_the_manifest_at_the_next_start(fleet, dad, halctl):
    path = manifest.path(fleet)
    path.write_text(path.read_text().replace("  personality:", "  timezone: Asia/Tokyo\n  personality:"))
    lifecycle.freeze(fleet, "dad")
    lifecycle.reset(fleet, "dad")
    assert "Asia/Tokyo" in (dad / "halo-dad.service").read_text()
    assert halctl("verify").code == 0
