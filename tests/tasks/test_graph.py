"""Dependencies as a tree, as DOT and as Mermaid."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from halo_engine.tasks import graph
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.store import Item


def item(number, title="", state=State.OPEN, needs=()):
    depends_on = tuple(f"T-{other:03}" for other in needs)
    return Item(number, f"T-{number:03}", title or f"item {number}", Kind.TASK, state, 1, depends_on=depends_on)


RELEASE = [
    item(1, "Write it", State.DONE),
    item(2, "Old idea", State.CANCELLED),
    item(3, "Test it", State.BLOCKED, needs=[1]),
    item(4, "Ship it", needs=[3, 2, 1, 9]),
    item(5, "Announce it", State.DEFERRED, needs=[4]),
    item(6, "Sleep"),
]


def test_a_tree():
    assert graph.text(RELEASE).splitlines() == [
        "◌ T-005  Announce it  (deferred)",
        "└── ○ T-004  Ship it",
        "    ├── ■ T-003  Test it  (blocked)",
        "    │   └── ✓ T-001  Write it",
        "    ├── ✗ T-002  Old idea  (cancelled)",
        "    ├── ✓ T-001  Write it",
        "    └── T-009  (not in this list)",
        "○ T-006  Sleep",
    ]


def test_what_hangs_twice_is_unfolded_once():
    assert graph.text([item(1), item(2, needs=[1]), item(3, needs=[2]), item(4, needs=[2])]).splitlines() == [
        "○ T-003  item 3",
        "└── ○ T-002  item 2",
        "    └── ○ T-001  item 1",
        "○ T-004  item 4",
        "└── ○ T-002  item 2  (see above)",
    ]


def test_what_is_over_need_not_show_what_it_waited_for():
    assert graph.text([item(2, state=State.DONE, needs=[1])]) == "✓ T-002  item 2"


def test_nothing():
    assert graph.text([]) == "nothing depends on anything"
    assert graph.dot([]).endswith("}")
    assert graph.mermaid([]).startswith("graph LR")


def test_a_ring_that_cannot_be_is_drawn_all_the_same():
    drawn = graph.text([item(1, needs=[2]), item(2, needs=[1]), item(3, needs=[3])])
    assert drawn.splitlines() == [
        "○ T-001  item 1",
        "└── ○ T-002  item 2",
        "    └── ○ T-001  item 1  (see above)",
        "○ T-003  item 3",
        "└── ○ T-003  item 3  (see above)",
    ]


def test_a_long_chain():
    assert graph.text([item(n, needs=[n - 1] if n > 1 else []) for n in range(1, 3001)]).count("\n") == 2999


def test_ladders_do_not_explode():
    rungs = [item(n, needs=[other for other in (n - 1, n - 2) if other > 0]) for n in range(1, 60)]
    assert graph.text(rungs).count("\n") < 120


def test_dot():
    drawn = graph.dot([*RELEASE, item(7, 'say "\\o/"\n', needs=[6])])
    assert '"T-003" [label="■ T-003\\nTest it", style="rounded,bold"];' in drawn
    assert '"T-002" [label="✗ T-002\\nOld idea", style="rounded,dashed"];' in drawn
    assert '"T-003" -> "T-004";' in drawn
    assert '"T-009" -> "T-004";' in drawn
    assert 'say \\"\\\\o/\\"·' in drawn


def test_mermaid():
    drawn = graph.mermaid([*RELEASE, item(7, 'x"] --> <b>`', needs=[6])]).splitlines()
    assert drawn[0] == "graph LR"
    assert '  n3["■ T-003 Test it"]:::stuck' in drawn
    assert '  n2["✗ T-002 Old idea"]:::over' in drawn
    assert "  n3 --> n4" in drawn
    assert '  n7["○ T-007 x#34;#93; --#62; #60;b#62;#96;"]' in drawn
    assert '  n8["T-009"]' in drawn


@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(State), st.lists(st.integers(0, 9))), max_size=8))
def test_every_item_shows_and_no_text_escapes(rows):
    items = [item(n, title, state, needs) for n, (title, state, needs) in enumerate(rows)]
    tree = graph.text(items)
    for each in items:
        assert each.id in tree
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", tree)
    assert len(graph.dot(items).splitlines()) == 4 + len(items) + sum(len(set(each.depends_on)) for each in items)
    assert all(line.count('"') in {0, 2} for line in graph.mermaid(items).splitlines())
