"""`agentctl.yaml`: where sessions are looked for, and whose they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.agents.sources import SOURCES
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.errors import BadConfig
from halo_engine.workspace import Workspace

FILE = "agentctl.yaml"


class AgentSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`agentctl.yaml`."""

    sources: dict[str, list[str]] = {}
    """Source -> folders to look in, instead of where the tool keeps its sessions and of what its variable says. An
    empty list: do not look for it."""
    instances: dict[str, str] = {}
    """Instance -> the folder that its sessions work in or are kept in."""
    spin: SpinSettings = SpinSettings()
    """When a session counts as spinning."""
    daily_budget: Annotated[float, Meta(gt=0)] | None = None
    """US dollars that the fleet may cost a day; the briefing says when it comes close."""


def agent_settings(workspace: Workspace) -> AgentSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    found = workspace.config(AgentSettings, FILE)
    unknown = [name for name in found.sources if name not in SOURCES]
    if unknown:
        raise BadConfig(f"{FILE}: sources: no source `{unknown[0]}`", f"known: {', '.join(SOURCES)}")
    return found


def homes(workspace: Workspace, settings: AgentSettings) -> dict[str, list[Path]]:
    """Source -> the folders that it is looked for in."""
    environment = os.environ | {"HALO_WORKSPACE": str(workspace.root)}
    return {
        name: [Path(each).expanduser() for each in settings.sources[name]]
        if name in settings.sources
        else source.homes(environment)
        for name, source in SOURCES.items()
    }


def instance_of(settings: AgentSettings, cwd: str, path: str) -> str:
    """Whose a session is, by the folder that it worked in or is kept in; empty when it is nobody's."""
    for name, folder in settings.instances.items():
        place = str(Path(folder).expanduser()).rstrip("/")
        if any(each == place or each.startswith(place + "/") for each in (cwd, path)):
            return name
    return ""
