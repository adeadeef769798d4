"""The create wizard: name, personality by sliders, context; beside it the CLAUDE.md that they make; then the steps."""

from __future__ import annotations

import shlex
from functools import partial
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Focus
from textual.message import Message
from textual.widgets import Input, Label, TextArea

from halo_engine.errors import HaloError
from halo_engine.fleet.instance import Supervision
from halo_engine.fleet.personality.profile import Profile
from halo_engine.fleet.provisioning.plan import Progress, Wanted
from halo_engine.workspace import Workspace
from halo_tui import fleet_reading as reading
from halo_tui.dialogs.dialog import Dialog
from halo_tui.fleet_reading import Drafting
from halo_tui.present import fleet, markdown
from halo_tui.present.ink import Line, clean
from halo_tui.widgets.text_view import TextView, inset

NARROW = 110
"""Columns below which there is no room for the preview beside the fields."""
STEPS = {"begun": ("…", "accent"), "done": ("●", "ok"), "failed": ("▲", "alert"), "undone": ("↶", "warning")}
CHOICES = tuple(each.value for each in Supervision)


class Sliders(TextView):
    """The levels, one a line: up and down choose, left and right move."""

    BINDINGS: ClassVar = [
        Binding("right,l,plus", "move(1)", show=False),
        Binding("left,h,minus", "move(-1)", show=False),
        Binding("down,j", "choose(1)", show=False),
        Binding("up,k", "choose(-1)", show=False),
    ]

    class Moved(Message):
        """A level is another one."""

    def __init__(self, *, id: str) -> None:
        super().__init__(self._lines_of, id=id)
        self.levels: dict[str, int] = {}
        self.sides: dict[str, tuple[str, str]] = {}
        self.chosen = 0

    def tell(self, levels: dict[str, int], sides: dict[str, tuple[str, str]]) -> None:
        """Show these levels."""
        self.levels, self.sides = dict(levels), sides
        self.styles.height = len(levels)
        self.show(self._lines_of)

    def _lines_of(self, columns: int, _: int) -> list[Line]:
        return [
            fleet.slider(name, level, self.sides[name], columns, chosen=self.has_focus and place == self.chosen)
            for place, (name, level) in enumerate(self.levels.items())
        ]

    def on_focus(self, _: Focus) -> None:
        self.show(self._lines_of)

    def on_blur(self) -> None:
        self.show(self._lines_of)

    def action_choose(self, steps: int) -> None:
        after = self.chosen + steps
        if not 0 <= after < len(self.levels):
            (self.screen.focus_next if steps > 0 else self.screen.focus_previous)()
            return
        self.chosen = after
        self.show(self._lines_of)

    def action_move(self, steps: int) -> None:
        name = list(self.levels)[self.chosen]
        level = max(1, min(fleet.LEVELS, self.levels[name] + steps))
        if level != self.levels[name]:
            self.levels[name] = level
            self.show(self._lines_of)
            self.post_message(self.Moved())


class CreateInstance(Dialog[bool]):
    """Answers True when an instance was made."""

    BINDINGS: ClassVar = [Binding("ctrl+s", "create", show=False, priority=True)]
    DEFAULT_CSS = """
    CreateInstance .sheet { width: 94%; max-width: 180; height: 90%; }
    CreateInstance .row { height: 1; }
    CreateInstance .row Label { width: 13; color: $halo-muted; }
    CreateInstance #fields { width: 3fr; padding-right: 1; }
    CreateInstance #beside { width: 2fr; border-left: solid $halo-border; padding-left: 1; }
    CreateInstance.-narrow #beside { display: none; }
    CreateInstance TextArea { height: 4; border: none; padding: 0; background: $panel; }
    CreateInstance #sliders { margin: 1 0; }
    CreateInstance #steps { height: auto; min-height: 1; }
    CreateInstance .head { color: $halo-muted; }
    """

    class Went(Message):
        """The creation came a step further."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

    class Ended(Message):
        """It is made, or why not."""

        def __init__(self, error: HaloError | None) -> None:
            super().__init__()
            self.error = error

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._draft: Drafting | None = None
        self._steps: dict[int, Progress] = {}
        self._under_way = False
        self._made = False

    def compose(self) -> ComposeResult:
        sheet = Vertical(classes="sheet")
        sheet.border_title = "Make an instance"
        sheet.border_subtitle = "tab next   ctrl+s makes it   esc leaves"
        with sheet:
            with Horizontal():
                with VerticalScroll(id="fields", can_focus=False):
                    yield from self._field("name", "dad: lower case letters, digits and -")
                    yield from self._field("base", "the personality to begin with", "default")
                    yield Sliders(id="sliders")
                    yield Label("context", classes="head")
                    yield TextArea(id="context", compact=True, tab_behavior="focus")
                    yield from self._field("supervisor", " or ".join(CHOICES), CHOICES[0])
                    yield from self._field("token", "the variable of its bot's token: DAD_BOT_TOKEN")
                    yield from self._field("budget", "US dollars a day; empty for none")
                    yield Label("", classes="fault", id="fault", markup=False)
                    yield TextView(self._told, id="steps", focusable=False)
                yield TextView(id="beside")
            yield Label("", classes="line", id="line", markup=False)

    def _field(self, name: str, placeholder: str, value: str = "") -> ComposeResult:
        with Horizontal(classes="row"):
            yield Label(name)
            yield Input(value, placeholder=placeholder, compact=True, id=name, select_on_focus=False)

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.query_one("#name", Input).focus()
        try:
            self._draft = reading.drafting(self._workspace)
        except HaloError as error:
            self._fault(error)
            return
        self._take(self._draft.profiles["default"])

    # What stands in the fields

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    @property
    def _words(self) -> str:
        return self.query_one(TextArea).text.strip()

    @property
    def _sliders(self) -> Sliders:
        return self.query_one(Sliders)

    @property
    def _profile(self) -> Profile | None:
        """The profile that is begun with."""
        return self._draft.profiles.get(self._value("base")) if self._draft else None

    def _take(self, profile: Profile) -> None:
        assert self._draft is not None
        schema = self._draft.composing.schema
        sides = {name: (each.low, each.high) for name, each in schema.dimensions.items()}
        self._sliders.tell(schema.levels(profile.dimensions), sides)
        self.query_one(TextArea).text = profile.context.strip()
        self._preview()

    def _own(self) -> bool:
        """Whether the fields say something that the profile does not."""
        profile = self._profile
        if profile is None or self._draft is None:
            return False
        levels = self._draft.composing.schema.levels(profile.dimensions)
        return self._sliders.levels != levels or self._words != profile.context.strip()

    @property
    def _personality(self) -> str:
        return self._value("name") if self._own() else self._value("base")

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        if message.input.id == "base" and self._profile is not None:
            self._take(self._profile)
        self._show_line()

    @on(TextArea.Changed)
    @on(Sliders.Moved)
    def _preview(self) -> None:
        """Show the CLAUDE.md that the fields make."""
        profile, draft = self._profile, self._draft
        if profile is None or draft is None:
            return
        changed = msgspec.structs.replace(profile, dimensions=self._sliders.levels, context=self._words)
        try:
            text = draft.composing.compose(changed, instance=self._value("name") or "NAME")
        except HaloError as error:
            self._fault(error)
            return
        self.query_one("#beside", TextView).show(inset(lambda columns: markdown.lines(text, columns)))
        self._show_line()

    def _show_line(self) -> None:
        words = ["halctl", "create", "--name", self._value("name") or "NAME", "--personality", self._personality]
        for option, field in (("--supervisor", "supervisor"), ("--token-env", "token"), ("--budget", "budget")):
            if self._value(field) and self._value(field) != CHOICES[0]:
                words += [option, self._value(field)]
        self.query_one("#line", Label).update(f"$ {shlex.join(words)}")

    # Making it

    def action_create(self) -> None:
        if self._under_way or self._made:
            return
        try:
            wanted = self._wanted()
        except ValueError as error:
            self.query_one("#fault", Label).update(f"▲ {error}")
            return
        self._under_way = True
        self._steps = {}
        self.query_one("#fault", Label).update("")
        levels = self._sliders.levels if self._own() else {}
        context = self._words if self._own() else ""
        self.run_worker(partial(self._make, wanted, self._value("base"), dict(levels), context), thread=True)

    def _wanted(self) -> Wanted:
        if self._profile is None:
            raise ValueError(f"there is no personality {self._value('base')}")
        supervisor, budget = self._value("supervisor"), self._value("budget")
        if supervisor not in CHOICES:
            raise ValueError(f"supervisor: {' or '.join(CHOICES)}")
        if budget and not budget.replace(".", "", 1).isdecimal():
            raise ValueError("budget: a number of dollars")
        return Wanted(
            self._value("name"),
            self._personality,
            supervisor=Supervision(supervisor),
            telegram_bot_token_env=self._value("token"),
            budget=float(budget) if budget else None,
        )

    def _make(self, wanted: Wanted, base: str, levels: dict[str, int], context: str) -> None:
        def tell(progress: Progress) -> None:
            self.post_message(self.Went(progress))

        try:
            reading.made(self._workspace, wanted, tell, base=base, levels=levels, context=context)
        except HaloError as error:
            self.post_message(self.Ended(error))
        else:
            self.post_message(self.Ended(None))

    def on_create_instance_went(self, message: Went) -> None:
        self._steps[message.progress.number] = message.progress
        self._show_steps()

    def _show_steps(self) -> None:
        steps = self.query_one("#steps", TextView)
        steps.styles.height = max(1, len(self._steps) + self._made)
        steps.show(self._told)
        steps.scroll_visible(animate=False)

    def _told(self, columns: int, _: int) -> list[Line]:
        lines: list[Line] = []
        for number, each in sorted(self._steps.items()):
            glyph, tone = STEPS[each.state]
            lines.append(
                [(f"{glyph} ", tone), (f"{number}. {each.title}  ", "plain"), (clean(each.evidence)[:columns], "faint")]
            )
        if self._made:
            lines.append([("it answers; esc leaves", "ok")])
        return lines

    def on_create_instance_ended(self, message: Ended) -> None:
        self._under_way = False
        if message.error is not None:
            self._fault(message.error)
        else:
            self._made = True
            self._show_steps()

    def _fault(self, error: HaloError) -> None:
        text = f"▲ {error.message}" + (f"\n  {error.hint}" if error.hint else "")
        self.query_one("#fault", Label).update(text)

    def action_leave(self) -> None:
        """Not while it is being made: what is begun comes to its end."""
        if not self._under_way:
            self.dismiss(self._made)
