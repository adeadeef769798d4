"""Runs whose runner died: found by any later runner, ended for good, recorded as lost, tried again by the policy."""

from __future__ import annotations

from pathlib import Path

from halo_engine import clock, process, process_tree
from halo_engine.events.store import opened
from halo_engine.runs import holders
from halo_engine.runs.results import Result
from halo_engine.tasks import queries
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.night.leases import Claim
from halo_engine.tasks.night.outcomes import CANCELLED, finish
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item, Run
from halo_engine.workspace import Workspace

HELD = "WHERE state IN ('running', 'cancelled') AND run IS NOT NULL AND runner IS NOT NULL ORDER BY number"


def recover(workspace: Workspace, settings: NightSettings) -> list[Item]:
    """Take every run whose lease is over for lost: end what is left of it, and record its end.

    Of two that recover at once, one records it. Returns the items that it concerned, as they are then.
    """
    recovered = (_recover_one(workspace, settings, item) for item in abandoned(workspace))
    return [item for item in recovered if item]


def abandoned(workspace: Workspace) -> list[Item]:
    """Items whose run has a lease that is over: their runner died."""
    with opened(workspace, tasks) as store:
        held = store.select(Item, HELD)
    return [item for item in held if item.runner and holders.is_over(item.runner, item.lease_until)]


def _recover_one(workspace: Workspace, settings: NightSettings, item: Item) -> Item | None:
    assert item.run
    assert item.runner
    claim, left = _claim_of(workspace, item, item.run), 0
    if holders.is_here(item.runner):
        _, left = process_tree.end_marked(claim.marker, settings.kill_grace)
    return finish(workspace, settings, claim, _result(workspace, item, claim, left))


def _claim_of(workspace: Workspace, item: Item, run: str) -> Claim:
    """The claim that the dead runner had."""
    with opened(workspace, tasks) as store:
        row = store.get(Run, run)
    assert row
    history = workspace.log.stream(queries.stream(item.id))
    event = next((each for each in reversed(history) if each.type == "task.run.started"), None)
    return Claim(run, item.attempts, item, row.folder, row.started, event)


def _result(workspace: Workspace, item: Item, claim: Claim, left: int) -> Result:
    output = workspace.root / claim.folder / "output.log"
    holder = " ".join((item.runner or "").rsplit(":", 2)[:2])
    died = "died" if holders.is_here(item.runner or "") else "let its lease run out"
    reason = f"its runner ({holder}) {died}"
    if left:
        reason += f"; {left} processes could not be ended"
    outcome = CANCELLED.outcome if item.state is State.CANCELLED else "lost"
    size, duration = _signs_of_life(output, claim)
    return Result(outcome, reason, duration, output_bytes=size, tail=process.tail(output))


def _signs_of_life(output: Path, claim: Claim) -> tuple[int, float]:
    """Bytes of output, and the seconds up to the last of it, which is all that is known."""
    try:
        found = output.stat()
    except OSError:
        return 0, 0.0
    return found.st_size, max(0.0, found.st_mtime - clock.instant(claim.started).timestamp())
