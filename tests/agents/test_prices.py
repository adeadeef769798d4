"""Every price is right, and none is silently zero."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from halo_engine.agents.prices import PARTS, Prices, decoded, prices, refresh
from halo_engine.agents.queries import Sum
from halo_engine.errors import BadData, NotFound
from halo_engine.workspace import Workspace

M = 1_000_000


def use(model: str, *, tier: str = "", band: int = 0, **counts: int) -> Sum:
    names = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    return Sum("", model, tier, band, False, 0.0, 1, *(counts.get(name, 0) for name in names))


@pytest.fixture
def table(workspace: Workspace) -> Prices:
    return prices(workspace)


@pytest.mark.parametrize(
    ("part", "dollars"),
    [
        ("input", 5.0),
        ("output", 25.0),
        ("cache_read", 0.5),
        ("cache_write_5m", 6.25),
        ("cache_write_1h", 10.0),
    ],
)
def test_each_part_has_its_price(table: Prices, part: str, dollars: float) -> None:
    assert table.cost(use("claude-opus-4-5-20251101", **{part: M})) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("tier", "band", "dollars"),
    [("", 0, 3.0), ("", 128_000, 3.0), ("", 200_000, 6.0), ("", 512_000, 6.0), ("batch", 0, 1.5), ("unheard", 0, 3.0)],
)
def test_large_contexts_and_tiers(table: Prices, tier: str, band: int, dollars: float) -> None:
    assert table.cost(use("claude-sonnet-4-5", tier=tier, band=band, input=M)) == pytest.approx(dollars)


def test_fast_costs_more(table: Prices) -> None:
    assert table.cost(use("claude-opus-4-6", tier="fast", output=M)) == pytest.approx(150.0)


@pytest.mark.parametrize(
    "name",
    [
        "claude-haiku-4-5-20251001",
        "claude-haiku-4-5@20251001",
        "anthropic/claude-haiku-4-5",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "openrouter/anthropic/claude-haiku-4-5:beta",
        "Claude-Haiku-4-5",
        "claude-haiku-4-5[1m]",
    ],
)
def test_who_serves_a_model_and_its_date_leave_its_price_alone(table: Prices, name: str) -> None:
    assert table.cost(use(name, input=M)) == pytest.approx(1.0)
    assert not table.unknown


def test_an_unknown_model_is_named_and_has_no_price(table: Prices) -> None:
    assert table.cost(use("claude-nonsense-9", input=M)) is None
    assert table.cost(use("", input=M)) is None
    assert table.unknown == {"claude-nonsense-9", "(no model named)"}


def test_what_the_source_says_it_cost_holds(table: Prices) -> None:
    paid = msgspec.structs.replace(use("claude-nonsense-9", input=M), paid=True, cost=0.25)
    assert table.cost(paid) == 0.25


def test_a_file_refreshes_the_table(workspace: Workspace, tmp_path: Path) -> None:
    entry = {
        "input_cost_per_token": 2e-6,
        "output_cost_per_token": 4e-6,
        "cache_creation_input_token_cost_above_1hr": 5e-6,
        "input_cost_per_token_above_200k_tokens": 3e-6,
        "input_cost_per_token_batches": 1e-6,
        "provider_specific_entry": {"fast": 2.5},
    }
    path = tmp_path / "litellm.json"
    path.write_text(json.dumps({"anthropic/claude-nonsense-9": entry, "sample_spec": {"mode": "chat"}, "x": 5}))
    refresh(Workspace(workspace.root, dry_run=True), path)
    assert prices(workspace).cost(use("claude-nonsense-9", input=M)) is None
    refresh(workspace, path)
    table = prices(workspace)
    found = [
        table.cost(use("claude-nonsense-9", input=M)),
        table.cost(use("claude-nonsense-9", cache_read=M)),
        table.cost(use("claude-nonsense-9", cache_write_1h=M)),
        table.cost(use("claude-nonsense-9", input=M, band=200_000)),
        table.cost(use("claude-nonsense-9", input=M, tier="batch")),
        table.cost(use("claude-nonsense-9", input=M, tier="fast")),
        table.cost(use("claude-opus-4-5", input=M)),
    ]
    assert found == pytest.approx([2.0, 2.0, 5.0, 3.0, 1.0, 5.0, 5.0])
    assert decoded(workspace.root / "prices.json").models == {
        "claude-nonsense-9": table.table.models["claude-nonsense-9"]
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"models": 5}', '{"a": {"input_cost_per_token": "x"}}'])
def test_what_is_no_table_is_refused(workspace: Workspace, tmp_path: Path, text: str) -> None:
    (tmp_path / "table.json").write_text(text)
    with pytest.raises(BadData):
        refresh(workspace, tmp_path / "table.json")
    with pytest.raises(NotFound):
        refresh(workspace, tmp_path / "nothing.json")


CHEAPER_READS = {
    "claude-fable-5-1": 0.025,
    "claude-mythos-5-1": 0.025,
    "claude-opus-5-5": 0.05,
    "claude-sonnet-5-5": 0.05,
}
"""Models that read from the cache for less than a tenth, by the table's own source."""
ROUNDED = {"claude-3-haiku-20240307"}
"""Its maker rounds: 0.03 for a read, 0.30 for a write."""


def test_every_line_of_the_table_says_where_it_is_from(table: Prices) -> None:
    assert all(price.source for price in table.table.models.values())
    by_hand = {name for name, price in table.table.models.items() if "LiteLLM" not in price.source}
    assert all(name.startswith(("claude-3", "claude-opus-4", "claude-sonnet-4")) for name in by_hand)


def test_the_prices_of_one_maker_hang_together(table: Prices) -> None:
    claude = {name: price for name, price in table.table.models.items() if name.startswith("claude-")}
    assert len(claude) > 30
    for name, price in claude.items():
        if name in ROUNDED:
            continue
        for at in ({part: getattr(price, part) for part in PARTS}, *price.above.values()):
            assert at["cache_read"] == pytest.approx(CHEAPER_READS.get(name, 0.1) * at["input"]), name
            assert at["cache_write_5m"] == pytest.approx(1.25 * at["input"]), name
            assert at["cache_write_1h"] == pytest.approx(2 * at["input"]), name
        assert price.output == pytest.approx(5 * price.input), name


def test_no_price_is_negative_and_what_lies_beyond_a_step_costs_more(table: Prices) -> None:
    for name, price in table.table.models.items():
        assert all(rate >= 0 for rate in price.rates(0, "")), name
        for step in price.above:
            assert price.rates(int(step) + 1, "")[0] >= price.rates(0, "")[0], name
        assert all(factor > 0 for factor in price.factors.values()), name
