"""Jobs for those who have no cron: systemd timers, and CronJobs of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from halo_engine import clock, times
from halo_engine.cron import crontab, jobs
from halo_engine.cron.calendars import FULL, beside, calendar
from halo_engine.cron.expression import Expression
from halo_engine.cron.jobs import CatchUp, Job, Overlap
from halo_engine.errors import NotAllowed, Usage
from halo_engine.unit_files import quoted
from halo_engine.workspace import Workspace

LONGEST = 52 - len("halo-")
"""Letters of a CronJob's name."""
CLAIM = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
LONGEST_CLAIM = 253
POLICIES = {Overlap.SKIP: "Forbid", Overlap.ALLOW: "Allow", Overlap.REPLACE: "Replace"}


def systemd(workspace: Workspace, on: Mapping[str, Job]) -> dict[str, str]:
    """A timer and a service for each job that is `on`: file name -> text, for `~/.config/systemd/user`."""
    files = {}
    for name, job in on.items():
        files[f"halo-{name}.timer"] = _timer(workspace, name, job)
        files[f"halo-{name}.service"] = _service(workspace, name)
    return files


def _timer(workspace: Workspace, name: str, job: Job) -> str:
    zone = job.timezone or workspace.settings.timezone or times.told()
    lines = [f"OnCalendar={each} {zone}".rstrip() for each in calendar(job.expression)]
    more = beside(job.expression, jobs.zone_of(workspace, job), clock.now().timestamp())
    if more:
        lines += ["# for the changes of the clocks", *(f"OnCalendar={each}" for each in more)]
    if job.catch_up is CatchUp.ONCE:
        lines.append("Persistent=true")
    body = "\n".join(["AccuracySec=1s", *lines])
    return f"[Unit]\nDescription=Halo job {name}\n\n[Timer]\n{body}\n\n[Install]\nWantedBy=timers.target\n"


def _service(workspace: Workspace, name: str) -> str:
    words = [crontab.program(), "run", name, "--due", "--workspace", str(workspace.root)]
    lines = [f"Environment={quoted(f'TZ={times.told()}')}"] if times.told() else []
    body = "\n".join(["Type=oneshot", *lines, f"ExecStart={' '.join(map(quoted, words))}"])
    return f"[Unit]\nDescription=Halo job {name}\n\n[Service]\n{body}\n"


def kubernetes(workspace: Workspace, on: Mapping[str, Job], image: str, claim: str) -> list[dict[str, Any]]:
    """A CronJob for each job that is `on`, the workspace on a volume claim.

    Raises NotAllowed for a schedule that Kubernetes reads in another way, or a name that is too long for it; Usage for
    an image or a claim that cannot be one.
    """
    if not re.fullmatch(r"\S+", image):
        raise Usage(f"{image[:60]!r} is no image", "--image halo:1")
    if not CLAIM.fullmatch(claim) or len(claim) > LONGEST_CLAIM:
        raise Usage(f"{claim[:60]!r} is no name of a volume claim", "small letters, digits, `-` and `.`: --claim halo")
    return [_cron_job(workspace, name, job, image, claim) for name, job in on.items()]


def _cron_job(workspace: Workspace, name: str, job: Job, image: str, claim: str) -> dict[str, Any]:
    if len(name) > LONGEST:
        raise NotAllowed(f"{name}: Kubernetes takes no name of more than {LONGEST} letters", "rename its file")
    zone = job.timezone or workspace.settings.timezone or times.own_name()
    if not zone:
        raise NotAllowed(f"{name}: this machine does not tell the name of its time zone", "set `timezone` in halo.yaml")
    container = {
        "name": "job",
        "image": image,
        "command": ["cronctl", "run", name, "--due", "--workspace", "/workspace"],
        "env": [{"name": "TZ", "value": zone}],  # a schedule without a zone is read there as here
        "volumeMounts": [{"name": "workspace", "mountPath": "/workspace"}],
    }
    volume = {"name": "workspace", "persistentVolumeClaim": {"claimName": claim}}
    pod = {"restartPolicy": "Never", "containers": [container], "volumes": [volume]}
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
