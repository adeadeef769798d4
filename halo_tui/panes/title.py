"""The first and the last line of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.widget import Widget

from halo_tui.present.frame import page_at
from halo_tui.widgets.text_view import Build, TextView

if TYPE_CHECKING:
    from halo_tui.frame import Frame


class TitleBar(TextView):
    """Where this is, which screens there are, and whether anything is wrong. A screen's name can be clicked."""

    def __init__(self, build: Build) -> None:
        super().__init__(build, id="title", focusable=False)

    def on_click(self, event: events.Click) -> None:
        name = page_at(cast("Frame", self.app).standing, self.lines[0] if self.lines else [], event.x)
        if name:
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
