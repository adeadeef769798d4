"""Where a plan's text comes from when none is handed in: the model, or the operator's editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from halo_engine import llm
from halo_engine.errors import Unavailable, Usage
from halo_engine.tasks import queries
from halo_engine.tasks.planning import plans
from halo_engine.tasks.planning.xml import LARGEST
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace


def text_for(workspace: Workspace, item_id: str) -> str | None:
    """A plan for an item: generated when a key is configured, else as edited; None when it was left as it is.

    Raises Usage when there is neither a key nor a terminal to edit in, BadData for a plan with faults.
    """
    item = queries.item(workspace, item_id)
    if by_model(workspace, item):
        return plans.generate(workspace.settings.llm, item)
    there = queries.plan(workspace, item_id)
    before = there.xml if there else plans.template(item)
    after = edited(before, f"{item.id}.xml")
    return after if after != before else None


def intention(workspace: Workspace, item_id: str) -> str:
    """What `text_for` would do, in words. Raises Usage likewise."""
    item = queries.item(workspace, item_id)
    if by_model(workspace, item):
        return f"would ask {workspace.settings.llm.model} for a plan for {item.id}"
    return f"would open a plan for {item.id} in {' '.join(editor())}"


def by_model(workspace: Workspace, item: Item) -> bool:
    """Whether the model writes the plan; else the operator does.

    Raises Usage when there is neither a key nor a terminal to edit in.
    """
    if llm.configured(workspace.settings.llm):
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage(
            f"no plan for {item.id}: no language model is configured and there is no terminal to edit in",
            f"nightctl plan {item.id} --from FILE",
        )
    return False


def text_of(file: BinaryIO) -> str:
    """The plan that a file holds, at most a little of what is too much.

    Raises BadData when it is too large or not UTF-8.
    """
    return plans.text(file.read(LARGEST + 1))


def edited(text: str, name: str) -> str:
    """The text after the operator has edited it in $VISUAL or $EDITOR.

    Raises Unavailable when the editor cannot be started or fails.
    """
    program = editor()
    with tempfile.TemporaryDirectory(prefix="halo-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*program, str(path)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unavailable(f"the editor {program[0]} failed: {error}", "set EDITOR, or use --from FILE") from error
        return path.read_text(encoding="utf-8")


def editor() -> list[str]:
    """The operator's editor, as words."""
    return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
