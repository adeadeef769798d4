"""Verdicts that are kept: a session whose files have not changed is not read again, as long as it is judged alike.

They stand in the ledger of transcripts, and can be thrown away with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from halo_engine.agents import ledger
from halo_engine.agents.spin.detector import Verdict
from halo_engine.agents.spin.evidence import cleaner
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.workspace import Workspace


class Judgement(msgspec.Struct, frozen=True):
    """A verdict, and the file that its lines count in."""

    verdict: Verdict
    path: str


class Kept:
    """What was judged before. `get` what still holds, `put` what is new, and `save` in the end.

    A session as it stands has a `key`, which is taken before its files are read: nothing written meanwhile is missed.
    """

    def __init__(self, workspace: Workspace, settings: SpinSettings) -> None:
        self._workspace = workspace
        self._how, self._clean = how(settings), cleaner(workspace)
        self._new: dict[str, tuple[bytes, bytes]] = {}
        with ledger.read(workspace) as book:
            self._known = book.verdicts()
            self._files = book.paths()

    def files(self, session: str) -> list[Path]:
        """The files of a session that are still there."""
        return [path for path in map(Path, self._files.get(session, ())) if path.exists()]

    def get(self, session: str, key: bytes) -> Judgement | None:
        """What was found of a session as it stands; None where it has changed, or was never judged so."""
        known, raw = self._known.get(session, (b"", b""))
        if known != key:
            return None
        try:
            return _decode(raw)
        except msgspec.MsgspecError:
            return None

    def put(self, session: str, key: bytes, judged: Judgement) -> None:
        """Keep what was found of a session, without secrets."""
        verdict = cleaned(judged.verdict, self._clean)
        self._new[session] = (key, _encode(Judgement(verdict, judged.path)))

    def save(self) -> None:
        """Write what is new, where that can be done."""
        place = self._workspace.store
        if self._new and not self._workspace.dry_run and place.exists() and os.access(place, os.W_OK):
            with ledger.opened(self._workspace) as book:
                book.keep_verdicts((session, *kept) for session, kept in self._new.items())
            self._new.clear()

    def key(self, files: Iterable[Path]) -> bytes:
        """What a session's files are now, and how they are judged."""
        told = [self._how]
        for path in files:
            status = path.stat()
            told.append(f"{path}\0{status.st_ino}\0{status.st_size}\0{status.st_mtime_ns}")
        return blake2b("\n".join(told).encode(errors="surrogateescape"), digest_size=16).digest()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Judgement).decode


def cleaned(verdict: Verdict, clean: Callable[[str], str]) -> Verdict:
    """The same, what it quotes without secrets."""
    findings = tuple(msgspec.structs.replace(each, says=clean(each.says)) for each in verdict.findings)
    return msgspec.structs.replace(verdict, findings=findings)


def how(settings: SpinSettings) -> str:
    """By what a session is judged: the thresholds and the rules' own code."""
    return blake2b(msgspec.json.encode(settings) + _code(), digest_size=16).hexdigest()


@cache
def _code() -> bytes:
    here = Path(__file__).parent
    files = [*sorted(here.glob("*.py")), *sorted(here.glob("rules/*.py")), *sorted(here.parent.glob("sources/*.py"))]
    return b"".join(path.read_bytes() for path in files)
