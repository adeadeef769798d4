"""In CI a skipped test is a failed one, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = "pytester"
CONFTEST = Path(__file__).parents[1] / "conftest.py"
SUITE = """
import pytest

def test_runs():
    pass

@pytest.mark.skipif(True, reason="needs a moon")
def test_marked():
    pass

def test_inside():
    pytest.skip("needs a sun")

@pytest.mark.xfail(strict=True)
def test_known():
    assert False
"""
MODULE = "import pytest; pytest.importorskip('no_such_module')"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(test_suite=SUITE, test_module=MODULE)
    return pytester


def run(suite: pytest.Pytester) -> pytest.RunResult:
    return suite.runpytest_subprocess("-p", "no:cacheprovider", "-o", "addopts=", "-ra")


def test_skips_are_skips_on_a_desk(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HALO_CI", raising=False)
    run(suite).assert_outcomes(passed=1, skipped=3, xfailed=1)


def test_skips_fail_in_ci_and_are_named(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_CI", "1")
    suite.makepyfile(test_module="")
    result = run(suite)
    result.assert_outcomes(passed=1, failed=1, errors=1, xfailed=1)
    result.stdout.fnmatch_lines_random(
        ["*test_marked was skipped*needs a moon*", "*test_inside was skipped*needs a sun*"]
    )


def test_a_skipped_module_fails_in_ci(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_CI", "1")
    result = run(suite)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*test_module.py was skipped*no_such_module*"])
