"""The first and the last line of the screen."""

from __future__ import annotations

from textual import events
from textual.widget import Widget

from halo_tui.present.ink import cells, plain
from halo_tui.widgets.text_view import Build, TextView


class TitleBar(TextView):
    """Where this is, which screens there are, and whether anything is wrong. A screen's name can be clicked."""

    def __init__(self, build: Build) -> None:
        super().__init__(build, id="title", focusable=False)

    def on_click(self, event: events.Click) -> None:
        text = plain(self.lines[0]) if self.lines else ""
        for key, name, title in getattr(self.app, "pages", ()):
            start = text.find(f"{key} {title}")
            if start >= 0 and cells(text[:start]) <= event.x < cells(text[:start]) + len(title) + 2:
                self.app.call_later(self.app.run_action, f"page('{name}')")


class BottomLine(TextView):
    """What was last done, and what can be done in the focused pane."""

    def __init__(self, build: Build) -> None:
        super().__init__(build, id="bottom", focusable=False)


def pane_of(widget: Widget | None) -> Widget | None:
    """The pane that a widget is, or is part of."""
    while widget is not None and not widget.has_class("pane"):
        widget = widget.parent if isinstance(widget.parent, Widget) else None
    return widget
