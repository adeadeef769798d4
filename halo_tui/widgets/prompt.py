"""The one line at the bottom that asks: for a filter, a reason, a command. What may follow is offered above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from halo_tui.present.ink import Line, cells, cut, fit
from halo_tui.widgets.text_view import TextView

OFFERED = 8
"""Candidates that show at a time."""

Complete = Callable[[str], Sequence[tuple[str, str]]]
"""From the text so far to the words that may stand at its end, each with a help text."""


class Prompt(Horizontal):
    """Asks one question at a time; `answered` gets the text, or None when the question was left with escape."""

    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False, priority=True),
        Binding("tab", "complete(1)", show=False, priority=True),
        Binding("shift+tab", "complete(-1)", show=False, priority=True),
        Binding("up", "recall(-1)", show=False, priority=True),
        Binding("down", "recall(1)", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Prompt { height: 1; background: $panel; display: none; }
    Prompt.-open { display: block; }
    Prompt #label { width: auto; padding: 0 1; color: $accent; text-style: bold; }
    Prompt Input { width: 1fr; height: 1; border: none; background: $panel; padding: 0; }
    Prompt Input:focus { background-tint: transparent; }
    Prompt #hint { width: auto; padding: 0 1; color: $halo-muted; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.answered: Callable[[str | None], None] = lambda _: None
        self._changed: Callable[[str], None] | None = None
        self._complete: Complete | None = None
        self._candidates: list[tuple[str, str]] = []
        self._chosen = -1
        self._stem = ""
        self._past: Sequence[str] = ()
        self._recalled = 0

    def compose(self) -> ComposeResult:
        yield Static(id="label", markup=False)
        yield Input(compact=True, select_on_focus=False)
        yield Static(id="hint", markup=False)

    @property
    def input(self) -> Input:
        return self.query_one(Input)

    @property
    def offers(self) -> TextView:
        return self.screen.query_one("#offers", TextView)

    def ask(
        self,
        label: str,
        answered: Callable[[str | None], None],
        *,
        changed: Callable[[str], None] | None = None,
        complete: Complete | None = None,
        value: str = "",
        hint: str = "",
        past: Sequence[str] = (),
    ) -> None:
        """Ask; `changed` is called with the text as it is typed, `past` is what up and down go through."""
        self.answered, self._changed, self._complete = answered, None, complete
        self._past, self._recalled = past, len(past)
        self.query_one("#label", Static).update(label)
        self.query_one("#hint", Static).update(cut(hint, max(0, self.app.size.width - len(label) - 24)))
        self.input.value = value
        self.input.cursor_position = len(value)
        self.add_class("-open")
        self.screen.add_class("-asking")
        self.input.focus()
        self.call_after_refresh(self._listen, changed)
        self._offer(value)

    def _listen(self, changed: Callable[[str], None] | None) -> None:
        self._changed = changed

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self._changed is not None:
            self._changed(message.value)
        if self._chosen < 0 or message.value != self._with(self._candidates[self._chosen][0]):
            self._offer(message.value)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self._close(message.value)

    def action_leave(self) -> None:
        self._close(None)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if self.has_class("-open") and self.app.app_focus and self.screen.is_current:
            self.call_later(self._left)

    def _left(self) -> None:
        if self.has_class("-open") and not self.input.has_focus:
            self._close(None)

    def _close(self, text: str | None) -> None:
        if not self.has_class("-open"):
            return
        self.remove_class("-open")
        self.screen.remove_class("-asking")
        self.offers.display = False
        self.answered(text)

    # What may follow

    def _offer(self, text: str) -> None:
        self._stem, self._chosen = text, -1
        self._candidates = list(self._complete(text)) if self._complete else []
        self._show()

    def _with(self, word: str) -> str:
        """The text with its last word replaced."""
        head, blank, _ = self._stem.rpartition(" ")
        return f"{head}{blank}{word}"

    def action_complete(self, step: int) -> None:
        if not self._candidates:
            return
        only = len(self._candidates) == 1
        self._chosen = (
            (self._chosen + step) % len(self._candidates)
            if self._chosen >= 0
            else (0 if step > 0 else len(self._candidates) - 1)
        )
        word = self._candidates[self._chosen][0]
        text = self._with(word) + (" " if only and not word.endswith("/") else "")
        self.input.value = text
        self.input.cursor_position = len(text)
        self._show()

    def action_recall(self, step: int) -> None:
        if self._candidates and not self._past:
            self.action_complete(step)
            return
        self._recalled = max(0, min(self._recalled + step, len(self._past)))
        text = self._past[self._recalled] if self._recalled < len(self._past) else ""
        self.input.value = text
        self.input.cursor_position = len(text)

    def _show(self) -> None:
        offers = self.offers
        offers.display = bool(self._candidates)
        if not self._candidates:
            return
        first = max(0, min(self._chosen - OFFERED // 2, len(self._candidates) - OFFERED))
        shown = self._candidates[first : first + OFFERED]
        offers.styles.height = len(shown)
        wide = max(cells(word) for word, _ in shown)

        def build(columns: int, rows: int) -> list[Line]:  # noqa: ARG001
            return [self._candidate(first + place, wide, columns) for place in range(len(shown))]

        offers.show(build, top=True)

    def _candidate(self, place: int, wide: int, columns: int) -> Line:
        word, help_ = self._candidates[place]
        chosen = place == self._chosen
        text = fit(word, min(wide, columns // 2))
        return [
            ("▸ " if chosen else "  ", "key"),
            (text, "lit" if chosen else "plain"),
            (f"   {cut(help_, columns - wide - 8)}", "faint"),
        ]
