"""`reportctl`, also `halo-engine reports`: days and weeks in figures."""

from __future__ import annotations

from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import get_args

import click

from halo_engine import clock, console, times
from halo_engine.commandline import Answer, App
from halo_engine.digest import Days
from halo_engine.errors import Usage
from halo_engine.reports import export as exporting
from halo_engine.reports.periods import ending
from halo_engine.reports.queries import measured, report
from halo_engine.reports.rendering import rendered
from halo_engine.workspace import Workspace, replace, writing

app = App("reportctl", help="Days and weeks in figures, each beside the one before.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["markdown", "html"]), default="markdown", show_default=True
)
DATE = click.option("--date", "when", default="", metavar="DATE", help="The last day of it; default: today.")
OUTPUT = click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
LONGEST = timedelta(days=3660)


def zone(workspace: Workspace) -> tzinfo:
    return times.zone(workspace.settings.timezone or "")


def day(workspace: Workspace, text: str) -> date:
    """`2026-11-21`, or today for nothing.

    Raises Usage for what is no date, and for one to come.
    """
    today = clock.now().astimezone(zone(workspace)).date()
    found = times.day(text) if text else today
    if found > today:
        raise Usage(f"{found} is yet to come", "give today's date or an earlier one")
    return found


def shown(text: str) -> None:
    """Text as it is."""
    for each in text.removesuffix("\n").split("\n"):
        console.line(each)


def written(text: str, output: Path | None) -> str:
    """What a person is shown: the text, or where it went."""
    if output is None:
        return text
    with writing(output):
        replace(output, text)
    return f"written to {output}"


def periodical(workspace: Workspace, length: int, when: str, form: str, output: Path | None) -> Answer:
    found = report(workspace, ending(day(workspace, when), length, zone(workspace)))
    return Answer(found, shown=written(rendered(workspace, found, form), output))


@app.verb(view=shown)
@DATE
@FORMAT
@OUTPUT
def daily(workspace: Workspace, when: str, form: str, output: Path | None) -> Answer:
    """What happened today, beside yesterday and the fortnight before."""
    return periodical(workspace, 1, when, form, output)


@app.verb(view=shown)
@DATE
@FORMAT
@OUTPUT
def weekly(workspace: Workspace, when: str, form: str, output: Path | None) -> Answer:
    """The last seven days, beside the seven before and eight weeks."""
    return periodical(workspace, 7, when, form, output)


@app.verb(view=shown)
@click.option("--period", default="30d", show_default=True, help="How far back, in whole days: 30d, 12w.")
@DATE
@click.option("--format", "form", type=click.Choice(get_args(exporting.Format)), default="csv", show_default=True)
@OUTPUT
def export(workspace: Workspace, period: str, when: str, form: exporting.Format, output: Path | None) -> Answer:
    """One row a day, one column a measure."""
    length = times.duration(period)
    if not timedelta(days=1) <= length <= LONGEST or length % timedelta(days=1):
        raise Usage(f"{period} is no number of whole days, up to ten years", "--period 30d")
    exporting.refuse_without_file(form, output)
    days = Days(day(workspace, when) - length + timedelta(days=1), length.days, zone(workspace))
    measures, missing = measured(workspace, days)
    rows = exporting.table(days, measures)
    note = "; ".join(f"{name} could not be had: {why}" for name, why in sorted(missing.items()))
    if form == "parquet" and output is not None:
        with writing(output):
            exporting.to_parquet(rows, output)
        return Answer(rows, note=note, shown=f"{len(rows)} days written to {output}")
    text = exporting.as_csv(rows) if form == "csv" else exporting.as_json(rows)
    return Answer(rows, note=note, shown=written(text, output))


def main() -> None:
    """The console script."""
    app.main()
