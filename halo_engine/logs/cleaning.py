"""Secrets taken out of what is shown of logs and written from them; the logs themselves stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from halo_engine.logs.queries import SHOWN, Oddities
from halo_engine.logs.record import Entry, Record
from halo_engine.logs.tally import EXAMPLE, Group, Tally
from halo_engine.logs.templates import LONGEST
from halo_engine.secrets import Redactor, known
from halo_engine.workspace import Workspace


class Cleaner:
    """What a workspace knows as secret, taken out of answers by exact value."""

    def __init__(self, workspace: Workspace) -> None:
        self._redact = Redactor(known(workspace.root))

    def entries(self, found: Iterable[Entry]) -> Iterator[Entry]:
        for entry in found:
            self.record(entry.record)
            yield entry

    def record(self, found: Record) -> Record:
        """The record itself, cleaned."""
        found.message = self._redact(found.message)
        if found.fields:
            raw = msgspec.json.encode(found.fields).decode()
            clean = self._redact(raw)
            if clean is not raw:
                found.fields = msgspec.json.decode(clean)
        return found

    def raw(self, line: bytes) -> bytes:
        return self._redact.bytes(line)

    def lines(self, found: Iterable[bytes]) -> Iterator[bytes]:
        return map(self._redact.bytes, found)

    def tally(self, found: Tally) -> Tally:
        groups, found.groups = found.groups, {}
        for key, group in groups.items():
            group.example = self._redact.cut(group.example, EXAMPLE)
            found.groups.setdefault(self._redact.cut(key, LONGEST), Group()).add(group)
        return found

    def oddities(self, found: Oddities) -> Oddities:
        found.lines = [msgspec.structs.replace(each, text=self._redact.cut(each.text, SHOWN)) for each in found.lines]
        return found
