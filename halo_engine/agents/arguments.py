"""What people write on the command line, as the types that queries take."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import clock, console, times
from halo_engine.agents.queries import Filter
from halo_engine.agents.sources import SOURCES
from halo_engine.clock import Timestamp
from halo_engine.workspace import Workspace

LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all."
)
PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")


def narrowing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which sessions."""
    for option in reversed(
        (
            click.option("--since", "--period", "since", default="", help="From then on: 7d, monday, 2026-11-01."),
            click.option("--until", default="", help="Up to then."),
            click.option("--instance", default="", help="Of this instance."),
            click.option("--model", default="", help="Part of a model's name."),
            click.option("--project", default="", help="Part of a project's name or folder."),
            click.option("--source", type=click.Choice(list(SOURCES)), default=None, help="Of this tool."),
        )
    ):
        command = option(command)
    return command


def wanted(workspace: Workspace, given: dict[str, Any]) -> Filter:
    """The options of `narrowing` as a filter.

    Raises Usage for a time that is none, and for a window that ends before it begins.
    """
    since, until = moment(workspace, given["since"]), moment(workspace, given["until"], end=True)
    if since and until and since > until:
        raise times.backwards()
    return Filter(
        since=since,
        until=until,
        instance=given["instance"],
        model=given["model"],
        project=given["project"],
        source=given["source"] or "",
    )


def moment(workspace: Workspace, text: str, *, end: bool = False) -> Timestamp | None:
    """A moment of the past as people write it; None for nothing.

    Raises Usage for text that is no moment.
    """
    if not text:
        return None
    zone = times.zone(workspace.settings.timezone or "")
    return clock.stamp(times.moment(text, clock.now(), zone, end=end, past=True))


def table(rows: Iterable[Any]) -> None:
    """Rows as CSV, the names of their fields first; lists with blanks between."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, row in enumerate(rows):
        fields = msgspec.to_builtins(row)
        if not number:
            writer.writerow(fields)
        writer.writerow([" ".join(value) if isinstance(value, list) else value for value in fields.values()])
    if out.getvalue():
        console.raw(out.getvalue().removesuffix("\n"))
