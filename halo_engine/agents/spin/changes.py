"""What edits come to: net lines by file, so that changing back and forth cancels; and edits that say nothing new."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from halo_engine.agents.records import Change
from halo_engine.agents.spin.text import fingerprint
from halo_engine.agents.spin.tools import path_of

COMMENT = re.compile(r"(?:(?<!\S)#|(?<!:)//|(?<!\S)--|<!--|/\*|\*/|^\s*\*).*$")
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"]*\"|'[^']*'|`[^`]*`|\S")
SPEAKS = re.compile(
    r"^\s*(?:print|console\.\w+|log(?:ger|ging)?\.\w+|fmt\.Print\w*|System\.out\.\w+|puts|echo|debug)\b"
)
DOCSTRING = re.compile(r"^\s*(?:[rbu]?\"\"\".*|[rbu]?'''.*)$")
KEYWORDS = frozenset(
    (  # noqa: SIM905
        "if else elif for while return def class import from not and or in is none null true false try except "
        "catch finally with as raise throw new let const var function func fn async await break continue pass "
        "yield lambda"
    ).split()
)


def from_arguments(arguments: dict[str, Any], written: dict[str, list[str]] | None = None) -> tuple[Change, ...]:
    """What an edit's own arguments say that it does, where the source does not tell what it did.

    `written`: path -> the lines that were written to it last; a whole file that is written is held against them, and
    put there.
    """
    edits = arguments.get("edits")
    parts = edits if isinstance(edits, list) else [arguments]
    path, content = path_of(arguments), arguments.get("content")
    if isinstance(content, str) and written is not None:
        before, written[path] = written.get(path, []), content.splitlines()
        found = iter([between(path, before, written[path])])
    else:
        found = iter([_from_part(path, part) for part in parts if isinstance(part, dict)])
    return tuple(change for change in found if change.removed or change.added)


def _from_part(path: str, part: dict[str, Any]) -> Change:
    old = part.get("old_string", part.get("oldString", part.get("old_str", "")))
    new = part.get("new_string", part.get("newString", part.get("new_str", part.get("content", ""))))
    patch = part.get("patch", part.get("input"))
    if isinstance(patch, str):
        return from_patch(path, patch)
    return between(path, str(old or "").splitlines(), str(new or "").splitlines())


def between(path: str, before: list[str], after: list[str]) -> Change:
    """The change from some lines to others: what is in both, in any place, is not part of it."""
    left, right = Counter(before), Counter(after)
    return Change(path, tuple((left - right).elements()), tuple((right - left).elements()))


def from_patch(path: str, patch: str) -> Change:
    """The change that a unified diff, or a patch in the form of apply_patch, describes."""
    lines = patch.splitlines()
    removed = tuple(line[1:] for line in lines if line.startswith("-") and not line.startswith("---"))
    added = tuple(line[1:] for line in lines if line.startswith("+") and not line.startswith("+++"))
    return Change(path, removed, added)


class Ledger:
    """What all edits so far come to."""

    def __init__(self) -> None:
        self.net: dict[str, Counter[str]] = {}
        self.states: dict[str, set[int]] = {}
        self.gross = 0
        """Lines removed and added since `restart`."""
        self._mark: dict[str, Counter[str]] = {}
        self._base: dict[str, int] = {}
        self._trial: dict[str, bool] = {}
        """Whether what a file is now it had not been before."""

    def restart(self) -> None:
        """Count `gross` and `net_lines` from here."""
        self.gross = 0
        self._mark = {path: Counter(net) for path, net in self.net.items()}

    def apply(self, changes: Iterable[Change]) -> tuple[bool, bool]:
        """Take edits in. Returns whether some file is then as it has never been before; and whether all are back where
        they began, from what they had not been before: something tried for the first time was taken back.
        """
        fresh, back = False, True
        for change in changes:
            net = self.net.setdefault(change.path, Counter())
            base = self._base.setdefault(change.path, _state(net))
            seen = self.states.setdefault(change.path, {base})
            net.update(change.added)
            net.subtract(change.removed)
            self.gross += len(change.added) + len(change.removed)
            state = _state(net)
            back = back and state == base and self._trial.get(change.path, False)
            self._trial[change.path] = state not in seen
            fresh = fresh or state not in seen
            seen.add(state)
        return fresh, back

    def revert(self, command: str) -> None:
        """Edits were thrown away by a command that names their files, or none: then all."""
        named = [path for path in self.net if path.rpartition("/")[2] in command]
        for path in named or self.net:
            self.net[path].clear()

    def net_lines(self) -> int:
        """Lines that differ from where `gross` began to count."""
        total = 0
        for path, net in self.net.items():
            before = self._mark.get(path, Counter())
            total += sum(abs(net[line] - before[line]) for line in {*net, *before})
        return total


def _state(net: Counter[str]) -> int:
    return fingerprint(repr(sorted((line, count) for line, count in net.items() if count and line.strip())))


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
