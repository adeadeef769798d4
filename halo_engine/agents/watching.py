"""Reading on as transcripts grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from halo_engine.agents.config import agent_settings, homes
from halo_engine.agents.ingest import Report, ingest
from halo_engine.errors import NotFound
from halo_engine.workspace import Workspace

PAUSE = 2_000
"""Milliseconds in which changes are gathered before they are read."""
ANYWAY = 60_000
"""Milliseconds after which a look is taken though nothing was heard of."""


def reports(workspace: Workspace, paths: Sequence[Path] = ()) -> Iterator[Report]:
    """An ingest now, and one whenever something has changed; for ever. Those that found nothing new are left out.

    Raises NotFound when there is nothing to watch.
    """
    from watchfiles import watch

    found = [home for folders in homes(workspace, agent_settings(workspace)).values() for home in folders]
    places = [place for place in (paths or found) if place.exists()]
    if not places:
        raise NotFound("there is nothing to watch: no tool's folder exists", "agentctl sources")
    yield ingest(workspace, paths)
    for _ in watch(*places, debounce=PAUSE, rust_timeout=ANYWAY, yield_on_timeout=True):
        report = ingest(workspace, paths)
        if report.read:
            yield report
