"""Made-up sessions for the sample workspace, in our own format and read like real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import msgspec

from halo_engine import clock
from halo_engine.agents.ingest import ingest
from halo_engine.agents.records import AnyRecord, Call, Change, Prompt, Result, Said, Spent, Tokens
from halo_engine.workspace import Workspace

DAYS = 14
SESSIONS = 24
INSTANCES = ("dad", "mum", "ben", "gains")
MODELS = ("claude-sonnet-5-5", "claude-haiku-4-5", "claude-opus-5-5")
ASKED = (
    "What is on my calendar tomorrow?",
    "Please add eggs to the list",
    "Summarise the letter from the tax office",
    "How far did I run this month?",
    "Find a train to Riga on Friday",
    "Rewrite the birthday speech, shorter",
)
TOOLS = (("read_file", "notes/today.md"), ("search", "trains to Riga"), ("edit_file", "lists/shopping.md"))


def fill(workspace: Workspace, random: Random) -> None:
    """Write two weeks of sessions and read them in."""
    now = clock.now().replace(microsecond=0)
    for number in range(SESSIONS):
        start = now - timedelta(hours=random.uniform(1, DAYS * 24))
        instance = INSTANCES[number % len(INSTANCES)]
        write(workspace, instance, f"demo-{number + 1:02}", list(session(random, start, random.randrange(2, 12))))
    ingest(workspace, [folder(workspace)])


def step(workspace: Workspace, random: Random) -> None:
    """One more question to the session that an instance has today."""
    if random.random() < 0.8:
        return
    instance = random.choice(INSTANCES)
    name = f"demo-{instance}-{clock.stamp()[:10]}"
    write(workspace, instance, name, list(session(random, clock.now() - timedelta(minutes=1), 1)))
    ingest(workspace, [folder(workspace)])


def folder(workspace: Workspace) -> Path:
    return workspace.logs / "sessions"


def write(workspace: Workspace, instance: str, name: str, records: list[AnyRecord]) -> None:
    """Add records to a session's file, after its first line."""
    path = folder(workspace) / instance / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"type": "session", "session": name, "instance": instance, "cwd": f"/srv/halo/{instance}"}
    lines = [] if path.exists() else [msgspec.json.encode(head)]
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in [*lines, *map(msgspec.json.encode, records)])


def session(random: Random, start: datetime, turns: int) -> Iterator[AnyRecord]:
    """A conversation: questions, now and then a tool, an answer to each."""
    now, cached, model = start, 9_000, random.choice(MODELS)
    for turn in range(turns):
        now += timedelta(seconds=random.uniform(20, 400))
        yield Prompt(time=clock.stamp(now), text=random.choice(ASKED))
        call = f"call-{random.getrandbits(32):08x}"
        if random.random() < 0.6:
            tool, path = random.choice(TOOLS)
            yield Call(time=clock.stamp(now), id=call, tool=tool, arguments={"path": path}, message=call)
            changes = (Change(path, (), ("eggs",)),) if tool == "edit_file" else ()
            now += timedelta(seconds=random.uniform(0.2, 4))
            yield Result(time=clock.stamp(now), call=call, text="done", changes=changes)
        now += timedelta(seconds=random.uniform(2, 20))
        yield Said(time=clock.stamp(now), text="Done. Anything else?", message=call)
        new = random.randrange(200, 3_000)
        tokens = Tokens(
            input=random.randrange(4, 40), output=random.randrange(40, 900), cache_read=cached, cache_write_5m=new
        )
        yield Spent(time=clock.stamp(now), message=call, model=model, tokens=tokens)
        cached += new * (turn % 9 != 8)
