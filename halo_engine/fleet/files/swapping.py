"""Putting one governance in the place of another by renaming, and taking that back from wherever it stopped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from msgspec import Struct

from halo_engine.errors import BadData
from halo_engine.fleet.config import Base
from halo_engine.fleet.faults import point
from halo_engine.fleet.files import trees
from halo_engine.fleet.files.governance import unsealed


class Swap(Struct, frozen=True):
    """What is exchanged. Kept in the history before anything moves, so that a crash can be put right from it."""

    staged: str
    """The folder with the new items, below the base."""
    kept: str
    """Where the live ones go, below the base."""
    items: tuple[str, ...]
    had: tuple[str, ...]
    """Those of them that were live before."""

    def forward(self, base: Base, root: Path) -> None:
        """The live items into `kept`, the staged ones into their place.

        Raises BadData, before anything is moved, when somebody has put a link on the way.
        """
        kept, staged = base.root / self.kept, base.root / self.staged
        for item in self.items:
            if trees.through_link(root, item):
                raise BadData(f"the way to {root / item} leads over a link: nothing was moved", "remove the link")
        with unsealed(root):
            for item in self.items:
                if os.path.lexists(root / item):
                    _move(root / item, kept / item)
                point("swap.out")
                if os.path.lexists(staged / item):
                    _move(staged / item, root / item)
                point("swap.in")

    def back(self, base: Base, root: Path) -> None:
        """What was live before is live again, byte for byte. May be repeated, and also works on half a swap.

        What came in goes back to where it was staged, so that a rollback that is taken back loses nothing.
        """
        kept, staged = base.root / self.kept, base.root / self.staged
        with unsealed(root):
            for item in self.items:
                if trees.through_link(root, item):  # `forward` has refused, so that there is nothing to take back
                    continue
                returned = os.path.lexists(kept / item)
                if os.path.lexists(root / item) and (returned or item not in self.had):
                    trees.erase(staged / item)
                    _move(root / item, staged / item)
                point("back.out")
                if returned:
                    _move(kept / item, root / item)
                point("back.in")
        trees.erase(kept)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    trees.move(source, target)


def prepared(base: Base, root: Path, staged: Path, kept: Path, items: tuple[str, ...]) -> Swap:
    had = tuple(item for item in items if os.path.lexists(root / item))
    return Swap(str(staged.relative_to(base.root)), str(kept.relative_to(base.root)), items, had)


def of(data: dict[str, Any]) -> Swap:
    """The swap as the history has it."""
    return Swap(data["staged"], data["kept"], tuple(data["items"]), tuple(data["had"]))
