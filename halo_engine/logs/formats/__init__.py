"""The formats by name, and which of them a file is written in."""

from __future__ import annotations

from datetime import UTC, tzinfo

from halo_engine.logs.formats.json_lines import JsonLines, Keys
from halo_engine.logs.record import Format, Malformed

NAMES = ("auto", "json", "docker", "pretty", "text")
SNIFFED = 65_536
"""Bytes from the start of a file that decide."""


def named(name: str, beginning: bytes, keys: Keys, zone: tzinfo = UTC, instance: str = "") -> Format:
    """The format of that name; `auto` is found out from the file's first bytes."""
    if name == "auto":
        name = sniffed(beginning)
    if name == "json":
        return JsonLines(keys, zone, instance)
    if name == "docker":
        from halo_engine.logs.formats.docker import Docker

        return Docker(keys, zone, instance)
    if name == "pretty":
        from halo_engine.logs.formats.pretty import Pretty

        return Pretty(zone, instance, keys.instance)
    from halo_engine.logs.formats.text import Text

    return Text(zone, instance, timed=any(Text().begins(line, b"") for line in beginning.splitlines()))


def sniffed(beginning: bytes) -> str:
    """Which format most of the first lines are in; JSON where a fifth of them are objects."""
    lines = [line for line in beginning.split(b"\n")[:200] if line.strip()]
    objects = [line for line in lines if line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{")]
    if len(objects) * 5 >= len(lines) and objects:
        wrapped = sum(line.startswith(b'{"log":"') and b'","stream":"' in line for line in objects)
        return "docker" if wrapped * 2 > len(objects) else "json"
    from halo_engine.logs.formats.pretty import Pretty

    pretty = Pretty()
    begun = [line for line in lines if pretty.begins(line, b"")]
    readable = sum(not isinstance(pretty.head(line), Malformed) for line in begun)
    heads = sum(not line[:1].isspace() for line in lines)
    return "pretty" if readable * 5 >= heads and readable else "text"
