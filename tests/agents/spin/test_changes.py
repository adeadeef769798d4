"""What edits come to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.agents.records import Change
from halo_engine.agents.spin import changes
from halo_engine.agents.spin.changes import Ledger

A, B, C = (("x = 1",), ("x = 2",), ("x = 3",))


def test_flip_flops_cancel():
    ledger = Ledger()
    assert ledger.apply([Change("a.py", A, B)]) == (True, False)
    assert ledger.apply([Change("a.py", B, A)]) == (False, True)
    assert ledger.apply([Change("a.py", A, B)]) == (False, False)
    assert ledger.apply([Change("a.py", B, A)]) == (False, False)
    assert ledger.apply([Change("a.py", A, C)]) == (True, False)
    assert (ledger.gross, ledger.net_lines()) == (10, 2)
    ledger.restart()
    assert (ledger.gross, ledger.net_lines()) == (0, 0)


def test_what_git_takes_back_is_taken_back():
    ledger = Ledger()
    ledger.apply([Change("src/a.py", A, B), Change("src/b.py", A, B)])
    ledger.revert("git checkout -- src/a.py")
    assert ledger.net_lines() == 2
    assert not ledger.apply([Change("src/a.py", A, B)])[0]
    ledger.revert("git stash")
    assert ledger.net_lines() == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1", "x  =  1"),
        ("x = 1", "x = 1  # why"),
        ("x = 1", "// why\nx = 1"),
        ("total = total + rate", "amount = amount + rate"),
        ("print('here', x)", "print('there', y)"),
        ("f(a, b)", "f(a, b,)"),
        ("", "\n\n"),
        ("", '"""What it does."""'),
    ],
)
def test_slight_edits(old, new):
    assert changes.is_slight([changes.between("a", old.splitlines(), new.splitlines())])


@pytest.mark.parametrize(
    ("old", "new"),
    [("x = a + b", "x = a - b"), ("f(a, b)", "f(b, a, a)"), ("return x", "raise x"), ("", "x = 1"), ("x = 1", "x = 2")],
)
def test_edits_in_earnest(old, new):
    assert not changes.is_slight([changes.between("a", old.splitlines(), new.splitlines())])


def test_tuning_a_literal_is_neither():
    edit = [Change("a", ("limit = 10",), ("limit = 20",))]
    assert changes.is_tuning(edit)
    assert not changes.is_slight(edit)


@pytest.mark.parametrize(
    "arguments",
    [
        {"file_path": "a", "old_string": "x\ny", "new_string": "x\nz"},
        {"path": "a", "edits": [{"oldString": "x\ny", "newString": "x\nz"}, 7]},
        {"path": "a", "input": "*** Begin Patch\n*** Update File: a\n@@\n x\n-y\n+z\n*** End Patch"},
    ],
)
def test_arguments_tell_where_the_source_does_not(arguments):
    (change,) = changes.from_arguments(arguments)
    assert (change.removed, change.added) == (("y",), ("z",))


LINES = st.lists(st.sampled_from(["a", "b", "c", "d = 1", ""]), max_size=6)


@given(st.lists(LINES, min_size=1, max_size=8))
def test_whatever_the_way_the_net_is_between_first_and_last(versions):
    ledger = Ledger()
    for before, after in pairwise(versions):
        ledger.apply([changes.between("f", before, after)])
    there = changes.between("f", versions[0], versions[-1])
    assert ledger.net_lines() == len(there.removed) + len(there.added)


@given(
    st.dictionaries(st.text(max_size=9), st.text() | st.integers() | st.lists(st.integers() | st.none()), max_size=6)
)
def test_any_arguments_can_be_read(arguments):
    changes.from_arguments(arguments)


@pytest.mark.parametrize(
    "patch",
    [
        "*** Begin Patch\n*** Update File: a.py\n@@\n-x = 1\n+x = 2\n kept\n*** Add File: b.py\n+y = 1\n*** End Patch",
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n kept\n--- /dev/null\n+++ b/b.py\n@@ -0,0 +1 @@\n+y = 1",
    ],
)
def test_a_patch_of_two_files_is_two_changes(patch):
    wanted = (Change("a.py", ("x = 1",), ("x = 2",)), Change("b.py", (), ("y = 1",)))
    assert changes.from_arguments({"input": patch}) == wanted


def test_an_edit_that_names_no_path_is_known_by_what_it_names():
    one, other = (
        changes.from_arguments({"target": "a.py", "old_string": old, "new_string": new})
        for old, new in (("one", "two"), ("two", "one"))
    )
    assert one[0].path == other[0].path == "a.py"
