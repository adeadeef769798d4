"""An instance: what FLEET.yaml says of it, and how its folder is laid out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.clock import Timestamp
from halo_engine.workspace import Workspace

NAME = "^[a-z]([a-z0-9-]{0,28}[a-z0-9])?\\Z"
VARIABLE = "^([A-Z_][A-Z0-9_]*)?\\Z"
Port = Annotated[int, Meta(ge=1024, le=65535)]


class Status(StrEnum):
    """What the operator wants of an instance; whether it runs is what its supervisor says."""

    PROVISIONING = "provisioning"
    """`create` is under way, or was interrupted; never in FLEET.yaml."""
    ACTIVE = "active"
    FROZEN = "frozen"
    """Stopped; its data is kept where it is."""
    FOLDED = "folded"
    """In an archive; its folder is gone."""
    FRIED = "fried"
    """Deleted; only the history is left. Never in FLEET.yaml."""
    UNDONE = "undone"
    """Its `create` failed, and was undone."""
    FORGOTTEN = "forgotten"
    """Its entry was taken out of FLEET.yaml by hand; its folder is left alone."""


class Runtime(StrEnum):
    """What runs in an instance's folder."""

    HALO = "halo"
    """`halo-engine instance run NAME`."""
    NANOCLAW = "nanoclaw"
    """A Node tree; what its `prime.yaml` starts."""


class Supervision(StrEnum):
    """Who starts it, and starts it again."""

    PROCESS = "process"
    PM2 = "pm2"
    SYSTEMD = "systemd"


class Sandbox(StrEnum):
    """What stands between an agent's turn and the machine."""

    NONE = "none"


class Mount(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A folder of the machine that an instance sees as `mounts/NAME` below its own; see mounting.py for what may be."""

    source: str
    """Absolute, or from `~`, and below a root that `mount_roots` in halctl.yaml allows."""
    name: Annotated[str, Meta(pattern=NAME)]
    write: bool = False
    """Whether it may also write there."""


class Template(Struct, frozen=True, forbid_unknown_fields=True):
    """The governance that an instance was given last."""

    version: int
    """1 at `create`, one more with each push that changed something."""
    hash: str
    """SHA-256 over all governed files, their paths and contents."""


class Instance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of FLEET.yaml."""

    name: Annotated[str, Meta(pattern=NAME)]
    path: str
    """Its folder: absolute, or relative to the workspace."""
    telegram_bot_token_env: Annotated[str, Meta(pattern=VARIABLE)] = ""
    """The variable that holds its bot's token; the token itself is never written anywhere."""
    personality: str = "default"
    services: list[str] = []
    created: Timestamp = ""
    status: Status = Status.ACTIVE
    runtime: Runtime = Runtime.HALO
    prime: str = ""
    """The prime tree it was made from; empty for the one that ships."""
    supervisor: Supervision = Supervision.PROCESS
    sandbox: Sandbox = Sandbox.NONE
    ports: dict[str, Port] = {}
    """`http`: its own, on loopback; `proxy`: of its credential proxy."""
    timezone: str = ""
    """IANA name of its people's zone; empty for the operator's."""
    budget: Annotated[float, Meta(ge=0)] | None = None
    """US dollars a day; None for no limit."""
    onboarding: bool | None = None
    """Whether its people are taken through onboarding; None: as instances.yaml says."""
    mounts: list[Mount] = []
    """Folders of the machine that it sees besides its own."""
    template: Template | None = None


def folder(workspace: Workspace, instance: Instance) -> Path:
    """The instance's folder, absolute."""
    return workspace.root / Path(instance.path).expanduser()


class Layout:
    """Where things are in an instance's folder.

    Governed (read-only, see files/governance.py): `CLAUDE.md`, `.claude/`, `src/`, `halos/`, as `prime.yaml` says.
    The folder itself is read-only too, so that nothing governed can be moved aside: new things are made below the
    instance's own folders (`own`), which are there from the start. Nothing in those is followed when it is a link.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.governance = root / "CLAUDE.md"
        self.prime = root / "prime.yaml"
        self.database = root / "store" / "instance.db"
        """Inbox, outbox, chats. Of a nanoclaw tree: `store/messages.db`."""
        self.notes = root / "memory" / "notes"
        self.groups = root / "groups"
        """A folder a chat; `groups/main` for the operator's."""
        self.sessions = root / "data" / "sessions"
        """Transcripts."""
        self.logs = root / "logs"
        self.run = root / "run"
        """What may be thrown away while it does not run: pid files, sockets."""
        self.vitals = root / "run" / "vitals.json"
        self.occupant = root / "run" / "occupant.json"
        """Who runs, see presence/occupying.py."""
        self.refusal = root / "run" / "refusal.json"
        """Why it does not, see presence/standing.py."""
        self.home = root / "store" / "home.json"
        """Where it is at home, see presence/home.py."""
        self.mounts = root / "mounts"
        """An empty folder for each of its mounts, which is another one for the instance alone."""

    def own(self) -> tuple[Path, ...]:
        """The folders that the instance writes into."""
        return (self.root / "store", self.notes, self.groups / "main", self.sessions, self.logs, self.run)


def layout(workspace: Workspace, instance: Instance) -> Layout:
    return Layout(folder(workspace, instance))
