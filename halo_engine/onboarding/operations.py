"""What onboarding brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

from collections import Counter
from random import Random

from halo_engine.modules import Check
from halo_engine.onboarding import commands, queries
from halo_engine.onboarding.bank import bank
from halo_engine.onboarding.projection import onboarding
from halo_engine.workspace import Workspace

PROJECTION = onboarding
SAMPLE = {
    "telegram:812": ("dad", ("hello", "yes", "yes", "4", "3", "2", "3", "5", "ok", "ok", "ok")),
    "telegram:813": ("mum", ("hello", "yes", "yes", "later", "ok")),
    "telegram:814": ("ben", ("hi", "no")),
}


def status(workspace: Workspace) -> list[Check]:
    """How many there are, and where they stand."""
    counts = Counter(user.state.value for user in queries.users(workspace)[0])
    said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    return [Check("onboarding", "ok", said or "nobody has written yet")]


def doctor(_: Workspace) -> list[Check]:
    """Whether the bank of texts and questions can be read."""
    found = bank()
    return [Check("onboarding texts", "ok", f"terms {found.terms}, {len(found.questions)} questions")]


def demo(workspace: Workspace, _: Random) -> None:
    """Three people: one through, one on the way, one who declined."""
    for user, (instance, texts) in SAMPLE.items():
        if queries.find(workspace, user) is None:
            for text in texts:
                commands.hear(workspace, user, text, instance=instance)


def live(workspace: Workspace, random: Random) -> None:
    """Now and then somebody writes."""
    if random.random() < 0.05:
        commands.hear(workspace, f"telegram:{random.randrange(815, 830)}", "ok", instance="gains")
