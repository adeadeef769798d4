"""The documentation says what the code does: its tables, commands, settings, keys and links are checked against it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from halo_engine.cli import app
from halo_engine.commandline import INTERRUPTED
from halo_engine.errors import HaloError
from halo_engine.fleet import states
from halo_engine.fleet.personality.schema import schema
from halo_engine.operate.cli import files
from halo_engine.tasks.states import EVERY, TRANSITIONS, Move
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace
from halo_tui.actions import GROUPS, group
from halo_tui.cli import cli as workstation
from halo_tui.keymap import Keys, shown

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^\$ (.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`|^ {4}(.*)$", re.MULTILINE)
MODULES = {
    "halctl": "fleet",
    "nightctl": "tasks",
    "agentctl": "agents",
    "logctl": "logs",
    "cronctl": "cron",
    "memctl": "memory",
    "hal-briefing": "briefing",
    "mailctl": "mail",
    "reportctl": "reports",
}
PROGRAMS = "|".join(("halo-engine", *MODULES, "halo-tui"))
COMMAND = re.compile(rf"(?<![\w.-])({PROGRAMS})(?= |$)([^`]*)")
LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ENDS = re.compile(r"[|;&<>#)]|\.\.\.|[A-Z]+$|.*\)")
"""A word after which nothing of a command is left to be checked, in a shell line or in a sentence about one."""


def between(page: Path, mark: str) -> str:
    """What stands between `<!-- mark: ... -->` and `<!-- /mark -->`."""
    found = re.search(rf"<!-- {mark}\b[^\n]*-->\n(.*?)<!-- /{mark} -->", page.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{page} has no <!-- {mark} --> and <!-- /{mark} -->"
    return found[1]


def must_be(page: Path, mark: str, wanted: str) -> None:
    if between(page, mark) != wanted:
        pytest.fail(f"put this into {page.relative_to(ROOT)}, between <!-- {mark} --> and its end:\n\n{wanted}")


def rows(page: Path, mark: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = between(page, mark).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")]


# tables


def test_the_table_of_states_is_the_engines() -> None:
    lines = ["| state | what can be done, and where it leads |", "| --- | --- |"]
    for state, moves in TRANSITIONS.items():
        lines.append(f"| `{state}` | {'; '.join(map(arrow, moves)) or 'nothing but `undo`'} |")
    must_be(DOCS / "tasks.md", "states", "\n".join(lines) + "\n")


def test_the_life_of_an_instance_is_the_engines() -> None:
    lines = ["| status | what can be done, and where it leads |", "| --- | --- |"]
    for status, moves in states.TRANSITIONS.items():
        told = "; ".join(f"`{move.verb}` → {move.to}" for move in moves)
        lines.append(f"| `{status}` | {told or 'nothing: it is over'} |")
    must_be(DOCS / "fleet.md", "life", "\n".join(lines) + "\n")


def test_the_dimensions_are_those_of_the_schema() -> None:
    lines = ["| dimension | 1 | 10 | default |", "| --- | --- | --- | --- |"]
    for name, each in schema(Workspace(ROOT / "nowhere")).dimensions.items():
        lines.append(f"| `{name}` | {each.low} | {each.high} | {each.default} |")
    must_be(DOCS / "personality.md", "dimensions", "\n".join(lines) + "\n")


def arrow(move: Move) -> str:
    verb = f"*{move.verb}*" if move.by_runner else f"`{move.verb}`"
    kinds = "" if move.kinds == EVERY else f" ({', '.join(sorted(move.kinds, reverse=True))})"
    return f"{verb} → {move.to or 'the state it came from'}{kinds}"


def test_the_fields_of_an_item_are_all_there() -> None:
    told = [name for row in rows(DOCS / "tasks.md", "item") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(told) == sorted(field.name for field in msgspec.structs.fields(Item))


def test_the_exit_codes_are_those_of_the_errors() -> None:
    told = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in rows(DOCS / "commands.md", "exit codes")}
    wanted: dict[str, set[str]] = {"0": set(), str(INTERRUPTED): set()}
    for error in kinds(HaloError):
        wanted.setdefault(str(error.exit_code), set()).add(error.kind)
    assert told == wanted


def kinds(error: type[HaloError]) -> Iterator[type[HaloError]]:
    for each in error.__subclasses__():
        yield each
        yield from kinds(each)


@pytest.mark.parametrize("name", files())
def test_every_setting_is_told_with_its_default(name: str) -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in rows(DOCS / "configuration.md", name)}
    assert told == dict(settings(files()[name]()))


def settings(model: msgspec.Struct, before: str = "") -> Iterator[tuple[str, str]]:
    for field, value in msgspec.structs.asdict(model).items():
        if isinstance(value, msgspec.Struct):
            yield from settings(value, f"{field}.")
        else:
            yield before + field, default(value)


def default(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, dict | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_keys_are_those_of_the_workstation() -> None:
    lines = ["| key | action | |", "| --- | --- | --- |"]
    for name, title in GROUPS.items():
        lines.append(f"| **{title}** | | |")
        for action in group(name):
            pressed = " ".join(f"`{shown(key)}`" for key in Keys().all(action.id))
            lines.append(f"| {pressed} | `{action.id}` | {action.description} |")
    must_be(DOCS / "workstation.md", "keys", "\n".join(lines) + "\n")


# commands


def tree(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command that has no commands of its own, by its words."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from tree(real(name, each), *path, name)
    else:
        yield path


def real(name: str, command: click.Command) -> click.Command:
    """The command itself, where it is imported when it is called."""
    return command.make_context(name, [], resilient_parsing=True).command


def told(page: Path) -> Iterator[tuple[str, list[str]]]:
    """The program and the words after it, of every command in the code of a page."""
    text = page.read_text(encoding="utf-8")
    fenced = [line[1] for fence in FENCE.findall(text) for line in SHELL.finditer(fence)]
    for code in (*fenced, *(found[1] or found[2] or "" for found in CODE.finditer(FENCE.sub("", text)))):
        for program, rest in COMMAND.findall(code):
            try:
                words = shlex.split(rest)
            except ValueError:  # a sentence, or a command within quotes
                words = rest.split()
            yield program, words


def followed(program: str, words: list[str]) -> tuple[tuple[str, ...], str]:
    """The command that the words name, by its path, and what is wrong with them (empty: nothing)."""
    command: click.Command = workstation if program == "halo-tui" else app
    path: tuple[str, ...] = ()
    words = [MODULES[program], *words] if program in MODULES else words
    for word in words:
        if ENDS.match(word):
            break
        if isinstance(command, click.Group) and not word.startswith("-"):
            if word not in command.commands:
                return path, f"{' '.join(path) or program} has no {word}"
            path, command = (*path, word), real(word, command.commands[word])
        elif re.match(r"--?[a-z]", word):
            options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
            if word.partition("=")[0] not in options | {"-h", "--help"}:
                return path, f"{' '.join(path) or program} has no {word}"
    return path, ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_speaks_of_a_command_that_does_not_exist(page: Path) -> None:
    wrong = [fault for program, words in told(page) if (fault := followed(program, words)[1])]
    assert not wrong


def test_every_command_is_told() -> None:
    spoken = {followed(*each)[0] for page in DOCS.glob("*.md") for each in told(page)}
    missing = [" ".join(path) for path in tree(app) if path not in spoken]
    assert not missing, "say what they do, in a page of docs/"


# links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for place, anchor in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(f"{place}#{anchor}" if anchor else place)
    assert not wrong


def anchors(page: Path) -> set[str]:
    """What a link may name in a page, as Markdown viewers make it of the headings."""
    titles = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_map_leads_to_every_page() -> None:
    linked = {(DOCS / place).resolve() for place, _ in LINK.findall((DOCS / "index.md").read_text(encoding="utf-8"))}
    assert not [page.name for page in DOCS.rglob("*.md") if page not in linked and page.name != "index.md"]
