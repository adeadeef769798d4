"""Both sides of a git merge that stand in one file, whichever way git was told to mark them."""

from __future__ import annotations

import re

CONFLICT = "both sides of a git merge stand in it: settle it in an editor"
BETWEEN = "======= the other side of the merge"
_BEGIN = re.compile(r"^(<{7,})(?: |\r?$)", re.MULTILINE)
_BLOCK = (
    r"^<{%(size)d}(?: .*)?\r?\n(?P<ours>(?:.*\n)*?)(?:\|{%(size)d}(?: .*)?\r?\n(?:.*\n)*?)?"
    r"={%(size)d}\r?\n(?P<theirs>(?:.*\n)*?)>{%(size)d}(?: .*)?(?:\r?\n|\Z)"
)
"""As `merge` and as `diff3` (and `zdiff3`) mark it; what both began with is between `|||||||` and `=======`."""


def sides(text: str) -> tuple[str, str] | None:
    """The text as the one side has it and as the other has it; None where no merge is left in it.

    Git marks a conflict within a conflict (a note that was changed here and renamed there) by longer marks; of such
    only the outer one is taken apart.
    """
    if "<<<<<<<" not in text:
        return None
    for size in sorted({len(found) for found in _BEGIN.findall(text)}):
        block = re.compile(_BLOCK % {"size": size}, re.MULTILINE)
        if block.search(text):
            return block.sub(r"\g<ours>", text), block.sub(r"\g<theirs>", text)
    return None
