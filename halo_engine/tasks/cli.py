"""`nightctl`: work items, from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from halo_engine import console
from halo_engine.commandline import Answer, App
from halo_engine.errors import Failed
from halo_engine.tasks import arguments, commands, output, queries, views
from halo_engine.tasks.arguments import ITEM, LIMIT, Duration, Moment, Priority, Status, Tags
from halo_engine.tasks.editing import Changed
from halo_engine.tasks.states import Kind
from halo_engine.workspace import Workspace

app = App(
    "nightctl",
    help="Work items: tasks for people, jobs for the night, agent-jobs for agents.",
    sections={
        "Look": "list ready next show history graph",
        "Write": "add edit note undo",
        "Move": "start block unblock review test done reject defer reopen cancel",
        "Plan and run": "plan approve run runs log retry",
        "Move house": "import export",
    },
    words={"list": "ls status", "add": "new create todo", "runs": "results", "run": "night overnight go"},
)


def did(changed: Changed) -> Answer:
    """What a verb did, as its answer."""
    return Answer(changed.item, note=changed.note)


def plan_in(file: Any) -> str | None:
    """The text of a plan's file, when one was given."""
    if file is None:
        return None
    from halo_engine.tasks.planning.writing import text_of

    return text_of(file)


def fields(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that `add` and `edit` share."""
    for option in reversed(
        (
            click.option(
                "--kind",
                type=click.Choice([kind.value for kind in Kind]),
                help="What does it: a person, a script, an agent.",
            ),
            click.option("--priority", type=Priority(), help="high, medium, low or none."),
            click.option("--tag", "tags", type=Tags(), multiple=True, help="A tag; several with commas or repeated."),
            click.option("--due", type=Moment(end=True), help="2026-12-24, friday, 3d, 2026-12-24T18:00."),
            click.option("--context", help="What someone who does it must know."),
            click.option("--command", help="The shell command of a job."),
            click.option("--depends-on", type=Tags(), multiple=True, help="Items that must be over before it."),
            click.option("--window", help="Hours in which it may run, 02:00-05:00."),
            click.option("--timeout", type=Duration(), help="The longest it may run: 90s, 15m, 2h."),
            click.option("--retries", type=click.IntRange(0, 100), help="Attempts after the first that fails."),
        )
    ):
        command = option(command)
    return command


@app.verb(view=views.line, changes=True)
@click.argument("title")
@fields
@click.option("--defer-until", type=Moment(), help="Not before this.")
@click.option("--plan", "plan_file", type=click.File("rb"), help="A plan to hand in with it.")
@click.option("--key", help="Your own name for it: the same key again returns the item that is there.")
def add(workspace: Workspace, title: str, plan_file: Any, **given: Any) -> Answer:
    """Make an item."""
    return did(commands.add(workspace, title, plan=plan_in(plan_file), **arguments.item_fields(workspace, given)))


@app.verb("list", view=views.table)
@click.option("--status", type=Status(), multiple=True, help="A state, several with commas, or `all`.")
@click.option("--all", "every", is_flag=True, help="Also what is done or cancelled.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), multiple=True)
@click.option("--tag", "tags", type=Tags(), multiple=True, help="All of these tags.")
@click.option("--text", default="", help="Words in id, title, context or tags.")
@click.option("--due", type=Moment(end=True), help="Due by then; `now` for what is overdue.")
@click.option("--ready", is_flag=True, help="Only what can be worked on now.")
@click.option("--sort", type=click.Choice(list(queries.SORTS)), default="priority", show_default=True)
@LIMIT
def list_(workspace: Workspace, limit: int, **given: Any) -> Answer:
    """List items, the most urgent first; by default those not over."""
    commands.wake(workspace)
    found, more = queries.page(workspace, arguments.item_filter(workspace, given), limit)
    return Answer(found, more)


@app.verb(view=views.table)
@LIMIT
def ready(workspace: Workspace, limit: int) -> Answer:
    """What can be worked on now: it waits for nothing."""
    commands.wake(workspace)
    return Answer(*queries.page(workspace, queries.Filter(ready=True), limit))


@app.verb("next", view=views.card)
def next_(workspace: Workspace) -> Answer:
    """The one item to work on now."""
    commands.wake(workspace)
    found, _ = queries.page(workspace, queries.Filter(ready=True), 1)
    if not found:
        raise Failed("nothing is ready to be worked on", "nightctl list")
    return Answer(found[0])


@app.verb(view=views.card)
@ITEM
def show(workspace: Workspace, item: str) -> Answer:
    """Everything about an item."""
    commands.wake(workspace)
    return Answer(queries.item(workspace, item))


@app.verb(view=views.line, changes=True)
@ITEM
@click.option("--title")
@fields
@click.option("--untag", type=Tags(), multiple=True, help="Take a tag away.")
@click.option("--clear", type=click.Choice(sorted(arguments.CLEARABLE)), multiple=True, help="Empty a field.")
def edit(workspace: Workspace, item: str, **given: Any) -> Answer:
    """Change an item's fields. Tags are added; `--untag` takes them away."""
    return did(commands.edit(workspace, item, **arguments.item_changes(workspace, item, given)))


def simple(command: Callable[[Workspace, str], Changed]) -> None:
    """A verb that takes an item and nothing else; its help is the command's own."""

    def verb(workspace: Workspace, item: str) -> Answer:
        return did(command(workspace, item))

    summary = (command.__doc__ or "").partition("\n\n")[0]
    app.verb(command.__name__, view=views.line, changes=True, help=summary)(ITEM(verb))


for _command in (
    commands.start,
    commands.unblock,
    commands.review,
    commands.approve,
    commands.test,
    commands.done,
    commands.reopen,
    commands.retry,
):
    simple(_command)


@app.verb(view=views.line, changes=True)
@ITEM
@click.option("--reason", required=True, help="What it waits for.")
def block(workspace: Workspace, item: str, reason: str) -> Answer:
    """Stop work on an item until `unblock`."""
    return did(commands.block(workspace, item, reason))


@app.verb(view=views.line, changes=True)
@ITEM
@click.option("--reason", required=True, help="What is wanted.")
def reject(workspace: Workspace, item: str, reason: str) -> Answer:
    """Send back: a plan to planning, work to progress."""
    return did(commands.reject(workspace, item, reason))


@app.verb(view=views.line, changes=True)
@ITEM
@click.option("--until", type=Moment(), help="When it opens by itself; default: when you reopen it.")
def defer(workspace: Workspace, item: str, until: Any) -> Answer:
    """Put an item off."""
    return did(commands.defer(workspace, item, arguments.stamped(workspace, until)))


@app.verb(view=views.line, changes=True)
@ITEM
@click.option("--reason", default="")
def cancel(workspace: Workspace, item: str, reason: str) -> Answer:
    """Give an item up; one that is running is ended."""
    return did(commands.cancel(workspace, item, reason))


@app.verb(view=views.line, changes=True)
@ITEM
@click.argument("text")
def note(workspace: Workspace, item: str, text: str) -> Answer:
    """Add a note to an item."""
    return did(commands.note(workspace, item, text))


@app.verb(view=views.line, changes=True)
@click.argument("item", default="@last")
def undo(workspace: Workspace, item: str) -> Answer:
    """Take the last change of an item back (default: @last)."""
    from halo_engine.tasks.undo import undo

    return did(undo(workspace, item))


@app.verb(view=views.line, changes=True)
@ITEM
@click.option("--from", "source", type=click.File("rb"), help="Take the plan from a file; `-` is stdin.")
def plan(workspace: Workspace, item: str, source: Any) -> Answer:
    """Plan an item: from a file, by a model, or in $EDITOR.

    Without --from: with an Anthropic key configured the plan is generated; else the template opens in $EDITOR.
    """
    from halo_engine.tasks.planning.writing import intention, text_for

    if workspace.dry_run and not source:
        return Answer(queries.item(workspace, item), would=intention(workspace, item))
    return did(commands.plan(workspace, item, plan_in(source) if source else text_for(workspace, item)))


@app.verb(view=views.history)
@ITEM
def history(workspace: Workspace, item: str) -> Answer:
    """Everything that happened to an item, and who did it."""
    events = queries.history(workspace, item)
    return Answer([event.readable() for event in events], shown=events)


@app.verb(view=views.runs)
@click.argument("item", required=False)
@LIMIT
def runs(workspace: Workspace, item: str | None, limit: int) -> Answer:
    """The runs of an item, or the latest of all."""
    return Answer(*queries.runs_page(workspace, item, limit))


@app.verb(view=output.write)
@ITEM
@click.option("--attempt", type=int, help="Which run; default: the last.")
@click.option("--lines", type=click.IntRange(0), default=0, help="Only the last lines.")
def log(workspace: Workspace, item: str, attempt: int | None, lines: int) -> Answer:
    """The output of an item's last run."""
    path = queries.run_folder(workspace, item, attempt) / "output.log"
    return Answer(output.of(path, lines))


@app.verb(view=console.line)
@click.argument("item", required=False)
@click.option("--format", "style", type=click.Choice(["text", "dot", "mermaid"]), default="text", show_default=True)
@click.option("--all", "every", is_flag=True, help="Also what is over.")
def graph(workspace: Workspace, item: str | None, style: str, every: bool) -> Answer:
    """What depends on what."""
    from halo_engine.tasks import graph as drawing

    return Answer(getattr(drawing, style)(queries.connected(workspace, item, every=every)))


@app.verb(view=views.night, changes=True)
@click.argument("items", nargs=-1)
@click.option("--now", is_flag=True, help="Outside the window too.")
@click.option("--once", is_flag=True, help="One pass over what is due at this moment.")
@click.option("--watch", is_flag=True, help="Stay, and run what falls due.")
@click.option("--workers", type=click.IntRange(1, 64), help="How many at a time.")
@click.option("--limit", type=click.IntRange(0), default=0, help="At most so many runs.")
def run(workspace: Workspace, items: tuple[str, ...], **options: Any) -> Answer:
    """Run the jobs and agent-jobs that are due, inside their window."""
    from halo_engine.tasks.night import runner

    report = runner.run(workspace, runner.Options(items=items, **options), tell=console.note)
    return Answer(report, exit_code=report.exit_code)


@app.verb("import", view=views.imported, changes=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--format", "style", type=click.Choice(["auto", "halo", "taskwarrior"]), default="auto", show_default=True
)
def import_(workspace: Workspace, file: Path, style: str) -> Answer:
    """Take in a task list: our own export, or Taskwarrior's.

    A second time changes nothing.
    """
    from halo_engine.tasks.exchange.files import import_file

    return Answer(import_file(workspace, file, style))


@app.verb("export")
@click.option("--format", "style", type=click.Choice(["halo", "taskwarrior"]), default="halo", show_default=True)
@click.option("--all/--active", "every", default=True, help="Also what is over (default), or not.")
def export(workspace: Workspace, style: str, every: bool) -> None:
    """Write all items to stdout, with their plans and runs."""
    from halo_engine.tasks.exchange.files import export_lines

    for each in export_lines(workspace, style, every=every):
        console.raw(each)


def main() -> None:
    """The console script."""
    app.main()
