"""A profile: who an instance is, as a few numbers and a word about whom it talks with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.errors import BadConfig, NotFound, Usage
from halo_engine.fleet.personality.schema import FOLDER, Level, Schema, shipped
from halo_engine.workspace import Workspace

NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")
NOT_PROFILES = frozenset({"schema"})
LONGEST = 20_000
"""Characters of context at most."""


class Provenance(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a profile comes from."""

    source: str = ""
    """A talk, an assessment, shipped with Halo."""
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a profile's history, as the operator keeps it."""

    date: str
    changed: str
    reason: str = ""
    approved_by: str = ""


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """`personalities/NAME.yaml`."""

    name: str
    display_name: str
    dimensions: dict[str, Level] = {}
    """Levels from 1 to 10; what is missing has its default."""
    context: Annotated[str, Meta(max_length=LONGEST)] = ""
    """Whom it talks with; goes into CLAUDE.md as it stands."""
    provenance: Provenance = Provenance()
    changelog: list[Change] = []


class Named(Struct, frozen=True):
    """A profile that there is, for lists."""

    name: str
    display_name: str
    shipped: bool
    overrides: bool
    """The operator's own, in place of a shipped one."""
    dimensions: dict[str, int]
    """All of them, defaults filled in."""


def path_of(workspace: Workspace, name: str) -> Path:
    """The file of a profile: the operator's own, else the shipped one.

    Raises NotFound, listing what there is.
    """
    found = next((path for path in candidates(workspace, name) if path.is_file()), None)
    if found is None:
        raise NotFound(f"no personality {name[:80]}; there are {', '.join(names(workspace))}", "halctl personality new")
    return found


def candidates(workspace: Workspace, name: str) -> tuple[Path, Path]:
    """Where a profile may be: the operator's own file, the shipped one.

    Raises Usage for what can be no name.
    """
    if not NAME.fullmatch(name) or name in NOT_PROFILES:
        raise Usage(f"`{name[:80]}` cannot name a personality", "lower case letters, digits and -, at most 30")
    return workspace.root / FOLDER / f"{name}.yaml", shipped() / "profiles" / f"{name}.yaml"


def names(workspace: Workspace) -> list[str]:
    """Every profile's name, in order."""
    folders = (workspace.root / FOLDER, shipped() / "profiles")
    found = {path.stem for folder in folders for path in folder.glob("*.yaml") if NAME.fullmatch(path.stem)}
    return sorted(found - NOT_PROFILES)


def profile(workspace: Workspace, name: str, schema: Schema) -> Profile:
    """The profile of that name.

    Raises NotFound; BadConfig naming file, line, key, and what is allowed.
    """
    path = path_of(workspace, name)
    return parsed(path.read_text(encoding="utf-8"), str(path), name, schema)


def parsed(text: str, file: str, name: str, schema: Schema) -> Profile:
    """The profile in a file's text, checked."""
    from halo_engine.configuration import load

    found = load(text, Profile, file)
    if found.name != name:
        raise BadConfig(f"{file}: name: `{found.name}` in the file of `{name}`", "they must be the same")
    unknown = [each for each in found.dimensions if each not in schema.dimensions]
    if unknown:
        faults = [f"{file}:{_line(text, each)}: dimensions.{each}: no such dimension" for each in unknown]
        raise BadConfig("\n".join(faults), f"there are {', '.join(schema.dimensions)}")
    return found


def _line(text: str, key: str) -> int:
    found = re.search(rf"^\s*{re.escape(key)}\s*:|{{\s*{re.escape(key)}\s*:", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1
