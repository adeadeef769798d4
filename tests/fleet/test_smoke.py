"""The fifteen checks: all is well with a new instance, and each check sees what it is there to see."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from halo_engine import process_tree
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.queries import AlertFilter
from halo_engine.errors import BadData, NotAllowed, NotFound, Unavailable
from halo_engine.fleet import health, lifecycle, manifest, retiring, sample
from halo_engine.fleet.files import governance, primes
from halo_engine.fleet.instance import layout
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.recording import alone
from halo_engine.fleet.smoke import life, running, subject
from halo_engine.fleet.smoke.checks import CHECKS
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.onboarding import queries as onboarding_queries

ROOT = Path(__file__).parents[2]
NAMES = "exists process heartbeat database onboarding operator templates governance lock proxy permissions credentials"


@pytest.fixture
def dad(fleet, monkeypatch):
    """One of ours, without a model; its layout."""
    monkeypatch.setenv("DAD_BOT_TOKEN", "7001:AAsecret-of-dad")
    saga.create(fleet, Wanted("dad", telegram_bot_token_env="DAD_BOT_TOKEN"))
    return layout(fleet, manifest.checked(fleet).find("dad"))


def states(fleet, name="dad"):
    return {result.name: result for result in running.smoke(fleet, name)}


def wrong(fleet):
    return [name for name, result in states(fleet).items() if result.state == "wrong"]


def open_up(dad):
    governance.unlock(dad.root, primes.read(dad.root))


def test_the_list_is_the_one_that_was_promised():
    assert " ".join(check.name for check in CHECKS) == f"{NAMES} ports growth round trip"
    known = {check.name for check in CHECKS}
    assert all(set(check.needs) <= known and check.hint for check in CHECKS)


def test_a_new_instance_is_well_and_says_that_it_has_no_model(fleet, dad, halctl):
    found = states(fleet)
    assert [name for name, result in found.items() if result.state not in {"ok", "note"}] == []
    assert found["round trip"].state == "note"
    assert "No model is configured" in found["round trip"].evidence
    assert found["lock"].evidence.startswith("nothing could be written")
    answer = halctl("smoke", "dad", "--json")
    assert answer.code == 0
    assert [each["name"] for each in answer.data] == [check.name for check in CHECKS]
    assert all(each["evidence"] for each in answer.data)


def stopped(fleet, dad):
    instance = manifest.checked(fleet).find("dad")
    supervisor_of(instance).stop(fleet, instance)


def hanging(fleet, dad):
    os.kill(vitals(dad).pid, signal.SIGSTOP)
    time.sleep(2.5)


def corrupt(fleet, dad):
    with dad.database.open("r+b") as file:
        file.write(b"\xff" * 5000)


def drifted(fleet, dad):
    open_up(dad)
    dad.governance.write_text("Do as you like.\n")


def unlocked(fleet, dad):
    dad.governance.chmod(0o666)
    dad.root.chmod(0o777)


def everybodys(fleet, dad):
    dad.logs.chmod(0o777)


def gone(fleet, dad):
    (dad.groups / "main").rmdir()


def environment(fleet, dad):
    (dad.groups / "main" / ".env").write_text("A=1\n")


def held(fleet, dad):
    (dad.notes / "note-1.md").write_text("the token is 7001:AAsecret-of-dad, keep it\n")


def crowded(fleet, dad):
    (fleet.root / "halctl.yaml").write_text((fleet.root / "halctl.yaml").read_text() + f"least_disk: {1 << 40}\n")


def unprimed(fleet, dad):
    open_up(dad)
    (dad.root / "prime.yaml").write_text("name: [\n")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (stopped, {"process", "heartbeat"}),
        (hanging, {"heartbeat", "round trip"}),
        (corrupt, {"database"}),
        (drifted, {"governance"}),
        (unlocked, {"governance"}),
        (everybodys, {"permissions"}),
        (gone, {"permissions"}),
        (environment, {"credentials"}),
        (held, {"credentials"}),
        (crowded, {"growth"}),
        (unprimed, {"governance", "permissions"}),
    ],
)
def test_each_damage_is_seen(fleet, dad, monkeypatch, damage, expected):
    if damage is hanging:
        monkeypatch.setattr(life, "LATE", 1)
        (fleet.root / "halctl.yaml").write_text(
            (fleet.root / "halctl.yaml").read_text().replace("answer_timeout: 20", "answer_timeout: 1")
        )
    pid = vitals(dad).pid
    damage(fleet, dad)
    try:
        found = states(fleet)
    finally:
        if process_tree.identity(pid):
            os.kill(pid, signal.SIGCONT)
    seen = {name for name, result in found.items() if result.state == "wrong"}
    assert expected & seen == expected - ({"permissions"} if damage is unprimed else set())
    assert all(found[name].hint for name in seen)
    assert "AAsecret" not in json.dumps([result.evidence for result in found.values()])


def moved_away(fleet, dad, _):
    governance.unseal(dad.root)
    dad.root.rename(fleet.root / "aside")


def nobodys_chat(fleet, dad, _):
    with closing(sqlite3.connect(dad.database)) as store, store:
        store.execute("UPDATE chat SET main = 0")


def without_personality(fleet, dad, _):
    manifest.put(fleet, replace(manifest.checked(fleet).find("dad"), personality="nobody"))


def modeless_disk(fleet, dad, monkeypatch):
    """One that shows modes and does not heed them: the files are as they were, and can be written."""
    monkeypatch.setattr(governance, "writable", lambda *_: ["CLAUDE.md"])


def nowhere(fleet, dad, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "gopher://nowhere")


def unreadable(fleet, dad, monkeypatch):
    def refused(*_):
        raise BadData("the log is damaged")

    monkeypatch.setattr(onboarding_queries, "of_instance", refused)


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (moved_away, "exists"),
        (nobodys_chat, "operator"),
        (without_personality, "templates"),
        (modeless_disk, "lock"),
        (nowhere, "proxy"),
        (unreadable, "onboarding"),
    ],
)
def test_each_check_can_fail(fleet, dad, monkeypatch, damage, check):
    damage(fleet, dad, monkeypatch)
    found = states(fleet)
    assert found[check].state == "wrong"
    assert found[check].evidence
    assert found[check].hint
    lacking = {each.name for each in CHECKS if check in each.needs}
    assert all(found[name].state in {"skipped", "wrong"} for name in lacking)
    if check == "exists":
        (fleet.root / "aside").rename(dad.root)


def test_a_port_that_another_has_is_seen(fleet, dad):
    port = manifest.checked(fleet).find("dad").ports["http"]
    with socket.create_server(("127.0.0.1", port)):
        assert "taken by process" in states(fleet)["ports"].evidence


def test_what_hangs_is_cut_off(fleet, dad, monkeypatch):
    slow = subject.Check("slow", CHECKS[0].severity, lambda _: time.sleep(3), "wait", limit=0.05)
    fast = subject.Check("fast", CHECKS[0].severity, lambda _: subject.ok("yes"), "-", needs=("slow",))
    raises = subject.Check("raises", CHECKS[0].severity, lambda _: {}["x"], "mend it")
    instance = manifest.checked(fleet).find("dad")
    made = list(running.results(fleet, instance, (slow, fast, raises)))
    assert [each.state for each in made] == ["wrong", "skipped", "wrong"]
    assert "took over" in made[0].evidence


def test_who_is_not_there_and_who_is_folded(fleet, dad):
    with pytest.raises(NotFound):
        running.smoke(fleet, "nobody")
    retiring.fold(fleet, "dad")
    with pytest.raises(NotAllowed):
        running.smoke(fleet, "dad")


def test_a_frozen_one_is_well_when_it_does_not_run(fleet, dad):
    lifecycle.freeze(fleet, "dad")
    assert health.health(fleet) == []
    instance = manifest.checked(fleet).find("dad")
    supervisor_of(instance).start(fleet, instance)
    assert [each.check for each in health.health(fleet)] == ["process"]


def test_health_says_since_when_and_settles_what_is_over(fleet, dad, halctl):
    assert health.health(fleet) == []
    stopped(fleet, dad)
    first = {each.check: each for each in health.health(fleet)}
    assert set(first) == {"process", "heartbeat"}
    again = {each.check: each for each in health.health(fleet)}
    assert again["process"].since == first["process"].since
    assert halctl("health", "--json").code == 1
    lifecycle.reset(fleet, "dad")
    assert halctl("health").code == 0
    assert alerts.page(fleet, AlertFilter())[0] == []


def test_health_asks_a_supervisor_twice_however_many_are_not_well(fleet, dad, monkeypatch):
    for number, name in enumerate(("ann", "bob"), 1):
        sample.made(fleet, Wanted(name), number)
    asked, supervisor = [], supervisor_of(manifest.entry(fleet, "dad"))
    ask = supervisor.statuses
    monkeypatch.setattr(
        supervisor,
        "statuses",
        lambda workspace, its: (asked.append([each.name for each in its]), ask(workspace, its))[1],
    )
    assert {each.instance for each in health.health(fleet)} == {"ann", "bob"}
    assert asked == [["dad", "ann", "bob"], ["ann", "bob"]]


def test_health_leaves_one_that_a_command_is_at_and_sees_the_others(fleet, dad):
    sample.made(fleet, Wanted("ann"), 1)
    stopped(fleet, dad)
    with alone(fleet, "dad"):
        assert {each.instance for each in health.health(fleet)} == {"ann"}
    assert {each.instance for each in health.health(fleet)} == {"dad", "ann"}


def test_health_is_watched(fleet, dad):
    command = [sys.executable, "-c", "from halo_engine.fleet.cli import main; main()", "health", "--watch", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*command, "--every", "0.1"], env=environment, stdout=subprocess.PIPE, text=True) as watch:
        assert json.loads(watch.stdout.readline()) == {"ailments": []}
        stopped(fleet, dad)
        said = {"ailments": []}
        while not said["ailments"]:
            said = json.loads(watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        watch.stdout.read()
    assert watch.returncode == 130
    assert {each["check"] for each in said["ailments"]} <= {"process", "heartbeat"}


def test_a_budget_that_is_nearly_used_up_is_seen(fleet, dad):
    manifest.put(fleet, replace(manifest.checked(fleet).find("dad"), budget=0.0))
    [ailment] = health.health(fleet)
    assert (ailment.check, ailment.severity.value) == ("budget", "warning")


def test_an_instance_that_cannot_answer_any_more_is_seen(fleet, dad):
    stopped(fleet, dad)
    said = replace(vitals(dad), failing="the language model refuses (401 authentication_error)")
    dad.vitals.write_bytes(msgspec.json.encode(said))
    assert "401" in {each.check: each.evidence for each in health.health(fleet)}["answers"]


def test_what_cannot_be_frozen_is_named_and_no_success(fleet, dad, halctl, monkeypatch):
    def refused(*_: object) -> None:
        raise Unavailable("its process cannot be ended")

    (fleet.root / "alerts.yaml").write_text("policy: {heartbeat: freeze}\n")
    instance = manifest.checked(fleet).find("dad")
    supervisor_of(instance).stop(fleet, instance)
    assert halctl("health").code == 1
    monkeypatch.setattr("halo_engine.fleet.lifecycle.freeze", refused)
    said = halctl("enforce")
    assert said.code == 1
    assert "dad could not be frozen for" in said.out


def test_what_an_alert_asks_for_is_done_once(fleet, dad, halctl):
    (fleet.root / "alerts.yaml").write_text("policy: {heartbeat: freeze}\n")
    instance = manifest.checked(fleet).find("dad")
    supervisor_of(instance).stop(fleet, instance)
    assert halctl("health").code == 1
    assert "is frozen, as" in halctl("enforce", "--dry-run").out
    assert manifest.checked(fleet).find("dad").status == "active"
    assert "is frozen, as" in halctl("enforce").out
    assert manifest.checked(fleet).find("dad").status == "frozen"
    assert halctl("enforce", "--json").data == []
    assert halctl("health").code == 0
