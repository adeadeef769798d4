"""Push: what a dry run says is what happens; what fails, or is killed, is as it was, byte for byte, and runs."""

from __future__ import annotations

import pytest

from halo_engine.alerts import queries as alerts
from halo_engine.alerts.states import State
from halo_engine.errors import BadData, Failed, NotAllowed, NotFound
from halo_engine.fleet import lifecycle, manifest, queries, retiring
from halo_engine.fleet.files import archive
from halo_engine.fleet.files.governance import OWN
from halo_engine.fleet.governing import pushing
from halo_engine.fleet.instance import Status
from halo_engine.fleet.personality import writing
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.recording import alone
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import Workspace
from tests.fleet.conftest import left_over


@pytest.fixture
def dad(fleet, wanted):
    saga.create(fleet, wanted)
    return fleet.root / "fleet" / "dad"


def governed(root):
    """What a push may change, as it is: contents, modes and times."""
    found = archive.listing(root)
    return {
        path: each
        for path, each in found.items()
        if (path.split("/")[0] not in OWN and path != ".") or path.endswith("CLAUDE.md")
    }


def runs(fleet, name="dad"):
    instance = queries.record(fleet, name).instance
    return supervisor_of(instance).status(fleet, instance).state == "running"


def test_nothing_new_is_nothing(fleet, dad):
    before = governed(dad)
    assert pushing.push(fleet, "dad").outcome == "already"
    assert governed(dad) == before


def test_what_a_dry_run_says_is_what_happens(fleet, dad, prime):
    writing.edit(fleet, "dad", levels={"brevity": 10})
    (prime / "src" / "index.js").write_text("// two\n")
    (prime / "src" / "new.js").write_text("// new\n")
    before = archive.listing(dad)
    told = pushing.push(Workspace(fleet.root, dry_run=True), "dad")
    assert (told.outcome, told.before, told.after) == ("would", 1, 2)
    assert "fewest words" in told.diff
    assert "+// two" in told.diff
    kept = {path: each for path, each in archive.listing(dad).items() if path.split("/")[0] not in {"run", "logs"}}
    assert kept.items() <= before.items()
    done = pushing.push(fleet, "dad")
    assert (done.outcome, done.paths) == ("pushed", told.paths)
    assert done.paths == {
        "CLAUDE.md": "changed",
        "groups/main/CLAUDE.md": "changed",
        "src/index.js": "changed",
        "src/new.js": "new",
    }
    assert "fewest words" in (dad / "groups" / "main" / "CLAUDE.md").read_text()
    (row,) = queries.table(fleet)
    assert (row.governance, row.version, runs(fleet)) == ("locked", 2, True)
    assert manifest.entry(fleet, "dad").template.version == 2
    assert pushing.push(fleet, "dad").outcome == "already"


def test_a_push_that_does_not_answer_is_taken_back_byte_for_byte(fleet, dad, prime):
    (fleet.root / "halctl.yaml").write_text(
        (fleet.root / "halctl.yaml").read_text().replace("answer_timeout: 20", "answer_timeout: 1")
    )
    before = governed(dad)
    (prime / "src" / "index.js").write_text("broken")
    with pytest.raises(Failed, match="taken back: dad does not answer"):
        pushing.push(fleet, "dad")
    assert governed(dad) == before
    assert (runs(fleet), queries.table(fleet)[0].version, queries.table(fleet)[0].operation) == (True, 1, "")
    assert list((fleet.root / "fleet" / ".staging").iterdir()) == []


@pytest.mark.parametrize("bad", ["template", "prime"])
def test_what_does_not_validate_never_touches_the_instance(fleet, dad, prime, bad):
    before = archive.listing(dad / "src")
    if bad == "template":
        (fleet.root / "personalities").mkdir()
        (fleet.root / "personalities" / "base.md.j2").write_text("{{ nonsense }}")
    else:
        (prime / "prime.yaml").write_text("name: x\nversion: '2'\n")
    with pytest.raises(Exception, match=r"nonsense|runs nanoclaw"):
        pushing.push(fleet, "dad")
    assert archive.listing(dad / "src") == before
    assert runs(fleet)


EXCHANGE = ("begun", "stopped", "swapped", "locked", "probed", "recorded", "pruned")
SWAP = ("swap.out", "swap.in", "started")


@pytest.mark.parametrize("fault", [*(f"push.{each}" for each in EXCHANGE), *SWAP])
def test_killed_anywhere_the_same_command_completes_it(fleet, dad, prime, killed, halctl, fault):
    (prime / "src" / "index.js").write_text("// two\n")
    (prime / "added.txt").write_text("new\n")
    assert killed(fault, "push", "dad").returncode == -9
    halctl("list")
    if fault not in {"push.recorded", "push.pruned"}:
        assert halctl("freeze", "dad").code == 4, "half a push is for push to put right"
    assert halctl("push", "dad").code == 0
    assert (dad / "src" / "index.js").read_text() == "// two\n"
    assert (dad / "added.txt").exists()
    (row,) = queries.table(fleet)
    assert (row.governance, row.operation, runs(fleet)) == ("locked", "", True)
    assert halctl("verify").code == 0
    assert left_over(fleet)["folders"] == ["dad"]


@pytest.mark.parametrize("fault", ["push.stopped", "swap.out", "swap.in", "push.probed"])
def test_killed_and_taken_back_is_byte_identical(fleet, dad, prime, killed, fault):
    before = governed(dad)
    (prime / "src" / "index.js").write_text("// two\n")
    assert killed(fault, "push", "dad").returncode == -9
    assert "cut short" in pushing.rollback(fleet, "dad").note
    assert governed(dad) == before
    assert runs(fleet)


@pytest.mark.parametrize("fault", ["back.stopped", "back.out", "back.in", "back.swapped"])
def test_killed_while_it_is_taken_back_the_next_command_finishes_that(fleet, dad, prime, killed, halctl, fault):
    before = governed(dad)
    (prime / "src" / "index.js").write_text("// two\n")
    (prime / "added.txt").write_text("new\n")
    assert killed("push.locked", "push", "dad").returncode == -9
    assert killed(fault, "rollback", "dad").returncode == -9
    halctl("list")
    assert halctl("rollback", "dad").code == 0
    assert (governed(dad), runs(fleet), left_over(fleet)["folders"]) == (before, True, ["dad"])
    assert halctl("push", "dad").code == 0
    assert (dad / "added.txt").exists()


@pytest.mark.parametrize("fault", [*(f"rollback.{each}" for each in EXCHANGE), *SWAP])
def test_a_rollback_killed_anywhere_is_completed_by_the_same_command(fleet, dad, prime, killed, halctl, fault):
    first = governed(dad)
    (prime / "src" / "index.js").write_text("// two\n")
    (prime / "added.txt").write_text("new\n")
    assert halctl("push", "dad").code == 0
    second = governed(dad)
    assert killed(fault, "rollback", "dad", "--to", "1").returncode == -9
    halctl("list")
    assert halctl("rollback", "dad", "--to", "1").code == 0
    assert (governed(dad), runs(fleet), left_over(fleet)["folders"]) == (first, True, ["dad"])
    assert (queries.table(fleet)[0].version, queries.table(fleet)[0].operation) == (1, "")
    assert (halctl("verify").code, pushing.versions(fleet, "dad").kept) == (0, [2])
    assert halctl("rollback", "dad", "--to", "2").code == 0
    assert governed(dad) == second


@pytest.mark.parametrize("fault", [*(f"rollback.{each}" for each in EXCHANGE), *SWAP])
def test_a_rollback_to_the_one_before_is_one_step_however_often_it_is_cut_short(
    fleet, dad, prime, killed, halctl, fault
):
    for text in ("// two\n", "// three\n"):
        before = governed(dad)
        (prime / "src" / "index.js").write_text(text)
        assert halctl("push", "dad").code == 0
    assert killed(fault, "rollback", "dad").returncode == -9
    assert halctl("list").code == 0
    done = halctl("rollback", "dad")
    assert done.code == 0
    assert "to version 2" in done.out or "3 -> 2" in done.out
    assert (governed(dad), queries.table(fleet)[0].version) == (before, 2)
    assert halctl("rollback", "dad").code == 0
    assert queries.table(fleet)[0].version == 1


def test_what_a_killed_push_had_thrown_away_is_gone_after_the_next(fleet, dad, prime, killed, halctl):
    (fleet.root / "halctl.yaml").write_text((fleet.root / "halctl.yaml").read_text() + "versions: 1\n")
    for text in ("// two\n", "// three\n"):
        (prime / "src" / "index.js").write_text(text)
        died = killed("trees.aside", "push", "dad").returncode
    assert died == -9
    assert halctl("push", "dad").code == 0
    assert left_over(fleet)["folders"] == ["dad"]


def test_drift_is_shown_and_told_and_only_replaced_when_accepted(fleet, dad, halctl):
    (dad / "CLAUDE.md").chmod(0o644)
    (dad / "CLAUDE.md").write_text("do as you like")
    assert queries.table(fleet)[0].governance == "drifted"
    with pytest.raises(NotAllowed, match=r"changed by hand: changed CLAUDE\.md; writable CLAUDE\.md"):
        pushing.push(fleet, "dad")
    assert (dad / "CLAUDE.md").read_text() == "do as you like"
    assert alerts.by_key(fleet, "drift", "dad").state is State.RAISED
    assert halctl("status", "dad").code == 1
    assert pushing.push(fleet, "dad", accept_drift=True).outcome == "pushed"
    assert "The Captain" in (dad / "CLAUDE.md").read_text()
    assert alerts.by_key(fleet, "drift", "dad").state is State.RESOLVED
    assert halctl("verify").code == 0


def test_rollback_and_forward_again(fleet, dad, prime):
    first = governed(dad)
    for text in ("// two\n", "// three\n"):
        (prime / "src" / "index.js").write_text(text)
        pushing.push(fleet, "dad")
    third = governed(dad)
    assert pushing.versions(fleet, "dad").kept == [2, 1]
    assert pushing.rollback(fleet, "dad").after == 2
    assert (dad / "src" / "index.js").read_text() == "// two\n"
    assert pushing.rollback(fleet, "dad").after == 1
    assert governed(dad) == first
    with pytest.raises(NotFound, match="no earlier version"):
        pushing.rollback(fleet, "dad")
    assert pushing.rollback(fleet, "dad", to=3).after == 3
    assert governed(dad) == third
    assert pushing.rollback(fleet, "dad", to=3).outcome == "already"
    assert (queries.table(fleet)[0].version, runs(fleet)) == (3, True)


def test_a_kept_version_that_was_changed_is_not_brought_back(fleet, dad, prime):
    (prime / "src" / "index.js").write_text("// two\n")
    pushing.push(fleet, "dad")
    kept = fleet.root / "fleet" / ".versions" / "dad" / "1" / "CLAUDE.md"
    kept.chmod(0o644)
    kept.write_text("evil")
    with pytest.raises(BadData, match="is not what version 1 was"):
        pushing.rollback(fleet, "dad")


def test_only_the_last_few_are_kept(fleet, dad, prime):
    (fleet.root / "halctl.yaml").write_text((fleet.root / "halctl.yaml").read_text() + "versions: 2\n")
    for number in range(4):
        (prime / "src" / "index.js").write_text(f"// {number}\n")
        pushing.push(fleet, "dad")
    assert pushing.versions(fleet, "dad").kept == [4, 3]
    assert [each.version for each in pushing.versions(fleet, "dad").versions] == [5, 4, 3, 2, 1]


def test_a_frozen_one_is_pushed_and_stays_frozen_and_a_folded_one_is_refused(fleet, dad, prime):
    lifecycle.freeze(fleet, "dad")
    (prime / "src" / "index.js").write_text("// two\n")
    assert pushing.push(fleet, "dad").outcome == "pushed"
    assert (runs(fleet), manifest.entry(fleet, "dad").status) == (False, Status.FROZEN)
    retiring.fold(fleet, "dad")
    with pytest.raises(NotAllowed, match="is folded"):
        pushing.push(fleet, "dad")


def test_all_with_a_canary_stops_at_the_first_that_fails(fleet, prime, halctl):
    for name in ("ana", "ben", "cleo"):
        saga.create(fleet, Wanted(name, prime=str(prime)))
    lifecycle.freeze(fleet, "cleo")
    (prime / "src" / "index.js").write_text("// two\n")
    done = list(pushing.push_all(fleet, canary="ben"))
    assert [(each.name, each.outcome) for each in done] == [("ben", "pushed"), ("ana", "pushed")]
    assert [each.template.version for each in manifest.checked(fleet).instances] == [2, 2, 1]
    (fleet.root / "halctl.yaml").write_text(
        (fleet.root / "halctl.yaml").read_text().replace("answer_timeout: 20", "answer_timeout: 1")
    )
    (prime / "src" / "index.js").write_text("broken")
    said = halctl("push", "--all", "--canary", "ben", "--json")
    assert (said.code, [(each["name"], each["outcome"]) for each in said.data]) == (1, [("ben", "failed")])
    assert runs(fleet, "ben")
    assert runs(fleet, "ana")
    assert halctl("push").code == halctl("push", "ana", "--all").code == 2


def test_one_that_another_command_is_at_is_skipped_and_the_others_are_pushed(fleet, prime, halctl):
    for name in ("ana", "ben"):
        saga.create(fleet, Wanted(name, prime=str(prime)))
    (prime / "src" / "index.js").write_text("// two\n")
    with alone(fleet, "ana"):
        said = halctl("push", "--all", "--json")
    assert (said.code, [(each["name"], each["outcome"]) for each in said.data]) == (
        1,
        [("ana", "skipped"), ("ben", "pushed")],
    )
    assert halctl("push", "--all").code == 0


def test_what_a_command_under_way_has_changed_is_no_drift_and_no_alert(fleet, dad, halctl):
    """A swap takes the governed files away for a moment, and stops the instance: nobody is to be woken for that."""
    (dad / "CLAUDE.md").chmod(0o644)
    with alone(fleet, "dad"):
        said = halctl("verify", "--json")
        assert (said.code, said.data[0]["state"]) == (0, "unknown")
        assert halctl("health", "--json").data == []
    assert alerts.by_key(fleet, "drift", "dad") is None
    assert (halctl("verify").code, halctl("health").code) == (1, 1)
    assert alerts.by_key(fleet, "drift", "dad").state is State.RAISED


def test_a_link_in_the_place_of_a_governed_file_is_drift_and_not_followed(fleet, dad, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    dad.chmod(0o755)
    (dad / "CLAUDE.md").unlink()
    (dad / "CLAUDE.md").symlink_to(precious)
    assert queries.table(fleet)[0].governance == "drifted"
    pushing.push(fleet, "dad", accept_drift=True)
    assert precious.read_text() == "mine"
    assert (precious.stat().st_mode & 0o222, (dad / "CLAUDE.md").is_symlink()) == (0o200, False)
