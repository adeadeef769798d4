"""A new governance beside the live one: composed, checked, compared; nothing of the instance is touched."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from halo_engine.errors import BadConfig, BadData
from halo_engine.fleet.files import governance, primes, trees
from halo_engine.fleet.files.governance import OWN
from halo_engine.fleet.files.primes import EXCLUDED, Prime
from halo_engine.fleet.provisioning.composition import compose
from halo_engine.fleet.provisioning.plan import Plan
from halo_engine.fleet.provisioning.preflight import tools
from halo_engine.workspace import writing

LARGEST = 200_000
"""Bytes of a file that is compared line by line."""
LONGEST = 40_000
"""Characters of a diff that is shown."""


class Difference(Struct, frozen=True):
    """What a push would do to a tree."""

    paths: dict[str, str]
    """Path -> `changed`, `new` or `gone`."""
    diff: str
    """The same as a unified diff; cut, with a sign, where it is very long."""


def beside(plan: Plan) -> Path:
    """Where the new governance of an instance is made."""
    return plan.base.staging / f"{plan.instance.name}.push"


def stage(plan: Plan) -> Path:
    """The prime tree with a composed CLAUDE.md, in `.staging`, not built yet.

    Raises BadConfig and BadData for a template or a prime that does not hold.
    """
    place = beside(plan)
    with writing(place):
        plan.base.staging.mkdir(parents=True, exist_ok=True)
        trees.sweep(plan.base.staging)
        trees.erase(place)
        trees.copy(plan.source, place, {*EXCLUDED, *OWN, *plan.prime.exclude})
        text = compose(plan.workspace, plan.instance)
        for path in ("CLAUDE.md", *plan.prime.mirrors):
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).unlink(missing_ok=True)
            (place / path).write_text(text, encoding="utf-8")
    validate(plan, place)
    return place


def validate(plan: Plan, place: Path) -> None:
    """Raises BadConfig or BadData when the staged tree cannot be what the instance runs."""
    prime = primes.read(place)
    if prime.runtime is not plan.instance.runtime:
        raise BadConfig(f"{plan.source} is a {prime.runtime} tree, {plan.instance.name} runs {plan.instance.runtime}")
    if not (place / "CLAUDE.md").read_text(encoding="utf-8").strip():
        raise BadData(f"the composed CLAUDE.md of {plan.instance.name} is empty")
    lacking = [f"{check.name}: {check.evidence}" for check in tools(prime) if check.state == "wrong"]
    if lacking:
        raise BadData(f"{plan.source} cannot run here: {'; '.join(lacking)}")


def compared(live: Path, staged: Path, prime: Prime) -> Difference:
    """What differs between the live tree and a staged one, of what is staged and of what is governed."""
    new = set(_files(staged))
    old = {path for path in governance.hashes(live, prime) if not prime.build or _is_staged(staged, path)}
    paths: dict[str, str] = {}
    for path in sorted(new | old):
        kind = _kind(live, staged, path)
        if kind:
            paths[path] = kind
    lines = "\n".join(line for path in paths for line in _diff(live, staged, path))
    cut = lines if len(lines) <= LONGEST else f"{lines[:LONGEST]}\n... {len(lines) - LONGEST:,} more characters"
    return Difference(paths, cut)


def _is_staged(staged: Path, path: str) -> bool:
    """Whether the item that a path lies in comes from the prime, and not from the build."""
    return os.path.lexists(staged / Path(path).parts[0])


def _files(root: Path) -> Iterator[str]:
    for path, _ in trees.entries(root):
        if (root / path).is_symlink() or not (root / path).is_dir():
            yield path.as_posix()


def _kind(live: Path, staged: Path, path: str) -> str:
    """How a file differs; empty when it does not."""
    before, after = _digest(live, path), _digest(staged, path)
    if before == after:
        return ""
    return "new" if not before else "gone" if not after else "changed"


def _digest(root: Path, path: str) -> str:
    """Empty for what is not there; what lies behind a link is not."""
    try:
        return "" if trees.through_link(root, path) else governance.digest_of(root / path, (root / path).lstat())
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _diff(live: Path, staged: Path, path: str) -> Iterator[str]:
    before, after = _lines(live, path), _lines(staged, path)
    if before is None or after is None:
        yield f"--- {path}: differs, and is not shown: not text, or long"
        return
    yield from difflib.unified_diff(before, after, f"live/{path}", f"new/{path}", lineterm="", n=2)


def _lines(root: Path, path: str) -> list[str] | None:
    """A file's lines, none for one that is not there; None for what cannot be shown."""
    if not _digest(root, path):
        return []
    try:
        if (root / path).is_symlink():
            return [f"link to {(root / path).readlink()}"]
        raw = trees.read_plain(root / path)
        return raw.decode().splitlines() if len(raw) <= LARGEST else None
    except (OSError, UnicodeDecodeError):
        return None
