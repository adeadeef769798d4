"""What happened to a job, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine import times
from halo_engine.cron import events as facts


def _finished(data: facts.RunFinished) -> str:
    return f"{data.outcome} after {times.span(data.duration)}" + (f": {data.reason}" if data.reason else "")


SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.JobSaved: lambda data: f"{data.schedule}  {data.command}" + " (off)" * (not data.enabled),
    facts.RunStarted: lambda data: f"{data.run}, by {data.trigger}",
    facts.RunFinished: _finished,
    facts.RunPassed: lambda data: f"{data.outcome}: {data.reason}",
    facts.CrontabInstalled: lambda data: f"{len(data.block.splitlines())} lines",
}
"""By payload."""
