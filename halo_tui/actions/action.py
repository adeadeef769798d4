"""What an action is, and how its command line is written."""

from __future__ import annotations

from typing import NamedTuple


class Action(NamedTuple):
    """Something that a key does."""

    id: str
    """`item.block`: the group that it belongs to, and its own name."""
    key: str
    """The keys that do it unless the user says otherwise, by Textual's names, with commas between them."""
    name: str
    description: str
    method: str
    """The Textual action that does it, on the widget that has the group's keys."""
    command: str = ""
    """The command line that does the same, with `{item}` where the item's id goes."""
    dangerous: bool = False
    changes: bool = False
    """Cannot be done while the clock stands in the past."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


def command_line(action: Action, **values: str) -> str:
    """The command line of an action, quoted for a shell; options without a value are left out."""
    from shlex import quote

    words = []
    for word in action.command.split():
        name = word.strip("{}")
        if word == name:
            words.append(word)
        elif values.get(name):
            words.append(quote(values[name]))
        elif words[-1].startswith("--"):
            words.pop()
    return " ".join(words)


def frozen(action: Action, moment: int | None) -> str:
    """Why an action cannot be done while the clock stands after that event; empty when it can."""
    if action.changes and moment is not None:
        return f"this is the past, after event {moment}: nothing can be changed in it; esc returns to now"
    return ""
