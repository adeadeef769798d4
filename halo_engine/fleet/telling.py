"""What a person sees of checks, backups and replies on the command line. Loads rich when called."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from halo_engine import clock, console, times

if TYPE_CHECKING:
    from halo_engine.fleet.backups.keeping import Backup
    from halo_engine.fleet.backups.restoring import Restored
    from halo_engine.fleet.conversing.talking import Accepted, Told
    from halo_engine.fleet.health import Ailment
    from halo_engine.fleet.smoke.running import Result

GLYPHS = {"ok": "●", "note": "◆", "wrong": "▲", "skipped": "○"}
STYLES = {"ok": "green", "note": "", "wrong": "bold red", "skipped": "dim"}


def reply(reply: Told | Accepted) -> None:
    """The words of a reply; of a message that only was accepted, its id."""
    words = getattr(reply, "text", "")
    console.line(words or f"accepted as {reply.id}; the reply comes in `halctl talk`")


def results(results: list[Result]) -> None:
    """One line a check, what to do below it where it is wrong, and the sum."""
    from rich.text import Text

    rows: list[tuple[Any, ...]] = []
    for each in results:
        glyph = Text(f"{GLYPHS[each.state]} {each.name}", style=STYLES[each.state])
        rows.append((glyph, times.span(each.seconds), each.evidence))
        if each.hint:
            rows.append(("", "", f"-> {each.hint}"))
    console.table(("CHECK", "TOOK", "EVIDENCE"), rows)
    counts = {state: sum(each.state == state for each in results) for state in GLYPHS}
    console.note(", ".join(f"{count} {state}" for state, count in counts.items() if count))


def ailments(ailments: list[Ailment]) -> None:
    """One line for each thing that is wrong."""
    if not ailments:
        console.line("the fleet is well")
        return
    now = clock.now()
    console.table(
        ("INSTANCE", "WHAT", "SINCE", "ALERT", "EVIDENCE"),
        [
            (
                each.instance,
                f"▲ {each.check}",
                times.ago(clock.instant(each.since), now) if each.since else "now",
                each.alert,
                f"{each.evidence}  -> {each.hint}",
            )
            for each in ailments
        ],
    )


def enforced(done: list[str]) -> None:
    for said in done:
        console.line(said)
    if not done:
        console.line("no alert asks for anything")


def backup(made: list[Backup]) -> None:
    """What each backup is, and what it is not."""
    for each in made:
        left = f"; left out: {', '.join(each.left_out[:5])}" if each.left_out else ""
        console.line(f"{each.instance} {each.id}: {each.files:,} files, {each.size:,} bytes, read back{left}")
        console.line(f"  {each.file}")


def backups(made: list[Backup]) -> None:
    if not made:
        console.line("no backups")
        return
    now = clock.now()
    console.table(
        ("ID", "AGE", "FILES", "BYTES", "GOVERNANCE", "CREDENTIALS", "MADE ON", "FILE"),
        [
            (
                each.id,
                times.ago(clock.instant(each.time), now),
                f"{each.files:,}",
                f"{each.size:,}",
                f"v{each.governance}",
                "with" if each.credentials else "without",
                each.home.host if each.home else "",
                each.file,
            )
            for each in made
        ],
        right=(2, 3),
    )


def restored(done: Restored) -> None:
    console.line(done.note)
    if done.replaced:
        console.note(f"what was there before: {done.replaced}")


def progress(result: Result) -> None:
    """A check as it ends, for who watches."""
    if sys.stderr.isatty() and not sys.stdout.isatty():
        console.note(f"{GLYPHS[result.state]} {result.name}: {result.evidence}")
