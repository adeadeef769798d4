"""The write side of definitions: the file of a job, changed so that a person's comments stay, and the fact of it."""

from __future__ import annotations

import difflib
import io
import re
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

PLAIN = re.compile(r"[!-~\xa1-\ud7ff][ -~\xa1-\ud7ff]*(?<! )")
"""A line without characters that YAML would have to escape, and without spaces at its ends."""


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
    text = _with("", settings, str(path))
    job = _checked(text, str(path))
    if path.exists():
        if jobs.load(workspace, name) == job:
            return Saved(queries.one(workspace, name), "")
        raise NotAllowed(f"there is a job {name} already", f"cronctl edit {name}")
    return _save(workspace, name, "", text)


def edit(workspace: Workspace, name: str, settings: dict[str, Any]) -> Saved:
    """Change settings of a job; None takes one out. Comments, order and the rest of its file stay.

    Raises NotFound, BadConfig; Usage when the job would not be valid any more.
    """
    before = jobs.text_of(workspace, name)
    shipped = not jobs.path_of(workspace, name).exists()
    after = _with(before, settings, str(jobs.path_of(workspace, name)))
    return _save(workspace, name, "" if shipped else before, after)


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


def _with(text: str, settings: dict[str, Any], path: str) -> str:
    """A YAML file with settings changed, the rest of it as it was.

    Raises BadConfig for a file that is no YAML, or no mapping.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    try:
        data = yaml.load(text) or CommentedMap()
    except YAMLError as error:
        raise _unreadable(text, path) from error
    if not isinstance(data, CommentedMap):
        raise _unreadable(text, path)
    for key, value in settings.items():
        if value is None:
            data.pop(key, None)
        elif key not in data or data[key] != value:
            data[key] = _readable(value, quoted=key == "schedule")
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _unreadable(text: str, path: str) -> BadConfig:
    """What is wrong with a file that cannot be edited."""
    try:
        jobs.read(text, path)
    except BadConfig as error:
        return error
    return BadConfig(f"{path}:1: cannot be changed by a program", "change it with an editor")


def _readable(value: Any, *, quoted: bool) -> Any:
    """Text as a person would write it: several plain lines as a block, all else that is not plain in quotes."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if not isinstance(value, str) or (PLAIN.fullmatch(value) and not quoted):
        return value
    lines = value.split("\n")
    if len(lines) > 1 and all(PLAIN.fullmatch(line) or not line for line in lines) and lines[0]:
        return LiteralScalarString(value)
    return DoubleQuotedScalarString(value)


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
