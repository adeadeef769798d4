"""What can be done with the selected item: each action asks what it must know, shows its command line, and calls the
function that the command calls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from halo_engine.tasks import queries
from halo_tui.actions import BY_ID
from halo_tui.actions.action import command_line
from halo_tui.actions.item import WITH_REASON, refusal
from halo_tui.screens.page import Page

if TYPE_CHECKING:
    from halo_engine.tasks.editing import Changed
    from halo_engine.tasks.store import Item


class ItemActions(Page):
    """Mixed into a screen that has a selected item."""

    number: Any
    """Of the selected item; None when there is none."""
    item: Any
    """The selected item, if it was read already."""
    acted_on: int | None = None
    """The item of the last deed, as long as the cursor has not been moved since: what `undo` means."""

    def refused(self, action: str, *, about: str = "") -> bool:
        item: Item | None = self.item
        if item is None and self.number is not None and BY_ID[action].group == "item":
            item = queries.item(self.station.view, queries.name(self.number))
        return super().refused(action, about=about or refusal(BY_ID[action], item, self.station.view.moment))

    def do(self, action: str, work: Callable[[], Changed], **values: str) -> None:
        """Show the command line of an action on the selected item, and do it."""
        self.acted_on = self.number
        line = command_line(BY_ID[action], item=queries.name(self.number), **values)
        self.station.perform(line, work, self._did)

    def _did(self, changed: Changed) -> None:
        if changed.note:
            self.station.remark(changed.note)

    def action_item(self, verb: str) -> None:
        action = f"item.{verb}"
        if self.refused(action):
            return
        name = queries.name(self.number)
        workspace = self.station.workspace
        if verb in WITH_REASON:
            verb_of = _command(verb)
            self._ask(action, "reason", lambda reason: partial(verb_of, workspace, name, reason))
        elif verb == "defer":
            self._ask(
                action,
                "until",
                lambda until: partial(_defer, workspace, name, until),
                hint="friday, 3d, 2026-12-24; empty: until reopened",
            )
        elif BY_ID[action].dangerous:
            self._confirm(action, verb)
        else:
            self.do(action, partial(_command(verb), workspace, name))

    def _ask(self, action: str, what: str, work: Callable[[str], Callable[[], Changed]], hint: str = "") -> None:
        """Ask for one value on the bottom line, and do it with that."""
        name = queries.name(self.number)
        before = command_line(BY_ID[action], item=name, **{what: what.upper()})

        def answered(text: str | None) -> None:
            if text is not None:
                self.do(action, work(text), **{what: text})

        self.station.ask(f"{BY_ID[action].name} {name}  {what}:", answered, hint=hint or f"$ {before}")

    def _confirm(self, action: str, verb: str) -> None:
        from halo_tui.dialogs.confirm import Confirm

        item: Item = self.item or queries.item(self.station.view, queries.name(self.number))
        workspace = self.station.workspace

        def answered(reason: str | None) -> None:
            if reason is not None:
                self.do(action, partial(_command(verb), workspace, item.id, reason), reason=reason)

        lost = "It leaves the lists, and nothing leads out of cancelled but undo."
        if item.state == "running":
            lost = "Its run is ended at once, with all its processes. " + lost
        line = command_line(BY_ID[action], item=item.id)
        self.app.push_screen(Confirm(f"Cancel {item.id}", item.title, lost, item.id, line), answered)

    def action_undo_item(self) -> None:
        from halo_engine.tasks.undo import undo

        number = self.number if self.acted_on is None else self.acted_on
        if number is None or self.station.view.moment is not None:
            self.refused("item.undo")
            return
        self.acted_on = number
        name = queries.name(number)
        line = command_line(BY_ID["item.undo"], item=name)
        self.station.perform(line, partial(undo, self.station.workspace, name), self._written)

    def action_note_item(self) -> None:
        if self.refused("item.note"):
            return
        name, workspace = queries.name(self.number), self.station.workspace
        self._ask("item.note", "text", lambda text: partial(_command("note"), workspace, name, text))

    def action_run_item(self) -> None:
        """A run takes its time: the runner is a process of its own, and goes on when the workstation is left."""
        if not self.refused("item.run"):
            self.station.run_behind(command_line(BY_ID["item.run"], item=queries.name(self.number)))
            self.show_runs()

    def show_runs(self) -> None:
        """Bring the runs of the selected item up."""

    def action_edit_context(self) -> None:
        if self.refused("item.context"):
            return
        from halo_engine.tasks.planning.writing import edited

        name = queries.name(self.number)
        item = queries.item(self.station.view, name)
        after = self.station.outside(partial(edited, item.context, f"{name}.md"))
        if after is not None and after.rstrip("\n") != item.context:
            work = partial(_command("edit"), self.station.workspace, name, context=after.rstrip("\n"))
            self.do("item.context", work, text="…")

    def action_add_item(self) -> None:
        if self.refused("tasks.add"):
            return
        self._form(None)

    def action_edit_item(self) -> None:
        if self.refused("item.edit"):
            return
        self._form(queries.item(self.station.view, queries.name(self.number)))

    def _form(self, item: Item | None) -> None:
        from halo_tui.dialogs.item_form import ItemForm

        self.app.push_screen(ItemForm(self.station.workspace, item), self._filled)

    def _filled(self, filled: tuple[str, Callable[[], Changed]] | None) -> None:
        if filled is None:
            return
        line, work = filled
        self.station.perform(line, work, self._written)

    def _written(self, changed: Changed) -> None:
        self._did(changed)
        self.bring_up(changed.item.number)

    def action_import_items(self) -> None:
        if self.refused("tasks.import"):
            return

        def answered(path: str | None) -> None:
            if path:
                self.station.import_file(path)

        self.station.ask("import:", answered, hint="a Taskwarrior export or our own JSON Lines", paths=True)


def _defer(workspace: Any, name: str, until: str) -> Changed:
    from halo_engine.tasks.arguments import stamped

    given = (until.strip(), False) if until.strip() else None
    return _command("defer")(workspace, name, stamped(workspace, given))


def _command(verb: str) -> Callable[..., Changed]:
    """The function that a command calls; loaded when something is first done."""
    from halo_engine.tasks import commands

    found: Callable[..., Changed] = getattr(commands, verb)
    return found
