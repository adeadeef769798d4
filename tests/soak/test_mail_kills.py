"""Commands that change mail, killed with kill -9 before and after each thing that they say to the server.

Whatever they had come to: the next command finds it out, nothing is done twice or lost, all of it can be undone.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from halo_engine.events.verify import verify
from halo_engine.mail import accounts, queries
from halo_engine.mail.messages import fetched
from halo_engine.mail.session import Session
from halo_engine.workspace import Workspace
from tests.mail.conftest import fill, furnish, letter
from tests.mail.server import PASSWORD, Dovecot, dovecot, needs_dovecot

pytestmark = needs_dovecot
ROOT = Path(__file__).parents[2]
MAILCTL = [sys.executable, "-c", "from halo_engine.mail.cli import main; main()"]
LONG = 60
SUBJECTS = {"Your invoice of May", "Build passed", "a list", "hello", "meet", "How are you?", "Build 2", "invoice kept"}
DONE = {"Build passed": "Archive", "Build 2": "Archive", "a list": "Lists"}
LABELS = {"Your invoice of May": {"bills"}, "meet": {"calendar"}, "invoice kept": {"bills"}}
FEW = (7, 9, 11, 12, 14, 16)
"""Commands of the protocol at which CI kills; the soak does at every one."""


class Deadly:
    """A way to the server that kills who speaks when they have said their nth line: before the server sees it, or when
    the server has answered and they have not heard it.
    """

    def __init__(self, target: int, at: int, *, after: bool) -> None:
        self._target, self._left, self._after = target, at, after
        self.victim: subprocess.Popen[bytes] | None = None
        self.ready = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._speak, args=(client, server), daemon=True).start()

    def _speak(self, client: socket.socket, server: socket.socket) -> None:
        deaf = threading.Event()
        answered = threading.Event()
        threading.Thread(target=self._listen, args=(client, server, deaf, answered), daemon=True).start()
        with suppress(OSError), client, server:
            while data := client.recv(65536):
                self._left -= data.endswith(b"\n")
                if self._left or not data.endswith(b"\n"):
                    server.sendall(data)
                    continue
                if self._after:
                    deaf.set()
                    server.sendall(data)
                    answered.wait(LONG)
                self._kill()
                return

    def _listen(
        self, client: socket.socket, server: socket.socket, deaf: threading.Event, answered: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if not deaf.is_set():
                    client.sendall(data)
                elif data.startswith(b"+") or any(word in data for word in (b"OK", b"NO", b"BAD")):
                    answered.set()
            client.shutdown(socket.SHUT_RDWR)
        answered.set()

    def _kill(self) -> None:
        self.ready.wait(LONG)
        assert self.victim is not None
        self.victim.send_signal(signal.SIGKILL)
        self.victim.wait(LONG)


def run(workspace: Workspace, *words: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(workspace.root)}
    return subprocess.Popen([*MAILCTL, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(workspace: Workspace, *words: str) -> None:
    process = run(workspace, *words)
    said = process.communicate(timeout=LONG)[0]
    assert process.returncode == 0, said


def killed(workspace: Workspace, server: Dovecot, at: int, after: bool, *words: str) -> bool:
    """Run a command and kill it there; False when it came to its end before."""
    way = Deadly(server.port, at, after=after)
    furnish(workspace, server.account(port=way.port))
    way.victim = run(workspace, *words)
    way.ready.set()
    try:
        said = way.victim.communicate(timeout=LONG)[0]
    finally:
        way.close()
        furnish(workspace, server.account())
    assert way.victim.returncode in {0, -signal.SIGKILL}, said
    return way.victim.returncode != 0


def found(workspace: Workspace) -> dict[str, list[tuple[str, set[str]]]]:
    """Subject -> the folders that it is in, with its labels."""
    session = Session(accounts.one(workspace))
    rows: dict[str, list[tuple[str, set[str]]]] = {}
    for folder in ("INBOX", "Archive", "Lists"):
        if session.select(folder):
            for each in fetched(session, session.search("ALL")):
                rows.setdefault(each.subject, []).append((folder, set(each.keywords)))
    session.close()
    return rows


def sound(workspace: Workspace, *, done: bool) -> None:
    """Each message is in one place, the right one, and the log says so too."""
    rows = found(workspace)
    wanted = {
        name: [(DONE.get(name, "INBOX") if done else "INBOX", LABELS.get(name, set()) if done else set())]
        for name in SUBJECTS
    }
    wanted["invoice kept"] = [("INBOX", {"bills"})]
    assert rows == wanted
    known, _ = queries.queue(workspace, states=("done", "undone", "decided", "undoing", "missed", "waiting"))
    assert {row.state for row in known} == {"done" if done else "undone"}, [(row.subject, row.state) for row in known]
    assert {row.subject: row.folder for row in known if row.action == "archive"} == {
        name: folder if done else "INBOX" for name, folder in DONE.items()
    }
    assert verify(workspace.log.index).faults == []


@contextmanager
def mailbox(workspace: Workspace, more: str = "") -> Iterator[Dovecot]:
    with dovecot(more) as server:
        furnish(workspace, server.account())
        fill(server)
        server.deliver(letter(7, sender="ci@forge.example", subject="Build 2"))
        server.deliver(letter(8, subject="invoice kept"))
        session = Session(accounts.one(workspace))
        session.require("INBOX", readonly=False)
        session.keyword(session.search("ALL")[-1:], "bills")
        session.close()
        yield server


def _triage(workspace: Workspace, kill: Callable[..., bool]) -> bool:
    hit = kill("triage", "--execute")
    finish(workspace, "triage", "--execute")
    sound(workspace, done=True)
    finish(workspace, "undo", *[row.id for row in queries.queue(workspace, states=("done",))[0]])
    sound(workspace, done=False)
    return hit


def _accept(workspace: Workspace, kill: Callable[..., bool]) -> bool:
    finish(workspace, "triage")
    hit = kill("accept", "--all")
    finish(workspace, "accept", "--all")
    finish(workspace, "triage", "--execute")
    sound(workspace, done=True)
    return hit


def _undo(workspace: Workspace, kill: Callable[..., bool]) -> bool:
    finish(workspace, "triage", "--execute")
    hit = kill("undo", "--last")
    begun = {row.state for row in queries.queue(workspace, states=("done", "undoing", "undone"))[0]}
    if begun == {"done"}:  # killed before a word of it was recorded: nothing was done either
        sound(workspace, done=True)
        finish(workspace, "undo", "--last")
    else:
        finish(workspace, "triage", "--execute")  # whatever command comes next finds it out
    sound(workspace, done=False)
    return hit


def _undo_after(workspace: Workspace, kill: Callable[..., bool]) -> bool:
    """A triage that was killed is taken back at once, without anything in between."""
    hit = kill("triage", "--execute")
    rows = queries.queue(workspace, states=("done", "decided"))[0]
    if rows:
        finish(workspace, "undo", *[row.id for row in rows])
        known, _ = queries.queue(workspace, states=("done", "undone", "decided", "undoing"))
        assert {row.state for row in known} == {"undone"}
        assert all([folder for folder, _ in places] == ["INBOX"] for places in found(workspace).values())
        assert found(workspace)["invoice kept"] == [("INBOX", {"bills"})]
    return hit


STORIES = {"triage": _triage, "accept": _accept, "undo": _undo, "undo of what was cut off": _undo_after}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", STORIES)
@pytest.mark.timeout(900)
def test_killed_at_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: bool) -> None:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    for at in FEW[after::2]:
        _at(tmp_path / str(at), name, at, after)


@pytest.mark.soak
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", STORIES)
@pytest.mark.timeout(1800)
def test_killed_at_every(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: bool) -> None:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    at = 1
    while _at(tmp_path / str(at), name, at, after):
        at += 1
    assert at > 12, "it says more than that to the server"


def _at(folder: Path, name: str, at: int, after: bool) -> bool:
    folder.mkdir()
    workspace = Workspace(folder)
    workspace.create()
    try:
        with mailbox(workspace) as server:
            return STORIES[name](workspace, lambda *words: killed(workspace, server, at, after, *words))
    finally:
        workspace.log.close()
