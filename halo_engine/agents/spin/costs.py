"""What a step costs that gets nowhere, and what one brings back that gets on."""

from __future__ import annotations

from halo_engine.agents.spin.calls import Calls
from halo_engine.agents.spin.delegating import is_same_answer, is_same_order
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.tools import Kind, items_done
from halo_engine.agents.spin.work import Work

KEPT = 24
"""Orders to sub-agents that later ones are held against."""
PLAN, FIRST_PLAN = 0.6, 0.2
"""A plan again, with no more of it done, and one that is written after something was done."""
ORDER_AGAIN, ORDER = 1.0, -0.5
"""An order to a sub-agent: with the outcome of one before, and any other."""


class Costs:
    """Of a session, since a person last asked for something else."""

    def __init__(self) -> None:
        self.work = Work()
        self._calls = Calls(self.work)
        self._orders: list[Step] = []
        self._plan_before: Step | None = None
        self._planned = (0, -1)
        """How many items of the plan were done when it was last written, and how many moves there were."""

    def of(self, history: History, step: Step) -> float:
        """What the next step costs, 0 to 2, or brings, down to -0.6."""
        if step.pauses or step.asked or (step.refused and step.kind is not Kind.PLAN):
            return 0.0
        if step.kind is Kind.PLAN:
            return self._plan(step)
        if step.kind is Kind.DELEGATE:
            return self._order(step)
        if step.changes:
            return self.work.edit(history, step)
        if step.kind is Kind.EDIT:
            return self._calls.error(history, step)
        return self._calls.cost(history, step)

    def _plan(self, step: Step) -> float:
        (before, moves), self._planned = self._planned, (items_done(step.arguments), self.work.moves)
        if self._planned[0] > before:
            return 0.0
        grown, self._plan_before = self._plan_before is not None and step.grows_from(self._plan_before), step
        return FIRST_PLAN if self.work.moves > moves or grown else PLAN

    def _order(self, step: Step) -> float:
        same = any(is_same_order(each, step) and is_same_answer(each, step) for each in self._orders)
        self._orders = [*self._orders[-KEPT:], step]
        self.work.moves += not same
        return ORDER_AGAIN if same else ORDER
