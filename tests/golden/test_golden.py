"""What was once recorded stays readable: histories of every payload version that ever shipped, and the rows they make.

A `.jsonl` here is what `halo-engine events export` wrote at that version, and never changes. The `.rows.json` beside it
says what the rows hold; a field that rows gain later need not be there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from halo_engine.events.model import declared
from halo_engine.events.store import opened, rebuild
from halo_engine.modules import projections

if TYPE_CHECKING:
    from collections.abc import Callable

    from halo_engine.workspace import Workspace

HISTORIES = sorted(Path(__file__).parent.glob("*.jsonl"))
OF_A_LATER_HALO = {"stream": "task/T-001", "type": "task.item.levitated", "schema": 1, "payload": {"height": 3}}


@pytest.fixture(params=HISTORIES, ids=lambda history: history.stem)
def history(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_every_version_of_every_event_has_a_history() -> None:
    projections()
    recorded = {(event["type"], event["schema"]) for file in HISTORIES for event in events(file)}
    shipped = {(name, schema) for name, (_, newest) in declared().items() for schema in range(1, newest + 1)}
    assert shipped <= recorded


def test_a_history_makes_the_rows_that_it_made(history: Path, workspace: Workspace, halo: Callable[..., Any]) -> None:
    assert halo("events", "import", str(history)).code == 0
    assert halo("events", "verify").code == 0
    expected = msgspec.json.decode(history.with_suffix(".rows.json").read_bytes())
    assert like(expected, rows(workspace)) == expected
    rebuild(workspace, projection(history))
    assert like(expected, rows(workspace)) == expected


def test_an_event_of_a_later_halo_is_kept_and_passed_over(
    history: Path, workspace: Workspace, halo: Callable[..., Any], tmp_path: Path
) -> None:
    halo("events", "import", str(history))
    before = rows(workspace)
    last = [event for event in events(history) if event["stream"] == OF_A_LATER_HALO["stream"]][-1]
    later = last | OF_A_LATER_HALO | {"id": "ffffffff-0000-7000-8000-000000000000", "version": last["version"] + 1}
    newer_schema = later | {"id": "ffffffff-0000-7000-8000-000000000001", "version": last["version"] + 2}
    newer_schema |= {"type": "task.item.noted", "schema": 99}
    file = tmp_path / "later.jsonl"
    file.write_bytes(msgspec.json.encode(later) + b"\n" + msgspec.json.encode(newer_schema))
    assert halo("events", "import", str(file)).code == 0
    assert halo("events", "verify").code == 0
    assert halo("events", "show", later["id"], "--json").data["payload"] == {"height": 3}
    assert rows(workspace) == before


def events(file: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]


def projection(history: Path) -> Any:
    return projections()[history.stem.partition("-")[0]]


def rows(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """All rows of all modules, by table, as JSON would have them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in projections().values():
        with opened(workspace, each) as store:
            for row in each.rows:
                found[row.table] = [msgspec.to_builtins(one) for one in store.select(row, "ORDER BY 1")]
    return msgspec.json.decode(msgspec.json.encode(found))


def like(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What was found, without the fields that the expected rows do not know."""
    return {
        table: [
            {name: value for name, value in row.items() if name in known}
            for row, known in zip(found[table], expected[table], strict=True)
        ]
        for table in expected
    }
