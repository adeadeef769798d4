"""`instances.yaml`: what the runtime of each instance holds itself to. In the workspace, out of its reach."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.workspace import Workspace

FILE = "instances.yaml"


class InstanceSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`instances.yaml`."""

    max_tokens: Annotated[int, Meta(ge=1, le=200_000)] = 4_096
    """Of one answer."""
    history: Annotated[int, Meta(ge=0, le=2_000_000)] = 60_000
    """Characters of a chat that the model gets to see again."""
    tries: Annotated[int, Meta(ge=1, le=20)] = 5
    """How often the model is asked for one message before the message counts as failed."""
    onboarding: bool = True
    """Whether people are taken through onboarding before the model answers them; `onboarding` of an instance in
    FLEET.yaml goes before. The operator's own chat is not."""
    crashes: Annotated[int, Meta(ge=1, le=20)] = 3
    """How often the runtime may die over one message before the message is put aside."""
    patience: Annotated[float, Meta(ge=0, le=86_400)] = 300
    """Seconds that a message waits at most for the next try; a server that asks for longer has refused it."""
    backoff: Annotated[float, Meta(ge=0, le=3_600)] = 1
    """Seconds before the second try; each one waits twice as long as the one before."""
    longest_message: Annotated[int, Meta(ge=1, le=1_000_000)] = 32_000
    """Characters that a message may have."""
    waiting: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
    """Messages that may wait; more are refused."""
    check_every: Annotated[float, Meta(ge=1, le=86_400)] = 600
    """Seconds after which a running instance looks its store over again: what is kept in memory hides a broken file."""
    turns: Annotated[int, Meta(ge=1, le=100)] = 4
    """Chats that are answered at a time."""
    log_size: Annotated[float, Meta(ge=0.001, le=10_000)] = 10
    """Megabytes of an instance's log before it is rotated; five old ones are kept."""


def settings(workspace: Workspace) -> InstanceSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(InstanceSettings, FILE)
