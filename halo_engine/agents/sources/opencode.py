"""OpenCode: `~/.local/share/opencode/opencode.db`; older ones a file a message, `storage/message/<session>/msg_*.json`.

Neither is a file of lines, so that one that has changed is read again as a whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from halo_engine.agents.records import (
    AnyRecord,
    Call,
    Change,
    Malformed,
    Mark,
    Prompt,
    Result,
    Said,
    Spent,
    Thought,
    Tokens,
)
from halo_engine.agents.sources.source import About, changed, count, decoded, folders, table, text, when
from halo_engine.errors import BadData

ROWS = """
SELECT 0, time_created AS time, '' AS message, id, id AS session, data_ AS data FROM (
    SELECT id, time_created, json_object('directory', directory, 'version', version, 'parentID', parent_id) AS data_
    FROM session)
UNION ALL SELECT 1, time_created, id, id, session_id, data FROM message
UNION ALL SELECT 2, time_created, message_id, id, session_id, data FROM part
ORDER BY session, message, 1, id
"""
KINDS = ("session", "message", "part")


class OpenCode:
    """See `Source`."""

    name: ClassVar = "opencode"
    title: ClassVar = "OpenCode"

    def homes(self, environment: Mapping[str, str]) -> list[Path]:
        return folders(environment, "OPENCODE_DATA_DIR", ".local/share/opencode")

    def find(self, home: Path) -> Iterator[Path]:
        yield from home.glob("opencode*.db")
        yield from (home / "storage" / "message").glob("*/msg_*.json")

    def claims(self, path: Path) -> bool:
        return path.suffix == ".db" or path.name.startswith("msg_")

    def reader(self, path: Path, carry: bytes = b"") -> OpenCodeReader:
        return OpenCodeReader(path)

    def lines(self, path: Path) -> Iterator[bytes]:
        return database(path) if path.suffix == ".db" else document(path)


def database(path: Path) -> Iterator[bytes]:
    """The rows of a database, a JSON object each, in the order of sessions and messages.

    Raises BadData when it is none of OpenCode's.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            for kind, time, message, identity, session, data in connection.execute(ROWS):
                raw = data.encode() if isinstance(data, str) else data or b"{}"
                head = {"kind": KINDS[kind], "time": time, "message": message, "id": identity, "session": session}
                yield row(head, raw)
    except sqlite3.Error as error:
        raise BadData(f"{path} is no database of OpenCode's: {error}", "agentctl sources") from error


def row(head: dict[str, Any], data: bytes) -> bytes:
    """A row as a line; one whose data is no JSON becomes a line that cannot be read."""
    return msgspec.json.encode(head)[:-1] + b',"data":' + data.replace(b"\n", b" ") + b"}"


def document(path: Path) -> Iterator[bytes]:
    """A message's file and the files of its parts."""
    head = {"kind": "message", "message": path.stem, "id": path.stem, "session": path.parent.name}
    yield row(head, path.read_bytes())
    for part in sorted((path.parents[2] / "part" / path.stem).glob("*.json")):
        yield row(head | {"kind": "part", "id": part.stem}, part.read_bytes())


class OpenCodeReader:
    """See `Reader`."""

    def __init__(self, path: Path) -> None:
        self.unknown: dict[str, int] = {}
        self._about: dict[str, About] = {}
        self._person: set[str] = set()
        """Messages that a person wrote."""

    def about(self, session: str) -> About:
        return self._about.setdefault(session, About())

    def carry(self) -> bytes:
        return b""

    def read(self, line: bytes, number: int) -> Iterable[AnyRecord]:
        entry = decoded(line, number)
        if isinstance(entry, Malformed):
            return [entry]
        session, data = text(entry.get("session")), table(entry.get("data"))
        time = when(table(data.get("time")).get("created")) or when(table(data.get("time")).get("start"))
        common = {"line": number, "time": time or when(entry.get("time")), "session": session}
        kind = text(entry.get("kind"))
        if kind == "session":
            self._session(session, data)
        elif kind == "message":
            return self._message(text(entry.get("id")), session, data, common)
        elif kind == "part":
            return self._part(text(entry.get("message")), data, common)
        return []

    def _session(self, session: str, data: dict[str, Any]) -> None:
        about = self.about(session)
        about.cwd = text(data.get("directory")) or about.cwd
        about.project = Path(about.cwd).name
        about.version = text(data.get("version")) or about.version
        about.parent = text(data.get("parentID")) or about.parent

    def _message(self, message: str, session: str, data: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        self._session(session, {"directory": table(data.get("path")).get("cwd")})
        if data.get("role") == "user":
            self._person.add(message)
            return
        counts = table(data.get("tokens"))
        cache, reasoning = table(counts.get("cache")), count(counts.get("reasoning"))
        tokens = Tokens(
            input=count(counts.get("input")),
            output=count(counts.get("output")) + reasoning,
            cache_read=count(cache.get("read")),
            cache_write_5m=count(cache.get("write")),
            reasoning=reasoning,
        )
        if tokens.total:
            model, cost = text(data.get("modelID")), data.get("cost")
            paid = float(cost) if isinstance(cost, int | float) and cost > 0 else None
            yield Spent(message=message, model=model, tokens=tokens, cost=paid, **common)
        if data.get("error"):
            yield Mark(what="api_error", text=text(table(data["error"]).get("name")), **common)

    def _part(self, message: str, data: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        kind, words = text(data.get("type")), text(data.get("text"))
        if kind == "text" and message in self._person:
            if data.get("synthetic") is not True:
                yield Prompt(text=words, **common)
        elif kind == "text":
            yield Said(text=words, message=message, **common)
        elif kind == "reasoning":
            yield Thought(text=words, message=message, **common)
        elif kind == "tool":
            yield from tool(data, message, common)
        elif kind == "compaction":
            yield Mark(what="compacted", **common)


def tool(data: dict[str, Any], message: str, common: dict[str, Any]) -> Iterator[AnyRecord]:
    """A call, and its result when it has come."""
    state, call = table(data.get("state")), text(data.get("callID"))
    yield Call(id=call, tool=text(data.get("tool")), arguments=table(state.get("input")), message=message, **common)
    if state.get("status") in {"completed", "error"}:
        about = table(state.get("metadata"))
        failed = state["status"] == "error" or bool(about.get("exit"))
        ended = when(table(state.get("time")).get("end")) or common["time"]
        words = text(state.get("error")) or text(state.get("output"))
        made = changes(table(state.get("input")), about)
        yield Result(call=call, text=words, failed=failed, changes=made, **(common | {"time": ended}))


def changes(given: dict[str, Any], about: dict[str, Any]) -> tuple[Change, ...]:
    """What a tool did to a file: an edit says it as a diff, a new file is what was to be written."""
    path = text(given.get("filePath"))
    if about.get("exists") is False:
        return (Change(path, (), tuple(text(given.get("content")).splitlines())),)
    return changed(path, text(about.get("diff")))
