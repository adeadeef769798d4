"""systemd: a unit for each instance, of the user's own manager, or of the machine's when root runs Halo."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from halo_engine.errors import Conflict, Unavailable
from halo_engine.fleet import mounting
from halo_engine.fleet.instance import Instance, folder, layout
from halo_engine.fleet.mounting import Bound
from halo_engine.fleet.supervisors.launching import launch
from halo_engine.fleet.supervisors.supervisor import Running, Supervisor
from halo_engine.fleet.supervisors.surroundings import imported, surroundings
from halo_engine.unit_files import quoted as _quoted
from halo_engine.workspace import Workspace, replace, writing

PATIENCE = 60.0
"""Seconds that systemctl may take."""
SHOWN = "LoadState,ActiveState,SubState,MainPID,NRestarts,Result,ActiveEnterTimestamp"
STATES: dict[str, Literal["running", "starting", "stopped", "failed", "unknown"]] = {
    "active": "running",
    "activating": "starting",
    "reloading": "running",
    "deactivating": "running",
    "inactive": "stopped",
    "failed": "failed",
}


NO_UNIT, OTHERS = "no such unit", "the unit of that name is of an instance in another folder"


class Systemd(Supervisor):
    """See `Supervisor`."""

    def files(self, workspace: Workspace, instance: Instance) -> Mapping[str, str]:
        what = launch(workspace, instance)
        command = [shutil.which(what.argv[0]) or what.argv[0], *what.argv[1:]]
        bound = mounting.checked(workspace, instance)
        return {_unit_name(instance): unit(workspace, instance, mounting.entered(bound, command), bound, restarts=True)}

    def start(self, workspace: Workspace, instance: Instance) -> None:
        text = self.files(workspace, instance)[_unit_name(instance)]
        place = _units() / _unit_name(instance)
        if _of_another(workspace, instance):
            raise Conflict(f"{place} is of an instance in another folder", "stop that one, and remove its unit")
        mounting.make_points(workspace, instance)
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            replace(place, text)
        what = launch(workspace, instance)
        names = [name for name in imported(workspace, what) if name in surroundings(workspace, what)]
        _systemctl("daemon-reload")
        if names:
            _systemctl("import-environment", *names)
        _systemctl("reset-failed", _unit_name(instance), tolerant=True)
        _systemctl("enable", "--now", _unit_name(instance))

    def stop(self, workspace: Workspace, instance: Instance) -> None:
        if self.status(workspace, instance).evidence not in {NO_UNIT, OTHERS}:
            _systemctl("disable", "--now", _unit_name(instance))

    def statuses(self, workspace: Workspace, instances: Sequence[Instance]) -> list[Running]:
        found = {each.name: Running("stopped", evidence=OTHERS) for each in instances if _of_another(workspace, each)}
        own = [each for each in instances if each.name not in found]
        found |= {each.name: self._status(said) for each, said in zip(own, _shown(own), strict=True)}
        return [found[each.name] for each in instances]

    def _status(self, said: Mapping[str, str]) -> Running:
        if said.get("LoadState") == "not-found":
            return Running("stopped", evidence=NO_UNIT)
        pid = int(said.get("MainPID", "0")) or None
        words = f"{said.get('ActiveState')} ({said.get('SubState')}), {said.get('Result')}"
        state = STATES.get(said.get("ActiveState", ""), "unknown")
        return Running(state, pid, "", int(said.get("NRestarts", "0")), words)

    def forget(self, workspace: Workspace, instance: Instance) -> None:
        self.stop(workspace, instance)
        if _of_another(workspace, instance):
            return
        (_units() / _unit_name(instance)).unlink(missing_ok=True)
        _systemctl("daemon-reload")

    def missing(self) -> str:
        if not shutil.which("systemctl"):
            return "systemctl is not installed"
        if not Path("/run/systemd/system").is_dir():
            return "this machine was not started by systemd"
        return ""


SUPERVISOR = Systemd()


def unit(
    workspace: Workspace, instance: Instance, command: Sequence[str], bound: Sequence[Bound] = (), *, restarts: bool
) -> str:
    """A unit that runs a command for an instance, which alone sees its mounts.

    Secrets come from systemd's own environment, or from a file that the operator makes; none stands here.
    """
    what = launch(workspace, instance)
    secret = " ".join(imported(workspace, what))
    lines = [
        "[Unit]",
        f"Description=Halo instance {instance.name}",
        "After=network-online.target",
        "StartLimitIntervalSec=600",
        "StartLimitBurst=10",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(map(_quoted, command))}",
        f"WorkingDirectory={_path(folder(workspace, instance))}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in what.env.items()),
        f"Environment={_quoted('PATH=' + os.environ.get('PATH', os.defpath))}",
        *([f"PassEnvironment={secret}"] if secret else []),
        "# After a reboot nothing of that is set: put NAME=value lines into this file, mode 600.",
        f"EnvironmentFile=-%h/.config/halo/{instance.name}.env",
        *([f"StandardOutput=append:{_path(layout(workspace, instance).logs / 'console.log')}"] if restarts else []),
        *(_mount(layout(workspace, instance).mounts, each) for each in bound),
        "UMask=0077",
        f"Restart={'on-failure' if restarts else 'no'}",
        "RestartSec=2",
        *([f"RestartPreventExitStatus={' '.join(map(str, what.final))}"] if restarts and what.final else []),
        "KillMode=mixed",
        "TimeoutStopSec=30",
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if os.geteuid() == 0 else 'default.target'}",
    ]
    return "\n".join(lines) + "\n"


def _path(place: Path) -> str:
    """A path as WorkingDirectory and StandardOutput want it: unquoted, `%` standing for itself."""
    return str(place).replace("%", "%%")


def _mount(points: Path, bound: Bound) -> str:
    """A mount of one folder, without what may be mounted below it."""
    kind = "BindPaths" if bound.write else "BindReadOnlyPaths"
    source, target = (_quoted(str(each)).replace("$$", "$") for each in (bound.source, points / bound.name))
    return f"{kind}={source}:{target}:norbind"


def _unit_name(instance: Instance) -> str:
    return f"halo-{instance.name}.service"


def _units() -> Path:
    if os.geteuid() == 0:
        return Path("/etc/systemd/system")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _of_another(workspace: Workspace, instance: Instance) -> bool:
    """Whether the unit of that name runs an instance of another workspace: a copy has the same names, one workspace
    may be reached by two.
    """
    try:
        text = (_units() / _unit_name(instance)).read_text(encoding="utf-8")
    except OSError:
        return False
    key, own = "WorkingDirectory=", os.path.realpath(folder(workspace, instance))
    told = [line.removeprefix(key).replace("%%", "%") for line in text.splitlines() if line.startswith(key)]
    return own not in map(os.path.realpath, told)


def _shown(instances: Sequence[Instance]) -> list[dict[str, str]]:
    """What systemd says of the unit of each, in their order."""
    if not instances:
        return []
    shown = _systemctl("show", *map(_unit_name, instances), "-p", SHOWN).strip().split("\n\n")
    if len(shown) != len(instances):
        raise Unavailable("systemctl does not say how it stands with each", "see `systemctl status`")
    return [dict(line.split("=", 1) for line in block.splitlines()) for block in shown]


def _systemctl(*words: str, tolerant: bool = False) -> str:
    scope = [] if os.geteuid() == 0 else ["--user"]
    try:
        done = subprocess.run(
            ["systemctl", *scope, "--no-pager", *words], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"systemctl does not answer: {error}", "is this machine run by systemd?") from error
    if done.returncode and not tolerant:
        raise Unavailable(f"systemctl {words[0]}: {done.stderr.strip()[:300]}", "see `systemctl status`")
    return done.stdout
