"""A story in which everything happens that can happen to items: every fact of the module is in it."""

from __future__ import annotations

import os
from unittest.mock import patch

from halo_engine.events.model import New
from halo_engine.tasks import commands, queries
from halo_engine.tasks.events import TaskImported
from halo_engine.tasks.states import Kind
from halo_engine.tasks.undo import undo
from halo_engine.workspace import Workspace
from tests.tasks.walking import PLAN, run_ends, run_starts

TIME = "2026-11-20T14:02:11.000000Z"


def tell(workspace: Workspace) -> None:
    """Four items and what becomes of them."""
    with patch.dict(os.environ, {"HALO_NOW": "2026-11-20T14:02:11+00:00", "HALO_HOST": "lab"}):
        _task(workspace)
        _job(workspace)
        _agent_job(workspace)
        _imported(workspace)


def _task(workspace: Workspace) -> None:
    item = commands.add(workspace, "Buy \U0001f95b milk", priority=2, tags=("home",), key="mail-17").item.id
    commands.edit(workspace, item, priority=3, context="two litres")
    commands.note(workspace, item, "the shop closes at eight")
    commands.defer(workspace, item, "2026-12-24T00:00:00.000000Z")
    commands.reopen(workspace, item)
    commands.start(workspace, item)
    commands.block(workspace, item, "no money")
    commands.unblock(workspace, item)
    commands.review(workspace, item)
    commands.reject(workspace, item, "that is cream")
    commands.test(workspace, item)
    commands.done(workspace, item)
    commands.note(workspace, item, "in the wrong fridge")
    undo(workspace, item)


def _job(workspace: Workspace) -> None:
    item = commands.add(workspace, "Back up", kind=Kind.JOB, command="make backup", retries=1, window="01:00-04:00")
    run_ends(workspace, run_starts(workspace, item.item.id), "failed")
    if queries.item(workspace, item.item.id).state == "failed":
        commands.retry(workspace, item.item.id)
    run_ends(workspace, run_starts(workspace, item.item.id), "succeeded")


def _agent_job(workspace: Workspace) -> None:
    item = commands.add(workspace, "Fix the login", kind=Kind.AGENT_JOB, depends_on=("T-001", "T-002")).item.id
    commands.plan(workspace, item)
    commands.plan(workspace, item, PLAN.format(goal="one"))
    commands.reject(workspace, item, "too little")
    commands.plan(workspace, item, PLAN.format(goal="two"))
    commands.approve(workspace, item)
    run_starts(workspace, item)


def _imported(workspace: Workspace) -> None:
    fields = {"title": "From elsewhere", "kind": "task", "state": "cancelled", "finished": TIME, "created": TIME}
    fact = TaskImported(fields=fields, origin="taskwarrior")
    workspace.log.append([New("task/T-004", "task.item.imported", fact, expected=0)])
