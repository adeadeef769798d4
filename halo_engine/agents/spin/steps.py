"""Steps: calls with their results, made out of the records of a session as they come."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.agents.records import Call, Change, Record, Result, Said, Thought
from halo_engine.agents.spin import changes as edits
from halo_engine.agents.spin.text import fingerprint, line_prints, loose, similarity, steady
from halo_engine.agents.spin.tools import CHECKS, MUTATES, Kind, call_text, command_of, kind_of, seconds_slept

SAME_ERROR = 0.7
"""Similarity from which two errors are the same."""
FAILS = re.compile(
    r"\b(?:error|errors|exception|traceback|failed|failure|fatal|panic|denied|refused|not found|no such|cannot|can't|"
    r"undefined|unresolved|timed? ?out|timeout|unauthorized|forbidden|invalid|abort(?:ed|ing)?|unreachable|conflict)\b",
    re.IGNORECASE,
)
PASSES = re.compile(r"\b(?:0|no) (?:errors?|failures?|failed|problems?|issues?)\b", re.IGNORECASE)
COUNTED = re.compile(r"\b[1-9]\d* (?:failed|errors?|failures?|failing)\b", re.IGNORECASE)
NOTHING = re.compile(
    r"^\s*(?:no (?:matches|files|results|such|matching)\b.*|found 0\b.*|0 (?:matches|results)\b.*|\[\]|"
    r"\(?(?:empty|none|nothing found)\)?)?\s*$",
    re.IGNORECASE,
)
REFUSED = re.compile(r"user (?:doesn't want|does not want|rejected|declined|denied)|interrupted by user", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|‘[^’]*’")
PATHS = re.compile(r"(?<!\w)[~.]{0,2}/?(?:[\w.@-]+/)+[\w.@-]*|\b[\w-]+\.[a-z]{1,5}\b")


class Step(msgspec.Struct):
    """A call and what came of it."""

    number: int
    line: int
    """Where the call stands."""
    onset: int
    """Where what led to it begins: the first line after the result before it."""
    end: int
    """Where its result stands."""
    tool: str
    kind: Kind
    call: int
    """A print of name and arguments, without nonces."""
    target: str
    """The same as text."""
    result: int
    """A print of the result without volatile parts; of the loose one when the numbers in it are seen to jitter."""
    loose: int
    text: str
    failed: bool
    error: int
    """A print of what went wrong, without what the call itself said; 0 when nothing did."""
    wrong: str
    """The same as text."""
    lines: list[int]
    changes: tuple[Change, ...]
    slight: bool
    mutates: bool
    checks: bool
    refused: bool
    """A person said no to it."""
    gap: float
    """Seconds since the result before it."""
    slept: float
    tokens: int
    """Written since the step before it."""
    arguments: dict[str, Any]
    fresh: bool = False
    """It brought something new, or changed something."""
    excused: bool = False
    """Nothing new, and rightly so: a check after an edit, a spaced poll."""

    @property
    def key(self) -> tuple[int, int]:
        return self.call, self.result

    @property
    def stale(self) -> bool:
        return not self.fresh and not self.excused


class Stepper:
    """Pairs calls with results. Feed it every record of one conversation, in order."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Call, int, int]] = {}
        self._last_time: float | None = None
        self._lead = 0
        self._tokens = 0
        self._count = 0
        self._written: dict[str, list[str]] = {}

    def spend(self, tokens: int) -> None:
        """Tokens that the model has written."""
        self._tokens += tokens

    def feed(self, record: Record) -> Step | None:
        """The step that this record completes, if it does."""
        if isinstance(record, (Thought, Said, Call)) and not self._lead:
            self._lead = record.line
        if isinstance(record, Call):
            self._open[record.id] = (record, self._lead or record.line, self._tokens)
            self._tokens = 0
        if not isinstance(record, Result) or record.call not in self._open:
            return None
        call, onset, tokens = self._open.pop(record.call)
        self._lead = 0
        self._count += 1
        began, ended = seconds(call.time), seconds(record.time)
        gap = began - self._last_time if began is not None and self._last_time is not None else 0.0
        self._last_time = ended if ended is not None else self._last_time
        told = () if record.failed else edits.from_arguments(call.arguments, self._written)
        return made(call, record, self._count, onset=onset, tokens=tokens, gap=gap, told=told)

    def forget_lead(self) -> None:
        """A person spoke: what follows begins after it."""
        self._lead = 0


def seconds(time: str) -> float | None:
    """A timestamp as seconds since the epoch; None when it is none."""
    try:
        return clock.instant(time).timestamp()
    except ValueError:
        return None


def made(
    call: Call, result: Result, number: int, *, onset: int, tokens: int, gap: float, told: tuple[Change, ...]
) -> Step:
    """A step; `told` is what the call's arguments say of files, for where the source says nothing."""
    kind = kind_of(call.tool, call.arguments)
    command = command_of(call.arguments)
    target = call_text(call.tool, call.arguments)
    failed = result.failed or fails(result.text, kind)
    done = tuple(edits.between(each.path, list(each.removed), list(each.added)) for each in result.changes)
    if not done and kind in {Kind.EDIT, Kind.PLAN} and not failed:
        done = told
    wrong = signature(result.text, target) if failed or is_nothing(kind, result.text) else ""
    return Step(
        number=number,
        line=call.line,
        onset=onset,
        end=result.line,
        tool=call.tool,
        kind=kind,
        call=fingerprint(target),
        target=target,
        result=fingerprint(steady(result.text[:20_000])),
        loose=fingerprint(loose(result.text[:20_000])),
        text=result.text[:4000],
        failed=failed,
        error=fingerprint(wrong) if wrong else 0,
        wrong=wrong,
        lines=line_prints(result.text),
        changes=done,
        slight=bool(done) and edits.is_slight(done),
        mutates=bool(command and MUTATES.search(command)),
        checks=bool(command and CHECKS.search(command)),
        refused=bool(result.failed and REFUSED.search(result.text)),
        gap=gap,
        slept=seconds_slept(call.arguments),
        tokens=tokens,
        arguments=call.arguments,
    )


def fails(text: str, kind: Kind) -> bool:
    """Whether a result is a failure by its own words, where the source does not say. A file that is read, and what a
    sub-agent reports, may hold any.
    """
    if kind not in {Kind.RUN, Kind.OTHER, Kind.WAIT}:
        return False
    if COUNTED.search(text):
        return True
    head = "\n".join([*text.splitlines()[:3], *text.splitlines()[-3:]])
    return bool(FAILS.search(PASSES.sub("", head)))


def is_nothing(kind: Kind, text: str) -> bool:
    """Whether a search came back empty."""
    return kind is Kind.LOOK and bool(NOTHING.match(text))


def signature(text: str, call: str) -> str:
    """What went wrong, so that the same error from another call is the same: without numbers, quotes, paths, and what
    the call itself said.
    """
    wrong = [line for line in text.splitlines() if FAILS.search(line)][:3] or text.splitlines()[-2:]
    plain = PATHS.sub("P", QUOTED.sub("Q", loose("\n".join(wrong))))
    said = {word for word in re.findall(r"\w+", call.lower()) if not FAILS.fullmatch(word)}
    return " ".join(word for word in re.findall(r"\w+", plain.lower()) if word not in said)[:300] or "nothing"


def is_same_error(one: Step, other: Step) -> bool:
    """Whether two steps went wrong alike."""
    return bool(one.error) and (one.error == other.error or similarity(one.wrong, other.wrong) >= SAME_ERROR)
