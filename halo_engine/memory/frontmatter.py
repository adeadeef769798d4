"""YAML frontmatter: where it is in a file, what it says, and how one key of it is changed without touching the rest.

Every scalar is text, as it is written: `42`, `2026-11-20` and `no` are no numbers, dates or booleans here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from halo_engine.errors import BadData

if TYPE_CHECKING:
    from yaml.nodes import Node

Fields = dict[str, Any]
"""Key -> text, list or mapping."""
BLOCK = re.compile(r"\ufeff?---[ \t]*\r?\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_USUAL = re.compile(r"[\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
"""What YAML takes without an escape, and without a line break that one does not see."""
_KEY = re.compile(r"([A-Za-z_][\w-]*):(?: +(.*))?")
_ITEM = re.compile(r"( *)- +(.*)")
_PLAIN = re.compile(r"[\w/.(](?:(?!: | #).)*(?<![:\s])")
_IN_LIST = re.compile(r"""\s*(?:"([^"\\]*)"|'([^']*)'|([\w/.](?:[^\[\]{},:#"'\\]*[^\[\]{},:#"'\\\s])?))\s*(?:,|\Z)""")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"])
TIMES = frozenset({"created", "modified", "expires"})
SWITCHES = frozenset({"pinned"})
"""Keys whose values other tools take for dates, and for a yes or no."""
_NAME = re.compile(r"[A-Za-z][\w /.()'-]*(?<! )")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")


class NotPlain(Exception):
    """Frontmatter that only a YAML parser can read."""


def parse(text: str) -> Fields:
    """What the YAML says.

    Raises BadData for what is no YAML, or no mapping.
    """
    try:
        return _plainly(text)
    except NotPlain:
        return _thoroughly(text)


def _plainly(text: str) -> Fields:
    """The common simple kind: `key: text`, `key: [a, b]` and lists of plain items, in a tenth of a parser's time."""
    if not _USUAL.fullmatch(text):
        raise NotPlain
    fields: Fields = {}
    items: list[str] | None = None
    key = indent = ""
    for line in text.split("\n"):
        line = line.rstrip("\r ")
        if not line or line[0] == "#":
            continue
        if "\r" in line:
            raise NotPlain
        found = _KEY.fullmatch(line)
        if found:
            key, value = found[1], found[2]
            items = None if value else []
            fields[key] = _value(value) if value else ""
            continue
        item = _ITEM.fullmatch(line)
        if items is None or not item or (items and item[1] != indent):
            raise NotPlain
        value, indent = _value(item[2]), item[1]
        if not isinstance(value, str):
            raise NotPlain
        items.append(value)
        fields[key] = items
    return fields


def _value(text: str) -> Any:
    text = text.strip(" ")
    mark = text[:1]
    if mark == "[" and text.endswith("]"):
        return _flow(text[1:-1])
    if len(text) > 1 and mark in "\"'" and text.endswith(mark) and mark not in text[1:-1] and "\\" not in text:
        return text[1:-1]
    if not _PLAIN.fullmatch(text):
        raise NotPlain
    return text


def _flow(text: str) -> list[str]:
    items, at, text = [], 0, text.strip()
    while at < len(text):
        found = _IN_LIST.match(text, at)
        if not found:
            raise NotPlain
        items.append(next(group for group in found.groups() if group is not None))
        at = found.end()
    return items


def _thoroughly(text: str) -> Fields:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        data = yaml.load(text, Loader=loader)  # noqa: S506 - makes text, lists and mappings only
    except yaml.YAMLError as error:
        raise BadData(f"the frontmatter is not valid YAML: {' '.join(str(error).split())}") from error
    except (RecursionError, ValueError) as error:
        raise BadData(f"the frontmatter cannot be read: {error}") from error
    if data is None or data == "":
        return {}
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadData("the frontmatter has an escape that is no character") from error
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise BadData("the frontmatter is no list of `key: value` lines")
    return data


def salvaged(text: str) -> Fields:
    """What can be read of YAML that is broken: the lines that are plain by themselves."""
    fields: Fields = {}
    for each in text.splitlines():
        try:
            fields.update(_plainly(each))
        except NotPlain:
            continue
    return fields


def scalar(text: str) -> str:
    """Text as one line of YAML that says the same in every YAML."""
    if _NAME.fullmatch(text) and text.isascii() and text.casefold() not in _WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    if _USUAL.fullmatch(quoted):
        return quoted
    return "".join(each if _USUAL.fullmatch(each) else _escaped(each) for each in quoted)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def line(key: str, value: str | list[str], *, block: bool = False, indent: str = "", newline: str = "\n") -> str:
    """A key with its value, as it is written; without the line break at the end."""
    if isinstance(value, str):
        plain = (key in TIMES and _DATE.fullmatch(value)) or (key in SWITCHES and value in {"true", "false"})
        return f"{key}: {value if plain else scalar(value)}"
    if block and value:
        return f"{key}:" + "".join(f"{newline}{indent}- {scalar(each)}" for each in value)
    return f"{key}: [{', '.join(map(scalar, value))}]"


def changed(text: str, key: str, value: str | list[str] | None, newline: str = "\n") -> str:
    """The YAML with a key set to a value, or without it; all else as it was, comments and order too.

    Raises BadData when that cannot be done without touching something else.
    """
    before = parse(text)
    wanted = {name: each for name, each in before.items() if name != key}
    if value is not None:
        wanted[key] = value
    made = _spliced(text, key, value, newline)
    try:
        if parse(made) == wanted:
            return made
    except BadData:
        pass
    raise BadData(f"`{key}` cannot be changed without harming the frontmatter around it", "change it in an editor")


def _spliced(text: str, key: str, value: str | list[str] | None, newline: str) -> str:
    span = _span(text, key)
    if span is None:
        if value is None:
            return text
        gap = "" if not text or text.endswith("\n") else newline
        return f"{text}{gap}{line(key, value, newline=newline)}{newline}"
    start, end, block, indent = span
    if value is not None:
        return text[:start] + line(key, value, block=block, indent=indent, newline=newline) + text[end:]
    rest = text.find("\n", end)
    return text[:start] + ("" if rest < 0 else text[rest + 1 :])


def _span(text: str, key: str) -> tuple[int, int, bool, str] | None:
    """Where a key and its value stand; whether the value is a list with a line an item, and how far that is set in."""
    import yaml

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for name, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if name.value == key:
            end = _end(value)
            if isinstance(value, yaml.ScalarNode) and value.style in {"|", ">"}:
                end = len(text[:end].rstrip("\r\n"))
            block = isinstance(value, yaml.SequenceNode) and not value.flow_style
            return name.start_mark.index, end, block, " " * value.start_mark.column if block else ""
    return None


def _end(node: Node) -> int:
    """Where a node's last character stands; the parser counts blank lines and comments after a block to it."""
    import yaml

    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
