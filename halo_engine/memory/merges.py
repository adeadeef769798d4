"""Both sides of a git merge that stand in one file, whichever way git was told to mark them."""

from __future__ import annotations

import re

CONFLICT = "both sides of a git merge stand in it: settle it in an editor"
BETWEEN = "======= the other side of the merge"
_BEGIN = re.compile(r"^(<{7,})(?: |\r?$)", re.MULTILINE)
_MARKS = "<|=>"
_NEXT = {"": "<", "<": "|=", "|": "=", "=": ">"}
"""Which marks may follow one, as `merge` and as `diff3` (and `zdiff3`) set them; what both began with is between `|`
and `=`.
"""


def sides(text: str) -> tuple[str, str] | None:
    """The text as the one side has it and as the other has it; None where no merge is left in it.

    Git marks a conflict within a conflict (a note that was changed here and renamed there) by longer marks; of such
    only the outer one is taken apart.
    """
    if "<<<<<<<" not in text:
        return None
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    found = (_apart(lines, size) for size in sorted({len(found) for found in _BEGIN.findall(text)}))
    return next((each for each in found if each), None)


def _apart(lines: list[str], size: int) -> tuple[str, str] | None:
    """The same for marks of one length; None where no conflict has all of them."""
    ours, theirs, mine, other = list[str](), list[str](), list[str](), list[str]()
    goes_to = {"": (ours, theirs), "<": (mine,), "|": (), "=": (other,)}
    last, begun, ended = "", 0, False
    for place, line in enumerate(lines):
        mark = _mark(line, size)
        if not mark or mark not in _NEXT[last]:
            for side in goes_to[last]:
                side.append(line)
        elif mark == ">":
            last, ended = "", True
            ours += mine
            theirs += other
            mine.clear()
            other.clear()
        else:
            begun, last = (begun if last else place), mark
    rest = lines[begun:] if last else []
    return ("".join(ours + rest), "".join(theirs + rest)) if ended else None


def _mark(line: str, size: int) -> str:
    """`<`, `|`, `=` or `>`, of which a line has so many and nothing else but, behind a blank, a name; else nothing."""
    sign = line[:1]
    if not sign or sign not in _MARKS or (sign != ">" and not line.endswith("\n")):
        return ""
    named = sign != "=" and line.startswith(f"{sign * size} ")
    return sign if named or line.removesuffix("\n").removesuffix("\r") == sign * size else ""
