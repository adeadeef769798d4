"""A fleet of 5 and one of 200 that run: `list`, `status`, and a push to everybody."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec

from benchmarks.measure import BIN, Figure, child, median, mib, ms, scratch, turns, under
from halo_engine.fleet import manifest
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.conversing.answering import answers
from halo_engine.fleet.events import InstanceBegun, InstanceCreated, StepDone
from halo_engine.fleet.files import trees
from halo_engine.fleet.instance import Instance, Status
from halo_engine.fleet.provisioning.plan import PORTS, Wanted, asked, planned
from halo_engine.fleet.provisioning.steps import STEPS
from halo_engine.fleet.recording import recording
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.fleet.syncing import sync
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
    """Quickly: of the 200 only 20 run. Each needs some 28 MiB."""
    rounds, running = (3, 20) if quick else (9, MANY)
    with scratch() as folder:
        few, many = made(folder, FEW), made(folder, MANY)
        try:
            started(few, FEW)
            started(many, running)
            return [*_tables(few, many, rounds), *_push(many, running)]
        finally:
            for place in (few, many):
                ended(place)


def started(workspace: Workspace, count: int) -> None:
    """Let the first so many run, and wait until each answers."""
    text = manifest.path(workspace).read_text(encoding="utf-8")
    manifest.path(workspace).write_text(text.replace("status: frozen", "status: active", count), encoding="utf-8")
    sync(workspace)
    active = [each for each in manifest.checked(workspace).instances if each.status is Status.ACTIVE]
    for instance in active:
        supervisor_of(instance).start(workspace, instance)
    for instance in active:
        assert answers(workspace, instance, 120).ok, instance.name


def ended(workspace: Workspace) -> None:
    for instance in manifest.checked(workspace).instances:
        supervisor_of(instance).stop(workspace, instance)
    trees.erase(workspace.root / "fleet")


def _tables(few: Workspace, many: Workspace, rounds: int) -> list[Figure]:
    figures = []
    for words in (("fleet", "list"), ("fleet", "status"), ("status",)):
        for place in (few, many):
            seconds(place, *words)
        small, large = turns(rounds, partial(seconds, few, *words), partial(seconds, many, *words))
        limit = FACTOR * median(small) + EACH * MANY
        said = f"{' '.join(words)}, {MANY} instances, beside {FEW}"
        figures.append(under(said, median(large), limit, ms, peer=ms(median(small))))
    return figures


def _push(workspace: Workspace, running: int) -> list[Figure]:
    """A new personality, brought to everybody who runs: how long for each, and how much is held."""
    place = workspace.root / "personalities"
    place.mkdir()
    (place / "dad.yaml").write_text("name: dad\ndisplay_name: Papa\ndimensions: {brevity: 9}\n", encoding="utf-8")
    ran = child([BIN / "halo-engine", "fleet", "push", "--all", "--workspace", workspace.root])
    done = [each for each in manifest.checked(workspace).instances if each.template and each.template.version == 2]
    assert len(done) == running, f"{len(done)} of {running} were pushed"
    return [
        Figure(f"push --all, {running} running instances", f"{ran.seconds / running:.2f} s an instance"),
        under("memory of that push", ran.peak, MEMORY, mib),
    ]
