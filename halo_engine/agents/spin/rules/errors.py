"""The same failure, from calls that differ or after edits that say nothing new."""

from __future__ import annotations

from itertools import pairwise

from halo_engine.agents.spin.changes import is_tuning
from halo_engine.agents.spin.failures import COUNTED, have_same_aim, is_absent
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.pauses import patience
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.rules.repeats import shown
from halo_engine.agents.spin.steps import Step, is_same_error
from halo_engine.agents.spin.text import fingerprint, loose
from halo_engine.agents.spin.tools import Kind

FAILING_SHARE = 0.6
FAILING_ALL = 0.8
NEWS = 0.7
"""What a failure counts that was not seen before: something may be learned of it."""
SHORT_ERROR = 12
"""Lines of a failure; what is longer is likelier to be output that speaks of failures."""
SAME_LINES = 0.8
LOOKING = 0.6
"""What a look that finds nothing counts: trying several places is work."""
LISTED = 0.3
"""The same where no change was asked for: that something is nowhere is an answer."""
REWRITTEN, TUNED, ELSEWHERE = 0.5, 0.3, 0.15
"""What a real edit between equal failures counts: one that rewrites an earlier one, or makes a file only to run it; one
of a literal; one in another place."""


class SameError(Rule):
    """The same error from calls that differ.

    The error is taken without numbers, quoted parts, paths and the words of the call itself. A look that
    finds nothing counts less. Known from: openclaw #117637 (varied arguments, the same
    error 40 times), OpenHands (3 errors), hermes (the same tool failing 8 times).
    """

    name = "same_error"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not step.error or step.excused:
            return None
        kind = [each for each in history.window if each.kind is step.kind][-12:]
        same = [each for each in kind if is_same_error(each, step)]
        if len({each.call for each in same}) < 2 or len(same) < FAILING_SHARE * len(kind):
            return None
        count = sum(tried(history, each) for each in same)
        limit = self.settings.error_limit * patience(history, same)
        reason = next((line for line in step.text.splitlines() if line.strip()), "nothing found")[:80]
        says = f"{len(same)} calls that differ, one error: {reason}"
        return self.found(count, limit, says, same[0].onset, [each.line for each in same])


class Failing(Rule):
    """Failures in a row of like calls, whatever each of them says.

    One thing tried with one tool after another way of writing it, and nothing else done in between: what comes back
    differs, and still nothing works. Twice as many where many things were to be done. Known from: hermes (the same
    tool failing 8 times), SWE-agent (requeries).
    """

    name = "failing"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not step.failed or step.excused:
            return None
        edited = history.edits[-1].number if history.edits else 0
        steps = [each for each in history.window if not each.excused and each.number > edited]
        streak: list[Step] = []
        failed = 0
        for place, each in enumerate(reversed(steps), 1):
            failed += each.failed
            if failed >= FAILING_ALL * place and each.failed:
                streak = steps[-place:]
        like = [each for each in streak if each.failed and is_like(each, step)]
        if not like:
            return None
        limit = self.settings.failing_limit * patience(history, like) * (2 if history.asked.each else 1)
        says = f"{len(like)} like calls failed, one way or another: {shown(step)}"
        count = sum(NEWS if each.fresh else 1.0 if each.kind is Kind.LOOK else tried(history, each) for each in like)
        return self.found(count, limit, says, like[0].onset, [each.line for each in like])


def tried(history: History, step: Step) -> float:
    """What a failure counts: less where something was looked for and is not there."""
    if not is_absent(step.kind, step.text):
        return 1.0
    return LOOKING if history.asked.change else LISTED


def is_like(one: Step, other: Step) -> bool:
    """Whether two calls are after the same."""
    return one.tool == other.tool and len(one.lines) <= SHORT_ERROR and have_same_aim(one.target, other.target)


class Fruitless(Rule):
    """A failure that stays equal although something was edited in between.

    Edits that change only blanks, comments, messages or names count in full, so do edits that put back what was
    there; a real edit counts half when it rewrites an earlier one of the series or makes a file only to run it, less
    when it tunes a literal, and hardly at all elsewhere: the same test after different edits is work.
    A success ends the series.
    Known from: hermes (a successful mutation resets failure counts, which cosmetic edits exploit), Overthinking
    (arXiv 2502.08235).
    """

    name = "fruitless"

    def after_step(self, history: History, step: Step) -> Finding | None:
        checks = list(history.checks)
        if not checks or checks[-1] is not step:
            return None
        count, first, tried = 0.0, step, 0
        for earlier, later in reversed(list(pairwise(checks))):
            if later.falls or not equal(earlier, later):
                break
            between = [each for each in history.edits if earlier.number < each.number < later.number]
            done = [each for each in history.remedies if earlier.number < each.number < later.number]
            count += max((worth(history, each, later) for each in between), default=0.0)
            count += 0 if between else max((remedy(history, each) for each in done), default=0.0)
            tried += len(between) + len(done)
            first = earlier
        says = f"{tried} edits or remedies and still the same failure: {shown(step)}"
        lines = [each.line for each in checks if each.number >= first.number]
        return self.found(count + (count > 0), self.settings.fruitless_limit, says, first.onset, lines)


def equal(one: Step, other: Step) -> bool:
    """Whether two failed runs failed alike: as many failures, and nearly the same lines but for numbers."""
    if COUNTED.findall(one.text) != COUNTED.findall(other.text):
        return False
    left, right = prints(one.text), prints(other.text)
    return len(left & right) >= SAME_LINES * len(left | right)


def prints(text: str) -> set[int]:
    return {fingerprint(loose(line)) for line in text.splitlines() if line.strip()}


def worth(history: History, edit: Step, check: Step) -> float:
    """How much an edit, before a check that failed as before, counts as going nowhere, 0 to 1."""
    if edit.slight or not edit.fresh:
        return 1.0
    if any(not each.removed and each.path.rpartition("/")[2] in check.target for each in edit.changes):
        return REWRITTEN
    removed = {line.strip() for change in edit.changes for line in change.removed if len(line.strip()) > 2}
    earlier = {
        line.strip()
        for each in history.edits
        if each.number < edit.number
        for change in each.changes
        for line in change.added
    }
    if removed and len(removed & earlier) >= len(removed) / 2:
        return REWRITTEN
    return TUNED if is_tuning(edit.changes) else ELSEWHERE


def remedy(history: History, step: Step) -> float:
    """The same of something else that was done: in full when it was done before, or came to the same."""
    earlier = [each for each in history.remedies if each.number < step.number]
    again = any(each.loose == step.loose and (each.call == step.call or step.lines) for each in earlier)
    return 1.0 if again else ELSEWHERE
