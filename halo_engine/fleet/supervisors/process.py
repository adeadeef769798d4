"""The built-in supervisor: a small process of its own for each instance, which starts it again when it ends."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from halo_engine import ids, process_tree
from halo_engine.clock import Timestamp
from halo_engine.errors import Unavailable
from halo_engine.fleet import mounting
from halo_engine.fleet.instance import Instance, layout
from halo_engine.fleet.supervisors.launching import HOME, launch
from halo_engine.fleet.supervisors.supervisor import Running, Supervisor
from halo_engine.fleet.supervisors.surroundings import surroundings
from halo_engine.fleet.supervisors.systemd import unit
from halo_engine.workspace import Workspace, replace, writing

BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from halo_engine.fleet.supervisors.watcher import main; main()"
MARK = "HALO_SUPERVISED"
"""A variable that everything has that was started for an instance, with a value of its own for each start."""
LOG_SIZE = 10_000_000
ENDS = 10
PAUSE, LONGEST_PAUSE = 1.0, 60.0
PATIENCE = 10.0
"""Seconds for the watcher to come up."""
STOPPING = 30.0
"""Seconds after which a watcher that was asked to stop is ended with all that it watches."""
STEP = 0.02


class Said(Struct, frozen=True):
    """What a watcher says of how it goes; see `watcher.Watcher`."""

    pid: int
    identity: str | None
    state: Literal["running", "starting", "stopped", "failed"]
    since: Timestamp
    restarts: int = 0
    child: int | None = None
    child_identity: str | None = None
    exit_code: int | None = None
    place: str = ""
    """See `_place`."""

    @property
    def watched(self) -> bool:
        """Whether the watcher that said this is alive."""
        return self.identity is not None and process_tree.identity(self.pid) == self.identity

    @property
    def runs(self) -> bool:
        """Whether the instance is alive."""
        known = self.child is not None and self.child_identity is not None
        return known and process_tree.identity(self.child or 0) == self.child_identity


class Process(Supervisor):
    """See `Supervisor`."""

    def files(self, workspace: Workspace, instance: Instance) -> Mapping[str, str]:
        """A systemd unit that starts the watcher when the machine does, for the operator to install."""
        command = [*_command(), *map(str, _places(workspace, instance))]
        return {f"halo-{instance.name}.service": unit(workspace, instance, command, restarts=False)}

    def start(self, workspace: Workspace, instance: Instance) -> None:
        mounting.checked(workspace, instance)
        with _one_at_a_time(workspace, instance):
            said = _said(workspace, instance)
            if said and said.watched and said.state != "failed":
                return
            _stop(workspace, instance)
            _start(workspace, instance)

    def stop(self, workspace: Workspace, instance: Instance) -> None:
        with _one_at_a_time(workspace, instance):
            _stop(workspace, instance)

    def statuses(self, workspace: Workspace, instances: Sequence[Instance]) -> list[Running]:
        return [self._status(workspace, each) for each in instances]

    def _status(self, workspace: Workspace, instance: Instance) -> Running:
        said = _said(workspace, instance)
        if said is None:
            return Running("stopped", evidence="it has not been started yet")
        if said.watched:
            ended = f"it ended with exit code {said.exit_code}" if said.exit_code is not None else ""
            alive = said.runs or said.state != "running"
            state = said.state if alive else "starting"
            return Running(state, said.child, said.since, said.restarts, ended or f"watched by process {said.pid}")
        if said.runs:
            return Running("unknown", said.child, said.since, said.restarts, "it runs, but its watcher was killed")
        if said.state == "failed":
            why = f"given up after {said.restarts + 1} starts; exit code {said.exit_code}"
            return Running("failed", None, said.since, said.restarts, why)
        why = "it was told to stop" if said.state == "stopped" else "its watcher was killed"
        return Running("stopped", None, said.since, said.restarts, why)

    def forget(self, workspace: Workspace, instance: Instance) -> None:
        with _one_at_a_time(workspace, instance):
            _stop(workspace, instance)
            spec, state = _places(workspace, instance)
            for each in (spec, state, state.with_suffix(".watched"), state.with_suffix(".new")):
                each.unlink(missing_ok=True)

    def missing(self) -> str:
        return ""


SUPERVISOR = Process()


def _start(workspace: Workspace, instance: Instance) -> None:
    spec, state = _places(workspace, instance)
    what = launch(workspace, instance)
    place = layout(workspace, instance)
    told = {
        "argv": what.argv,
        "cwd": what.cwd,
        "env": what.env,
        "marker": {MARK: ids.new_id()},
        "place": _place(spec.parent),
        "log": str(place.logs / "console.log"),
        "log_size": LOG_SIZE,
        "pause": PAUSE,
        "longest_pause": LONGEST_PAUSE,
        "ends": ENDS,
        "final": what.final,
    }
    with writing(spec):
        spec.parent.mkdir(parents=True, exist_ok=True)
        place.logs.mkdir(parents=True, exist_ok=True)
        state.unlink(missing_ok=True)
        replace(spec, msgspec.json.encode(told).decode())
    watcher = subprocess.Popen(
        [*_command(), str(spec), str(state)],
        cwd="/",
        env=surroundings(workspace, what),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    watcher.returncode = 0  # it is left to itself
    _until_up(workspace, instance)


def _stop(workspace: Workspace, instance: Instance) -> None:
    said = _said(workspace, instance)
    if said and said.watched:
        _end(said)
    left = process_tree.end_marked(_marker(workspace, instance), grace=5.0)[1]
    if left:
        raise Unavailable(f"{left} processes of {instance.name} cannot be ended, not even by SIGKILL", "see `ps`")
    if said and said.state != "stopped":
        over = msgspec.structs.replace(said, state="stopped", child=None, child_identity=None)
        state = _places(workspace, instance)[1]
        with writing(state):
            replace(state, msgspec.json.encode(over).decode())


@contextmanager
def _one_at_a_time(workspace: Workspace, instance: Instance) -> Iterator[None]:
    """Two commands that start or stop an instance do so one after the other."""
    place = _places(workspace, instance)[0].with_suffix(".lock")
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.open("w")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _command() -> list[str]:
    """`-I`: neither the folder nor PYTHONPATH can put other modules under it."""
    return [sys.executable, "-I", "-c", BOOT, str(HOME)]


def _places(workspace: Workspace, instance: Instance) -> tuple[Path, Path]:
    """What to run, and how it goes: in the workspace, where the instance cannot rewrite what is started next."""
    run = workspace.run / "fleet"
    return run / f"{instance.name}.launch.json", run / f"{instance.name}.state.json"


def _place(folder: Path) -> str:
    """What tells a folder from a copy of it, also when it was moved: what a copied file says is of other processes."""
    status = folder.stat()
    return f"{status.st_dev}:{status.st_ino}"


def _said(workspace: Workspace, instance: Instance) -> Said | None:
    state = _places(workspace, instance)[1]
    try:
        said = msgspec.json.decode(state.read_bytes(), type=Said)
        return said if said.place == _place(state.parent) else None
    except (OSError, msgspec.MsgspecError):
        return None


def _marker(workspace: Workspace, instance: Instance) -> dict[str, str]:
    """The mark of all that was started last; nothing where nothing was."""
    try:
        place = _places(workspace, instance)[0]
        spec = msgspec.json.decode(place.read_bytes())
        return {MARK: str(spec["marker"][MARK])} if spec["place"] == _place(place.parent) else {}
    except (OSError, msgspec.MsgspecError, KeyError, TypeError):
        return {}


def _until_up(workspace: Workspace, instance: Instance) -> None:
    """Wait until the watcher says that it is there."""
    end = time.monotonic() + PATIENCE
    while (said := _said(workspace, instance)) is None or not said.watched:
        if said is not None and said.state == "failed":
            return
        if time.monotonic() > end:
            raise Unavailable(f"the watcher of {instance.name} does not come up", "is there memory, and room?")
        time.sleep(STEP)


def _end(said: Said) -> None:
    """Ask the watcher to stop; it stops when nothing of the instance is left. End both when it does not."""
    import signal
    from contextlib import suppress

    with suppress(ProcessLookupError):
        os.kill(said.pid, signal.SIGTERM)
        end = time.monotonic() + STOPPING
        while said.watched:
            if time.monotonic() > end:
                os.kill(said.pid, signal.SIGKILL)
            time.sleep(STEP)
