"""`logctl.yaml`: where logs are and how they are written."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from halo_engine.logs.formats.json_lines import Keys
from halo_engine.workspace import Workspace

FILE = "logctl.yaml"


class SourceSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One source: a log with its rotated files."""

    path: Annotated[str, Meta(min_length=1)]
    """A file, or a pattern with * ? and **; relative ones start at the workspace."""
    format: Literal["auto", "json", "docker", "pretty", "text"] = "auto"
    """How it is written; `auto` finds out from the first lines."""
    instance: str = ""
    """The instance of records that name none."""
    timezone: str | None = None
    """That of times without an offset; default: the operator's."""


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`logctl.yaml`."""

    sources: dict[str, SourceSettings] = {}
    """By name."""
    fleet: bool = True
    """Also read `logs/` of the workspace and of each instance in FLEET.yaml."""
    keys: Keys = Keys()
    """Which fields of JSON hold time, level, message and instance; the first that a record has counts."""
    slack: Annotated[float, Meta(ge=0, le=86_400)] = 60
    """Seconds by which writers may be late: times are sought that much further out."""
    processes: Annotated[int, Meta(ge=0, le=64)] = 0
    """How many read a large file at a time; 0: one a processor."""


def log_settings(workspace: Workspace) -> LogSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(LogSettings, FILE)
