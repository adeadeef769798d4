"""The fifteen checks, in the order in which they are made."""

from __future__ import annotations

from halo_engine.alerts.states import Severity
from halo_engine.fleet.smoke import folder, life
from halo_engine.fleet.smoke.subject import Check

CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING

CHECKS = (
    Check("exists", CRITICAL, folder.exists, "halctl restore {name}, or halctl unfold {name}", quick=True),
    Check("process", CRITICAL, life.process, "halctl reset {name}", 15, ("exists",), quick=True),
    Check("heartbeat", CRITICAL, life.heartbeat, "halctl freeze {name}, then halctl reset {name}", quick=True),
    Check("database", CRITICAL, life.database, "halctl restore {name}", 30, ("exists",)),
    Check("onboarding", WARNING, life.onboarding, "halo-engine events verify", 10),
    Check("operator", WARNING, life.operator, "halctl create --name {name} again", 10, ("database",)),
    Check("templates", WARNING, folder.templates, "halctl push {name}", 10, ("exists",)),
    Check("governance", CRITICAL, folder.governed, "halctl push {name} --accept-drift", 10, ("exists",), quick=True),
    Check("lock", CRITICAL, folder.locked, "halctl push {name} --accept-drift", 30, ("exists", "governance")),
    Check("proxy", WARNING, life.routing, "see ports in FLEET.yaml, and llm in halo.yaml"),
    Check(
        "permissions",
        CRITICAL,
        folder.writable,
        "chown and chmod the folder, or mend the mount, that is named",
        needs=("exists",),
    ),
    Check(
        "credentials", CRITICAL, folder.credentials, "move it out of the tree, and change the secret", 60, ("exists",)
    ),
    Check("ports", CRITICAL, life.ports, "end who is there, or change ports in FLEET.yaml", 10, ("process",)),
    Check("growth", WARNING, folder.growth, "make room; logctl sources shows the logs", 15, ("exists",), quick=True),
    Check("round trip", CRITICAL, life.round_trip, "logctl tail --instance {name}", 120, ("process", "database")),
)

BUDGET = Check("budget", WARNING, life.budget, "raise budget in FLEET.yaml, or wait for tomorrow", quick=True)
ANSWERING = Check("answers", CRITICAL, life.answering_messages, "logctl errors --instance {name}", quick=True)
QUICK = (*(check for check in CHECKS if check.quick), ANSWERING, BUDGET)
"""What `health` looks at: files and the process table, no program is asked a question that it must think about."""
