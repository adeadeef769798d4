"""One instance in five sections: health, personality, governance, sessions, history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.message import Message

from halo_engine.errors import HaloError
from halo_engine.fleet.queries import InstanceRow, InstanceStatus
from halo_engine.fleet.smoke.running import Result
from halo_tui import fleet_reading as reading
from halo_tui.keymap import bindings
from halo_tui.present import fleet
from halo_tui.present.ink import Line, wrap
from halo_tui.widgets.tabs import tabs
from halo_tui.widgets.text_view import Build, TextView, inset

if TYPE_CHECKING:
    from halo_tui.app import Workstation
    from halo_tui.screens.page import Page

SECTIONS = ("health", "personality", "governance", "sessions", "history")
NOTHING: list[Line] = [[], [("no instance is selected", "muted")]]


class InstanceDetail(TextView):
    """Shows the instance that it is told; reads what its section needs, and no more."""

    BINDINGS: ClassVar = [*bindings("tabs"), *bindings("page")]

    class Checked(Message):
        """A smoke check has ended; None: all have."""

        def __init__(self, name: str, result: Result | None, error: str = "") -> None:
            super().__init__()
            self.name, self.result, self.error = name, result, error

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.section = SECTIONS[0]
        self.row: InstanceRow | None = None
        self._status: InstanceStatus | None = None
        self._checked: dict[str, list[Result]] = {}
        """Instance -> its last smoke checks."""
        self._smoking: dict[str, str] = {}
        """Instance -> how far its smoke checks are."""

    @property
    def page(self) -> Page:
        return cast("Page", self.parent)

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    def on_mount(self) -> None:
        self._retitle()

    def tell(self, row: InstanceRow | None, *, top: bool = False) -> None:
        """Show an instance (None: none); from its beginning with `top`."""
        moved = row is None or self.row is None or row.name != self.row.name
        self.row = row
        self._retitle()
        if row is None:
            self.show(lambda *_: NOTHING, top=True)
            return
        view = self.station.view
        work: dict[str, Callable[[], Any]] = {
            "health": partial(reading.looked, view, row.name),
            "personality": partial(reading.persona, view, row),
            "governance": partial(reading.difference, self.station.workspace, row.name),
            "sessions": partial(reading.sessions, view, row.name),
            "history": partial(reading.history, view, row.name),
        }
        then = partial(self._seen, row.name, self.section, moved or top)
        self.page.read("instance", work[self.section], then, self._failed)

    def _seen(self, name: str, section: str, top: bool, found: Any) -> None:
        if self.row is None or name != self.row.name or section != self.section:
            return
        self.dim(False)
        if isinstance(found, InstanceStatus):
            self._status = found
        self.show(self._told_as(found), top=top)

    def _told_as(self, found: Any) -> Build:
        when = self.station.when
        match self.section:
            case "health":
                return inset(partial(self._health, found))
            case "personality":
                return inset(lambda columns: fleet.personality(found, columns))
            case "governance":
                return inset(lambda columns: fleet.governance(found, columns))
            case "sessions":
                return inset(lambda columns: fleet.sessions(found, when, columns))
            case _:
                return inset(lambda columns: fleet.history(found, when, columns))

    def _health(self, found: InstanceStatus, columns: int) -> list[Line]:
        name = found.row.name
        checked, running = self._checked.get(name, []), self._smoking.get(name, "")
        return fleet.health(found, checked, running, self.station.when, columns)

    def _failed(self, error: HaloError) -> None:
        self.dim(False)
        self.show(
            inset(
                lambda columns: [
                    [],
                    *wrap(f"▲ {error.message}", columns, "alert"),
                    *wrap(error.hint, columns, "muted"),
                ]
            )
        )

    # Smoke, live

    def smoke(self, name: str) -> None:
        """Make the checks in a worker; each shows as it ends."""
        self._checked[name], self._smoking[name] = [], "begins"
        self.run_worker(partial(self._check, name), thread=True, group=f"smoke-{name}")

    def _check(self, name: str) -> None:
        error = ""
        try:
            for result in reading.checks(self.station.workspace, name):
                self.post_message(self.Checked(name, result))
        except HaloError as problem:
            error = problem.message
        self.post_message(self.Checked(name, None, error))

    def on_instance_detail_checked(self, message: Checked) -> None:
        message.stop()
        if message.result is None:
            self._smoking.pop(message.name, None)
            if message.error:
                self.station.complain(message.error)
        else:
            self._checked[message.name].append(message.result)
            self._smoking[message.name] = f"{len(self._checked[message.name])} checked"
        if self._status is not None and self.section == "health" and self.row is not None:
            self.show(self._told_as(self._status))

    # Sections

    def turn_to(self, section: str) -> None:
        """Show a section."""
        self.section = section if section in SECTIONS else SECTIONS[0]
        self.tell(self.row, top=True)

    def action_turn(self, steps: int) -> None:
        self.turn_to(SECTIONS[(SECTIONS.index(self.section) + steps) % len(SECTIONS)])

    def _retitle(self) -> None:
        self.border_title = tabs(
            {name: name for name in SECTIONS}, self.section, *([self.row.name] if self.row else [])
        )
