"""The workstation: its keys, its theme, and what can be opened over any screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rich.console import RenderableType
from textual.events import Resize
from textual.screen import Screen

from halo_engine.workspace import Workspace
from halo_tui import session as sessions
from halo_tui import themes
from halo_tui.frame import Options
from halo_tui.keymap import bindings
from halo_tui.living import Living
from halo_tui.panes.title import pane_of
from halo_tui.sparing import Sparing
from halo_tui.widgets.text_view import TextView


class Workstation(Living):
    """The app."""

    CSS_PATH = "workstation.tcss"
    TITLE = "halo"
    BINDINGS: ClassVar = bindings("app")
    COMMANDS: ClassVar = {lambda: _palette()}  # noqa: PLW0108  (defined below; imported when opened)
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, workspace: Workspace, options: Options = Options()) -> None:  # noqa: B008
        super().__init__(workspace, options)
        self._sparing = Sparing()
        self.theme = self._first_theme()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, self._sparing.update(renderable))

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())
        self.theme_changed_signal.subscribe(self, self._restyle)

    def on_resize(self, event: Resize) -> None:
        self._sparing.forget()

    def action_redraw(self) -> None:
        self._sparing.forget()
        self.refresh()

    def _first_theme(self) -> str:
        wanted = self.options.theme or self.session.theme or themes.DEFAULT
        if wanted in themes.names():
            self.register_theme(themes.load(wanted))
        elif wanted not in self.available_themes:
            self.register_theme(themes.load(themes.DEFAULT))
            self.notice = f"there is no theme {wanted}"
            return themes.DEFAULT
        return wanted

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.derived(self.current_theme.to_color_system().generate())

    def action_show_keys(self) -> None:
        from halo_tui.dialogs.help import Help

        self.push_screen(Help(self.page_now, pane_of(self.focused)))

    def action_show_history(self) -> None:
        from halo_tui.dialogs.history import History

        self.push_screen(History(self.deeds), lambda line: self.action_prompt(line) if line else None)

    def action_prompt(self, value: str = "") -> None:
        from halo_tui.command_line import follows

        def given(line: str | None) -> None:
            if line and line.strip():
                self.run_command(line.strip())

        past = [deed.line for deed in self.deeds]
        self.ask(":", given, value=value, complete=follows, hint="any Halo command; tab completes", past=past)

    async def prompt_asks(self, label: str, done: Callable[[str | None], None], **options: Any) -> None:
        from halo_tui.widgets.prompt import Prompt

        prompt = self.screen_stack[0].query_one_optional(Prompt)
        if prompt is None:
            prompt = Prompt()
            await self.screen_stack[0].mount(prompt, after="#bottom")
        prompt.ask(label, done, **options)

    def action_zoom(self) -> None:
        if self.page_now is not None:
            self.page_now.zoom(pane_of(self.focused))

    def action_copy(self) -> None:
        text = self.page_now.selected() if self.page_now else ""
        if text:
            self.copy_to_clipboard(text)
            first = text.partition("\n")[0]
            self.remark(f"copied: {first[:60]}{'…' if len(text) > len(first) or len(first) > 60 else ''}")

    async def action_back(self) -> None:
        page = self.page_now
        if page is None:
            return
        if page.has_class("-zoomed"):
            page.zoom(None)
        elif not page.clear() and self.past is not None:
            await self.leave_past()

    def action_next_theme(self) -> None:
        ours = themes.names()
        place = ours.index(self.theme) + 1 if self.theme in ours else 0
        self.theme = ours[place % len(ours)]
        self.remark(f"theme {self.theme}")

    def action_set_theme(self, name: str) -> None:
        self.theme = name

    def _restyle(self, _: Any) -> None:
        for page in self.made.values():
            page.restyle()
        self.screen_stack[0].query(TextView).refresh()
        self.show_title()
        self.show_bottom()

    async def action_quit(self) -> None:
        self.end_feed()
        if not self.options.still:
            self.session.theme = self.theme
            self.session.screen = self.standing.page
            for name, page in self.made.items():
                self.session.pages[name] = page.remember()
            sessions.save(self.workspace, self.session)
        self.exit()


def _palette() -> Any:
    from halo_tui.palette import Actions

    return Actions
