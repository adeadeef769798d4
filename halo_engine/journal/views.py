"""What a person sees of the journal on the command line. Loads rich when called."""

from __future__ import annotations

from halo_engine import console
from halo_engine.journal.queries import Stats
from halo_engine.journal.store import Entry
from halo_engine.journal.window import Reading


def local(row: Entry) -> str:
    return console.local(row.written)[:16]


def table(rows: list[Entry]) -> None:
    """One line an entry."""
    if not rows:
        console.note("no entries")
        return
    console.table(
        ("ID", console.heading("WRITTEN"), "MOOD", "ENERGY", "TAGS", "ENTRY"),
        [
            (row.short, local(row), row.mood, row.energy or "", " ".join(row.tags), " ".join(row.text.split()))
            for row in rows
        ],
        right=(3,),
        cut=True,
        whole=(0, 1, 2, 3),
    )


def written(row: Entry) -> None:
    console.line(f"{row.short}  {console.moment(row.written)}  {console.counted(len(row.text.split()), 'word')}")


def card(row: Entry) -> None:
    about = [f"#{tag}" for tag in row.tags]
    about += [row.mood] if row.mood else []
    about += [f"energy {row.energy}/10"] if row.energy else []
    console.line(f"{row.id}  {console.moment(row.written)}  {row.written_by}")
    if about:
        console.line("  ".join(about))
    console.line()
    console.line(row.text)


def reading(found: Reading) -> None:
    """The words of the language model; beneath them, or without them, the entries by theme."""
    if found.text:
        console.line(found.text)
        console.line()
    for theme in found.themes:
        console.line(f"{theme.name} ({len(theme.entries)})")
        for row in theme.entries:
            console.line(f"  {local(row)}  {' '.join(row.text.split())}")
    if not found.themes:
        console.line("nothing was written")


def stats(found: Stats) -> None:
    if not found.entries:
        console.line("no entries yet")
        return
    facts = [
        ("entries", f"{found.entries:,}, {console.counted(found.words, 'word')}"),
        ("days", f"{found.days:,} with an entry, {found.longest} in a row at the most, {found.streak} now"),
        ("from", f"{console.local(found.first)[:10]} to {console.local(found.last)[:10]}"),
        ("energy", f"{found.energy:.1f} of 10" if found.energy is not None else ""),
        ("tags", ", ".join(f"{name} {count}" for name, count in found.tags.items())),
        ("moods", ", ".join(f"{name} {count}" for name, count in found.moods.items())),
        ("months", ", ".join(f"{name} {count}" for name, count in found.months.items())),
    ]
    console.table(("JOURNAL", ""), [fact for fact in facts if fact[1]])
