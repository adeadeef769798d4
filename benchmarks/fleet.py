"""A fleet of 5 and one of 200: `list`, `status`, and a push to all of them; nobody of them runs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.measure import BIN, Figure, child, median, mib, ms, scratch, under
from halo_engine.fleet import manifest, trees
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.events import InstanceBegun, InstanceCreated, StepDone
from halo_engine.fleet.instance import Instance, Status
from halo_engine.fleet.provisioning.plan import PORTS, Wanted, asked, planned
from halo_engine.fleet.provisioning.steps import STEPS
from halo_engine.fleet.recording import recording
from halo_engine.workspace import Workspace

FEW, MANY = 5, 200
FACTOR, EACH = 1.5, 0.001
"""The bar: many may take so many times as long as few, and so many seconds more for each instance."""
MEMORY = 200 * 2**20
"""Bytes that a push to all may hold."""


def made(folder: Path, count: int) -> Workspace:
    """A workspace with so many frozen instances, their folders governed; the entries are written in one go."""
    workspace = Workspace(folder / f"fleet-{count}")
    workspace.create()
    (workspace.root / "halctl.yaml").write_text("first_port: 20000\nlast_port: 30000\n", encoding="utf-8")
    manifest.put(workspace, *(_one(workspace, number) for number in range(count)))
    return workspace


def _one(workspace: Workspace, number: int) -> Instance:
    first = fleet_settings(workspace).first_port + len(PORTS) * number
    ports = {name: first + place for place, name in enumerate(PORTS)}
    wanted = asked(workspace, Wanted(f"i{number:03}", personality="dad"))
    record = recording(workspace, wanted.name)
    instance = msgspec.structs.replace(wanted, ports=ports, status=Status.FROZEN)
    record.append("fleet.instance.begun", InstanceBegun(msgspec.to_builtins(instance)))
    plan = planned(workspace, instance)
    for step in STEPS:
        if step.name not in {"enlist", "start"}:
            record.append("fleet.step.done", StepDone(step.name, step.do(plan, record)))
    record.append("fleet.instance.created", InstanceCreated())
    return msgspec.structs.replace(record.instance, status=Status.FROZEN)


def seconds(workspace: Workspace, *words: str) -> float:
    return child([BIN / "halo-engine", *words, "--json", "--workspace", workspace.root]).seconds


def run(*, quick: bool) -> list[Figure]:
    rounds = 3 if quick else 9
    figures = []
    with scratch() as folder:
        few, many = made(folder, FEW), made(folder, MANY)
        for words in (("fleet", "list"), ("status",)):
            for place in (few, many):
                seconds(place, *words)
            small = median([seconds(few, *words) for _ in range(rounds)])
            large = median([seconds(many, *words) for _ in range(rounds)])
            limit = FACTOR * small + EACH * MANY
            said = f"{' '.join(words)}, {MANY} instances, beside {FEW}"
            figures.append(under(said, large, limit, ms, peer=ms(small)))
        figures += _push(many)
        for place in (few, many):
            trees.erase(place.root / "fleet")
    return figures


def _push(workspace: Workspace) -> list[Figure]:
    """A new template, brought to everybody: how long for each, and how much is held."""
    place = workspace.root / "personalities"
    place.mkdir()
    (place / "dad.yaml").write_text("name: dad\ndisplay_name: Papa\ndimensions: {brevity: 9}\n", encoding="utf-8")
    text = manifest.path(workspace).read_text(encoding="utf-8").replace("status: frozen", "status: active")
    manifest.path(workspace).write_text(text, encoding="utf-8")
    command: list[str | Path] = [
        BIN / "halo-engine",
        "fleet",
        "push",
        "--all",
        "--dry-run",
        "--workspace",
        workspace.root,
    ]
    ran = child(command)
    return [
        Figure(f"push --all --dry-run, {MANY} instances", f"{ran.seconds / MANY * 1000:.1f} ms an instance"),
        under("memory of that push", ran.peak, MEMORY, mib),
    ]
