"""Composing CLAUDE.md: base template, a block for every dimension, the profile's context. The same in, the same out."""

from __future__ import annotations

import re
from itertools import groupby

from msgspec import Struct

from halo_engine.errors import BadConfig
from halo_engine.fleet.personality import profile as profiles
from halo_engine.fleet.personality.profile import Named, Profile
from halo_engine.fleet.personality.schema import Schema, places, schema
from halo_engine.templating import fill
from halo_engine.workspace import Workspace

BASE = "base.md.j2"


class Block(Struct, frozen=True):
    """What one dimension brings."""

    dimension: str
    level: int
    text: str


class Section(Struct, frozen=True):
    """A heading, and the blocks below it."""

    title: str
    blocks: list[Block]


class Composer(Struct, frozen=True):
    """Everything that composing needs, read once: keep it while sliders move."""

    schema: Schema
    base: str
    file: str
    """Where the base template is, for messages."""

    def sections(self, profile: Profile) -> list[Section]:
        """The blocks of a profile by heading, in the schema's order."""
        levels = self.schema.levels(profile.dimensions)
        order = list(dict.fromkeys(each.section for each in self.schema.dimensions.values()))
        named = sorted(self.schema.dimensions.items(), key=lambda item: order.index(item[1].section))
        return [
            Section(title, [Block(name, levels[name], self.schema.text(name, levels[name])) for name, _ in group])
            for title, group in groupby(named, key=lambda item: item[1].section)
        ]

    def compose(self, profile: Profile, *, instance: str, services: tuple[str, ...] = (), timezone: str = "") -> str:
        """The whole CLAUDE.md.

        Raises BadConfig when the base template does not work, or leaves out a dimension or the context.
        """
        sections = self.sections(profile)
        context = profile.context.strip()
        text = self._rendered(
            display_name=profile.display_name.strip(),
            sections=sections,
            context=context,
            instance=instance,
            services=services,
            timezone=timezone,
        )
        for block in (block for section in sections for block in section.blocks):
            if block.text not in text:
                raise BadConfig(f"{self.file}: the template leaves out the dimension {block.dimension}")
        if context not in text:
            raise BadConfig(f"{self.file}: the template leaves out the context")
        return text

    def _rendered(self, **values: object) -> str:
        return re.sub(r"\n{3,}", "\n\n", fill(self.base, self.file, **values)).strip() + "\n"


def composer(workspace: Workspace) -> Composer:
    """The composer of a workspace: the operator's own template and texts before the shipped ones.

    Raises BadConfig.
    """
    path = next(place / BASE for place in places(workspace) if (place / BASE).exists())
    return Composer(schema(workspace), path.read_text(encoding="utf-8"), str(path))


def named(workspace: Workspace) -> list[Named]:
    """Every profile that there is: the operator's own and the shipped ones.

    Raises BadConfig for one that is wrong, naming file, line and key.
    """
    found_schema = schema(workspace)
    found = []
    for name in profiles.names(workspace):
        own, shipped = profiles.candidates(workspace, name)
        each = profiles.profile(workspace, name, found_schema)
        overrides = own.is_file() and shipped.is_file()
        found.append(Named(name, each.display_name, not own.is_file(), overrides, found_schema.levels(each.dimensions)))
    return found
