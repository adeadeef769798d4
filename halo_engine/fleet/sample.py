"""Five instances for the sample workspace: their folders are real and locked. None of them runs, so all are frozen;
`halctl reset` starts one.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import msgspec

from halo_engine import clock
from halo_engine.fleet import manifest, queries
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.events import InstanceBegun, InstanceCreated, InstanceMoved, StepDone
from halo_engine.fleet.governing import drifting
from halo_engine.fleet.instance import Instance, Status, layout
from halo_engine.fleet.presence.vitals import Vitals
from halo_engine.fleet.provisioning.plan import PORTS, Plan, Wanted, asked, planned
from halo_engine.fleet.provisioning.steps import STEPS
from halo_engine.fleet.recording import Recording, recording
from halo_engine.workspace import Workspace, replace

SAMPLE = (
    Wanted("ben", personality="default", services=("gh",)),
    Wanted("dad", personality="dad"),
    Wanted("mum", personality="mum", budget=2.0),
    Wanted("gains", personality="coach", budget=1.0),
    Wanted("money", personality="clerk", services=("calendar",)),
)
LONG_FROZEN = "gains"
AT_REST = "stopped: nothing of a sample runs until `halctl reset` starts it"
NOTES = (
    "Birthdays are kept in the kitchen calendar, not on the phone",
    "Prefers plain text to lists",
    "The car goes to Liepins for its service, each March",
    "Calls on Sundays after six",
    "Does not want reminders before eight in the morning",
    "The doctor's number is on the fridge",
)


def fill(workspace: Workspace, random: Random) -> None:
    """Make them, a few days apart; one was frozen days ago, the others after what they did last."""
    now = clock.now()
    for number, wanted in enumerate(SAMPLE):
        with clock.held(now - timedelta(days=20 - 3 * number, minutes=random.randrange(600))):
            record = made(workspace, wanted, number)
        _notes(workspace, record.instance, random)
        lately = timedelta(minutes=random.randrange(20, 600) / 4)
        since = now - (timedelta(days=3) if wanted.name == LONG_FROZEN else lately)
        with clock.held(since):
            _last_said(workspace, record.instance, random)
            record.put(status=Status.FROZEN)
            record.append("fleet.instance.frozen", InstanceMoved(Status.FROZEN, AT_REST))


def made(workspace: Workspace, wanted: Wanted, number: int) -> Recording:
    """All steps but the last: nobody is started."""
    first = fleet_settings(workspace).first_port + len(PORTS) * number
    ports = {name: first + place for place, name in enumerate(PORTS)}
    instance = msgspec.structs.replace(asked(workspace, wanted), ports=ports)
    record = recording(workspace, wanted.name)
    record.append("fleet.instance.begun", InstanceBegun(msgspec.to_builtins(instance)))
    plan: Plan = planned(workspace, instance)
    for step in STEPS[:-1]:
        record.append("fleet.step.done", StepDone(step.name, step.do(plan, record)))
    record.append("fleet.step.done", StepDone(STEPS[-1].name, "answered after 0.8 s: ready"))
    record.append("fleet.instance.created", InstanceCreated("ready", 2.1))
    return record


def _notes(workspace: Workspace, instance: Instance, random: Random) -> None:
    place = planned(workspace, instance).layout.notes
    for number, text in enumerate(random.sample(NOTES, random.randrange(2, len(NOTES))), 1):
        (place / f"note-{number}.md").write_text(f"# {text}\n", encoding="utf-8")


def _last_said(workspace: Workspace, instance: Instance, random: Random) -> None:
    """What it would have left when it was stopped: when somebody wrote last, and what the day has cost."""
    beat = clock.now()
    wrote = clock.stamp(beat - timedelta(minutes=random.randrange(1, 90)))
    tokens = random.randrange(2_000, 60_000)
    said = Vitals(
        name=instance.name,
        pid=0,
        identity="of the sample",
        started=instance.created,
        beat=clock.stamp(beat),
        chats=1,
        last_message=wrote,
        day=queries.today(workspace, instance),
        tokens=tokens,
        cost=round(tokens * 4e-6, 4),
    )
    replace(layout(workspace, instance).vitals, msgspec.json.encode(said).decode())


def step(workspace: Workspace, random: Random) -> None:
    """Now and then the governance of one is verified."""
    found = manifest.checked(workspace).instances
    if found and random.random() < 0.1:
        drifting.verify(workspace, random.choice(found).name)
