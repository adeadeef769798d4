"""Pictures of the Logs and Agents screens in their notable states."""

from __future__ import annotations

import pytest

from halo_engine.workspace import Workspace
from tests.tui.test_agents import worked  # noqa: F401  (a fixture)
from tests.tui.test_logs import logged  # noqa: F401

each_size = pytest.mark.parametrize("size", ["80x24", "120x40"])
each_theme = pytest.mark.parametrize("theme", ["halo-dark", "halo-light"])


@each_size
@each_theme
def test_logs(picture, logged: Workspace, size: str, theme: str) -> None:  # noqa: F811
    picture(logged, size, theme, "up", "up", "m", screen="logs")


def test_logs_record(picture, logged: Workspace) -> None:  # noqa: F811
    picture(logged, "120x40", "halo-dark", "slash", "type level:warn", "enter", "enter", screen="logs")


def test_logs_none(picture, workspace: Workspace, still) -> None:
    picture(workspace, "80x24", "halo-dark", screen="logs")


@each_size
@each_theme
def test_agents(picture, worked: Workspace, size: str, theme: str) -> None:  # noqa: F811
    picture(worked, size, theme, screen="agents")


def test_agents_usage(picture, worked: Workspace) -> None:  # noqa: F811
    picture(worked, "120x40", "halo-dark", "right", "right", screen="agents")


def test_agents_none(picture, workspace: Workspace, still) -> None:
    picture(workspace, "80x24", "halo-dark", screen="agents")
