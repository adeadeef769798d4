"""The smallest Textual app that shows something and answers a key."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static


class Hello(App[None]):
    presses = 0

    def compose(self) -> ComposeResult:
        yield Static("Hello, World!")

    def on_key(self, event: Key) -> None:
        self.presses += 1
        self.query_one(Static).update(f"Hello, World! {event.key} {self.presses}")


Hello().run()
