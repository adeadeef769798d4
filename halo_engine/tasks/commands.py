"""The write side: one function a verb, the same name as on the command line.

Each takes the workspace and an item's id as people write it, appends what happened, and returns the item as it is then.
A verb whose effect is there already appends nothing and says so. All raise NotFound for an unknown item and
NotAllowed, listing what is allowed, for a move that is not in the table.
"""

from __future__ import annotations

from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import Conflict, NotAllowed, Unavailable, Usage
from halo_engine.events.model import New
from halo_engine.tasks import queries
from halo_engine.tasks.checks import check, checked_key, checked_reason, checked_text, checked_title
from halo_engine.tasks.editing import Changed, Editing, editing, written
from halo_engine.tasks.events import KeyTaken, PlanWritten, TaskAdded, TaskEdited, TaskMoved, TaskNoted
from halo_engine.tasks.states import Kind, State, states_of
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

ATTEMPTS = 100
"""How often `add` tries the next free number when others add at the same moment."""
EDITABLE = frozenset(
    {"title", "kind", "priority", "tags", "due", "context", "command", "depends_on", "window", "timeout", "retries"}
)


def add(workspace: Workspace, title: str, *, plan: str | None = None, **fields: Any) -> Changed:
    """Make an item; `fields` are those of `TaskAdded`. With a `key` that was used before, the item it made.

    A plan is handed in with it. Raises Usage for a bad field, NotFound for an unknown dependency, BadData for a plan
    with faults.
    """
    if fields.get("defer_until") and fields["defer_until"] > clock.stamp():
        fields["state"] = State.DEFERRED
    data = TaskAdded(title=checked_title(title), key=checked_key(fields.pop("key", None)), **fields)
    check(workspace, data, itself=None)
    for _ in range(ATTEMPTS):
        taken = queries.by_key(workspace, data.key) if data.key else None
        if taken:
            return Changed(taken, [], f"{taken.id} has that key already")
        item_id = queries.name(queries.last_number(workspace) + 1)
        item = Editing.beginning(item_id, "task.item.added", data)
        if plan is not None:
            hand_in(item, plan)
        keyed = [New(f"task-key/{data.key}", "task.key.taken", KeyTaken(item_id), expected=0)] if data.key else []
        try:
            return written(workspace, None, workspace.log.append([*item.new, *keyed])[: len(item.new)])
        except Conflict:
            continue
    raise Conflict("too many others are adding items at this moment", "repeat the command")


def edit(workspace: Workspace, item_id: str, **changes: Any) -> Changed:
    """Change fields (those of `EDITABLE`) of an item.

    Raises Usage for a bad value, NotFound for an unknown dependency, NotAllowed while it runs.
    """
    if changes.keys() - EDITABLE:
        raise Usage(f"cannot edit {', '.join(sorted(changes.keys() - EDITABLE))}")
    if "title" in changes:
        changes["title"] = checked_title(changes["title"])
    for name in {"tags", "depends_on"} & changes.keys():
        changes[name] = tuple(changes[name])
    with editing(workspace, item_id) as item:
        if item.row.state is State.RUNNING:
            raise NotAllowed(
                f"{item.row.id} is running; it can be edited when it is over", f"nightctl cancel {item.row.id}"
            )
        differing = {name: value for name, value in changes.items() if getattr(item.row, name) != value}
        after = item.row.with_(**differing)
        if after.state not in states_of(after.kind):
            raise NotAllowed(f"{after.id} is {after.state}, which a {after.kind} never is", f"nightctl show {after.id}")
        check(workspace, after, itself=item.row)
        if differing:
            item.record("task.item.edited", TaskEdited(msgspec.to_builtins(differing)))
        else:
            item.already("is so already")
    return item.changed


def move(workspace: Workspace, item_id: str, verb: str, *, reason: str = "", until: Timestamp | None = None) -> Changed:
    """Any move of the table that a person may make, by its verb."""
    checked_text(reason, "reason")
    with editing(workspace, item_id) as item:
        item.move(verb, reason=reason, until=until)
    return item.changed


def start(workspace: Workspace, item_id: str) -> Changed:
    """Take an item in hand; the runner leaves it alone."""
    return move(workspace, item_id, "start")


def block(workspace: Workspace, item_id: str, reason: str) -> Changed:
    """Stop work on an item until `unblock`."""
    return move(workspace, item_id, "block", reason=checked_reason(reason))


def unblock(workspace: Workspace, item_id: str) -> Changed:
    """Go on in the state that it came from."""
    with editing(workspace, item_id) as item:
        if item.row.state is State.IN_PROGRESS:
            item.already("is not blocked")
        else:
            item.move("unblock")
    return item.changed


def review(workspace: Workspace, item_id: str) -> Changed:
    """Hand in: a plan for its review, work for its review. An agent-job's plan must be valid."""
    with editing(workspace, item_id) as item:
        if item.row.state is State.PLANNING and item.row.kind is Kind.AGENT_JOB:
            valid_plan(workspace, item.row)
        item.move("review")
    return item.changed


def approve(workspace: Workspace, item_id: str) -> Changed:
    """Accept the plan as it is now; one changed later does not run.

    Approving again, after the plan of an item in progress was changed, accepts the change. Raises BadData with all
    faults when an agent-job's plan is not valid.
    """
    with editing(workspace, item_id) as item:
        judged = item.row.kind is Kind.AGENT_JOB and item.row.state in {State.PLAN_REVIEW, State.IN_PROGRESS}
        plan = valid_plan(workspace, item.row) if judged else item.row.plan_hash
        if item.row.state is State.IN_PROGRESS and plan != item.row.approved_hash:
            moved = TaskMoved(State.IN_PROGRESS, State.IN_PROGRESS, plan_hash=plan)
            item.record("task.item.approved", moved)
        else:
            item.move("approve", plan_hash=plan)
    return item.changed


def reject(workspace: Workspace, item_id: str, reason: str) -> Changed:
    """Send back: a plan to planning, work to progress, with what is wanted."""
    return move(workspace, item_id, "reject", reason=checked_reason(reason))


def test(workspace: Workspace, item_id: str) -> Changed:
    """Work is ready to be tested."""
    return move(workspace, item_id, "test")


def done(workspace: Workspace, item_id: str) -> Changed:
    """Finish an item."""
    return move(workspace, item_id, "done")


def defer(workspace: Workspace, item_id: str, until: Timestamp | None = None) -> Changed:
    """Put an item off: until a moment, when it opens by itself, or until `reopen`."""
    return move(workspace, item_id, "defer", until=until)


def reopen(workspace: Workspace, item_id: str) -> Changed:
    """Bring back what was deferred, or give up planning."""
    return move(workspace, item_id, "reopen")


def cancel(workspace: Workspace, item_id: str, reason: str = "") -> Changed:
    """Give an item up. One that runs is ended by its runner."""
    return move(workspace, item_id, "cancel", reason=reason)


def retry(workspace: Workspace, item_id: str) -> Changed:
    """Let the runner try a failed item again, in its window."""
    return move(workspace, item_id, "retry")


def plan(workspace: Workspace, item_id: str, xml: str | None = None) -> Changed:
    """Begin planning; with a plan's text, keep it and hand it in for review.

    Raises BadData, listing all faults with their lines, when the text is no valid plan; the item stays as it was.
    """
    with editing(workspace, item_id) as item:
        if item.row.state not in {State.PLANNING, State.PLAN_REVIEW, State.IN_PROGRESS} or xml is None:
            item.move("plan")
        if xml is not None:
            hand_in(item, xml)
        if not item.new:
            item.already(f"is {item.row.state} with this plan already" if xml else f"is {item.row.state} already")
    return item.changed


def hand_in(item: Editing, xml: str) -> None:
    """Keep a plan, if it is another than the one that is there, and hand it in.

    Raises BadData with all its faults.
    """
    from halo_engine.tasks.planning import plans

    plans.parse(xml)
    if item.row.state is State.OPEN:
        item.move("plan")
    if plans.digest(xml) != item.row.plan_hash:
        item.record("task.item.plan_written", PlanWritten(xml, plans.digest(xml)))
    if item.row.state is State.PLANNING:
        item.move("review")


def note(workspace: Workspace, item_id: str, text: str) -> Changed:
    """Add a note to an item."""
    with editing(workspace, item_id) as item:
        item.record("task.item.noted", TaskNoted(checked_text(text, "note")))
    return item.changed


def wake(workspace: Workspace) -> list[Item]:
    """Open what was deferred until a moment that has passed. Called by whatever shows or runs items.

    Where nothing can be written it stays deferred.
    """
    if workspace.moment is not None or workspace.dry_run:
        return []
    woken = []
    for row in queries.overslept(workspace):
        try:
            woken.append(move(workspace, row.id, "reopen", reason="its date has come").item)
        except NotAllowed:  # somebody was faster
            continue
        except Unavailable:
            break
    return woken


def valid_plan(workspace: Workspace, item: Item) -> str:
    """The hash of the item's plan, which is there and valid.

    Raises NotAllowed without a plan, BadData with all faults.
    """
    from halo_engine.tasks.planning import plans

    row = queries.plan(workspace, item.id)
    if row is None:
        raise NotAllowed(f"{item.id} has no plan yet", f"nightctl plan {item.id} --from FILE")
    plans.parse(row.xml)
    return row.hash
