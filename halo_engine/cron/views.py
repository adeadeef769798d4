"""What a person sees of jobs on the command line. Loads rich when called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from halo_engine import clock, console, times
from halo_engine.clock import Timestamp
from halo_engine.commandline import Answer
from halo_engine.cron.queries import Coming, Listed
from halo_engine.cron.running import Done
from halo_engine.cron.store import FAILURES, Run
from halo_engine.cron.words import describe

GLYPHS = {"succeeded": "✓", "running": "●", "skipped": "◌", "missed": "◌", "cancelled": "◆"}
STYLES = {"succeeded": "green", "skipped": "yellow", "missed": "yellow", "cancelled": "yellow", "running": ""}


def outcome(word: str) -> Any:
    """An outcome with its mark."""
    from rich.text import Text

    return (
        Text(f"{GLYPHS.get(word, '▲')} {word.replace('_', ' ')}", style=STYLES.get(word, "red")) if word else Text("")
    )


def local(time: Timestamp, timezone: str = "", *, named: bool = False) -> str:
    """An instant on the clock of a time zone; empty: the machine's. `named`: with the zone's abbreviation."""
    if not time:
        return ""
    shown = clock.instant(time).astimezone(times.zone(timezone))
    return f"{shown:%a %Y-%m-%d %H:%M}" + f" {shown.tzname()}" * named


def elsewhere(zones: Iterable[str]) -> bool:
    """Whether a reader could take a time for one of another clock: there are several zones, or one that is not the
    machine's.
    """
    own = times.own_name()
    return not {each or own for each in zones} <= {own}


def table(found: dict[str, Any]) -> None:
    """One line a job."""
    rows: list[Listed] = found["jobs"]
    if not rows and not found["broken"]:
        console.note("no jobs; `cronctl add NAME --schedule ... --command ...` makes one")
    now = clock.now()
    named = elsewhere(row.timezone for row in rows if row.next)
    console.table(
        ("JOB", "SCHEDULE", "NEXT", "LAST", "WHEN", "DESCRIPTION"),
        [
            (
                row.name,
                row.job.schedule,
                local(row.next, row.timezone, named=named)
                or ("shipped, not enabled" if row.shipped else "not enabled"),
                outcome("running" if row.standing.running else row.standing.last_outcome),
                times.ago(clock.instant(row.standing.last_ended), now) if row.standing.last_ended else "",
                row.job.description or describe(row.job.schedule),
            )
            for row in rows
        ],
    )
    for each in found["broken"]:
        console.note(f"▲ {each.name}: {each.why}")


def card(found: dict[str, Any]) -> None:
    """Everything about one job."""
    row: Listed = found["job"]
    job, standing = row.job, row.standing
    facts = [
        ("schedule", f"{job.schedule}   {describe(job.schedule)}"),
        ("timezone", row.timezone),
        ("command", job.command),
        ("enabled", "yes" if row.next else "no"),
        ("next", "\n".join(local(each, row.timezone, named=True) for each in found["next"])),
        ("variables", "\n".join(f"{name}={value}" for name, value in job.env.items())),
        ("timeout", times.span(job.timeout)),
        ("retries", f"{job.retries}, {times.span(job.retry_delay)} apart" if job.retries else ""),
        ("if it still runs", job.overlap.value),
        ("if it was missed", job.catch_up.value),
        ("tags", ", ".join(job.tags)),
        ("runs", f"{standing.runs:,}" if standing.runs else "none yet"),
        ("failures in a row", str(standing.failures) if standing.failures else ""),
    ]
    console.table((row.name, job.description), [fact for fact in facts if fact[1]])
    if found["last_run"]:
        console.line()
        run_card(found["last_run"])


def run_card(run: Run) -> None:
    """One run, and the end of its output."""
    outcome = run.outcome.replace("_", " ")
    tried = f" in {run.attempts} attempts" if run.attempts > 1 else ""
    took = f" after {times.span(run.duration)}" if run.ended and run.duration and not tried else ""
    told = run.reason.startswith(outcome)  # `timed out after 2.0s`
    said = f": {run.reason}" if run.reason and not told else ""
    console.line(f"{run.run} {f'{run.reason}{tried}' if told else f'{outcome}{took}{tried}{said}'}")
    if run.tail:
        console.line(run.tail.rstrip("\n"))


def line(row: Listed) -> None:
    """What a verb answers: the job, in a line."""
    following = f"next {local(row.next, row.timezone, named=elsewhere([row.timezone]))}" if row.next else "not enabled"
    console.line(f"{row.name}  {row.job.schedule}  {following}")


def times_table(rows: list[Coming]) -> None:
    """One line a time; with their zones where they are not all the machine's."""
    now = clock.now()
    named = elsewhere(row.timezone for row in rows)
    console.table(
        ("TIME", "IN", "JOB"),
        [
            (local(row.time, row.timezone, named=named), times.ago(clock.instant(row.time), now), row.job)
            for row in rows
        ],
    )


def runs(rows: list[Run]) -> None:
    """One line a run."""
    if not rows:
        console.note("no runs yet")
        return
    console.table(
        ("RUN", console.heading("STARTED"), "TRIGGER", "OUTCOME", "TOOK", "REASON"),
        [
            (
                row.run,
                console.local(row.started),
                row.trigger,
                outcome(row.outcome),
                times.span(row.duration) if row.duration else "",
                row.reason + (f" ({row.missed} missed)" if row.missed and row.outcome != "missed" else ""),
            )
            for row in rows
        ],
    )


def validated(found: dict[str, Any]) -> None:
    for name in found["ok"]:
        console.line(f"{name}: ok")
    for each in found["broken"]:
        console.line(f"{each.name}: {each.why}")


def answer(done: list[Done], *, quiet: bool) -> Answer:
    """What running came to. `quiet`: as cron wants it, where each line is a mail; only failures speak."""
    ran = [each.run for each in done if each.run]
    failed = any(run.outcome in FAILURES for run in ran)
    notes = [each.note for each in done if each.note]
    shown = [run for run in ran if not quiet or run.outcome in FAILURES]
    note = "\n".join(notes)
    return Answer(ran, note="" if quiet else note, exit_code=1 if failed else 0, shown=shown, would=note)


def ran(rows: list[Run]) -> None:
    for row in rows:
        run_card(row)


def generated(found: dict[str, Any]) -> None:
    console.raw(found["text"].rstrip("\n"))


def as_yaml(documents: list[dict[str, Any]]) -> str:
    import yaml

    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, explicit_start=True)


def diff(found: dict[str, Any]) -> None:
    """What changed."""
    console.line(found["diff"].rstrip("\n") or "the crontab stays as it is")


def started(found: dict[str, Any]) -> None:
    console.line(f"started: {', '.join(found['started']) or 'nothing'}")
