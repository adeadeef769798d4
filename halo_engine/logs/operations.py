"""What logs bring to `status`, `doctor` and `demo`."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from halo_engine import clock
from halo_engine.errors import HaloError
from halo_engine.logs import queries
from halo_engine.logs.query import Query
from halo_engine.logs.reading import Reading
from halo_engine.logs.stamps import nanoseconds
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

LATELY = timedelta(hours=1)
SHOWN = 3


def status(workspace: Workspace) -> list[Check]:
    """Errors of the last hour, the most frequent first."""
    sources = queries.sources(workspace)
    if not sources:
        return []
    found = queries.errors(sources, Reading(Query(since=nanoseconds(clock.now() - LATELY))))
    if not found.matched:
        return [Check("logs", "ok", f"{len(sources)} sources, no errors in the last hour")]
    groups = sorted(found.groups.items(), key=lambda pair: -pair[1].count)
    words = "; ".join(f"{key[:60]} ({group.count})" for key, group in groups[:SHOWN])
    more = f"; and {len(groups) - SHOWN} more kinds" if len(groups) > SHOWN else ""
    return [
        Check("logs", "note", f"{found.matched:,} errors in the last hour: {words}{more}", "logctl errors --since 1h")
    ]


def doctor(workspace: Workspace) -> list[Check]:
    """Whether each log can be read, and in which format."""
    checks = []
    for source in queries.sources(workspace):
        try:
            found = queries.about(source)
        except (HaloError, OSError) as error:
            checks.append(Check(f"log {source.name}", "wrong", str(error), "see to the file, or to logctl.yaml"))
            continue
        if not found.files:
            checks.append(Check(f"log {source.name}", "note", "no file", "its path in logctl.yaml matches none"))
            continue
        evidence = f"{found.format}, {len(found.files)} files, {found.bytes:,} bytes"
        checks.append(Check(f"log {source.name}", "ok", evidence))
    return checks


def demo(workspace: Workspace, random: Random) -> None:
    """Two days of made-up logs of three instances."""
    from halo_engine.logs.sample import fill

    fill(workspace, random)


def live(workspace: Workspace, random: Random) -> None:
    """A few more lines in the sample."""
    from halo_engine.logs.sample import step

    step(workspace, random)
