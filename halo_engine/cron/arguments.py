"""What people write on the command line, as the settings that a job's file has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from halo_engine import times
from halo_engine.cron import jobs
from halo_engine.cron.jobs import CatchUp, Overlap
from halo_engine.errors import Usage
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NOTIFY = {
    "both": {"failure": True, "recovery": True},
    "failure": {"failure": True, "recovery": False},
    "none": {"failure": False, "recovery": False},
}
LENGTHS = ("timeout", "retry_delay", "jitter")


def complete_job(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Jobs by the beginning of their name."""
    from click.shell_completion import CompletionItem

    workspace = Workspace.find(ctx.params.get("workspace"), make=False)
    return [CompletionItem(name) for name in jobs.names(workspace) if name.startswith(incomplete)]


JOB = click.argument("job", metavar="JOB", shell_complete=complete_job)
RUNNING = complete_job
SETTINGS = (
    click.option("--schedule", help="'30 2 * * mon-fri', @daily, ..."),
    click.option("--command", help="For /bin/sh."),
    click.option("--description"),
    click.option("--timezone", help="IANA name; default: the workspace's."),
    click.option("--env", multiple=True, metavar="NAME=VALUE", help="A variable; may be repeated."),
    click.option("--timeout", metavar="LENGTH", help="90s, 15m, 2h: then it is ended."),
    click.option("--retries", type=int, help="How often a failed run is tried again."),
    click.option("--retry-delay", metavar="LENGTH"),
    click.option("--overlap", type=click.Choice([each.value for each in Overlap]), help="When one still runs."),
    click.option("--jitter", metavar="LENGTH", help="Wait up to so long, by chance, before a run."),
    click.option("--catch-up", type=click.Choice([each.value for each in CatchUp]), help="For missed runs."),
    click.option("--notify", type=click.Choice(list(NOTIFY)), help="Which of them raises or resolves an alert."),
    click.option("--keep", type=click.IntRange(1), help="Of how many runs the output is kept."),
    click.option("--tag", "tags", multiple=True, help="May be repeated."),
)


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that `add` and `edit` share."""
    for option in reversed(SETTINGS):
        function = option(function)
    return function


def settings_of(given: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given, as a job's file has them.

    Raises Usage.
    """
    found = {key: value for key, value in given.items() if value not in {None, ()}}
    for key in LENGTHS:
        if key in found:
            seconds = times.duration(found[key]).total_seconds()
            found[key] = int(seconds)
    if "tags" in found:
        found["tags"] = list(found["tags"])
    if "env" in found:
        found["env"] = dict(_pair(each) for each in found["env"])
    if "notify" in found:
        found["notify"] = dict(NOTIFY[found["notify"]])
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not jobs.VARIABLE.fullmatch(name):
        raise Usage(f"not a variable: {text[:40]!r}", "write --env NAME=VALUE")
    return name, value
