"""What an IMAP server answers to FETCH: nested lists of words, and the parts of a message in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from halo_engine.mail.text import in_charset

TOKEN = re.compile(rb'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|((?:\[[^\]]*\]|[^\s()"])+))', re.DOTALL)
LITERAL = re.compile(rb"~?\{\d+\+?\}$")
START = re.compile(rb"\d+ (?:FETCH )?\(")
DEEPEST = 60
Words = list[Any]
"""Bytes, None for NIL, and lists of them."""


class Part(msgspec.Struct, frozen=True):
    """One part of a message that has no parts itself."""

    number: str
    """`1.2`: what BODY[...] calls it."""
    kind: str
    """`text/plain`, in small letters."""
    charset: str
    encoding: str
    size: int
    name: bytes
    """Of the file; empty for none. As it stands in the message."""
    attached: bool


def messages(answer: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """FETCH answers as imaplib gives them, each as item -> value: `UID`, `FLAGS`, `BODY[HEADER]<0>`.

    What cannot be understood is left out.
    """
    pieces: list[Any] = []
    for piece in answer:
        head = piece[0] if isinstance(piece, tuple) else piece
        if isinstance(head, bytes) and START.match(head) and pieces:
            yield from _message(pieces)
            pieces = []
        pieces.append(piece)
    yield from _message(pieces)


def _message(pieces: list[Any]) -> Iterator[dict[str, Any]]:
    tokens = list(_tokens(pieces))
    found = _nested(tokens[1:]) if len(tokens) > 1 else []
    items = next((each for each in found if isinstance(each, list)), None)
    if items is not None:
        pairs = zip(items[::2], items[1::2], strict=False)
        yield {key.decode("ascii", "replace").upper(): value for key, value in pairs if isinstance(key, bytes)}


def _tokens(pieces: list[Any]) -> Iterator[tuple[str, bytes]]:
    for piece in pieces:
        text, literal = piece if isinstance(piece, tuple) else (piece, None)
        if not isinstance(text, bytes):
            continue
        for bracket, quoted, word in TOKEN.findall(LITERAL.sub(b"", text) if literal is not None else text):
            if bracket:
                yield bracket.decode(), b""
            elif word:
                yield ("nil" if word.upper() == b"NIL" else "word"), word
            else:
                yield "word", re.sub(rb"\\(.)", rb"\1", quoted)
        if literal is not None:
            yield "word", literal


def _nested(tokens: list[tuple[str, bytes]]) -> Words:
    found: Words = []
    stack = [found]
    for kind, word in tokens:
        if kind == "(":
            inner: Words = []
            stack[-1].append(inner)
            stack.append(inner)
        elif kind == ")":
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1].append(None if kind == "nil" else word)
    return found


def parts(structure: Any, number: str = "", depth: int = 0) -> Iterator[Part]:
    """The parts of a BODYSTRUCTURE; of one that makes no sense, what does."""
    if not isinstance(structure, list) or not structure or depth > DEEPEST:
        return
    if isinstance(structure[0], list):
        inner = [each for each in structure if isinstance(each, list)]
        bodies = structure[: next((at for at, each in enumerate(structure) if not isinstance(each, list)), len(inner))]
        for place, each in enumerate(bodies, 1):
            yield from parts(each, f"{number}.{place}" if number else str(place), depth + 1)
        return
    yield _part(structure, number or "1")


def _part(words: Words, number: str) -> Part:
    kind = "/".join(_text(each).lower() for each in words[:2])
    options = _options(words, 2)
    disposition = next((each for each in words[7:] if _is_disposition(each)), None)
    file = _options(disposition, 1) if disposition else {}
    name = _name(file, "filename") or _name(options, "name")
    size = _text(words[6]) if len(words) > 6 else ""
    return Part(
        number=number,
        kind=kind,
        charset=options.get("charset", b"").decode("ascii", "replace").lower(),
        encoding=_text(words[5]).lower() if len(words) > 5 else "",
        size=int(size) if size.isascii() and size.isdecimal() else 0,
        name=name,
        attached=bool(name) or bool(disposition and _text(disposition[0]).lower() == "attachment"),
    )


def _name(options: dict[str, bytes], key: str) -> bytes:
    """A name, also in the forms of RFC 2231: `name*=utf-8''%C3%A4`, `name*0=...; name*1=...`."""
    found = options.get(key) or b"".join(value for each, value in sorted(options.items()) if each.startswith(f"{key}*"))
    charset, quoted, encoded = found.partition(b"''")
    if not quoted or key in options:
        return found
    return in_charset(unquote_to_bytes(encoded), charset.decode("ascii", "replace")).encode("utf-8", "replace")


def _is_disposition(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and _text(value[0]).lower() in {"attachment", "inline"}


def _options(words: Words, place: int) -> dict[str, bytes]:
    given = words[place] if len(words) > place else None
    if not isinstance(given, list):
        return {}
    pairs = zip(given[::2], given[1::2], strict=False)
    return {_text(key).lower(): value for key, value in pairs if isinstance(value, bytes)}


def _text(word: Any) -> str:
    return word.decode("ascii", "replace") if isinstance(word, bytes) else ""
