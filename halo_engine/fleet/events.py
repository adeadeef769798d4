"""The facts that the fleet records. Streams are `fleet/NAME`, one an instance, and `personality/NAME`."""

from __future__ import annotations

from typing import Any

from halo_engine.events.model import Payload, fact
from halo_engine.fleet.instance import Status


@fact("fleet.instance.begun")
class InstanceBegun(Payload, frozen=True, omit_defaults=True):
    """`create` has taken the name and the ports, and begins."""

    entry: dict[str, Any]
    """The instance as it will stand in FLEET.yaml."""


@fact("fleet.step.done")
class StepDone(Payload, frozen=True, omit_defaults=True):
    """A step of `create` has had its effect."""

    step: str
    evidence: str = ""


@fact("fleet.step.undone")
class StepUndone(Payload, frozen=True, omit_defaults=True):
    step: str


@fact("fleet.instance.failed")
class InstanceFailed(Payload, frozen=True, omit_defaults=True):
    """A step of `create` failed: from here on everything is undone, the last step first."""

    step: str
    reason: str


@fact("fleet.instance.withdrawn")
class InstanceWithdrawn(Payload, frozen=True, omit_defaults=True):
    """Everything that `create` did is undone; nothing is left but this history."""

    reason: str = ""


@fact("fleet.instance.governed")
class InstanceGoverned(Payload, frozen=True, omit_defaults=True):
    """The governed files as they are from now on, locked."""

    version: int
    hash: str
    files: dict[str, str]
    """Path below the folder -> SHA-256."""
    items: tuple[str, ...] = ()
    """What a push takes the place of: the governed files and whatever else came from the prime."""
    personality: str = ""
    cause: str = ""
    """`create`, `push`, `rollback`, or `accept` for drift that was taken over."""


@fact("fleet.instance.supervised")
class InstanceSupervised(Payload, frozen=True, omit_defaults=True):
    """The supervisor's files in its folder as they are from now on, locked."""

    files: dict[str, str]
    """Name -> SHA-256."""


@fact("fleet.instance.created")
class InstanceCreated(Payload, frozen=True, omit_defaults=True):
    """It has answered: `create` is complete."""

    evidence: str = ""
    seconds: float = 0.0


@fact("fleet.instance.frozen", "fleet.instance.reset", "fleet.instance.unfolded")
class InstanceMoved(Payload, frozen=True, omit_defaults=True):
    """From one status to another, see states.py."""

    status: Status
    evidence: str = ""


@fact("fleet.instance.folded")
class InstanceFolded(Payload, frozen=True, omit_defaults=True):
    """In an archive that was read back and compared; its folder is gone, or about to go."""

    archive: str
    """Relative to the fleet's base."""
    hash: str
    """SHA-256 of the archive."""
    size: int
    """Bytes of the archive."""
    files: int


@fact("fleet.instance.fried")
class InstanceFried(Payload, frozen=True, omit_defaults=True):
    """The tombstone: what was deleted."""

    path: str
    files: int = 0
    archive: str = ""


@fact("fleet.operation.begun")
class OperationBegun(Payload, frozen=True, omit_defaults=True):
    """A command that takes several steps begins; what it finds after a crash, it finishes or takes back."""

    verb: str
    data: dict[str, Any] = {}


@fact("fleet.operation.ended")
class OperationEnded(Payload, frozen=True, omit_defaults=True):
    """It is over without a fact of its own, or was taken back."""

    verb: str
    outcome: str
    reason: str = ""


@fact("fleet.instance.adopted")
class InstanceAdopted(Payload, frozen=True, omit_defaults=True):
    """Found in FLEET.yaml, written there by hand."""

    entry: dict[str, Any]


@fact("fleet.instance.edited")
class InstanceEdited(Payload, frozen=True, omit_defaults=True):
    """Its entry in FLEET.yaml was changed by hand."""

    changes: dict[str, Any]


@fact("fleet.instance.forgotten")
class InstanceForgotten(Payload, frozen=True, omit_defaults=True):
    """Its entry was taken out of FLEET.yaml by hand; whatever else there is of it is left alone."""


@fact("personality.profile.written")
class ProfileWritten(Payload, frozen=True, omit_defaults=True):
    """A profile as it was when it was written or first used."""

    display_name: str
    dimensions: dict[str, int]
    context_hash: str
    """SHA-256; the text itself is about people, and stays in its file."""
