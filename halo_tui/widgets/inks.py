"""What a tone looks like in the theme of the moment."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.strip import Strip

from halo_tui.present.ink import Line, Tone

NAMES = ("foreground", "background", "panel", "accent", "error", "warning", "success")
OURS = ("halo-strong", "halo-muted", "halo-faint", "halo-changed")
GLOW_STEPS = 6


class Ground(NamedTuple):
    """What lies under a row: nothing, the cursor of a focused or another pane, or a change that glows."""

    cursor: bool = False
    focused: bool = False
    glow: int = 0
    """`GLOW_STEPS` when it has just changed, 0 when that is over."""
    dim: bool = False


PLAIN = Ground()


class Inks:
    """Styles of one theme, mixed when they are first asked for."""

    def __init__(self, colors: tuple[Color, ...]) -> None:
        names = dict(zip((*NAMES, *OURS), colors, strict=True))
        self.background = names["background"]
        self.changed = names["halo-changed"]
        self.panel, self.accent = names["panel"], names["accent"]
        self._colors: dict[Tone, Color] = {
            "plain": names["foreground"],
            "muted": names["halo-muted"],
            "faint": names["halo-faint"],
            "strong": names["halo-strong"],
            "accent": names["accent"],
            "alert": names["error"],
            "warning": names["warning"],
            "ok": names["success"],
            "past": names["warning"],
            "lit": names["accent"],
            "title": names["halo-strong"],
            "key": names["accent"],
            "mark": names["warning"],
            "first": _turned(names["accent"], 0.25),
            "second": _turned(names["accent"], 0.5),
            "third": _turned(names["accent"], 0.75),
        }
        self._mixed: dict[tuple[Tone, Ground], Style] = {}

    def style(self, tone: Tone, ground: Ground = PLAIN) -> Style:
        """The style of a tone on a ground."""
        key = tone, ground
        if key not in self._mixed:
            self._mixed[key] = self._mix(tone, ground)
        return self._mixed[key]

    def _mix(self, tone: Tone, ground: Ground) -> Style:
        background = self._under(ground)
        color = self._colors[tone]
        if ground.dim:
            color = background.blend(color, 0.5, alpha=1)
        elif ground.cursor and tone == "faint":
            color = self._colors["muted"]
        bold = tone in {"strong", "lit", "title", "past"}
        return Style(color=color.rich_color, bgcolor=background.rich_color, bold=bold)

    def _under(self, ground: Ground) -> Color:
        if ground.glow:
            return self.background.blend(self.changed, 0.3 * ground.glow / GLOW_STEPS, alpha=1)
        if ground.cursor:
            return self.background.blend(self.accent, 0.24, alpha=1) if ground.focused else self.panel
        return self.background

    def strip(self, line: Line, columns: int, ground: Ground = PLAIN) -> Strip:
        """A line as what Textual draws, filled to the width."""
        segments = [Segment(text, self.style(tone, ground)) for text, tone in line]
        return Strip(segments).adjust_cell_length(columns, self.style("plain", ground))


def _turned(color: Color, part: float) -> Color:
    """The colour that far around the circle of hues, as strong and as light."""
    hue, saturation, lightness = color.hsl
    return Color.from_hsl((hue + part) % 1, saturation, lightness)


def inks(app: App[Any]) -> Inks:
    """The inks of the app's theme."""
    variables = app.theme_variables
    return _inks(tuple(variables[name] for name in (*NAMES, *OURS)))


@lru_cache(maxsize=4)
def _inks(values: tuple[str, ...]) -> Inks:
    return Inks(tuple(Color.parse(value) for value in values))
