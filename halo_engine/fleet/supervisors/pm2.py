"""pm2, as it comes from npm: an ecosystem file, and pm2's own daemon. What is started is in the workspace, where the
instance cannot rewrite what is started next; in its folder lies the same, to be seen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from halo_engine import clock, process_tree
from halo_engine.errors import Unavailable
from halo_engine.fleet import mounting
from halo_engine.fleet.instance import Instance, folder
from halo_engine.fleet.supervisors.launching import Launch, final, launch
from halo_engine.fleet.supervisors.supervisor import Running, Supervisor
from halo_engine.fleet.supervisors.surroundings import passed, surroundings
from halo_engine.workspace import Workspace, replace, writing

FILE = "ecosystem.config.cjs"
PATIENCE = 60.0
"""Seconds that pm2 may take."""
MARK = "HALO_SUPERVISED"
WAITS = "waiting restart"
NOTHING = Launch([], "/", {}, [])
"""What runs when only a question is asked."""
STATES: dict[str, Literal["running", "starting", "stopped", "failed", "unknown"]] = {
    "online": "running",
    "launching": "starting",
    WAITS: "starting",
    "stopping": "running",
    "stopped": "stopped",
    "errored": "failed",
}


class Pm2(Supervisor):
    """See `Supervisor`."""

    def files(self, workspace: Workspace, instance: Instance) -> Mapping[str, str]:
        """The ecosystem file. It names the variables that hold secrets; pm2 reads them when it starts the instance."""
        what = launch(workspace, instance)
        place = folder(workspace, instance)
        settings = {
            "name": _name(workspace, instance),
            "script": shutil.which(what.argv[0], path=os.environ.get("PATH")) or what.argv[0],
            "args": what.argv[1:],
            "interpreter": "none",
            "cwd": what.cwd,
            "out_file": str(place / "logs" / "console.log"),
            "error_file": str(place / "logs" / "console.log"),
            "merge_logs": True,
            "max_restarts": 10,
            "min_uptime": 60_000,
            "exp_backoff_restart_delay": 1000,
            "kill_timeout": 15_000,
            "stop_exit_codes": what.final,
        }
        env = what.env | {MARK: _name(workspace, instance)}
        fixed = "".join(f"    {json.dumps(name)}: {json.dumps(value)},\n" for name, value in env.items())
        secret = "".join(f"    {name}: process.env.{name},\n" for name in passed(workspace, what))
        body = json.dumps(settings, indent=2)[2:-2]
        return {FILE: f'module.exports = {{ apps: [{{\n{body},\n  "env": {{\n{fixed}{secret}  }}\n}}] }};\n'}

    def start(self, workspace: Workspace, instance: Instance) -> None:
        mounting.checked(workspace, instance)
        if self.status(workspace, instance).state in {"running", "starting"}:
            return
        self.forget(workspace, instance)
        place = workspace.run / "fleet" / f"{instance.name}.{FILE}"
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            replace(place, self.files(workspace, instance)[FILE])
        _told(workspace, instance, "start", str(place))

    def stop(self, workspace: Workspace, instance: Instance) -> None:
        if _name(workspace, instance) in _listed(workspace):
            _told(workspace, instance, "stop", _name(workspace, instance))
        _end_rest(workspace, instance)

    def statuses(self, workspace: Workspace, instances: Sequence[Instance]) -> list[Running]:
        listed = _listed(workspace) if instances else {}
        return [self._status(listed.get(_name(workspace, each)), final(each)) for each in instances]

    def _status(self, found: dict[str, Any] | None, given_up: Sequence[int]) -> Running:
        if found is None:
            return Running("stopped", evidence="pm2 does not know it")
        about: dict[str, Any] = found.get("pm2_env") or {}
        said = str(about.get("status"))
        pid = int(found.get("pid") or 0) or None
        state = STATES.get(said, "unknown")
        if state == "running" and (pid is None or process_tree.identity(pid) is None):
            state = "starting"
        evidence, code = f"pm2 says {said}", about.get("exit_code")
        if said == WAITS and code in given_up:  # so it says for ever, and starts it no more
            state, evidence = "failed", f"given up; exit code {code}"
        began = about.get("pm_uptime")
        since = clock.stamp(datetime.fromtimestamp(began / 1000, UTC)) if isinstance(began, int | float) else ""
        return Running(state, pid, since, int(about.get("restart_time") or 0), evidence)

    def forget(self, workspace: Workspace, instance: Instance) -> None:
        if _name(workspace, instance) in _listed(workspace):
            _told(workspace, instance, "delete", _name(workspace, instance))
        _end_rest(workspace, instance)
        (workspace.run / "fleet" / f"{instance.name}.{FILE}").unlink(missing_ok=True)

    def missing(self) -> str:
        lacks = [name for name in ("node", "pm2") if not shutil.which(name)]
        return f"{' and '.join(lacks)} not installed; for pm2: npm install -g pm2" if lacks else ""


SUPERVISOR = Pm2()


def _name(workspace: Workspace, instance: Instance) -> str:
    """The instance's name in pm2, which one user may share between workspaces."""
    return f"halo-{instance.name}-{zlib.crc32(str(workspace.root.resolve()).encode()):08x}"


def _listed(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """What pm2's `jlist` says of each that it knows, by name. Whatever pm2 prints before its list is passed over."""
    said = _pm2(surroundings(workspace, NOTHING), "jlist")
    for line in reversed(said.splitlines()):
        try:
            listed = msgspec.json.decode(line)
        except msgspec.MsgspecError:
            continue
        if isinstance(listed, list):
            return {str(each.get("name")): each for each in listed if isinstance(each, dict)}
    raise Unavailable("pm2 does not say what runs", "see `pm2 jlist`")


def _end_rest(workspace: Workspace, instance: Instance) -> None:
    """pm2 ends the process that it knows, and its children; this, what left them."""
    _, left = process_tree.end_marked({MARK: _name(workspace, instance)}, grace=5.0)
    if left:
        raise Unavailable(f"{left} processes of {instance.name} cannot be ended, not even by SIGKILL", "see `ps`")


def _told(workspace: Workspace, instance: Instance, *words: str) -> None:
    """Tell pm2 with the instance's environment: what it does not get, the instance cannot get either."""
    _pm2(surroundings(workspace, launch(workspace, instance)), *words)


def _pm2(env: dict[str, str], *words: str) -> str:
    env = env | {name: os.environ[name] for name in ("PM2_HOME",) if name in os.environ}
    begun = time.monotonic()
    try:
        done = subprocess.run(
            ["pm2", *words, "--silent"] if words[0] != "jlist" else ["pm2", *words],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=env,
            cwd="/",
        )
    except FileNotFoundError as error:
        raise Unavailable("pm2 is not installed", "npm install -g pm2") from error
    except subprocess.TimeoutExpired as error:
        waited = time.monotonic() - begun
        raise Unavailable(f"pm2 {words[0]} has not ended after {waited:.0f} s", "pm2 ping") from error
    if done.returncode:
        why = (done.stderr or done.stdout).strip()[-300:]
        raise Unavailable(f"pm2 {words[0]} failed: {why}", "pm2 logs")
    return done.stdout
