"""A note: one claim, one markdown file with frontmatter. The file is the note; what we did not write survives.

`Document` is a file's text, byte for byte; `note_of` reads it; `Document.set` changes one key and nothing else.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable
from typing import Any, Self

import msgspec

from halo_engine.errors import BadData
from halo_engine.memory import frontmatter, merges, stamps, wikilinks
from halo_engine.memory.frontmatter import BLOCK, Fields
from halo_engine.memory.merges import BETWEEN, CONFLICT
from halo_engine.memory.wikilinks import Kind, Link

ARCHIVE = "archive/"
"""Below the memory folder; notes there are hidden by default."""
DEFAULT_TYPE = "fact"
_HEADING = re.compile(r"\s{0,3}#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\r?\n|\Z)")
LINKING = frozenset({"links", "supersedes"})
"""Keys whose texts are names of notes, also without brackets."""
_SYNONYMS = {
    "tags": ("tags", "tag"),
    "aliases": ("aliases", "alias"),
    "created": ("created", "date", "created_at", "date created"),
    "modified": ("modified", "updated", "updated_at", "date modified"),
    "expires": ("expires", "valid_until"),
}


class Note(msgspec.Struct, frozen=True, gc=False):
    """What a file says. Times are `Timestamp`s, or empty where the file does not say."""

    id: str
    """The frontmatter's `id`; else the path without `.md`."""
    path: str
    """Relative to the memory folder, with `/`."""
    title: str
    """The frontmatter's; else the first heading's, where the body begins with one; else the file's name."""
    body: str
    type: str = DEFAULT_TYPE
    tags: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    """`#tags` in the body."""
    entities: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    confidence: str = ""
    created: str = ""
    modified: str = ""
    expires: str = ""
    """After this the claim does not hold any more."""
    source: str = ""
    """Who claimed it."""
    pinned: bool = False
    hash: str = ""
    """SHA-256 of the file's bytes, hex."""
    size: int = 0
    """Of the file, in bytes."""
    fault: str = ""
    """What is wrong with the file, in words for a person; the fields are what could be read of them."""

    @property
    def archived(self) -> bool:
        return self.path.startswith(ARCHIVE)

    @property
    def supersedes(self) -> tuple[str, ...]:
        """What it stands in the place of, as written."""
        return tuple(link.target for link in self.links if link.kind is Kind.SUPERSEDES)


class Document(msgspec.Struct, frozen=True):
    """The text of a note's file. `yaml` is None where it has no frontmatter."""

    head: str
    """A byte order mark and the first `---`, as they stand."""
    yaml: str | None
    tail: str
    """The second `---`, and the empty line below it."""
    body: str
    end: str
    """The line break after the body."""

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The document of a file's bytes; what is not UTF-8 in it survives."""
        return cls.of(data.decode("utf-8", "surrogateescape"))

    @classmethod
    def of(cls, text: str) -> Self:
        found = BLOCK.match(text)
        if not found:
            mark = text[:1] if text[:1] == "\ufeff" else ""
            body, end = _ended(text[len(mark) :], "\r\n" if "\r\n" in text else "\n")
            return cls(mark, None, "", body, end)
        start, stop = found.span("yaml")
        newline = "\r\n" if text[start - 2] == "\r" else "\n"
        gap = newline if text.startswith(newline, found.end()) else ""
        body, end = _ended(text[found.end() + len(gap) :], newline)
        return cls(text[:start], found["yaml"], text[stop : found.end()] + gap, body, end)

    @classmethod
    def made(cls, fields: Iterable[tuple[str, str | list[str]]], body: str) -> Self:
        """A new one, in our own form; every body and every value round-trips exactly.

        Raises UnicodeEncodeError for what is no Unicode.
        """
        yaml = "".join(frontmatter.line(key, value) + "\n" for key, value in fields)
        (yaml + body).encode()
        return cls("---\n", yaml, "---\n\n", body, "\n")

    @property
    def text(self) -> str:
        return f"{self.head}{self.yaml or ''}{self.tail}{self.body}{self.end}"

    @property
    def data(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape")

    @property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.head or self.end == "\r\n" else "\n"

    def fields(self) -> Fields:
        """What the frontmatter says.

        Raises BadData where it is no YAML.
        """
        return frontmatter.parse(self.yaml) if self.yaml else {}

    def set(self, key: str, value: str | list[str] | None) -> Document:
        """With a key of the frontmatter set, or (None) without it. All else stays, byte for byte.

        Raises BadData where the frontmatter is no YAML, or cannot be changed at that place alone.
        """
        newline = self.newline
        yaml = frontmatter.changed(self.yaml or "", key, value, newline)
        if self.yaml is None:
            head, tail = f"{self.head}---{newline}", f"---{newline}{newline}"
            return msgspec.structs.replace(self, head=head, yaml=yaml, tail=tail)
        return msgspec.structs.replace(self, yaml=yaml)

    def with_body(self, body: str) -> Document:
        """With another body.

        Raises UnicodeEncodeError for what is no Unicode.
        """
        body.encode()
        return msgspec.structs.replace(self, body=body, end=self.end or self.newline)


def _ended(text: str, newline: str) -> tuple[str, str]:
    """The body, and the line break that ends it."""
    return (text[: -len(newline)], newline) if text.endswith(newline) else (text, "")


def note_of(data: bytes, path: str) -> Note:
    """The note in a file's bytes. Never raises: what cannot be understood is in `fault`."""
    fault = ""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text, fault = data.decode("utf-8", "replace"), "it is not UTF-8"
    both = merges.sides(text)
    if both is None:
        return _of(text, path, data, fault)
    return _of_both(*(_of(each, path, data, CONFLICT) for each in both))


def _of(text: str, path: str, data: bytes, fault: str) -> Note:
    document = Document.of(text)
    try:
        fields = document.fields()
    except BadData as error:
        fields, fault = frontmatter.salvaged(document.yaml or ""), error.message
    return _note(fields, document.body, path, data, fault)


def _of_both(ours: Note, theirs: Note) -> Note:
    """The one side of a merge, with the links of both, and what the other side says below it: either is found."""
    links = {(link.key, link.kind): link for link in (*theirs.links, *ours.links)}
    body = ours.body
    if (theirs.title, theirs.body) != (ours.title, ours.body):
        body = f"{ours.body}\n\n{BETWEEN}: {theirs.title}\n\n{theirs.body}"
    return msgspec.structs.replace(ours, body=body, links=tuple(links.values()))


def _note(fields: Fields, body: str, path: str, data: bytes, fault: str) -> Note:
    stem = path.removesuffix(".md")
    return Note(
        id=_text(fields, "id") or stem.removeprefix(ARCHIVE),
        path=path,
        title=_title(fields, body, stem),
        body=body,
        type=_text(fields, "type") or DEFAULT_TYPE,
        tags=tuple(each.removeprefix("#") for each in _words(fields, "tags")),
        hashtags=tuple(wikilinks.hashtags(body)),
        entities=_list(fields, "entities"),
        aliases=_list(fields, "aliases"),
        links=(*_field_links(fields), *wikilinks.in_body(body, path)),
        confidence=_text(fields, "confidence"),
        created=stamps.read(_text(fields, "created")),
        modified=stamps.read(_text(fields, "modified")),
        expires=stamps.read(_text(fields, "expires"), end=True),
        source=_text(fields, "source"),
        pinned=_text(fields, "pinned").casefold() in {"true", "yes", "on", "1"},
        hash=hashlib.sha256(data).hexdigest(),
        size=len(data),
        fault=fault,
    )


def _title(fields: Fields, body: str, stem: str) -> str:
    given = fields.get("title")
    if isinstance(given, str):
        return given
    heading = _HEADING.match(body)
    return heading[1] if heading else posixpath.basename(stem)


def _value(fields: Fields, name: str) -> Any:
    value = fields.get(name)
    if value or name not in _SYNONYMS:
        return value or ""
    return next((fields[each] for each in _SYNONYMS[name] if fields.get(each)), "")


def _text(fields: Fields, name: str) -> str:
    """A scalar; a list with one item, as some tools write; empty for null."""
    value = _value(fields, name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) and value not in {"null", "~"} else ""


def _list(fields: Fields, name: str) -> tuple[str, ...]:
    value = _value(fields, name)
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",")]
    return tuple(each for each in value if isinstance(each, str) and each) if isinstance(value, list) else ()


def _words(fields: Fields, name: str) -> tuple[str, ...]:
    """A list of tags; in one text they may also stand with spaces between."""
    value = _value(fields, name)
    if isinstance(value, str) and "," not in value:
        return tuple(value.split())
    return _list(fields, name)


def _field_links(fields: Fields) -> list[Link]:
    """Links in the frontmatter: names in `links` and `supersedes`, and wikilinks in any key."""
    found: dict[tuple[str, Kind], Link] = {}
    for key, value in fields.items():
        kind = Kind.SUPERSEDES if key == "supersedes" else Kind.FIELD
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str) or not ("[[" in text or key in LINKING):
                continue
            links = list(wikilinks.wiki(text, kind)) if "[[" in text else []
            if not links and text and key in LINKING:
                links = [Link(wikilinks.name_key(text), kind, text)]
            found.update({(link.key, link.kind): link for link in links})
    return list(found.values())
