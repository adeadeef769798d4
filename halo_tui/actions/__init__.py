"""Every action of the workstation, declared once, with its key. Help, palette, hints and the diagram read this.

A screen's own actions stand in the file that is named like it.
"""

from __future__ import annotations

from importlib import import_module

from halo_tui.actions import everywhere, item
from halo_tui.actions.action import Action
from halo_tui.screens import PAGES

_FILES = [everywhere, item, *(import_module(f"halo_tui.actions.{name}") for name in PAGES)]
GROUPS: dict[str, str] = {name: title for file in _FILES for name, title in file.GROUPS.items()}
"""What each group is called."""
ACTIONS: tuple[Action, ...] = tuple(action for file in _FILES for action in file.ACTIONS)
BY_ID = {action.id: action for action in ACTIONS}


def group(name: str) -> list[Action]:
    """The actions of one group."""
    return [action for action in ACTIONS if action.group == name]
