"""The runtime killed, its clock set, its files damaged: what was accepted is answered once, or told why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from halo_engine.errors import Damaged, Unavailable
from halo_engine.instance import running
from halo_engine.instance.rows import State
from halo_engine.instance.store import Store
from tests.instance.conftest import ROOT, Running, says

DYING = """
import os, signal, sys
from halo_engine.events.sqlite import Connection
from halo_engine.cli import main
left = int(os.environ["DIES_AT"])
real = Connection.execute
def execute(*arguments):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
Connection.execute = execute
main()
"""
"""The runtime, killed before its nth statement."""
POISONED = """
import os, signal, sys
from halo_engine import streaming
from halo_engine.cli import main
async def ask(settings, question, heard):
    os.kill(os.getpid(), signal.SIGKILL)
if "poison" in os.environ:
    streaming.ask = ask
main()
"""
STATEMENTS = [n if n % 6 == 0 else pytest.param(n, marks=pytest.mark.soak) for n in range(1, 91)]
"""Where it is killed: from the first statement of its start to the last of a turn's end."""


def until_over(dad: Running, message_id: str):
    """The end of a message that was accepted, told to nobody who waits for it."""
    for _ in range(1500):
        with dad.store() as store:
            message = store.message(message_id)
        if message and message.state not in {State.QUEUED, State.WORKING}:
            return message
        time.sleep(0.02)
    raise AssertionError(f"{message} has no end")


def transcripts(dad: Running) -> list[dict]:
    files = sorted((dad.place.sessions / "dad").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_killed_at_any_statement_nothing_is_lost_and_nothing_doubled(dad, server, statement):
    server.replies = [says("Yes.")]
    process = dad.start(DYING, wait=False, DIES_AT=str(statement))
    accepted = set()
    for n in range(3):
        try:
            try:
                dad.until_up()
            except AssertionError:
                raise Unavailable("died") from None
            dad.tell(f"question {n}", message_id=f"m{n}", wait=0)
            accepted.add(n)
            dad.tell(f"question {n}", message_id=f"m{n}")
        except Unavailable:
            break
    process.kill()
    process.communicate()
    dad.start()
    for n in range(3):
        if n in accepted:
            assert until_over(dad, f"m{n}").state is State.ANSWERED
        else:
            assert dad.tell(f"question {n}", message_id=f"m{n}").state == "answered"
    dad.stop()
    with dad.store() as store:
        said = store.said("console", 10)
        assert store.looked_over().whole
    assert [(message.text, answer.text) for message, answer in said] == [(f"question {n}", "Yes.") for n in range(3)]
    lines = transcripts(dad)
    assert sorted(line["text"] for line in lines if line["type"] == "prompt") == [f"question {n}" for n in range(3)]
    assert sorted(line["turn"] for line in lines if "turn" in line) == ["m0", "m1", "m2"]
    assert len(server.asked) <= 4


def test_a_message_over_which_it_dies_again_and_again_is_put_aside(dad, server):
    dad.configure(backoff=0, crashes=3)
    dad.start()
    assert dad.tell("hello").state == "answered"
    dad.stop()
    dad.start(POISONED, poison="1")
    with suppress(Unavailable):
        dad.tell("the fatal one", message_id="fatal", wait=0)
    dad.process.communicate()
    for _ in range(2):
        dad.start(POISONED, wait=False, poison="1").communicate()
    dad.start(POISONED, poison="1")
    reply = dad.tell("the fatal one", message_id="fatal")
    assert (reply.state, reply.kind) == ("quarantined", "notice")
    assert dad.stop() == 0
    dad.start()
    assert dad.tell("and now?").state == "answered"
    assert len(server.asked[-1]["messages"]) == 1


def test_what_a_dead_call_may_have_cost_is_counted(dad, server):
    dad.start(POISONED, poison="1")
    with pytest.raises(Unavailable):
        dad.tell("hello", message_id="m")
    dad.process.communicate()
    with dad.store() as store:
        [call] = store.calls(store.message("m"))
    assert call.usage.estimated
    assert call.usage.output > 1000


def test_a_reply_that_nobody_saw_is_shown_to_who_comes_next(dad, halo, monkeypatch):
    dad.start()
    dad.tell("hello", chat="console:operator", message_id="m", wait=0)
    until_over(dad, "m")
    dad.kill()
    dad.start()
    assert "Good morning." in talked(dad, "")
    assert "Good morning." not in talked(dad, "")


def talked(dad: Running, text: str, *words: str) -> str:
    """What `halctl talk` writes for these lines."""
    done = subprocess.run(
        [sys.executable, "-c", "from halo_engine.fleet.cli import main; main()", "talk", "dad", *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(dad.workspace.root)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_talking_and_sending(dad, server, halo):
    server.replies = [says("One"), says("Two"), says("Three")]
    dad.start()
    assert talked(dad, "first\nsecond\n") == "One\nTwo\n"
    sent = halo("fleet", "send", "dad", "third", "--wait")
    assert (sent.code, sent.out) == (0, "Three\n")
    lines = [json.loads(line) for line in talked(dad, "fourth\n", "--json").splitlines()]
    assert [line["text"] for line in lines] == ["Three"]
    assert halo("fleet", "send", "dad", " ", "--json").error["kind"] == "bad_data"
    assert halo("fleet", "send", "nobody", "hi").code == 3
    dad.stop()
    assert halo("fleet", "send", "dad", "hi").code == 5


def test_a_line_that_is_refused_costs_no_other_its_reply(dad, server):
    dad.configure(longest_message=20)
    server.replies = [says("One"), says("Two")]
    dad.start()
    done = subprocess.run(
        [sys.executable, "-c", "from halo_engine.fleet.cli import main; main()", "talk", "dad"],
        input=f"first\n{'x' * 21}\nsecond\n",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(dad.workspace.root)},
    )
    assert (done.returncode, done.stdout) == (7, "One\nTwo\n")
    assert "21 characters; 20 are taken" in done.stderr


def test_a_store_that_lost_what_it_accepted_is_not_gone_on_with(dad):
    dad.start()
    dad.tell("one")
    dad.tell("two")
    time.sleep(2.2)  # one sign of life more
    dad.kill()
    ahead = dad.place.database.with_name("instance.db-wal")
    os.truncate(ahead, 4096 * 2)
    refused = dad.start(wait=False)
    assert refused.communicate()[1]
    assert refused.returncode == 7
    with pytest.raises(Damaged) as error:
        running.run(dad.workspace, "dad")
    assert "halctl restore dad" in error.value.hint


@pytest.mark.parametrize("where", [0, 4096, 8192])
def test_a_damaged_store_is_left_as_it_is(dad, where):
    dad.start()
    for n in range(5):
        dad.tell(f"{n} " * 300)
    dad.stop()
    with dad.place.database.open("r+b") as file:
        file.seek(where)
        file.write(b"\xff" * 3000)
    before = dad.place.database.read_bytes()
    with pytest.raises(Damaged):
        running.run(dad.workspace, "dad")
    assert dad.place.database.read_bytes() == before


def test_a_clock_that_jumps_changes_nothing(dad, server):
    for moment in ("2027-11-20T12:00:00+00:00", "2026-11-20T11:00:00+00:00", "2026-10-25T01:30:00+02:00"):
        dad.start(HALO_NOW=moment)
        assert dad.tell(f"at {moment}").state == "answered"
        dad.stop()
    assert [turn["content"] for turn in server.asked[-1]["messages"] if turn["role"] == "user"] == [
        "at 2027-11-20T12:00:00+00:00",
        "at 2026-11-20T11:00:00+00:00",
        "at 2026-10-25T01:30:00+02:00",
    ]


def test_a_transcript_that_was_cut_goes_on(dad):
    dad.start()
    dad.tell("one")
    dad.stop()
    [path] = (dad.place.sessions / "dad").glob("*.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"type":"prompt","text":"tw')
    dad.start()
    dad.tell("two")
    dad.stop()
    assert path.read_bytes().startswith(whole)
    assert [line["text"] for line in transcripts(dad) if line["type"] == "prompt"] == ["one", "two"]


def test_a_socket_of_a_dead_runtime_is_replaced(dad):
    dad.start()
    dad.kill()
    assert (dad.place.run / "console.sock").exists()
    dad.start()
    assert dad.tell("hello").state == "answered"


def test_the_socket_is_the_owners(dad):
    dad.start()
    assert (dad.place.run / "console.sock").stat().st_mode & 0o777 == 0o600
    assert dad.place.run.stat().st_mode & 0o077 == 0


def test_the_log_is_rotated(dad):
    dad.configure(backoff=0, log_size=0.001)
    dad.start()
    for n in range(12):
        dad.tell(f"message {n}")
    dad.stop()
    names = {path.name for path in dad.place.logs.glob("instance.jsonl*")}
    assert "instance.jsonl.1" in names
    assert Store(dad.place.database, reading=True).looked_over().whole
