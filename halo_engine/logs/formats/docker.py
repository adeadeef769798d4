r"""Docker's json-file driver: each line of a container's output in an envelope, `{"log":"...\n","stream","time"}`.

The line inside is read as JSON where it is one, else as text. Docker cuts a line of more than 16 KiB in parts, of which
only the last ends with a newline; they are put together again, each stream for itself.
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
_BEGINS, _STREAM = b'{"log":"', b'","stream":"'
_STREAMS = (b"stdout", b"stderr")


class Docker:
    """What is inside counts; the envelope gives the time where the inside has none, and its stream."""

    name = "docker"
    multiline = True
    looks_back = True

    def __init__(self, keys: Keys | None = None, zone: tzinfo = UTC, instance: str = "") -> None:
        self._inside = JsonLines(keys, zone, instance)
        self._zone = zone
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode

    def begins(self, line: bytes, before: bytes) -> bool:
        """Where both streams have ended their lines."""
        return not any(self._unended(before, stream) for stream in _STREAMS)

    def _unended(self, before: bytes, stream: bytes) -> bool:
        """Whether the last line of a stream is a part that goes on."""
        at = before.rfind(_STREAM + stream + b'"')
        line = before[before.rfind(b"\n", 0, max(at, 0)) + 1 :].partition(b"\n")[0]
        return at >= 0 and self._goes_on(line) == stream

    def _goes_on(self, line: bytes) -> bytes:
        """The stream of a line that has not ended; nothing for one that has, or that cannot be read."""
        text, _, rest = line.rpartition(_STREAM)
        if not text.startswith(_BEGINS) or (text + b'"').endswith(_ENDS) or isinstance(self._part(line), Malformed):
            return b""
        return rest.partition(b'"')[0]

    def spans(self, block: bytes) -> list[tuple[int, int]]:
        """Where each record begins and ends. One whose parts have lines of the other stream between them goes round
        those, which are records of their own; `whole` takes what is of its stream.
        """
        found: list[tuple[int, int]] = []
        unended: dict[bytes, int] = {}
        start, length = 0, len(block)
        while start < length:
            end = block.find(b"\n", start)
            end = length if end < 0 else end
            line = block[start:end].rstrip(b"\r")
            stream = line.rpartition(_STREAM)[2].partition(b'"')[0] if unended else b""
            place = unended.pop(stream, None)
            if place is not None and isinstance(self._part(line), Malformed):
                place = None
            if place is None:
                place = len(found)
                found.append((start, end))
            found[place] = (found[place][0], end)
            going_on = self._goes_on(line)
            if going_on:
                unended[going_on] = place
            start = end + 1
        return found

    def head(self, lines: bytes) -> Record | Malformed:
        return self.whole(lines)

    def reach(self, records: list[bytes]) -> Reach:
        return reach(map(self.whole, records))

    def whole(self, lines: bytes) -> Record | Malformed:
        first, *rest = lines.split(b"\n")
        stream = first.rpartition(_STREAM)[2]
        own = [first, *(line for line in rest if line.rpartition(_STREAM)[2][:6] == stream[:6])]
        parts = [self._part(line) for line in own if line.strip()]
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
