"""What can be done on the Agents screen."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"agents": "Agents"}

ACTIONS = (
    Action("agents.filter", "slash", "filter", "Filter as you type", "filter", "agentctl sessions {filter}"),
    Action(
        "agents.ack",
        "a",
        "acknowledge",
        "Say that you know of the alert",
        "ack",
        "agentctl ack {alert} --note {note}",
        changes=True,
    ),
    Action(
        "agents.mute",
        "m",
        "mute",
        "Keep quiet about the alert",
        "mute",
        "agentctl mute {alert} --until {until}",
        changes=True,
    ),
    Action(
        "agents.check", "c", "check", "Look for sessions that go nowhere", "check", "agentctl spin-check", changes=True
    ),
    Action("agents.ingest", "r", "read", "Read what is new in transcripts", "ingest", "agentctl ingest", changes=True),
    Action(
        "agents.transcript", "o", "transcript", "The transcript in $PAGER", "transcript", "agentctl session {session}"
    ),
)
