"""The write side of definitions: the file of a job, changed so that a person's comments stay, and the fact of it."""

from __future__ import annotations

import difflib
import io
from typing import Any

from msgspec import Struct

from halo_engine.cron import jobs, queries
from halo_engine.cron.events import JobSaved
from halo_engine.cron.jobs import Job
from halo_engine.cron.projection import stream_of
from halo_engine.cron.queries import Listed
from halo_engine.errors import BadConfig, Conflict, NotAllowed, Usage
from halo_engine.events.model import New
from halo_engine.workspace import Workspace, replace, writing


class Saved(Struct, frozen=True):
    """What became of a job's file."""

    job: Listed
    diff: str
    """Unified; empty when the file was so already."""


def add(workspace: Workspace, name: str, settings: dict[str, Any]) -> Saved:
    """Define a job. The same definition again does nothing.

    Raises Usage for a bad name or setting, NotAllowed when there is another job of that name.
    """
    path = jobs.path_of(workspace, name)
    job = _checked(_with("", settings), str(path))
    if path.exists():
        if jobs.load(workspace, name) == job:
            return Saved(queries.one(workspace, name), "")
        raise NotAllowed(f"there is a job {name} already", f"cronctl edit {name}")
    return _save(workspace, name, "", _with("", settings))


def edit(workspace: Workspace, name: str, settings: dict[str, Any]) -> Saved:
    """Change settings of a job; None takes one out. Comments, order and the rest of its file stay.

    Raises NotFound, BadConfig; Usage when the job would not be valid any more.
    """
    before = jobs.text_of(workspace, name)
    shipped = not jobs.path_of(workspace, name).exists()
    return _save(workspace, name, "" if shipped else before, _with(before, settings))


def enable(workspace: Workspace, name: str, enabled: bool = True) -> Saved:
    """Let a job run by the clock, or no longer."""
    if jobs.load(workspace, name).enabled is enabled and jobs.path_of(workspace, name).exists():
        return Saved(queries.one(workspace, name), "")
    return edit(workspace, name, {"enabled": enabled})


def observe(workspace: Workspace, name: str, job: Job) -> None:
    """Record a definition that differs from the last one that was recorded, whoever wrote it."""
    row = queries.standing(workspace, name)
    if row.digest == job.digest:
        return
    fact = JobSaved(job.schedule, job.command, job.enabled, job.digest)
    try:
        workspace.log.append([New(stream_of(name), "cron.job.saved", fact, row.version)])
    except Conflict:  # another has just seen the same
        return


def _with(text: str, settings: dict[str, Any]) -> str:
    """A YAML file with settings changed, the rest of it as it was."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    data = yaml.load(text) or CommentedMap()
    for key, value in settings.items():
        if value is None:
            data.pop(key, None)
        elif key not in data or data[key] != value:
            data[key] = _readable(value)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _readable(value: Any) -> Any:
    """Text as a person would write it: several lines as a block, a schedule in quotes."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return DoubleQuotedScalarString(value) if isinstance(value, str) and value[:1] in "*@0123456789" else value


def _checked(text: str, path: str) -> Job:
    try:
        return jobs.read(text, path)
    except BadConfig as error:
        raise Usage(error.message.partition(": ")[2], error.hint) from error


def _save(workspace: Workspace, name: str, before: str, after: str) -> Saved:
    path = jobs.path_of(workspace, name)
    job = _checked(after, str(path))
    diff = "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{path.name}", path.name))
    if diff and not workspace.dry_run:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, after)
    observe(workspace, name, job)
    return Saved(queries.of(workspace, name, job), diff)
