"""Which dimensions a personality has, and the text of each level. Shipped in `templates/`, extended by the operator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import astuple

from halo_engine import resources
from halo_engine.errors import BadConfig
from halo_engine.workspace import Workspace

FOLDER = "personalities"
"""In the workspace: the operator's profiles, and their own schema.yaml, blocks/ and base.md.j2."""
FILE = "schema.yaml"
LEVELS = range(1, 11)
Level = Annotated[int, Meta(ge=LEVELS[0], le=LEVELS[-1])]


class Dimension(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that can be more or less so."""

    section: str
    """The heading of CLAUDE.md that its text stands under."""
    low: str
    """What level 1 is like, in a few words."""
    high: str
    """What level 10 is like."""
    default: Level = 5


class SchemaFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`schema.yaml`."""

    dimensions: dict[str, Dimension]


class Blocks(Struct, frozen=True, forbid_unknown_fields=True, rename=lambda name: name.removeprefix("level_")):
    """`blocks/NAME.yaml`: a text for every level."""

    level_1: str
    level_2: str
    level_3: str
    level_4: str
    level_5: str
    level_6: str
    level_7: str
    level_8: str
    level_9: str
    level_10: str


class Schema(Struct, frozen=True):
    """All dimensions, in the order in which they are written, and their texts."""

    dimensions: dict[str, Dimension]
    texts: dict[str, tuple[str, ...]]
    """Dimension -> the ten texts, level 1 first."""

    def text(self, dimension: str, level: int) -> str:
        return self.texts[dimension][level - 1]

    def levels(self, given: dict[str, int]) -> dict[str, int]:
        """A level for every dimension: the given ones, and the defaults for the rest."""
        return {name: given.get(name, each.default) for name, each in self.dimensions.items()}


def shipped() -> Path:
    return Path(str(resources.folder("templates"))).resolve() / "personality"


def places(workspace: Workspace) -> Iterator[Path]:
    """Where personalities are looked for: the operator's own first."""
    yield workspace.root / FOLDER
    yield shipped()


def schema(workspace: Workspace) -> Schema:
    """The shipped dimensions, changed and followed by the operator's own.

    Raises BadConfig naming file, line and key, and for a dimension whose texts are missing, empty or the same twice.
    """
    own, ours = places(workspace)
    dimensions = dict(_declared(ours / FILE))
    dimensions |= _declared(own / FILE) if (own / FILE).exists() else {}
    return Schema(dimensions, {name: _texts(workspace, name) for name in dimensions})


def _declared(path: Path) -> dict[str, Dimension]:
    from halo_engine.configuration import load

    found = load(path.read_text(encoding="utf-8"), SchemaFile, str(path)).dimensions
    odd = next((name for name in found if not name.isidentifier()), None)
    if odd is not None:
        raise BadConfig(f"{path}: dimensions: `{odd}` is no name for a dimension", "letters, digits and _")
    return found


def _texts(workspace: Workspace, name: str) -> tuple[str, ...]:
    from halo_engine.configuration import load

    tried = [place / "blocks" / f"{name}.yaml" for place in places(workspace)]
    path = next((path for path in tried if path.exists()), None)
    if path is None:
        raise BadConfig(f"the dimension {name} has no texts", f"write them into {tried[0]}")
    texts = tuple(text.strip() for text in astuple(load(path.read_text(encoding="utf-8"), Blocks, str(path))))
    for level, text in zip(LEVELS, texts, strict=True):
        if not text:
            raise BadConfig(f"{path}: {level}: the text is empty: the level would be dropped silently")
        if texts.index(text) != level - 1:
            raise BadConfig(f"{path}: {level}: the same text as of level {texts.index(text) + 1}")
    return texts
