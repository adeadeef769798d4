"""`halctl talk` on a terminal: lines end between words, and what is said unasked begins on a line of its own."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios

import pytest

from tests.instance.conftest import ROOT, says

MAIN = "from halo_engine.fleet.cli import main; main()"


@pytest.fixture
def terminal():
    """Both ends of one of 20 columns that does not echo."""
    outer, inner = os.openpty()
    fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    settings = termios.tcgetattr(inner)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(inner, termios.TCSANOW, settings)
    yield outer, inner
    os.close(outer)
    os.close(inner)


def shown(outer: int) -> str:
    """What is written until the next prompt."""
    raw = b""
    while not raw.endswith(b"\n> ") and raw != b"> ":
        assert select.select([outer], [], [], 30)[0], raw
        raw += os.read(outer, 65_536)
    return raw.decode().replace("\r\n", "\n")


def test_a_conversation_on_a_narrow_terminal(dad, server, terminal):
    server.replies = [says("The quick bro", "wn fox jumps over the la", "zy dog"), says("And another")]
    dad.start()
    outer, inner = terminal
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(dad.workspace.root)}
    command = [sys.executable, "-c", MAIN, "talk", "dad"]
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=env) as talk:
        assert shown(outer) == "> "
        os.write(outer, b"hello\n")
        assert shown(outer) == "The quick brown fox\njumps over the lazy\ndog\n> "
        dad.tell("hello from elsewhere", chat="console:operator")
        assert shown(outer) == "\nAnd another\n> "
        os.write(outer, b"\x04")
        assert talk.wait(30) == 0
