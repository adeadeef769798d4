"""What can be done on the Memory screen."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"memory": "Memory", "graph": "Graph"}

ACTIONS = (
    Action("memory.filter", "slash", "search", "Search as you type", "filter", "memctl search {filter}"),
    Action(
        "memory.accept",
        "a",
        "accept",
        "Accept the proposed link",
        "accept",
        "memctl enrich {note} --accept {other}",
        changes=True,
    ),
    Action(
        "memory.refuse",
        "x",
        "refuse",
        "Refuse the proposed link, for ever",
        "refuse",
        "memctl enrich {note} --refuse {other}",
        changes=True,
    ),
    Action("memory.next_proposal", "n", "next proposal", "The next proposed link", "choose(1)"),
    Action("memory.previous_proposal", "N", "proposal before", "The proposed link before", "choose(-1)"),
    Action("memory.edit", "e", "edit", "Edit the note in $EDITOR", "edit", changes=True),
    Action(
        "memory.undo", "u", "undo", "Take back the last change of the note", "undo", "memctl undo {note}", changes=True
    ),
    Action("graph.right", "right,l", "right", "Walk to the note on the right", "walk(1, 0)"),
    Action("graph.left", "left,h", "left", "Walk to the note on the left", "walk(-1, 0)"),
    Action("graph.down", "down,j", "down", "Walk to the note below", "walk(0, 1)"),
    Action("graph.up", "up,k", "up", "Walk to the note above", "walk(0, -1)"),
    Action("graph.closer", "plus,equals_sign", "closer", "See less, and larger", "zoom(1)"),
    Action("graph.farther", "minus", "farther", "See more, and smaller", "zoom(-1)"),
    Action("graph.fit", "f", "fit", "Everything back into the middle", "fit"),
    Action("graph.back", "backspace", "back", "The note that was focused before", "back"),
)
