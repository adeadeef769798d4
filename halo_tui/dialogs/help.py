"""The keys of the focused pane, from the same tables that make them; typing filters."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from halo_tui.actions import BY_ID, GROUPS
from halo_tui.actions.action import Action
from halo_tui.actions.item import refusal, sample
from halo_tui.dialogs.dialog import Dialog
from halo_tui.keymap import shown
from halo_tui.present.ink import Line, cut_line, fit
from halo_tui.screens.page import Page
from halo_tui.widgets.text_view import TextView


class Help(Dialog[None]):
    """What each key does here, and its command line."""

    DEFAULT_CSS = """
    Help .sheet TextView { height: 1fr; background: $background; }
    Help .sheet Input { margin-bottom: 1; }
    """

    def __init__(self, page: Page | None, pane: Widget | None) -> None:
        super().__init__()
        self._page, self._pane = page, pane

    def compose(self) -> ComposeResult:
        sheet = Vertical(classes="sheet -tall")
        sheet.border_title = "Keys"
        sheet.border_subtitle = "type to filter   esc leave"
        with sheet:
            yield Input(compact=True, placeholder="filter")
            yield TextView(self._text)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one(TextView).show(self._text, top=True)

    def actions(self) -> list[Action]:
        """The actions that the focused pane and what is around it take."""
        ids: list[str] = []
        widget: Widget | None = self._pane or self._page
        while widget is not None:
            ids += [binding.id for binding in getattr(type(widget), "BINDINGS", ()) if getattr(binding, "id", None)]
            widget = widget.parent if isinstance(widget.parent, Widget) else None
        ids += [action for action in BY_ID if action.startswith("app.")]
        return [BY_ID[each] for each in dict.fromkeys(ids) if each in BY_ID]

    def _text(self, columns: int, rows: int) -> list[Line]:
        wanted = self.query_one(Input).value.lower().split()
        item = getattr(self._page, "item", None)
        lines: list[Line] = []
        group = ""
        for action in self.actions():
            keys = "  ".join(map(shown, self.station.keys.all(action.id)))
            text = f"{keys} {action.name} {action.description} {action.command}".lower()
            if not all(word in text for word in wanted):
                continue
            if action.group != group:
                group = action.group
                lines += [[], [(GROUPS[group], "strong")]] if lines else [[(GROUPS[group], "strong")]]
            why = refusal(action, item, self.station.view.moment).partition("; ")[0]
            lines.append(cut_line(_line(action, keys, why, sample(action, item)), columns))
        return lines or [[("no key does that", "muted")]]


def _line(action: Action, keys: str, why: str, command: str) -> Line:
    line: Line = [
        (fit(keys, 16), "faint" if why else "key"),
        (f"{action.description}", "faint" if why else "plain"),
        (" ▲ asks first" if action.dangerous and not why else "", "warning"),
    ]
    after = f"   {why}" if why else f"   $ {command}" if command else ""
    return [*line, (after, "faint")]
