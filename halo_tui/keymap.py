"""Which key does what. `actions` has the defaults; `keymap.yaml` of the workspace, or of the user, overrides them.

item.block: B
table.down: down,j,n
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from halo_tui.actions import BY_ID, group

if TYPE_CHECKING:
    from halo_engine.workspace import Workspace

FILE = "keymap.yaml"

_SHOWN = {
    "slash": "/", "colon": ":", "question_mark": "?", "dollar_sign": "$", "plus": "+", "minus": "-",
    "exclamation_mark": "!", "down": "↓", "up": "↑", "left": "←", "right": "→", "escape": "esc",
    "pagedown": "pgdn", "pageup": "pgup", "shift+left": "⇧←", "shift+right": "⇧→", "shift+tab": "⇧tab",
}  # fmt: skip


def bindings(name: str) -> list[BindingType]:
    """The bindings of a group of actions, for a widget's BINDINGS; a user's own keys replace them by id."""
    return [
        Binding(
            action.key,
            action.method,
            action.description,
            id=action.id,
            show=False,
            priority=action.id == "app.palette",
        )
        for action in group(name)
    ]


class Keys:
    """The keys as they are: the defaults with what the user changed."""

    def __init__(self, own: dict[str, str] | None = None) -> None:
        self.own = own or {}

    def of(self, action: str) -> str:
        """The first key of an action, as a person reads it."""
        return shown(self.all(action)[0])

    def all(self, action: str) -> list[str]:
        """All keys of an action, by Textual's names."""
        return (self.own.get(action) or BY_ID[action].key).split(",")


def shown(key: str) -> str:
    """A key as a person reads it: `slash` is `/`."""
    return _SHOWN.get(key, key)


def load(workspace: Workspace) -> tuple[dict[str, str], str]:
    """The user's own keys by action, and a word about what in their file is wrong (empty: nothing)."""
    path = next((path for path in _places(workspace) if path.exists()), None)
    if path is None:
        return {}, ""
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        return {}, f"{path} is not used: {str(error).splitlines()[0]}"
    if not isinstance(found, dict):
        return {}, f"{path} is not used: it is no mapping of actions to keys"
    unknown = sorted(str(name) for name in found if name not in BY_ID)
    own = {name: str(keys).replace(" ", "") for name, keys in found.items() if name in BY_ID and str(keys).strip()}
    return own, f"{path}: no action {', '.join(unknown)}" if unknown else ""


def _places(workspace: Workspace) -> list[Path]:
    import platformdirs

    return [workspace.root / FILE, Path(platformdirs.user_config_dir("halo")) / FILE]
