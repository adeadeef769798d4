"""Judging the sessions that are known, as they are and as they grow; and the alerts that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from halo_engine import clock
from halo_engine.agents import queries, sources, timeline
from halo_engine.agents.config import agent_settings
from halo_engine.agents.ingest import refresh
from halo_engine.agents.queries import Filter
from halo_engine.agents.records import AnyRecord
from halo_engine.agents.spin.detector import Detector, Verdict
from halo_engine.agents.spin.evidence import cleaner
from halo_engine.agents.spin.kept import Judgement, Kept, cleaned
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.store import Session
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.queries import AlertFilter, page
from halo_engine.alerts.states import OPEN, Severity, State
from halo_engine.workspace import Workspace

KIND = "spin"
SHOWN = 3


class Checked(msgspec.Struct, frozen=True):
    """A session and the verdict on it."""

    session: str
    source: str
    project: str
    instance: str
    path: str
    """The file that the lines of the verdict count in."""
    last: str
    verdict: Verdict


class Judge:
    """Verdicts on files, each read on from where it was left."""

    def __init__(self, settings: SpinSettings) -> None:
        self.settings = settings
        self._files: dict[Path, Following] = {}

    def session(self, workspace: Workspace, session: Session, kept: Kept | None = None) -> Checked:
        """The worst verdict on the files of a session; with `kept`, read only where something has changed."""
        files = kept.files(session.id) if kept else timeline.files_of(workspace, session)
        key = kept.key(files) if kept else b""
        judged = kept.get(session.id, key) if kept else None
        if judged is None:
            judged = self._worst(session, files)
            if kept:
                kept.put(session.id, key, judged)
        about = (session.id, session.source, session.project, session.instance)
        return Checked(*about, judged.path, session.last, verdict=judged.verdict)

    def _worst(self, session: Session, files: Sequence[Path]) -> Judgement:
        found = [Judgement(self.file(path, session.id), str(path)) for path in files]
        nothing = Judgement(Verdict(flagged=False, score=0.0), session.path)
        return max(found, key=lambda each: (each.verdict.flagged, each.verdict.score), default=nothing)

    def file(self, path: Path, session: str = "") -> Verdict:
        """The verdict on what a file says so far; of a file with several sessions, on one of them."""
        following = self._files.get(path)
        if following is None or following.is_void():
            following = self._files[path] = Following(path, self.settings)
        return following.advance(session)


class Following:
    """One file, read as it grows."""

    def __init__(self, path: Path, settings: SpinSettings) -> None:
        self.path = path
        self.settings = settings
        self.source = sources.source_of(path)
        self.reader = self.source.reader(path)
        self.detector = Detector(settings)
        self.offset = 0
        self.number = 0

    def is_void(self) -> bool:
        """Whether the file was cut or replaced since."""
        return not self.path.exists() or self.path.stat().st_size < self.offset

    def advance(self, session: str) -> Verdict:
        """Read what is new, and judge."""
        if self.source.lines(self.path) is not None:
            own = (each for each in sources.read(self.path, self.source) if each.session in {"", session})
            return Detector(self.settings).feed_all(own)
        return self.detector.feed_all(self._new())

    def _new(self) -> Iterator[AnyRecord]:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self.offset += len(line)
                self.number += 1
                if line.strip():
                    yield from self.reader.read(line, self.number)


def check(workspace: Workspace, wanted: Filter, judge: Judge | None = None, *, ref: str = "") -> list[Checked]:
    """The verdicts on the sessions that a filter leaves (or on the one that `ref` means), the worst first.

    What is new is read first. Raises NotFound for a reference that means no session.
    """
    judge = judge or Judge(agent_settings(workspace).spin)
    clean = cleaner(workspace)
    refresh(workspace)
    if ref:
        rows = [queries.session(workspace, ref)]
    else:
        rows = [each.session for each in queries.sessions(workspace, wanted)[0]]
    kept = Kept(workspace, judge.settings)
    found = [without_secrets(judge.session(workspace, row, kept), clean) for row in rows]
    kept.save()
    return sorted(found, key=lambda each: (not each.verdict.flagged, -each.verdict.score))


def without_secrets(checked: Checked, clean: Callable[[str], str]) -> Checked:
    """The same, what it quotes cut and cleaned."""
    return replace(checked, verdict=cleaned(checked.verdict, clean))


def tell(workspace: Workspace, checked: Iterable[Checked]) -> None:
    """Raise an alert for each flagged session that was active of late, and resolve those of which work moves again."""
    settings = agent_settings(workspace).spin
    limit = clock.stamp(clock.now() - timedelta(hours=settings.alert_hours))
    raised = flagged(workspace)
    for each in checked:
        if each.verdict.flagged and not each.verdict.recovered and each.last >= limit:
            alerts.raise_(workspace, raising(each))
        elif each.session in raised and (not each.verdict.flagged or each.verdict.recovered):
            alerts.settle(workspace, KIND, each.session, "work moves again")


def raising(checked: Checked) -> Raising:
    """The alert about a session."""
    verdict = checked.verdict
    first = verdict.findings[0].says if verdict.findings else ""
    place = checked.instance or checked.project
    return Raising(
        KIND,
        checked.session,
        f"{checked.session[:8]} goes nowhere: {first}",
        Severity.WARNING,
        instance=checked.instance,
        evidence={finding.rule: finding.says for finding in verdict.findings[:SHOWN]}
        | {
            "since": f"line {verdict.since} of {checked.path}",
            "wasted": f"{verdict.wasted:,} tokens",
            "project": place,
        },
        hint=f"agentctl spin-check --session {checked.session} --explain",
    )


def flagged(workspace: Workspace) -> frozenset[str]:
    """The ids of the sessions that have an alert for going nowhere which is not resolved."""
    rows, _ = page(workspace, AlertFilter(states=OPEN | {State.MUTED}, kind=KIND))
    return frozenset(row.subject for row in rows)
