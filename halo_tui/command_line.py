"""Any Halo command, typed: what may follow (from click's own tree), and how it is started."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from halo_engine.errors import Usage

PROGRAMS = {
    "nightctl": "halo_engine.tasks.cli",
    "agentctl": "halo_engine.agents.cli",
    "logctl": "halo_engine.logs.cli",
    "cronctl": "halo_engine.cron.cli",
    "halo-engine": "halo_engine.cli",
    "halctl": "halo_engine.fleet.cli",
    "memctl": "halo_engine.memory.cli",
    "mailctl": "halo_engine.mail.cli",
    "reportctl": "halo_engine.reports.cli",
    "hal-briefing": "halo_engine.briefings.cli",
}
"""The commands of Halo, and the module whose `main` each is."""
PATHS = 200
"""Entries of a folder that are offered."""


def app_of(program: str) -> click.Group:
    """The click application of a program."""
    from importlib import import_module

    app: click.Group = import_module(PROGRAMS[program]).app
    return app


def whole(line: str) -> list[str]:
    """A command line as words, with the program: `block T-042` is `nightctl block T-042`.

    Raises Usage for a line that cannot be read.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise Usage(f"this line cannot be read: {error}", "close the quotes") from error
    if not words:
        raise Usage("no command was given", "nightctl list")
    if words[0] in PROGRAMS:
        return words
    program = next((name for name in PROGRAMS if words[0] in app_of(name).commands), None)
    if program is None:
        raise Usage(f"no Halo command is called {words[0]}", f"they are: {', '.join(PROGRAMS)}")
    return [program, *words]


def argv(line: str) -> tuple[str, list[str]]:
    """A command line in full, and how to start it with this same Python.

    Raises Usage.
    """
    program, *words = whole(line)
    start = [sys.executable, "-P", "-c", f"from {PROGRAMS[program]} import main; main()"]
    return shlex.join([program, *words]), [*start, *words]


def follows(text: str) -> Sequence[tuple[str, str]]:
    """What may stand as the last word of a line, each with its help."""
    head, _, last = text.rpartition(" ")
    try:
        words = shlex.split(head)
    except ValueError:
        return []
    if not words:
        return [found for found in _programs() if found[0].startswith(last)]
    try:
        program, *before = whole(head)
    except Usage:
        return []
    return _completed(program, before, last)


def _programs() -> list[tuple[str, str]]:
    helps = [(name, app_of(name).get_short_help_str(80)) for name in PROGRAMS]
    verbs = [(name, command.get_short_help_str(80)) for name, command in app_of("nightctl").commands.items()]
    return helps + verbs


def _completed(program: str, before: list[str], last: str) -> list[tuple[str, str]]:
    from click.shell_completion import ShellComplete

    completer = ShellComplete(app_of(program), {}, program, "_HALO_COMPLETE")
    found = completer.get_completions(before, last)
    if not found and not last.startswith("-"):
        found = completer.get_completions(before, "--")
        return [(each.value, each.help or "") for each in found] if not last else []
    if any(each.type in {"file", "dir"} for each in found):
        return list(paths_like(last))
    return [(each.value, each.help or "") for each in found if each.value.startswith(last)]


def paths_like(text: str) -> Sequence[tuple[str, str]]:
    """Files and folders whose path begins so."""
    text = text.rpartition(" ")[2]
    folder, _, start = text.rpartition("/")
    place = Path(f"{folder}/" if text.startswith("/") or folder else ".").expanduser()
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)[:PATHS]
    except OSError:
        return []
    shown = [entry for entry in entries if entry.name.startswith(start) and (start or not entry.name.startswith("."))]
    return [(f"{folder}/{_name(entry)}" if folder or text.startswith("/") else _name(entry), "") for entry in shown]


def _name(entry: os.DirEntry[str]) -> str:
    return f"{entry.name}/" if entry.is_dir() else entry.name
