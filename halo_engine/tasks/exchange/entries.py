"""Items on their way in: what a file of any format is read into before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from halo_engine.console import cut
from halo_engine.tasks.checks import CONTROL, TAG_LIMIT, TITLE_LIMIT, refusal
from halo_engine.tasks.store import Item, Plan, Run

NOT_IN_TAGS = re.compile(r"[\s,\"]+")


class Entry(msgspec.Struct, frozen=True):
    """One item as it stood elsewhere."""

    key: str
    """Its name for ever: importing the same key again changes nothing."""
    item: Item
    """`number`, `id` and `version` are those it had there (0, empty, 0 where it had none); `depends_on` is not read."""
    needs: list[str] = []
    """Keys of the items that it depends on."""
    plan: Plan | None = None
    runs: list[Run] = []
    where: str = ""
    """Its place in the file, for messages: `line 7`."""


def title_from(text: str) -> tuple[str, str]:
    """A title, and a context where the text is more than one short line."""
    title = " ".join(CONTROL.sub(" ", text).split())
    if len(title) > TITLE_LIMIT:
        return cut(title, TITLE_LIMIT), text
    return title, text if "\n" in text.strip() else ""


def tag_from(text: str) -> str:
    """The tag nearest to a text: a word without blanks, commas and quotes."""
    return "-".join(NOT_IN_TAGS.sub(" ", CONTROL.sub(" ", text)).split())[:TAG_LIMIT]


def refuse(faults: Sequence[str]) -> None:
    """Raise BadData with all faults, when there are any."""
    if faults:
        raise refusal("{}, nothing was imported:", faults, "mend the file and import it again")
