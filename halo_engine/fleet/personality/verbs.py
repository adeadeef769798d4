"""`halctl personality`: profiles, from the command line."""

from __future__ import annotations

from typing import Any

import click

from halo_engine import console
from halo_engine.commandline import Answer, App
from halo_engine.errors import Usage
from halo_engine.fleet.personality import profile as profiles
from halo_engine.fleet.personality import writing
from halo_engine.fleet.personality.composing import composer, named
from halo_engine.fleet.personality.profile import Named, Profile
from halo_engine.fleet.personality.writing import Written
from halo_engine.workspace import Workspace

app = App("personality", help="Who an instance is: levels from 1 to 10, and a word of context.")
BAR = 10


class Level(click.ParamType[tuple[str, int]]):
    """`brevity=9`."""

    name = "dimension=level"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        dimension, _, level = str(value).partition("=")
        if not dimension or not level.isdecimal():
            self.fail(f"{value!r} is not like brevity=9", param, ctx)
        return dimension.strip(), int(level)


SET = click.option("--set", "levels", type=Level(), multiple=True, metavar="NAME=LEVEL", help="brevity=9; repeat it.")
FIELDS = (
    SET,
    click.option("--display-name", default="", help="What it calls itself."),
    click.option("--context", default="", help="Whom it talks with, in free words."),
    click.option("--reason", default="", help="For the profile's changelog."),
)


def fields(command: Any) -> Any:
    """The options that `new` and `edit` share."""
    for option in reversed(FIELDS):
        command = option(command)
    return command


def table(rows: list[Named]) -> None:
    dimensions = [name.replace("_", " ") for name in rows[0].dimensions] if rows else []
    lines = [
        (row.name, row.display_name, "shipped" if row.shipped else "yours", *map(str, row.dimensions.values()))
        for row in rows
    ]
    console.table(("NAME", "CALLED", "", *dimensions), lines, right=tuple(range(3, 3 + len(dimensions))))


def card(found: tuple[Profile, dict[str, int], dict[str, tuple[str, str]]]) -> None:
    profile, levels, sides = found
    rows = [
        (name.replace("_", " "), str(level), "▮" * level + "▯" * (BAR - level), f"{sides[name][0]} … {sides[name][1]}")
        for name, level in levels.items()
    ]
    console.table((profile.name, "", profile.display_name, ""), rows, right=(1,))
    console.line()
    console.line(profile.context.strip() or "no context")
    for change in profile.changelog:
        console.line(f"{change.date}  {change.changed}  {change.reason}  {change.approved_by}".rstrip())


def written(done: Written) -> None:
    console.line(f"{done.profile.name}  {done.changed or 'as it was'}")
    console.line(done.path)
    if done.diff:
        console.line(done.diff)


@app.verb("list", view=table)
def list_(workspace: Workspace) -> Answer:
    """Every personality, with its levels."""
    return Answer(named(workspace))


@app.verb(view=card)
@click.argument("name")
def show(workspace: Workspace, name: str) -> Answer:
    """A personality: its levels and its context."""
    schema = composer(workspace).schema
    found = profiles.profile(workspace, name, schema)
    sides = {each: (dimension.low, dimension.high) for each, dimension in schema.dimensions.items()}
    levels = schema.levels(found.dimensions)
    return Answer({"profile": found, "levels": levels}, shown=(found, levels, sides))


@app.verb(view=written, changes=True)
@click.argument("name")
@click.option("--from", "base", default="default", show_default=True, help="The personality to begin with.")
@fields
def new(workspace: Workspace, name: str, base: str, levels: tuple[tuple[str, int], ...], **given: str) -> Answer:
    """Make a personality of your own."""
    return _did(writing.new(workspace, name, base=base, levels=dict(levels), **given))


@app.verb(view=written, changes=True)
@click.argument("name")
@fields
def edit(workspace: Workspace, name: str, levels: tuple[tuple[str, int], ...], **given: str) -> Answer:
    """Change a personality; `halctl push` brings it to its instances."""
    if not levels and not any(given[key] for key in ("display_name", "context")):
        raise Usage("say what to change: --set brevity=9, --context, --display-name", f"halctl personality show {name}")
    return _did(writing.edit(workspace, name, levels=dict(levels), **given))


def _did(done: Written) -> Answer:
    note = "" if done.changed else f"{done.profile.name} is so already; nothing changed"
    return Answer(done, note=note, would=f"{done.path}: {done.changed}\n{done.diff}" if done.changed else "")


@app.verb(view=console.line)
@click.argument("a")
@click.argument("b")
def diff(workspace: Workspace, a: str, b: str) -> Answer:
    """What CLAUDE.md would be otherwise with B than with A."""
    composing = composer(workspace)
    one, other = (profiles.profile(workspace, name, composing.schema) for name in (a, b))
    levels, others = composing.schema.levels(one.dimensions), composing.schema.levels(other.dimensions)
    changed = {name: [level, others[name]] for name, level in levels.items() if level != others[name]}
    text = writing.difference(composing, one, other, "NAME")
    words = [f"{name:<18}{was:>3} -> {now}" for name, (was, now) in changed.items()]
    return Answer({"levels": changed, "diff": text}, shown="\n".join([*words, text]) or "they are the same")


@app.verb(view=console.line)
@click.argument("name")
@SET
def preview(workspace: Workspace, name: str, levels: tuple[tuple[str, int], ...]) -> Answer:
    """The whole CLAUDE.md, as it would be with these levels."""
    composing = composer(workspace)
    found = profiles.profile(workspace, name, composing.schema)
    changed = writing.with_levels(composing, found, dict(levels))
    return Answer(composing.compose(changed, instance="NAME"))
