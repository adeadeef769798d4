"""`halctl.yaml`: where instances live, and what `create` takes when it is not told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.fleet.instance import Port, Supervision
from halo_engine.workspace import Workspace

FILE = "halctl.yaml"


class FleetSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`halctl.yaml`."""

    base: str = "fleet"
    """The folder below which every instance lives, relative to the workspace. Nothing outside it is ever deleted."""
    prime: str = ""
    """The prime tree of `create`; empty for the one that ships."""
    supervisor: Supervision = Supervision.PROCESS
    """Who runs new instances: `process`, `pm2` or `systemd`."""
    operator_chat: str = "console:operator"
    """The chat that is registered as the main group of every new instance."""
    first_port: Port = 4100
    """Ports are allotted upwards from here, to `last_port`."""
    last_port: Port = 4999
    answer_timeout: Annotated[float, Meta(gt=0, le=3600)] = 60
    """Seconds within which a started instance must answer, at `create`, `reset` and `push`."""
    least_disk: Annotated[int, Meta(ge=0)] = 200
    """MiB that must be free on the disk of `base` before `create` begins."""
    backups: Annotated[int, Meta(ge=1)] = 7
    """Backups that are kept of each instance."""
    versions: Annotated[int, Meta(ge=1)] = 5
    """Earlier governances that are kept for each instance, for `rollback`."""
    mount_roots: list[str] = []
    """Folders of this machine that instances may be given, or folders below; none unless they stand here."""


def fleet_settings(workspace: Workspace) -> FleetSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(FleetSettings, FILE)


class Base:
    """Where the fleet is on disk. What is not an instance lies in folders that no instance's name can have."""

    def __init__(self, workspace: Workspace) -> None:
        self.root = workspace.root / Path(fleet_settings(workspace).base).expanduser()
        self.staging = self.root / ".staging"
        """Trees that are being made; what is here after a crash is nobody's."""
        self.versions = self.root / ".versions"
        """Earlier governances: `dad/3/`."""
        self.archive = self.root / ".archive"
        """Folded instances."""
        self.backups = self.root / ".backups"

    def of(self, name: str) -> Path:
        """The folder of an instance that is about to be made."""
        return self.root / name

    def replaced(self, name: str) -> Path:
        """What an instance had before a backup took its place."""
        return self.backups / name / "replaced"
