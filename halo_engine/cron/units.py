"""Jobs for those who have no cron: systemd timers, and CronJobs of Kubernetes."""

from __future__ import annotations

import shlex
from typing import Any

from halo_engine import times
from halo_engine.cron import crontab, jobs
from halo_engine.cron.expression import Expression
from halo_engine.cron.jobs import CatchUp, Job, Overlap
from halo_engine.errors import NotAllowed
from halo_engine.workspace import Workspace

WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
LONGEST = 52 - len("halo-")
"""Letters of a CronJob's name."""
FULL = (60, 24, 31, 12, 7)
"""How many values each field has."""
POLICIES = {Overlap.SKIP: "Forbid", Overlap.ALLOW: "Allow", Overlap.REPLACE: "Replace"}


def systemd(workspace: Workspace) -> dict[str, str]:
    """A timer and a service for each enabled job: file name -> text, for `~/.config/systemd/user`."""
    files = {}
    for name, job in _enabled(workspace).items():
        files[f"halo-{name}.timer"] = _timer(workspace, name, job)
        files[f"halo-{name}.service"] = _service(workspace, name)
    return files


def _timer(workspace: Workspace, name: str, job: Job) -> str:
    zone = job.timezone or workspace.settings.timezone or ""
    lines = [f"OnCalendar={each} {zone}".rstrip() for each in calendar(job.expression)]
    if job.catch_up is CatchUp.ONCE:
        lines.append("Persistent=true")
    body = "\n".join(["AccuracySec=1s", *lines])
    return f"[Unit]\nDescription=Halo job {name}\n\n[Timer]\n{body}\n\n[Install]\nWantedBy=timers.target\n"


def _service(workspace: Workspace, name: str) -> str:
    words = [crontab.program(), "run", name, "--due", "--workspace", str(workspace.root)]
    command = " ".join(shlex.quote(word) for word in words).replace("%", "%%")
    return f"[Unit]\nDescription=Halo job {name}\n\n[Service]\nType=oneshot\nExecStart={command}\n"


def calendar(expression: Expression) -> list[str]:
    """An expression as calendar events of systemd; one day rule each where either is enough."""
    months, days, hours, minutes = (
        _listed(values, full)
        for values, full in (
            (expression.months, FULL[3]),
            (expression.days, FULL[2]),
            (expression.hours, FULL[1]),
            (expression.minutes, FULL[0]),
        )
    )
    week = ",".join(WEEKDAYS[day] for day in sorted(expression.weekdays))
    every_weekday, every_day = len(expression.weekdays) == 7, len(expression.days) == FULL[2]
    clock = f"{hours}:{minutes}:00"
    by_month, by_week = f"*-{months}-{days} {clock}", f"{week} *-{months}-* {clock}"
    if expression.both:
        return [f"{'' if every_weekday else week + ' '}*-{months}-{days} {clock}"]
    return [f"*-{months}-* {clock}"] if every_weekday or every_day else [by_month, by_week]


def _listed(values: frozenset[int], full: int) -> str:
    return "*" if len(values) == full else ",".join(f"{value:02}" for value in sorted(values))


def kubernetes(workspace: Workspace, image: str, claim: str) -> list[dict[str, Any]]:
    """A CronJob for each enabled job, the workspace on a volume claim.

    Raises NotAllowed for a schedule that Kubernetes reads in another way, or a name that is too long for it.
    """
    return [_cron_job(workspace, name, job, image, claim) for name, job in _enabled(workspace).items()]


def _cron_job(workspace: Workspace, name: str, job: Job, image: str, claim: str) -> dict[str, Any]:
    if len(name) > LONGEST:
        raise NotAllowed(f"{name}: Kubernetes takes no name of more than {LONGEST} letters", "rename its file")
    container = {
        "name": "job",
        "image": image,
        "command": ["cronctl", "run", name, "--due", "--workspace", "/workspace"],
        "volumeMounts": [{"name": "workspace", "mountPath": "/workspace"}],
    }
    volume = {"name": "workspace", "persistentVolumeClaim": {"claimName": claim}}
    pod = {"restartPolicy": "Never", "containers": [container], "volumes": [volume]}
    zone = job.timezone or workspace.settings.timezone or times.machine_name()
    spec = {
        "schedule": _portable(name, job.expression),
        "timeZone": zone,
        "concurrencyPolicy": POLICIES[job.overlap],
        "startingDeadlineSeconds": 86_400 if job.catch_up is CatchUp.ONCE else 300,
        "jobTemplate": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
    }
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": f"halo-{name}"}, "spec": spec}


def _portable(name: str, expression: Expression) -> str:
    """The fields as lists, which every cron reads alike.

    Raises NotAllowed where a day must fit both rules: others run the job when it fits either.
    """
    week = frozenset(expression.weekdays)
    every_weekday, every_day = len(week) == 7, len(expression.days) == FULL[2]
    if expression.both and not every_weekday and not every_day:
        raise NotAllowed(f"{name}: Kubernetes cannot say that a day must fit month and week both", "split the job")
    either_is_any = not expression.both and (every_weekday or every_day)
    parts = [expression.minutes, expression.hours, expression.days, expression.months, week]
    texts = [
        "*" if len(values) == full else ",".join(map(str, sorted(values)))
        for values, full in zip(parts, FULL, strict=True)
    ]
    if either_is_any:
        texts[2] = texts[4] = "*"
    return " ".join(texts)


def _enabled(workspace: Workspace) -> dict[str, Job]:
    found, _ = jobs.load_all(workspace)
    return {name: job for name, job in found.items() if job.enabled and jobs.path_of(workspace, name).exists()}
