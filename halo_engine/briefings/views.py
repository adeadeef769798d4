"""What a person sees of briefings on the command line."""

from __future__ import annotations

from halo_engine import console
from halo_engine.briefings.commands import Sent
from halo_engine.briefings.rendering import weekday
from halo_engine.briefings.store import Briefing


def table(rows: list[Briefing]) -> None:
    """One line a day."""
    if not rows:
        console.note("no briefing was written yet; hal-briefing generate")
        return
    console.table(
        ("DATE", "DAY", "NEEDS YOU", "WORDS BY", console.heading("SENT")),
        [
            (
                row.date,
                weekday(row.date)[:3],
                sum(point.state == "wrong" for section in row.sections for point in section.points),
                row.model or "template",
                _delivered(row) or row.failure,
            )
            for row in rows
        ],
        right=(2,),
    )


def _delivered(row: Briefing) -> str:
    return ", ".join(f"{channel} {console.local(time)[11:16]}" for channel, time in row.sent.items())


def sent(found: Sent) -> None:
    """What was done, in a line."""
    if found.parts and found.briefing:
        said = console.counted(found.parts, "message")
        console.line(f"sent by {found.channel}: {found.briefing.date}, {said}")
