"""Making backups, and finding them: one archive and one line about it each, below the fleet's base."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import BadData, Failed, HaloError, NotAllowed, NotFound
from halo_engine.fleet import manifest
from halo_engine.fleet.backups import copying
from halo_engine.fleet.config import Base, fleet_settings
from halo_engine.fleet.faults import point
from halo_engine.fleet.files import archive, trees
from halo_engine.fleet.instance import Layout, Status, folder
from halo_engine.fleet.presence.home import Home, home, settle
from halo_engine.fleet.recording import alone, living
from halo_engine.workspace import Workspace, replace, writing

ABOUT = ".json"


class Backup(Struct, frozen=True):
    """One backup. It counts once this is written; what lies there without it is a draft of nobody."""

    id: str
    """Its time: `20261121T035011Z`."""
    instance: str
    time: Timestamp
    file: str
    """Where the archive is, absolute."""
    checksum: str
    size: int
    """Bytes."""
    files: int
    databases: list[str]
    credentials: bool
    """Whether files that are credentials are in it."""
    left_out: list[str]
    """Credentials that are not."""
    governance: int
    """The version that was in force."""
    home: Home | None = None
    """Where what is in it was at home: there it was made, unless it is of a copy."""
    number: int = 0
    """One more than that of the one before, whatever the clock says; 0 for those of before there were numbers."""

    @property
    def order(self) -> tuple[int, str]:
        """The latest has the highest."""
        return self.number, self.id


def backup(workspace: Workspace, name: str, *, credentials: bool = False) -> Backup:
    """Back an instance up, also while it runs: copied, archived, read back and compared, and only then a backup.

    Raises NotFound, NotAllowed for one that is folded, BadData when a store of it is damaged; nothing is left then.
    """
    with alone(workspace, name):
        record = living(workspace, name).record
        if record.status is Status.FOLDED:
            raise NotAllowed(f"{name} is folded: its archive is a backup", f"halctl unfold {name}")
        base, root = Base(workspace), folder(workspace, record.instance)
        if not root.is_dir() or root.is_symlink():
            raise NotFound(f"there is no folder {root}", f"halctl restore {name}")
        place = base.backups / name
        before = _kept(place, strict=False)
        key, number = _free(place), max((each.number for each in before), default=0) + 1
        if workspace.dry_run:
            file = str(place / f"{key}{archive.SUFFIX}")
            return Backup(key, name, clock.stamp(), file, "", 0, 0, [], credentials, [], record.template)
        with writing(place):
            settle(Layout(root), first=True)
            made = _made(base, root, place / f"{key}{archive.SUFFIX}", credentials=credentials)
            about = {"id": key, "instance": name, "governance": record.template, "number": number}
            done = msgspec.structs.replace(made, home=home(Layout(root)), **about)
            replace(place / f"{key}{ABOUT}", msgspec.json.encode(done).decode())
            point("backup.kept")
            _thin_out([done, *before][fleet_settings(workspace).backups :])
        return done


def backup_all(
    workspace: Workspace, names: Sequence[str] = (), *, credentials: bool = False
) -> tuple[list[Backup], list[str]]:
    """The same of several, by default of all that are not folded; also what went wrong with the others, in words.

    Raises what `backup` does where it is only one.
    """
    listed = manifest.read(workspace).instances
    names = names or [each.name for each in listed if each.status is not Status.FOLDED]
    made: list[Backup] = []
    faults: list[str] = []
    for name in names:
        try:
            made.append(backup(workspace, name, credentials=credentials))
        except HaloError as error:
            if len(names) == 1:
                raise
            faults.append(f"{name}: {error.message}")
    return made, faults


def _made(base: Base, root: Path, target: Path, *, credentials: bool) -> Backup:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged = base.staging / f"{target.parent.name}.backup"
    draft = target.with_name(f".{target.name}.new")
    try:
        _sweep(target.parent, staged)
        staged.mkdir(mode=0o700, parents=True)
        copied = copying.copy(root, staged, credentials=credentials)
        point("backup.copied")
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600))
        written = archive.write(staged, draft)
        point("backup.archived")
        if archive.read(draft) != written:
            raise Failed("the archive is not like what went into it: there is no backup", "repeat; is the disk sound?")
        checksum, size = archive.checksum(draft), draft.stat().st_size
        draft.replace(target)
        point("backup.verified")
    finally:
        trees.erase(staged)
        draft.unlink(missing_ok=True)
    files = sum(entry.kind != "folder" for entry in written.values())
    databases, left_out = copied.databases, copied.left_out
    return Backup("", "", clock.stamp(), str(target), checksum, size, files, databases, credentials, left_out, 0)


def _sweep(place: Path, staged: Path) -> None:
    """Remove what a killed backup left: a staged copy, a draft, an archive that nothing was written about."""
    trees.erase(staged)
    for each in place.iterdir():
        about = each.with_name(each.name.removesuffix(archive.SUFFIX) + ABOUT)
        if each.name.endswith(".new") or (each.name.endswith(archive.SUFFIX) and not about.exists()):
            each.unlink()


def _free(place: Path) -> str:
    """The id of a backup that is made now: its time to the second, the next one where that is taken."""
    now = clock.now()
    while (place / f"{(key := now.strftime('%Y%m%dT%H%M%SZ'))}{ABOUT}").exists():
        now += timedelta(seconds=1)
    return key


def _thin_out(beyond: list[Backup]) -> None:
    """Remove those beyond the number that is kept; what is said about one goes first."""
    for each in beyond:
        held = Path(each.file)
        held.with_name(held.name.removesuffix(archive.SUFFIX) + ABOUT).unlink(missing_ok=True)
        held.unlink(missing_ok=True)


def backups(workspace: Workspace, name: str) -> list[Backup]:
    """The backups of an instance, the latest first; also of one that is gone, and where the workspace was moved.

    Raises BadData when what is said about one cannot be read.
    """
    return _kept(Base(workspace).backups / name, strict=True)


def _kept(place: Path, *, strict: bool) -> list[Backup]:
    """See `backups`; what cannot be read is passed over unless that is `strict`."""
    found = []
    for about in place.glob(f"*{ABOUT}"):
        try:
            made = msgspec.json.decode(about.read_bytes(), type=Backup)
        except msgspec.MsgspecError as error:
            if strict:
                raise BadData(f"{about} cannot be read: {error}", "remove it, and the archive beside it") from error
            continue
        file = about.with_name(about.name.removesuffix(ABOUT) + archive.SUFFIX)
        found.append(msgspec.structs.replace(made, file=str(file)))
    return sorted(found, key=lambda each: each.order, reverse=True)


def chosen(workspace: Workspace, name: str, reference: str = "") -> Backup:
    """The backup of that id, or whose id begins so; the latest one by default.

    Raises NotFound.
    """
    found = [each for each in backups(workspace, name) if each.id.startswith(reference)]
    if not found:
        raise NotFound(f"no backup {reference} of {name}".replace("  ", " "), f"`halctl backups {name}` lists them")
    return found[0]
