"""What a shell is offered after a tab."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from halo_engine.cli import app


@pytest.mark.parametrize(
    ("words", "typed", "offered"),
    [
        ([], "ev", ["events"]),
        (["tasks"], "unb", ["unblock"]),
        (["tasks", "list"], "--sta", ["--status"]),
        (["tasks", "list", "--status"], "pl", ["planning", "plan_review"]),
        (["tasks", "list", "--status"], "open,te", ["open,testing"]),
        (["tasks", "add", "--priority"], "", ["high", "medium", "low", "none"]),
        (["events", "verify"], "--w", ["--workspace"]),
    ],
)
def test_only_what_goes_on_as_it_was_typed(words: list[str], typed: str, offered: list[str]) -> None:
    found = ShellComplete(app, {}, "halo-engine", "_HALO_ENGINE_COMPLETE").get_completions(words, typed)
    assert [each.value for each in found] == offered
