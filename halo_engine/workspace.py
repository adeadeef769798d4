"""The workspace: one folder with everything of one operator's fleet. Found, made, configured here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from halo_engine.errors import BadConfig, NotFound, Unavailable

if TYPE_CHECKING:
    from halo_engine.events.log import EventLog

MARK = "halo.yaml"
IGNORED = "store/\nlogs/\nrun/\nfleet/\nmemory/index.json\n"
"""What is made anew from the rest; merged by git it would be in conflict each time."""
FIRST = """\
# This folder is a Halo workspace. Each setting below is shown with its default; `halo-engine config show` lists all.
#
# bus:
#   url: sqlite            # where events are kept: sqlite (store/events.db)
# timezone: Europe/Riga    # the operator's; default: the machine's
# llm:
#   api_key: env:ANTHROPIC_API_KEY    # a reference: env:NAME, file:PATH, keyring:SERVICE/USER, command:...
#   model: claude-sonnet-5-5
"""
C = TypeVar("C", bound=msgspec.Struct)


class Bus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events are kept."""

    url: str = "sqlite"


class LlmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which model answers, where, and the reference of the key."""

    api_key: str = "env:ANTHROPIC_API_KEY"
    base_url: str | None = None
    """None: `$ANTHROPIC_BASE_URL`, else Anthropic's own."""
    model: str = "claude-sonnet-5-5"
    timeout: float = 120.0
    """Seconds that an answer may let wait, each of the three attempts."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`halo.yaml`."""

    bus: Bus = Bus()
    timezone: str | None = None
    """The operator's IANA time zone; default: the machine's."""
    llm: LlmSettings = LlmSettings()
    repositories: tuple[str, ...] = ()
    """Folders of git repositories whose commits briefings and reports tell of."""


class Workspace:
    """A folder, and how to read and write what it keeps.

    `dry_run`: events are worked out and kept in `log.planned`, not written. `moment`: the workspace as it was after
    that position of the log; nothing can be changed in it.
    """

    def __init__(self, root: Path, *, dry_run: bool = False, moment: int | None = None) -> None:
        self.root = root
        self.dry_run = dry_run
        self.moment = moment

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @cached_property
    def settings(self) -> Settings:
        return self.config(Settings, MARK)

    @cached_property
    def log(self) -> EventLog:
        """The event log that `bus.url` names."""
        from halo_engine.events.opening import open_log

        return open_log(self)

    def config(self, model: type[C], name: str) -> C:
        """A configuration file, checked; the model's defaults where there is none.

        Raises BadConfig naming file, line and key of every fault.
        """
        path = self.root / name
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return model()
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise BadConfig(f"{path}:{line}: not UTF-8") from error
        if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
            return model()
        from halo_engine.configuration import load

        return load(text, model, str(path))

    def instances(self) -> dict[str, Path]:
        """Name -> folder of each instance in FLEET.yaml, for who only looks for their files; the fleet itself reads
        it strictly.

        Raises BadConfig for what is no list of instances.
        """
        path = self.root / "FLEET.yaml"
        if not path.is_file():
            return {}
        import yaml

        try:
            found = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
            listed = (found or {}).get("instances") or []
            entries = [each for each in listed if isinstance(each, dict)]
        except (yaml.YAMLError, AttributeError, TypeError, UnicodeDecodeError) as error:
            raise BadConfig(f"{path}: not a list of instances: {error}", "`halctl list` says what is wrong") from error
        named = [(each.get("name"), each.get("path")) for each in entries]
        return {
            name: self.root / Path(place).expanduser()
            for name, place in named
            if isinstance(name, str) and isinstance(place, str)
        }

    def at(self, moment: int | None) -> Workspace:
        """The same workspace as it was after a position of the log; None is the present."""
        return Workspace(self.root, moment=moment)

    @classmethod
    def find(cls, explicit: Path | None = None, *, dry_run: bool = False, make: bool = True) -> Workspace:
        """The workspace to work in: the one given, `$HALO_WORKSPACE`, the nearest above, else the user's own.

        With `make` it is made when it is not there yet. Raises NotFound when a place was named whose parent does not
        exist.
        """
        named = explicit or os.environ.get("HALO_WORKSPACE")
        root = Path(named).expanduser().absolute() if named else _nearest() or _users_own()
        workspace = cls(root, dry_run=dry_run)
        if make and not dry_run and not workspace.exists():
            if named and not root.parent.exists():
                raise NotFound(f"no folder {root.parent} to make the workspace {root} in", "make the folder first")
            workspace.create()
        return workspace

    def exists(self) -> bool:
        return (self.root / MARK).exists()

    def create(self) -> bool:
        """Make the folder with its `halo.yaml`; False when it was there already."""
        with writing(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                replace(ignore, IGNORED)
            if self.exists():
                return False
            replace(self.root / MARK, FIRST)
            return True


def replace(path: Path, text: str | bytes) -> None:
    """Write a whole file so that a reader, or a crash, sees the old text or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with draft.open("wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say which place could not be written, and why, instead of a bare OSError."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"{error.filename or place} cannot be written: {error.strerror}",
            "make it writable, or make room, and repeat",
        ) from error


def _nearest() -> Path | None:
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / MARK).exists()), None)


def _users_own() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("halo"))
