"""What all dialogs have in common: a frame in the middle, and escape."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar, cast

from textual.binding import Binding
from textual.screen import ModalScreen

from halo_tui.app import Workstation

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """Opens over a screen; escape answers None."""

    BINDINGS: ClassVar = [Binding("escape", "leave", "Leave", show=False)]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog .sheet {
        width: 84%; max-width: 96; height: auto; max-height: 90%;
        background: $background; border: round $accent; padding: 0 1;
        border-title-color: $halo-strong; border-title-background: $background;
        border-subtitle-color: $halo-muted; border-subtitle-background: $background;
    }
    Dialog .sheet.-tall { height: 80%; max-width: 130; }
    Dialog .said { color: $halo-muted; height: auto; }
    Dialog .line { color: $halo-faint; height: auto; }
    Dialog Input {
        height: 1; border: none; padding: 0; background: $panel; width: 1fr;
    }
    Dialog Input.-invalid { color: $error; }
    Dialog .fault { color: $error; height: auto; }
    """

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    def action_leave(self) -> None:
        self.dismiss(None)
