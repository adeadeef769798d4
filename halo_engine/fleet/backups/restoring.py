"""Bringing a backup back: into a place beside the live one, checked there, then exchanged by renaming."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
from msgspec import Struct

from halo_engine import console
from halo_engine.errors import BadData, Failed, HaloError, NotAllowed, NotFound
from halo_engine.fleet import lifecycle, mounting
from halo_engine.fleet.backups import copying
from halo_engine.fleet.backups.keeping import Backup, backups, chosen
from halo_engine.fleet.config import Base
from halo_engine.fleet.events import OperationBegun, OperationEnded
from halo_engine.fleet.faults import point
from halo_engine.fleet.files import archive, primes, swapping, trees
from halo_engine.fleet.files.governance import OWN, seal, unseal, unsealed
from halo_engine.fleet.files.swapping import Swap
from halo_engine.fleet.instance import Layout, Status, folder, layout
from halo_engine.fleet.presence import home_coming
from halo_engine.fleet.presence.home import not_at_home
from halo_engine.fleet.recording import Recording, alone, living
from halo_engine.fleet.supervisors import supervised
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.fleet.syncing import synced
from halo_engine.workspace import Workspace, writing

VERB = "restore"
ITEMS = tuple(name for name in OWN if name != "run")
"""What a backup takes the place of: the instance's own folders. Its governance is `push`'s."""


class Restored(Struct, frozen=True):
    """What a restore did, or in a dry run would do."""

    backup: Backup
    note: str
    replaced: str = ""
    """Where what was there before is now; empty when there was nothing."""


def restore(workspace: Workspace, name: str, reference: str = "", *, take_over: bool = False) -> Restored:
    """Bring a backup back, the latest by default. The instance is stopped meanwhile; what it had is kept beside the
    backups, and is live again when the instance does not answer with what came in its place.

    One that is at home elsewhere is not started, unless it is to `take_over`.

    Cut short, the same command takes back what was half done, and begins anew. Raises NotFound, BadData for a backup
    that is not as it was made, NotAllowed for a folded instance, and for mounts that may not be, Failed when it does
    not answer.
    """
    with alone(workspace, name):
        synced(workspace)
        record = living(workspace, name)
        if record.record.operation not in {"", VERB}:
            under_way = record.record.operation
            raise NotAllowed(f"a {under_way} of {name} was cut short", f"`halctl {under_way} {name}` puts it right")
        if record.record.status is Status.FOLDED:
            raise NotAllowed(f"{name} is folded", f"halctl unfold {name}")
        backup = _wanted(record, reference)
        if workspace.dry_run:
            if folder(workspace, record.instance).is_dir():
                record.append("fleet.operation.begun", OperationBegun(VERB))
                record.append("fleet.operation.ended", OperationEnded(VERB, "done"))
            return Restored(backup, f"{name} would be stopped, and {backup.file} take the place of its data")
        return _restored(record, backup, folder(workspace, record.instance), Base(workspace), take_over=take_over)


def _wanted(record: Recording, reference: str) -> Backup:
    """Raises NotFound, saying how to go on without a backup where there is none at all."""
    if not backups(record.workspace, record.name):
        place = layout(record.workspace, record.instance)
        away = f"move what is in {place.database.parent} away, and {place.vitals}: it begins anew"
        raise NotFound(f"there is no backup of {record.name}", f"to go on without what is in its store, {away}")
    return chosen(record.workspace, record.name, reference)


def _restored(record: Recording, backup: Backup, root: Path, base: Base, *, take_over: bool) -> Restored:
    trees.guard(base.root, root)
    with writing(root):
        _take_back(record, root, base)
        lifecycle.refuse_strangers(record)
        if record.record.status is Status.ACTIVE or not root.is_dir():
            mounting.checked(record.workspace, record.instance)  # before it is stopped: it would not start again
        staged = base.staging / f"{record.name}.restore"
        _stage(backup, staged)
        point("restore.staged")
        if not root.is_dir():
            return _whole(record, backup, staged, root, take_over=take_over)
        unseal(staged)  # only who may write into it can take folders out of it
        _keep_mirrors(root, staged)
        replaced = base.replaced(record.name)
        kept = base.staging / f"{record.name}.replaced"
        trees.erase(kept)
        kept.mkdir()
        swap = swapping.prepared(base, root, staged, kept, ITEMS)
        record.append("fleet.operation.begun", OperationBegun(VERB, msgspec.to_builtins(swap)))
        point("restore.begun")
        from_, said = _exchanged(record, swap, root, base, take_over=take_over)
        trees.erase(replaced)
        trees.move(kept, replaced)
        trees.erase(staged)
        record.append("fleet.operation.ended", OperationEnded(VERB, "done", f"from {backup.id}"))
        home_coming.recorded(record, from_)
        record.changed("")
        return Restored(backup, f"{record.name} is as it was at {console.moment(backup.time)}{said}", str(replaced))


def _exchanged(record: Recording, swap: Swap, root: Path, base: Base, *, take_over: bool) -> tuple[str, str]:
    """Swap, start where it should run, and hear it answer; returns where it was at home if it is `take_over`n, and how
    it is now, in words.

    Raises Failed when any of it fails: then what was there before is there again, and runs.
    """
    try:
        lifecycle.stop(record)
        point("restore.stopped")
        swap.forward(base, root)
        _seal(record, root)
        for word in (Layout(root).vitals, Layout(root).refusal):  # of a store that is not this one
            word.unlink(missing_ok=True)
        point("restore.swapped")
        from_ = home_coming.settled(record) if take_over else ""
        return from_, _started(record)
    except (HaloError, OSError, KeyboardInterrupt) as error:
        why = error.message if isinstance(error, HaloError) else str(error) or "interrupted"
        _take_back(record, root, base, why)
        trees.erase(base.root / swap.staged)
        again = lifecycle.again(record)
        if isinstance(error, KeyboardInterrupt):
            raise
        said = f"restore of {record.name} failed: {why}; it is as it was before{again}"
        raise Failed(said, f"logctl tail --instance {record.name}") from error


def _stage(backup: Backup, staged: Path) -> None:
    """The backup's tree in a place beside the live one, checked.

    Raises BadData, and leaves nothing, when it is not as it was made.
    """
    held = Path(backup.file)
    if not held.is_file() or held.is_symlink() or archive.checksum(held) != backup.checksum:
        raise BadData(f"{held} is not what was backed up: nothing was changed", "`halctl backups` lists others")
    staged.parent.mkdir(parents=True, exist_ok=True)
    trees.erase(staged)
    archive.extract(held, staged)
    for each in backup.databases:
        fault = copying.damage(staged / each)
        if fault:
            trees.erase(staged)
            raise BadData(f"{each} in {held} is damaged: {fault}", "`halctl backups` lists others")


def _seal(record: Recording, root: Path) -> None:
    """Lock the folder itself again, also after a command that was killed while it was open."""
    if record.record.files:
        seal(root)


def _keep_mirrors(root: Path, staged: Path) -> None:
    """Copies of the governance that lie among the instance's own files stay as they are live."""
    for each in primes.read(root).mirrors:
        if Path(each).parts[0] in ITEMS and (root / each).is_file():
            (staged / each).parent.mkdir(parents=True, exist_ok=True)
            trees.erase(staged / each)
            shutil.copy2(root / each, staged / each, follow_symlinks=False)


def _whole(record: Recording, backup: Backup, staged: Path, root: Path, *, take_over: bool) -> Restored:
    """Where there is no folder any more, all of the backup is it, its governance too."""
    supervisor_of(record.instance).stop(record.workspace, record.instance)
    with unsealed(staged):
        (staged / "run").mkdir(mode=0o700, exist_ok=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    trees.move(staged, root)
    supervised.write(record)
    point("restore.moved")
    if take_over:
        home_coming.recorded(record, home_coming.settled(record))
    record.changed("")
    rebuilt = "; what its build brings is not in a backup" if record.instance.runtime.value != "halo" else ""
    away = not_at_home(record.name, Layout(root))
    starts = f"{away.message}; {away.hint}" if away else f"`halctl reset {record.name}` starts it"
    return Restored(backup, f"{record.name} has its folder again{rebuilt}; {starts}")


def _started(record: Recording) -> str:
    """Start what should run, and say so; raises Failed when it does not answer with what was brought back."""
    away = not_at_home(record.name, layout(record.workspace, record.instance))
    if away:
        return f"; {away.message}; {away.hint}"
    if record.instance.status is not Status.ACTIVE:
        return ""
    answered = lifecycle.started(record)
    point("restore.answered")
    return f", and {answered}"


def _take_back(record: Recording, root: Path, base: Base, why: str = "it was cut short") -> None:
    """What was live before the restore is live again, whatever the restore had come to."""
    if record.record.operation != VERB:
        return
    supervisor_of(record.instance).stop(record.workspace, record.instance)
    if root.is_dir():
        swapping.of(record.record.operation_data).back(base, root)
        _seal(record, root)
    point("restore.taken-back")
    record.append("fleet.operation.ended", OperationEnded(VERB, "taken back", why[:2000]))
