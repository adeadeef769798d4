"""FLEET.yaml: the operator's file. Read with every fault named, written so that comments and order survive."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from halo_engine import console
from halo_engine.errors import BadConfig, Conflict, NotFound
from halo_engine.fleet.files import locking, trees
from halo_engine.fleet.instance import Instance, Status
from halo_engine.workspace import Workspace, replace, writing

FILE = "FLEET.yaml"
FIRST = "# The fleet: one entry an instance. Edit it by hand if you like; comments and order stay.\ninstances: []\n"
IN_MANIFEST = frozenset({Status.ACTIVE, Status.FROZEN, Status.FOLDED})
ALWAYS = frozenset(
    {"name", "path", "telegram_bot_token_env", "personality", "services", "created", "status", "supervisor"}
)
DEFAULTS: dict[str, Any] = msgspec.to_builtins(Instance(name="any", path=""))
PATIENCE = 30.0
"""Seconds to wait for another command that writes the manifest."""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """FLEET.yaml."""

    instances: list[Instance] = []

    def find(self, name: str) -> Instance | None:
        return next((each for each in self.instances if each.name == name), None)


class Good(Struct, frozen=True):
    """The last manifest that was right, and the hash of the file that it came from."""

    hash: str
    manifest: Manifest


def path(workspace: Workspace) -> Path:
    return workspace.root / FILE


def read(workspace: Workspace) -> Manifest:
    """The fleet as FLEET.yaml has it; the last one that was right, with a word on stderr, when the file is not.

    For looking. What changes something reads with `checked`.
    """
    try:
        return checked(workspace)
    except BadConfig as error:
        good = _last_good(workspace)
        if good is None:
            raise
        console.note(f"{error.message}\n{FILE} is wrong; this is the fleet as it was when the file was right")
        return good.manifest


def checked(workspace: Workspace) -> Manifest:
    """The fleet as FLEET.yaml has it.

    Raises BadConfig naming file, line and key of every fault; nothing is changed then.
    """
    place = path(workspace)
    raw = _bytes(place)
    digest = hashlib.sha256(raw or b"").hexdigest()
    good = _last_good(workspace)
    if good is not None and good.hash == digest:
        return good.manifest
    found = parsed(raw, str(place)) if raw is not None else Manifest()
    if good is not None:
        _refuse_cut(workspace, found, raw, good.manifest)
    if raw is not None:
        _remember(workspace, raw, found)
    return found


def parsed(raw: bytes, name: str) -> Manifest:
    """The manifest that these bytes are; `name` is the file, for messages.

    Raises BadConfig.
    """
    from halo_engine.configuration import load

    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadConfig(f"{name}:{line}: not UTF-8") from error
    found = load(text, Manifest, name)
    _refuse_twins(found, text, name)
    return found


def _refuse_twins(found: Manifest, text: str, name: str) -> None:
    """Names, folders and ports belong to one instance each."""
    owners: dict[tuple[str, str], str] = {}
    for place, each in enumerate(found.instances):
        if each.status not in IN_MANIFEST:
            allowed = ", ".join(sorted(IN_MANIFEST))
            raise BadConfig(f"{name}: instances[{place}].status: an entry is one of {allowed}, not {each.status}")
        has = [("name", each.name), ("path", each.path), *(("port", str(port)) for port in each.ports.values())]
        if each.telegram_bot_token_env:
            has.append(("telegram_bot_token_env", each.telegram_bot_token_env))
        for key in has:
            if key in owners:
                line = _line_of(text, key[1])
                raise BadConfig(f"{name}:{line}: {key[0]} {key[1]} is of {owners[key]} and of {each.name}")
            owners[key] = each.name
        inside = [mount.name for mount in each.mounts]
        if len(set(inside)) < len(inside):
            raise BadConfig(f"{name}: instances[{place}].mounts: two of one name: {', '.join(inside)}")


def _refuse_cut(workspace: Workspace, found: Manifest, raw: bytes | None, before: Manifest) -> None:
    """A file that is gone, empty, or ends in the middle of an entry takes nobody out of the fleet: that is done by
    taking the whole entry out, all of them with `instances: []`.
    """
    place = path(workspace)
    hint = f"the last right one is {_copy(workspace)}: put it back, or mend this one"
    if before.instances and not found.instances and b"instances" not in (raw or b""):
        said = "is gone" if raw is None else "is empty"
        meant = f"{hint}; `instances: []` is a fleet of nobody"
        raise BadConfig(f"{place} {said}, and was the fleet of {len(before.instances)}", meant)
    for each in found.instances[-1:]:
        was = before.find(each.name)
        lost = [f"ports.{name}" for name in was.ports if name not in each.ports] if was else []
        lost += ["created"] if was and was.created and not each.created else []
        if lost:
            line, meant = _line_of((raw or b"").decode(), each.name), f"{hint}; if it was meant: rm {_good(workspace)}"
            raise BadConfig(f"{place}:{line}: {each.name} has lost {', '.join(lost)}: was the file cut off?", meant)


def _line_of(text: str, value: str) -> int:
    """The last line that ends in a value: of two that claim the same, the later is at fault."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.rstrip("'\" ").endswith(value)]
    return lines[-1] if lines else 1


def _bytes(place: Path) -> bytes | None:
    """Raises BadConfig when there is something that is not a plain file of ours."""
    try:
        with trees.plain(place) as descriptor, open(descriptor, "rb", closefd=False) as file:
            _refuse_foreign(place, os.fstat(descriptor))
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            said = "is a symbolic link: whoever can change where it leads would own the fleet"
            raise BadConfig(f"{place} {said}") from error
        raise BadConfig(f"{place} cannot be read: {error.strerror}") from error


def _refuse_foreign(place: Path, status: os.stat_result) -> None:
    """The manifest says which folders are moved and deleted: only who owns the workspace may write it."""
    if status.st_mode & stat.S_IWOTH:
        raise BadConfig(f"{place} can be written by anybody", f"chmod o-w {place}")
    if status.st_uid not in {os.geteuid(), 0, place.parent.stat().st_uid}:
        raise BadConfig(f"{place} belongs to user {status.st_uid}, and is your fleet", f"chown {os.geteuid()} {place}")


def _copy(workspace: Workspace) -> Path:
    """The text of the last manifest that was right, for whoever has lost it."""
    return workspace.store / FILE


def _good(workspace: Workspace) -> Path:
    return workspace.store / "fleet-manifest.json"


def _last_good(workspace: Workspace) -> Good | None:
    try:
        return msgspec.json.decode(_good(workspace).read_bytes(), type=Good)
    except (OSError, msgspec.MsgspecError):
        return None


def _remember(workspace: Workspace, raw: bytes, found: Manifest) -> None:
    """Keep the last good one; where nothing can be written the file is read again next time."""
    if workspace.dry_run:
        return
    try:
        _good(workspace).parent.mkdir(parents=True, exist_ok=True)
        good = Good(hashlib.sha256(raw).hexdigest(), found)
        replace(_copy(workspace), raw.decode())
        replace(_good(workspace), msgspec.json.encode(good).decode())
    except OSError:
        return


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Alone with the manifest and the allotting of names and ports, over all processes of this machine.

    Raises Conflict when another command keeps it for too long. Nothing is locked in a dry run.
    """
    if workspace.dry_run:
        yield
        return
    with writing(workspace.run):
        workspace.run.mkdir(parents=True, exist_ok=True)
        file = (workspace.run / "fleet.lock").open("w")
    with file:
        if not locking.taken(file, PATIENCE):
            raise Conflict("another command has been writing FLEET.yaml for long", "repeat in a moment")
        yield


def put(workspace: Workspace, *instances: Instance) -> None:
    """Write entries: in their place when they are there, at the end when not. Nothing when they are so already.

    Raises BadConfig when the file is wrong: it is the operator's to mend, and left as it is.
    """

    def change(entries: Any) -> None:
        for instance in instances:
            found = next((each for each in entries if each.get("name") == instance.name), None)
            if found is None:
                entries.append(as_entry(instance))
            else:
                _amend(found, instance)

    _write(workspace, change)


def remove(workspace: Workspace, name: str) -> None:
    """Take an entry out. Nothing when there is none."""

    def change(entries: Any) -> None:
        for place in [place for place, entry in enumerate(entries) if entry.get("name") == name]:
            del entries[place]

    _write(workspace, change)


def _amend(entry: Any, instance: Instance) -> None:
    """Change what differs, and nothing else. New keys go before the last one, which owns the comments below it."""
    for key, value in msgspec.to_builtins(instance).items():
        if key not in entry and value != DEFAULTS[key]:
            entry.insert(len(entry) - 1, key, value)
        elif key in entry and entry[key] != value:
            entry[key] = value


def as_entry(instance: Instance) -> dict[str, Any]:
    """A new entry: what is as by default is left out, but for what everybody looks for."""
    data = msgspec.to_builtins(instance)
    return {key: value for key, value in data.items() if key in ALWAYS or value != DEFAULTS[key]}


def _write(workspace: Workspace, change: Callable[[Any], None]) -> None:
    """Change the entries under the lock, keeping all else of the file as it is."""
    if workspace.dry_run:
        return
    with locked(workspace):
        place = path(workspace)
        checked(workspace)
        before = (_bytes(place) or FIRST.encode()).decode()
        after = _changed(before, change)
        if after != before:
            found = parsed(after.encode(), str(place))
            with writing(place):
                replace(place, after)
            _remember(workspace, after.encode(), found)


def _changed(text: str, change: Callable[[Any], None]) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    offset = 2 if "\n  - " in text else 0
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    data = yaml.load(text) or {}
    if not data.get("instances"):
        data["instances"] = []
    entries = data["instances"]
    if hasattr(entries, "fa"):
        entries.fa.set_block_style()
    before = repr(data)
    change(entries)
    if repr(data) == before:
        return text
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def entry(workspace: Workspace, name: str) -> Instance:
    """The entry of that name, of a manifest that is right.

    Raises NotFound, BadConfig.
    """
    found = checked(workspace).find(name)
    if found is None:
        raise NotFound(f"no instance {name[:80]} in {FILE}", "halctl list")
    return found
