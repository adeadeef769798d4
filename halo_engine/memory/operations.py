"""What memory brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

from random import Random

from halo_engine.memory import index as indices
from halo_engine.memory import queries
from halo_engine.memory.config import FILE, folder, memory_settings
from halo_engine.memory.projection import memory
from halo_engine.memory.sync import faults, looked
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = memory
SHOWN = 3


def status(workspace: Workspace) -> list[Check]:
    """How many notes there are, and those with something wrong in their file."""
    with looked(workspace) as index:
        counts = queries.counts(index)
        wrong = faults(index)["faults"]
    said = f"{counts['current']:,} notes" + f", {counts['archived']:,} archived" * bool(counts["archived"])
    checks = [Check("memory", "ok", said)]
    if wrong:
        named = "; ".join(f"{path}: {fault}" for path, fault in list(wrong.items())[:SHOWN])
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        checks.append(Check("notes", "wrong", named + more, "mend the file in an editor"))
    return checks


def doctor(workspace: Workspace) -> list[Check]:
    """Whether notes can be kept, and whether the index is what the files say."""
    settings, root = memory_settings(workspace), folder(workspace)
    checks = [Check(FILE, "ok", f"notes in {root}, types {', '.join(settings.types)}")]
    with indices.reading(workspace) as index:
        known = index.count
    if known and not root.exists():
        checks.append(
            Check("memory folder", "wrong", f"{root} is not there; {known:,} notes were", "is the disk mounted?")
        )
        return checks
    with looked(workspace) as index:
        wanted = queries.missing(index)
    if wanted:
        named = ", ".join(f"{name} ({len(ids)})" for name, ids in wanted[:SHOWN])
        checks.append(
            Check("links", "note", f"{len(wanted)} names are linked and not written yet: {named}", "memctl new")
        )
    return checks


def demo(workspace: Workspace, random: Random) -> None:
    """What the sample family's assistants have come to know."""
    from halo_engine.memory.sample import fill

    fill(workspace, random)


def live(workspace: Workspace, random: Random) -> None:
    """Now and then one more thing is learnt, or looked up."""
    from halo_engine.memory.sample import step

    step(workspace, random)
