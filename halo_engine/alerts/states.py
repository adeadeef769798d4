"""The life of an alert."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    RAISED = "raised"
    """It waits for somebody to look."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody knows."""
    MUTED = "muted"
    """It is not to be shown for now, whatever it does."""
    RESOLVED = "resolved"
    """What it was about is over."""


class Severity(StrEnum):
    NOTE = "note"
    WARNING = "warning"
    CRITICAL = "critical"


class Action(StrEnum):
    """What an alert asks of whoever looks after the instance that it is about."""

    WARN = "warn"
    FREEZE = "freeze"


OPEN = frozenset({State.RAISED, State.ACKNOWLEDGED})
FOR_EVER = "9999-12-31T23:59:59.999999Z"
"""Until when an alert is muted that is muted without an end."""
