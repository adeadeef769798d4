"""What a listing shows: paths, which are the same however they were listed."""

from __future__ import annotations

import re
import shlex
from typing import Any

from halo_engine.agents.spin.tools import bare, command_of, path_of

TOOLS = re.compile(r"(?:^|_)(?:glob|ls|list_?(?:dir(?:ectory)?|files?))$", re.IGNORECASE)
COMMANDS = re.compile(r"(?:ls|ll|find|fd|tree|exa|eza|git\s+ls-files|rg\s+--files)\b[^|;&<>`$]*$")
LONG = re.compile(r"[-dlbcps][rwxstST-]{9}[.+@]?\s+(?:\S+\s+){7}(?=\S)")
BRANCH = re.compile(r"^[\s│├└─|`\xa0-]*[─-][\s\xa0]+")
PARTS = 3
"""Of a path: the file and the folders that hold it."""
INDENT = 4
"""Columns that `tree` goes in for each level."""


def listed(tool: str, arguments: dict[str, Any], text: str) -> str | None:
    """The paths that a call listed, one a line, each by its last parts; None for a call that lists nothing."""
    command = bare(command_of(arguments))
    if not (COMMANDS.match(command) if command else TOOLS.search(tool)):
        return None
    place = folder(command) if command else path_of(arguments)
    found, above = [], [place]
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            place = line[:-1]
            continue
        branch = BRANCH.match(line)
        name = LONG.sub("", line[branch.end() :] if branch else line).strip().removeprefix("./").rstrip("/*@")
        if branch:
            above[max(1, branch.end() // INDENT) :] = [name]
            name = "/".join(above)
        if name and not line.startswith("total "):
            found.append(shortened(name if "/" in name or branch else f"{place}/{name}"))
    return "\n".join(found)


def shortened(path: str) -> str:
    """The last parts of a path, empty ones and `.` left out."""
    return "/".join([part for part in path.split("/") if part not in {"", ".", ".."}][-PARTS:])


def folder(command: str) -> str:
    """What a command lists; empty where it does not say."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return next((word for word in words[1:] if not word.startswith("-") and not word.isdigit()), "")
