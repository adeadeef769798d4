"""Which folders of the machine an instance may see, whatever mounts them.

The rules are kept three times: when a mount is asked for, when the instance is started, and from within, where
`entering` compares what really was mounted with what was checked here, by device and inode: a path may lead elsewhere a
moment later.
"""

from __future__ import annotations

import os
import pwd
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path, PurePath

from msgspec import Struct

from halo_engine.errors import NotAllowed, Usage
from halo_engine.fleet import manifest
from halo_engine.fleet.config import Base, fleet_settings
from halo_engine.fleet.files import governance
from halo_engine.fleet.files.credentials import is_credential
from halo_engine.fleet.instance import NAME, Instance, Mount, Supervision, folder, layout
from halo_engine.workspace import Workspace, writing

CAN = frozenset({Supervision.SYSTEMD})
"""Supervisors that give an instance a view of the machine that is its own."""
KERNEL = ("/proc", "/sys", "/dev")
SYSTEM = (*KERNEL, "/run", "/boot", "/etc")
PRIVATE = frozenset(
    {
        ".ssh",
        ".gnupg",
        ".aws",
        ".azure",
        ".gcloud",
        ".kube",
        ".docker",
        ".config",
        ".password-store",
        ".pki",
        "keyrings",
    }
    | {".mozilla", ".thunderbird"}
)
"""Folders of these names hold credentials, wherever they are."""
OF_HOME = frozenset({".claude", ".codex", ".gemini"})
"""And these, in the operator's home."""
ODD = re.compile(r"[:,\x00-\x1f\x7f]")
"""What runtimes that take mounts as text would read as something else."""
ESCAPED = re.compile(rb"\\([0-7]{3})")
UNFOLLOWED = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from halo_engine.fleet.entering import main; main()"
HOME = Path(__file__).parents[2]
Identity = tuple[int, int]
"""Device and inode."""


class Bound(Struct, frozen=True):
    """A mount that was checked."""

    name: str
    source: Path
    write: bool
    identity: Identity

    def witness(self) -> str:
        """What `entering` looks for: `books=2049:1311:ro`."""
        device, inode = self.identity
        return f"{self.name}={device}:{inode}:{'rw' if self.write else 'ro'}"


class Kept(Struct, frozen=True):
    """A place that no instance may see."""

    place: str
    identity: Identity
    above: frozenset[Identity]
    """The folders that it lies in: who sees one of them sees it."""


class Rules:
    """What may be seen in a workspace, each part read once, when it is first wanted: for one look at many instances,
    and not to be kept beyond it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @cached_property
    def roots(self) -> list[Path]:
        """Raises NotAllowed for a root that may not be one."""
        return [_plain(each, "mount_roots") for each in fleet_settings(self._workspace).mount_roots]

    @cached_property
    def kept(self) -> list[Kept]:
        """The system's own, this workspace, every instance, and the operator's credentials, those that there are."""
        homes = dict.fromkeys((Path.home(), Path(pwd.getpwuid(os.geteuid()).pw_dir)))
        mine = [self._workspace.root, Base(self._workspace).root]
        mine += [folder(self._workspace, each) for each in manifest.read(self._workspace).instances]
        places = [*map(Path, SYSTEM), *mine, *(home / name for home in homes for name in sorted(PRIVATE | OF_HOME))]
        return [found for place in dict.fromkeys(places) if (found := _keeping(place))]


def asked(text: str) -> Mount:
    """`FOLDER[:NAME[:rw]]`; the name is by default that of the folder.

    Raises Usage.
    """
    source, name, mode = [*text.split(":"), "", ""][:3]
    name = name or PurePath(source).name
    if text.count(":") > 2 or mode not in {"", "ro", "rw"} or not re.search(NAME, name):
        raise Usage(f"--mount {text[:100]!r} is not FOLDER[:NAME[:rw]]", "/srv/Books:books, or /srv/drop:drop:rw")
    return Mount(source, name, mode == "rw")


def checked(workspace: Workspace, instance: Instance, rules: Rules | None = None) -> list[Bound]:
    """The mounts of an instance as they are at this moment, each opened folder by folder, following no link. `rules`:
    those that were read for several.

    Raises NotAllowed, naming the mount and the rule, when one of them may not be.
    """
    if not instance.mounts:
        return []
    if instance.supervisor not in CAN:
        said = f"{instance.supervisor} can mount nothing, and {instance.name} has mounts"
        raise NotAllowed(said, "supervisor: systemd; or take `mounts` out of its entry in FLEET.yaml")
    rules = rules or Rules(workspace)
    roots, kept = rules.roots, rules.kept
    return [_checked(each, roots, kept) for each in instance.mounts]


def wrong(workspace: Workspace, instance: Instance, pid: int | None, rules: Rules | None = None) -> str:
    """What is wrong with the mounts of an instance now, by the rules, and as its process has them (Linux); empty when
    nothing is. `pid`: what its supervisor says; None for one that does not run, or is not known to.
    """
    if not instance.mounts and instance.supervisor not in CAN:
        return ""
    try:
        bound = checked(workspace, instance, rules)
    except NotAllowed as error:
        return error.message
    return _differs(layout(workspace, instance).root.resolve(), bound, pid) if pid else ""


def _differs(root: Path, bound: Sequence[Bound], pid: int) -> str:
    from halo_engine.fleet.entering import fault

    try:
        inside = os.open(f"/proc/{pid}/root{root}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        gone = isinstance(error, FileNotFoundError) and not Path(f"/proc/{pid}").exists()
        return "" if gone else f"process {pid} cannot be looked at: {error.strerror}"
    try:
        found = [fault(each.witness(), inside) for each in bound]
    finally:
        os.close(inside)
    known = {each.name for each in bound}
    found += [f"mounts/{name} is still mounted, until it is started anew" for name in _mounted(root, pid) - known]
    return "; ".join(each for each in found if each)


def _mounted(root: Path, pid: int) -> set[str]:
    """The names of what a process has mounted in an instance's `mounts`; see proc_pid_mountinfo(5)."""
    try:
        lines = Path(f"/proc/{pid}/mountinfo").read_bytes().splitlines()
    except OSError:  # it has just ended
        return set()
    points = [ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), line.split()[4]) for line in lines]
    places = [Path(os.fsdecode(each)) for each in points]
    return {place.name for place in places if place.parent == root / "mounts"}


def words(instance: Instance) -> str:
    """`books (/srv/books, read-only)`."""
    return ", ".join(
        f"{each.name} ({each.source}, {'to write in' if each.write else 'read-only'})" for each in instance.mounts
    )


def entered(bound: Sequence[Bound], command: Sequence[str]) -> list[str]:
    """The command that compares what was mounted, and only then becomes the command that is meant."""
    if not bound:
        return list(command)
    return [sys.executable, "-I", "-c", BOOT, str(HOME), *(each.witness() for each in bound), "--", *command]


def make_points(workspace: Workspace, instance: Instance) -> None:
    """An empty folder for each mount, in the instance's own; those of mounts that it has no more are removed.

    Raises NotAllowed where something else is there.
    """
    root, points = folder(workspace, instance), layout(workspace, instance).mounts
    if instance.mounts:
        with governance.unsealed(root), writing(points):
            for place in (points, *(points / each.name for each in instance.mounts)):
                _make_point(place)
    if points.is_dir() and not points.is_symlink():
        for left in {each.name for each in points.iterdir()} - {each.name for each in instance.mounts}:
            with suppress(OSError):  # not empty, or no folder: then it is none of ours
                (points / left).rmdir()


def _make_point(place: Path) -> None:
    if not os.path.lexists(place):
        place.mkdir()
    if not stat.S_ISDIR(place.lstat().st_mode):
        raise NotAllowed(f"{place} is no folder: nothing can be mounted there", f"rm {place}")


def _plain(text: str, what: str) -> Path:
    """The path that is meant; `what` asks for it.

    Raises NotAllowed for one that does not say plainly where it leads.
    """
    if ODD.search(text):
        raise NotAllowed(f"{what}: {text!r} has a `:`, a `,` or an unprintable character", "rename the folder")
    place = Path(text)
    with suppress(RuntimeError):  # nobody of that name: then it stays, and is not absolute
        place = place.expanduser()
    if not place.is_absolute() or ".." in place.parts:
        raise NotAllowed(f"{what}: {text} is not a plain path", "write it out from / or ~, without `..`")
    place = Path("/", *place.parts[1:])
    if place == Path("/"):
        raise NotAllowed(f"{what}: / is the whole machine", "name a folder that is meant to be seen")
    return place


def _checked(mount: Mount, roots: Sequence[Path], kept: Sequence[Kept]) -> Bound:
    what = f"mount {mount.name}"
    place = _plain(mount.source, what)
    for part in place.parts:
        if part.lower() in PRIVATE or is_credential(PurePath(part)):
            raise NotAllowed(f"{what}: {place} leads to {part}, where credentials are", "mount another folder")
    if not any(place == root or root in place.parents for root in roots):
        allowed = ", ".join(map(str, roots)) or "there are none"
        raise NotAllowed(
            f"{what}: {place} is below no allowed root ({allowed})", "the operator sets mount_roots in halctl.yaml"
        )
    way = [_identity(status) for status in _walked(place, what)]
    for each in kept:
        if each.identity in way or way[-1] in each.above:
            said = "lies in" if each.identity in way else "holds"
            raise NotAllowed(f"{what}: {place} {said} {each.place}, which no instance may see", "mount another folder")
    system = {Path(each).stat().st_dev for each in KERNEL if Path(each).is_dir()} - {way[0][0]}
    if any(device in system for device, _ in way):
        raise NotAllowed(f"{what}: {place} is the kernel's, not a folder on a disk", "mount another folder")
    return Bound(mount.name, place, mount.write, way[-1])


def _walked(place: Path, what: str) -> Iterator[os.stat_result]:
    """Every folder from / down to a place, each opened in the one before: no link is followed or can be put between."""
    at = os.open("/", UNFOLLOWED)
    try:
        yield os.fstat(at)
        for depth, part in enumerate(place.parts[1:], 2):
            with _told(at, part, Path(*place.parts[:depth]), what):
                below = os.open(part, UNFOLLOWED, dir_fd=at)
            os.close(at)
            at = below
            yield os.fstat(at)
    finally:
        os.close(at)


@contextmanager
def _told(at: int, part: str, place: Path, what: str) -> Iterator[None]:
    """Why a folder could not be opened."""
    try:
        yield
    except OSError as error:
        try:
            mode = os.stat(part, dir_fd=at, follow_symlinks=False).st_mode
        except OSError:
            mode = 0
        link, socket = "a link, which may lead anywhere", "a socket, whose other end may be root"
        is_one = link if stat.S_ISLNK(mode) else socket if stat.S_ISSOCK(mode) else "no folder"
        said = f"is {is_one}" if mode and not stat.S_ISDIR(mode) else f"cannot be opened: {error.strerror}"
        raise NotAllowed(f"{what}: {place} {said}", "mount a folder, by the path that has no link in it") from error


def _keeping(place: Path) -> Kept | None:
    """None for what is not there, or cannot be seen from here."""
    try:
        real = place.resolve(strict=True)
        return Kept(str(place), _identity(real.stat()), frozenset(_identity(each.stat()) for each in real.parents))
    except OSError:
        return None


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino
