"""Changing profiles: the operator's files in `personalities/`, whose comments and order survive."""

from __future__ import annotations

import difflib
import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from halo_engine import clock
from halo_engine.errors import Conflict, NotAllowed, Usage
from halo_engine.events.envelope import whoami
from halo_engine.events.model import New
from halo_engine.fleet.events import ProfileWritten
from halo_engine.fleet.personality import profile as profiles
from halo_engine.fleet.personality.composing import Composer, composer
from halo_engine.fleet.personality.profile import Profile
from halo_engine.workspace import Workspace, replace, writing


class Written(Struct, frozen=True):
    """What `new` or `edit` did."""

    profile: Profile
    path: str
    changed: str
    """In words; empty when everything was so already."""
    diff: str
    """What changes in CLAUDE.md."""


def new(workspace: Workspace, name: str, *, base: str = "default", levels: dict[str, int], **fields: str) -> Written:
    """Make a profile from another one. `fields`: display_name, context, reason.

    Raises Usage for a level or dimension that cannot be, NotAllowed when the name is taken.
    """
    own, _ = profiles.candidates(workspace, name)
    if name in profiles.names(workspace):
        raise NotAllowed(f"there is a personality {name} already", f"halctl personality edit {name}")
    composing = composer(workspace)
    start = profiles.profile(workspace, base, composing.schema)
    text = _copied(profiles.path_of(workspace, base).read_text(encoding="utf-8"), name)
    display = fields.pop("display_name", "") or name.replace("-", " ").title()
    draft = Draft(composing, start, own.stem, text)
    return _write(workspace, draft, levels, {"display_name": display, **fields})


def edit(workspace: Workspace, name: str, *, levels: dict[str, int], **fields: str) -> Written:
    """Change a profile; a shipped one is copied to `personalities/` first, where it goes before the shipped one.

    Raises NotFound, Usage.
    """
    path = profiles.path_of(workspace, name)
    composing = composer(workspace)
    before = profiles.profile(workspace, name, composing.schema)
    draft = Draft(composing, before, name, path.read_text(encoding="utf-8"))
    return _write(workspace, draft, levels, fields)


class Draft(Struct, frozen=True):
    """A profile about to be written."""

    composing: Composer
    before: Profile
    """What it is now, or is made from."""
    name: str
    text: str
    """Its file."""

    @property
    def is_new(self) -> bool:
        return self.before.name != self.name


def _write(workspace: Workspace, draft: Draft, levels: dict[str, int], fields: dict[str, str]) -> Written:
    path, _ = profiles.candidates(workspace, draft.name)
    reason = fields.pop("reason", "")
    changed = _differences(draft.composing, draft.before, levels, fields)
    differs = bool(changed) or draft.is_new
    text = _edited(draft.text, levels, fields, changed, reason) if differs else draft.text
    after = profiles.parsed(text, str(path), draft.name, draft.composing.schema)
    diff = difference(draft.composing, draft.before, after, draft.name)
    if differs:
        if not workspace.dry_run:
            with writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                replace(path, text)
        record(workspace, after)
    return Written(after, str(path), changed or ("made" if draft.is_new else ""), diff)


def with_levels(composing: Composer, profile: Profile, levels: dict[str, int]) -> Profile:
    """The profile with other levels, in memory only: for a preview.

    Raises Usage for a dimension or a level that cannot be.
    """
    _refuse_odd(composing, levels)
    return msgspec.structs.replace(profile, dimensions=profile.dimensions | levels)


def _refuse_odd(composing: Composer, levels: dict[str, int]) -> None:
    known = composing.schema.dimensions
    for dimension, level in levels.items():
        if dimension not in known:
            raise Usage(f"no dimension {dimension[:40]}; there are {', '.join(known)}")
        if not 1 <= level <= 10:
            raise Usage(f"{dimension}={level}: a level is one of 1 to 10")


def _differences(composing: Composer, before: Profile, levels: dict[str, int], fields: dict[str, str]) -> str:
    _refuse_odd(composing, levels)
    now = composing.schema.levels(before.dimensions)
    words = [f"{name} {now[name]} -> {level}" for name, level in levels.items() if now[name] != level]
    words += [key for key, value in fields.items() if value and getattr(before, key).strip() != value.strip()]
    return ", ".join(words)


def _copied(text: str, name: str) -> str:
    """The text of a profile as that of another name, with no history of its own."""

    def change(data: Any) -> None:
        data["name"] = name
        data["provenance"] = {"source": "operator"}
        data["changelog"] = []

    return _round_trip(text, change)


def _edited(text: str, levels: dict[str, int], fields: dict[str, str], changed: str, reason: str) -> str:
    def change(data: Any) -> None:
        from ruamel.yaml.scalarstring import LiteralScalarString

        for name, level in levels.items():
            data.setdefault("dimensions", {})[name] = level
        for key, value in fields.items():
            if value:
                data[key] = LiteralScalarString(value.strip() + "\n") if key == "context" else value
        line = {"date": clock.stamp()[:10], "changed": changed or "made", "reason": reason}
        line["approved_by"] = whoami().rpartition("@")[0]
        data.setdefault("changelog", []).append({key: value for key, value in line.items() if value})

    return _round_trip(text, change)


def _round_trip(text: str, change: Any) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    data = yaml.load(text)
    change(data)
    for key in ("dimensions", "changelog"):
        if hasattr(data.get(key), "fa"):
            data[key].fa.set_block_style()
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def difference(composing: Composer, before: Profile, after: Profile, instance: str) -> str:
    """What changes in CLAUDE.md from one profile to another, as a unified diff."""
    old, new = (composing.compose(each, instance=instance).splitlines() for each in (before, after))
    names = (f"{before.name}/CLAUDE.md", f"{after.name}/CLAUDE.md")
    return "\n".join(difflib.unified_diff(old, new, *names, lineterm="", n=1))


def record(workspace: Workspace, profile: Profile) -> None:
    """Keep in the history what a profile is now, when that differs from what was kept last: also after an edit by hand.

    Called by whatever writes or uses one.
    """
    stream = f"personality/{profile.name}"
    digest = hashlib.sha256(profile.context.encode()).hexdigest()
    data = ProfileWritten(profile.display_name, profile.dimensions, digest)
    last = list(workspace.log.stream(stream))
    if last and last[-1].data() == data:
        return
    try:
        workspace.log.append([New(stream, "personality.profile.written", data, expected=len(last))])
    except Conflict:
        record(workspace, profile)
