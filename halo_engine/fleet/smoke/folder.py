"""Checks of an instance's folder: what must be there, what must not, who may write, how it grows."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from halo_engine import console, secrets
from halo_engine.errors import HaloError, NotAllowed
from halo_engine.fleet import mounting
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.files import governance, trees
from halo_engine.fleet.files.credentials import is_credential
from halo_engine.fleet.governing import drifting
from halo_engine.fleet.provisioning.composition import compose
from halo_engine.fleet.smoke.subject import Finding, Subject, note, ok, wrong
from halo_engine.fleet.supervisors.launching import launch
from halo_engine.fleet.supervisors.surroundings import passed

PASSED_OVER = frozenset({"node_modules", ".git"})
LARGEST = 2 << 20
"""Bytes of a file that is searched for secrets."""
MOST_FILES = 50_000
LOGS = 200 << 20
"""Bytes that all logs of an instance may take."""
AHEAD = 256 << 20
"""Bytes of a write-ahead log, beyond which nobody folds it in any more."""
MIB = 1 << 20


def exists(subject: Subject) -> Finding:
    """Its folder is one, and nobody else's."""
    root = subject.place.root
    try:
        status = root.lstat()
    except OSError as error:
        return wrong(f"{root}: {error.strerror}")
    if not stat.S_ISDIR(status.st_mode):
        return wrong(f"{root} is no folder" + (" but a link" if stat.S_ISLNK(status.st_mode) else ""))
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        return wrong(f"{root} belongs to user {status.st_uid}")
    return ok(str(root))


def templates(subject: Subject) -> Finding:
    """All that it was made from is there: its prime.yaml, the files it was given, its personality, the welcome."""
    from halo_engine.onboarding import bank

    missing = [path for path in subject.record.files if not os.path.lexists(subject.place.root / path)]
    if missing:
        return wrong(f"missing: {', '.join(missing[:5])}")
    text = compose(subject.workspace, subject.instance)
    steps = len(bank.bank().tutorial)
    return ok(f"{len(subject.record.files)} files, {len(text):,} characters of instructions, {steps} welcome messages")


def governed(subject: Subject) -> Finding:
    """Its instructions are in place, and every governed file is as it was locked."""
    if not subject.record.files:
        return wrong("it was never governed by Halo")
    found = drifting.drift(subject.workspace, subject.record)
    if found:
        return wrong(found.words())
    return ok(f"{console.counted(len(subject.record.files), 'file')} as in version {subject.record.template}")


def locked(subject: Subject) -> Finding:
    """The lock holds, by trying to write."""
    found = governance.writable(subject.place.root, subject.prime, subject.record.supervised)
    if found:
        return wrong(f"can be written: {', '.join(found[:5])}")
    return ok("nothing could be written" + (", as another user" if os.geteuid() == 0 else ""))


def writable(subject: Subject) -> Finding:
    """It can write where it must, and nobody else can; of the machine it sees what it may."""
    pid = subject.running.pid if subject.instance.supervisor in mounting.CAN else None
    if amiss := mounting.wrong(subject.workspace, subject.instance, pid):
        return wrong(amiss)
    for folder in subject.place.own():
        where = folder.relative_to(subject.place.root)
        try:
            status = folder.lstat()
        except OSError as error:
            return wrong(f"{where}: {error.strerror}")
        if not stat.S_ISDIR(status.st_mode):
            return wrong(f"{where} is no folder")
        if status.st_mode & stat.S_IWOTH:
            return wrong(f"{where} can be written by anybody (mode {stat.S_IMODE(status.st_mode):o})")
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return wrong(f"{where} cannot be written: {error.strerror}")
    sees = mounting.words(subject.instance)
    return ok(f"{len(subject.place.own())} folders, all its own" + (f"; it sees {sees}" if sees else ""))


def credentials(subject: Subject) -> Finding:
    """No file in its tree, or that it sees through a mount, is named like a credential, or holds one of the secrets
    that it is given; and no socket is, whose other end reading alone may command.
    """
    held = _secrets(subject)
    searched = 0
    for path in _seen(subject):
        inside = path.is_relative_to(subject.place.root)
        where = path.relative_to(subject.place.root) if inside else path
        if not inside and path.is_socket():
            return wrong(f"{where} is a socket, and it sees it")
        if is_credential(where):
            return wrong(f"{where} is named like a credential")
        if held and _holds(path, held):
            return wrong(f"{where} holds a secret that only its process should have")
        searched += 1
        if searched >= MOST_FILES:
            return note(f"none in the first {MOST_FILES:,} files; there are more")
    return ok(f"none in {console.counted(searched, 'file')}; {len(held)} known secrets looked for")


def growth(subject: Subject) -> Finding:
    """There is room on its disk, and its logs and stores are inside their limits."""
    free = shutil.disk_usage(subject.place.root).free // MIB
    least = fleet_settings(subject.workspace).least_disk
    if free < least:
        return wrong(f"{free:,} MiB free; {least:,} are wanted")
    logs = _size(subject.place.logs)
    if logs > LOGS:
        return wrong(f"{logs // MIB:,} MiB of logs; {LOGS // MIB} are the limit")
    store = subject.place.root / "store"
    ahead = max((path.stat().st_size for path in store.glob("*-wal")), default=0)
    if ahead > AHEAD:
        return wrong(f"{ahead // MIB:,} MiB of write-ahead log: who holds the store open?")
    return ok(f"{free:,} MiB free, {logs / MIB:.1f} MiB of logs")


def _secrets(subject: Subject) -> list[bytes]:
    """The values of the secrets that the instance is given, where they are set."""
    names = passed(subject.workspace, launch(subject.workspace, subject.instance))
    found = [os.environ[name] for name in names if os.environ.get(name)]
    try:
        reference = subject.workspace.settings.llm.api_key
        found += [secrets.resolve(reference)] if secrets.present(reference) else []
    except HaloError:  # it cannot be had now: then it is not here either
        pass
    return [value.encode() for value in dict.fromkeys(found) if len(value) >= secrets.SHORTEST]


def _seen(subject: Subject) -> Iterator[Path]:
    """The files of its tree, and those of its mounts; of mounts that may not be nothing is mounted."""
    yield from _files(subject.place.root)
    with suppress(NotAllowed):
        for each in mounting.checked(subject.workspace, subject.instance):
            yield from _files(each.source)


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root, followlinks=False):
        names[:] = sorted(name for name in names if name not in PASSED_OVER)
        yield from (Path(folder, name) for name in sorted(files))


def _holds(path: Path, values: list[bytes]) -> bool:
    try:
        with trees.plain(path) as file:
            content = os.read(file, LARGEST)
    except OSError:
        return False
    return any(value in content for value in values)


def _size(folder: Path) -> int:
    total = 0
    for path in _files(folder):
        try:
            total += path.lstat().st_size
        except OSError:  # rotated away meanwhile
            continue
    return total
