"""Words out of a message: headers, bodies, HTML. Nothing that a sender may write is fatal, and nothing is fetched."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from halo_engine.mail import html

BENT = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF))
"""Signs that turn the direction of writing, with which a name can be made to read as another."""
LONGEST = 1000
"""Characters of a header's value."""


def headers(raw: bytes) -> tuple[dict[str, str], bool]:
    """The headers by name in small letters, those that come several times in one; and whether they are sound."""
    found: dict[str, str] = {}
    parsed = BytesHeaderParser().parsebytes(raw)
    for name, value in parsed.raw_items():
        text = decoded(str(value).encode("utf-8", "surrogateescape"))
        key = name.lower()
        found[key] = f"{found[key]} {text}"[:LONGEST] if key in found else text
    return found, not parsed.defects and "@" in found.get("from", "")


def decoded(raw: bytes) -> str:
    """A header's value as text, whatever charset it says or fails to say."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if "=?" in text:
        text = "".join(_words(" ".join(text.split())))
    return " ".join(text.translate(BENT).split())[:LONGEST]


def _words(text: str) -> list[str]:
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        return [text]
    return [part if isinstance(part, str) else in_charset(part, charset or "") for part, charset in parts]


def in_charset(raw: bytes, charset: str) -> str:
    """Bytes in a charset; in UTF-8 or Latin-1 where there is none of that name, or it does not fit."""
    for each in (charset, "utf-8"):
        try:
            return raw.decode(each)
        except (LookupError, ValueError):  # also of a codec that is none for text
            continue
    return raw.decode("latin-1")


def addresses(value: str) -> list[str]:
    """The addresses in a header such as To, in small letters."""
    return [address.lower() for _, address in getaddresses([value]) if "@" in address]


def body(raw: bytes, encoding: str, charset: str, kind: str) -> str:
    """A part of a message as text, also when it is cut off in the middle."""
    text = in_charset(_unpacked(raw, encoding), charset)
    plain = html.from_html(text) if kind == "text/html" else text
    return plain.translate(BENT).replace("\r\n", "\n").replace("\r", "\n").strip()


def _unpacked(raw: bytes, encoding: str) -> bytes:
    import base64
    import binascii
    import quopri

    if encoding == "quoted-printable":
        return quopri.decodestring(raw)
    if encoding != "base64":
        return raw
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    try:
        return base64.b64decode(kept[: len(kept) // 4 * 4])
    except binascii.Error:
        return raw
