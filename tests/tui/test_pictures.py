"""Pictures of every screen in every notable state. `pytest --snapshot-update` makes them anew; look at them then."""

from __future__ import annotations

import pytest

from halo_engine.workspace import Workspace

SIZES = ("80x24", "120x40")
THEMES = ("halo-dark", "halo-light")

each_size = pytest.mark.parametrize("size", SIZES)
each_theme = pytest.mark.parametrize("theme", THEMES)


@each_size
@each_theme
def test_first_run(picture, workspace: Workspace, still, size: str, theme: str) -> None:
    picture(workspace, size, theme)


@each_size
@each_theme
def test_few(picture, few: Workspace, size: str, theme: str) -> None:
    picture(few, size, theme)


@each_size
@each_theme
def test_thousands(picture, thousands: Workspace, size: str, theme: str) -> None:
    picture(thousands, size, theme, "end")


@each_size
@each_theme
def test_past(picture, few: Workspace, size: str, theme: str) -> None:
    picture(few, size, theme, "t", "shift+left")


@each_size
def test_error(picture, few: Workspace, size: str) -> None:
    damage(few)
    picture(few, size, "halo-dark")


@each_size
def test_board(picture, few: Workspace, size: str) -> None:
    picture(few, size, "halo-dark", "v")


@pytest.mark.parametrize("theme", ["halo-dark-cb", "halo-light-cb"])
def test_for_every_kind_of_colour_vision(picture, few: Workspace, theme: str) -> None:
    picture(few, "120x40", theme)


@pytest.mark.parametrize("section", ["plan", "runs", "history"])
def test_section(picture, few: Workspace, section: str) -> None:
    word, keys = {
        "plan": ("digest", ["right"]),
        "runs": ("photo", ["right", "right"]),
        "history": ("script", ["left"]),
    }[section]
    picture(few, "120x40", "halo-dark", "slash", f"type {word}", "enter", "enter", *keys)


def test_filter(picture, few: Workspace) -> None:
    picture(few, "120x40", "halo-dark", "slash", "type tag:bot")


def test_nothing_matches(picture, few: Workspace) -> None:
    picture(few, "80x24", "halo-dark", "slash", "type nowhere", "enter")


def test_large(picture, few: Workspace) -> None:
    picture(few, "200x60", "halo-dark")


@each_size
@each_theme
def test_events(picture, few: Workspace, size: str, theme: str) -> None:
    picture(few, size, theme, screen="events")


def test_events_thousands(picture, thousands: Workspace) -> None:
    picture(thousands, "120x40", "halo-dark", "home", screen="events")


def test_events_past(picture, few: Workspace) -> None:
    picture(few, "120x40", "halo-dark", "t", "left", screen="events")


def test_events_error(picture, few: Workspace) -> None:
    damage(few)
    picture(few, "80x24", "halo-dark", screen="events")


@pytest.mark.parametrize(
    "keys",
    [
        ["a", "type Mend the gate"],
        ["x"],
        ["question_mark"],
        ["ctrl+p", "type un"],
        ["d", "s", "u", "dollar_sign"],
        ["colon", "type nightctl bl"],
    ],
    ids=["add", "confirm", "help", "palette", "commands", "prompt"],
)
def test_dialog(picture, few: Workspace, keys: list[str]) -> None:
    picture(few, "120x40", "halo-dark", *keys)


def damage(workspace: Workspace) -> None:
    """Write over the middle of the log, and forget the store that was made of it."""
    workspace.log.close()
    for rest in workspace.store.glob("tasks.db*"):
        rest.unlink()
    for rest in workspace.store.glob("events.db-*"):
        rest.unlink()
    path = workspace.store / "events.db"
    path.write_bytes(b"not a database, whatever it was" * 200)
