"""`agentctl`: sessions of coding agents, from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import console
from halo_engine.agents import arguments, queries, views
from halo_engine.agents.arguments import LIMIT, PATHS
from halo_engine.agents.spin import cli_verbs
from halo_engine.commandline import Answer, App
from halo_engine.workspace import Workspace

app = App(
    "agentctl",
    help="What the coding agents did, what it cost, and whether one is stuck.",
    sections={
        "Look": "sessions session usage",
        "Read": "ingest sources",
        "Stuck": "spin-check alerts ack mute evaluate",
        "Price and pass on": "prices export",
    },
    words={"sessions": "list ls", "session": "show get view", "spin-check": "spin stuck check loops", "usage": "cost"},
)
cli_verbs.mount(app)
SESSION = click.argument("ref", metavar="SESSION")
CSV = click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV.")


@app.verb(view=lambda report: console.line(report.summary()), changes=True)
@PATHS
@click.option("--watch", is_flag=True, help="Go on: read what comes, until ctrl+c.")
def ingest(workspace: Workspace, paths: Sequence[Path], watch: bool) -> Answer | None:
    """Read what is new in transcripts: in PATHs, or where the tools keep them."""
    from halo_engine.agents.ingest import ingest as read

    if not watch:
        return Answer(read(workspace, paths))
    from halo_engine.agents.watching import reports

    for report in reports(workspace, paths):
        console.record(report)
    return None


@app.verb(view=views.sources)
def sources(workspace: Workspace) -> Answer:
    """Which tools' sessions were found, and where they are looked for."""
    from halo_engine.agents.found import found

    _refresh(workspace)
    return Answer(found(workspace))


@app.verb(view=views.sessions)
@arguments.narrowing
@click.option("--flagged", is_flag=True, help="Only those with an open alert for going nowhere.")
@LIMIT
@CSV
def sessions(workspace: Workspace, limit: int, flagged: bool, as_csv: bool, **given: Any) -> Answer | None:
    """Sessions, the one last active first."""
    _refresh(workspace)
    wanted = arguments.wanted(workspace, given)
    if flagged:
        from halo_engine.agents.spin import checking

        wanted = msgspec.structs.replace(wanted, ids=checking.flagged(workspace))
    found, more = queries.sessions(workspace, wanted, limit)
    if as_csv:
        _csv([_flat(each) for each in found], more)
        return None
    return Answer([_flat(each) for each in found], more, shown=found)


@app.verb(view=views.session)
@SESSION
@click.option("--limit", type=click.IntRange(0), default=200, show_default=True, help="Of the latest entries; 0: all.")
def session(workspace: Workspace, ref: str, limit: int) -> Answer:
    """What happened in a session, in order; its id, or the beginning of it."""
    from halo_engine.agents.timeline import timeline

    _refresh(workspace)
    row = queries.session(workspace, ref)
    entries = timeline(workspace, row)
    shown = entries[-limit:] if limit else entries
    spent = queries.Spent(row, queries.spent(workspace, row))
    data = {"session": _flat(spent), "timeline": shown}
    return Answer(data, len(entries) - len(shown), shown={"spent": spent, "timeline": shown})


@app.verb(view=views.usage)
@arguments.narrowing
@click.option("--by", type=click.Choice(queries.BY), default="day", show_default=True)
@click.option("--blocks", "as_blocks", is_flag=True, help="In windows of five hours.")
@CSV
def usage(workspace: Workspace, by: str, as_blocks: bool, as_csv: bool, **given: Any) -> Answer | None:
    """Tokens and cost, by day, model, project and more."""
    _refresh(workspace)
    wanted = arguments.wanted(workspace, given)
    if as_blocks:
        from halo_engine.agents.blocks import blocks

        found = blocks(workspace, wanted)
        if not as_csv:
            return Answer(found)
        _csv(found)
        return None
    report = queries.usage(workspace, by, wanted)
    if as_csv:
        views.unpriced(report.unknown, report.prices)
        _csv(report.rows)
        return None
    return Answer(report)


@app.verb(view=views.prices, changes=True)
@click.option("--update", "file", type=click.Path(path_type=Path), help="Take this table: Halo's form, or LiteLLM's.")
@click.option("--model", default="", help="Part of a model's name.")
@arguments.LIMIT
def prices(workspace: Workspace, file: Path | None, model: str, limit: int) -> Answer:
    """What a million tokens costs, of which model, and as of when."""
    from halo_engine.agents.prices import prices as in_force
    from halo_engine.agents.prices import refresh

    note = ""
    if file is not None:
        taken = refresh(workspace, file)
        note = f"{len(taken.models)} prices of {taken.date} from {file}" + (" would be taken" * workspace.dry_run)
    table = in_force(workspace).table
    chosen = {name: price for name, price in table.models.items() if model in name}
    shown = dict(list(chosen.items())[: limit or None])
    return Answer(msgspec.structs.replace(table, models=shown), len(chosen) - len(shown), note)


@app.verb(view=console.line)
@click.argument("refs", nargs=-1, metavar="[SESSION]...")
@click.option("--otlp", "target", metavar="URL|FILE", required=True, help="http://localhost:4318, a file, or - .")
@click.option("--contents", is_flag=True, help="With arguments and results of tools, secrets taken out.")
@arguments.narrowing
def export(workspace: Workspace, refs: Sequence[str], target: str, contents: bool, **given: Any) -> Answer | None:
    """Sessions as OpenTelemetry traces. Those named, or all that the options leave."""
    from halo_engine.agents import otlp

    _refresh(workspace)
    rows = [queries.session(workspace, ref) for ref in refs]
    if not refs:
        rows = [each.session for each in queries.sessions(workspace, arguments.wanted(workspace, given))[0]]
    made = otlp.traces(workspace, rows, contents=contents)
    if target == "-":
        for line in otlp.lines(made):
            console.raw(line)
        return None
    sent = otlp.send(target, made) if "://" in target else otlp.save(Path(target), made)
    return Answer({"sessions": sent, "to": target}, shown=f"{console.counted(sent, 'session')} to {target}")


def _refresh(workspace: Workspace) -> None:
    from halo_engine.agents.ingest import refresh

    refresh(workspace)


def _flat(each: queries.Spent) -> dict[str, Any]:
    """A session and what it used, as one row."""
    used: dict[str, Any] = msgspec.to_builtins(each.usage)
    row: dict[str, Any] = msgspec.to_builtins(each.session)
    return row | {name: used[name] for name in used if name not in {"name", "sessions"}}


def _csv(rows: Sequence[Any], more: int = 0) -> None:
    arguments.table(rows)
    if more:
        console.note(f"{more:,} more; --limit 0 shows all")


def main() -> None:
    """The console script."""
    app.main()
