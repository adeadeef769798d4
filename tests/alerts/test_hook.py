"""The `on_alert` command."""

from __future__ import annotations

import json

import pytest

from halo_engine.alerts import commands
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.states import Severity
from halo_engine.errors import BadConfig
from halo_engine.workspace import Workspace

SPIN = Raising("spin", "s-1", 'it\'s $HOME; `no` "quotes"', instance="ben")


@pytest.fixture
def told(workspace):
    """What the command was told so far: the alerts, and the titles in its environment."""
    command = 'cat >> told.jsonl; echo >> told.jsonl; printf "%s\\n" "$HALO_ALERT_TITLE" >> titles'
    (workspace.root / "alerts.yaml").write_text(json.dumps({"on_alert": command}))

    def read():
        path = workspace.root / "told.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    return read


def test_it_is_told_once_and_again_when_it_is_back_or_worse(workspace, told):
    commands.raise_(workspace, SPIN)
    commands.raise_(workspace, SPIN)
    assert [each["id"] for each in told()] == ["A-001"]
    assert (workspace.root / "titles").read_text() == SPIN.title + "\n"
    commands.raise_(workspace, Raising("spin", "s-1", "worse", Severity.CRITICAL))
    commands.resolve(workspace, "1")
    commands.raise_(workspace, SPIN)
    assert [each["title"] for each in told()] == [SPIN.title, "worse", SPIN.title]


def test_nobody_is_told_of_what_is_muted_or_slight_or_only_planned(workspace, told):
    commands.raise_(Workspace(workspace.root, dry_run=True), SPIN)
    commands.raise_(workspace, Raising("silent", "gains", "x", Severity.NOTE))
    assert told() == []
    commands.raise_(workspace, SPIN)
    commands.mute(workspace, "spin:s-1")
    commands.resolve(workspace, "spin:s-1")
    commands.raise_(workspace, SPIN)
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("command", "word"), [("exit 3", "ended with 3"), ("echo why >&2; false", "why"), ("sleep 60", "took too long")]
)
def test_a_command_that_fails_is_a_word_and_the_alert_stands(workspace, capsys, command, word):
    (workspace.root / "alerts.yaml").write_text(json.dumps({"on_alert": command, "on_alert_timeout": 0.3}))
    assert commands.raise_(workspace, SPIN).events
    assert word in capsys.readouterr().err


def test_a_bad_setting_is_named(workspace):
    (workspace.root / "alerts.yaml").write_text("policy:\n  spin: explode\n")
    with pytest.raises(BadConfig, match=r"alerts\.yaml:\d+.*explode"):
        commands.raise_(workspace, SPIN)
