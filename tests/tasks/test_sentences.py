"""`nightctl history` speaks in words, for every fact that an item can have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from halo_engine.events.model import declared
from halo_engine.tasks.sentences import SENTENCES


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "1"), "○ open → ◐ in progress"),
        (("edit", "1", "--priority", "high", "--tag", "a,b"), "priority = 3, tags = a b"),
        (("note", "1", "looked at it"), "looked at it"),
        (("defer", "1"), "○ open → ◌ deferred"),
        (("cancel", "1", "--reason", "too dear"), "○ open → ✗ cancelled: too dear"),
        (("undo", "1"), "back to state = cancelled, reason = undone"),
    ],
)
def test_history_says_what_happened(nightctl: Callable, words: tuple[str, ...], said: str) -> None:
    nightctl("add", "Water the plants")
    assert nightctl(*words).code == 0
    assert said in nightctl("history", "1").out


def test_every_fact_about_an_item_has_its_words() -> None:
    facts = {payload for name, (payload, _) in declared().items() if name.startswith(("task.item.", "task.run."))}
    assert facts <= SENTENCES.keys()


def test_a_long_event_stays_on_its_line(halo: Callable, nightctl: Callable, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    nightctl("add", "x" * 400)
    assert [len(line) for line in halo("events", "list").out.splitlines()] == [90, 90]
    assert "task.item.added" in halo("events", "list").out
