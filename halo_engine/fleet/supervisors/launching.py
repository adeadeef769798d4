"""What a supervisor runs for an instance: the command, its folder, its environment. No secret is in any of it."""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec import Struct

from halo_engine.errors import FINAL, NotAllowed
from halo_engine.fleet.files import primes
from halo_engine.fleet.instance import Instance, Runtime, folder
from halo_engine.workspace import Workspace

ROOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from halo_engine.cli import main; main()"
HOME = Path(__file__).parents[3]


class Launch(Struct, frozen=True):
    """A command to keep running."""

    argv: list[str]
    cwd: str
    env: dict[str, str]
    """To be set besides what the supervisor has itself."""
    passed: list[str]
    """Variables whose values come from the operator's environment when it is started, and stand in no file."""
    final: list[int] = []
    """Exit codes after which it is not to be started again."""


def launch(workspace: Workspace, instance: Instance) -> Launch:
    """How to run an instance.

    Raises BadConfig when its `prime.yaml` cannot be read.
    """
    place = folder(workspace, instance)
    passed = [instance.telegram_bot_token_env] if instance.telegram_bot_token_env else []
    return Launch(argv(workspace, instance), str(place), environment(workspace, instance), passed, final(instance))


def argv(workspace: Workspace, instance: Instance) -> list[str]:
    if instance.runtime is Runtime.HALO:
        return [sys.executable, "-c", ROOT, str(HOME), "instance", "run", instance.name, *_at(workspace)]
    return primes.read(folder(workspace, instance)).start


def final(instance: Instance) -> list[int]:
    """Those of ours. What is not ours means something else by them; what stands before it, with mounts, does not."""
    if instance.runtime is Runtime.HALO:
        return sorted(FINAL)
    return [NotAllowed.exit_code] if instance.mounts else []


def _at(workspace: Workspace) -> list[str]:
    return ["--workspace", str(workspace.root)]


def environment(workspace: Workspace, instance: Instance) -> dict[str, str]:
    """Who it is, where it listens, and which zone its people live in."""
    env = {
        "HALO_INSTANCE": instance.name,
        "HALO_WORKSPACE": str(workspace.root),
        "TZ": instance.timezone or workspace.settings.timezone or "",
        **{f"HALO_PORT_{name.upper()}": str(port) for name, port in instance.ports.items()},
    }
    if instance.runtime is Runtime.NANOCLAW:
        env |= {"HOME": str(folder(workspace, instance) / "data" / "home"), "ASSISTANT_NAME": instance.name}
        if "proxy" in instance.ports:
            env["CREDENTIAL_PROXY_PORT"] = str(instance.ports["proxy"])
    return {name: value for name, value in env.items() if value}
