"""Running commands: how each kind of end is reported, and that nothing is left running."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest

from halo_engine import process, process_tree
from halo_engine.errors import Unavailable
from halo_engine.ids import new_id
from halo_engine.process import Child, Outcome

Start = Callable[..., Child]


@pytest.fixture
def marker() -> Mapping[str, str]:
    return {"HALO_RUN_ID": f"test-{new_id()}"}


@pytest.fixture
def start(tmp_path: Path, marker: Mapping[str, str]) -> Start:
    def start(command: str | list[str], **options: object) -> Child:
        places = {"cwd": tmp_path, "output": tmp_path / "output.log", "env": dict(os.environ)}
        return process.start(command, **{**places, "grace": 0.5, "marker": marker, **options})  # type: ignore[arg-type]

    return start


def run(start: Start, command: str | list[str], **options: object) -> Outcome:
    return start(command, **options).wait()


@pytest.fixture
def nap() -> str:
    """A long sleep that no other test has, to be found again with `sleepers`."""
    return f"sleep {3600 + random.random():.12f}"


def sleepers(nap: str) -> list[int]:
    """The living processes of that command line, whatever their environment."""
    found = (entry.info for entry in psutil.process_iter(["pid", "cmdline", "status"]))
    return [row["pid"] for row in found if row["cmdline"] == nap.split() and row["status"] != "zombie"]


@pytest.mark.parametrize(
    ("command", "code"),
    [("true", 0), ("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143), ("no-such-program", 127)],
)
def test_exit_code_is_the_shells(start: Start, command: str, code: int) -> None:
    outcome = run(start, command)
    assert (outcome.exit_code, outcome.timed_out, outcome.stopped) == (code, False, False)


def test_a_list_is_run_without_a_shell(start: Start) -> None:
    assert run(start, [sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME *"]).tail == "$HOME *\n"


def test_both_streams_come_in_order(start: Start) -> None:
    assert run(start, "echo one; echo two >&2; echo three").tail == "one\ntwo\nthree\n"


def test_input_comes_from_a_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "plan.xml").write_text("<plan/>")
    assert run(start, "cat", stdin=tmp_path / "plan.xml").tail == "<plan/>"
    assert run(start, "cat").tail == ""


def test_environment_is_the_one_given_and_the_marker(start: Start, marker: Mapping[str, str]) -> None:
    outcome = run(start, "echo $COLOUR $HALO_RUN_ID $HOME", env={"COLOUR": "red", "PATH": os.environ["PATH"]})
    assert outcome.tail.split() == ["red", marker["HALO_RUN_ID"]]


def test_modules_in_the_folder_do_not_disturb(start: Start, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('wrong json')")
    outcome = run(start, "echo fine", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (outcome.exit_code, outcome.tail) == (0, "fine\n")


def test_timeout_ends_the_whole_tree(start: Start, nap: str) -> None:
    outcome = run(start, f"{nap} & sh -c '{nap}; true'; true", timeout=0.3)
    assert outcome.timed_out
    assert outcome.exit_code == 143
    assert outcome.duration >= 0.3
    assert not sleepers(nap)


def test_a_shell_that_is_ended_does_not_go_on_to_its_next_line(start: Start, nap: str, tmp_path: Path) -> None:
    outcome = run(start, f"{nap}; touch next; sh -c '{nap}; touch next'; touch next", timeout=0.3)
    assert (outcome.timed_out, outcome.exit_code) == (True, 143)
    assert not (tmp_path / "next").exists()


def test_who_ignores_sigterm_is_killed(start: Start) -> None:
    outcome = run(start, "trap '' TERM; while true; do sleep 0.1; done", timeout=0.2)
    assert (outcome.timed_out, outcome.exit_code) == (True, 137)


def test_who_is_stopped_is_ended_too(start: Start) -> None:
    outcome = run(start, "sh -c 'kill -STOP $$'", timeout=0.3)
    assert (outcome.timed_out, outcome.exit_code) == (True, 143)


def test_sigterm_may_be_used_to_tidy_up(start: Start, tmp_path: Path) -> None:
    run(start, "trap 'touch tidied; exit 0' TERM; while true; do sleep 0.05; done", timeout=0.3, grace=20)
    assert (tmp_path / "tidied").exists()


linux = pytest.mark.skipif(sys.platform != "linux", reason="needs setsid(1) and a subreaper")


@pytest.mark.parametrize(
    "command",
    [
        "NAP &",
        "(NAP &)",
        pytest.param("setsid NAP &", marks=linux),
        pytest.param("(setsid nohup NAP >/dev/null 2>&1 &)", marks=linux),
        pytest.param("(setsid env -i NAP &)", marks=linux),
    ],
)
def test_what_is_left_running_after_a_good_end_is_ended(start: Start, command: str, nap: str) -> None:
    outcome = run(start, f"{command.replace('NAP', nap)}\n echo started")
    assert (outcome.exit_code, outcome.tail, outcome.left) == (0, "started\n", 0)
    assert not sleepers(nap)


def test_daemon_that_forked_twice_is_found(start: Start, tmp_path: Path) -> None:
    daemon = (
        "import os, time\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "open('daemon.pid', 'w').write(str(os.getpid()))\n"
        "time.sleep(3103)"
    )
    (tmp_path / "daemon.py").write_text(daemon)
    outcome = run(start, f"{sys.executable} daemon.py; while [ ! -s daemon.pid ]; do sleep 0.01; done")
    assert (outcome.exit_code, outcome.ended) == (0, 1)
    assert process_tree.identity(int((tmp_path / "daemon.pid").read_text())) is None


def test_stop_from_another_thread(start: Start, nap: str) -> None:
    child = start(f"echo ready; {nap}")
    threading.Timer(0.3, child.stop).start()
    outcome = child.wait()
    assert outcome.stopped
    assert not outcome.timed_out
    assert not sleepers(nap)
    child.stop()


def test_no_zombie_is_left(start: Start) -> None:
    child = start("true")
    child.wait()
    assert not psutil.pid_exists(child.pid)


def test_fifty_megabytes_do_not_pass_through_memory(start: Start) -> None:
    outcome = run(start, "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last")
    assert outcome.output_bytes == 50_000_006
    assert len(outcome.tail) == process.TAIL
    assert outcome.tail.endswith("xxx\nlast\n")


def test_peak_memory_is_the_commands_not_ours(start: Start) -> None:
    ballast = bytearray(200 << 20)
    small = run(start, "true")
    large = run(start, [sys.executable, "-c", "x = bytearray(100 << 20)"])
    assert small.peak_memory is not None
    assert large.peak_memory is not None
    assert small.peak_memory < 50 << 20
    assert 100 << 20 < large.peak_memory < 150 << 20
    assert len(ballast) == 200 << 20


def test_bytes_that_are_not_utf8_are_replaced(start: Start) -> None:
    assert run(start, "printf 'a\\377\\376b\\303'").tail == "a��b�"


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("character", ["x", "ä", "€", "🌒"])
def test_tail_is_cut_at_a_character(tmp_path: Path, character: str, shift: int) -> None:
    path = tmp_path / "output.log"
    path.write_text("y" * shift + character * 200, encoding="utf-8")
    assert process.tail(path, 100) == character * 100
    assert process.tail(path, 1000) == "y" * shift + character * 200


def test_tail_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert process.tail(tmp_path / "empty") == process.tail(tmp_path / "missing") == ""


def test_program_that_cannot_be_started(start: Start) -> None:
    with pytest.raises(Unavailable, match="could not be started: No such file"):
        run(start, ["/no/such/program"])


def test_output_that_cannot_be_written(start: Start, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"could not be started.*missing"):
        run(start, "true", output=tmp_path / "missing" / "output.log")


def test_environment_that_is_too_large(start: Start) -> None:
    with pytest.raises(Unavailable, match="too long"):
        run(start, "true", env={"LONG": "x" * 10_000_000})


def test_supervisor_that_is_killed_leaves_nothing(start: Start, nap: str) -> None:
    outcome = run(start, f"{nap} & kill -9 $PPID; {nap}")
    assert outcome.exit_code is None
    assert "was killed" in outcome.error
    assert not sleepers(nap)


def test_caller_that_is_killed_takes_its_commands_along(tmp_path: Path, marker: Mapping[str, str], nap: str) -> None:
    code = (
        "import os, pathlib; from halo_engine import process\n"
        f"child = process.start('({nap} &); {nap}', cwd={str(tmp_path)!r}, "
        f"env=dict(os.environ), output=pathlib.Path({str(tmp_path / 'output.log')!r}), marker={marker!r})\n"
        "child.wait()"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], cwd=process.HOME)
    wait_for(lambda: len(sleepers(nap)) == 2)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    wait_for(lambda: not process_tree.marked(marker))
    assert not sleepers(nap)


def test_end_marked_ends_only_what_is_marked(marker: Mapping[str, str]) -> None:
    stray = subprocess.Popen(["sleep", "3107"], env={**os.environ, **marker, "EXTRA": "1"})
    other = subprocess.Popen(["sleep", "3107"], env={**os.environ, "HALO_RUN_ID": "another"})
    try:
        assert process_tree.end_marked(marker, grace=5) == (1, 0)
        assert stray.wait() == -signal.SIGTERM
        assert other.poll() is None
        assert process_tree.end_marked({}, grace=5) == (0, 0)
    finally:
        other.kill()
        other.wait()


def test_identity_is_of_the_process_not_of_its_number() -> None:
    child = subprocess.Popen(["sleep", "3108"])
    first = process_tree.identity(child.pid)
    assert first is not None
    assert first == process_tree.identity(child.pid)
    child.kill()
    wait_for(lambda: process_tree.identity(child.pid) is None)
    child.wait()
    assert process_tree.identity(child.pid) is None


@pytest.mark.parametrize("pause", ["", "sleep 1.1;"], ids=["at-the-end", "while-it-grows"])
def test_output_is_kept_within_its_limit_with_its_beginning_and_its_end(
    start: Start, tmp_path: Path, pause: str
) -> None:
    ended = run(start, f"seq 1 20000; {pause} seq 20001 40000", limit=20_000)
    text = (tmp_path / "output.log").read_text()
    whole = "".join(f"{each}\n" for each in range(1, 40_001))
    assert ended.output_bytes == len(whole)
    assert len(text) <= 20_000 + 100
    begin, cut, end = re.split(
        r"\n\[\.\.\. ([0-9,]+) bytes are left out here; 20,000 are kept at most \.\.\.\]\n", text
    )
    assert whole.startswith(begin)
    assert begin.endswith("\n")
    assert whole.endswith(end)
    assert len(begin) + len(end) + int(cut.replace(",", "")) == len(whole)
    assert ended.tail.endswith("40000\n")


def test_output_without_line_breaks_and_beyond_the_limit_many_times(start: Start, tmp_path: Path) -> None:
    ended = run(
        start, "head -c 3000000 /dev/zero; sleep 1.2; head -c 3000000 /dev/zero; sleep 1.2; printf end", limit=9000
    )
    kept = (tmp_path / "output.log").read_bytes()
    assert ended.output_bytes == 6_000_003
    assert len(kept) < 9200
    assert kept.count(b"are left out here") == 1
    assert kept.endswith(b"end")


def test_output_within_the_limit_is_kept_byte_for_byte(start: Start, tmp_path: Path) -> None:
    assert run(start, "head -c 5000 /dev/zero", limit=5000).output_bytes == 5000
    assert (tmp_path / "output.log").read_bytes() == bytes(5000)


def wait_for(true: Callable[[], bool]) -> None:
    """Wait until something is so; after a minute it will not be."""
    pause = threading.Event()
    for _ in range(1200):
        if true():
            return
        pause.wait(0.05)
    raise AssertionError("it did not happen")
