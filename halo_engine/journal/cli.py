"""`halo-engine journal`: dated entries."""

from __future__ import annotations

import csv
import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import clock, console, times
from halo_engine.clock import Timestamp
from halo_engine.commandline import Answer, App, as_json
from halo_engine.errors import Usage
from halo_engine.journal import commands, queries, views
from halo_engine.journal import window as windows
from halo_engine.journal.queries import EntryFilter
from halo_engine.journal.store import Entry
from halo_engine.workspace import Workspace

app = App(
    "journal",
    help="Dated entries in your own words.",
    sections={"Write": "add", "Read": "list show search window stats export"},
)
LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all."
)
TAGS = click.option("--tag", "--tags", "tags", multiple=True, help="May be repeated, or given with commas.")
COLUMNS = ("id", "written", "written_by", "tags", "mood", "energy", "text")


def moment(workspace: Workspace, text: str) -> Timestamp:
    """`7d`, `friday`, `2026-11-20`: an instant of the past; empty for nothing.

    Raises Usage for text that is no time.
    """
    zone = times.zone(workspace.settings.timezone or "")
    return clock.stamp(times.moment(text, clock.now(), zone, past=True)) if text else ""


def split(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tag for each in tags for tag in each.split(",") if tag)


@app.verb(view=views.written, changes=True)
@click.argument("text", nargs=-1, metavar="[TEXT|-]")
@TAGS
@click.option("--mood", default="", help="A word.")
@click.option("--energy", type=click.IntRange(1, 10), help="1 to 10.")
def add(workspace: Workspace, text: tuple[str, ...], tags: tuple[str, ...], mood: str, energy: int | None) -> Answer:
    """Write an entry, dated now; `-`, or a pipe, takes it from standard input."""
    words = " ".join(text)
    if words == "-" or (not words and not sys.stdin.isatty()):
        words = sys.stdin.read()
    return Answer(commands.add(workspace, words, split(tags), mood, energy))


@app.verb("list", view=views.table)
@click.option("--since", default="", help="7d, friday, 2026-11-20.")
@click.option("--until", default="", help="Up to then.")
@TAGS
@click.option("--mood", default="")
@LIMIT
def list_(workspace: Workspace, since: str, until: str, limit: int, **given: Any) -> Answer:
    """The entries, the latest first."""
    given["tags"] = split(given["tags"])
    wanted = EntryFilter(moment(workspace, since), moment(workspace, until), **given)
    return Answer(*queries.page(workspace, wanted, limit))


@app.verb(view=views.card)
@click.argument("entry", metavar="ENTRY")
def show(workspace: Workspace, entry: str) -> Answer:
    """An entry as it was written; the end of its id will do."""
    return Answer(queries.entry(workspace, entry))


@app.verb(view=views.table)
@click.argument("words", nargs=-1, required=True)
@LIMIT
def search(workspace: Workspace, words: tuple[str, ...], limit: int) -> Answer:
    """The entries that have all these words; `begin*`, '"as a phrase"'."""
    return Answer(*queries.found(workspace, " ".join(words), limit))


@app.verb("window", view=views.reading, changes=True)
@click.option("--days", type=click.IntRange(1, 36_500), default=7, show_default=True)
@click.option("--no-ai", is_flag=True, help="Just the entries, by theme.")
@click.option("--again", is_flag=True, help="Ask the language model anew.")
def window_(workspace: Workspace, days: int, no_ai: bool, again: bool) -> Answer:
    """The last days read back: in the language model's words, else by theme."""
    ai = not no_ai and not workspace.dry_run
    found = windows.read(workspace, days, ai=ai, anew=again)
    note = "" if found.entries else f"no entries in the last {console.counted(days, 'day')}"
    would = f"would read {console.counted(found.entries, 'entry')} back"
    return Answer(found, note=note, would=would)


@app.verb(view=views.stats)
def stats(workspace: Workspace) -> Answer:
    """The journal in figures."""
    return Answer(queries.stats(workspace))


@app.verb()
@click.option("--format", "form", type=click.Choice(["jsonl", "markdown", "csv"]), default="jsonl", show_default=True)
@click.option("--since", default="", help="7d, friday, 2026-11-20.")
@click.option("--output", type=click.Path(path_type=Path), help="Into this file instead.")
def export(workspace: Workspace, form: str, since: str, output: Path | None) -> Answer | None:
    """Every entry, the oldest first."""
    rows, _ = queries.page(workspace, EntryFilter(since=moment(workspace, since)))
    rows.reverse()
    lines = list(_lines(rows, "jsonl" if as_json() else form, workspace))
    if output:
        if output.is_dir():
            raise Usage(f"{output} is a folder", "give a file")
        console.save(output, lines)
        console.note(f"{console.counted(len(rows), 'entry')} to {output}")
        return None
    for line in lines:
        console.raw(line)
    return None


def _lines(rows: list[Entry], form: str, workspace: Workspace) -> list[str]:
    if form == "jsonl":
        return [msgspec.json.encode(row).decode() for row in rows]
    if form == "csv":
        return _csv(rows)
    zone = times.zone(workspace.settings.timezone or "")
    return [line for row in rows for line in _markdown(row, clock.instant(row.written).astimezone(zone))]


def _csv(rows: list[Entry]) -> list[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([" ".join(row.tags) if name == "tags" else getattr(row, name) for name in COLUMNS])
    return out.getvalue().rstrip("\n").split("\n")


def _markdown(row: Entry, local: datetime) -> list[str]:
    about = [*(f"#{tag}" for tag in row.tags), row.mood, f"energy {row.energy}/10" if row.energy else ""]
    head = " · ".join(part for part in about if part)
    return [f"## {local:%Y-%m-%d %H:%M %Z}", *([f"*{head}*"] if head else []), "", row.text, ""]
