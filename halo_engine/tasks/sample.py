"""Two weeks of made-up work for the sample workspace, done through the same commands as real work."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from halo_engine import clock
from halo_engine.tasks import commands, queries
from halo_engine.tasks.editing import editing
from halo_engine.tasks.events import RunFinished, RunStarted
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import Kind, State, moves
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

DAYS = 14
TASKS = (
    ("Fix the deployment script", "deploy", 3),
    ("Rotate the bot tokens", "security", 3),
    ("Ask dad whether the briefing is too long", "dad", 1),
    ("Write up how to restore an instance", "docs", 1),
    ("Move ben to the new prompt", "ben", 2),
    ("Find out why mum's bot is silent on Sundays", "mum", 3),
    ("Renew the domain", "ops", 2),
    ("Try the smaller model for gains", "gains", 1),
    ("Clean up old session folders", "ops", 0),
    ("Answer the letter of the tax office", "money", 2),
    ("Teach the briefing about birthdays", "briefing", 1),
    ("Check the backup of the fleet by restoring it", "ops", 3),
    ("Raise ben's budget, or talk to him", "ben", 1),
    ("Review the governance block on medicine", "governance", 2),
    ("Throw out the notes nobody reads", "memory", 0),
    ("Order a second disk", "ops", 1),
    ("Let gains count in kilograms", "gains", 1),
    ("Explain the weekly report to mum", "mum", 1),
    ("Look into the slow start of ben's instance", "ben", 2),
    ("Write down who may read which memory", "governance", 2),
    ("Try a restore on the old laptop", "ops", 1),
    ("Shorten the morning message", "briefing", 2),
    ("Find the meeting notes dad asked for", "dad", 2),
    ("Pay the hosting for another year", "money", 3),
    ("Decide what to do with the money instance", "money", 0),
    ("Read what changed in the vendor's terms", "governance", 1),
    ("Give the fleet names that sort", "fleet", 0),
    ("Test what happens without a network", "ops", 2),
)
JOBS = (
    ("Back up the workspace", 'tar czf "$(mktemp -d)/halo.tgz" halo.yaml && echo backed up', "ops"),
    ("Check the disk", "df -h . && echo enough room", "ops"),
    ("Count yesterday's errors", "echo 3 errors, all of them mum", "logs"),
    ("Weekly research digest", "echo five articles", "research"),
    ("Compress old transcripts", "echo 1.2 GB saved", "ops"),
    ("Ping every instance", "echo dad ok; echo mum ok; echo gains frozen", "fleet"),
)
PLAN = """<plan>
  <goal>{title}</goal>
  <steps>
    <step n="1" output="a list of what is there">Look at what there is.</step>
    <step n="2" output="a draft" depends="1">Write the change, small and tested.</step>
    <step n="3" output="a report" depends="2">Say what was done and what was left.</step>
  </steps>
  <constraints><constraint>Nothing is deleted.</constraint></constraints>
  <success><criterion>The tests pass.</criterion></success>
</plan>
"""
AGENT_JOBS = (
    "Draft the governance block on money",
    "Sort the inbox of last week",
    "Summarise what ben asked this month",
)
NEW = 0.06
"""How likely something new comes up."""
RUN = 0.2
LIKELY = {"start": 3, "done": 2.5, "review": 2, "test": 1.5, "approve": 2, "retry": 1, "unblock": 1, "reopen": 0.5} | {
    "block": 0.8,
    "plan": 0.4,
    "reject": 0.4,
    "defer": 0.3,
    "cancel": 0.1,
}
"""Verb -> its weight among those that are allowed."""
OUTPUT = "started\nlooking around\n{command}\n{end}\n"
FAILURES = ((1, "connection refused"), (1, "no answer from the other side"), (2, "no space left on device"))
"""How a run may fail: its exit code, and the last line that it wrote."""


def fill(workspace: Workspace, random: Random) -> None:
    """Make the items, and let the two weeks until now happen to them."""
    now = clock.now().replace(microsecond=0)
    hours = sorted(random.uniform(2, DAYS * 24) for _ in range(len(TASKS) + len(JOBS) + len(AGENT_JOBS)))
    moments = iter([now - timedelta(hours=each) for each in reversed(hours)])
    for title, tag, priority in TASKS:
        with clock.held(next(moments)):
            days = random.choice([None, None, 3, 9, 16, 20])
            due = clock.stamp(clock.now() + timedelta(days=days)) if days else None
            commands.add(workspace, title, tags=(tag,), priority=priority, due=due)
    for title, command, tag in JOBS:
        with clock.held(next(moments)):
            commands.add(workspace, title, kind=Kind.JOB, command=command, tags=(tag,), retries=2)
    for title in AGENT_JOBS:
        with clock.held(next(moments)):
            commands.add(workspace, title, kind=Kind.AGENT_JOB, plan=PLAN.format(title=title), tags=("agent",))
    with clock.held(now - timedelta(hours=40)):
        commands.edit(workspace, "4", depends_on=("T-012",))
        commands.edit(workspace, "11", depends_on=("T-003", "T-004"))
    for moment in spread(random, now, len(TASKS) * 3):
        with clock.held(moment):
            step(workspace, random)
    with clock.held(now):
        loose_ends(workspace, random)


def loose_ends(workspace: Workspace, random: Random) -> None:
    """What every real list has: something blocked, something put off, a job that failed."""
    free = iter(queries.page(workspace, Filter(states=frozenset({State.OPEN}), kinds=frozenset({Kind.TASK})), 3)[0])
    for item in free:
        commands.start(workspace, item.id)
        commands.block(workspace, item.id, "Waiting on API credentials")
        break
    for item in free:
        moved(workspace, item, "defer", random)
    jobs, _ = queries.page(workspace, Filter(states=frozenset({State.OPEN}), kinds=frozenset({Kind.JOB})), 1)
    with clock.held(clock.now() - timedelta(minutes=2)):  # a run takes a minute and a half at the most
        for item in jobs:
            ran(workspace, item, random, failing=True)


def spread(random: Random, now: datetime, count: int) -> list[datetime]:
    """So many moments of the last day and a half, in order."""
    return sorted(now - timedelta(minutes=random.uniform(1, 36 * 60)) for _ in range(count))


def step(workspace: Workspace, random: Random) -> None:
    """One more thing happens: an item moves on, runs, or comes up."""
    items, _ = queries.page(workspace, Filter(sort="created"), 0)
    if not items or random.random() < NEW:
        title, tag, priority = random.choice(TASKS)
        commands.add(workspace, f"{title}, once more", tags=(tag,), priority=priority)
        return
    item = random.choice(items)
    if item.kind is Kind.JOB and item.state in {State.OPEN, State.RETRY}:
        if random.random() < RUN:
            ran(workspace, item, random)
        return
    allowed = [move.verb for move in moves(item.state, item.kind)]
    verb = random.choices(allowed, [LIKELY.get(each, 0) for each in allowed])[0]
    if LIKELY.get(verb, 0) > random.random() * 3:
        moved(workspace, item, verb, random)


def moved(workspace: Workspace, item: Item, verb: str, random: Random) -> None:
    """Make one move, with what it needs."""
    reasons = ("Waiting on API credentials", "Dad is on holiday", "Needs the new disk first")
    if verb == "defer":
        until = clock.stamp(clock.now() + timedelta(days=random.randrange(2, 9)))
        commands.defer(workspace, item.id, until)
    elif verb in {"block", "reject"}:
        commands.move(workspace, item.id, verb, reason=random.choice(reasons))
    elif verb in {"approve", "plan", "review"}:
        getattr(commands, verb)(workspace, item.id)
    else:
        commands.move(workspace, item.id, verb)


def ran(workspace: Workspace, item: Item, random: Random, *, failing: bool = False) -> None:
    """A job's run, as the runner would have recorded it."""
    attempt = item.attempts + 1
    run, seconds = f"{item.id}.{attempt}", random.uniform(0.4, 90)
    folder = f"logs/runs/{run}"
    started = clock.stamp()
    with editing(workspace, item.id) as edit:
        edit.record("task.run.started", RunStarted(run, attempt, item.state, "sample", started, folder))
    failed, peak = failing or random.random() < 0.3, random.randrange(4, 90) * 2**20
    code, end = random.choice(FAILURES) if failed else (0, "done")
    text = OUTPUT.format(command=item.command, end=end)
    (workspace.root / folder).mkdir(parents=True, exist_ok=True)
    (workspace.root / folder / "output.log").write_text(text, encoding="utf-8")
    with clock.held(clock.now() + timedelta(seconds=seconds)), editing(workspace, item.id) as edit:
        result = RunFinished(
            run=run,
            attempt=attempt,
            outcome="failed" if failed else "succeeded",
            to=State.FAILED if failed else State.DONE,
            started=started,
            duration=round(seconds, 3),
            folder=folder,
            exit_code=code,
            peak_memory=peak,
            output_bytes=len(text),
            tail=text,
            reason=f"exit code {code}" if failed else "",
        )
        edit.record("task.run.finished", result)
