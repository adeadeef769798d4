"""Prime trees: what an instance is a copy of, and what `prime.yaml` says about building, running and governing one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from halo_engine import resources
from halo_engine.errors import BadConfig, NotFound
from halo_engine.fleet.instance import Runtime

FILE = "prime.yaml"
EXCLUDED = ("store", "memory", "groups", ".env", ".git", "node_modules")
"""Paths below the tree's root that are never copied, whatever `prime.yaml` says."""
LOCKED = ("CLAUDE.md", ".claude", "src", "halos", FILE)
"""What is governed where `prime.yaml` does not say: those of them that there are."""


class Tool(Struct, frozen=True, forbid_unknown_fields=True):
    """A program that the build or the runtime needs, with the versions that are known to work."""

    command: list[str]
    """Prints its version: `[node, --version]`."""
    least: str = ""
    """The lowest version that will do, `20`; empty: any."""
    below: str = ""
    """The first version that will not do any more; empty: none."""


class Probe(Struct, frozen=True, forbid_unknown_fields=True):
    """How a runtime that is not ours shows that it answers."""

    http: str = ""
    """A path on its `http` port that answers with 200."""
    file: str = ""
    """A file below its folder that it touches again and again."""


class Prime(Struct, frozen=True, forbid_unknown_fields=True):
    """`prime.yaml`."""

    name: str
    version: str
    runtime: Runtime = Runtime.HALO
    start: list[str] = []
    """The command that runs it, below its folder; unused for the runtime `halo`."""
    build: list[str] = []
    """Shell lines, run one after the other in the new folder."""
    build_timeout: Annotated[float, Meta(gt=0)] = 900.0
    """Seconds for each of them."""
    needs: list[Tool] = []
    exclude: list[str] = []
    """Paths below the root that are not copied, besides `EXCLUDED`."""
    lock: list[str] = field(default_factory=lambda: list(LOCKED))
    """What is governed: files and folders below the root, those of them that there are."""
    mirrors: list[str] = []
    """Where copies of CLAUDE.md must lie too, because the runtime reads them there; governed like it."""
    writable: list[str] = []
    """Paths inside locked folders that stay writable, where a runtime insists."""
    probe: Probe = Probe()


def shipped() -> Path:
    """The prime that ships with Halo."""
    return Path(str(resources.folder("templates"))).resolve() / "prime"


def home(prime: str) -> Path:
    """The folder that a prime's reference means: empty for the one that ships.

    Raises NotFound.
    """
    place = Path(prime).expanduser().absolute() if prime else shipped()
    if not place.is_dir():
        raise NotFound(f"no prime tree at {place}", "give a folder with a prime.yaml, or none for the shipped one")
    return place


def read(place: Path) -> Prime:
    """The prime of a tree.

    Raises BadConfig naming file, line and key, also for a path that leads out of the tree.
    """
    path = place / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadConfig(f"{path} is missing: without it nobody knows how to build and run this tree") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: cannot be read: {error}") from error
    try:
        return _known(text)
    except BadConfig:
        return _parsed(text, path)


@lru_cache(maxsize=16)
def _known(text: str) -> Prime:
    """Two hundred instances of one prime have the same file, which is understood once."""
    return _parsed(text, Path(FILE))


def _parsed(text: str, path: Path) -> Prime:
    from halo_engine.configuration import load

    prime = load(text, Prime, str(path))
    for key in ("exclude", "lock", "mirrors", "writable"):
        for each in getattr(prime, key):
            parts = Path(each).parts
            if not parts or Path(each).is_absolute() or ".." in parts:
                raise BadConfig(f"{path}: {key}: `{each}` must lie below the tree")
    if prime.runtime is not Runtime.HALO and not prime.start:
        raise BadConfig(f"{path}: start: the command that runs a {prime.runtime} tree is missing")
    return prime
