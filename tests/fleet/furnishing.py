"""Instances to try commands on: made and governed, none of them running."""

from __future__ import annotations

import socket
from random import Random

from halo_engine.fleet import lifecycle, manifest, queries, retiring, sample
from halo_engine.fleet.backups import keeping
from halo_engine.fleet.conversing import answering
from halo_engine.fleet.events import InstanceMoved
from halo_engine.fleet.governing import pushing
from halo_engine.fleet.instance import Status
from halo_engine.fleet.personality import writing
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.recording import recording
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import Workspace


def furnish(workspace: Workspace) -> dict[str, str]:
    """The fleet's part of the examples: what they call their instances."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        first = min(int(line.getsockname()[1]), 65_000)
    (workspace.root / "halctl.yaml").write_text(f"first_port: {first}\nlast_port: {first + 40}\n")
    for number, name in enumerate(("dad", "mum", "gains", "money")):
        sample.made(workspace, Wanted(name, personality="dad"), number)
    for name in ("mum", "gains"):
        lifecycle.freeze(workspace, name)
    writing.edit(workspace, "dad", levels={"brevity": 2})
    pushing.push(workspace, "gains")
    writing.edit(workspace, "dad", levels={"brevity": 3})
    retiring.fold(workspace, "money")
    keeping.backup(workspace, "mum")
    return {"active": "dad", "running": "dad", "frozen": "mum", "backed": "mum", "pushed": "gains", "folded": "money"}


def start(workspace: Workspace, name: str) -> None:
    """Let one run, and wait until it answers."""
    instance = manifest.checked(workspace).find(name)
    assert instance
    supervisor_of(instance).start(workspace, instance)
    assert answering.answers(workspace, instance, 30).ok


def end(workspace: Workspace) -> None:
    """Stop whatever a command has started."""
    for instance in manifest.checked(workspace).instances:
        supervisor_of(instance).stop(workspace, instance)


def down(workspace: Workspace) -> None:
    """The sample's fleet, of which `gains` is frozen, and the others should run and do not."""
    sample.fill(workspace, Random(7))
    for row in queries.table(workspace):
        if row.name != "gains":
            record = recording(workspace, row.name)
            record.put(status=Status.ACTIVE)
            record.append("fleet.instance.reset", InstanceMoved(Status.ACTIVE))
