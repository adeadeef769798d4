"""Where sessions come from: one file a tool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from halo_engine.agents.records import AnyRecord
from halo_engine.agents.sources.claude_code import ClaudeCode
from halo_engine.agents.sources.codex import Codex
from halo_engine.agents.sources.gemini import Gemini
from halo_engine.agents.sources.halo import Halo
from halo_engine.agents.sources.opencode import OpenCode
from halo_engine.agents.sources.source import Source
from halo_engine.errors import BadData, NotFound

SOURCES: dict[str, Source] = {each.name: each for each in (ClaudeCode(), Codex(), Gemini(), OpenCode(), Halo())}


def source_of(path: Path) -> Source:
    """The tool that wrote a file.

    Raises BadData when it is of none that is known.
    """
    for source in reversed(SOURCES.values()):
        if source.claims(path):
            return source
    raise BadData(f"{path} is no session of {', '.join(each.title for each in SOURCES.values())}", "agentctl sources")


def read(path: Path, source: Source | None = None) -> Iterator[AnyRecord]:
    """The records of a session's file, from its first line.

    Raises NotFound when there is no such file, BadData when it is of no tool that is known.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}", "agentctl sessions")
    source = source or source_of(path)
    reader = source.reader(path)
    special = source.lines(path)
    if special is not None:
        for number, line in enumerate(special, 1):
            yield from reader.read(line, number)
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield from reader.read(line, number)
