"""What can be done on the Overview."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"overview": "Overview"}

ACTIONS = (
    Action("overview.open", "enter", "open", "Show what the pane is about on its own screen", "open_pane"),
    Action(
        "overview.ack",
        "a",
        "acknowledge",
        "Say that you know of the alert",
        "ack",
        "halo-engine alerts ack {alert} --note {note}",
        changes=True,
    ),
    Action(
        "overview.mute",
        "m",
        "mute",
        "Keep quiet about the alert",
        "mute",
        "halo-engine alerts mute {alert} --until {until}",
        changes=True,
    ),
    Action("overview.status", "s", "status", "Is anything wrong? In words", "status", "halo-engine status"),
)
