"""The chats of an instance that stands still: what `create` writes before the first start."""

from __future__ import annotations

from halo_engine.fleet.instance import Instance, layout
from halo_engine.fleet.presence.occupying import occupied
from halo_engine.instance.running import prepare, sound
from halo_engine.workspace import Workspace


def register(workspace: Workspace, instance: Instance, chat: str, name: str) -> None:
    """Make a chat the instance's main one. Nothing when it is so already.

    Raises Conflict while the instance runs: its store has one writer. Damaged, Unavailable.
    """
    place = layout(workspace, instance)
    prepare(place)
    with occupied(place, instance.name), sound(place, instance.name) as store:
        if store.main_chat() != chat:
            store.register(chat, name)
