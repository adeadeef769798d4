"""One run of an item: its folder, its environment, its command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from halo_engine.errors import Unavailable
from halo_engine.runs import execution
from halo_engine.runs.execution import Order, fitting
from halo_engine.tasks import queries
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.night.leases import Claim
from halo_engine.tasks.states import Kind
from halo_engine.workspace import Workspace, replace, writing


class Execution(execution.Execution):
    """A run of an item under way, and the claim by which it runs."""

    def __init__(self, workspace: Workspace, settings: NightSettings, claim: Claim) -> None:
        super().__init__(lambda: order_of(workspace, settings, claim))
        self.claim = claim


def order_of(workspace: Workspace, settings: NightSettings, claim: Claim) -> Order:
    """What a claim lets run, its folder made.

    Raises Unavailable when the folder cannot be written, or the approved plan is not there any more.
    """
    folder = workspace.root / claim.folder
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        plan = _plan(workspace, claim, folder)
    return Order(
        command=command_of(settings, claim),
        cwd=workspace.root,
        folder=folder,
        env=environment(workspace, claim, plan),
        timeout=settings.timeout_of(claim.item),
        grace=settings.kill_grace,
        marker=claim.marker,
        record={
            "run": claim.run,
            "item": claim.item.id,
            "title": claim.item.title,
            "attempt": claim.attempt,
            "started": claim.started,
        },
        stdin=plan,
        limit=settings.output_limit,
    )


def _plan(workspace: Workspace, claim: Claim, folder: Path) -> Path | None:
    """The agent-job's plan, as a file in the run's folder."""
    item = claim.item
    if item.kind is not Kind.AGENT_JOB:
        return None
    plan = queries.plan(workspace, item.id)
    if plan is None or plan.hash != item.approved_hash:
        raise Unavailable(f"the approved plan of {item.id} is not there any more")
    replace(folder / "plan.xml", plan.xml)
    return folder / "plan.xml"


def command_of(settings: NightSettings, claim: Claim) -> str:
    """The shell command that does the item."""
    agent = claim.item.kind is Kind.AGENT_JOB
    return (settings.agent_command if agent else claim.item.command) or ""


def environment(workspace: Workspace, claim: Claim, plan: Path | None) -> dict[str, str]:
    """The runner's environment, and what a command may want to know of its item and run, beside the claim's marker."""
    item, event = claim.item, claim.event
    own = {
        "HALO_WORKSPACE": str(workspace.root),
        "HALO_ITEM": item.id,
        "HALO_TITLE": item.title,
        "HALO_CONTEXT": item.context,
        "HALO_REASON": item.reason,
        "HALO_RUN_FOLDER": str(workspace.root / claim.folder),
        "HALO_ATTEMPT": str(claim.attempt),
        "HALO_ACTOR": f"{'agent' if item.kind is Kind.AGENT_JOB else 'job'}:{item.id}",
        "HALO_CORRELATION_ID": event.correlation_id if event else "",
        # so that `nightctl` is found where nothing else goes by that name
        "PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{Path(sys.executable).parent}",
    }
    if plan:
        own["HALO_PLAN"] = str(plan)
    return {**os.environ, **{name: fitting(value) for name, value in own.items()}}
