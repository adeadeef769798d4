"""Edits of FLEET.yaml by hand become events, so that the history has them too."""

from __future__ import annotations

from typing import Any

import msgspec

from halo_engine import console
from halo_engine.errors import BadConfig, Conflict, Unavailable
from halo_engine.events.model import New, Payload
from halo_engine.events.store import opened
from halo_engine.fleet import manifest
from halo_engine.fleet.events import InstanceAdopted, InstanceEdited, InstanceForgotten
from halo_engine.fleet.instance import Instance, Template
from halo_engine.fleet.projection import fleet
from halo_engine.fleet.states import LIVE
from halo_engine.fleet.store import Record
from halo_engine.workspace import Workspace

OURS = frozenset({"template"})
"""Fields that the history decides: where the file has them otherwise, the file is put right."""


def sync(workspace: Workspace) -> list[str]:
    """Take in what was changed by hand; returns it in words. An instance with a command under way is left alone.

    Does nothing in a dry run, in the past, and while the file is wrong or the log cannot be written.
    """
    if workspace.dry_run or workspace.moment is not None:
        return []
    try:
        found = manifest.checked(workspace)
    except BadConfig:
        return []
    with opened(workspace, fleet) as store:
        records = {record.name: record for record in store.select(Record)}
    words = []
    for name, kind, payload, said in _facts(found, records):
        record = records.get(name)
        new = New(f"fleet/{name}", f"fleet.instance.{kind}", payload, expected=record.version if record else 0)
        try:
            workspace.log.append([new])
        except (Conflict, Unavailable):  # another command takes it in, or the next one will
            continue
        words.append(said)
    _put_right(workspace, found, records)
    return words


def synced(workspace: Workspace) -> None:
    """`sync`, with a word on stderr for what was taken in."""
    for said in sync(workspace):
        console.note(f"taken in from {manifest.FILE}: {said}")


def _facts(found: manifest.Manifest, records: dict[str, Record]) -> list[tuple[str, str, Payload, str]]:
    facts: list[tuple[str, str, Payload, str]] = []
    for instance in found.instances:
        record = records.get(instance.name)
        entry = msgspec.to_builtins(instance)
        if record is None or (record.status not in LIVE and not record.operation):
            facts.append((instance.name, "adopted", InstanceAdopted(entry), f"{instance.name} is new"))
        elif not record.operation and (changes := _changes(entry, record)):
            said = ", ".join(f"{key} {value}" for key, value in changes.items())
            facts.append((instance.name, "edited", InstanceEdited(changes), f"{instance.name}: {said}"))
    there = {each.name for each in found.instances}
    facts += [
        (name, "forgotten", InstanceForgotten(), f"{name} is not in the fleet any more; its folder is left alone")
        for name, record in records.items()
        if record.status in LIVE and not record.operation and name not in there
    ]
    return facts


def _changes(entry: dict[str, Any], record: Record) -> dict[str, Any]:
    """What differs from what the history has; there, a setting that is newer than it is as by default."""
    before = manifest.DEFAULTS | record.entry
    return {key: value for key, value in entry.items() if key not in OURS and value != before.get(key)}


def _put_right(workspace: Workspace, found: manifest.Manifest, records: dict[str, Record]) -> None:
    """Write what a command that was killed did not come to write."""
    wrong: list[Instance] = []
    for instance in found.instances:
        record = records.get(instance.name)
        if record is None or record.operation or not record.template:
            continue
        template = Template(record.template, record.template_hash)
        if instance.template != template:
            wrong.append(msgspec.structs.replace(instance, template=template))
    if wrong:
        manifest.put(workspace, *wrong)
