"""What a source is: where a tool keeps its sessions, and how their lines become records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec

from halo_engine.agents.records import AnyRecord, Change, Malformed
from halo_engine.clock import Timestamp, stamp

LARGEST = 2**53
"""Counts beyond this are damage, not tokens."""


class About(msgspec.Struct, gc=False, omit_defaults=True):
    """What a file says of its session beside its records."""

    project: str = ""
    cwd: str = ""
    branch: str = ""
    version: str = ""
    """Of the tool that wrote it."""
    instance: str = ""
    parent: str = ""
    """The session that it was forked from or started by."""


class Reader(Protocol):
    """Turns the lines of one file into records, in order. It may be put away (`carry`) and taken up again."""

    unknown: dict[str, int]
    """Types of lines that are not known, with how many there were."""

    def read(self, line: bytes, number: int) -> Iterable[AnyRecord]:
        """The records of a line; `Malformed` for one that cannot be read. Never raises."""

    def about(self, session: str) -> About:
        """What has been said so far of a session."""

    def carry(self) -> bytes:
        """What it must know to go on after the last line read."""


class Source(Protocol):
    """A tool that writes sessions."""

    name: ClassVar[str]
    title: ClassVar[str]

    def homes(self, environment: Mapping[str, str]) -> list[Path]:
        """Where the tool keeps its sessions; also folders that do not exist."""

    def find(self, home: Path) -> Iterator[Path]:
        """The files below a home that hold sessions."""

    def claims(self, path: Path) -> bool:
        """Whether a file that was named is of this tool, by its name or its first lines."""

    def reader(self, path: Path, carry: bytes = b"") -> Reader:
        """A reader for a file, fresh or taken up again."""

    def lines(self, path: Path) -> Iterator[bytes] | None:
        """The lines of a file that is no file of lines (a database, one JSON document); None for one that is."""


def when(value: Any) -> Timestamp:
    """An ISO time or epoch number (s, ms, us, ns) as a `Timestamp`; empty for anything else."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return stamp(found if found.tzinfo else found.replace(tzinfo=UTC))
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            while value > 1e11:
                value /= 1000
            return stamp(datetime.fromtimestamp(value, UTC))
    except (ValueError, OverflowError, OSError):
        pass
    return ""


def count(value: Any) -> int:
    """A number of tokens; 0 for anything that is none."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return int(value) if good else 0


def text(value: Any) -> str:
    """A string as it is; nothing for anything else."""
    return value if isinstance(value, str) else ""


def table(value: Any) -> dict[str, Any]:
    """A JSON object as it is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array; none for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def said(value: Any) -> str:
    """The text of a content: a string, or blocks with a `text`, one a line."""
    if isinstance(value, list):
        return "\n".join(text(each) if isinstance(each, str) else text(table(each).get("text")) for each in value)
    return text(table(value).get("text")) if isinstance(value, dict) else text(value)


def decoded(line: bytes, number: int) -> dict[str, Any] | Malformed:
    """The JSON object of a line."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Malformed(line=number, why=str(error)[:200])
    return found if isinstance(found, dict) else Malformed(line=number, why="not an object")


def opening(path: Path) -> bytes:
    """The first bytes of a file; none when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError:
        return b""


def folders(environment: Mapping[str, str], name: str, *defaults: str) -> list[Path]:
    """The folders of a variable (several with commas), else the defaults below the user's home."""
    given = [each.strip() for each in environment.get(name, "").split(",") if each.strip()]
    home = environment.get("HOME") or str(Path.home())
    return [Path(each).expanduser() for each in given] or [Path(home) / each for each in defaults]


def differing(diff: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that a unified diff of one file takes out and puts in."""
    lines = diff.splitlines()
    begun = next((place for place, line in enumerate(lines) if line.startswith("@@")), len(lines))
    removed = tuple(line[1:] for line in lines[begun:] if line.startswith("-"))
    return removed, tuple(line[1:] for line in lines[begun:] if line.startswith("+"))


def changed(path: str, diff: str) -> tuple[Change, ...]:
    """The same as a change; none where nothing differs."""
    removed, added = differing(diff)
    return (Change(path, removed, added),) if removed != added else ()
