"""Which key does what. The table below is the default; `keymap.yaml` of the workspace, or of the user, overrides it.

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

KEYS = {
    "table.down": "down,j",
    "table.up": "up,k",
    "table.page_down": "pagedown,ctrl+f",
    "table.page_up": "pageup,ctrl+b",
    "table.half_down": "ctrl+d",
    "table.half_up": "ctrl+u",
    "table.first": "home,g",
    "table.last": "end,G",
    "table.open": "enter",
    "page.down": "down,j",
    "page.up": "up,k",
    "page.page_down": "pagedown,ctrl+f,space",
    "page.page_up": "pageup,ctrl+b",
    "page.first": "home,g",
    "page.last": "end,G",
    "tabs.next": "right,l",
    "tabs.previous": "left,h",
    "board.right": "right,l",
    "board.left": "left,h",
    "item.plan": "p",
    "item.start": "s",
    "item.review": "r",
    "item.approve": "plus",
    "item.reject": "minus",
    "item.test": "T",
    "item.done": "d",
    "item.block": "b",
    "item.unblock": "B",
    "item.defer": "f",
    "item.reopen": "o",
    "item.retry": "R",
    "item.cancel": "x",
    "item.edit": "e",
    "item.context": "E",
    "item.note": "n",
    "item.run": "exclamation_mark",
    "item.undo": "u",
    "tasks.add": "a",
    "tasks.import": "I",
    "tasks.filter": "slash",
    "tasks.view": "v",
    "tasks.sort": "S",
    "welcome.add": "a",
    "welcome.import": "i",
    "welcome.sample": "s",
    "events.filter": "slash",
    "events.follow": "f",
    "events.jump": "i",
    "logs.filter": "slash",
    "logs.follow": "f",
    "logs.next_source": "right,l",
    "logs.previous_source": "left,h",
    "logs.instance": "i",
    "logs.trace": "T",
    "logs.mark": "m",
    "logs.next_mark": "n",
    "logs.previous_mark": "N",
    "agents.filter": "slash",
    "agents.ack": "a",
    "agents.mute": "m",
    "agents.check": "c",
    "agents.ingest": "r",
    "agents.transcript": "o",
    "moment.back": "left,h",
    "moment.on": "right,l",
    "moment.back10": "shift+left,H",
    "moment.on10": "shift+right,L",
    "moment.back100": "pageup",
    "moment.on100": "pagedown",
    "moment.first": "home,g",
    "moment.last": "end,G",
    "moment.time": "slash,t",
    "moment.now": "escape",
    "app.tasks": "3",
    "app.logs": "5",
    "app.agents": "6",
    "app.events": "8",
    "app.moment": "t",
    "app.prompt": "colon",
    "app.palette": "ctrl+p",
    "app.help": "question_mark",
    "app.history": "dollar_sign",
    "app.copy": "y",
    "app.zoom": "z",
    "app.next": "tab",
    "app.previous": "shift+tab",
    "app.theme": "ctrl+t",
    "app.back": "escape",
    "app.quit": "q",
}

_SHOWN = {
    "slash": "/", "colon": ":", "question_mark": "?", "dollar_sign": "$", "plus": "+", "minus": "-",
    "exclamation_mark": "!", "down": "↓", "up": "↑", "left": "←", "right": "→", "escape": "esc",
    "pagedown": "pgdn", "pageup": "pgup", "shift+left": "⇧←", "shift+right": "⇧→", "shift+tab": "⇧tab",
}  # fmt: skip


def bindings(name: str) -> list[BindingType]:
    """The bindings of a group of actions, for a widget's BINDINGS; a user's own keys replace them by id."""
    return [
        Binding(
            KEYS[action.id],
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
        return (self.own.get(action) or KEYS[action]).split(",")


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
