"""Which logs there are: named in logctl.yaml, found in the fleet, or given on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path

import msgspec

from halo_engine import console, times
from halo_engine.errors import NotFound
from halo_engine.logs import formats
from halo_engine.logs.config import LogSettings, SourceSettings, log_settings
from halo_engine.logs.files import LogFile
from halo_engine.logs.formats.json_lines import Keys
from halo_engine.logs.packed import PACKED, STDIN
from halo_engine.logs.record import Format, Malformed
from halo_engine.logs.stamps import Nanoseconds
from halo_engine.workspace import Workspace

_DATE = r"[.-][0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[T_.-]?[0-9:.-]*[0-9])?"
DATED = re.compile(rf"{_DATE}$")
ROTATED = re.compile(rf"(?:\.[0-9]{{1,4}}|{_DATE})$")
"""What rotation adds behind a name: `.1`, `-20261120`, `.2026-11-20`; before the suffix only a date: `worker-1.log` and
`worker-2.log` are two logs."""
SUFFIXES = (".log", ".jsonl", ".ndjson")
NOT_LOGS = frozenset({"runs", "sessions"})
"""Below `logs/`: the output of jobs, which `nightctl log` shows, and the transcripts of sessions, for `agentctl`."""


class Source(msgspec.Struct, frozen=True):
    """One log: the files that it was written to, and how to read them."""

    name: str
    files: tuple[Path, ...]
    format: str = "auto"
    instance: str = ""
    zone: tzinfo = UTC
    keys: Keys = Keys()
    slack: Nanoseconds = 0
    current: Path | None = None
    """The file that is written to now, where it is known."""
    named: bool = False
    """It was given on the command line: what cannot be read of it is an error, and is passed over elsewhere."""

    def opened(self, path: Path) -> LogFile:
        """One of its files, ready to be read.

        Raises NotFound, OSError.
        """
        try:
            file = LogFile(path)
        except FileNotFoundError as error:
            raise NotFound(f"no log {path}", "`logctl sources` lists what there is") from error
        file.format = self.sniffed(file)
        return file

    def sniffed(self, file: LogFile) -> Format:
        """The format that a file is written in."""
        beginning = file.read(0, min(file.size, formats.SNIFFED))
        return formats.named(self.format, beginning, self.keys, self.zone, self.instance)

    def live(self) -> list[Path]:
        """The file that is written to now, the last one where that is not known; none when there is none."""
        return [self.current] if self.current else self.in_order()[-1:]

    def in_order(self) -> list[Path]:
        """Its files, the earliest first: by the first time in each; those without one by when they were changed."""
        return self.within(None, None)

    def within(self, since: Nanoseconds | None, until: Nanoseconds | None) -> list[Path]:
        """The same, without the packed files that were rotated away before a time, or begun after one."""
        if len(self.files) < 2:
            return list(self.files)
        begun = sorted((*self._begun(path), path) for path in self.files)
        nexts = [first for first, _, _ in begun[1:]] + [None]
        return [
            path
            for (first, changed, path), after in zip(begun, nexts, strict=True)
            if path.suffix not in PACKED or not self._outside(first, after, changed, since, until)
        ]

    def _outside(
        self,
        first: Nanoseconds,
        after: Nanoseconds | None,
        changed: Nanoseconds,
        since: Nanoseconds | None,
        until: Nanoseconds | None,
    ) -> bool:
        """Whether a file was over before the window, by when it was changed and the next one began; or came after."""
        over = since is not None and after is not None and max(after, changed) < since - self.slack
        return over or (until is not None and first > until + self.slack)

    @contextmanager
    def reading(self, path: Path) -> Iterator[LogFile | None]:
        """One of its files, closed afterwards; None, with a word on stderr, when it may not be read."""
        try:
            file = self.opened(path)
        except PermissionError:
            if self.named:
                raise
            console.note(f"{path}: not readable, passed over")
            yield None
            return
        with file:
            yield file

    def _begun(self, path: Path) -> tuple[Nanoseconds, Nanoseconds]:
        """The first time in a file, and when it was changed (which stands for the first where it has none)."""
        changed = path.stat().st_mtime_ns
        if not os.access(path, os.R_OK):
            return changed, changed
        with LogFile(path) if path.suffix not in PACKED else _Beginning(path) as file:
            file.format = self.sniffed(file)
            beginning = file.read(0, min(file.size, formats.SNIFFED))
            for first, last in file.spans(beginning):
                record = file.format.head(beginning[first:last])
                if not isinstance(record, Malformed) and record.time is not None:
                    return record.time, changed
        return changed, changed


class _Beginning(LogFile):
    """The first bytes of a packed file, to see when it begins without unpacking all of it."""

    def __init__(self, path: Path) -> None:
        import tempfile

        from halo_engine.logs.packed import beginning

        spool = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed with the LogFile)
        spool.write(beginning(path, formats.SNIFFED))
        super().__init__(path, spool)


def chosen(workspace: Workspace, files: Sequence[Path] = (), names: Sequence[str] = ()) -> list[Source]:
    """The sources to read: of the files given, or those of that name, or all that are known.

    Raises NotFound for a file or a name that is not there, BadConfig.
    """
    settings = log_settings(workspace)
    if files:
        return given(files, settings, _zone(workspace))
    known = known_sources(workspace, settings)
    if not names:
        return known
    by_name = {source.name: source for source in known}
    missing = [name for name in names if name not in by_name]
    if missing:
        raise NotFound(f"no source {missing[0]}", f"there are: {', '.join(by_name) or 'none'}")
    return [by_name[name] for name in names]


def given(files: Iterable[Path], settings: LogSettings, zone: tzinfo) -> list[Source]:
    """Files from the command line: those that are rotated from one name are one source.

    Raises NotFound.
    """
    groups: dict[Path, list[Path]] = {}
    for path in files:
        if path != STDIN and (path.is_dir() or not path.exists()):
            raise NotFound(f"no file {path}", "give files, or none to read the sources that `logctl sources` lists")
        groups.setdefault(base_of(path), []).append(path)
    return [
        msgspec.structs.replace(
            _source(base.name, tuple(dict.fromkeys(paths)), SourceSettings(str(base)), settings, zone), named=True
        )
        for base, paths in groups.items()
    ]


def base_of(path: Path) -> Path:
    """The name that a rotated file was written under: `app.log` of `app.log.2.gz`, `app-20261120.log`."""
    name = path.name
    for suffix in PACKED:
        name = name.removesuffix(suffix)
    name = ROTATED.sub("", name)
    stem, dot, suffix = name.rpartition(".")
    if dot and f".{suffix}" in SUFFIXES:
        name = (DATED.sub("", stem) or stem) + dot + suffix
    return path.with_name(name or path.name)


def known_sources(workspace: Workspace, settings: LogSettings) -> list[Source]:
    """What logctl.yaml names, then what the workspace and its instances have in their `logs/`."""
    zone = _zone(workspace)
    found = [_configured(workspace, name, each, settings, zone) for name, each in settings.sources.items()]
    taken = {path for source in found for path in source.files}
    for name, folder, instance in _folders(workspace) if settings.fleet else ():
        groups: dict[Path, list[Path]] = {}
        for path in sorted(_logs_in(folder)):
            if path not in taken:
                groups.setdefault(base_of(path), []).append(path)
        for base, paths in groups.items():
            at = f"{name}/{base.relative_to(folder)}" if name else str(base.relative_to(folder))
            found.append(_source(at, tuple(paths), SourceSettings(str(base), instance=instance), settings, zone))
    return found


def _configured(workspace: Workspace, name: str, each: SourceSettings, settings: LogSettings, zone: tzinfo) -> Source:
    place = workspace.root / Path(each.path).expanduser()
    own_zone = times.zone(each.timezone) if each.timezone else zone
    if any(sign in each.path for sign in "*?["):
        anchor = Path(place.anchor)
        paths = sorted(path for path in anchor.glob(str(place.relative_to(anchor))) if path.is_file())
    else:
        paths = rotations(place)
    return _source(name, tuple(paths), each, settings, own_zone, current=place if place in paths else None)


def rotations(path: Path) -> list[Path]:
    """A file and the files rotated from it."""
    if not path.parent.is_dir():
        return []
    return sorted(each for each in path.parent.iterdir() if base_of(each) == path and each.is_file())


def _source(
    name: str,
    files: tuple[Path, ...],
    each: SourceSettings,
    settings: LogSettings,
    zone: tzinfo,
    *,
    current: Path | None = None,
) -> Source:
    base = Path(each.path)
    return Source(
        name,
        files,
        each.format,
        each.instance,
        zone,
        settings.keys,
        round(settings.slack * 10**9),
        current or (base if base in files else None),
    )


def _folders(workspace: Workspace) -> Iterable[tuple[str, Path, str]]:
    """Name, folder and instance of each place where logs are looked for."""
    yield "", workspace.logs, ""
    for name, folder in workspace.instances().items():
        yield name, folder / "logs", name


def _logs_in(folder: Path) -> Iterable[Path]:
    if not folder.is_dir():
        return
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if inside.parts[0] not in NOT_LOGS and base_of(path).suffix in SUFFIXES and path.is_file():
            yield path


def _zone(workspace: Workspace) -> tzinfo:
    return times.zone(workspace.settings.timezone or "")
