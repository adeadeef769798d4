"""From a name to an assistant that answers, or back to nothing, wherever it is killed."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest

from halo_engine.errors import BadConfig, BadData, Conflict, Failed, NotAllowed, NotFound, Unavailable, Usage
from halo_engine.fleet import manifest, queries
from halo_engine.fleet.conversing import answering
from halo_engine.fleet.files import governance
from halo_engine.fleet.instance import Status
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Progress, Wanted
from halo_engine.fleet.provisioning.steps import STEPS
from halo_engine.fleet.recording import alone
from tests.fleet.conftest import left_over

NAMES = [step.name for step in STEPS]
NOTHING = {"folders": [], "entries": [], "processes": []}


def test_eight_steps_and_it_answers(fleet, wanted):
    seen: list[Progress] = []
    changed = saga.create(fleet, wanted, seen.append)
    root = fleet.root / "fleet" / "dad"
    assert [(each.step, each.state) for each in seen] == [
        (name, state) for name in NAMES for state in ("begun", "done")
    ]
    assert changed.instance == manifest.entry(fleet, "dad")
    assert (root / "groups" / "main" / "CLAUDE.md").read_text() == (root / "CLAUDE.md").read_text()
    assert "The Captain" in (root / "CLAUDE.md").read_text()
    assert oct((root / "CLAUDE.md").stat().st_mode)[-3:] == "444"
    assert oct((root / "src").stat().st_mode)[-3:] == oct(root.stat().st_mode)[-3:] == "555"
    (row,) = queries.table(fleet)
    assert (row.status, row.governance, row.version) == (Status.ACTIVE, "locked", 1)


def test_ours_answers_too_and_the_same_again_is_nothing(fleet, halctl):
    assert halctl("create", "--name", "dad", "--personality", "dad").code == 0
    assert halctl("list", "--json").data[0]["running"] is True
    head = fleet.log.head()
    again = halctl("create", "--name", "dad", "--personality", "dad")
    assert (again.code, fleet.log.head()) == (0, head)
    assert "already" in again.err
    assert halctl("create", "--name", "dad", "--personality", "mum").code == 4
    assert halctl("status", "dad").code == 0


@pytest.mark.parametrize("fault", ["begun", *NAMES, *(f"{name}.done" for name in NAMES), "created"])
def test_killed_anywhere_the_same_command_completes_it(fleet, prime, killed, halctl, fault):
    words = ("create", "--name", "dad", "--prime", str(prime))
    assert killed(f"create.{fault}", *words).returncode == -9
    halctl("list")
    assert halctl(*words).code == 0
    left = left_over(fleet)
    assert (left["folders"], left["entries"]) == (["dad"], ["dad"])
    (row,) = queries.table(fleet)
    assert (row.status, row.governance, row.operation) == (Status.ACTIVE, "locked", "")
    assert halctl("verify").code == 0


@pytest.mark.parametrize("fault", ["begun", *NAMES])
def test_killed_anywhere_fry_leaves_nothing(fleet, prime, killed, halctl, fault):
    assert killed(f"create.{fault}", "create", "--name", "dad", "--prime", str(prime)).returncode == -9
    assert halctl("fry", "dad", "--confirm").code == 0
    assert left_over(fleet) == NOTHING
    assert queries.table(fleet) == []
    assert halctl("fry", "dad", "--confirm").code in {0, 3}


@pytest.mark.parametrize("name", NAMES)
def test_failed_anywhere_everything_is_undone(fleet, wanted, monkeypatch, name):
    monkeypatch.setenv("HALO_FAIL_AT", f"create.{name}")
    seen: list[Progress] = []
    with pytest.raises(Failed, match=f"{name} failed, and everything was undone"):
        saga.create(fleet, wanted, seen.append)
    assert left_over(fleet) == NOTHING
    assert [each.step for each in seen if each.state == "undone"] == NAMES[::-1]
    monkeypatch.delenv("HALO_FAIL_AT")
    assert saga.create(fleet, wanted).instance.name == "dad"


@pytest.mark.parametrize("name", ["failed", *NAMES])
def test_killed_while_undoing_the_next_command_finishes_that_first(fleet, prime, killed, halctl, name):
    words = ("create", "--name", "dad", "--prime", str(prime))
    kill = "create.failed" if name == "failed" else f"undo.{name}"
    os.environ["HALO_FAIL_AT"] = "create.start"
    try:
        assert killed(kill, *words).returncode == -9
    finally:
        del os.environ["HALO_FAIL_AT"]
    assert halctl(*words).code == 0
    assert [each.status for each in queries.table(fleet)] == [Status.ACTIVE]
    assert left_over(fleet)["folders"] == ["dad"]


def test_two_at_once_one_wins_and_ports_are_its_own(fleet, prime):
    command = [sys.executable, "-c", "from halo_engine.fleet.cli import main; main()", "create", "--prime", str(prime)]
    names = ("dad", "dad", "mum", "ben")
    running = [subprocess.Popen([*command, "--name", name], stderr=subprocess.PIPE, text=True) for name in names]
    codes = [(process.wait(60), process.stderr.read()) for process in running]
    for process in running:
        process.stderr.close()
    assert [code for code, _ in codes[2:]] == [0, 0], codes
    assert sorted(code for code, _ in codes[:2]) in ([0, 4], [0, 0]), codes
    rows = queries.table(fleet)
    assert sorted(row.name for row in rows) == ["ben", "dad", "mum"]
    assert len({port for row in rows for port in row.ports.values()}) == 6


def test_another_command_on_the_same_instance_is_refused_at_once(fleet, wanted):
    with alone(fleet, "dad"), pytest.raises(Conflict, match="another command works on dad"):
        saga.create(fleet, wanted)
    assert saga.create(fleet, wanted).instance.status is Status.ACTIVE


@pytest.mark.parametrize("name", ["Dad", "", "../x", "a:b", "-x", "x" * 31, "dad\n", "all of them"])
def test_names_that_cannot_be(fleet, prime, name):
    with pytest.raises(Usage):
        saga.create(fleet, Wanted(name, prime=str(prime)))
    assert left_over(fleet) == NOTHING


def test_preflight_refuses_before_anything_is_written(fleet, wanted, prime, monkeypatch):
    def refused(kind, match, **changes):
        with pytest.raises(kind, match=match):
            saga.create(fleet, msgspec.structs.replace(wanted, **changes))
        assert left_over(fleet) == NOTHING
        assert fleet.log.head("fleet") == 0

    refused(NotFound, "no prime tree", prime=str(prime / "nowhere"))
    refused(NotFound, "no personality nobody", personality="nobody")
    refused(Unavailable, "DAD_TOKEN is not set", telegram_bot_token_env="DAD_TOKEN")
    with pytest.raises(Usage) as wrong:
        saga.create(fleet, msgspec.structs.replace(wanted, telegram_bot_token_env="812:secret-token"))
    assert "secret" not in str(wrong.value.message) + wrong.value.hint
    refused(BadConfig, "Mars", timezone="Mars/Olympus")
    (prime / "prime.yaml").write_text(
        (prime / "prime.yaml").read_text() + "needs: [{command: [sh, -c, 'echo v9.1'], below: '9'}]\n"
    )
    refused(Unavailable, "9.1, but it must be below 9")
    (prime / "prime.yaml").write_text(
        (prime / "prime.yaml").read_text().replace("below", "least").replace("'9'", "'10'")
    )
    refused(Unavailable, "9.1, but 10 or later is needed")
    (prime / "prime.yaml").write_text("name: x\nversion: '1'\nlock: [../../etc]\n")
    refused(BadConfig, "must lie below the tree")
    (prime / "prime.yaml").unlink()
    refused(BadConfig, "is missing")


def test_a_link_out_of_the_prime_tree_is_refused(fleet, wanted, prime, tmp_path):
    (tmp_path / "private").write_text("secret")
    (prime / "src" / "out").symlink_to("../../private")
    with pytest.raises(BadData, match="a link out of the tree"):
        saga.create(fleet, wanted)
    (prime / "src" / "out").unlink()
    (prime / "src" / "inside").symlink_to("index.js")
    os.mkfifo(prime / "src" / "pipe")
    with pytest.raises(BadData, match="neither a file"):
        saga.create(fleet, wanted)
    assert left_over(fleet) == NOTHING
    (prime / "src" / "pipe").unlink()
    saga.create(fleet, wanted)
    assert (fleet.root / "fleet" / "dad" / "src" / "inside").is_symlink()


def test_what_is_left_out_is_left_out_by_path_and_not_by_name(fleet, wanted, prime):
    for name in ("store/a", "memory/b", "groups/c", ".git/d", "node_modules/e", "src/memory/f", "docs/store/g"):
        (prime / name).parent.mkdir(parents=True, exist_ok=True)
        (prime / name).write_text(name)
    (prime / ".env").write_text("TOKEN=1")
    (prime / "memory-index.ts").write_text("x")
    saga.create(fleet, wanted)
    root = fleet.root / "fleet" / "dad"
    for name in ("src/memory/f", "docs/store/g", "memory-index.ts"):
        assert (root / name).exists(), name
    for name in ("store/a", "memory/b", "groups/c", ".git", "node_modules", ".env"):
        assert not (root / name).exists(), name


def test_a_build_that_fails_says_what_it_said(fleet, wanted, prime):
    text = (prime / "prime.yaml").read_text()
    (prime / "prime.yaml").write_text(text + "build: ['echo made > built.txt', 'echo no compiler here; exit 3']\n")
    with pytest.raises(Failed, match="exit code 3: no compiler here"):
        saga.create(fleet, wanted)
    assert left_over(fleet) == NOTHING
    (prime / "prime.yaml").write_text(text + "build: ['echo made > built.txt']\n")
    saga.create(fleet, wanted)
    assert (fleet.root / "fleet" / "dad" / "built.txt").read_text() == "made\n"


def test_one_that_does_not_answer_is_undone(fleet, wanted, prime):
    (fleet.root / "halctl.yaml").write_text(
        (fleet.root / "halctl.yaml").read_text().replace("answer_timeout: 20", "answer_timeout: 0.5")
    )
    (prime / "src" / "index.js").write_text("broken")
    with pytest.raises(Failed, match="does not answer"):
        saga.create(fleet, wanted)
    assert left_over(fleet) == NOTHING


def test_no_token_is_in_any_file(fleet, wanted, monkeypatch):
    monkeypatch.setenv("DAD_TOKEN", "812345:very-secret-token")
    saga.create(fleet, msgspec.structs.replace(wanted, telegram_bot_token_env="DAD_TOKEN"))
    with pytest.raises(NotAllowed, match="DAD_TOKEN is the token of dad"):
        saga.create(fleet, msgspec.structs.replace(wanted, name="mum", telegram_bot_token_env="DAD_TOKEN"))
    assert queries.table(fleet)[0].bot == "812345"
    for path in fleet.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert b"very-secret" not in path.read_bytes(), path


def test_the_lock_is_tried_and_not_believed(fleet, wanted, halctl):
    saga.create(fleet, wanted)
    root = fleet.root / "fleet" / "dad"
    prime = msgspec.structs.replace(saga.planned(fleet, manifest.entry(fleet, "dad")).prime)
    assert governance.writable(root, prime) == []
    (root / "CLAUDE.md").chmod(0o666)
    (root / "src").chmod(0o777)
    assert governance.writable(root, prime) == ["CLAUDE.md", "src"]
    said = halctl("verify", "dad", "--json")
    assert (said.code, said.data[0]["state"]) == (1, "drifted")
    assert halctl("verify", "dad").code == 1


def test_one_that_ends_at_once_is_not_waited_for_and_says_why(fleet, wanted, prime, monkeypatch):
    """Its own last words, without the secrets that it printed."""
    (prime / "prime.yaml").write_text((prime / "prime.yaml").read_text().replace("run.py", "ends.py"))
    (prime / "ends.py").write_text("raise SystemExit('error: no such model, sk-very-secret-value')\n")
    monkeypatch.setenv("SOME_TOKEN", "sk-very-secret-value")
    (fleet.root / "halctl.yaml").write_text(
        (fleet.root / "halctl.yaml").read_text().replace("answer_timeout: 20", "answer_timeout: 1")
    )
    with pytest.raises(Failed, match=r"does not answer: .*it said: error: no such model") as wrong:
        saga.create(fleet, wanted)
    assert "exit code 1" in wrong.value.message
    assert "very-secret" not in wrong.value.message
    assert left_over(fleet) == NOTHING


def test_ours_that_its_supervisor_gives_up_fails_long_before_its_time_is_over(fleet, halctl, monkeypatch):
    assert halctl("create", "--name", "dad").code == 0
    assert halctl("freeze", "dad").code == 0
    (fleet.root / "fleet" / "dad" / "store" / "instance.db").write_bytes(b"no database" * 500)
    came, heard = answering.Ending.came, []
    monkeypatch.setattr(answering.Ending, "came", lambda self: heard.append(came(self)) or heard[-1])
    said = halctl("reset", "dad")
    assert (said.code, "damaged" in said.err, "No such file" in said.err) == (1, True, False)
    assert heard[-1], "it was not waited for to the end"
