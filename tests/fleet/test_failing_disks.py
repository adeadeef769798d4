"""A disk that fails or became read-only, at each write: what was there stays, it is said, and repeated it works."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from halo_engine.fleet import manifest, queries
from halo_engine.fleet.backups import keeping
from halo_engine.fleet.files import archive
from halo_engine.fleet.provisioning import saga
from tests.fleet.conftest import MAIN, REPOSITORY, left_over

HERE = Path(__file__).parent
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def failing_writes(tmp_path_factory) -> Path:
    """The library that makes writes fail."""
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    made = tmp_path_factory.mktemp("failing") / "failing_writes.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", made, HERE / "failing_writes.c", "-ldl"], check=True)
    return made


@pytest.fixture
def broken(fleet, request) -> Callable[..., Done]:
    """`broken("EIO", "store", "push", "dad")`: halctl, while the disk of that folder of the workspace is so; `when`:
    from the moment that this is there.
    """

    def run(fault: str, place: str, *words: str, when: str = "") -> Done:
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HALO_WORKSPACE": str(fleet.root)}
        command = [sys.executable, "-c", MAIN, "fleet", *words]
        where = fleet.root / place
        if fault == "EROFS":
            if os.geteuid() != 0:
                pytest.skip("needs root, to mount")
            command = ["unshare", "--mount", "sh", "-c", READ_ONLY, str(where), *command]
        else:
            at, _, name = fault.rpartition(" ")
            env |= {"FAILING": f"{fleet.root}/{place}", "FAILING_WITH": str(getattr(errno, name)), "FAILING_AT": at}
            env |= {"FAILING_WHEN": str(fleet.root / when)} if when else {}
            env["LD_PRELOAD"] = str(request.getfixturevalue("failing_writes"))
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)

    return run


def state(workspace) -> tuple[object, ...]:
    """Everything that a command may not have changed when it says that it failed."""
    rows = [(row.name, row.status, row.version) for row in queries.table(workspace)]
    root = workspace.root / "fleet" / "dad"
    tree = {}
    if root.is_dir():
        tree = {
            path: entry.hash for path, entry in archive.listing(root).items() if not path.startswith(("run", "logs"))
        }
    entries = manifest.path(workspace).read_bytes() if manifest.path(workspace).exists() else b""
    return rows, tree, entries


SAID = {
    "EIO": "nput/output error|I/O error",
    "ENOSPC": "No space left|full",
    "EROFS": "Read-only file system|cannot be written",
}
CREATE = ("create", "--name", "dad", "--personality", "dad")


def refused(done: Done, fault: str) -> None:
    """It says what is wrong and with what, and not more than that."""
    assert done.returncode in {1, 5}, done.stdout + done.stderr
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert re.search(SAID[fault.rpartition(" ")[2]], done.stderr), done.stderr


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC", "fsync EIO", "EROFS"])
@pytest.mark.parametrize("place", ["", "store", "fleet", "run"])
def test_a_create_is_refused_or_undone_and_works_afterwards(fleet, wanted, prime, broken, fault, place):
    for name in ("store", "fleet", "run"):
        (fleet.root / name).mkdir(exist_ok=True)
    refused(broken(fault, place, *CREATE, "--prime", str(prime)), fault)
    assert left_over(fleet) == {"folders": [], "entries": [], "processes": []}
    saga.create(fleet, wanted)
    assert left_over(fleet)["folders"] == ["dad"]


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC", "fsync EIO"])
@pytest.mark.parametrize("place", ["fleet", "fleet/dad/store"])
def test_one_of_ours_is_refused_or_undone_and_works_afterwards(fleet, broken, halctl, fault, place):
    refused(broken(fault, place, *CREATE), fault)
    assert left_over(fleet) == {"folders": [], "entries": [], "processes": []}
    assert halctl(*CREATE).code == 0


@pytest.mark.parametrize("fault", ["EIO", "fsync EIO"])
@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("store", "fleet/dad"),
        ("store", "fleet/dad/halo-dad.service"),
        (".FLEET.yaml", ""),
        ("store", "FLEET.yaml"),
        ("", "FLEET.yaml"),
        ("run", "FLEET.yaml"),
        ("store", "run/fleet/dad.state.json"),
        ("", "run/fleet/dad.state.json"),
    ],
)
def test_a_create_whose_disk_breaks_under_way_is_whole_or_gone_afterwards(
    fleet, wanted, prime, broken, fault, place, when
):
    """From the moment that `when` is there nothing can be written to `place` any more, nor undone in the history."""
    refused(broken(fault, place, *CREATE, "--prime", str(prime), when=when), fault)
    manifest.checked(fleet)
    assert queries.table(fleet) is not None
    saga.create(fleet, wanted)
    found = left_over(fleet)
    assert (found["folders"], found["entries"], len(found["processes"])) == (["dad"], ["dad"], 2)
    assert [(row.status, row.governance, row.operation) for row in queries.table(fleet)] == [("active", "locked", "")]


@pytest.fixture
def dad(fleet, wanted, prime):
    """One that runs, and that there is something to push to."""
    saga.create(fleet, wanted)
    keeping.backup(fleet, "dad")
    (prime / "src" / "index.js").write_text("// two\n")
    return fleet.root / "fleet" / "dad"


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC", "EROFS"])
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", ("push", "dad")),
        ("store", ("push", "dad")),
        ("fleet", ("push", "dad")),
        ("", ("backup", "dad")),
        ("fleet", ("backup", "dad")),
        ("store", ("restore", "dad")),
        ("fleet", ("restore", "dad")),
        ("store", ("fold", "dad")),
        ("fleet", ("fold", "dad")),
        ("", ("freeze", "dad")),
        ("store", ("fry", "dad", "--confirm")),
    ],
)
def test_what_was_there_is_intact_and_the_same_command_works_afterwards(
    fleet, dad, broken, halctl, fault, place, words
):
    before = state(fleet)
    refused(broken(fault, place, *words), fault)
    assert state(fleet) == before
    assert halctl("verify").code == 0
    said = halctl(*words)
    assert said.code == 0, said.err
    gone = words[0] in {"fry", "fold"}
    assert left_over(fleet)["folders"] == ([] if gone else ["dad"])


@pytest.mark.parametrize("fault", ["EIO", "EROFS"])
def test_one_that_cannot_be_written_down_is_stopped_all_the_same(fleet, dad, broken, halctl, fault):
    refused(broken(fault, "store", "freeze", "dad"), fault)
    assert left_over(fleet)["processes"] == []
    assert halctl("freeze", "dad").code == 0
    assert halctl("list", "--json").data[0]["status"] == "frozen"
    assert halctl("reset", "dad").code == 0


@pytest.mark.parametrize("when", ["fleet/.versions/dad/1/CLAUDE.md", "fleet/.versions/dad/1/src"])
def test_a_swap_that_cannot_go_on_is_taken_back_by_the_next_push(fleet, dad, broken, halctl, when):
    """The renames of a disk that fails in the middle of a swap: neither forward nor back."""
    before = state(fleet)[1]
    done = broken("rename EIO", "fleet/dad/", "push", "dad", when=when)
    refused(done, "EIO")
    assert halctl("list", "--json").data[0]["operation"] == "push"
    assert halctl("push", "dad").code in {0, 4}
    assert halctl("push", "dad").code == 0
    assert halctl("verify").code == 0
    assert state(fleet)[1].keys() == before.keys()
    assert (dad / "src" / "index.js").read_text() == "// two\n"


def test_a_log_that_cannot_be_written_costs_lines_only(broken, halctl):
    assert halctl(*CREATE).code == 0
    assert halctl("freeze", "dad").code == 0
    done = broken("EROFS", "fleet/dad/logs", "reset", "dad")
    assert done.returncode == 0, done.stderr
    assert "No model is configured" in halctl("send", "dad", "hello", "--wait", "--timeout", "10").out


@pytest.mark.parametrize("place", ["fleet/dad/store", "fleet/dad/run"])
def test_one_whose_own_disk_is_read_only_does_not_start_and_says_why(fleet, broken, halctl, place):
    settings = fleet.root / "halctl.yaml"
    settings.write_text(settings.read_text().replace("answer_timeout: 20", "answer_timeout: 5"))
    assert halctl(*CREATE).code == 0
    assert halctl("freeze", "dad").code == 0
    done = broken("EROFS", place, "reset", "dad")
    refused(done, "EROFS")
    assert halctl("list", "--json").data[0]["status"] == "frozen"
    assert halctl("reset", "dad").code == 0
