"""Every action of the workstation, declared once. Keys (`keymap`), help, palette, hints and the diagram read this."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from halo_engine.tasks.states import OVER, PREVIOUS, TRANSITIONS, Move, State, find, moves

if TYPE_CHECKING:
    from halo_engine.tasks.store import Item


class Action(NamedTuple):
    """Something that a key does."""

    id: str
    """`item.block`: the group that it belongs to, and its own name."""
    name: str
    description: str
    method: str
    """The Textual action that does it, on the widget that has the group's keys."""
    command: str = ""
    """The command line that does the same, with `{item}` where the item's id goes."""
    dangerous: bool = False
    changes: bool = False
    """Cannot be done while the clock stands in the past."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


GROUPS = {
    "table": "Rows",
    "page": "Text",
    "tabs": "Sections",
    "board": "Board",
    "item": "Item",
    "tasks": "Tasks",
    "welcome": "To begin",
    "events": "Events",
    "logs": "Logs",
    "agents": "Agents",
    "moment": "The clock",
    "app": "Everywhere",
}

_VERBS = {
    "plan": ("Begin to plan it", "nightctl plan {item}"),
    "start": ("Take it in hand", "nightctl start {item}"),
    "review": ("Hand it in: a plan or work for review", "nightctl review {item}"),
    "approve": ("Accept the plan as it is now", "nightctl approve {item}"),
    "reject": ("Send it back, with what is wanted", "nightctl reject {item} --reason {reason}"),
    "test": ("It is ready to be tested", "nightctl test {item}"),
    "done": ("Finish it", "nightctl done {item}"),
    "block": ("Stop work on it, with the reason", "nightctl block {item} --reason {reason}"),
    "unblock": ("Go on where it was", "nightctl unblock {item}"),
    "defer": ("Put it off, until a day or until it is reopened", "nightctl defer {item} --until {until}"),
    "reopen": ("Bring it back, or give up planning", "nightctl reopen {item}"),
    "retry": ("Let the runner try it again", "nightctl retry {item}"),
    "cancel": ("Give it up", "nightctl cancel {item} --reason {reason}"),
}
VERBS = tuple(_VERBS)
"""The verbs of all moves that a person may make."""
WITH_REASON = frozenset({"block", "reject"})
"""Verbs that need a reason."""

ACTIONS = (
    Action("table.down", "down", "Next row", "move(1)"),
    Action("table.up", "up", "Row before", "move(-1)"),
    Action("table.page_down", "page down", "A page on", "page(1)"),
    Action("table.page_up", "page up", "A page back", "page(-1)"),
    Action("table.half_down", "half page down", "Half a page on", "page(0.5)"),
    Action("table.half_up", "half page up", "Half a page back", "page(-0.5)"),
    Action("table.first", "first", "First row", "first"),
    Action("table.last", "last", "Last row", "last"),
    Action("table.open", "open", "Open the row", "open"),
    Action("page.down", "down", "A line on", "scroll_by(1)"),
    Action("page.up", "up", "A line back", "scroll_by(-1)"),
    Action("page.page_down", "page down", "A page on", "scroll_pages(1)"),
    Action("page.page_up", "page up", "A page back", "scroll_pages(-1)"),
    Action("page.first", "top", "To the beginning", "scroll_home"),
    Action("page.last", "end", "To the end", "scroll_end"),
    Action("tabs.next", "next section", "Next section", "turn(1)"),
    Action("tabs.previous", "section before", "Section before", "turn(-1)"),
    Action("board.right", "right", "Next column", "step(1)"),
    Action("board.left", "left", "Column before", "step(-1)"),
    *(
        Action(f"item.{verb}", verb, text, f"item('{verb}')", command, dangerous=verb == "cancel", changes=True)
        for verb, (text, command) in _VERBS.items()
    ),
    Action("item.edit", "edit", "Change its fields", "edit_item", "nightctl edit {item}", changes=True),
    Action(
        "item.context",
        "context",
        "Its context in $EDITOR",
        "edit_context",
        "nightctl edit {item} --context {text}",
        changes=True,
    ),
    Action("item.note", "note", "Add a note", "note_item", "nightctl note {item} {text}", changes=True),
    Action(
        "item.run", "run now", "Run it now, whatever its window", "run_item", "nightctl run {item} --now", changes=True
    ),
    Action(
        "item.undo",
        "undo",
        "Take the last change back, of what you have just changed or of the selected item",
        "undo_item",
        "nightctl undo {item}",
        changes=True,
    ),
    Action("tasks.add", "add", "Add an item", "add_item", "nightctl add {title}", changes=True),
    Action("tasks.import", "import", "Import a task list", "import_items", "nightctl import {file}", changes=True),
    Action("tasks.filter", "filter", "Filter as you type", "filter", "nightctl list {filter}"),
    Action("tasks.view", "list or board", "List or board", "switch_view"),
    Action("tasks.sort", "sort", "Sort by the next field", "next_sort", "nightctl list --sort {sort}"),
    Action("welcome.add", "add", "Add the first item", "add_item", "nightctl add {title}", changes=True),
    Action("welcome.import", "import", "Import a task list", "import_items", "nightctl import {file}", changes=True),
    Action("welcome.sample", "sample", "Load the sample workspace", "sample", "halo-engine demo", changes=True),
    Action("events.filter", "filter", "Filter as you type", "filter", "halo-engine events list {filter}"),
    Action("events.follow", "follow", "Follow, or hold still", "follow", "halo-engine events tail"),
    Action("events.jump", "go to item", "Show the item that it happened to", "jump"),
    Action("logs.filter", "filter", "Filter as you type", "filter", "logctl search {filter}"),
    Action("logs.follow", "follow", "Follow, or hold still", "follow", "logctl tail -f"),
    Action("logs.next_source", "next log", "The next source", "turn(1)", "logctl sources"),
    Action("logs.previous_source", "log before", "The source before", "turn(-1)"),
    Action("logs.instance", "this instance", "Only the instance of this record, or all", "only_instance"),
    Action("logs.trace", "trace", "Everything with the trace id of this record", "trace", "logctl trace {id}"),
    Action("logs.mark", "mark", "Mark this line, or take the mark away", "mark"),
    Action("logs.next_mark", "next mark", "The next marked line", "to_mark(1)"),
    Action("logs.previous_mark", "mark before", "The marked line before", "to_mark(-1)"),
    Action("agents.filter", "filter", "Filter as you type", "filter", "agentctl sessions {filter}"),
    Action(
        "agents.ack",
        "acknowledge",
        "Say that you know of the alert",
        "ack",
        "agentctl ack {alert} --note {note}",
        changes=True,
    ),
    Action(
        "agents.mute",
        "mute",
        "Keep quiet about the alert",
        "mute",
        "agentctl mute {alert} --until {until}",
        changes=True,
    ),
    Action("agents.check", "check", "Look for sessions that go nowhere", "check", "agentctl spin-check", changes=True),
    Action("agents.ingest", "read", "Read what is new in transcripts", "ingest", "agentctl ingest", changes=True),
    Action("agents.transcript", "transcript", "The transcript in $PAGER", "transcript", "agentctl session {session}"),
    Action("moment.back", "back", "An event back", "step(-1)"),
    Action("moment.on", "on", "An event on", "step(1)"),
    Action("moment.back10", "10 back", "Ten events back", "step(-10)"),
    Action("moment.on10", "10 on", "Ten events on", "step(10)"),
    Action("moment.back100", "100 back", "A hundred events back", "step(-100)"),
    Action("moment.on100", "100 on", "A hundred events on", "step(100)"),
    Action("moment.first", "beginning", "The first event", "first"),
    Action("moment.last", "end", "The last event", "last"),
    Action("moment.time", "type a time", "Go to a time", "type_time"),
    Action("moment.now", "now", "Return to the present", "leave"),
    Action("app.tasks", "Tasks", "The Tasks screen", "page('tasks')"),
    Action("app.logs", "Logs", "The Logs screen", "page('logs')"),
    Action("app.agents", "Agents", "The Agents screen", "page('agents')"),
    Action("app.events", "Events", "The Events screen", "page('events')"),
    Action("app.moment", "move the clock", "See everything as it was", "time_travel"),
    Action("app.prompt", "command", "Any Halo command", "prompt"),
    Action("app.palette", "palette", "What can be done now", "command_palette"),
    Action("app.help", "keys", "The keys of this pane", "show_keys"),
    Action("app.history", "history", "The commands of this session", "show_history"),
    Action("app.copy", "copy", "Copy what is selected", "copy"),
    Action("app.zoom", "zoom", "This pane alone, or all", "zoom"),
    Action("app.next", "next pane", "Next pane", "app.focus_next"),
    Action("app.previous", "pane before", "Pane before", "app.focus_previous"),
    Action("app.theme", "theme", "Another theme", "next_theme"),
    Action("app.back", "back", "Back", "back"),
    Action("app.quit", "quit", "Leave the workstation", "quit"),
)
BY_ID = {action.id: action for action in ACTIONS}


def group(name: str) -> list[Action]:
    """The actions of one group."""
    return [action for action in ACTIONS if action.group == name]


def command_line(action: Action, **values: str) -> str:
    """The command line of an action, quoted for a shell; options without a value are left out."""
    from shlex import quote

    words = []
    for word in action.command.split():
        name = word.strip("{}")
        if word == name:
            words.append(word)
        elif values.get(name):
            words.append(quote(values[name]))
        elif words[-1].startswith("--"):
            words.pop()
    return " ".join(words)


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
    if action.changes and moment is not None:
        return f"this is the past, after event {moment}: nothing can be changed in it; esc returns to now"
    if action.group != "item":
        return ""
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
