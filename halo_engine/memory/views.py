"""What a person sees of memory on the command line. Loads rich when called."""

from __future__ import annotations

from halo_engine import clock, console, times
from halo_engine.memory.context import name_of
from halo_engine.memory.exchange.importing import Imported
from halo_engine.memory.finding.search import Hit
from halo_engine.memory.index import NoteRow
from halo_engine.memory.keeping import Made, Verified
from halo_engine.memory.queries import Card, Mention
from halo_engine.memory.sync import Synced

SHOWN_REASONS = 6


def hits(found: list[Hit]) -> None:
    """One line a note, the best first."""
    if not found:
        console.note("nothing found")
        return
    console.table(
        ("ID", "TYPE", "AGE", "TITLE", "TAGS"),
        [(hit.note.id, hit.note.type, _age(hit.note), _title(hit), " ".join(hit.note.tags)) for hit in found],
        cut=True,
        whole=(0, 1, 2),
    )


def explained(found: list[Hit]) -> None:
    """The same, and below each why it is there."""
    for hit in found:
        console.line(f"{hit.note.id}  {_title(hit)}")
        parts = sorted(hit.reasons.items(), key=lambda each: -each[1])
        shown = ", ".join(f"{label} {_share(label, share)}" for label, share in parts[:SHOWN_REASONS] if share)
        tie = "" if hit.decay is None else f"; others score the same, decay {hit.decay:.3f} decides"
        console.line(f"    {hit.score:.2f} = {shown or 'the latest'}{tie}")


def _share(label: str, share: float) -> str:
    return f"x{share:.2f}" if label in {"coverage", "subject", "day"} else f"{share:.2f}"


def _title(hit: Hit) -> str:
    mark = "" if hit.state == "current" else f" ({hit.state})"
    mark += " (its file is to be mended: memctl doctor)" if hit.note.fault else ""
    return name_of(hit.note) + mark


def _age(row: NoteRow) -> str:
    time = max(row.created, row.modified)
    return times.ago(clock.instant(time), clock.now()) if time else ""


def card(found: Card) -> None:
    """A note: what it says, what is around it."""
    row = found.note
    rows = [(label, value) for label, value in facts(found) if value]
    console.table((row.id, row.title), rows)
    if row.body.strip():
        console.line()
        console.line(row.body.rstrip("\r\n"))


def facts(found: Card) -> list[tuple[str, str]]:
    """Label and value of what is known of a note; empty values included."""
    row, record = found.note, found.record
    return [
        ("type", row.type + (", pinned" if row.pinned else "")),
        ("tags", " ".join(row.tags)),
        ("about", ", ".join(row.entities)),
        ("also called", ", ".join(row.aliases)),
        ("links", mentions(found.links)),
        ("linked by", mentions(found.backlinks)),
        ("superseded by", " ".join(found.superseded_by)),
        ("confidence", row.confidence),
        ("source", row.source),
        ("created", _shown(row.created)),
        ("modified", _shown(row.modified)),
        ("expires", _shown(row.expires)),
        ("archived", record.reason or "yes" if record and row.archived else "yes" if row.archived else ""),
        ("used", f"{record.uses} times, last {_shown(record.used)}" if record and record.uses else ""),
        ("file", row.path),
        ("wrong", row.fault),
    ]


def mentions(found: list[Mention]) -> str:
    """The notes at the other ends of links, also archived ones; with a question mark what is not there yet."""
    return "; ".join(
        dict.fromkeys(
            f"{each.id} {each.title}".strip() + " (archived)" * each.archived if each.id else f"{each.text} ?"
            for each in found
        )
    )


def _shown(time: str) -> str:
    """With its zone; a bare day is a day in every zone."""
    return time[:10] if time[10:19] in {"", "T00:00:00"} else console.moment(time)


def line(row: NoteRow) -> None:
    """What a verb answers: the note, in a line."""
    console.line(f"{row.id}  {row.type}  {name_of(row)}")


def lines(rows: list[NoteRow]) -> None:
    for row in rows:
        line(row)


def synced(report: Synced) -> None:
    """What a look at the files found."""
    said = [
        f"{len(found):,} {what}"
        for what, found in (("new", report.new), ("changed", report.changed), ("gone", report.gone))
        if found
    ]
    console.line(f"{report.notes:,} notes; {', '.join(said) or 'nothing changed'}")
    for path, fault in report.faults.items():
        console.line(f"  {path}: {fault}")


def indexed(found: Verified | Made) -> None:
    """What `index` says."""
    if isinstance(found, Made):
        by = f"; index.json is written by {found.written_by}" if found.written_by else ""
        console.line(f"{found.what}: {found.notes:,} notes{by}")
        return
    console.line(
        f"{found.match:,} match, {len(found.drift)} drift, {len(found.missing)} missing, {len(found.orphan)} orphan"
    )
    for label, paths in (("drift", found.drift), ("missing", found.missing), ("orphan", found.orphan)):
        for path in paths:
            console.line(f"  {label}  {path}")
    console.line(f"index.json is {found.portable}; it is written by {found.written_by}")


def imported(report: Imported) -> None:
    """What an import did."""
    counts = (
        ("new", report.new),
        ("as they were", report.same),
        ("replaced", report.replaced),
        ("attachments", report.attachments),
    )
    console.line(", ".join(f"{count:,} {what}" for what, count in counts if count) or "nothing to take in")
    if report.kept:
        named = ", ".join(report.different)
        console.line(f"{report.kept:,} are there and say something else, and stay so (--replace): {named}")
    for path, fault in report.faults.items():
        console.line(f"  {path}: {fault}")
