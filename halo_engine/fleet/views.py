"""What a person sees of the fleet on the command line. Loads rich when called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_engine import clock, console, times
from halo_engine.events.sentences import says
from halo_engine.fleet.instance import Instance, Status

if TYPE_CHECKING:
    from rich.text import Text

    from halo_engine.events.model import Event
    from halo_engine.fleet.governing.drifting import Verified
    from halo_engine.fleet.governing.pushing import Pushed, Versions
    from halo_engine.fleet.provisioning.plan import Progress
    from halo_engine.fleet.queries import InstanceRow, InstanceStatus
    from halo_engine.modules import Check

GLYPHS = {
    Status.PROVISIONING: "◔",
    Status.ACTIVE: "●",
    Status.FROZEN: "❄",
    Status.FOLDED: "▣",
    Status.FRIED: "✗",
    Status.UNDONE: "↶",
    Status.FORGOTTEN: "◌",
}
STYLES = {Status.ACTIVE: "green", Status.FROZEN: "cyan", Status.PROVISIONING: "yellow"}
GOVERNANCE = {"locked": ("locked", ""), "drifted": ("▲ drifted", "bold red"), "archived": ("archived", "dim")}
OUTCOMES = {"pushed": "●", "already": "○", "would": "◌", "failed": "▲", "skipped": "◆"}
MARKS = {"ok": "●", "note": "◆", "wrong": "▲"}
SHOWN = 5
"""Instances whose reason to stand still is told below the table."""
STATES = {"begun": "…", "done": "●", "failed": "▲", "undone": "↶"}


def badge(row: InstanceRow) -> Text:
    """A status as glyph and word; an active one that does not run says so."""
    from rich.text import Text

    status, running = row.status, row.running
    if row.held:
        return Text(f"▲ {status}, held", style="bold red" if status is Status.ACTIVE else "yellow")
    if status is Status.ACTIVE and running is False:
        return Text("▲ active, down", style="bold red")
    if status is Status.FROZEN and running:
        return Text("▲ frozen, runs", style="bold red")
    return Text(f"{GLYPHS[status]} {status}", style=STYLES.get(status, "dim"))


def table(rows: list[InstanceRow]) -> None:
    """One line an instance."""
    from rich.text import Text

    if not rows:
        console.note("no instances; `halctl create --name dad --personality dad` makes one")
        return
    now = clock.now()
    headers = ("NAME", "STATUS", "GOVERNANCE", "PERSONALITY", "RUNTIME", "BOT", "GROUPS", "NOTES", "TOKENS", "SEEN")
    lines = []
    for row in rows:
        word, style = GOVERNANCE.get(row.governance, (row.governance, "yellow"))
        status = badge(row)
        if row.operation:
            status.append(f" ({row.operation})", style="yellow")
        seen = times.ago(clock.instant(row.seen), now) if row.seen else "never"
        runtime = f"{row.runtime}, {row.supervisor}"
        counted = (str(row.groups), str(row.notes), f"{row.tokens:,}")
        lines.append((row.name, status, Text(word, style=style), row.personality, runtime, row.bot, *counted, seen))
    console.table(headers, lines, right=(6, 7, 8))
    for row in [row for row in rows if row.held][:SHOWN]:
        console.note(f"{row.name} is held: {row.held}\n  -> {row.remedy}")


def looked_at(found: InstanceStatus | list[InstanceStatus]) -> None:
    """One instance as a card, all of them as a table of what is wrong."""
    if isinstance(found, list):
        overview(found)
    else:
        card(found)


def overview(found: list[InstanceStatus]) -> None:
    """One line an instance: how old its last sign of life is, and everything about it that is wrong."""
    if not found:
        console.note("no instances; `halctl create --name dad --personality dad` makes one")
        return
    lines = []
    for each in found:
        beat = next((probe for probe in each.probes if probe.name == "heartbeat" and probe.age), None)
        wrong = "; ".join(f"{probe.name}: {probe.evidence}" for probe in each.probes if probe.state == "wrong")
        mark = MARKS["wrong" if each.wrong else "ok"]
        status = badge(each.row)
        lines.append((mark, each.row.name, status, _aged(beat.age) if beat else "", wrong))
    console.table(("", "NAME", "STATUS", "BEAT", "WRONG"), lines)


def card(found: InstanceStatus) -> None:
    """One instance: what FLEET.yaml says of it, and what was seen just now."""
    from rich.text import Text

    from halo_engine.fleet import mounting

    instance, row = found.instance, found.row
    console.render(badge(row), "")
    facts = (
        ("personality", instance.personality),
        ("folder", instance.path),
        ("runs by", f"{instance.supervisor}, runtime {instance.runtime}"),
        ("ports", ", ".join(f"{name} {port}" for name, port in instance.ports.items())),
        ("sees", mounting.words(instance)),
        ("budget", f"${instance.budget:,.2f} a day" if instance.budget is not None else "no limit"),
        ("today", f"{row.tokens:,} tokens, ${row.cost:,.2f}"),
        ("created", console.moment(instance.created)),
    )
    console.table((instance.name, ""), [each for each in facts if each[1]])
    console.line()
    lines = []
    for each in found.probes:
        mark = Text(MARKS[each.state], style="bold red" if each.state == "wrong" else "")
        lines.append((mark, each.name, _aged(each.age), each.evidence))
    console.table(("", "SEEN NOW", "AGE", "EVIDENCE"), lines)


def _aged(age: float) -> str:
    return "now" if age < 1 else times.span(age)


def history(events: list[Event]) -> None:
    """One line an event of an instance."""
    lines = []
    for event in events:
        what = event.type.removeprefix("fleet.").replace(".", " ").removeprefix("instance ")
        lines.append((event.version, console.local(event.time), what, event.actor, says(event)))
    console.table(("#", console.heading(), "WHAT", "WHO", "SAYS"), lines, right=(0,))


def line(instance: Instance) -> None:
    """What a verb of the life answers."""
    console.line(f"{GLYPHS[instance.status]} {instance.name}  {instance.status}")


def progress(step: Progress) -> None:
    """A step of a longer command, on stderr."""
    if step.state != "begun":
        console.note(f"{STATES[step.state]} {step.number}/{step.total} {step.title}: {step.evidence or step.state}")


def pushed(found: list[Pushed]) -> None:
    """One line an instance; below it what differs, where that is asked for."""
    for each in found:
        said = each.note or each.outcome
        console.line(f"{OUTCOMES[each.outcome]} {said if each.name in said else f'{each.name}  {said}'}")
        for path, kind in each.paths.items():
            console.line(f"    {kind} {path}")
        if each.diff:
            console.line(each.diff)


def verified(found: list[Verified]) -> None:
    from rich.text import Text

    rows = []
    for each in found:
        bad = each.state in {"drifted", "open"}
        rows.append((each.name, Text(("▲ " if bad else "● ") + each.state, "bold red" if bad else ""), each.evidence))
    console.table(("NAME", "GOVERNANCE", "EVIDENCE"), rows)


def versions(found: Versions) -> None:
    rows = []
    for each in found.versions:
        mark = "in force" if each.version == found.present else "kept" if each.version in found.kept else ""
        rows.append((str(each.version), mark, console.local(each.since), each.cause, each.personality, each.by))
    console.table(("VERSION", "", console.heading("SINCE"), "BY WHAT", "PERSONALITY", "BY WHOM"), rows)


def preflight(found: list[Check]) -> None:
    console.table(("", "CHECK", "EVIDENCE"), [(MARKS[each.state], each.name, each.evidence) for each in found])
