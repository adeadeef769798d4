"""What can be done on every screen: move about, move the clock, go elsewhere."""

from __future__ import annotations

from halo_tui.actions.action import Action
from halo_tui.screens import PAGES

GROUPS = {"table": "Rows", "page": "Text", "tabs": "Sections", "moment": "The clock", "app": "Everywhere"}

ACTIONS = (
    Action("table.down", "down,j", "down", "Next row", "move(1)"),
    Action("table.up", "up,k", "up", "Row before", "move(-1)"),
    Action("table.page_down", "pagedown,ctrl+f", "page down", "A page on", "page(1)"),
    Action("table.page_up", "pageup,ctrl+b", "page up", "A page back", "page(-1)"),
    Action("table.half_down", "ctrl+d", "half page down", "Half a page on", "page(0.5)"),
    Action("table.half_up", "ctrl+u", "half page up", "Half a page back", "page(-0.5)"),
    Action("table.first", "home,g", "first", "First row", "first"),
    Action("table.last", "end,G", "last", "Last row", "last"),
    Action("table.open", "enter", "open", "Open the row", "open"),
    Action("page.down", "down,j", "down", "A line on", "scroll_by(1)"),
    Action("page.up", "up,k", "up", "A line back", "scroll_by(-1)"),
    Action("page.page_down", "pagedown,ctrl+f,space", "page down", "A page on", "scroll_pages(1)"),
    Action("page.page_up", "pageup,ctrl+b", "page up", "A page back", "scroll_pages(-1)"),
    Action("page.first", "home,g", "top", "To the beginning", "scroll_home"),
    Action("page.last", "end,G", "end", "To the end", "scroll_end"),
    Action("tabs.next", "right,l", "next section", "Next section", "turn(1)"),
    Action("tabs.previous", "left,h", "section before", "Section before", "turn(-1)"),
    Action("moment.back", "left,h", "back", "An event back", "step(-1)"),
    Action("moment.on", "right,l", "on", "An event on", "step(1)"),
    Action("moment.back10", "shift+left,H", "10 back", "Ten events back", "step(-10)"),
    Action("moment.on10", "shift+right,L", "10 on", "Ten events on", "step(10)"),
    Action("moment.back100", "pageup", "100 back", "A hundred events back", "step(-100)"),
    Action("moment.on100", "pagedown", "100 on", "A hundred events on", "step(100)"),
    Action("moment.first", "home,g", "beginning", "The first event", "first"),
    Action("moment.last", "end,G", "end", "The last event", "last"),
    Action("moment.time", "slash,t", "type a time", "Go to a time", "type_time"),
    Action("moment.now", "escape", "now", "Return to the present", "leave"),
    *(
        Action(f"app.{name}", place.key, place.title, f"The {place.title} screen", f"page('{name}')")
        for name, place in PAGES.items()
    ),
    Action("app.moment", "t", "move the clock", "See everything as it was", "time_travel"),
    Action("app.prompt", "colon", "command", "Any Halo command", "prompt"),
    Action("app.palette", "ctrl+p", "palette", "What can be done now", "command_palette"),
    Action("app.help", "question_mark", "keys", "The keys of this pane", "show_keys"),
    Action("app.history", "dollar_sign", "history", "The commands of this session", "show_history"),
    Action("app.copy", "y", "copy", "Copy what is selected", "copy"),
    Action("app.zoom", "z", "zoom", "This pane alone, or all", "zoom"),
    Action("app.next", "tab", "next pane", "Next pane", "app.focus_next"),
    Action("app.previous", "shift+tab", "pane before", "Pane before", "app.focus_previous"),
    Action("app.theme", "ctrl+t", "theme", "Another theme", "next_theme"),
    Action("app.redraw", "ctrl+l", "redraw", "Draw everything anew, after something has written over it", "redraw"),
    Action("app.back", "escape", "back", "Back", "back"),
    Action("app.quit", "q", "quit", "Leave the workstation", "quit"),
)
