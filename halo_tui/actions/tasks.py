"""What can be done on the Tasks screen, besides what can be done with an item."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"board": "Board", "tasks": "Tasks", "welcome": "To begin"}

ACTIONS = (
    Action("board.right", "right,l", "right", "Next column", "step(1)"),
    Action("board.left", "left,h", "left", "Column before", "step(-1)"),
    Action("tasks.add", "a", "add", "Add an item", "add_item", "nightctl add {title}", changes=True),
    Action("tasks.import", "I", "import", "Import a task list", "import_items", "nightctl import {file}", changes=True),
    Action("tasks.filter", "slash", "filter", "Filter as you type", "filter", "nightctl list {filter}"),
    Action("tasks.view", "v", "list or board", "List or board", "switch_view"),
    Action("tasks.sort", "S", "sort", "Sort by the next field", "next_sort", "nightctl list --sort {sort}"),
    Action("welcome.add", "a", "add", "Add the first item", "add_item", "nightctl add {title}", changes=True),
    Action(
        "welcome.import", "i", "import", "Import a task list", "import_items", "nightctl import {file}", changes=True
    ),
    Action("welcome.sample", "s", "sample", "Load the sample workspace", "sample", "halo-engine demo", changes=True),
)
