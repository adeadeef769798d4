"""What is remembered of a session, however long it is."""

from __future__ import annotations

import gc
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from halo_engine.agents.spin import answers, calls, changes, counters, detector, history, text, work
from halo_engine.agents.spin.lately import Lately, Seen
from tests.agents.spin.sessions import Session


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans())), st.integers(1, 8))
def test_the_last_are_kept_and_no_more_than_twice_as_many(touched, most):
    kept: Lately[int, int] = Lately(most)
    order: list[int] = []
    for number, (key, looked_up) in enumerate(touched):
        if looked_up:
            kept.get(key)
        else:
            kept[key] = number
        if key in kept:
            order = [*(each for each in order if each != key), key]
        assert len(kept) <= 2 * most
        assert all(each in kept for each in order[-most:])
        assert len(kept.items()) == len(kept.values()) == len(dict(kept.items()))


def test_a_mapping():
    kept: Lately[str, list[int]] = Lately(2)
    kept.setdefault("a", list).append(1)
    kept.setdefault("a", list).append(2)
    assert kept.get("a") == [1, 2]
    assert kept.pop("a") == [1, 2]
    assert kept.pop("a") is None
    assert kept.get("a") is None


def test_a_set():
    seen: Seen[str] = Seen(2)
    seen.update("ab")
    seen.add("c")
    assert "b" in seen
    seen.clear()
    assert len(seen) == 0


def test_a_long_session_takes_no_more_memory_than_a_shorter_one(monkeypatch):
    for module in (history, calls, changes, work, detector, counters, answers):
        for name in {"LINES", "CALLS", "TELLERS", "FILES", "EDITS", "REPLIES", "WORDS"} & vars(module).keys():
            monkeypatch.setattr(module, name, 50)
    session = Session()
    session.prompt("Please mend it")
    sizes = []
    tracemalloc.start()
    for number in range(1800):
        session.run(f"cat {number}.txt", f"line {number} of it\nanother {number}th line of it\nthe last, {number * 7}")
        session.edit(f"{number}.py", f"a = {number}", f"a = unit(b{number})")
        session.spend(9, f"message {number}")
        session.records.clear()
        if number % 600 == 599:
            for cached in (text._steady_short, text.words, text.shingles, text.roots):
                cached.cache_clear()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes[2] - sizes[1] < 60_000
