"""`halo-tui`: open the workstation, or take a picture of it. Textual is imported once it is certain to be needed."""

from __future__ import annotations

import gc
import re
import sys
from pathlib import Path
from typing import cast

import click

from halo_engine.commandline import VERSION, run
from halo_engine.errors import Usage
from halo_engine.workspace import Workspace
from halo_tui.screens import PAGES

SIZE = re.compile(r"(\d{1,4})x(\d{1,4})")
SMALLEST = (60, 15)


class Size(click.ParamType[tuple[int, int]]):
    """`120x40`: columns by rows."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        match = SIZE.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r} is not COLUMNSxROWS, such as 120x40", param, ctx)
        columns, rows = int(match[1]), int(match[2])
        if columns < SMALLEST[0] or rows < SMALLEST[1]:
            self.fail("{}x{} is the least".format(*SMALLEST), param, ctx)
        return columns, rows


@click.command("halo-tui", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--workspace", type=click.Path(path_type=Path), metavar="FOLDER", help="Work in this workspace.")
@click.option("--screen", type=click.Choice(tuple(PAGES)), help="Begin with this screen; default: where you were.")
@click.option(
    "--theme", metavar="NAME", help="halo-dark, halo-light, halo-dark-cb, halo-light-cb, or one of Textual's."
)
@click.option(
    "--screenshot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a picture (SVG) and end.",
)
@click.option("--size", type=Size(), default="120x40", show_default=True, help="Columns and rows of the picture.")
@VERSION
def cli(
    workspace: Path | None, screen: str | None, theme: str | None, screenshot: Path | None, size: tuple[int, int]
) -> int:
    """The workstation: everything Halo does, live, on one screen."""
    if theme is not None:
        _check_theme(theme)
    place = Workspace.find(workspace)
    if screenshot is not None:
        from halo_tui.picture import write

        write(place, screenshot, screen=screen, theme=theme, size=size)
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("the workstation needs a terminal", "halo-tui --screenshot FILE takes a picture without one")
    gc.disable()  # until the first screen shows: nothing of what is loaded now will be garbage
    from halo_tui.app import Workstation
    from halo_tui.frame import Options

    Workstation(place, Options(screen, theme)).run()
    return 0


def _check_theme(name: str) -> None:
    from halo_tui import themes

    ours = themes.names()
    if name in ours:
        return
    from textual.theme import BUILTIN_THEMES

    if name not in BUILTIN_THEMES:
        raise Usage(
            f"there is no theme {name}", f"ours: {', '.join(ours)}; Textual's: {', '.join(sorted(BUILTIN_THEMES))}"
        )


def main() -> None:
    """The console script: leaves with the exit codes of every Halo command."""
    sys.exit(run(cast("click.Group", cli), sys.argv[1:], "halo-tui"))
