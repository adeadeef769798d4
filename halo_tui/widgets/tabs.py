"""The names of what a pane can show, in its title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.content import Content


def tabs(names: Mapping[Any, str], chosen: Any, *before: str) -> str:
    """A title (markup): what stands `before`, then all names, of which the chosen one stands out."""
    parts = [Content(text) for text in before]
    parts += [Content.styled(name, _style(key == chosen)) for key, name in names.items()]
    return Content("  ").join(parts).markup


def _style(chosen: bool) -> str:
    return "$halo-strong bold" if chosen else "$halo-faint"
