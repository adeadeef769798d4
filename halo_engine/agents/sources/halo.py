"""Halo's own runtime: `logs/sessions/<instance>/<session>.jsonl` in the workspace.

Its lines are the records themselves, `{"type":"prompt","time":...,"text":...}`, after a first line
`{"type":"session","session":...,"instance":...,"cwd":...}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from halo_engine.agents.records import AnyRecord, Malformed
from halo_engine.agents.sources.source import About, decoded, opening, table, text


class Halo:
    """See `Source`."""

    name: ClassVar = "halo"
    title: ClassVar = "Halo"

    def homes(self, environment: Mapping[str, str]) -> list[Path]:
        return [Path(environment["HALO_WORKSPACE"]) / "logs" / "sessions"] if "HALO_WORKSPACE" in environment else []

    def find(self, home: Path) -> Iterator[Path]:
        yield from home.glob("**/*.jsonl")

    def claims(self, path: Path) -> bool:
        first = decoded(opening(path).partition(b"\n")[0], 1)
        return isinstance(first, dict) and first.get("type") == "session"

    def reader(self, path: Path, carry: bytes = b"") -> HaloReader:
        return HaloReader(path, carry)

    def lines(self, path: Path) -> None:
        return None


class HaloReader:
    """See `Reader`."""

    def __init__(self, path: Path, carry: bytes = b"") -> None:
        self.unknown: dict[str, int] = {}
        self._session = path.stem
        self._about = About(instance=path.parent.name, project=path.parent.name)
        if carry:
            self._session, self._about = msgspec.msgpack.decode(carry, type=tuple[str, About])
        self._decode = msgspec.json.Decoder(AnyRecord).decode

    def about(self, session: str) -> About:
        return self._about

    def carry(self) -> bytes:
        return msgspec.msgpack.encode((self._session, self._about))

    def read(self, line: bytes, number: int) -> Iterable[AnyRecord]:
        try:
            record: AnyRecord = self._decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return self._other(line, number, error)
        return [replace(record, line=number, session=record.session or self._session)]

    def _other(self, line: bytes, number: int, error: Exception) -> Iterable[AnyRecord]:
        entry = decoded(line, number)
        if isinstance(entry, Malformed):
            return [entry]
        kind = text(entry.get("type"))
        if kind == "session":
            self._session = text(entry.get("session")) or self._session
            known = {name: text(entry.get(name)) for name in About.__struct_fields__ if table(entry).get(name)}
            self._about = replace(self._about, **known)
            return []
        if any(kind == each.__struct_config__.tag for each in AnyRecord.__args__):
            return [Malformed(line=number, why=str(error)[:200])]
        self.unknown[kind or "(none)"] = self.unknown.get(kind or "(none)", 0) + 1
        return []
