"""What can be done on the Logs screen."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"logs": "Logs"}

ACTIONS = (
    Action("logs.filter", "slash", "filter", "Filter as you type", "filter", "logctl search {filter}"),
    Action("logs.follow", "f", "follow", "Follow, or hold still", "follow", "logctl tail -f"),
    Action("logs.next_source", "right,l", "next log", "The next source", "turn(1)", "logctl sources"),
    Action("logs.previous_source", "left,h", "log before", "The source before", "turn(-1)"),
    Action("logs.instance", "i", "this instance", "Only the instance of this record, or all", "only_instance"),
    Action("logs.trace", "T", "trace", "Everything with the trace id of this record", "trace", "logctl trace {id}"),
    Action("logs.mark", "m", "mark", "Mark this line, or take the mark away", "mark"),
    Action("logs.next_mark", "n", "next mark", "The next marked line", "to_mark(1)"),
    Action("logs.previous_mark", "N", "mark before", "The marked line before", "to_mark(-1)"),
)
