"""Freeze, reset, fold, unfold, fry: each acts, may be repeated, and leaves nothing behind when it is killed."""

from __future__ import annotations

import os

import pytest

from halo_engine.alerts import commands as alert_commands
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.states import Severity, State
from halo_engine.errors import BadData, Conflict, Failed, NotAllowed, NotFound, Unavailable
from halo_engine.events import store
from halo_engine.fleet import lifecycle, manifest, queries, retiring
from halo_engine.fleet.files import archive, trees
from halo_engine.fleet.governing import pushing
from halo_engine.fleet.instance import Status
from halo_engine.fleet.projection import fleet as projection
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.recording import alone
from halo_engine.fleet.states import LIVE, TRANSITIONS, find, leads_to
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from tests.fleet.conftest import left_over

NOTHING = {"folders": [], "entries": [], "processes": []}
VERBS = {
    "freeze": lifecycle.freeze,
    "reset": lifecycle.reset,
    "fold": retiring.fold,
    "unfold": retiring.unfold,
}


@pytest.fixture
def dad(fleet, wanted):
    saga.create(fleet, wanted)
    root = fleet.root / "fleet" / "dad"
    (root / "memory" / "notes" / "note-1.md").write_text("# One claim\n")
    (root / "memory" / "here").symlink_to("notes")
    (root / "data" / "empty").mkdir()
    os.utime(root / "memory" / "notes" / "note-1.md", ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    return root


def runs(fleet):
    instance = queries.record(fleet, "dad").instance
    return supervisor_of(instance).status(fleet, instance).state == "running"


def status(fleet):
    return manifest.checked(fleet).find("dad").status


def test_frozen_is_stopped_and_reset_answers(fleet, dad):
    assert lifecycle.freeze(fleet, "dad").instance.status is Status.FROZEN
    assert (runs(fleet), status(fleet)) == (False, Status.FROZEN)
    again = lifecycle.freeze(fleet, "dad")
    assert (again.events, "already" in again.note) == ([], True)
    assert lifecycle.reset(fleet, "dad").instance.status is Status.ACTIVE
    assert (runs(fleet), status(fleet)) == (True, Status.ACTIVE)
    assert lifecycle.reset(fleet, "dad").events == []


def test_the_verbs_put_right_what_is_not_as_it_should_be(fleet, dad):
    instance = manifest.entry(fleet, "dad")
    supervisor_of(instance).stop(fleet, instance)
    assert "did not run" in lifecycle.reset(fleet, "dad").note
    lifecycle.freeze(fleet, "dad")
    supervisor_of(instance).start(fleet, instance)
    assert "was stopped" in lifecycle.freeze(fleet, "dad").note
    assert not runs(fleet)


def test_one_that_does_not_answer_stays_frozen(fleet, dad, prime):
    lifecycle.freeze(fleet, "dad")
    (fleet.root / "halctl.yaml").write_text(
        (fleet.root / "halctl.yaml").read_text().replace("answer_timeout: 20", "answer_timeout: 0.5")
    )
    (dad / "src" / "index.js").chmod(0o644)
    (dad / "src" / "index.js").write_text("broken")
    with pytest.raises(Failed, match="does not answer"):
        lifecycle.reset(fleet, "dad")
    assert (status(fleet), runs(fleet)) == (Status.FROZEN, False)


@pytest.mark.parametrize("first", ["freeze", "fold"])
@pytest.mark.parametrize("verb", list(VERBS))
def test_every_move_is_in_the_table_or_refused(fleet, dad, first, verb):
    VERBS[first](fleet, "dad")
    at = status(fleet)
    move = find(at, verb)
    if move is None and at not in leads_to(verb):
        with pytest.raises(NotAllowed, match="allowed:"):
            VERBS[verb](fleet, "dad")
        assert status(fleet) is at
    else:
        VERBS[verb](fleet, "dad")
        assert status(fleet) is (move.to if move else at)


def test_the_table_is_whole():
    assert set(TRANSITIONS) == set(Status)
    assert all(find(each, "fry") for each in LIVE)


def test_folded_and_back_byte_for_byte(fleet, dad):
    lifecycle.freeze(fleet, "dad")
    before = archive.listing(dad)
    assert before["memory/notes/note-1.md"].mtime == 1_700_000_000_123_456_789
    folded = retiring.fold(fleet, "dad")
    assert "read back and compared" in folded.note
    assert not dad.exists()
    assert (status(fleet), queries.table(fleet)[0].governance) == (Status.FOLDED, "archived")
    assert retiring.fold(fleet, "dad").events == []
    assert retiring.unfold(fleet, "dad").instance.status is Status.FROZEN
    assert archive.listing(dad) == before
    assert retiring.unfold(fleet, "dad").events == []
    lifecycle.reset(fleet, "dad")
    assert queries.table(fleet)[0].governance == "locked"


def test_an_archive_that_was_changed_is_refused(fleet, dad):
    retiring.fold(fleet, "dad")
    (held,) = (fleet.root / "fleet" / ".archive").glob("dad-*")
    raw = held.read_bytes()
    held.write_bytes(raw[:-20] + b"x" * 20)
    with pytest.raises(BadData, match="checksum differs"):
        retiring.unfold(fleet, "dad")
    held.unlink()
    with pytest.raises(Unavailable, match="is not there"):
        retiring.unfold(fleet, "dad")
    held.write_bytes(raw)
    retiring.unfold(fleet, "dad")
    assert (dad / "CLAUDE.md").exists()


@pytest.mark.parametrize("fault", ["begun", "stopped", "archived", "verified", "written", "recorded"])
def test_fold_killed_anywhere_is_completed_by_the_same_command(fleet, dad, killed, halctl, fault):
    assert killed(f"fold.{fault}", "fold", "dad").returncode == -9
    halctl("list")
    assert halctl("fold", "dad").code == 0
    assert left_over(fleet) == {"folders": [], "entries": ["dad"], "processes": []}
    assert halctl("unfold", "dad").code == 0
    assert halctl("reset", "dad").code == 0


@pytest.mark.parametrize("fault", ["begun", "extracted", "moved", "written"])
def test_unfold_killed_anywhere_is_completed_by_the_same_command(fleet, dad, killed, halctl, fault):
    lifecycle.freeze(fleet, "dad")
    before = archive.listing(dad)
    retiring.fold(fleet, "dad")
    assert killed(f"unfold.{fault}", "unfold", "dad").returncode == -9
    assert halctl("unfold", "dad").code == 0
    assert archive.listing(dad) == before
    assert (status(fleet), left_over(fleet)["folders"]) == (Status.FROZEN, ["dad"])


@pytest.mark.parametrize("fault", ["begun", "stopped", "deleted", "removed"])
def test_fry_killed_anywhere_is_completed_by_the_same_command(fleet, dad, killed, halctl, fault):
    assert killed(f"fry.{fault}", "fry", "dad", "--confirm").returncode == -9
    halctl("list")
    assert halctl("fry", "dad", "--confirm").code == 0
    assert left_over(fleet) == NOTHING
    assert halctl("list", "--status", "fried", "--json").data[0]["name"] == "dad"
    assert halctl("history", "dad").code == 0


@pytest.mark.parametrize(("fault", "verb"), [("backup.copied", "backup"), ("restore.staged", "restore")])
def test_fry_takes_what_another_command_that_was_killed_had_staged(fleet, dad, wanted, killed, halctl, fault, verb):
    assert halctl("create", "--name", "dad-2", "--prime", wanted.prime).code == 0
    assert halctl("backup", "dad").code == 0
    assert killed(fault, verb, "dad").returncode == -9
    assert left_over(fleet)["folders"][0].endswith(f".staging/dad.{verb}")
    other = fleet.root / "fleet" / ".staging" / "dad-2.backup"
    other.mkdir()
    assert halctl("fry", "dad", "--confirm", "--with-backups").code == 0
    assert left_over(fleet)["folders"] == sorted([str(other), "dad-2"])


@pytest.mark.parametrize("fault", ["freeze.stopped", "freeze.written"])
def test_freeze_killed_anywhere_is_completed_by_the_same_command(fleet, dad, killed, halctl, fault):
    assert killed(fault, "freeze", "dad").returncode == -9
    halctl("list")
    assert halctl("freeze", "dad").code == 0
    assert (status(fleet), runs(fleet), left_over(fleet)["processes"]) == (Status.FROZEN, False, [])


@pytest.mark.parametrize("fault", ["started", "reset.started", "reset.written"])
def test_reset_killed_anywhere_is_completed_by_the_same_command(fleet, dad, killed, halctl, fault):
    lifecycle.freeze(fleet, "dad")
    assert killed(fault, "reset", "dad").returncode == -9
    halctl("list")
    assert halctl("reset", "dad").code == 0
    assert (status(fleet), runs(fleet)) == (Status.ACTIVE, True)
    assert halctl("freeze", "dad").code == 0
    assert left_over(fleet) == {"folders": ["dad"], "entries": ["dad"], "processes": []}


@pytest.mark.parametrize("fault", ["freeze.stopped", "freeze.written", "enforce.frozen", "enforce.acknowledged"])
def test_enforce_killed_anywhere_is_completed_by_the_same_command(fleet, dad, killed, halctl, fault):
    (fleet.root / "alerts.yaml").write_text("policy: {odd: freeze}\n")
    assert raised_alert(fleet).state is State.RAISED
    assert killed(fault, "enforce").returncode == -9
    assert halctl("enforce").code == 0
    assert (status(fleet), runs(fleet)) == (Status.FROZEN, False)
    assert alerts.by_key(fleet, "odd", "dad").state is State.ACKNOWLEDGED
    assert halctl("reset", "dad").code == 0
    assert halctl("enforce", "--json").data == [], "what was acknowledged is not asked for again"
    assert runs(fleet)


def raised_alert(fleet):
    raised = Raising("odd", "dad", "dad does odd things", Severity.CRITICAL, instance="dad")
    return alert_commands.raise_(fleet, raised).alert


@pytest.mark.parametrize("verb", ["fold", "fry"])
def test_killed_between_moving_a_folder_aside_and_deleting_it(fleet, dad, killed, halctl, verb):
    words = (verb, "dad", *(["--confirm"] if verb == "fry" else []))
    assert killed("trees.aside", *words).returncode == -9
    halctl("list")
    assert halctl(*words).code == 0
    assert left_over(fleet)["folders"] == []


def test_fry_asks_and_stays_inside_the_base(fleet, dad, tmp_path, halctl):
    assert halctl("fry", "dad").code == 4
    assert dad.exists()
    outside = tmp_path / "precious"
    outside.mkdir()
    (outside / "file").write_text("x")
    lifecycle.freeze(fleet, "dad")
    text = manifest.path(fleet).read_text()
    for path in (str(outside), "fleet/../../precious", "."):
        manifest.path(fleet).write_text(text.replace("path: fleet/dad", f"path: {path}"))
        with pytest.raises(NotAllowed, match="nothing was changed"):
            retiring.fry(fleet, "dad", confirm=True)
        for verb in (retiring.fold, pushing.push, pushing.rollback):
            with pytest.raises(NotAllowed):
                verb(fleet, "dad")
    assert (outside / "file").exists()
    assert outside.stat().st_mode & 0o777 == 0o755


def test_fry_never_follows_a_link(fleet, dad):
    precious = fleet.root / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    lifecycle.freeze(fleet, "dad")
    (dad / "data" / "link").symlink_to(precious)
    os.link(precious / "file", dad / "data" / "hard")
    moved = dad.with_name("moved")
    dad.chmod(0o755)
    dad.rename(moved)
    dad.symlink_to(moved)
    with pytest.raises(NotAllowed, match="symbolic link"):
        retiring.fry(fleet, "dad", confirm=True)
    dad.unlink()
    moved.rename(dad)
    retiring.fry(fleet, "dad", confirm=True)
    assert (precious / "file").read_text() == "x"
    assert (precious.stat().st_mode & 0o777, (precious / "file").stat().st_mode & 0o777) == (0o755, 0o644)
    assert left_over(fleet) == NOTHING


def test_fry_during_another_command_is_refused(fleet, dad):
    with alone(fleet, "dad"), pytest.raises(Conflict):
        retiring.fry(fleet, "dad", confirm=True)
    assert runs(fleet)


def test_a_fried_name_is_free_again(fleet, dad, wanted):
    retiring.fry(fleet, "dad", confirm=True)
    with pytest.raises(NotFound, match="dad is fried"):
        lifecycle.freeze(fleet, "dad")
    assert "already" in retiring.fry(fleet, "dad", confirm=True).note
    saga.create(fleet, wanted)
    assert [(row.name, row.status, row.version) for row in queries.table(fleet)] == [("dad", Status.ACTIVE, 2)]


def test_unknown_names(fleet):
    verbs = (
        *VERBS.values(),
        pushing.push,
        pushing.rollback,
        lambda place, name: retiring.fry(place, name, confirm=True),
    )
    for verb in verbs:
        for name in ("nobody", "../../escaped", "", "a/b", "dad\n"):
            with pytest.raises(NotFound):
                verb(fleet, name)
    assert not list(fleet.root.parent.glob("**/escaped*"))


def test_a_rebuild_makes_the_same_rows(fleet, dad):
    lifecycle.freeze(fleet, "dad")
    retiring.fold(fleet, "dad")
    before = (queries.records(fleet), pushing.versions(fleet, "dad"))
    store.rebuild(fleet, projection)
    assert (queries.records(fleet), pushing.versions(fleet, "dad")) == before


def test_the_history_is_told_in_words(fleet, dad, prime, halctl):
    (prime / "src" / "index.js").write_text("// two\n")
    for words in (("push", "dad"), ("freeze", "dad"), ("fold", "dad"), ("unfold", "dad"), ("fry", "dad", "--confirm")):
        assert halctl(*words).code == 0
    said = halctl("history", "dad").out
    for part in (
        "copy: 3 files of other 1",
        "version 2 by push",
        "frozen: stopped",
        "bytes, in dad-",
        "fried",
        "operator",
    ):
        assert part in said, part
    assert "{" not in said, "every fact has its words"
    events = {event.type for event in queries.history(fleet, "dad")}
    assert len(halctl("history", "dad", "--json").data) == said.count("\n") - 1
    assert len(events) > 8


def test_an_archive_never_leads_out_of_its_folder(tmp_path):
    import io
    import tarfile

    import zstandard

    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        info = tarfile.TarInfo("../evil")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    (tmp_path / "a.tar.zst").write_bytes(zstandard.compress(raw.getvalue()))
    (tmp_path / "to").mkdir()
    with pytest.raises(BadData, match="leads out"):
        archive.extract(tmp_path / "a.tar.zst", tmp_path / "to" / "here")
    assert not (tmp_path / "to" / "evil").exists()
    (tmp_path / "b.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd not zstandard")
    with pytest.raises(BadData, match="damaged"):
        archive.read(tmp_path / "b.tar.zst")


def test_a_whole_life_without_the_rights_of_root(fleet, modest, prime):
    """The owner of the files is held by their modes as anybody is: what halctl does must not need more."""

    def does(*words):
        done = modest(*words)
        assert done.returncode == 0, (words, done.stderr)

    dad = fleet.root / "fleet" / "dad"
    does("create", "--name", "dad", "--prime", str(prime))
    (prime / "src" / "index.js").write_text("// two\n")
    (prime / "src" / "deep").mkdir()
    (prime / "src" / "deep" / "er.js").write_text("// new\n")
    for words in (("push",), ("rollback",), ("push",), ("backup",), ("restore",), ("freeze",), ("restore",)):
        does(words[0], "dad")
    trees.erase(dad)
    for words in (("restore", "dad"), ("fold", "dad"), ("unfold", "dad"), ("reset", "dad"), ("verify",)):
        does(*words)
    assert (dad / "src" / "deep" / "er.js").read_text() == "// new\n"
    assert modest("status", "dad").returncode == 0
    does("fry", "dad", "--confirm")
    assert left_over(fleet) == NOTHING


def test_the_owner_who_lifts_the_lock_is_seen(fleet, modest, prime):
    """File modes hold whoever heeds them; the hashes see the rest."""
    assert modest("create", "--name", "dad", "--prime", str(prime)).returncode == 0
    dad = fleet.root / "fleet" / "dad"
    assert modest("verify").returncode == 0
    (dad / "CLAUDE.md").chmod(0o644)
    assert "writable CLAUDE.md" in modest("verify").stdout
    (dad / "CLAUDE.md").write_text("mine")
    (dad / "CLAUDE.md").chmod(0o444)
    assert "changed CLAUDE.md" in modest("verify").stdout
