"""Pictures of the workstation are kept in `snapshots/`, in folders that mirror the tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "snapshots"


class Calm(App[None]):
    """The least app that has something to show."""

    def compose(self) -> ComposeResult:
        yield Static("nothing moves unless something happened")


def test_a_picture_is_found_at_the_top(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(Calm(), terminal_size=(80, 24))


def test_no_picture_outlives_its_test() -> None:
    """The plugin reports pictures that no test asks for, but not when tests run in several processes."""
    stale = [str(picture.relative_to(ROOT)) for picture in SNAPSHOTS.rglob("*.svg") if not is_asked_for(picture)]
    assert not stale


def is_asked_for(picture: Path) -> bool:
    module = (ROOT / "tests" / picture.parent.relative_to(SNAPSHOTS)).with_suffix(".py")
    function = picture.name.partition("[")[0].partition(".")[0]
    return module.is_file() and f"def {function}(" in module.read_text()
