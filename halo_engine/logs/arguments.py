"""What people write on the command line, as a query. What cannot be read is an error, never "no filter"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import Any

import click

from halo_engine import clock, console, times
from halo_engine.logs.config import log_settings
from halo_engine.logs.levels import wanted_levels
from halo_engine.logs.parallel import processors
from halo_engine.logs.query import Query, condition, pattern
from halo_engine.logs.reading import Reading
from halo_engine.logs.stamps import Nanoseconds, nanoseconds
from halo_engine.workspace import Workspace

FILES = click.argument("files", nargs=-1, type=click.Path(allow_dash=True, path_type=Path), metavar="[FILE]...")
SOURCE = click.option("--source", "names", multiple=True, help="Only this source, by name; repeatable.")
LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=100, show_default=True, help="How many, the latest; 0 for all."
)
LARGEST = click.option(
    "--limit", type=click.IntRange(0), default=100, show_default=True, help="How many groups, the largest; 0 for all."
)
OPTIONS = (
    click.option("--level", default="", help="error: and above; =error: only; warn,=debug."),
    click.option("--since", default="", help="2h, yesterday, 2026-11-20T14:00:00+02:00."),
    click.option("--until", default="", help="The same; a day means its last second."),
    click.option("--instance", "instances", multiple=True, help="Of this instance; may be repeated."),
    click.option("--where", multiple=True, help="'a.b=c'; also != ~ !~ > >= < <=; repeatable."),
    click.option("--text", default="", help="Words of the line or message, in any case."),
    click.option("--regex", default="", help="A pattern in the line or its message."),
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose records, with the files to read."""
    for option in reversed((FILES, *OPTIONS, SOURCE)):
        command = option(command)
    return command


def query(workspace: Workspace, given: dict[str, Any]) -> Query:
    """The options as a query. Takes them out of `given`.

    Raises Usage for a level, time, condition or pattern that cannot be read, and for a window that ends too soon.
    """
    if given["regex"]:
        pattern(given["regex"])
    level = given.pop("level")
    since, until = bound(workspace, given.pop("since")), bound(workspace, given.pop("until"), end=True)
    if since is not None and until is not None and since > until:
        raise times.backwards()
    return Query(
        wanted_levels(level) if level else None,
        since,
        until,
        tuple(given.pop("instances")),
        tuple(condition(each) for each in given.pop("where")),
        given.pop("text"),
        given.pop("regex"),
    )


def bound(workspace: Workspace, text: str, *, end: bool = False) -> Nanoseconds | None:
    """A moment as people write it; None for no text. `end`: a bare day or second means the end of it.

    Raises Usage.
    """
    if not text:
        return None
    found = nanoseconds(times.moment(text, clock.now(), zone(workspace), end=end, past=True))
    return found + 999_999_999 if end and found % 10**9 == 0 and text != "now" else found


def as_json() -> bool:
    """Whether the command that runs was given --json: for what it writes itself."""
    return bool(click.get_current_context().params["as_json"])


def zone(workspace: Workspace) -> tzinfo:
    return times.zone(workspace.settings.timezone or "")


def reading(workspace: Workspace, asked: Query) -> Reading:
    """How to read, as logctl.yaml says."""
    return Reading(asked, log_settings(workspace).processes or processors())


def notes(done: Reading) -> None:
    """What was met on the way, in words on stderr."""
    for path in done.disordered:
        console.note(f"{path}: its times are out of order, so all of it was read")
    if done.met.malformed:
        console.note(f"{done.met.malformed:,} malformed lines were passed over; `logctl malformed` shows them")
    if done.met.undated:
        console.note(f"{done.met.undated:,} records that answer have no date, so no --since or --until holds them")
