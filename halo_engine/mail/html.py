"""HTML as plain text: what a reader would see, and where links lead. Nothing runs, nothing is fetched, and the time it
takes grows with the length alone, whatever is in it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


UNSEEN = _tags(
    "applet audio canvas datalist embed frame frameset head iframe input map math meta noembed noframes noscript object"
    " option param script select style svg template textarea title video"
)
APART = _tags("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul")
"""Blocks with an empty line around them."""
BLOCK = APART | _tags(
    "address article aside body center dd details div dt fieldset figure footer form header hr html li main nav section"
    " tbody tfoot thead tr"
)
HIDDEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|(?:font-size|max-height|opacity|width|height)\s*:\s*0+(?:\.0+)?(?:px|pt|em|rem|%)?)\s*(?:!important\s*)?(?:;|$)",
    re.IGNORECASE,
)
LINKS = ("http://", "https://", "mailto:", "tel:")
TAG = re.compile(r"<[^<>]*>")
SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
LONGEST = 2000
"""Characters of a style or a link that are looked at."""


def from_html(html: str) -> str:
    """The text of a page; what is hidden by its own style or tag is left out. One that nests thousands deep, as no
    honest page does, is only freed of its tags.
    """
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8", recover=True, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(html.replace("\0", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return ""
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        return unescape(TAG.sub(" ", html))
    return _Page().of(root, etree.iterwalk) if root is not None else ""


class _Page:
    """The lines of a page as they come."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._pre = 0
        self._words: list[list[str]] = []
        """Of the links that are open."""

    def of(self, root: Any, walk: Any) -> str:
        walker = walk(root, events=("start", "end"))
        skipped: Any = None
        for event, element in walker:
            if event == "start" and skipped is None and _unseen(element):
                skipped = element
                walker.skip_subtree()
            elif event == "start" and skipped is None:
                self._open(element)
            elif event == "end":
                if skipped is None:
                    self._close(element)
                elif element is skipped:
                    skipped = None
                self._say(element.tail)
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _open(self, element: Any) -> None:
        tag = element.tag
        self._end_block(tag)
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._lines.append("-" * 20)
        elif tag == "li":
            self._line.append("- ")
        elif tag in {"td", "th"} and self._line:
            self._line.append("  ")
        elif tag == "pre":
            self._pre += 1
        elif tag == "a":
            self._words.append([])
        self._say(element.text)

    def _close(self, element: Any) -> None:
        tag = element.tag
        if tag == "a":
            words = " ".join("".join(self._words.pop()).split()) if self._words else ""
            link = (element.get("href") or "").strip()[:LONGEST]
            if link.lower().startswith(LINKS) and link.removeprefix("mailto:") != words:
                self._line.append(f" <{link}>")
        self._end_block(tag)
        self._pre -= tag == "pre"

    def _end_block(self, tag: str) -> None:
        if tag in BLOCK:
            self._break(empty=tag in APART)

    def _say(self, words: str | None) -> None:
        if not words:
            return
        for link in self._words[-1:]:
            link.append(words)
        if self._pre:
            first, *others = words.split("\n")
            self._line.append(first)
            for each in others:
                self._break()
                self._line.append(each)
            return
        text = SPACES.sub(" ", words)
        if not self._line or self._line[-1].endswith(" "):
            text = text.removeprefix(" ")
        self._line.append(text)

    def _break(self, *, empty: bool = False) -> None:
        """End the line, if anything is in it; with an empty one after it."""
        line = "".join(self._line).rstrip()
        if line or self._pre:
            self._lines.append(line if self._pre else line.lstrip())
        if empty and self._lines and self._lines[-1]:
            self._lines.append("")
        self._line = []


def _unseen(element: Any) -> bool:
    """Whether nobody would see an element."""
    if element.tag in UNSEEN or element.get("hidden") is not None:
        return True
    return HIDDEN.search((element.get("style") or "")[:LONGEST]) is not None
