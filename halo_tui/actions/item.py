"""What can be done with an item of the task list: the moves of its state machine, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_engine.tasks.states import OVER, PREVIOUS, TRANSITIONS, Move, State, find, moves
from halo_tui.actions.action import Action, command_line, frozen

if TYPE_CHECKING:
    from halo_engine.tasks.store import Item

GROUPS = {"item": "Item"}

_VERBS = {
    "plan": ("p", "Begin to plan it", "nightctl plan {item}"),
    "start": ("s", "Take it in hand", "nightctl start {item}"),
    "review": ("r", "Hand it in: a plan or work for review", "nightctl review {item}"),
    "approve": ("plus", "Accept the plan as it is now", "nightctl approve {item}"),
    "reject": ("minus", "Send it back, with what is wanted", "nightctl reject {item} --reason {reason}"),
    "test": ("T", "It is ready to be tested", "nightctl test {item}"),
    "done": ("d", "Finish it", "nightctl done {item}"),
    "block": ("b", "Stop work on it, with the reason", "nightctl block {item} --reason {reason}"),
    "unblock": ("B", "Go on where it was", "nightctl unblock {item}"),
    "defer": ("f", "Put it off, until a day or until it is reopened", "nightctl defer {item} --until {until}"),
    "reopen": ("o", "Bring it back, or give up planning", "nightctl reopen {item}"),
    "retry": ("R", "Let the runner try it again", "nightctl retry {item}"),
    "cancel": ("x", "Give it up", "nightctl cancel {item} --reason {reason}"),
}
VERBS = tuple(_VERBS)
"""The verbs of all moves that a person may make."""
WITH_REASON = frozenset({"block", "reject"})
"""Verbs that need a reason."""

ACTIONS = (
    *(
        Action(f"item.{verb}", key, verb, text, f"item('{verb}')", command, dangerous=verb == "cancel", changes=True)
        for verb, (key, text, command) in _VERBS.items()
    ),
    Action("item.edit", "e", "edit", "Change its fields", "edit_item", "nightctl edit {item}", changes=True),
    Action(
        "item.context",
        "E",
        "context",
        "Its context in $EDITOR",
        "edit_context",
        "nightctl edit {item} --context {text}",
        changes=True,
    ),
    Action("item.note", "n", "note", "Add a note", "note_item", "nightctl note {item} {text}", changes=True),
    Action(
        "item.run",
        "exclamation_mark",
        "run now",
        "Run it now, whatever its window",
        "run_item",
        "nightctl run {item} --now",
        changes=True,
    ),
    Action(
        "item.undo",
        "u",
        "undo",
        "Take the last change back, of what you have just changed or of the selected item",
        "undo_item",
        "nightctl undo {item}",
        changes=True,
    ),
)


def sample(action: Action, item: Item | None) -> str:
    """The command line of an action, with words in capitals for what is still to be given."""
    names = (word.strip("{}") for word in action.command.split() if word.startswith("{"))
    values = {name: name.upper() for name in names}
    return command_line(action, **values | ({"item": item.id} if item else {}))


def legal(item: Item) -> list[tuple[Move, State]]:
    """A person's moves from where the item is, each with the state that it leads to."""
    return [
        (move, (item.previous or State.IN_PROGRESS) if move.to is PREVIOUS else move.to)
        for move in moves(item.state, item.kind)
    ]


def refusal(action: Action, item: Item | None, moment: int | None) -> str:
    """Why an action cannot be done now; empty when it can."""
    past = frozen(action, moment)
    if past or action.group != "item":
        return past
    if item is None:
        return "no item is selected"
    if action.name in _VERBS:
        return _not_a_move(item, action.name)
    if action.id == "item.run" and item.kind == "task":
        return f"{item.id} is a task: a person does it, the runner does not"
    if action.id in {"item.edit", "item.context"} and item.state == "running":
        return f"{item.id} is running; it can be edited when it is over"
    return ""


def _not_a_move(item: Item, verb: str) -> str:
    if find(item.state, item.kind, verb):
        return ""
    state = item.state.replace("_", " ")
    if item.state in OVER:
        return f"{item.id} is {state}: nothing leads out of that but undo"
    allowed = ", ".join(move.verb for move, _ in legal(item))
    taken = any(move.verb == verb for move in TRANSITIONS[item.state])
    why = f"not for a {item.kind}" if taken else f"{item.id} is {state}"
    return f"{verb} is not allowed now: {why}; allowed: {allowed}"
