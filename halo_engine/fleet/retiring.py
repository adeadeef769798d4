"""`fold`, `unfold` and `fry`: an instance leaves the fleet, for a while or for good."""

from __future__ import annotations

import os
from pathlib import Path

from halo_engine import clock, console
from halo_engine.errors import BadData, Failed, NotAllowed, Unavailable
from halo_engine.fleet import lifecycle, manifest
from halo_engine.fleet.config import Base
from halo_engine.fleet.events import InstanceFolded, InstanceFried, InstanceMoved, OperationBegun
from halo_engine.fleet.faults import point
from halo_engine.fleet.files import archive, trees
from halo_engine.fleet.instance import Layout, Status, folder
from halo_engine.fleet.lifecycle import changing
from halo_engine.fleet.presence.home import elsewhere, home, settle, taking_over
from halo_engine.fleet.provisioning.saga import withdraw
from halo_engine.fleet.recording import Changed, Recording, alone, known, recording
from halo_engine.fleet.syncing import synced
from halo_engine.workspace import Workspace, writing


def fold(workspace: Workspace, name: str) -> Changed:
    """Stop an instance and archive its folder; the archive is read back and compared before the folder goes.

    Raises Failed when the archive is not like the folder; the folder stays then.
    """
    with changing(workspace, name, "fold") as record:
        place, base = folder(workspace, record.instance), Base(workspace)
        if record.record.status is Status.FOLDED:
            left = _finished(record, place, base)
            return record.changed(
                f"{name} is folded already" + ("; what was left of its folder is gone" if left else "")
            )
        trees.guard(base.root, place)
        if workspace.dry_run:
            record.append("fleet.operation.begun", OperationBegun("fold"))
            record.append("fleet.instance.folded", InstanceFolded("", "", 0, 0))
            return record.changed("", f"{place} would be stopped, archived below {base.archive}, and removed")
        lifecycle.refuse_strangers(record)
        _begin(record, "fold")
        lifecycle.stop(record, forget=True)
        point("fold.stopped")
        settle(Layout(place), first=True)
        folded = _archived(record, place, base)
        record.put(status=Status.FOLDED)
        point("fold.written")
        record.append("fleet.instance.folded", folded)
        point("fold.recorded")
        trees.discard(base.root, base.staging, place)
        return record.changed(
            f"{name} is folded: {folded.files:,} files, {folded.size:,} bytes, read back and compared"
        )


def _begin(record: Recording, verb: str) -> None:
    if record.record.operation != verb:
        record.append("fleet.operation.begun", OperationBegun(verb))
    point(f"{verb}.begun")


def _archived(record: Recording, place: Path, base: Base) -> InstanceFolded:
    name = f"{record.name}-{clock.stamp()[:19].replace(':', '').replace('-', '')}Z{archive.SUFFIX}"
    with writing(base.archive):
        base.archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in base.archive.glob(f".{record.name}-*.new"):
            old.unlink()
        draft = base.archive / f".{name}.new"
        written = archive.write(place, draft)
        point("fold.archived")
        if archive.read(draft) != written or archive.listing(place) != written:
            draft.unlink()
            raise Failed(
                f"the archive of {record.name} is not like its folder: the folder stays", "repeat; is it in use?"
            )
        draft.replace(base.archive / name)
    point("fold.verified")
    target = base.archive / name
    files = sum(entry.kind != "folder" for entry in written.values())
    return InstanceFolded(name, archive.checksum(target), target.stat().st_size, files)


def _finished(record: Recording, place: Path, base: Base) -> bool:
    """What a fold that was killed after its record left to do; whether it did."""
    if record.workspace.dry_run:
        return False
    trees.sweep(base.staging)
    if not os.path.lexists(place):
        return False
    held = _held(record, base)
    if archive.read(held) != archive.listing(place):
        raise NotAllowed(f"{record.name} is folded, but {place} is there and differs from {held}", "move it away")
    trees.discard(base.root, base.staging, place)
    return True


def _held(record: Recording, base: Base) -> Path:
    """The archive of a folded instance, which is as it was.

    Raises Unavailable when it is not there, BadData when it was changed.
    """
    held = base.archive / record.record.archive
    if not held.is_file() or held.is_symlink():
        raise Unavailable(f"the archive {held} is not there", "put it back; nothing was changed")
    if archive.checksum(held) != record.record.archive_hash:
        raise BadData(f"{held} is not what was archived: its checksum differs", "nothing was changed")
    return held


def unfold(workspace: Workspace, name: str) -> Changed:
    """Bring a folded instance back, byte for byte, and frozen. The archive stays until the instance is fried.

    Raises BadData when the archive was changed, NotAllowed when something else is in its place.
    """
    with changing(workspace, name, "unfold") as record:
        if record.record.status is Status.FROZEN:
            return record.changed(f"{name} is not folded: it is frozen already")
        place, base = folder(workspace, record.instance), Base(workspace)
        held = _held(record, base)
        if workspace.dry_run:
            record.append("fleet.operation.begun", OperationBegun("unfold"))
        else:
            _bring_back(record, held, place, base)
        record.put(status=Status.FROZEN)
        point("unfold.written")
        record.append("fleet.instance.unfolded", InstanceMoved(Status.FROZEN, f"from {held.name}"))
        away = elsewhere(home(Layout(place)), Layout(place))
        then = f"{away}; {taking_over(name)}" if away else f"`halctl reset {name}` starts it"
        return record.changed(
            f"{name} is back, byte for byte, and frozen; {then}", f"{held} would become {place} again"
        )


def _bring_back(record: Recording, held: Path, place: Path, base: Base) -> None:
    _begin(record, "unfold")
    wanted = archive.read(held)
    if os.path.lexists(place):
        if archive.listing(place) != wanted:
            raise NotAllowed(f"{place} is there, and differs from {held}", "move it away, and repeat")
        return
    with writing(place):
        draft = base.staging / f"{record.name}.unfold"
        trees.erase(draft)
        base.staging.mkdir(parents=True, exist_ok=True)
        found = archive.extract(held, draft)
        point("unfold.extracted")
        if found != wanted:
            trees.erase(draft)
            raise Failed(f"{record.name} did not come back as it was: nothing was changed", "is the disk all right?")
        trees.move(draft, place)
    point("unfold.moved")


def fry(workspace: Workspace, name: str, *, confirm: bool, backups: bool = False) -> Changed:
    """Delete an instance: its folder, archives and earlier governances, with `backups` these too. A tombstone and the
    history stay.

    Of one whose `create` is not complete, undo what there is. Raises NotAllowed without `confirm`, and for a folder
    that lies outside the fleet's base or is a link.
    """
    with alone(workspace, name):
        synced(workspace)
        record = recording(workspace, name)
        base = Base(workspace)
        if record.row and record.row.status is Status.FRIED:
            return _gone_already(record, base, backups=backups and confirm)
        record = known(workspace, name)
        place = folder(workspace, record.instance)
        trees.guard(base.root, place)
        if not confirm and not workspace.dry_run:
            stays = "" if backups or not _holds(base, name) else f"; its backups in {base.backups / name} stay"
            hint = f"halctl fry {name} --confirm" + ("; with --with-backups these go too" if stays else "")
            raise NotAllowed(f"fry deletes {place} with everything in it, for good{stays}", hint)
        if record.record.status is Status.PROVISIONING:
            withdraw(record, reason="fried")
            return record.changed(f"the create of {name} is undone; its history stays")
        if workspace.dry_run:
            record.append("fleet.operation.begun", OperationBegun("fry"))
        else:
            lifecycle.refuse_strangers(record)
            _begin(record, "fry")
            lifecycle.stop(record, forget=True)
            point("fry.stopped")
        gone = InstanceFried(str(place), _count(place), record.record.archive)
        if not workspace.dry_run:
            _delete(record, place, base, backups=backups)
        manifest.remove(workspace, name)
        point("fry.removed")
        record.append("fleet.instance.fried", gone)
        return record.changed(*_farewell(record, place, base, backups=backups))


def _gone_already(record: Recording, base: Base, *, backups: bool) -> Changed:
    """Of one that was fried before: its backups go now, where that is asked for."""
    said = f"{record.name} is gone already, since {console.moment(record.record.changed)}"
    kept = base.backups / record.name
    if not _holds(base, record.name):
        return Changed(record.instance, [], said)
    if not backups:
        return Changed(record.instance, [], f"{said}; its backups are in {kept}")
    if record.workspace.dry_run:
        return Changed(record.instance, [], said, f"{kept} would be deleted, for good")
    with writing(kept):
        trees.discard(base.root, base.staging, kept)
    return Changed(record.instance, [], f"{said}; its backups are gone now too")


def _farewell(record: Recording, place: Path, base: Base, *, backups: bool) -> tuple[str, str]:
    """What is said of a fry: that was done, and that would be."""
    name, kept = record.name, base.backups / record.name
    stays = f"its history stays (`halctl history {name}`)"
    held = _holds(base, name)
    if held and not backups:
        stays += f", and its backups in {kept}"
    also = f", and {kept}" if held and backups else ""
    if record.workspace.dry_run:
        return "", f"{place}{also} would be deleted, for good; {stays}"
    return f"{name} is gone; {stays}", ""


def _holds(base: Base, name: str) -> bool:
    """Whether there are backups of that name."""
    return any((base.backups / name).glob(f"*{archive.SUFFIX}"))


def _count(place: Path) -> int:
    return sum(1 for _ in trees.entries(place)) if place.is_dir() and not place.is_symlink() else 0


def _delete(record: Recording, place: Path, base: Base, *, backups: bool) -> None:
    with writing(place):
        trees.discard(base.root, base.staging, place)
        point("fry.deleted")
        for held in (
            *base.archive.glob(f"{record.name}-*{archive.SUFFIX}"),
            *base.archive.glob(f".{record.name}-*.new"),
        ):
            if held.name.lstrip(".").removesuffix(".new")[len(record.name) + 1 :].count("-") == 0:
                held.unlink()
        trees.discard(base.root, base.staging, base.versions / record.name)
        trees.discard(base.root, base.staging, base.replaced(record.name))
        if backups:
            trees.discard(base.root, base.staging, base.backups / record.name)
        for left in (base.staging / record.name, *base.staging.glob(f"{record.name}.*")):  # no name has a dot
            trees.erase(left)
        trees.sweep(base.staging)
