"""The fields of an item, new or to be changed. What is typed goes through the same options as the command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from typing import ClassVar

import click
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label

from halo_engine.errors import HaloError
from halo_engine.tasks.editing import Changed
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace
from halo_tui.dialogs.dialog import Dialog
from halo_tui.present.item import PRIORITIES

FIELDS = {
    "title": ("", "what is to be done"),
    "kind": ("--kind", "task, job or agent-job"),
    "priority": ("--priority", "high, medium, low or none"),
    "tags": ("--tag", "words, with blanks or commas"),
    "due": ("--due", "friday, 3d, 2026-12-24, 2026-12-24T18:00"),
    "context": ("--context", "what someone who does it must know"),
    "command": ("--command", "a job's shell command"),
    "depends_on": ("--depends-on", "items that must be over before it: T-040 T-041"),
    "window": ("--window", "hours in which it may run: 02:00-05:00"),
    "timeout": ("--timeout", "the longest it may run: 15m"),
    "retries": ("--retries", "attempts after the first that fails"),
}
"""Field -> its option, and what it takes."""
LISTS = frozenset({"tags", "depends_on"})

Filled = tuple[str, Callable[[], Changed]]


class ItemForm(Dialog[Filled]):
    """Answers the command line and the function that does it."""

    BINDINGS: ClassVar = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("ctrl+s", "save", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    ItemForm .row { height: 1; }
    ItemForm .row Label { width: 12; color: $halo-muted; }
    ItemForm Input { background: $background; }
    ItemForm Input:focus { background: $panel; }
    ItemForm #fault { margin-top: 1; }
    """

    def __init__(self, workspace: Workspace, item: Item | None) -> None:
        super().__init__()
        self._workspace, self._item = workspace, item
        self._before = _values(item)

    def compose(self) -> ComposeResult:
        sheet = VerticalScroll(classes="sheet", can_focus=False)
        sheet.border_title = f"Edit {self._item.id}" if self._item else "Add an item"
        sheet.border_subtitle = "enter next   ctrl+s save   esc leave"
        with sheet:
            for field, (_, placeholder) in FIELDS.items():
                with Horizontal(classes="row"):
                    yield Label(field.replace("_", " "))
                    yield Input(
                        self._before[field], placeholder=placeholder, compact=True, id=field, select_on_focus=False
                    )
            yield Label("", classes="fault", id="fault", markup=False)
            yield Label("", classes="line", id="line", markup=False)

    def on_mount(self) -> None:
        self.query_one("#title", Input).focus()
        self._show_line()

    @on(Input.Changed)
    def _show_line(self) -> None:
        self.query_one("#line", Label).update(f"$ {self.line}")

    @on(Input.Submitted)
    def _next(self, message: Input.Submitted) -> None:
        if message.input.id == list(FIELDS)[-1] or (
            message.input.id == "title" and self._item is None and self._only_title()
        ):
            self.action_save()
        else:
            self.focus_next()

    def _only_title(self) -> bool:
        return all(not value or field == "title" for field, value in self.values().items() if field != "kind")

    def values(self) -> dict[str, str]:
        """What stands in the fields."""
        return {field: self.query_one(f"#{field}", Input).value.strip() for field in FIELDS}

    @property
    def words(self) -> list[str]:
        """The command line, as words without its program."""
        words = ["edit", self._item.id] if self._item else ["add"]
        for field, value in self.values().items():
            if value != self._before[field]:
                words += _option(field, value, self._before[field], new=self._item is None)
        return words

    @property
    def line(self) -> str:
        """The command line that does the same."""
        return shlex.join(["nightctl", *self.words])

    def action_save(self) -> None:
        if self._item is not None and len(self.words) == 2:
            self.dismiss(None)
            return
        try:
            work = _work(self._workspace, self._item, self.words)
        except click.ClickException as error:
            self._fault(error.format_message())
        except HaloError as error:
            self._fault(error.message)
        else:
            self.dismiss((self.line, work))

    def _fault(self, text: str) -> None:
        self.query_one("#fault", Label).update(f"▲ {text}")


def _values(item: Item | None) -> dict[str, str]:
    """The fields of an item as a person writes them."""
    if item is None:
        return dict.fromkeys(FIELDS, "") | {"kind": "task"}
    return {
        "title": item.title,
        "kind": item.kind.value,
        "priority": PRIORITIES[item.priority],
        "tags": " ".join(item.tags),
        "due": item.due or "",
        "context": item.context.replace("\n", " "),
        "command": item.command or "",
        "depends_on": " ".join(item.depends_on),
        "window": item.window or "",
        "timeout": f"{item.timeout:g}s" if item.timeout else "",
        "retries": "" if item.retries is None else str(item.retries),
    }


def _option(field: str, value: str, before: str, *, new: bool) -> list[str]:
    """The words of a command line that set a field."""
    option, _ = FIELDS[field]
    if field == "title":
        return [value] if new else ["--title", value]
    if field in LISTS:
        return _list_option(field, option, value.replace(",", " ").split(), before.split())
    if not value:
        return ["--priority", "none"] if field == "priority" else ["--clear", field]
    return [option, value]


def _list_option(field: str, option: str, values: list[str], before: list[str]) -> list[str]:
    if not values:
        return ["--clear", field]
    if field == "depends_on":
        return [option, ",".join(values)]
    added = [value for value in values if value not in before]
    gone = [value for value in before if value not in values]
    return [*([option, ",".join(added)] if added else []), *(["--untag", ",".join(gone)] if gone else [])]


def _work(workspace: Workspace, item: Item | None, words: list[str]) -> Callable[[], Changed]:
    """The function that a command line of `add` or `edit` calls, with its options read by the command itself.

    Raises click's errors for a bad option, HaloError for a bad value.
    """
    from halo_engine.tasks import arguments, commands
    from halo_tui.command_line import app_of

    verb, *rest = words
    given = dict(app_of("nightctl").commands[verb].make_context(verb, rest).params)
    for common in ("as_json", "workspace", "dry_run", "plan_file"):
        given.pop(common, None)
    if item is None:
        title = given.pop("title")
        return partial(commands.add, workspace, title, **arguments.item_fields(workspace, given))
    given.pop("item")
    return partial(commands.edit, workspace, item.id, **arguments.item_changes(workspace, item.id, given))
