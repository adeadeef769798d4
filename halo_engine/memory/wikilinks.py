"""The links that a person writes in a note: `[[wikilinks]]`, embeds and relative markdown links, none in code."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import unquote

import msgspec


class Kind(StrEnum):
    """How a link is written."""

    WIKI = "wiki"
    EMBED = "embed"
    MARKDOWN = "markdown"
    FIELD = "field"
    """In the frontmatter: in `links`, or a wikilink in any other key."""
    SUPERSEDES = "supersedes"
    """In the frontmatter's `supersedes`: this note stands in the place of that one."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """A link as it is written in its source."""

    key: str
    """What it names, as `name_key` makes it: matched with ids, paths, file names, titles and aliases."""
    kind: Kind
    target: str
    """The same as written."""
    label: str = ""


_FENCED = re.compile(
    r"^ {0,3}(?P<mark>`{3,}|~{3,})[^\n]*(?:\n(?:.*\n)*?(?: {0,3}(?P=mark)[`~]*[ \t]*$)|[\s\S]*)", re.MULTILINE
)
_INLINE = re.compile(r"(?<!`)(`+)(?!`)(?:.|\n(?!\n))*?(?<!`)\1(?!`)")
_WIKI = re.compile(r"(!?)\[\[([^\[\]|#\n]*?)(?:#[^\[\]|\n]*?)?(?:\\?\|([^\[\]\n]*))?\]\]")
_INSIDE = r"""\(\s*(?:<([^<>\n]+)>|((?:[^()\s<>]|\([^()\s]*\))+))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)"""
_MARKDOWN = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]" + _INSIDE)
_REFERENCE = re.compile(r"^ {0,3}\[([^\]\n]+)\]:[ \t]*(?:<([^<>\n]+)>|(\S+)).*", re.MULTILINE)
_LABEL = re.compile(r"\[([^\[\]]+)\]")
_OUTSIDE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|\?")
_HASHTAG = re.compile(r"(?<![\w/#&])#([^\W\d_][\w/-]*)")


def prose(body: str) -> str:
    """The body without its code."""
    if "```" in body or "~~~" in body:
        body = _FENCED.sub("", body)
    return _INLINE.sub("", body) if "`" in body else body


def unfenced(body: str) -> str:
    """The body with its blocks of code blanked out, every other character in its place."""
    return _FENCED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), body)


def name_key(name: str) -> str:
    """A name as it is compared: case, spaces, composition of characters and `.md` do not matter."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    name = " ".join(name.split()).casefold().strip("/")
    return name.removesuffix(".md")


def in_body(body: str, path: str) -> list[Link]:
    """The links of a note at that path (relative to the memory folder), each target once a kind."""
    if "[" not in body:
        return []
    text = prose(body)
    found = [*(wiki(text) if "[[" in text else ()), *(_markdown(text, path) if "](" in text or "]:" in text else ())]
    return list({(link.key, link.kind): link for link in reversed(found)}.values())[::-1]


def wiki(text: str, kind: Kind = Kind.WIKI) -> Iterator[Link]:
    """The wikilinks of a text; of a heading of the same note there is none."""
    for mark, target, label in _WIKI.findall(text):
        target = target.strip()
        key = name_key(target)
        if key:
            yield Link(key, Kind.EMBED if mark and kind is Kind.WIKI else kind, target, label.strip())


def _markdown(text: str, path: str) -> Iterator[Link]:
    """Those in one line, and `[label]: path` where that label is used: alone it shows nothing."""
    folder = posixpath.dirname(path)
    for mark, label, angled, bare in _MARKDOWN.findall(text):
        link = _relative(angled or bare, folder, label, Kind.EMBED if mark else Kind.MARKDOWN)
        if link:
            yield link
    if "]:" not in text:
        return
    used = {name_key(label) for label in _LABEL.findall(_REFERENCE.sub("", text))}
    for label, angled, bare in _REFERENCE.findall(text):
        link = _relative(angled or bare, folder, "", Kind.MARKDOWN)
        if link and name_key(label) in used:
            yield link


def _relative(target: str, folder: str, label: str, kind: Kind) -> Link | None:
    """A link to another note below the memory folder; None for an address, a heading, a picture."""
    if _OUTSIDE.match(target):
        return None
    name = unquote(target.partition("#")[0].partition("?")[0])
    if posixpath.splitext(name)[1].lower() not in {"", ".md"}:
        return None
    place = posixpath.normpath(posixpath.join(folder, name)) if not name.startswith("/") else name[1:]
    key = name_key(place)
    return Link(key, kind, target, label.strip()) if key and not key.startswith("..") else None


def hashtags(body: str) -> list[str]:
    """The `#tags` in a body, without code and without what is no word."""
    return list(dict.fromkeys(_HASHTAG.findall(prose(body)))) if "#" in body else []
