"""The themes that ship with Halo, one file each, beside Textual's own."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from halo_engine.resources import folder

if TYPE_CHECKING:
    from textual.app import App
    from textual.theme import Theme

DEFAULT = "halo-dark"


def names() -> list[str]:
    """The names of the themes that ship with Halo."""
    return sorted(file.name.removesuffix(".toml") for file in folder("themes").iterdir() if file.name.endswith(".toml"))


def load(name: str) -> Theme:
    """One theme of ours."""
    from textual.theme import Theme

    values = tomllib.loads((folder("themes") / f"{name}.toml").read_text(encoding="utf-8"))
    return Theme(name=name, **values)


def register(app: App[None]) -> None:
    """Make the themes of Halo known to the app, and its variables known to every other theme."""
    for name in names():
        app.register_theme(load(name))


def derived(variables: dict[str, str]) -> dict[str, str]:
    """What a theme that was not made for Halo says for Halo's own variables."""
    from textual.color import Color

    background, foreground = Color.parse(variables["background"]), Color.parse(variables["foreground"])

    def between(share: float) -> str:
        return background.blend(foreground, share, alpha=1).hex

    return {
        "halo-strong": variables["foreground"],
        "halo-muted": between(0.6),
        "halo-faint": between(0.4),
        "halo-border": between(0.2),
        "halo-changed": variables["accent"],
    }
