"""`cronctl`, or `halo-engine cron`: jobs that run by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import console, times
from halo_engine.commandline import Answer, App
from halo_engine.cron import commands, jobs, queries, views
from halo_engine.cron.arguments import JOB, RUNNING, settings_of, with_settings
from halo_engine.cron.commands import Saved
from halo_engine.cron.jobs import Broken
from halo_engine.cron.store import OUTCOMES
from halo_engine.errors import BadConfig, Usage
from halo_engine.workspace import Workspace

app = App(
    "cronctl",
    help="Jobs that run by the clock: defined here, started by cron, each time in the event log.",
    epilog="A job is a file, cron/jobs/NAME.yaml: change it with an editor as well.",
    sections={
        "Look": "list show next history validate",
        "Write": "add edit enable disable",
        "Run": "run install uninstall generate daemon",
    },
    words={"disable": "delete remove rm pause stop", "next": "when upcoming"},
)
FORMATS = ("crontab", "systemd", "kubernetes")


def saved(result: Saved) -> Answer:
    note = "" if result.diff else "it is so already; nothing changed"
    return Answer(result.job, note=note, shown=result.job, would=result.diff.rstrip("\n"))


@app.verb("list", view=views.table)
@click.option("--tag", default="", help="Only those with it.")
def list_(workspace: Workspace, tag: str) -> Answer:
    """Every job: its schedule, next run, last result. Exits 1 when a file is wrong."""
    rows, broken = queries.listed(workspace, tag)
    return Answer({"jobs": rows, "broken": broken}, exit_code=1 if broken else 0)


@app.verb(view=views.card)
@JOB
def show(workspace: Workspace, job: str) -> Answer:
    """Everything about a job, and its last run."""
    found = queries.one(workspace, job)
    runs, _ = queries.history(workspace, job, 1)
    shown = {"job": found, "last_run": runs[0] if runs else None, "next": queries.coming(workspace, found.job, 5)}
    return Answer(shown)


@app.verb("next", view=views.times_table)
@click.argument("what", metavar="[JOB|EXPRESSION]", required=False)
@click.option("--count", type=click.IntRange(1, 1000), default=5, show_default=True)
@click.option("--timezone", default="", help="For an expression; default: the workspace's.")
def next_(workspace: Workspace, what: str | None, count: int, timezone: str) -> Answer:
    """The next times of a job, an expression, or all jobs."""
    if what and not jobs.NAME.fullmatch(what):
        job = jobs.Job(schedule=what, command=":", timezone=timezone or None)
        named = {what: job}
    else:
        named = {what: jobs.load(workspace, what)} if what else jobs.enabled(workspace)[0]
    return Answer(queries.upcoming(workspace, named, count))


@app.verb(view=views.runs)
@click.argument("job", required=False, default="")
@click.option("--outcome", type=click.Choice(OUTCOMES), default=None, help="Only runs that ended so.")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all.")
def history(workspace: Workspace, job: str, outcome: str | None, limit: int) -> Answer:
    """What ran, the latest first, and how it ended."""
    rows, more = queries.history(workspace, job, limit, outcome or "")
    return Answer(rows, more)


@app.verb(view=views.validated)
@click.argument("job", required=False)
def validate(workspace: Workspace, job: str | None) -> Answer:
    """Check a job, or all; exits 6 when one is wrong."""
    if job:
        jobs.load(workspace, job)
        return Answer({"ok": [job], "broken": []})
    found, broken = jobs.load_all(workspace)
    exit_code = BadConfig.exit_code if broken else 0
    return Answer({"ok": sorted(found), "broken": broken}, exit_code=exit_code)


@app.verb(view=views.line, changes=True)
@click.argument("name")
@with_settings
def add(workspace: Workspace, name: str, **given: Any) -> Answer:
    """Define a job."""
    settings = settings_of(given)
    if "schedule" not in settings or "command" not in settings:
        raise Usage("a job needs --schedule and --command", "cronctl add backup --schedule '30 2 * * *' --command ...")
    return saved(commands.add(workspace, name, settings))


@app.verb(view=views.line, changes=True)
@JOB
@with_settings
def edit(workspace: Workspace, job: str, **given: Any) -> Answer:
    """Change settings of a job; its file keeps its comments."""
    settings = settings_of(given)
    if not settings:
        raise Usage("nothing to change was given", f"cronctl edit --help; or open {jobs.path_of(workspace, job)}")
    return saved(commands.edit(workspace, job, settings))


@app.verb(view=views.line, changes=True)
@JOB
def enable(workspace: Workspace, job: str) -> Answer:
    """Let a job run by the clock."""
    return saved(commands.enable(workspace, job))


@app.verb(view=views.line, changes=True)
@JOB
def disable(workspace: Workspace, job: str) -> Answer:
    """Let a job run by the clock no longer."""
    return saved(commands.enable(workspace, job, False))


@app.verb(view=views.ran, changes=True)
@click.argument("job", metavar="[JOB]", required=False, shell_complete=RUNNING)
@click.option("--due", is_flag=True, help="As cron calls it: for the time that has come, once, and quietly.")
@click.option("--missed", is_flag=True, help="Make up for what was missed, of every job that wants it.")
def run(workspace: Workspace, job: str | None, due: bool, missed: bool) -> Answer | None:
    """Run a job now, as cron would; exits 1 when it fails."""
    from halo_engine.cron import running

    if bool(job) == missed or (due and missed):
        raise Usage("name a job, or say --missed", "cronctl run backup")
    if missed:
        done = running.run_missed(workspace)
    else:
        assert job
        done = [running.run_due(workspace, job) if due else running.run(workspace, job)]
    return views.answer(done, quiet=due or missed)


@app.verb(view=views.generated)
@click.option("--format", "form", type=click.Choice(FORMATS), default="crontab", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="systemd: write the units into this folder.")
@click.option("--image", default="halo:latest", show_default=True, help="kubernetes: what runs the job.")
@click.option("--claim", default="halo", show_default=True, help="kubernetes: the volume claim with the workspace.")
def generate(workspace: Workspace, form: str, output: Path | None, image: str, claim: str) -> Answer:
    """The enabled jobs as a crontab, systemd timers, or CronJobs."""
    from halo_engine.cron import crontab, units

    on, broken = jobs.enabled(workspace)
    note = left_out(broken)
    if form == "crontab":
        return Answer({"format": form, "text": crontab.block(workspace, on)}, note=note)
    if form == "kubernetes":
        manifests = units.kubernetes(workspace, on, image, claim)
        return Answer({"format": form, "text": views.as_yaml(manifests)}, note=note)
    files = units.systemd(workspace, on)
    if output:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            console.save(output / name, text.splitlines())
        shown = {"text": "\n".join(sorted(files)) + "\n"}
        return Answer({"format": form, "files": sorted(files)}, note=note, shown=shown)
    text = "\n".join(f"# {name}\n{text}" for name, text in files.items())
    return Answer({"format": form, "text": text}, note=note)


def left_out(broken: Sequence[Broken]) -> str:
    """What nothing is written for, and why."""
    return "\n".join(f"▲ {each.name} is left out: {each.why}" for each in broken)


@app.verb(view=views.diff, changes=True)
@click.option("--undo", is_flag=True, help="Put back the lines that were there before the last change.")
def install(workspace: Workspace, undo: bool) -> Answer:
    """Put the enabled jobs into your crontab; other lines stay."""
    from halo_engine.cron import crontab

    if undo:
        return exchanged(crontab.undo(workspace))
    on, broken = jobs.enabled(workspace)
    return exchanged(crontab.install(workspace, on), left_out(broken))


@app.verb(view=views.diff, changes=True)
def uninstall(workspace: Workspace) -> Answer:
    """Take them out again, and nothing else."""
    from halo_engine.cron import crontab

    return exchanged(crontab.uninstall(workspace))


def exchanged(result: Any, note: str = "") -> Answer:
    said = "" if result.diff else "it is so already; nothing changed"
    notes = "\n".join(filter(None, (said, note)))
    return Answer(msgspec.structs.asdict(result), note=notes, would=result.diff.rstrip("\n"))


@app.verb(view=views.started, changes=True)
@click.option("--once", is_flag=True, help="Start what is due at this moment, wait for it, and return.")
def daemon(workspace: Workspace, once: bool) -> Answer:
    """Start jobs when due, for machines without cron."""
    from halo_engine.cron import daemon

    times.zone(workspace.settings.timezone or "")
    started = daemon.run(workspace, console.note, once=once)
    return Answer({"started": started}, would=f"would start now: {', '.join(started) or 'nothing'}")


def main() -> None:
    """The console script."""
    app.main()
