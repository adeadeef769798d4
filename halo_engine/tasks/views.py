"""What a person sees of items, runs and history on the command line. Loads rich when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_engine import clock, console, times
from halo_engine.events.sentences import says
from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import State, moves
from halo_engine.tasks.store import Item, Run

if TYPE_CHECKING:
    from rich.text import Text

    from halo_engine.events.model import Event

STYLES = {
    State.FAILED: "red",
    State.BLOCKED: "yellow",
    State.RUNNING: "cyan",
    State.IN_PROGRESS: "cyan",
    State.DONE: "green",
    State.CANCELLED: "dim",
    State.DEFERRED: "dim",
}
PRIORITIES = ("none", "low", "medium", "high")


def badge(state: State) -> Text:
    """A state as glyph and word."""
    from rich.text import Text

    return Text(f"{GLYPHS[state]} {words(state)}", style=STYLES.get(state, ""))


def table(items: list[Item]) -> None:
    """One line an item."""
    if not items:
        console.note("no items")
        return
    now = clock.now()
    console.table(
        ("ID", "STATE", "KIND", "PRI", "DUE", "AGE", "TITLE"),
        [
            (
                item.id,
                badge(item.state),
                item.kind.value,
                "" if not item.priority else PRIORITIES[item.priority],
                times.ago(clock.instant(item.due), now) if item.due else "",
                times.ago(clock.instant(item.created), now),
                " ".join((item.title, *(f"#{tag}" for tag in item.tags))),
            )
            for item in items
        ],
    )


def card(item: Item) -> None:
    """Everything about one item."""
    console.render(badge(item.state), "")
    console.table((item.id, item.title), [(name, value) for name, value in facts(item) if value])


def line(item: Item) -> None:
    """What a verb answers: the item, in a line."""
    console.line(f"{item.id}  {GLYPHS[item.state]} {words(item.state)}  {item.title}")


def facts(item: Item) -> list[tuple[str, str]]:
    """Label and value of what an item says, in the order a person asks; empty values included."""
    now = clock.now()
    next_moves = "  ".join(move.verb for move in moves(item.state, item.kind))
    return [
        ("state", f"{words(item.state)} for {times.span((now - clock.instant(item.entered)).total_seconds())}"),
        ("reason", item.reason),
        ("next", next_moves),
        ("kind", item.kind.value),
        ("priority", PRIORITIES[item.priority] if item.priority else ""),
        ("tags", " ".join(item.tags)),
        ("due", console.moment(item.due)),
        ("opens", console.moment(item.defer_until)),
        ("waits for", " ".join(item.depends_on)),
        ("command", item.command or ""),
        ("window", item.window or ""),
        ("timeout", f"{item.timeout:g} s" if item.timeout else ""),
        ("retries", "" if item.retries is None else str(item.retries)),
        ("retry at", console.moment(item.retry_at)),
        ("runs", str(item.attempts or "")),
        ("plan", _plan(item)),
        ("created", f"{console.moment(item.created)} by {item.created_by}"),
        ("changed", f"{console.moment(item.changed)} by {item.changed_by}"),
        ("context", item.context),
        *(("note", f"{console.moment(time)} {text}") for time, text in item.notes),
    ]


def _plan(item: Item) -> str:
    if item.plan_hash is None:
        return ""
    if item.approved_hash is None:
        return "not approved"
    return "approved" if item.approved_hash == item.plan_hash else "changed since it was approved"


def runs(rows: list[Run]) -> None:
    """One line a run."""
    if not rows:
        console.note("no runs yet")
        return
    console.table(
        ("RUN", "OUTCOME", console.heading("STARTED"), "TOOK", "EXIT", "PEAK", "OUTPUT", "REASON"),
        [
            (
                run.id,
                run.outcome,
                console.local(run.started),
                "" if run.duration is None else times.span(run.duration),
                "" if run.exit_code is None else run.exit_code,
                "" if run.peak_memory is None else size(run.peak_memory),
                size(run.output_bytes),
                run.reason,
            )
            for run in rows
        ],
        right=(3, 4, 5, 6),
    )


def history(events: list[Event]) -> None:
    """One line an event of an item."""
    console.table(
        ("#", console.heading(), "WHAT", "WHO", "SAYS"),
        [
            (
                event.version,
                console.local(event.time),
                event.type.rpartition(".")[2].replace("_", " "),
                event.actor,
                says(event),
            )
            for event in events
        ],
        right=(0,),
    )


def size(count: int) -> str:
    """Bytes, short: `1.5 MiB`."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError


def night(report: Any) -> None:
    """What a run of the runner did."""
    console.line(report.summary())


def imported(report: Any) -> None:
    """What an import did."""
    console.line(report.summary())
