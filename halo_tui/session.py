"""What the workstation remembers from one start to the next: `run/workstation.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from halo_engine.errors import HaloError
from halo_engine.workspace import Workspace, replace, writing

FILE = "workstation.json"


Kept = dict[str, str | int | bool | None]
"""What a screen remembers, by name."""


class Session(msgspec.Struct):
    """Where the operator was."""

    screen: str = ""
    """Empty: the first one."""
    theme: str = ""
    pages: dict[str, Kept] = msgspec.field(default_factory=dict)
    """By screen."""


def load(workspace: Workspace) -> tuple[Session, str]:
    """The last session, and a word about a file that cannot be used (empty: all is well)."""
    path = place(workspace)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Session), ""
    except FileNotFoundError:
        return Session(), ""
    except (OSError, msgspec.DecodeError) as error:
        return Session(), f"{path} is not used: {error}"


def save(workspace: Workspace, session: Session) -> str:
    """Keep a session; returns why that did not work, empty when it did."""
    path = place(workspace)
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, msgspec.json.encode(session).decode() + "\n")
    except HaloError as error:
        return error.message
    return ""


def place(workspace: Workspace) -> Path:
    return workspace.run / FILE
