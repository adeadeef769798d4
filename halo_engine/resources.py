"""Files that ship with Halo: `templates/` and `themes/`."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

HOMES = {"templates": "halo_engine", "themes": "halo_tui"}


def folder(name: str) -> Traversable:
    """The shipped folder `name`: inside the package when installed from a wheel, beside it in a checkout."""
    package = files(HOMES[name])
    inside = package / name
    return inside if inside.is_dir() else package / ".." / name
