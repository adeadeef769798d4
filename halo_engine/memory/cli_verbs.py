"""The verbs of `memctl` that look after the notes: `mount(app)` adds them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from halo_engine import console
from halo_engine.commandline import Answer, App, as_json
from halo_engine.errors import Usage
from halo_engine.memory.arguments import complete_note, listed
from halo_engine.workspace import Workspace, replace, writing

if TYPE_CHECKING:
    from halo_engine.memory.health import Stats
    from halo_engine.memory.index import NoteRow
    from halo_engine.memory.pruning import Candidate, Pruned
    from halo_engine.modules import Check


def mount(app: App) -> None:
    """Declare `enrich`, `prune`, `restore`, `graph`, `stats` and `doctor`."""
    for name, function, options in (
        ("enrich", enrich, {"view": show_proposals, "changes": True}),
        ("prune", prune, {"view": show_pruned, "changes": True}),
        ("restore", restore, {"view": show_note, "changes": True}),
        ("graph", graph, {"view": console.raw}),
        ("stats", stats, {"view": show_stats}),
        ("doctor", doctor, {"view": show_checks}),
    ):
        app.verb(name, **options)(function)


@click.argument("note", metavar="[NOTE]", required=False, default="", shell_complete=complete_note)
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="How many at the most; 0 for all.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="The least score, 0 to 1."
)
@click.option("--accept", multiple=True, metavar="OTHER", shell_complete=complete_note, help="Link NOTE and OTHER.")
@click.option("--refuse", multiple=True, metavar="OTHER", shell_complete=complete_note, help="Never propose it again.")
def enrich(
    workspace: Workspace, note: str, *, limit: int, threshold: float, accept: tuple[str, ...], refuse: tuple[str, ...]
) -> Answer:
    """Propose links from what the notes say. Each with its score, 0 to 1, and its reason."""
    from halo_engine.memory.proposing import proposals

    if not (accept or refuse):
        found, more = proposals.page(workspace, note, limit, threshold)
        return Answer(found, more)
    if not note:
        raise Usage("whose proposal?", "memctl enrich NOTE --accept OTHER")
    decided = [proposals.accept(workspace, note, each) for each in accept]
    decided += [proposals.refuse(workspace, note, each) for each in refuse]
    data = [
        {"source": each.source, "target": each.target, "accepted": each.accepted}
        | {"events": [event.readable() for event in each.events]}
        for each in decided
    ]
    return Answer(data, note="; ".join(each.note for each in decided if each.note), shown=decided)


def show_proposals(found: list[Any]) -> None:
    """Two lines a proposal: the notes, and why; one line for what was decided."""
    if not found:
        console.note("nothing to propose")
    for each in found:
        if hasattr(each, "accepted"):
            console.line(f"{each.source} -> {each.target}  {'linked' if each.accepted else 'refused'}")
            continue
        console.line(
            f"{each.score:.2f}  {_named(each.source, each.source_title)} -> {_named(each.target, each.target_title)}"
        )
        console.line(f"      {each.reason}")


def _named(note: str, title: str) -> str:
    return note if note.endswith(title) else f"{note} {title}"


@click.option("--execute", is_flag=True, help="Archive them; without it prune only says what it would do.")
@click.option("--limit", type=click.IntRange(0), default=0, help="How many at the most; default: all.")
def prune(workspace: Workspace, limit: int, *, execute: bool) -> Answer:
    """Archive the notes that have decayed. A dry run with scores and reasons, unless --execute."""
    from halo_engine.memory import pruning

    found = pruning.prune(workspace, execute=execute, limit=limit)
    data = {"archived": found.archived, "looked_at": found.looked_at, "notes": found.notes}
    data |= {"events": [event.readable() for event in found.events]}
    would = "" if found.events else _would(found.notes)
    note = (
        "" if execute or not found.notes or workspace.dry_run else f"{len(found.notes):,} to archive; --execute does it"
    )
    return Answer(data, note=note, shown=found, would=would)


def _would(notes: list[Candidate]) -> str:
    return "\n".join(f"would archive {_candidate(each)}" for each in notes)


def _candidate(each: Candidate) -> str:
    return f"{each.score:.2f}  {each.type:10}  {_named(each.id, each.title)}  ({each.reason})"


def show_pruned(found: Pruned) -> None:
    if not found.notes:
        console.note(f"nothing to archive among {found.looked_at:,} notes")
    for each in found.notes:
        console.line(("archived  " if found.archived else "") + _candidate(each))


@click.argument("note", metavar="NOTE", shell_complete=complete_note)
def restore(workspace: Workspace, note: str) -> Answer:
    """Bring a note back from the archive."""
    from halo_engine.memory import pruning

    done = pruning.restore(workspace, note)
    data = {"note": done.note, "events": [event.readable() for event in done.events], "said": done.said}
    return Answer(data, note=done.said, shown=done.note)


def show_note(row: NoteRow) -> None:
    from halo_engine.memory import views

    views.line(row)


@click.option(
    "--format", "form", type=click.Choice(["html", "svg", "dot", "json", "text"]), default="html", show_default=True
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Default: stdout; html on a terminal: run/graph.html.",
)
@click.option(
    "--focus", default="", metavar="NOTE", shell_complete=complete_note, help="This one and what is around it."
)
@click.option("--depth", type=click.IntRange(0), default=2, show_default=True, help="Links away from the focus.")
@click.option("--type", "types", default="", metavar="A,B", help="Of one of these types.")
@click.option("--tag", "tags", default="", metavar="A,B", help="With all of these tags.")
@click.option("--limit", type=click.IntRange(0), default=0, help="Notes at the most; default: all.")
def graph(workspace: Workspace, form: str, output: Path | None, types: str, tags: str, **given: Any) -> Answer:
    """Draw the notes and their links. HTML is one page that works offline."""
    from halo_engine.memory.graph import drawing, gathering

    wanted = gathering.Selection(types=listed(types), tags=listed(tags), **given)
    found = gathering.gather(workspace, wanted)
    if form == "html":
        bodies = min(4_000, drawing.BODIES // max(len(found.nodes), 1))
        found = gathering.gather(workspace, wanted, bodies=bodies)
        if output is None and (as_json() or sys.stdout.isatty()):
            output = workspace.run / "graph.html"
    if output is None and (form == "json" or as_json()):
        return Answer(found, found.more, shown=msgspec.json.format(msgspec.json.encode(found)).decode())
    drawn = msgspec.json.encode(found).decode() if form == "json" else drawing.FORMS[form](found)
    if output is None:
        return Answer(None, found.more, shown=drawn.rstrip("\n"))
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        replace(output, drawn)
    said = f"{output}: {len(found.nodes):,} notes, {len(found.edges):,} links"
    return Answer({"file": str(output), "nodes": len(found.nodes), "edges": len(found.edges)}, found.more, shown=said)


def stats(workspace: Workspace) -> Answer:
    """Figures: growth, decay, orphans, hubs, tags that have gone quiet."""
    from halo_engine.memory import health

    return Answer(health.stats(workspace))


def show_stats(found: Stats) -> None:
    rows = [
        ("notes", f"{found.notes:,} hold, {found.archived:,} archived, {found.links:,} links"),
        ("types", _counted(found.types)),
        ("growth", _counted(found.growth)),
        ("decay 0 to 1", f"{_bars(found.decay)}  {found.prunable:,} could be archived"),
        ("orphans", f"{found.orphans:,}" + (f": {', '.join(found.some_orphans)}" if found.orphans else "")),
        ("hubs", _counted(found.hubs)),
        ("stale tags", ", ".join(f"{tag} ({day})" for tag, day in found.stale_tags.items())),
    ]
    console.table(("MEMORY", ""), [(label, value or "none") for label, value in rows])


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in found.items())


def _bars(counts: list[int]) -> str:
    most = max(*counts, 1)
    return "".join(" ▁▂▃▄▅▆▇█"[-(-8 * count // most)] for count in counts)


def doctor(workspace: Workspace) -> Answer:
    """What wants a hand: links, duplicates, drift, contradictions. Exits 1 when something is wrong."""
    from halo_engine.memory import health

    checks = health.doctor(workspace)
    return Answer(checks, exit_code=1 if any(check.state == "wrong" for check in checks) else 0)


def show_checks(checks: list[Check]) -> None:
    for check in checks:
        console.line(f"{check.state:5}  {check.name}: {check.evidence}")
        if check.hint:
            console.line(f"       {check.hint}")
