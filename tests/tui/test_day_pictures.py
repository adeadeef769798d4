"""Pictures of the Overview, Fleet, Memory and Schedule screens in their notable states, from the sample workspace."""

from __future__ import annotations

import pytest

from halo_engine.fleet.personality import writing
from halo_engine.operate import sample
from halo_engine.workspace import Workspace

each_size = pytest.mark.parametrize("size", ["80x24", "120x40"])
each_theme = pytest.mark.parametrize("theme", ["halo-dark", "halo-light"])
SCREENS = ("overview", "fleet", "memory", "schedule")
each_screen = pytest.mark.parametrize("screen", SCREENS)


@pytest.fixture
def household(workspace: Workspace, still) -> Workspace:
    """The sample workspace, at a moment that stands still."""
    sample.fill(workspace)
    return workspace


@each_screen
@each_size
@each_theme
def test_sample(picture, household: Workspace, screen: str, size: str, theme: str) -> None:
    picture(household, size, theme, screen=screen)


@pytest.mark.parametrize("screen", ["fleet", "memory", "schedule"])
def test_nothing_yet(picture, workspace: Workspace, still, screen: str) -> None:
    picture(workspace, "80x24", "halo-dark", screen=screen)


def test_overview_large(picture, household: Workspace) -> None:
    picture(household, "200x60", "halo-dark", screen="overview")


@each_size
def test_wizard_begun(picture, household: Workspace, size: str) -> None:
    keys = ("n", "type ann", "tab", "left", "tab", "down", "down", "right", "right")
    picture(household, size, "halo-dark", *keys, screen="fleet")


def test_push(picture, household: Workspace) -> None:
    writing.edit(household, "dad", levels={"brevity": 2})
    picture(household, "80x24", "halo-light", "down", "p", screen="fleet")


def test_personality(picture, household: Workspace) -> None:
    picture(household, "120x40", "halo-dark", "down", "enter", "right", screen="fleet")


def test_wizard(picture, household: Workspace) -> None:
    picture(household, "120x40", "halo-dark", "n", "type dad", "tab", "tab", screen="fleet")


def test_two_links_away(picture, household: Workspace) -> None:
    picture(household, "120x40", "halo-dark", "slash", "type boat", "enter", "enter", "minus", screen="memory")


@each_size
@each_theme
def test_mail(picture, household: Workspace, size: str, theme: str) -> None:
    picture(household, size, theme, "right", "right", "right", screen="schedule")


def test_no_mail_yet(picture, workspace: Workspace, still) -> None:
    picture(workspace, "80x24", "halo-dark", "right", "right", "right", screen="schedule")


@pytest.mark.parametrize("screen", ["overview", "schedule"])
def test_light_and_large(picture, household: Workspace, screen: str) -> None:
    picture(household, "200x60", "halo-light", screen=screen)


def test_reports(picture, household: Workspace) -> None:
    picture(household, "120x40", "halo-light", "left", screen="schedule")
