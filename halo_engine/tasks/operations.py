"""What tasks brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

from random import Random

from halo_engine.console import counted, cut
from halo_engine.modules import Check, Level
from halo_engine.tasks import queries
from halo_engine.tasks.glyphs import words
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import State
from halo_engine.workspace import Workspace

PROJECTION = tasks
SHOWN = 3


def status(workspace: Workspace) -> list[Check]:
    """What of the work needs the operator."""
    counts = queries.counts(workspace)
    under_way = [State.IN_PROGRESS, State.RUNNING, State.REVIEW, State.TESTING, State.PLAN_REVIEW, State.BLOCKED]
    shown = [f"{counts[State.OPEN]} open", *(f"{counts[each]} {words(each)}" for each in under_way if counts[each])]
    checks = [Check("tasks", "ok", ", ".join(shown))]
    wants: tuple[tuple[State, Level, str], ...] = (
        (State.FAILED, "wrong", "nightctl log ITEM, then nightctl retry ITEM"),
        (State.BLOCKED, "note", "nightctl unblock ITEM"),
        (State.PLAN_REVIEW, "note", "nightctl approve ITEM"),
        (State.REVIEW, "note", "nightctl done ITEM, or reject"),
    )
    for state, level, hint in wants:
        if counts[state]:
            checks.append(Check(words(state), level, named(workspace, state, counts[state]), hint))
    if counts[State.RUNNING]:
        from halo_engine.tasks.night.recovery import abandoned

        left = ", ".join(item.id for item in abandoned(workspace))
        if left:
            checks.append(Check("runner", "wrong", f"{left}: running, but the runner is gone", "nightctl run"))
    late = queries.overdue(workspace)
    if late:
        checks.append(Check("overdue", "wrong", f"{counted(late, 'item')} past due", "nightctl list --due now"))
    return checks


def named(workspace: Workspace, state: State, count: int) -> str:
    """The first items in a state, with what is known why."""
    found, _ = queries.page(workspace, Filter(states=frozenset({state}), sort="changed"), SHOWN)
    said = [f"{item.id} {cut(item.title, 40)}" + f" ({cut(item.reason, 60)})" * bool(item.reason) for item in found]
    return "; ".join(said) + (f"; and {count - SHOWN} more" if count > SHOWN else "")


def doctor(workspace: Workspace) -> list[Check]:
    """Whether the runner could do its work."""
    from halo_engine.tasks.config import NightSettings

    settings = workspace.config(NightSettings, "nightctl.yaml")
    agent = settings.agent_command
    checks = [Check("nightctl.yaml", "ok", f"window {settings.window}, {settings.workers} at a time")]
    waiting = queries.counts(workspace)
    if agent is None and any(waiting.values()):
        checks.append(Check("agent", "note", "no agent_command: agent-jobs wait", "set agent_command in nightctl.yaml"))
    return checks


def demo(workspace: Workspace, random: Random) -> None:
    """Two weeks of made-up work."""
    from halo_engine.tasks.sample import fill

    fill(workspace, random)


def live(workspace: Workspace, random: Random) -> None:
    """One more thing that happens in the sample."""
    from halo_engine.tasks.sample import step

    step(workspace, random)
