"""A job as its file says it, `cron/jobs/NAME.yaml`, and reading those files."""

from __future__ import annotations

import hashlib
import re
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from halo_engine import resources, times
from halo_engine.cron.expression import BadSchedule, Expression, parse
from halo_engine.errors import BadConfig, HaloError, NotFound, Usage
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,50}[a-z0-9])?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FOLDER = Path("cron/jobs")
Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]
Length = Annotated[float, Meta(gt=0, le=31_536_000)]


class Overlap(StrEnum):
    """What to do when it is time and the last run is still under way."""

    SKIP = "skip"
    ALLOW = "allow"
    REPLACE = "replace"


class CatchUp(StrEnum):
    """What to do about runs whose time passed while nobody could start them."""

    SKIP = "skip"
    ONCE = "once"


class Notify(Struct, frozen=True, forbid_unknown_fields=True):
    """What makes an alert."""

    failure: bool = True
    """A run that failed for good raises one."""
    recovery: bool = True
    """The next run that succeeds resolves it; otherwise you do."""


class Job(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """`cron/jobs/NAME.yaml`."""

    schedule: str
    """As in a crontab: `30 2 * * mon-fri`, or @hourly, @daily, @weekly, @monthly, @yearly."""
    command: Annotated[str, Meta(min_length=1, max_length=100_000)]
    """For `/bin/sh`, of as many lines as you like."""
    description: str = ""
    enabled: bool = True
    timezone: str | None = None
    """The IANA time zone of the schedule; default: that of `halo.yaml`, else the machine's."""
    env: dict[str, str] = {}
    """Variables beside those that cron sets."""
    timeout: Length = 3600
    """Seconds after which a run is ended."""
    retries: Annotated[int, Meta(ge=0, le=100)] = 0
    """How often a run that failed is tried again at once."""
    retry_delay: Seconds = 60
    """Seconds between two attempts."""
    overlap: Overlap = Overlap.SKIP
    jitter: Annotated[float, Meta(ge=0, le=3600)] = 0
    """A run that is due waits up to so many seconds, by chance."""
    catch_up: CatchUp = CatchUp.SKIP
    notify: Notify = Notify()
    keep: Annotated[int, Meta(ge=1)] = 100
    """How many of its runs keep their folder of output, the latest; the log remembers every run."""
    tags: tuple[str, ...] = ()

    @property
    def expression(self) -> Expression:
        return parse(self.schedule)

    @property
    def digest(self) -> str:
        """Tells this definition from any other."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


class Broken(Struct, frozen=True):
    """A job whose file cannot be used."""

    name: str
    why: str


def folder(workspace: Workspace) -> Path:
    return workspace.root / FOLDER


def shipped() -> Traversable:
    """Jobs that come with Halo; `cronctl enable NAME` takes one into the workspace."""
    return resources.folder("templates").joinpath("cron", "jobs")


def path_of(workspace: Workspace, name: str) -> Path:
    """Where a job is written down, if it were.

    Raises Usage for what cannot be a name.
    """
    if not NAME.fullmatch(name):
        raise Usage(f"{name[:60]!r} cannot be a job's name", "lower case letters, digits and `-`, at most 52 of them")
    return folder(workspace) / f"{name}.yaml"


def text_of(workspace: Workspace, name: str) -> str:
    """A job's file: the workspace's, else the one that is shipped.

    Raises NotFound, BadConfig.
    """
    for path in (path_of(workspace, name), shipped() / f"{name}.yaml"):
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except UnicodeDecodeError as error:
            raise BadConfig(f"{path}: not UTF-8") from error
        except OSError as error:
            raise BadConfig(f"{path}: cannot be read: {error.strerror}", "is it a file, and yours?") from error
    raise NotFound(f"no job {name}", "`cronctl list` shows what there is; `cronctl add NAME` makes one")


def load(workspace: Workspace, name: str) -> Job:
    """A job by its name; one that is shipped, and not in the workspace, is not enabled.

    Raises NotFound; BadConfig naming file, line and key of what is wrong.
    """
    return read(text_of(workspace, name), str(path_of(workspace, name)))


def load_all(workspace: Workspace) -> tuple[dict[str, Job], list[Broken]]:
    """Every job by name, and those whose file is wrong; the rest goes on without them."""
    found: dict[str, Job] = {}
    broken = []
    for name in names(workspace):
        try:
            found[name] = load(workspace, name)
        except HaloError as error:
            broken.append(Broken(name, error.message))
    return found, broken


def enabled(workspace: Workspace) -> tuple[dict[str, Job], list[Broken]]:
    """The jobs that run by the clock, by name, and those whose file is wrong."""
    found, broken = load_all(workspace)
    return {name: job for name, job in found.items() if job.enabled and path_of(workspace, name).exists()}, broken


def names(workspace: Workspace) -> list[str]:
    """The workspace's jobs, and those that are shipped, in order."""
    ours = [path.name for path in folder(workspace).glob("*.yaml")]
    theirs = [path.name for path in shipped().iterdir()]
    return sorted({name.removesuffix(".yaml") for name in (*ours, *theirs) if name.endswith(".yaml")})


def read(text: str, path: str) -> Job:
    """The job that a file's text describes.

    Raises BadConfig naming file, line and key of every fault.
    """
    from halo_engine.configuration import load as load_yaml

    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        raise BadConfig(f"{path}:1: empty; a job needs a schedule and a command")
    try:
        job = load_yaml(text, Job, path)
    except BadConfig as error:
        hint = 'a schedule stands in quotes: schedule: "@daily"' if "not valid YAML" in error.message else error.hint
        raise BadConfig(error.message, hint) from None
    for key, fault in _faults(job):
        raise BadConfig(f"{path}:{_line(text, key)}: {key}: {fault.message}", fault.hint)
    return job


def _faults(job: Job) -> list[tuple[str, HaloError]]:
    """What the types do not say."""
    faults: list[tuple[str, HaloError]] = []
    try:
        parse(job.schedule)
    except BadSchedule as error:
        faults.append(("schedule", error))
    if "\0" in job.command:
        faults.append(("command", BadConfig("has a NUL in it, which no command can have")))
    try:
        times.zone(job.timezone or "UTC")
    except BadConfig as error:
        faults.append(("timezone", error))
    wrong = [name for name, value in job.env.items() if not VARIABLE.fullmatch(name) or "\0" in value]
    if wrong:
        faults.append(("env", BadConfig(f"{wrong[0][:40]!r} cannot be a variable")))
    return faults


def _line(text: str, key: str) -> int:
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(key)), 1)


def zone_of(workspace: Workspace, job: Job) -> tzinfo:
    """The time zone in which a job's schedule is read.

    Raises BadConfig for one that does not exist.
    """
    return times.zone(job.timezone or workspace.settings.timezone or "")
