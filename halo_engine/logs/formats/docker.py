r"""Docker's json-file driver: each line of a container's output in an envelope, `{"log":"...\n","stream","time"}`.

The line inside is read as JSON where it is one, else as text. Docker cuts a line of more than 16 KiB in parts, of which
only the last ends with a newline; they are put together again.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any

import msgspec

from halo_engine.logs.formats.json_lines import FAULTS, JsonLines, Keys, lenient
from halo_engine.logs.formats.text import parsed
from halo_engine.logs.record import Malformed, Reach, Record, reach
from halo_engine.logs.stamps import instant

_ENDS = (b'\\n"', b'\\r"')


class Docker:
    """What is inside counts; the envelope gives the time where the inside has none, and its stream."""

    name = "docker"
    multiline = True

    def __init__(self, keys: Keys | None = None, zone: tzinfo = UTC, instance: str = "") -> None:
        self._inside = JsonLines(keys, zone, instance)
        self._zone = zone
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode

    def begins(self, line: bytes, before: bytes) -> bool:
        """A part goes on when the one before it, of the same stream, has not ended its line."""
        if not before.startswith(b'{"log":"') or not line.startswith(b'{"log":"'):
            return True
        text, _, rest = before.rpartition(b'","stream":"')
        if not text or (text + b'"').endswith(_ENDS):
            return True
        return line.rpartition(b'","stream":"')[2].partition(b'"')[0] != rest.partition(b'"')[0]

    def head(self, lines: bytes) -> Record | Malformed:
        return self.whole(lines)

    def reach(self, records: list[bytes]) -> Reach:
        return reach(map(self.whole, records))

    def whole(self, lines: bytes) -> Record | Malformed:
        parts = [self._part(line) for line in lines.split(b"\n") if line.strip()]
        faults = [part for part in parts if isinstance(part, Malformed)]
        envelopes = [part for part in parts if not isinstance(part, Malformed)]
        if faults or not envelopes:
            return faults[0] if faults else Malformed("blank")
        text = "".join(str(part["log"]) for part in envelopes).rstrip("\r\n")
        return self._within(text, envelopes[0])

    def _part(self, line: bytes) -> dict[str, Any] | Malformed:
        try:
            found: dict[str, Any] | Malformed = self._decode(line)
        except FAULTS:
            found = lenient(line)
        if not isinstance(found, Malformed) and not isinstance(found.get("log"), str):
            return Malformed("json")
        return found

    def _within(self, text: str, envelope: dict[str, Any]) -> Record:
        inside: Record | Malformed = Malformed("text")
        if text.startswith("{"):
            inside = self._inside.whole(text.encode())
        if isinstance(inside, Malformed):
            inside = parsed(text, self._zone)
            inside.instance = self._inside.instance
        if inside.time is None:
            inside.time = instant(envelope.get("time"), self._zone)
        about = {key: value for key, value in envelope.items() if key not in {"log", "time"}}
        inside.fields = {**about, **(inside.fields or {})}
        return inside
