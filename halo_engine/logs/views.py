"""What a person sees of logs on the command line; and streams, for programs too."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

from halo_engine import console
from halo_engine.logs import output
from halo_engine.logs.queries import About, Oddities
from halo_engine.logs.record import Entry
from halo_engine.logs.stamps import Nanoseconds, iso
from halo_engine.logs.tally import Tally


def entries(found: Iterable[Entry]) -> None:
    """A line each."""
    written = 0
    for each in output.text(found, colour=output.coloured(), when=output.local):
        console.line(each)
        written += 1
    if not written:
        console.note("no records")


def stream(found: Iterable[Entry], *, as_json: bool) -> None:
    """An answer of any size, as it is read; as JSON in the envelope of every answer."""
    if not as_json:
        entries(found)
        return
    console.raw(f'{{"schema_version": {console.SCHEMA_VERSION}, "data":')
    for each in output.json(found):
        console.raw(each)
    console.raw(', "more": 0}')


def fresh(found: Iterable[Entry], *, as_json: bool) -> None:
    """Records as they come, at once."""
    lines = output.ndjson(found) if as_json else output.text(found, colour=output.coloured(), when=output.local)
    for each in lines:
        (console.raw if as_json else console.line)(each)
    console.flush()


def raw(lines: Iterable[bytes]) -> None:
    """Lines byte for byte, with their newlines."""
    console.flush()
    out = binary()
    for line in lines:
        out.write(line)
    out.flush()


def binary() -> BinaryIO:
    """Where bytes of the answer go."""
    return sys.stdout.buffer


def counts(found: Tally) -> None:
    """What was read, then the groups, the largest first."""
    if found.lines:
        faults = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.malformed.items()))
        rest = f", {found.continued:,} continued" if found.continued else ""
        malformed = sum(found.malformed.values())
        told = f" ({faults})" if faults else ""
        console.line(f"{found.lines:,} lines: {found.records:,} records, {malformed:,} malformed{told}{rest}")
        if found.matched != found.records:
            console.line(f"{found.matched:,} records answer")
    groups(found)


def groups(found: Tally) -> None:
    """A row a group."""
    rows = [
        (f"{group.count:,}", _when(group.first), _when(group.last), ", ".join(sorted(group.instances)[:4]), key)
        for key, group in ordered(found)
    ]
    if not rows:
        console.note("no records")
        return
    console.table(("COUNT", console.heading("FIRST"), "LAST", "INSTANCES", "GROUP"), rows, right=(0,))


def ordered(found: Tally) -> list[tuple[str, Any]]:
    """The groups, the largest first."""
    return sorted(found.groups.items(), key=lambda pair: (-pair[1].count, pair[0]))


def _when(time: Nanoseconds | None) -> str:
    return "-" if time is None else console.local(iso(time))[:19]


def oddities(found: Oddities) -> None:
    """Where, why and the beginning of the line."""
    if not found.lines:
        console.note("no malformed lines")
        return
    for each in found.lines:
        console.line(f"{each.path}:{each.start} {each.kind}: {output.plain(each.text)[:160]}")


def sources(found: list[About]) -> None:
    """A row a source."""
    if not found:
        console.note("no logs found")
        console.note("hint: name them in logctl.yaml, or give files: logctl search FILE...")
        return
    rows = [(each.name, each.format, each.instance or "-", len(each.files), size(each.bytes)) for each in found]
    console.table(("SOURCE", "FORMAT", "INSTANCE", "FILES", "SIZE"), rows, right=(3, 4))


def size(count: float) -> str:
    """Bytes in the largest unit that leaves a number above 1: `1.2 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
