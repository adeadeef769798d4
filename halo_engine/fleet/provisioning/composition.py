"""The CLAUDE.md of an instance."""

from __future__ import annotations

from halo_engine.fleet.instance import Instance
from halo_engine.fleet.personality.composing import composer
from halo_engine.fleet.personality.profile import profile
from halo_engine.fleet.personality.writing import record
from halo_engine.workspace import Workspace


def compose(workspace: Workspace, instance: Instance) -> str:
    """Its CLAUDE.md as the templates and its personality have it now; the profile goes into the history.

    Raises NotFound, BadConfig.
    """
    composing = composer(workspace)
    found = profile(workspace, instance.personality, composing.schema)
    record(workspace, found)
    return composing.compose(
        found,
        instance=instance.name,
        services=tuple(instance.services),
        timezone=instance.timezone or workspace.settings.timezone or "",
    )
