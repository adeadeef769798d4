"""What is asked of `create`, and what it comes to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from halo_engine import clock
from halo_engine.errors import Unavailable, Usage
from halo_engine.fleet.config import Base, FleetSettings, fleet_settings
from halo_engine.fleet.files import primes
from halo_engine.fleet.files.primes import Prime
from halo_engine.fleet.instance import Instance, Layout, Mount, Supervision
from halo_engine.workspace import Workspace

PORTS = ("http", "proxy")


class Wanted(Struct, frozen=True):
    """What the operator asks for. What is empty is as halctl.yaml, or the prime, says."""

    name: str
    personality: str = "default"
    prime: str = ""
    supervisor: Supervision | None = None
    telegram_bot_token_env: str = ""
    services: tuple[str, ...] = ()
    timezone: str = ""
    budget: float | None = None
    mounts: tuple[Mount, ...] = ()


class Progress(Struct, frozen=True):
    """Where a command with several steps is; given to its `tell` as it goes."""

    step: str
    """`copy`, `compose`, ...: see steps.STEPS; for a push, the name of the instance."""
    title: str
    number: int
    """From 1."""
    total: int
    state: Literal["begun", "done", "failed", "undone"]
    evidence: str = ""
    """What was done, or what went wrong."""


Tell = Callable[[Progress], None]


def quiet(_: Progress) -> None:
    """Tell nobody."""


class Plan(Struct, frozen=True):
    """Everything that the steps need."""

    workspace: Workspace
    instance: Instance
    source: Path
    """The prime tree."""
    prime: Prime
    layout: Layout
    base: Base
    settings: FleetSettings

    @property
    def root(self) -> Path:
        return self.layout.root


def planned(workspace: Workspace, instance: Instance) -> Plan:
    """The plan of an instance: of a new one, or of one whose `create` goes on.

    Raises NotFound and BadConfig about its prime.
    """
    source = primes.home(instance.prime)
    place = workspace.root / Path(instance.path).expanduser()
    return Plan(
        workspace,
        instance,
        source,
        primes.read(source),
        Layout(place),
        Base(workspace),
        fleet_settings(workspace),
    )


def asked(workspace: Workspace, wanted: Wanted) -> Instance:
    """The instance that is asked for, with no ports yet.

    Raises Usage for what cannot be, naming what is allowed; never repeating what may be a token.
    """
    settings = fleet_settings(workspace)
    prime = wanted.prime or settings.prime
    source = primes.home(prime)
    base = Base(workspace)
    relative = base.of(wanted.name)
    entry = {
        "name": wanted.name,
        "path": str(relative.relative_to(workspace.root) if relative.is_relative_to(workspace.root) else relative),
        "telegram_bot_token_env": wanted.telegram_bot_token_env,
        "personality": wanted.personality,
        "services": list(wanted.services),
        "created": clock.stamp(),
        "runtime": primes.read(source).runtime,
        "prime": str(source) if prime else "",
        "supervisor": wanted.supervisor or settings.supervisor,
        "timezone": wanted.timezone,
        "budget": wanted.budget,
        "mounts": [msgspec.to_builtins(each) for each in wanted.mounts],
    }
    try:
        return msgspec.convert(entry, Instance)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), wanted) from None


def _refusal(said: str, wanted: Wanted) -> Usage:
    if "telegram_bot_token_env" in said:
        return Usage(
            "--token-env wants the name of a variable (not shown: it may be the token itself)", "DAD_BOT_TOKEN"
        )
    if "`$.name`" in said:
        return Usage(f"`{wanted.name[:60]}` cannot name an instance", "lower case letters, digits and -, at most 30")
    return Usage(said)


def with_ports(instance: Instance, taken: set[int], settings: FleetSettings) -> Instance:
    """The instance with ports that nobody else of the fleet has, and that are free on this machine now.

    Raises Unavailable when there are none left.
    """
    free = _free(taken, settings)
    try:
        return msgspec.structs.replace(instance, ports={name: next(free) for name in PORTS})
    except StopIteration:
        raise Unavailable(
            f"no free port from {settings.first_port} to {settings.last_port}", "set last_port in halctl.yaml higher"
        ) from None


def _free(taken: set[int], settings: FleetSettings) -> Iterator[int]:
    for port in range(settings.first_port, settings.last_port + 1):
        if port not in taken:
            with socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    line.bind(("127.0.0.1", port))
                except OSError:
                    continue
            yield port
