"""What tokens cost: a table that ships, with its date, and that a file can refresh.

Prices are US dollars for a million tokens. A request whose context is larger than a step of `above` is charged at that
step as a whole, as the makers do it. A tier (`fast`, `batch`, ...) multiplies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from halo_engine.errors import BadData, NotFound
from halo_engine.resources import folder
from halo_engine.workspace import Workspace, replace, writing

FILE = "prices.json"
DATED = re.compile(r"[-@](?:latest|20\d{6})$|\[[^\]]*\]$|:[a-z]+$|-v\d+(?::\d+)?$|@default$|-20\d\d-\d\d-\d\d$")
"""Ends of a model's name that do not change its price."""
PLATFORM = re.compile(r"^(?:.*/|(?:(?:us|eu|apac|au|jp|global)\.)?anthropic\.)")
"""Beginnings of a model's name that say who serves it."""
PARTS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
LITELLM = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
STEP = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
HOUR = 2
"""A cache write of an hour costs twice the input, where no table says otherwise."""


class Price(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model costs. A part that is not given costs what fresh input does; a write of an hour twice that."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    above: dict[str, dict[str, float]] = {}
    """Tokens of context -> the prices that are others beyond them."""
    factors: dict[str, float] = {}
    """Tier -> what all prices are multiplied by."""
    source: str = ""
    """Where these prices are from; empty: where the whole table is from."""

    def rates(self, context: int, tier: str) -> tuple[float, ...]:
        """Dollars for a token: input, output, read, write of 5 minutes and of 1 hour."""
        at = {name: getattr(self, name) for name in PARTS}
        for step in sorted(self.above, key=int):
            if context >= int(step):
                at |= self.above[step]
        factor = self.factors.get(tier, 1) / 1e6
        read, short, hour = (at[name] for name in PARTS[2:])
        given: float = at["input"]
        return (
            given * factor,
            at["output"] * factor,
            (given if read is None else read) * factor,
            (given if short is None else short) * factor,
            (given * HOUR if hour is None else hour) * factor,
        )


class Table(msgspec.Struct, frozen=True):
    """A price table."""

    date: str
    source: str
    models: dict[str, Price]
    unit: str = "US dollars for a million tokens"

    def price(self, model: str) -> Price | None:
        """A model's price, by its name without who serves it and from when it is; None for one that is not known."""
        return next((self.models[name] for name in names(model) if name in self.models), None)


class Prices:
    """A table in use; remembers the models that it does not know."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.unknown: set[str] = set()
        self._rates = lru_cache(maxsize=None)(self._look_up)

    def _look_up(self, model: str, band: int, tier: str) -> tuple[float, ...] | None:
        price = self.table.price(model)
        return price.rates(band, tier) if price else None

    def cost(self, use: Any) -> float | None:
        """Dollars for something that has a model, tier, band and tokens; None when its model is not known."""
        if use.paid:
            return float(use.cost)
        rates = self._rates(use.model, use.band, use.tier)
        if rates is None:
            self.unknown.add(use.model or "(no model named)")
            return None
        counts = (use.input, use.output, use.cache_read, use.cache_write_5m, use.cache_write_1h)
        return float(sum(count * rate for count, rate in zip(counts, rates, strict=True)))


def names(model: str) -> Iterator[str]:
    """A model's name, and what is left of it when nothing that leaves its price alone is."""
    name = model.strip().lower()
    yield model
    yield name
    name = PLATFORM.sub("", name)
    yield name
    while (shorter := DATED.sub("", name)) != name:
        name = shorter
        yield name


def prices(workspace: Workspace) -> Prices:
    """The prices in force: those of the workspace's `prices.json` before those that ship.

    Raises BadData when that file is no price table.
    """
    shipped = msgspec.json.decode((folder("templates") / FILE).read_bytes(), type=Table)
    own = workspace.root / FILE
    if not own.exists():
        return Prices(shipped)
    table = decoded(own)
    return Prices(msgspec.structs.replace(table, models=shipped.models | table.models))


def decoded(path: Path) -> Table:
    """A price table: ours, or LiteLLM's `model_prices_and_context_window.json`.

    Raises NotFound for no file, BadData when it is neither.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"there is no {path}", "give a price table, Halo's or LiteLLM's") from error
    try:
        found = msgspec.json.decode(raw, type=dict[str, Any])
        if "models" in found:
            return msgspec.convert(found, Table)
        models = {name.rpartition("/")[2]: price for name, entry in found.items() if (price := litellm(entry))}
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        raise BadData(f"{path} is no price table: {error}", "give a price table, Halo's or LiteLLM's") from error
    if not models:
        raise BadData(f"{path} names no price", "give a price table, Halo's or LiteLLM's")
    from halo_engine.clock import stamp

    return Table(stamp()[:10], path.name, models)


def litellm(entry: Any) -> Price | None:
    """One model of LiteLLM's table; None for what is not priced by the token."""
    if not isinstance(entry, dict) or not {"input_cost_per_token", "output_cost_per_token"} <= entry.keys():
        return None
    at = {part: entry[name] * 1e6 for part, name in LITELLM.items() if isinstance(entry.get(name), int | float)}
    above = {}
    for name in entry:
        if step := STEP.fullmatch(name):
            fields = {part: entry.get(f"{each}_above_{step[1]}k_tokens") for part, each in LITELLM.items()}
            above[f"{step[1]}000"] = {part: value * 1e6 for part, value in fields.items() if value is not None}
    factors = {"fast": fast} if (fast := (entry.get("provider_specific_entry") or {}).get("fast")) else {}
    batch = entry.get("input_cost_per_token_batches")
    if batch and at["input"]:
        factors["batch"] = batch * 1e6 / at["input"]
    return msgspec.convert({**at, "above": above, "factors": factors}, Price)


def refresh(workspace: Workspace, path: Path) -> Table:
    """Take a price table into the workspace; the shipped one goes on for models that it does not name.

    Raises NotFound or BadData, see `decoded`.
    """
    table = decoded(path)
    if not workspace.dry_run:
        with writing(workspace.root / FILE):
            raw = msgspec.json.format(msgspec.json.encode(table), indent=1).decode()
            replace(workspace.root / FILE, raw + "\n")
    return table
