"""What an instance may spend in a day, asked before each call and never after it."""

from __future__ import annotations

from datetime import tzinfo

from halo_engine import clock
from halo_engine.agents.prices import Prices
from halo_engine.streaming import Question, Usage


class Budget:
    """A day's dollars in the instance's zone. `limit` None: none.

    A model whose price nobody knows costs what the dearest one known does: a limit that guesses low is none.
    """

    def __init__(self, prices: Prices, zone: tzinfo, limit: float | None) -> None:
        self._prices = prices
        self._zone = zone
        self.limit = limit

    def day(self) -> str:
        return clock.now().astimezone(self._zone).date().isoformat()

    def most(self, question: Question) -> Usage:
        """The most that a call can take: all of it in, and an answer as long as it may be."""
        return Usage(cache_write_5m=question.estimate(), output=question.max_tokens, estimated=True)

    def cost(self, model: str, usage: Usage) -> float:
        """US dollars."""
        counts = (usage.input, usage.output, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h)
        price = self._prices.table.price(model)
        context = usage.total - usage.output
        known = [price] if price else list(self._prices.table.models.values())
        costs = (
            sum(count * rate for count, rate in zip(counts, each.rates(context, ""), strict=True)) for each in known
        )
        return max(costs, default=0.0)

    def allows(self, spent: float, cost: float) -> bool:
        return self.limit is None or spent + cost <= self.limit
