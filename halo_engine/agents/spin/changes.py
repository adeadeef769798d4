"""What edits come to: net lines by file, so that changing back and forth cancels; and edits that say nothing new."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from halo_engine.agents.records import Change
from halo_engine.agents.spin.lately import Lately, Seen
from halo_engine.agents.spin.tools import PATCHES, command_of, path_of, text_of

COMMENT = re.compile(r"(?:(?<!\S)#|(?<!:)//|(?<!\S)--|<!--|/\*|\*/|^\s*\*).*$")
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"]*\"|'[^']*'|`[^`]*`|\S")
SPEAKS = re.compile(
    r"^\s*(?:print|console\.\w+|log(?:ger|ging)?\.\w+|fmt\.Print\w*|System\.out\.\w+|puts|echo|debug)\b"
)
DOCSTRING = re.compile(r"^\s*(?:[rbu]?\"\"\".*|[rbu]?'''.*)$")
FILE = re.compile(r"(?:\*\*\* (?:Add|Update|Delete) File: |\+\+\+ (?:b/)?)(.*)")
"""What a patch says before its part about a file."""
KEYWORDS = frozenset(
    (  # noqa: SIM905
        "if else elif for while return def class import from not and or in is none null true false try except "
        "catch finally with as raise throw new let const var function func fn async await break continue pass "
        "yield lambda"
    ).split()
)
WRITTEN = re.compile(r"(?:old|new)|(?:content|body|text|markdown|html|patch|input|command|cmd)$", re.IGNORECASE)
"""Arguments that hold what is written."""
FILES, STATES, LINES = 2000, 2000, 50_000
"""How many files are remembered, how many states of each, and how many lines that differ."""


def from_arguments(arguments: dict[str, Any], written: Lately[str, list[str]] | None = None) -> tuple[Change, ...]:
    """What an edit's own arguments say that it does, where the source does not tell what it did.

    `written`: path -> the lines that were written to it last; a whole file that is written is held against them, and
    put there.
    """
    edits = arguments.get("edits")
    parts = edits if isinstance(edits, list) else [arguments]
    path, content = path_of(arguments) or _named(arguments), text_of(arguments)
    if isinstance(cell := arguments.get("cell_id", arguments.get("cell_index")), str | int):
        path = f"{path}#{cell}"
    if content is not None and written is not None:
        before, after = written.get(path) or [], content.splitlines()
        written[path] = after
        found = [between(path, before, after)]
    else:
        found = [change for part in parts if isinstance(part, dict) for change in _from_part(path, part)]
    return tuple(change for change in found if change.removed or change.added)


def _named(arguments: dict[str, Any]) -> str:
    """What an edit is about that names no path: the id of a page, of a draft."""
    said = (each for name, each in arguments.items() if isinstance(each, str) and not WRITTEN.match(name))
    return " ".join(each for each in said if " " not in each)


def _from_part(path: str, part: dict[str, Any]) -> tuple[Change, ...]:
    old = part.get("old_string", part.get("oldString", part.get("old_str", "")))
    new = part.get("new_string", part.get("newString", part.get("new_str", part.get("content", ""))))
    command = command_of(part)
    patch = command if PATCHES.search(command) else part.get("patch", part.get("input"))
    if isinstance(patch, str):
        return from_patch(path, patch)
    return (between(path, str(old or "").splitlines(), str(new or "").splitlines()),)


def between(path: str, before: list[str], after: list[str]) -> Change:
    """The change from some lines to others: what is in both, in any place, is not part of it."""
    left, right = Counter(before), Counter(after)
    return Change(path, tuple((left - right).elements()), tuple((right - left).elements()))


def from_patch(path: str, patch: str) -> tuple[Change, ...]:
    """The changes that a unified diff or a patch of apply_patch describes; of `path` where it names none."""
    files: dict[str, tuple[list[str], list[str]]] = {}
    for line in patch.splitlines():
        header = FILE.match(line)
        if header:
            path = header[1].strip()
        elif line[:1] in {"-", "+"} and not line.startswith("---"):
            files.setdefault(path, ([], []))[line[0] == "+"].append(line[1:])
    return tuple(between(each, before, after) for each, (before, after) in files.items())


class File:
    """What a file has been: a sum of prints of the lines that it has and had not at first."""

    def __init__(self) -> None:
        self.state = 0
        self.states: Seen[int] = Seen(STATES)
        self.states.add(0)
        self.tries = False
        """Whether what it is now it had not been before."""
        self.net = 0
        """Lines that differ since the ledger's `restart`."""
        self.thrown = 0
        """How often its edits were thrown away."""


class Ledger:
    """What all edits so far come to."""

    def __init__(self) -> None:
        self.gross = 0
        """Lines removed and added since `restart`."""
        self._files: Lately[str, File] = Lately(FILES)
        self._lines: Lately[tuple[str, int, int], int] = Lately(LINES)
        """How many of a file's line there are more than at `restart`."""

    def restart(self) -> None:
        """Count `gross` and `net_lines` from here."""
        self.gross = 0
        self._lines.clear()
        for file in self._files.values():
            file.net = 0

    def apply(self, changes: Iterable[Change]) -> tuple[bool, bool]:
        """Take edits in. Returns whether some file is then as it has never been before; and whether all are back where
        they began, from what they had not been before: something tried for the first time was taken back.
        """
        fresh, back = False, True
        for change in changes:
            file = self._files.setdefault(change.path, File)
            self.gross += len(change.added) + len(change.removed)
            self._count(file, change.path, change.added, 1)
            self._count(file, change.path, change.removed, -1)
            back = back and file.state == 0 and file.tries
            file.tries = file.state not in file.states
            fresh = fresh or file.tries
            file.states.add(file.state)
        return fresh, back

    def _count(self, file: File, path: str, lines: Iterable[str], by: int) -> None:
        """Count lines in or out. Empty ones say nothing."""
        for line in lines:
            key = (path, file.thrown, hash(line))
            before = self._lines.get(key) or 0
            self._lines[key] = before + by
            file.net += abs(before + by) - abs(before)
            file.state += by * key[2] if line.strip() else 0

    def revert(self, command: str) -> None:
        """Edits were thrown away by a command that names their files, or none: then all."""
        named = [file for path, file in self._files.items() if path.rpartition("/")[2] in command]
        for file in named or self._files.values():
            file.state = file.net = 0
            file.thrown += 1

    def net_lines(self) -> int:
        """Lines that differ from where `gross` began to count."""
        return sum(file.net for file in self._files.values())


def is_slight(changes: Iterable[Change]) -> bool:
    """Whether edits change only blanks, comments, messages or names: what the program does stays the same."""
    return all(_shape(change.removed) == _shape(change.added) for change in changes)


def is_tuning(changes: Iterable[Change]) -> bool:
    """Whether edits change nothing but literals: a limit, a text."""
    return all(_shape(each.removed, literals=False) == _shape(each.added, literals=False) for each in changes)


def _shape(lines: Iterable[str], *, literals: bool = True) -> list[str]:
    names: dict[str, str] = {}
    found = []
    for line in lines:
        if SPEAKS.match(line) or DOCSTRING.match(line):
            continue
        for word in TOKEN.findall(COMMENT.sub("", line)):
            if word[0] in "\"'`" or word[0].isdigit():
                found.append(word if literals else "0")
            elif (word[0].isalpha() or word[0] == "_") and word.lower() not in KEYWORDS:
                found.append(names.setdefault(word, f"n{len(names)}"))
            elif word not in ",;":
                found.append(word)
    return found
