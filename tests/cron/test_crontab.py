"""The crontab: our block in it, and every other line as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from halo_engine.cron import commands, crontab
from halo_engine.errors import BadData
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined, on

Call = Callable[..., Any]
FOREIGN = b"# mine\nMAILTO=me\r\n\n*/5 * * * * echo \\% \xff  \n@reboot x\n"


def test_foreign_lines_are_kept_byte_for_byte(workspace: Workspace, table: Path, cronctl: Call) -> None:
    table.write_bytes(FOREIGN)
    defined(workspace, "backup", schedule="30 2 * * mon-fri")
    said = cronctl("install")
    assert said.code == 0
    assert "+30 2 * * mon-fri" in said.out
    assert table.read_bytes().startswith(FOREIGN)
    line = next(each for each in table.read_text(errors="replace").splitlines() if "cronctl run" in each)
    assert line == f"30 2 * * mon-fri {table.parent}/cronctl run backup --due --workspace {workspace.root}"
    assert cronctl("install").err.startswith("it is so already")
    assert cronctl("uninstall").code == 0
    assert table.read_bytes() == FOREIGN


def test_a_last_line_without_an_end_stays_a_line(workspace: Workspace, table: Path, cronctl: Call) -> None:
    table.write_bytes(b"0 1 * * * echo mine")
    assert cronctl("uninstall").code == 0
    assert table.read_bytes() == b"0 1 * * * echo mine"
    defined(workspace)
    assert cronctl("install").code == 0
    assert b"echo mine\n# >>> halo" in table.read_bytes()
    assert cronctl("uninstall").code == 0
    assert table.read_bytes() == b"0 1 * * * echo mine\n"


def test_a_change_of_the_jobs_changes_only_the_block(workspace: Workspace, table: Path, cronctl: Call) -> None:
    defined(workspace)
    cronctl("install")
    table.write_bytes(FOREIGN + table.read_bytes() + FOREIGN)
    defined(workspace, "second")
    cronctl("install")
    text = table.read_bytes()
    assert text.startswith(FOREIGN)
    assert text.endswith(FOREIGN)
    assert b"run second" in text
    assert cronctl("install", "--undo").code == 0
    assert b"run second" not in table.read_bytes()
    assert b"run water" in table.read_bytes()
    assert table.read_bytes().count(FOREIGN) == 2


def test_two_workspaces_have_a_block_each(workspace: Workspace, tmp_path: Path, table: Path) -> None:
    other = Workspace(tmp_path / "other")
    other.create()
    defined(workspace, "ours")
    defined(other, "theirs")
    crontab.install(workspace, on(workspace))
    crontab.install(other, on(other))
    crontab.uninstall(workspace)
    assert b"run theirs" in table.read_bytes()
    assert b"run ours" not in table.read_bytes()


def test_a_dry_run_shows_the_difference_and_changes_nothing(workspace: Workspace, table: Path, cronctl: Call) -> None:
    defined(workspace)
    said = cronctl("install", "--dry-run")
    assert "+0 7 * * *" in said.out
    assert not table.exists()
    assert not [event for event in workspace.log.read() if event.type == "cron.crontab.installed"]


def test_marks_that_do_not_match_are_not_touched(workspace: Workspace, table: Path, cronctl: Call) -> None:
    defined(workspace)
    cronctl("install")
    broken = b"".join(line for line in table.read_bytes().splitlines(True) if not line.startswith(b"# <<<"))
    table.write_bytes(broken)
    assert cronctl("install").code == 7
    assert table.read_bytes() == broken


def test_what_the_crontab_does_not_take_is_said(workspace: Workspace, table: Path, cronctl: Call) -> None:
    defined(workspace)
    program = table.parent / "crontab"
    program.write_text("#!/bin/sh\n[ \"$1\" = -l ] && exit 0\necho 'bad minute' >&2; exit 1\n")
    said = cronctl("install")
    assert said.code == 5
    assert "bad minute" in said.err


def test_without_a_crontab_program(workspace: Workspace, programs: Path, cronctl: Call, monkeypatch: Any) -> None:
    defined(workspace)
    monkeypatch.setenv("PATH", str(programs))
    said = cronctl("install")
    assert said.code == 5
    assert "cronctl daemon" in said.err


def test_a_job_in_another_time_zone_is_looked_at_each_minute(workspace: Workspace, programs: Path) -> None:
    defined(workspace, timezone="Australia/Lord_Howe")
    assert "* * * * * " in crontab.block(workspace, on(workspace))
    assert "in Australia/Lord_Howe" in crontab.block(workspace, on(workspace))


def test_a_zone_that_only_the_shell_knows_is_refused(
    workspace: Workspace, table: Path, cronctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    defined(workspace)
    said = cronctl("install")
    assert (said.code, "timezone: Asia/Kathmandu" in said.err) == (4, True)
    (workspace.root / "halo.yaml").write_text("timezone: Asia/Kathmandu\n")
    assert "in Asia/Kathmandu" in cronctl("install").out


def test_a_path_that_must_be_quoted(tmp_path: Path, programs: Path) -> None:
    place = Workspace(tmp_path / "50% of 'it'")
    place.create()
    defined(place)
    line = crontab.block(place, on(place)).splitlines()[2]
    assert "50\\% of" in line
    assert "\n" not in line


def test_jobs_that_catch_up_bring_a_line_for_it(workspace: Workspace, programs: Path) -> None:
    defined(workspace)
    assert "--missed" not in crontab.block(workspace, on(workspace))
    commands.edit(workspace, "water", {"catch_up": "once"})
    assert "run --missed" in crontab.block(workspace, on(workspace))


lines = some.binary(max_size=20).map(lambda line: line.replace(b"\n", b""))


@given(some.lists(lines), some.lists(lines), some.lists(lines))
def test_any_crontab_is_split_where_the_marks_are(head: list[bytes], ours: list[bytes], tail: list[bytes]) -> None:
    before, after = (b"".join(line + b"\n" for line in part) for part in (head, tail))
    block = b"".join(line + b"\n" for line in [b"# >>> x", *ours, b"# <<< x"])
    assert crontab.split(before + block + after, "# >>> x", "# <<< x") == (before, block, after)
    assert crontab.split(before, "# >>> x", "# <<< x") == (before, b"", b"")


def test_a_job_whose_file_is_wrong_is_left_out_and_named(workspace: Workspace, table: Path, cronctl: Call) -> None:
    defined(workspace)
    (workspace.root / "cron" / "jobs" / "wrong.yaml").write_text("schedule: often\n")
    for words in (("install",), ("install",), ("generate",), ("generate", "--format", "systemd")):
        said = cronctl(*words)
        assert (said.code, "wrong is left out: " in said.err) == (0, True)
    assert "run water" in table.read_text()
    assert "run wrong" not in table.read_text()


def test_half_a_block_is_refused() -> None:
    with pytest.raises(BadData):
        crontab.split(b"# >>> x\n", "# >>> x", "# <<< x")
