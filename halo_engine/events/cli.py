"""`halo-engine events`: the history itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from halo_engine import clock, console, times
from halo_engine.commandline import Answer, App, as_json
from halo_engine.errors import NotFound
from halo_engine.events import queries, views
from halo_engine.events.queries import EventFilter
from halo_engine.workspace import Workspace

app = App(
    "events",
    help="The event log: everything that ever happened, in order.",
    sections={"Read": "list tail show", "Keep sound": "verify rebuild", "Move": "export import"},
)


def filtered(command: Any) -> Any:
    """The options that choose events."""
    for option in reversed(
        (
            click.option("--module", default="", help="task, ..."),
            click.option("--stream", default="", help="task/T-042"),
            click.option("--type", "type_", default="", help="A part of the type: blocked, task.run."),
            click.option("--actor", default="", help="operator, job:T-042, ..."),
            click.option("--correlation", "correlation_id", default="", help="All that one cause set off."),
            click.option("--since", default="", help="2h, yesterday, 2026-11-20T14:00."),
            click.option("--until", default=""),
            click.option("--text", default="", help="Words anywhere."),
        )
    ):
        command = option(command)
    return command


def wanted(workspace: Workspace, given: dict[str, Any]) -> EventFilter:
    """The options as a filter. Raises Usage for text that is no time."""
    zone = times.zone(workspace.settings.timezone or "")
    for name, end in (("since", False), ("until", True)):
        if given[name]:
            given[name] = clock.stamp(times.moment(given[name], clock.now(), zone, end=end, past=True))
    return EventFilter(type=given.pop("type_"), **given)


@app.verb("list", view=views.table)
@filtered
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="How many, the latest; 0 for all.")
def list_(workspace: Workspace, limit: int, **given: Any) -> Answer:
    """The latest events, the oldest of them first."""
    found, more = queries.page(workspace, wanted(workspace, given), limit)
    return Answer([event.readable() for event in found], more, shown=found)


@app.verb()
@filtered
@click.option("--lines", type=click.IntRange(0), default=10, show_default=True, help="How many earlier ones first.")
@click.option("--follow/--no-follow", "-f", default=True, help="Go on as events are appended (default).")
def tail(workspace: Workspace, lines: int, follow: bool, **given: Any) -> None:
    """The last events, and then each as it comes.

    With --json one object a line.
    """
    chosen = wanted(workspace, given)
    write = (lambda event: console.record(event.readable())) if as_json() else views.line
    head = workspace.log.head()
    for event in queries.page(workspace, chosen, lines)[0] if lines else []:
        write(event)
    if follow:
        for event in queries.follow(workspace, chosen, head):
            write(event)


@app.verb(view=views.card)
@click.argument("event")
def show(workspace: Workspace, event: str) -> Answer:
    """One event, by its position or its id."""
    found = queries.event(workspace, event)
    return Answer(found.readable(), shown=found)


@app.verb(view=views.verdict)
def verify(workspace: Workspace) -> Answer:
    """Check every hash, version and position.

    Exits 1 when something was changed, removed or inserted by hand.
    """
    from halo_engine.events.verify import verify

    found = verify(workspace.log.index, lambda total: console.progress(total, "checked"))
    return Answer(found, exit_code=1 if found.faults else 0)


@app.verb(view=console.line, changes=True)
@click.argument("module", required=False)
def rebuild(workspace: Workspace, module: str | None) -> Answer:
    """Make a module's store (default: all) anew from the log."""
    from halo_engine.events.store import rebuild
    from halo_engine.modules import projections

    known = projections()
    if module and module not in known:
        raise NotFound(f"no module {module}", f"there are: {', '.join(known)}")
    chosen = [module] if module else list(known)
    if workspace.dry_run:
        heads = {name: workspace.log.head(known[name].module) for name in chosen}
        would = "\n".join(f"{name}: would be rebuilt up to event {head:,}" for name, head in heads.items())
        return Answer(heads, would=would)
    reached = {name: rebuild(workspace, known[name]) for name in chosen}
    return Answer(reached, shown="\n".join(f"{name}: rebuilt up to event {at:,}" for name, at in reached.items()))


@app.verb()
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path), default="-")
@click.option("--salvage", is_flag=True, help="Take what can be read from a damaged log.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only events after this position.")
def export(workspace: Workspace, file: Path, salvage: bool, after: int) -> None:
    """Write events to a file (default: stdout) as JSON Lines."""
    from halo_engine.events import transfer
    from halo_engine.events.salvage import Salvage

    saved = Salvage(workspace.log.index.path)
    events = saved.events() if salvage else workspace.log.read()
    lines = transfer.to_lines(event for event in events if event.position > after)
    if str(file) == "-":
        for each in lines:
            console.raw(each)
    else:
        console.note(f"{console.save(file, lines):,} events written to {file}")
    if saved.summary():
        console.note(saved.summary())


@app.verb("import", view=console.line, changes=True)
@click.argument("file", type=click.File(encoding="utf-8"))
def import_(workspace: Workspace, file: Any) -> Answer:
    """Take in events that `export` wrote.

    Those that are here already are passed over.
    """
    from halo_engine.events import transfer
    from halo_engine.modules import projections

    added, seen = transfer.take_in(workspace, transfer.from_lines(file), projections().values())
    shown = f"{added:,} events added, {seen:,} were here already"
    return Answer({"added": added, "there": seen}, shown=shown, would=f"{added:,} events would be added")
