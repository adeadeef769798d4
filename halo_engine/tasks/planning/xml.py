"""Reading a plan's XML without trusting it: a size limit, UTF-8, no document type, no entities, no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element, _LogEntry

LARGEST = 1024 * 1024
"""Bytes of a plan."""

_PROLOG = re.compile(r"(?:\s++|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL)
_DECLARED = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']{1,40})")

_IN_WORDS = (
    (r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)", "<{0}> of line {1} is closed by </{2}>"),
    (r"Premature end of data in tag (\S+) line (\d+)", "<{0}> of line {1} is never closed"),
    (r"Couldn't find end of Start Tag (\S+)", "the tag <{0} is not finished"),
    (r"(?:Document is empty|Start tag expected)", "this is no plan: it must begin with <plan>"),
    (r"Extra content at the end", "there is something after </plan>"),
    (r"StartTag: invalid element name", "a < that begins no tag; in text write &lt;"),
    (r"(?:xmlParseEntityRef|EntityRef)", "a & that stands alone; in text write &amp;"),
    (r"Entity '(\S+)' not defined", "&{0}; is unknown; for a bare & write &amp;"),
    (r"AttValue", "the value of an attribute must stand in quotes"),
    (r"Specification mandates value for attribute (\S+)", 'the attribute {0} has no value; write {0}="..."'),
    (r"Attribute (\S+) redefined", "the attribute {0} stands twice"),
    (r"Unescaped '<' not allowed", "a < in the value of an attribute; write &lt;"),
    (r"Double hyphen within comment", "a comment cannot hold two hyphens in a row"),
    (r"Comment not terminated", "a comment is not finished; end it with -->"),
    (r"CData section not finished", "a CDATA section is not finished; end it with ]]>"),
    (r"Sequence ']]>' not allowed", "]]> cannot stand in text; write ]]&gt;"),
    (r"Namespace prefix (\S+)", "there is no namespace {0}; a plan needs none"),
    (r"XML declaration allowed only at the start", "<?xml ...?> must be the very first thing"),
    (r"Excessive depth", "elements are nested too deeply"),
    (r"(?:PCDATA )?[Ii]nvalid Char|.*(?:xmlChar|CharRef)", "a character that XML cannot hold"),
)


class Fault(msgspec.Struct, frozen=True, order=True):
    """What is wrong with a plan, and where."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def decoded(source: str | bytes) -> str | Fault:
    """The text of a plan, without a byte order mark; a fault when there is too much of it or it is not UTF-8."""
    if len(source) > LARGEST:
        return Fault(1, f"a plan has at most {LARGEST // 1024} KiB")
    try:
        raw = source.encode() if isinstance(source, str) else source
        text = raw.decode("utf-8-sig")
    except UnicodeEncodeError as error:
        return Fault(str(source).count("\n", 0, error.start) + 1, "a character that is no Unicode")
    except UnicodeDecodeError as error:
        return Fault(error.object.count(b"\n", 0, error.start) + 1, "this is not UTF-8 text")
    return text if len(raw) <= LARGEST else Fault(1, f"a plan has at most {LARGEST // 1024} KiB")


def read(source: str | bytes) -> tuple[_Element | None, list[Fault]]:
    """The root element, None when there is none to be had; and what is wrong with the XML as such."""
    from lxml import etree

    text = decoded(source)
    if isinstance(text, Fault):
        return None, [text]
    doctype = _PROLOG.match(text)
    if doctype:
        return None, [Fault(text.count("\n", 0, doctype.end()) + 1, "a plan cannot have a DOCTYPE")]
    declared = _DECLARED.match(text)
    if declared and declared[1].upper() not in {"UTF-8", "UTF8", "ASCII", "US-ASCII"}:
        return None, [Fault(1, f"a plan is UTF-8, and this one says it is {declared[1]}")]
    parser = _parser()
    try:
        return etree.fromstring(text.encode(), parser), []
    except etree.XMLSyntaxError as error:
        return None, _first_of_each_line(parser.error_log) or [Fault(error.lineno or 1, f"not XML: {error.msg}")]


def _parser() -> XMLParser:
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _first_of_each_line(log: object) -> list[Fault]:
    """The parser's errors in words; those that follow from another in the same line are left out."""
    entries: list[_LogEntry] = list(log)  # type: ignore[call-overload]
    faults: dict[int, Fault] = {}
    for entry in entries:
        line = max(entry.line, 1)
        faults.setdefault(line, Fault(line, _in_words(entry.message)))
    return list(faults.values())


def _in_words(message: str) -> str:
    for pattern, words in _IN_WORDS:
        found = re.match(pattern, message)
        if found:
            return words.format(*found.groups())
    return f"not well-formed XML: {message.strip()}"
