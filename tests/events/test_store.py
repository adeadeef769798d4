"""Stores can be thrown away: whatever is wrong with one, it is made again from the log, with one line on stderr."""

from __future__ import annotations

import gc
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from halo_engine import modules
from halo_engine.errors import Damaged
from halo_engine.events import store
from halo_engine.events.store import opened
from halo_engine.tasks import commands
from halo_engine.tasks.projection import tasks
from tests.tasks import walking
from tests.tasks.walking import PLAN, Kind

ROOT = Path(__file__).parents[2]
PAGE = 4096
LONG = 60


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A workspace with items, runs and plans, and all its rows."""
    from halo_engine.workspace import Workspace

    workspace = Workspace(tmp_path_factory.mktemp("filled"))
    workspace.create()
    for number in range(40):
        item = walking.make(workspace, list(Kind)[number % 3], f"item {number} " + "x" * 50)
        if item.kind is Kind.JOB:
            claim = walking.run_starts(workspace, item.id)
            walking.run_ends(workspace, claim, "succeeded" if number % 2 else "failed")
        else:
            commands.plan(workspace, item.id, PLAN.format(goal=number))
    rows = walking.tables(workspace)
    assert all(rows.values())
    workspace.log.close()
    return workspace.root, rows


@pytest.fixture
def path(filled, workspace):
    """The store in a copy of it."""
    shutil.copytree(filled[0] / "store", workspace.store)
    return workspace.store / "tasks.db"


def garbage(path, start, length):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(random.Random(7).randbytes(length))


def by_hand(statement):
    def change(path):
        connection = sqlite3.connect(path)
        connection.execute(statement)
        connection.commit()
        connection.close()

    return change


WRONG = {
    "missing": Path.unlink,
    "of an older shape": by_hand("UPDATE checkpoint SET shape = shape + 1"),
    "with another checkpoint table": by_hand("ALTER TABLE checkpoint DROP COLUMN event"),
    "without a checkpoint": by_hand("DELETE FROM checkpoint"),
    "without a table": by_hand("DROP TABLE plan"),
    "without a column": by_hand("ALTER TABLE run DROP COLUMN reason"),
    "all garbage": lambda path: garbage(path, 0, path.stat().st_size),
    "with garbage at its head": lambda path: garbage(path, 0, 200),
    "with garbage in the middle": lambda path: garbage(path, path.stat().st_size // 2, 2 * PAGE),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "cut to nothing": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_text("Lorem ipsum\n" * 1000),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_store_that_is(path, workspace, filled, capsys, how):
    WRONG[how](path)
    assert walking.tables(workspace) == filled[1]
    told = capsys.readouterr()
    assert told.out == ""
    if how != "with garbage in the middle" or told.err:  # which may lie where nobody looks now
        assert re.fullmatch(r"tasks\.db .*; rebuilding it from the log\n", told.err)
    assert walking.tables(workspace) == filled[1]
    assert capsys.readouterr().err == ""


def test_every_page_spoilt_in_turn(path, workspace, filled, capsys):
    """Also those that only a later question meets."""
    whole = path.read_bytes()
    mended = 0
    for number in range(len(whole) // PAGE):
        garbage(path, number * PAGE, PAGE)
        assert walking.tables(workspace) == filled[1]
        mended += bool(capsys.readouterr().err)
        path.write_bytes(whole)
    assert mended > 5


def test_a_write_meets_the_damage(path, workspace, capsys, filled):
    """An item that cannot be loaded to be changed: the change is recorded once, and the store made again."""
    whole = path.read_bytes()
    path.write_bytes(whole[: 2 * PAGE] + random.Random(7).randbytes(len(whole) - 2 * PAGE))
    head = workspace.log.head()
    changed = commands.note(workspace, "1", "still here")
    assert workspace.log.head() == head + 1
    assert changed.item.notes[-1][1] == "still here"
    assert "was damaged" in capsys.readouterr().err
    assert walking.tables(workspace) == walking.rebuilt(workspace)


def test_a_log_of_changes_that_belongs_to_another_store(path, workspace, filled):
    """As when a store was deleted by hand and its -wal left behind."""
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_autocheckpoint = 0")
    other.execute("UPDATE item SET title = 'wrong'")
    other.commit()
    stale = path.with_name("tasks.db-wal").read_bytes()
    other.close()
    path.unlink()
    path.with_name("tasks.db-wal").write_bytes(stale)
    assert walking.tables(workspace) == filled[1]


def test_a_store_that_knows_more_than_the_log(path, workspace):
    by_hand("UPDATE checkpoint SET position = position + 5")(path)
    with pytest.raises(Damaged, match="another log") as caught, opened(workspace, tasks):
        pass
    assert "halo-engine events rebuild tasks" in caught.value.hint
    store.rebuild(workspace, tasks)
    assert walking.tables(workspace) == walking.rebuilt(workspace)


@pytest.mark.parametrize("how", ["missing", "of an older shape", "all garbage", "cut in half"])
def test_the_state_of_a_store_can_be_asked_without_mending_it(path, workspace, how):
    assert store.state(workspace, tasks) == ("current", workspace.log.head())
    WRONG[how](path)
    before = path.read_bytes() if path.exists() else None
    words = {"missing": "missing", "of an older shape": "old", "all garbage": "damaged", "cut in half": "damaged"}
    assert store.state(workspace, tasks)[0] == words[how]
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_store_behind_and_of_another_log_is_told_apart(path, workspace, tmp_path):
    shutil.copy(path, tmp_path / "before.db")
    commands.add(workspace, "more")
    gc.collect()
    shutil.copy(tmp_path / "before.db", path)
    assert store.state(workspace, tasks)[0] == "behind"
    by_hand("UPDATE checkpoint SET event = 'x'")(path)
    assert store.state(workspace, tasks)[0] == "of another log"


LOOK = """
import sys
from pathlib import Path
from halo_engine.tasks import queries
from halo_engine.tasks.queries import Filter
from halo_engine.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
for _ in range(5):
    print(len(queries.page(workspace, Filter(every=True), 0)[0]))
"""


@pytest.mark.parametrize("how", ["missing", "of an older shape", "all garbage", "with garbage in the middle"])
def test_several_processes_find_it_at_once(path, workspace, filled, how):
    WRONG[how](path)
    command = [sys.executable, "-c", LOOK, str(workspace.root)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(5)
    ]
    said = [each.communicate(timeout=LONG) for each in running]
    assert [each.returncode for each in running] == [0] * 5, said
    assert {line for out, _ in said for line in out.split()} == {"40"}
    assert walking.tables(workspace) == filled[1]


ADD = """
import sys
from pathlib import Path
from halo_engine.tasks import commands
from halo_engine.workspace import Workspace
for number in range(8):
    commands.add(Workspace(Path(sys.argv[1])), f"{sys.argv[2]} {number}")
"""


def test_several_processes_catch_up_at_once(workspace):
    running = [
        subprocess.Popen([sys.executable, "-c", ADD, str(workspace.root), str(n)], cwd=ROOT, stderr=subprocess.PIPE)
        for n in range(4)
    ]
    said = [each.communicate(timeout=LONG)[1] for each in running]
    assert [each.returncode for each in running] == [0] * 4, said
    rows = walking.tables(workspace)
    assert [row[0] for row in rows["item"]] == list(range(1, 33))
    assert rows == walking.rebuilt(workspace)


def test_readers_see_the_old_rows_until_a_rebuild_is_done(path, workspace, filled):
    with opened(workspace, tasks) as reader:
        store.rebuild(workspace, tasks)
        assert len(reader.all("SELECT * FROM item")) == 40
    assert walking.tables(workspace) == filled[1]


def test_the_rebuild_command(path, halo, filled, workspace):
    said = halo("events", "rebuild", "--json")
    assert (said.code, said.data) == (0, dict.fromkeys(modules.projections(), workspace.log.head()))
    assert halo("events", "rebuild", "tasks").out.startswith("tasks: rebuilt up to event ")
    said = halo("events", "rebuild", "nothing", "--json")
    assert (said.code, said.error["message"]) == (3, "no module nothing")
    assert walking.tables(workspace) == filled[1]


def test_looking_back_leaves_no_litter(workspace, monkeypatch):
    commands.add(workspace, "one")
    for _ in range(12):
        commands.note(workspace, "1", "again")
    for moment in range(1, 13):
        monkeypatch.setattr(store.time, "time", lambda: 4e9)
        assert len(walking.tables(workspace.at(moment))["item"]) == 1
    assert len(list((workspace.run / "past").glob("*.db"))) <= store.PAST_KEPT + 1
