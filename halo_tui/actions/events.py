"""What can be done on the Events screen."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"events": "Events"}

ACTIONS = (
    Action("events.filter", "slash", "filter", "Filter as you type", "filter", "halo-engine events list {filter}"),
    Action("events.follow", "f", "follow", "Follow, or hold still", "follow", "halo-engine events tail"),
    Action("events.jump", "i", "go to item", "Show the item that it happened to", "jump"),
)
