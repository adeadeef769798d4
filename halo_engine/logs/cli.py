"""`logctl`: structured logs, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import console
from halo_engine.commandline import Answer, App
from halo_engine.errors import Usage
from halo_engine.logs import arguments, output, queries, views
from halo_engine.logs.arguments import FILES, LARGEST, LIMIT, SOURCE, filtered
from halo_engine.logs.cleaning import Cleaner
from halo_engine.logs.packed import STDIN
from halo_engine.logs.query import Query
from halo_engine.logs.stamps import iso
from halo_engine.logs.tally import Tally
from halo_engine.workspace import Workspace

app = App(
    "logctl",
    help="Structured logs of any size and format: search, follow, count, export.",
    epilog="Without FILE all sources are read: those in logctl.yaml and those found in the fleet. `-` is stdin.",
    sections={"Look": "search tail trace malformed", "Count": "stats errors", "More": "export sources"},
)
Files = tuple[Path, ...]
Names = tuple[str, ...]


@app.verb(view=views.entries)
@filtered
@LIMIT
@click.option("--context", type=click.IntRange(0, 1000), default=0, help="Also so many records before and after.")
@click.option("--raw", is_flag=True, help="The lines as they are written, source after source.")
def search(
    workspace: Workspace, files: Files, names: Names, limit: int, context: int, *, raw: bool, **given: Any
) -> Answer | None:
    """The latest records that answer, the earliest of them first."""
    if raw and (context or arguments.as_json()):
        raise Usage("--raw goes with neither --context nor --json", "leave one of them out")
    reading = arguments.reading(workspace, arguments.query(workspace, given))
    sources, clean = queries.sources(workspace, files, names), Cleaner(workspace)
    if raw:
        views.raw(clean.lines(queries.raw(sources, reading, limit)))
    elif not limit and not context:
        views.stream(clean.entries(queries.stream(sources, reading)), as_json=arguments.as_json())
    else:
        found = queries.search(sources, reading, limit, context)
        found.entries = list(clean.entries(found.entries))
        arguments.notes(reading)
        more = found.count - sum(not entry.context for entry in found.entries)
        return Answer([entry.readable() for entry in found.entries], more, shown=found.entries)
    arguments.notes(reading)
    return None


@app.verb(view=views.entries)
@filtered
@click.option("--lines", "-n", type=click.IntRange(0), default=10, show_default=True, help="How many earlier ones.")
@click.option("--follow", "-f", is_flag=True, help="Go on as records are written, also over rotation.")
def tail(workspace: Workspace, files: Files, names: Names, lines: int, *, follow: bool, **given: Any) -> Answer | None:
    """The last records that answer. With -f each as it comes, also of new logs; with --json one object a line then."""
    asked = arguments.query(workspace, given)
    sources, clean = queries.sources(workspace, files, names), Cleaner(workspace)
    if not follow:
        found = list(clean.entries(queries.tail(sources, asked, lines)))
        return Answer([entry.readable() for entry in found], shown=found)
    if STDIN in files:
        raise Usage("stdin cannot be followed: it is read to its end", "follow a file, or leave --follow out")
    if not sources:
        console.note("no logs yet: waiting for one")
    as_json = arguments.as_json()
    ends = queries.ends(sources)
    views.fresh(clean.entries(queries.tail(sources, asked, lines, ends)), as_json=as_json)
    for fresh in queries.follow(sources, asked, ends, lambda: queries.sources(workspace, files, names)):
        if fresh:
            views.fresh(clean.entries(fresh), as_json=as_json)
    return None


@app.verb(view=views.entries)
@click.argument("id_", metavar="ID")
@filtered
@LIMIT
def trace(workspace: Workspace, id_: str, files: Files, names: Names, limit: int, **given: Any) -> Answer:
    """One correlation across all instances. Records with ID in any field, or as a word of the message."""
    asked = msgspec.structs.replace(arguments.query(workspace, given), trace=id_)
    reading = arguments.reading(workspace, asked)
    found = queries.search(queries.sources(workspace, files, names), reading, limit)
    found.entries = list(Cleaner(workspace).entries(found.entries))
    arguments.notes(reading)
    return Answer([entry.readable() for entry in found.entries], found.count - len(found.entries), shown=found.entries)


@app.verb(view=views.oddities)
@FILES
@SOURCE
@LIMIT
def malformed(workspace: Workspace, files: Files, names: Names, limit: int) -> Answer:
    """Lines that are no records. Cut, not JSON, with NUL bytes, not UTF-8, too deep, blank."""
    reading = arguments.reading(workspace, Query())
    found = queries.malformed(queries.sources(workspace, files, names), reading, limit)
    found = Cleaner(workspace).oddities(found)
    return Answer(found.lines, found.count - len(found.lines), shown=found)


@app.verb(view=views.counts)
@filtered
@LARGEST
@click.option(
    "--by", type=click.Choice(["level", "instance", "template"]), default="level", show_default=True, help="Groups."
)
def stats(workspace: Workspace, files: Files, names: Names, limit: int, by: Any, **given: Any) -> Answer:
    """Lines, records and malformed lines, and the records in groups."""
    reading = arguments.reading(workspace, arguments.query(workspace, given))
    found = Cleaner(workspace).tally(queries.stats(queries.sources(workspace, files, names), reading, by))
    arguments.notes(reading)
    more = cut(found, limit)
    data = {
        "lines": found.lines,
        "records": found.records,
        "malformed": sum(found.malformed.values()),
        "malformed_by": found.malformed,
        "continued": found.continued,
        "matched": found.matched,
        "by": by,
        "groups": rows(found, by),
    }
    return Answer(data, more, shown=found)


@app.verb(view=views.groups)
@filtered
@LARGEST
def errors(workspace: Workspace, files: Files, names: Names, limit: int, **given: Any) -> Answer:
    """What went wrong, by the template of the message; first, last, count."""
    reading = arguments.reading(workspace, arguments.query(workspace, given))
    found = Cleaner(workspace).tally(queries.errors(queries.sources(workspace, files, names), reading))
    reading.met.malformed = sum(found.malformed.values())
    arguments.notes(reading)
    more = cut(found, limit)
    return Answer(rows(found, "template"), more, shown=found)


def cut(found: Tally, limit: int) -> int:
    """Leave the largest groups; how many are left out."""
    kept = views.ordered(found)[: limit or None]
    more = len(found.groups) - len(kept)
    found.groups = dict(kept)
    return more


def rows(found: Tally, by: str) -> list[dict[str, Any]]:
    """Groups for a program."""
    return [
        {
            by: key,
            "count": group.count,
            "first": None if group.first is None else iso(group.first),
            "last": None if group.last is None else iso(group.last),
            "instances": sorted(group.instances),
            "example": group.example,
        }
        for key, group in views.ordered(found)
    ]


@app.verb(view=console.line)
@click.option("--period", default="", help="So far back from now: 24h, 7d; the same as --since.")
@filtered
@click.option("--format", "form", type=click.Choice(list(output.WRITERS)), default="ndjson", show_default=True)
@click.option("--output", "place", type=click.Path(path_type=Path, dir_okay=False), help="Into this file, not stdout.")
def export(
    workspace: Workspace, files: Files, names: Names, *, period: str, form: str, place: Path | None, **given: Any
) -> Answer | None:
    """All records that answer, merged by time, in our own names."""
    if period and given["since"]:
        raise Usage("--period and --since say the same thing", "leave one of them out")
    given["since"] = period or given["since"]
    reading = arguments.reading(workspace, arguments.query(workspace, given))
    found = Cleaner(workspace).entries(queries.stream(queries.sources(workspace, files, names), reading))
    if place is None and arguments.as_json():
        views.stream(found, as_json=True)
        arguments.notes(reading)
        return None
    lines = output.WRITERS[form](found)
    if place is None:
        for line in lines:
            (console.line if form == "text" else console.raw)(line)
        arguments.notes(reading)
        return None
    written = console.save(place, lines)
    arguments.notes(reading)
    return Answer({"file": str(place), "lines": written}, shown=f"{written:,} lines written to {place}")


@app.verb(view=views.sources)
@FILES
def sources(workspace: Workspace, files: Files) -> Answer:
    """Which logs there are. Configured in logctl.yaml and found in the fleet; their formats and files."""
    return Answer([queries.about(source) for source in queries.sources(workspace, files)])


def main() -> None:
    """The console script."""
    app.main()
