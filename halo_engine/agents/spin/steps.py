"""Steps: calls with their results, made out of the records of a session as they come."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.agents.records import Call, Change, Record, Result, Said, Thought
from halo_engine.agents.spin import changes as edits
from halo_engine.agents.spin.failures import OF_ALL, are_same, fails, have_same_aim, is_nothing, signature, sort_of
from halo_engine.agents.spin.lately import Lately
from halo_engine.agents.spin.listings import listed
from halo_engine.agents.spin.text import COUNT, MOST, NUMBER, fingerprint, line_prints, steady, unnumbered
from halo_engine.agents.spin.tools import (
    CHECKS,
    INSTALLS,
    MEASURES,
    MUTATES,
    ONLY_SLEEPS,
    Kind,
    call_text,
    command_of,
    kind_of,
    seconds_slept,
)

REFUSED = re.compile(r"user (?:doesn't want|does not want|rejected|declined|denied)|interrupted by user", re.IGNORECASE)


OPEN, WRITTEN = 1000, 100
"""Calls without a result, and files that were written whole, that are remembered."""
LONGEST = 4000
"""Characters of a call and of its result that are compared."""
FEW = 3
"""Numbers in a result that says little else."""
QUESTION = 7
"""Characters of an argument of several words that a result may repeat, rather than have by chance."""


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
    numbers: list[float]
    """In the result, without those in times and ids."""
    counts: list[float]
    """Large numbers in it, or its only ones: they may be ids, and may be what is left to do."""
    text: str
    failed: bool
    error: int
    """A print of what went wrong, without what the call itself said; 0 when nothing did."""
    wrong: str
    """The same as text."""
    sort: str
    """Of which sort the failure is, where there are many words for it."""
    lines: list[int]
    said: frozenset[int]
    """Of those, which the call itself said: what is echoed is no news."""
    changes: tuple[Change, ...]
    slight: bool
    mutates: bool
    checks: bool
    measures: bool
    """Its numbers are what is asked for."""
    refused: bool
    """A person said no to it."""
    gap: float
    """Seconds since the result before it."""
    slept: float
    tokens: int
    """Written since the step before it."""
    arguments: dict[str, Any]
    news: float = 0.0
    """Which share of the lines that it showed was never seen before, 0 to 1."""
    asked: bool = False
    """A person asked for it to be done again."""
    fresh: bool = False
    """It brought something new, or changed something."""
    blind: bool = False
    """An edit of lines edited before, though what was looked at in between showed nothing new."""
    falls: bool = False
    """It counts what is left to do, and that falls."""
    recovers: bool = False
    """It failed when it was last made, and works."""
    solves: bool = False
    """A check passes that failed before."""
    excused: bool = False
    """Nothing new, and rightly so: a check after an edit, a spaced poll."""

    @property
    def key(self) -> tuple[int, int]:
        return self.call, self.result

    @property
    def pauses(self) -> bool:
        """Whether it does nothing but wait."""
        return bool(ONLY_SLEEPS.match(command_of(self.arguments)))

    def grows_from(self, before: Step) -> bool:
        """Whether it adds to the file that the one before has written, and takes nothing out."""
        same = {change.path for change in self.changes} == {change.path for change in before.changes}
        return bool(self.changes) and same and not any(change.removed for change in self.changes)

    @property
    def stale(self) -> bool:
        return not self.fresh and not self.excused


class Stepper:
    """Pairs calls with results. Feed it every record of one conversation, in order."""

    def __init__(self) -> None:
        self._open: Lately[str, tuple[Call, int, int]] = Lately(OPEN)
        self._last_time: float | None = None
        self._lead = 0
        self._tokens = 0
        self._count = 0
        self._written: Lately[str, list[str]] = Lately(WRITTEN)

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
        opened = self._open.pop(record.call) if isinstance(record, Result) else None
        if not isinstance(record, Result) or opened is None:
            return None
        call, onset, tokens = opened
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
    measures = bool(command and MEASURES.search(command))
    target = call_text(call.tool, call.arguments)
    failed = result.failed or fails(result.text, kind)
    done = tuple(edits.between(each.path, list(each.removed), list(each.added)) for each in result.changes)
    if not done and kind in {Kind.EDIT, Kind.PLAN} and not failed:
        done = told
    text = result.text if command else unasked(call, result.text)
    plain = steady(text[:20_000])
    wrong = signature(result.text, target) if failed or is_nothing(kind, result.text) else ""
    numbers = [float(each) for each in NUMBER.findall(plain[:4000])[:50]]
    return Step(
        number=number,
        line=call.line,
        onset=onset,
        end=result.line,
        tool=call.tool,
        kind=kind,
        call=fingerprint(target),
        target=target[:LONGEST],
        result=fingerprint(result.text[:20_000] if measures else plain),
        loose=fingerprint(unnumbered(plain)),
        numbers=numbers,
        counts=[float(each) for each in COUNT.findall(result.text[:4000])[:20]] or numbers * (len(numbers) <= FEW),
        text=result.text[:LONGEST],
        failed=failed,
        error=fingerprint(wrong) if wrong else 0,
        wrong=wrong,
        sort=sort_of(result.text) if failed else "",
        lines=shown(call, text, failed=failed),
        said=frozenset(shown(call, echoed(result.text, command), failed=failed)) if command else frozenset(),
        changes=done,
        slight=bool(done) and edits.is_slight(done),
        mutates=bool(command and (MUTATES.search(command) or INSTALLS.search(command))),
        checks=bool(command and CHECKS.search(command) and not INSTALLS.search(command)),
        measures=measures,
        refused=bool(result.failed and REFUSED.search(result.text)),
        gap=gap,
        slept=seconds_slept(call.arguments),
        tokens=tokens,
        arguments=call.arguments,
    )


def shown(call: Call, text: str, *, failed: bool) -> list[int]:
    """Prints of the lines that a result shows; of a listing, of the paths."""
    paths = None if failed else listed(call.tool, call.arguments, text)
    return line_prints(text if paths is None else paths)


def unasked(call: Call, text: str) -> str:
    """A result without the question that it repeats."""
    text = text[:MOST]
    for said in call.arguments.values():
        if isinstance(said, str) and QUESTION < len(said) < LONGEST and " " in said:
            text = text.replace(said, "~")
    return text


def echoed(text: str, command: str) -> str:
    """The lines of a result that the command itself says."""
    return "\n".join(line for line in text[:20_000].splitlines() if line.strip() in command)


def is_same_error(one: Step, other: Step) -> bool:
    """Whether two steps went wrong alike: in like words, or after the same aim with the same sort of failure."""
    if not one.error or not other.error:
        return False
    if one.error == other.error or are_same(one.wrong, other.wrong):
        return True
    if not one.sort or one.sort != other.sort:
        return False
    return one.sort == OF_ALL or have_same_aim(one.target, other.target)
