"""The create wizard: name, personality by sliders, context; beside it the CLAUDE.md that they make; then the steps."""

from __future__ import annotations

import shlex
from functools import cache, partial
from itertools import chain, count
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
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
from halo_tui.present import fleet
from halo_tui.present.ink import Line, clean, cut, cut_line, wrap
from halo_tui.widgets.choice import Choice
from halo_tui.widgets.sliders import Sliders
from halo_tui.widgets.text_view import TextView

NARROW = 110
"""Columns below which there is no room for the preview beside the fields."""
AIR = 3
"""Lines above what is pointed at."""
SHOWN = 2
"""Lines of a command at the most."""
STEPS = {"begun": ("…", "accent"), "done": ("●", "ok"), "failed": ("▲", "alert"), "undone": ("↶", "warning")}
CHOICES = tuple(each.value for each in Supervision)


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
    CreateInstance #block { display: none; height: 4; margin-bottom: 1; padding-left: 2; }
    CreateInstance.-narrow #block { display: block; }
    CreateInstance #line { height: auto; width: 100%; }
    CreateInstance #steps { height: auto; min-height: 1; }
    CreateInstance #fault { width: 100%; }
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
                    yield from self._choice("like", "base", ("default",))
                    yield Sliders(id="sliders")
                    yield TextView(id="block", focusable=False)
                    yield Label("context", classes="head")
                    yield TextArea(id="context", compact=True, tab_behavior="focus")
                    yield from self._choice("supervisor", "supervisor", CHOICES)
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

    def _choice(self, label: str, name: str, values: tuple[str, ...]) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Label(label)
            yield Choice(values, id=name)

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.query_one("#name", Input).focus()
        self._draft = self._read()
        if self._draft is not None:
            self.query_one("#base", Choice).tell(tuple(self._draft.profiles), "default")
            self._take(self._draft.profiles["default"])

    def _read(self) -> Drafting | None:
        try:
            return reading.drafting(self._workspace)
        except HaloError as error:
            self._fault(error)
            return None

    # What stands in the fields

    def _value(self, name: str) -> str:
        found = self.query_one(f"#{name}")
        return found.value.strip() if isinstance(found, (Input, Choice)) else ""

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
        return self._profile is not None and not self._is(self._profile)

    def _is(self, profile: Profile | None) -> bool:
        """Whether a profile is what the fields say."""
        if profile is None or self._draft is None:
            return False
        levels = self._draft.composing.schema.levels(profile.dimensions)
        return self._sliders.levels == levels and self._words == profile.context.strip()

    @property
    def _personality(self) -> str:
        """The one that is begun with, as it is; else one of the instance's own, under a name that is free."""
        if not self._own() or self._draft is None:
            return self._value("base")
        name, known = self._value("name") or "NAME", self._draft.profiles
        names = chain([name], (f"{name}-{number}" for number in count(2)))
        return next(each for each in names if each not in known or self._is(known[each]))

    @on(Input.Changed)
    def _typed(self) -> None:
        self._show_line()

    @on(Choice.Changed)
    def _chosen(self, message: Choice.Changed) -> None:
        if message.choice.id == "base" and self._profile is not None:
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
        at = self._sliders.at
        block = draft.composing.schema.text(at, self._sliders.levels[at]) if at else ""
        beside = self.query_one("#beside", TextView)
        composed = cache(partial(fleet.composed, text, block))  # by the columns that there are
        beside.show(lambda columns, _: composed(columns).lines)
        if block:
            first = composed(beside.scrollable_content_region.width).first
            beside.scroll_to(y=max(0, first - AIR), animate=False)
        self.query_one("#block").set_class(not block, "-hidden")
        self.query_one("#block", TextView).show(lambda columns, _: wrap(" ".join(block.split()), columns, "muted"))
        self._show_line()

    def _show_line(self) -> None:
        """The commands that do the same."""
        lines = [self._words_of_personality()] if self._personality not in self._known() else []
        lines.append(self._words_of_create())
        room = SHOWN * max(40, self.query_one(".sheet").content_size.width) - SHOWN
        self.query_one("#line", Label).update("\n".join(cut(f"$ {shlex.join(words)}", room) for words in lines))

    def _known(self) -> dict[str, Profile]:
        return self._draft.profiles if self._draft else {}

    def _words_of_personality(self) -> list[str]:
        words = ["halctl", "personality", "new", self._personality, "--from", self._value("base")]
        profile = self._profile
        if profile is None or self._draft is None:
            return words
        before = self._draft.composing.schema.levels(profile.dimensions)
        for name, level in self._sliders.levels.items():
            words += ["--set", f"{name}={level}"] if level != before[name] else []
        return words + (["--context", self._words] if self._words != profile.context.strip() else [])

    def _words_of_create(self) -> list[str]:
        words = ["halctl", "create", "--name", self._value("name") or "NAME", "--personality", self._personality]
        for option, field in (("--supervisor", "supervisor"), ("--token-env", "token"), ("--budget", "budget")):
            if self._value(field) and self._value(field) != CHOICES[0]:
                words += [option, self._value(field)]
        return words

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
            raise ValueError("no personality can be read")
        supervisor, budget = self._value("supervisor"), self._value("budget")
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
        before = self._steps.get(message.progress.number)
        if before is None or before.state != "failed":  # that it was undone too is told with why it failed
            self._steps[message.progress.number] = message.progress
        self._show_steps()

    def _show_steps(self) -> None:
        steps = self.query_one("#steps", TextView)
        steps.styles.height = max(1, len(self._steps) + self._made)
        steps.show(self._told)
        self.query_one("#fields").scroll_end(animate=False)

    def _told(self, columns: int, _: int) -> list[Line]:
        lines: list[Line] = []
        for number, each in sorted(self._steps.items()):
            glyph, tone = STEPS[each.state]
            step: Line = [(f"{glyph} ", tone), (f"{number}. {each.title}  ", "plain"), (clean(each.evidence), "faint")]
            lines.append(cut_line(step, columns))
        if self._made:
            lines.append([("it answers; esc leaves", "ok")])
        return lines

    def on_create_instance_ended(self, message: Ended) -> None:
        self._under_way = False
        if message.error is not None:
            self._draft = self._read() or self._draft  # the personality may have been written already
            self._show_line()
            self._fault(message.error)
            self.call_after_refresh(self._show_steps)
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
