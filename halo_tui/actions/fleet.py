"""What can be done on the Fleet screen."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"fleet": "Fleet"}

ACTIONS = (
    Action("fleet.filter", "slash", "filter", "Filter as you type", "filter", "halctl list"),
    Action("fleet.create", "n", "new", "Make an instance", "create", "halctl create --name {name}", changes=True),
    Action("fleet.push", "p", "push", "Push governance to this instance", "push", "halctl push {name}", changes=True),
    Action(
        "fleet.push_all",
        "P",
        "push all",
        "Push governance to all that are active",
        "push_all",
        "halctl push --all",
        changes=True,
    ),
    Action("fleet.smoke", "s", "smoke", "Run the fifteen checks", "smoke", "halctl smoke {name}"),
    Action(
        "fleet.freeze",
        "f",
        "freeze",
        "Stop it; its data is kept",
        "live('freeze')",
        "halctl freeze {name}",
        changes=True,
    ),
    Action(
        "fleet.reset",
        "r",
        "reset",
        "Make a frozen one active again",
        "live('reset')",
        "halctl reset {name}",
        changes=True,
    ),
    Action("fleet.fold", "o", "fold", "Archive it", "live('fold')", "halctl fold {name}", changes=True),
    Action(
        "fleet.unfold", "u", "unfold", "Bring a folded one back", "live('unfold')", "halctl unfold {name}", changes=True
    ),
    Action(
        "fleet.rollback", "b", "rollback", "The governance before", "rollback", "halctl rollback {name}", changes=True
    ),
    Action("fleet.verify", "v", "verify", "Is the lock as it was?", "verify", "halctl verify {name}"),
    Action(
        "fleet.fry",
        "D",
        "fry",
        "Delete it for good",
        "fry",
        "halctl fry {name} --confirm",
        dangerous=True,
        changes=True,
    ),
)
