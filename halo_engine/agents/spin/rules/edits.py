"""Edits that cancel each other."""

from __future__ import annotations

from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.steps import Step

SHARE = 0.4
CHURN_LINES = 40
CHURN = 0.25
BLIND = 0.5
"""What an edit of lines edited before counts, when nothing that was seen in between was new."""


class Undone(Rule):
    """Edits that bring a file back to where it has been.

    Content before is held against content after, by lines: a change that was taken back and made again is no change,
    however many edits it took. Many lines edited that come to few are a sign beside others, never enough alone: a
    file that is shaped and shaped again may be good work. Editing the same lines once more though nothing new was seen
    counts half: a value turned to and fro. The seeds' signal of low net change; transcripts count every
    edit as work otherwise.
    """

    name = "undone"

    def after_step(self, history: History, step: Step) -> Finding | None:
        edits = list(history.edits)
        if not edits or edits[-1] is not step:
            return None
        back = [each for each in edits if not each.fresh and not each.slight and not each.excused]
        if len(back) < SHARE * len(edits):
            back = []
        gross, net = history.ledger.gross, history.ledger.net_lines()
        blind = [each for each in edits if each.blind and each.fresh]
        limit = self.settings.undone_limit
        churn = min(len(edits) / 2, 0.75 * limit) if gross >= CHURN_LINES and net <= CHURN * gross else 0.0
        again = {each.call for each in back}
        first = next((each for each in edits if each.call in again), edits[0])
        says = f"{len(back)} of {len(edits)} edits took back others; {gross} lines changed, {net} differ in the end"
        return self.found(max(len(back) + BLIND * len(blind), churn), limit, says, first.onset, [e.line for e in back])
