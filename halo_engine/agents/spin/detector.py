"""The verdict: feed a session's records as they come, and ask at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from halo_engine.agents.records import AnyRecord, Call, Mark, Prompt, Said, Spent, Thought
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.lately import Lately
from halo_engine.agents.spin.rules import RULES, Finding, Stalled
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.spin.steps import Stepper
from halo_engine.agents.spin.tools import THINKS

BESIDE = 0.25
"""What the rules beside the strongest add of their parts: they mostly see the same turns."""
RECOVERY = 3
"""Fresh steps after which a session that went nowhere is at work again."""
REPLIES = 1000
"""How many replies are remembered, which come in pieces."""
MOSTLY, LONG = 0.7, 20
"""The share of all steps, and their number, that make a session flagged though it recovered."""


class Verdict(msgspec.Struct, frozen=True):
    """Whether a session goes nowhere, and why."""

    flagged: bool
    score: float
    """The strongest rule's part and a quarter of the others'."""
    findings: tuple[Finding, ...] = ()
    """The strongest first."""
    since: int = 0
    """The line where it began; 0 when it is not flagged."""
    wasted: int = 0
    """Tokens written since."""
    steps: int = 0
    """Calls so far."""
    recovered: bool = False
    """It went nowhere for a while, and works again."""


class Detector:
    """One session, main conversation and sub-agents apart; each by its own measure."""

    def __init__(self, settings: SpinSettings | None = None) -> None:
        self.settings = settings or SpinSettings()
        self._tracks: dict[str, Track] = {}

    def feed(self, record: AnyRecord) -> None:
        """Take the next record."""
        name = record.agent or ("side" if record.sidechain else "")
        track = self._tracks.get(name)
        if track is None:
            track = self._tracks[name] = Track(self.settings)
        track.feed(record)

    def feed_all(self, records: Iterable[AnyRecord]) -> Verdict:
        for record in records:
            self.feed(record)
        return self.verdict()

    def verdict(self) -> Verdict:
        """The verdict on what was fed so far: the worst of the conversations."""
        found = [track.verdict() for track in self._tracks.values()]
        return max(found, key=lambda each: (each.flagged, each.score), default=Verdict(flagged=False, score=0.0))

    def peaks(self) -> dict[str, float]:
        """Rule -> the most that it added at any time."""
        found: dict[str, float] = {}
        for track in self._tracks.values():
            for name, part in track.peaks.items():
                found[name] = max(part, found.get(name, 0.0))
        return found


class Track:
    """One conversation."""

    def __init__(self, settings: SpinSettings) -> None:
        self.settings = settings
        self.history = History(settings)
        self.rules = [rule(settings) for rule in RULES if settings.weights.get(rule.name, rule.weight) > 0]
        self.stepper = Stepper()
        self.peaks: dict[str, float] = {}
        """The most that each rule added at any time."""
        self.now: dict[str, Finding] = {}
        """What each rule found last, in what still goes on."""
        self.flagged: Verdict | None = None
        self.wasted = 0
        self.wasted_steps = 0
        self.fresh = 0
        """Fresh steps since the last finding that counted."""
        self._spent: Lately[str, int] = Lately(REPLIES)

    def feed(self, record: AnyRecord) -> None:
        if isinstance(record, Spent):
            self._spend(record)
        elif isinstance(record, Prompt):
            self._prompt(record)
        elif isinstance(record, Mark):
            if record.what == "compacted":
                self.history.compacted()
        else:
            record = as_thought(record)
            if isinstance(record, (Thought, Said)):
                self._text(record)
            self._step(record)

    def _spend(self, record: Spent) -> None:
        """One reply is many lines: only what a line has more than the last of the same reply is new."""
        before = (self._spent.get(record.message) or 0) if record.message else 0
        more = max(0, record.tokens.output - before)
        if record.message:
            self._spent[record.message] = before + more
        self.stepper.spend(more)
        if self.flagged:
            self.wasted += more

    def _prompt(self, record: Prompt) -> None:
        self.stepper.forget_lead()
        self.history.prompt(record)
        self.now.clear()
        self._take(rule.after_prompt(self.history) for rule in self.rules)

    def _text(self, record: Thought | Said) -> None:
        text = self.history.text(record)
        if text is not None:
            self._take(rule.after_text(self.history, text) for rule in self.rules)

    def _step(self, record: AnyRecord) -> None:
        step = self.stepper.feed(record)
        if step is None:
            return
        self.history.step(step)
        if step.fresh:
            self.fresh += 1
            self.now = {name: found for name, found in self.now.items() if not step.changes}
            if step.solves:
                self.fresh = RECOVERY
            if self.fresh >= RECOVERY:
                self._recover()
        elif self.flagged:
            self.wasted_steps += 1
        self._take(rule.after_step(self.history, step) for rule in self.rules)

    def _take(self, findings: Iterable[Finding | None]) -> None:
        """Weigh what was found now; the strongest moment of an episode stays its verdict."""
        found = [finding for finding in findings if finding is not None]
        if not found:
            return
        self.now |= {finding.rule: finding for finding in found}
        for finding in found:
            self.peaks[finding.rule] = max(finding.part, self.peaks.get(finding.rule, 0.0))
        score = weigh(self.now.values())
        if score >= self.settings.threshold:
            self.fresh = 0
        if score < (self.flagged.score if self.flagged else self.settings.threshold):
            return
        ordered = in_order(self.now.values())
        since = self.flagged.since if self.flagged else began(ordered)
        if self.flagged is None:
            lost = [step for step in self.history.window if step.onset >= since]
            self.wasted_steps += max(len(lost), int(ordered[0].count))
            self.wasted += sum(step.tokens for step in lost)
        self.flagged = Verdict(flagged=True, score=round(score, 3), findings=ordered, since=since)

    def _recover(self) -> None:
        """Something moves again: the episode is over, and is remembered only when it was most of the work."""
        self.now.clear()
        if self.flagged is not None and self.wasted_steps < max(LONG, MOSTLY * self.history.steps):
            self.flagged = None

    def verdict(self) -> Verdict:
        if self.flagged is not None:
            return msgspec.structs.replace(
                self.flagged,
                wasted=self.wasted,
                steps=self.history.steps,
                recovered=self.fresh >= RECOVERY,
            )
        ordered = in_order(self.now.values())
        return Verdict(flagged=False, score=round(weigh(ordered), 3), findings=ordered, steps=self.history.steps)


def as_thought(record: AnyRecord) -> AnyRecord:
    """A call that does nothing but hold what the model thinks, as that."""
    if not isinstance(record, Call) or not THINKS.search(record.tool):
        return record
    said = [each for each in record.arguments.values() if isinstance(each, str)]
    return Thought(line=record.line, time=record.time, text=max(said, key=len, default=""))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The strongest first; of equals the one that says most precisely what it is."""
    return tuple(sorted(findings, key=lambda each: (-each.part, each.rule == Stalled.name)))


def began(findings: Sequence[Finding]) -> int:
    """The earliest beginning that any of the strong findings saw."""
    return min(finding.since for finding in findings if finding.part >= findings[0].part / 2)


def weigh(findings: Iterable[Finding]) -> float:
    """The strongest part, and a quarter of the sum of the rest."""
    parts = sorted((finding.part for finding in findings), reverse=True)
    return parts[0] + BESIDE * sum(parts[1:]) if parts else 0.0
