"""The user's crontab: a marked block of ours in it, and every other line kept byte for byte."""

from __future__ import annotations

import difflib
import getpass
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from subprocess import run

from msgspec import Struct

from halo_engine import clock, times
from halo_engine.cron import jobs
from halo_engine.cron.events import CrontabInstalled
from halo_engine.cron.jobs import CatchUp, Job
from halo_engine.cron.words import describe
from halo_engine.errors import BadData, NotAllowed, NotFound, Unavailable, Usage
from halo_engine.events.model import New
from halo_engine.runs.holders import host
from halo_engine.workspace import Workspace

EVERY_MINUTE = "* * * * *"
NOW_AND_THEN = "*/10 * * * *"


class Installed(Struct, frozen=True):
    """What became of the crontab."""

    diff: str
    """Unified; empty when it was so already."""
    block: str
    """Our lines in it; empty for none."""


def block(workspace: Workspace, on: Mapping[str, Job]) -> str:
    """Our lines for the jobs that are `on`, between their marks.

    Raises Usage for a workspace whose path no crontab can hold, NotAllowed where only `TZ` names the time zone.
    """
    lines = [line for name, job in on.items() for line in _lines(workspace, name, job)]
    if any(job.catch_up is CatchUp.ONCE for job in on.values()):
        lines += [
            "# what was missed while the machine was off or asleep",
            f"{NOW_AND_THEN} {_call(workspace, '--missed')}",
        ]
    begin, end = _marks(workspace)
    return "\n".join([begin, *lines, end]) + "\n"


def _lines(workspace: Workspace, name: str, job: Job) -> list[str]:
    schedule, words = " ".join(job.schedule.split()), describe(job.schedule)
    if not same_clock(workspace, job):
        zone = job.timezone or workspace.settings.timezone
        if not zone:
            here = times.own_name()
            raise NotAllowed(f"TZ says {here} here, and cron does not know of it", f"`timezone: {here}` in halo.yaml")
        schedule, words = EVERY_MINUTE, f"{words} in {zone}: looked at each minute, as cron knows no time zones"
    return [f"# {name}: {words}", f"{schedule} {_call(workspace, name, '--due')}"]


def same_clock(workspace: Workspace, job: Job) -> bool:
    """Whether the job's time zone shows what the machine's does, for a year to come: cron can keep its times then."""
    zone, ours, now = jobs.zone_of(workspace, job), times.machine(), clock.now()
    moments = (now + timedelta(hours=12 * number) for number in range(2 * 400))
    return all(each.astimezone(zone).utcoffset() == each.astimezone(ours).utcoffset() for each in moments)


def _call(workspace: Workspace, *arguments: str) -> str:
    """`/path/to/cronctl run NAME --due --workspace FOLDER`, as a crontab and the shell after it take it."""
    words = [program(), "run", *arguments, "--workspace", str(workspace.root)]
    return " ".join(map(shlex.quote, words)).replace("%", r"\%")


def program() -> str:
    """The absolute path of `cronctl`: the one beside this Python, else the one on the PATH.

    Raises NotFound.
    """
    beside = Path(sys.executable).with_name("cronctl")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("cronctl")
    if not found:
        raise NotFound("no program cronctl, neither beside this Python nor on the PATH", "install Halo, and repeat")
    return str(Path(found).absolute())


def _marks(workspace: Workspace) -> tuple[str, str]:
    place = str(workspace.root)
    if not place.isprintable():
        raise Usage(f"no crontab can hold the path {place!r}", "move the workspace")
    return f"# >>> halo {place} (from `cronctl install`; change the jobs, not these lines)", f"# <<< halo {place}"


def install(workspace: Workspace, on: Mapping[str, Job]) -> Installed:
    """Put our lines for the jobs that are `on` into the user's crontab, in place of those that are there.

    Raises Unavailable when there is no crontab program, or it does not take the text; what was there stays then.
    """
    made = block(workspace, on)
    return _exchange(workspace, made if made.count("\n") > 2 else "")


def uninstall(workspace: Workspace) -> Installed:
    """Take our lines out of the user's crontab, and nothing else."""
    return _exchange(workspace, "")


def undo(workspace: Workspace) -> Installed:
    """Put back the lines that were ours before the last change; the foreign lines stay as they are now.

    Raises NotFound when nothing was changed here yet.
    """
    history = workspace.log.stream(_stream())
    mine = [event.data() for event in history]
    if not mine:
        raise NotFound("nothing was installed from this workspace on this machine", "cronctl install")
    return _exchange(workspace, mine[-1].before)


def installed(workspace: Workspace) -> str:
    """Our lines as they are in the crontab now; empty for none.

    Raises Unavailable without a crontab program.
    """
    return split(read(), *_marks(workspace))[1].decode()


def _exchange(workspace: Workspace, ours: str) -> Installed:
    text = read()
    head, before, tail = split(text, *_marks(workspace))
    ended = b"\n" if head and ours and not head.endswith(b"\n") else b""
    wanted = head + ended + ours.encode() + tail
    diff = _diff(text, wanted)
    if not diff:
        return Installed("", ours)
    if not workspace.dry_run:
        write(wanted)
        if read() != wanted:
            write(text)
            raise Unavailable("the crontab does not hold what was written; it was put back", "look at `crontab -l`")
    workspace.log.append([New(_stream(), "cron.crontab.installed", CrontabInstalled(ours, before.decode()))])
    return Installed(diff, ours)


def _stream() -> str:
    return f"cron/@crontab.{host()}"


def split(text: bytes, begin: str, end: str) -> tuple[bytes, bytes, bytes]:
    """A crontab before, of, and after our block; without one, ours would come last.

    Raises BadData when one of its marks is missing: somebody has edited it.
    """
    lines = io.BytesIO(text).readlines()
    first = [place for place, line in enumerate(lines) if line.rstrip(b"\n") == begin.encode()]
    last = [place for place, line in enumerate(lines) if line.rstrip(b"\n") == end.encode()]
    if not first and not last:
        return text, b"", b""
    if len(first) != 1 or len(last) != 1 or last[0] < first[0]:
        raise BadData(f"the marks of Halo's lines in the crontab do not match: {begin}", "mend it with `crontab -e`")
    cut, after = first[0], last[0] + 1
    return b"".join(lines[:cut]), b"".join(lines[cut:after]), b"".join(lines[after:])


def _diff(before: bytes, after: bytes) -> str:
    old, new = (each.decode(errors="backslashreplace").splitlines(True) for each in (before, after))
    return "".join(difflib.unified_diff(old, new, "crontab", "crontab with Halo"))


def read() -> bytes:
    """The user's crontab as it is; empty for none.

    Raises Unavailable.
    """
    code, out, said = _crontab("-l")
    if code and re.search(r"no crontab for", said):
        return b""
    if code:
        raise Unavailable(f"the crontab of {getpass.getuser()} cannot be read: {said}", "may this user have one?")
    return out


def write(text: bytes) -> None:
    """Raises Unavailable when it is not taken."""
    code, _, said = _crontab("-", text=text)
    if code:
        raise Unavailable(f"the crontab was not taken: {said}", "nothing was changed; `cronctl generate` shows it")


def _crontab(*arguments: str, text: bytes | None = None) -> tuple[int, bytes, str]:
    if not shutil.which("crontab"):
        raise Unavailable("there is no program crontab", "install cron, or let `cronctl daemon` run the jobs")
    plain = {**os.environ, "LC_ALL": "C"}
    done = run(["crontab", *arguments], input=text, capture_output=True, env=plain, check=False)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()
