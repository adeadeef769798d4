"""Taking over: an instance that was at home elsewhere is at home here from now on, as the operator says."""

from __future__ import annotations

from pathlib import Path

from halo_engine.errors import Conflict
from halo_engine.fleet.events import OperationEnded
from halo_engine.fleet.instance import Layout, layout
from halo_engine.fleet.presence import home
from halo_engine.fleet.presence.occupying import occupant
from halo_engine.fleet.recording import Recording


def settled(record: Recording) -> str:
    """Let it be at home here; returns why it was not, empty when it was.

    Raises Conflict while the first one runs, which can be seen where that is on this machine.
    """
    place = layout(record.workspace, record.instance)
    said = home.home(place)
    why = home.elsewhere(said, place)
    if not said or not why:
        return ""
    other = occupant(Layout(Path(said.root))) if said.machine == home.machine() else None
    if other:
        raise Conflict(f"{record.name} cannot take over: {why}, and runs: {other.words()}", "stop that one for good")
    if not record.workspace.dry_run:
        home.settle(place)
        place.refusal.unlink(missing_ok=True)
    return why


def recorded(record: Recording, why: str) -> None:
    """Put it into the history; nothing where `why` is empty. To be called when no other operation is under way."""
    if why:
        record.append("fleet.operation.ended", OperationEnded("take-over", "done", why))
