"""How good the detector is: its verdicts held against labelled sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean, median

import msgspec

from halo_engine.agents import sources
from halo_engine.agents.spin.detector import Detector, Verdict
from halo_engine.agents.spin.rules import NAMES
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.errors import BadData, NotFound


class Label(msgspec.Struct, frozen=True):
    """What is known of one session."""

    stuck: bool
    path: str
    """Relative to the labels' file."""
    kind: str = ""
    why: str = ""
    stuck_from_line: int | None = None
    """How many lines of the file come before the unproductive part."""


class Judged(msgspec.Struct, frozen=True):
    """A label and the verdict."""

    session: str
    label: Label
    verdict: Verdict
    peaks: dict[str, float]
    """Rule -> the most that it added at any time."""

    @property
    def right(self) -> bool:
        return self.verdict.flagged == self.label.stuck

    @property
    def onset_error(self) -> int | None:
        """Lines between where it began and where the verdict says so; None where there is nothing to compare."""
        start = self.label.stuck_from_line
        return abs(self.verdict.since - 1 - start) if start is not None and self.verdict.flagged else None


class Score(msgspec.Struct):
    """The usual figures; None where there is nothing to divide by."""

    sessions: int
    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    precision: float | None
    recall: float | None
    specificity: float | None
    f1: float | None
    onset_error: float | None = None
    """Mean of the lines between the labelled beginning and the one found."""
    onset_error_median: float | None = None


class Evaluation(msgspec.Struct):
    """The figures over all sessions, of each rule alone, and by kind."""

    overall: Score
    rules: dict[str, Score]
    """As if the rule were the only one."""
    kinds: dict[str, Score]
    wrong: list[str]
    """`false_negative claude/x.jsonl (kind)`, for each session that is judged wrong."""


def evaluate(labels: Path, settings: SpinSettings) -> Evaluation:
    """Judge every labelled session.

    Raises NotFound for a file that is not there, BadData for labels that are none.
    """
    judged = [judge(name, label, labels.parent, settings) for name, label in read(labels).items()]
    kinds = sorted({each.label.kind for each in judged})
    return Evaluation(
        overall=scored(judged, lambda each: each.verdict.flagged),
        rules={
            name: scored(judged, lambda each, name=name: each.peaks.get(name, 0.0) >= settings.threshold, onset=False)  # type: ignore[misc]
            for name in NAMES
        },
        kinds={
            kind: scored([e for e in judged if e.label.kind == kind], lambda e: e.verdict.flagged) for kind in kinds
        },
        wrong=[
            f"{'false_negative' if each.label.stuck else 'false_positive'} {each.label.path} ({each.label.kind})"
            for each in judged
            if not each.right
        ],
    )


def read(labels: Path) -> dict[str, Label]:
    """Session id -> label."""
    try:
        return msgspec.json.decode(labels.read_bytes(), type=dict[str, Label])
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {labels}", "agentctl evaluate LABELS") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadData(
            f"{labels}: {error}", 'one object: {"SESSION": {"stuck": true, "kind": "...", "path": "..."}}'
        ) from error


def judge(name: str, label: Label, folder: Path, settings: SpinSettings) -> Judged:
    detector = Detector(settings)
    verdict = detector.feed_all(sources.read(folder / label.path))
    return Judged(name, label, verdict, detector.peaks())


def scored(judged: Iterable[Judged], says: Callable[[Judged], bool], *, onset: bool = True) -> Score:
    """The figures of a way to judge."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    errors = []
    for each in judged:
        counts[says(each), each.label.stuck] += 1
        if onset and each.label.stuck and each.onset_error is not None:
            errors.append(each.onset_error)
    tp, fp, fn, tn = counts[True, True], counts[True, False], counts[False, True], counts[False, False]
    return Score(
        sessions=sum(counts.values()),
        true_positive=tp,
        false_positive=fp,
        true_negative=tn,
        false_negative=fn,
        precision=share(tp, tp + fp),
        recall=share(tp, tp + fn),
        specificity=share(tn, tn + fp),
        f1=share(2 * tp, 2 * tp + fp + fn),
        onset_error=round(fmean(errors), 2) if errors else None,
        onset_error_median=median(errors) if errors else None,
    )


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
