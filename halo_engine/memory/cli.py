"""`memctl`: structured memory, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import console
from halo_engine.commandline import Answer, App
from halo_engine.errors import Usage
from halo_engine.memory import arguments, claims, cli_verbs, commands, queries, views
from halo_engine.memory.arguments import LIMIT, NOTE, TAGS, complete_note, filtered, listed
from halo_engine.memory.commands import Draft, Edit
from halo_engine.memory.config import folder
from halo_engine.memory.context import Context
from halo_engine.memory.finding.search import Hit, Search
from halo_engine.memory.writing import Changed
from halo_engine.workspace import Workspace

app = App(
    "memctl",
    help="Structured memory: one claim a note, markdown files, links, search, decay.",
    epilog='NOTE is an id (note-42, 42), a title, an alias or a file name. A query is words, "phrases", pref* and '
    "tag: type: entity: since: linked: title: body:.",
    sections={
        "Find": "search get history graph stats",
        "Write": "new edit undo merge supersede",
        "Link": "link unlink enrich",
        "Keep": "prune restore sync index import export",
    },
    words={"new": "add remember note", "prune": "delete remove rm forget archive", "get": "read open", "sync": "scan"},
)
cli_verbs.mount(app)
BODY = click.option("--body", default="", help="What the note says.")
FROM = click.option("--from", "source_file", metavar="FILE", default="", help="The body from a file; - is stdin.")


def did(changed: Changed) -> Answer:
    return Answer(described(changed), note=changed.said, shown=changed.note)


def described(changed: Changed) -> dict[str, Any]:
    return {"note": changed.note, "events": [event.readable() for event in changed.events], "said": changed.said}


@app.verb(view=views.lines, changes=True)
@click.option("--title", default="", help="The claim, in a sentence.")
@BODY
@FROM
@click.option("--type", default="", help="fact, decision, preference, ...")
@TAGS
@click.option("--entities", default="", metavar="A,B", help="Who or what it is about.")
@click.option("--alias", "aliases", multiple=True, help="Another name of it.")
@click.option("--link-to", "links", multiple=True, metavar="NOTE", shell_complete=complete_note)
@click.option("--supersedes", multiple=True, metavar="NOTE", shell_complete=complete_note, help="Stands in its place.")
@click.option("--confidence", type=click.Choice(["high", "medium", "low"]))
@click.option("--expires", default="", help="When it stops to hold: 30d, 2026-12-24.")
@click.option("--source", default="", help="Who claims it.")
@click.option("--split", is_flag=True, help="A note for each claim of the body.")
@click.option("--force", is_flag=True, help="Also when nearly the same is there.")
def new(
    workspace: Workspace,
    *,
    source_file: str,
    body: str,
    tags: str,
    entities: str,
    split: bool,
    force: bool,
    **given: Any,
) -> Answer:
    """Write a note. The same claim again returns the one that is there."""
    body = arguments.body_of(body, source_file)
    given["expires"] = arguments.expiry(workspace, given["expires"])
    given["confidence"] = given["confidence"] or ""
    draft = Draft(body=body, tags=listed(tags), entities=listed(entities), **given)
    made = commands.split(workspace, draft, force=force) if split else [commands.new(workspace, draft, force=force)]
    several = [] if split or not made[0].events else claims.parts(body)
    said = f"the body holds {len(several)} claims; --split makes a note of each" if several else made[0].said
    data = described(made[0]) | ({"notes": [each.note for each in made]} if split else {}) | {"claims": several}
    return Answer(data, note=said, shown=[each.note for each in made])


@app.verb(view=views.card)
@NOTE
@click.option("--raw", is_flag=True, help="The file, as it is.")
def get(workspace: Workspace, note: str, *, raw: bool) -> Answer | None:
    """Everything about a note. What it says, what it links to, what links to it."""
    found = commands.get(workspace, note)
    if raw:
        console.raw((folder(workspace) / found.note.path).read_text(encoding="utf-8", errors="replace"))
        return None
    return Answer(found)


@app.verb(view=views.hits)
@click.argument("query", nargs=-1)
@filtered
@click.option("--text", default="", hidden=True, help="The same as QUERY.")
@LIMIT
@click.option("--explain", is_flag=True, help="Why each is there.")
@click.option("--context", type=click.IntRange(1), metavar="N", help="Whole notes for an assistant, in N tokens.")
@click.option(
    "--batch", type=click.File("r", encoding="utf-8"), help="A query a line, or JSON lines; answers likewise."
)
def search(
    workspace: Workspace,
    query: tuple[str, ...],
    text: str,
    limit: int,
    *,
    explain: bool,
    context: int | None,
    batch: Any,
    **given: Any,
) -> Answer | None:
    """The notes that answer, the best first. Without a query the latest."""
    wanted = Search(" ".join((*query, text)).strip(), arguments.note_filter(workspace, **given), limit)
    if batch:
        _batch(workspace, wanted, batch.read())
        return None
    if context:
        return _context(commands.context(workspace, wanted, context))
    hits, more = commands.search(workspace, wanted)
    if explain and not _json():
        views.explained(hits)
        return None
    return Answer([_hit(hit, explain=explain) for hit in hits], more, shown=hits)


def _context(found: Context) -> Answer | None:
    if _json():
        return Answer(found, found.left_out)
    console.line(found.text)
    if found.left_out:
        console.note(f"{found.left_out:,} more would not fit")
    return None


def _json() -> bool:
    return bool(click.get_current_context().params["as_json"])


def _hit(hit: Hit, *, explain: bool) -> dict[str, Any]:
    row = hit.note
    made = {"id": row.id, "title": row.title, "type": row.type, "score": round(hit.score, 4), "state": hit.state}
    made |= {"tags": row.tags, "created": row.created, "path": row.path, "body": row.body}
    made |= {"fault": row.fault} if row.fault else {}
    return made | ({"reasons": hit.reasons, "decay": hit.decay} if explain else {})


def _batch(workspace: Workspace, wanted: Search, text: str) -> None:
    """One JSON line a query."""
    from halo_engine.memory.finding import search as finding

    asked = arguments.questions(text)
    every = [msgspec.structs.replace(wanted, text=each.text) for each in asked]
    for question, hits in zip(asked, finding.batch(workspace, every), strict=True):
        results = [{"id": hit.note.id, "title": hit.note.title, "score": round(hit.score, 4)} for hit in hits]
        console.record({"id": question.id, "query": question.text, "results": results})


@app.verb(view=views.line, changes=True)
@NOTE
@click.option("--title")
@click.option("--body")
@FROM
@click.option("--type")
@click.option("--tags", metavar="A,B", help="Instead of the present ones.")
@click.option("--tag", "add_tags", multiple=True, help="One more.")
@click.option("--untag", "drop_tags", multiple=True, help="One less.")
@click.option("--entities", metavar="A,B", help="Instead of the present ones.")
@click.option("--aliases", metavar="A,B", help="Instead of the present ones.")
@click.option("--confidence", type=click.Choice(["high", "medium", "low", ""]))
@click.option("--expires", help="30d, 2026-12-24; empty for never.")
@click.option("--source")
@click.option("--pin/--unpin", "pinned", default=None, help="Never archive it.")
def edit(workspace: Workspace, note: str, source_file: str, **given: Any) -> Answer:
    """Change a note. What is not named stays as it is, byte for byte."""
    if source_file:
        given["body"] = arguments.body_of(given["body"] or "", source_file)
    for name in ("tags", "entities", "aliases"):
        given[name] = None if given[name] is None else listed(given[name])
    if given["expires"]:
        given["expires"] = arguments.expiry(workspace, given["expires"])
    what = Edit(**given)
    if what == Edit():
        raise Usage("nothing to change was named", "memctl edit --help; or open the file in an editor")
    return did(commands.edit(workspace, note, what))


@app.verb(view=views.line, changes=True)
@click.option("--from", "source", required=True, metavar="NOTE", shell_complete=complete_note)
@click.option("--to", "target", required=True, metavar="NOTE", shell_complete=complete_note)
def link(workspace: Workspace, source: str, target: str) -> Answer:
    """Link a note to another."""
    return did(commands.link(workspace, source, target))


@app.verb(view=views.line, changes=True)
@click.option("--from", "source", required=True, metavar="NOTE", shell_complete=complete_note)
@click.option("--to", "target", required=True, metavar="NOTE", shell_complete=complete_note)
def unlink(workspace: Workspace, source: str, target: str) -> Answer:
    """Take a link away again."""
    return did(commands.unlink(workspace, source, target))


@app.verb(view=views.line, changes=True)
@click.argument("old", metavar="OLD", shell_complete=complete_note)
@click.argument("newer", metavar="NEW", shell_complete=complete_note)
def supersede(workspace: Workspace, old: str, newer: str) -> Answer:
    """Say that NEW holds instead of OLD. Search leaves OLD out then."""
    return did(commands.supersede(workspace, old, newer))


@app.verb(view=views.line, changes=True)
@NOTE
@click.argument("other", metavar="OTHER", shell_complete=complete_note)
def merge(workspace: Workspace, note: str, other: str) -> Answer:
    """Put what OTHER says into NOTE, and OTHER into the archive."""
    return did(commands.merge(workspace, note, other))


@app.verb(view=views.line, changes=True)
@NOTE
def undo(workspace: Workspace, note: str) -> Answer:
    """Take the last change of a note back."""
    return did(commands.undo(workspace, note))


@app.verb()
@NOTE
def history(workspace: Workspace, note: str) -> Answer:
    """Everything that happened to a note, and who did it."""
    return Answer([event.readable() for event in queries.history(workspace, note)])


@app.verb(view=views.synced, changes=True)
@click.option("--watch", is_flag=True, help="Go on, and take in each change as it is made.")
def sync(workspace: Workspace, *, watch: bool) -> Answer | None:
    """Take in what was changed by hand, or by git.

    Exits 1 when a note holds both sides of a merge.
    """
    from halo_engine.memory import sync as syncing
    from halo_engine.memory import watching

    report = syncing.sync(workspace)
    if not watch:
        return Answer(report, exit_code=1 if report.conflicts else 0)
    for each in watching.watch(workspace):
        (console.record if _json() else views.synced)(each)
    return None


@app.verb(view=views.indexed, changes=True)
@click.argument("action", type=click.Choice(["write", "verify", "rebuild"]), default="write")
def index(workspace: Workspace, action: str) -> Answer:
    """Write index.json; verify the index, or rebuild it.

    verify compares it with the files, and exits 1 when they differ.
    """
    from halo_engine.memory import keeping

    found = keeping.ACTIONS[action](workspace)
    return Answer(found, exit_code=0 if found.ok else 1)


@app.verb("import", view=views.imported, changes=True)
@click.argument("place", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Notes that are there and say something else.")
def import_(workspace: Workspace, place: Path, *, replace: bool) -> Answer:
    """Take in notes. JSON lines, a folder of markdown or an Obsidian vault; a second time changes nothing."""
    from halo_engine.memory.exchange import importing

    return Answer(importing.import_(workspace, place, replace=replace))


@app.verb(view=console.line)
@click.argument("place", metavar="[FOLDER]", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["jsonl", "markdown", "obsidian"]), default=None)
@filtered
def export(workspace: Workspace, place: Path | None, form: str | None, **given: Any) -> Answer | None:
    """Write notes out. JSON lines to stdout or a FILE, markdown or an Obsidian vault into a FOLDER."""
    from halo_engine.memory.exchange import exporting

    wanted = arguments.note_filter(workspace, **given)
    if (form or "jsonl") == "jsonl" and place is None:
        for each in exporting.lines(workspace, wanted):
            console.raw(each)
        return None
    if place is None:
        raise Usage(f"{form} goes into a folder", f"memctl export --format {form} FOLDER")
    count = exporting.save(workspace, wanted, place, form)
    return Answer({"notes": count, "place": str(place)}, shown=f"{count:,} notes in {place}")


def main() -> None:
    """The console script."""
    app.main()
