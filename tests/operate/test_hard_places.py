"""A read-only workspace, a full disk: reading goes on, writing says what is wrong, nothing is lost."""

from __future__ import annotations

import pytest

from halo_engine.events.verify import verify
from halo_engine.tasks import commands, queries
from halo_engine.tasks.queries import Filter
from tests.operate.apart import run_apart
from tests.tasks import walking

READ_ONLY = """
place = sys.argv[1]
mount("--bind", place, place)
mount("-o", "remount,ro,bind", place)
os.environ["HALO_WORKSPACE"] = place
for words in (
    "status", "doctor", "config show", "config check", "events list", "events verify", "events export", "events show 1",
    "events tail --no-follow", "tasks list", "tasks list --all", "tasks ready", "tasks next", "tasks show 1",
    "tasks history 1", "tasks graph", "tasks runs", "tasks export", "tasks run --dry-run", "tasks add x --dry-run",
):
    code, said, err = halo(*words.split())
    assert code == (1 if words == "doctor" else 0), (words, code, said, err)
    assert said or err, words
assert len(halo("tasks", "list", "--json")[1]["data"]) == int(sys.argv[2])
for words in (
    "tasks add x", "tasks edit 1 --title y", "tasks note 1 x", "tasks undo 1", "tasks cancel 1", "tasks run --now",
    "events rebuild", "demo", "init " + place + "/new", "tasks add y --workspace " + place + "/other",
):
    code, said, err = halo(*words.split(), "--json")
    if words == "demo":
        assert code == 4, (words, code, said)
        continue
    assert code == 5, (words, code, said, err)
    assert said["error"]["kind"] == "unavailable", words
    assert place in said["error"]["message"], words
    assert "Traceback" not in err, err
"""


def ended_well(done):
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.fixture
def some(workspace):
    for number in range(3):
        commands.add(workspace, f"item {number}")
    walking.reach(workspace, walking.Kind.JOB, "failed")
    commands.retry(workspace, "4")
    yield workspace
    workspace.log.close()


def contents(workspace):
    return {file: file.read_bytes() for file in workspace.root.rglob("*") if file.is_file()}


@pytest.mark.parametrize("store", ["current", "behind", "missing", "damaged", "old"])
def test_a_read_only_workspace(some, store):
    path = some.store / "tasks.db"
    before = path.read_bytes()
    if store == "behind":
        commands.note(some, "1", "seen")
        path.write_bytes(before)
    if store == "missing":
        path.unlink()
    if store == "damaged":
        path.write_bytes(before[:5000] + bytes(3000) + before[8000:])
    if store == "old":
        path.write_bytes(b"")
    some.log.close()
    had = contents(some)
    ended_well(run_apart(READ_ONLY, some.root, 4))
    assert contents(some) == had


def test_a_read_only_workspace_in_which_a_date_has_come(some, monkeypatch):
    """What should open by itself cannot be recorded as open; everything can be read all the same."""
    monkeypatch.setenv("HALO_NOW", "2026-01-01T00:00:00+00:00")
    commands.defer(some, "1", "2026-01-02T00:00:00.000000Z")
    monkeypatch.delenv("HALO_NOW")
    some.log.close()
    ended_well(run_apart(READ_ONLY, some.root, 4))


def test_a_read_only_workspace_that_is_new(workspace):
    script = READ_ONLY.replace('"events show 1",', "").replace('"tasks next",', "")
    for word in ("show", "history"):
        script = script.replace(f'"tasks {word} 1",', "")
    script = (
        script.replace("assert said or err, words", "")
        .replace("code == 4", "code == 5")
        .replace("events rebuild", "init " + "/proc/x")
    )
    script = script.split('for words in (\n    "tasks add x"')[0]
    ended_well(run_apart(script, workspace.root, 0))


FULL = """
place, steps = Path(sys.argv[1]), int(sys.argv[2])
mount("-t", "tmpfs", "-o", "size=2m", "none", place)
os.environ["HALO_WORKSPACE"] = str(place / "workspace")
filler = place / "filler"

def leave(free):
    fill(filler)
    os.truncate(filler, max(0, filler.stat().st_size // 4096 * 4096 - free))

assert halo("tasks", "add", "first")[0] == 0
kept, refused = ["first"], 0
for step in range(steps):
    leave(step * 4096)
    title = f"item {step} " + "x" * 400
    code, said, err = halo("tasks", "add", title, "--json")
    if code == 0:
        kept.append(title)
    else:
        assert code == 5, (step, code, said, err)
        assert said["error"]["kind"] == "unavailable", said
        refused += 1
    code, said, err = halo("tasks", "list", "--limit", "0", "--json")
    assert code == 0, (step, said, err)
    assert [item["title"] for item in said["data"]] == kept, (step, err)
filler.unlink()
assert refused > 1, refused
assert halo("events", "verify")[0] == 0
code, said, err = halo("tasks", "add", "after", "--json")
assert (code, said["data"]["title"]) == (0, "after"), err
code, said, err = halo("tasks", "list", "--limit", "0", "--json")
assert [item["title"] for item in said["data"]] == [*kept, "after"]
assert halo("doctor")[0] == 1  # there is little room
print(len(kept), refused)
"""


def test_a_full_disk(tmp_path):
    """With nothing free, then with a page more each time: what was acknowledged is there, the rest is not."""
    kept, refused = map(int, ended_well(run_apart(FULL, tmp_path, 40)).split())
    assert kept + refused == 41


FULL_MOVES = """
place = Path(sys.argv[1])
mount("-t", "tmpfs", "-o", "size=2m", "none", place)
os.environ["HALO_WORKSPACE"] = str(place / "workspace")
filler = place / "filler"
for number in range(3):
    assert halo("tasks", "add", f"item {number}")[0] == 0
events = len(halo("events", "export")[1].splitlines())
fill(filler)
for words in ("tasks start 1", "tasks note 1 x", "tasks edit 1 --priority high", "tasks undo 1", "tasks add x"):
    code, said, err = halo(*words.split(), "--json")
    assert (code, said["error"]["kind"]) == (5, "unavailable"), (words, said, err)
for words in ("status", "tasks list", "tasks show 1", "events list", "events verify", "tasks ready"):
    code, said, err = halo(*words.split())
    assert code == 0, (words, said, err)
Path(os.environ["HALO_WORKSPACE"], "store", "tasks.db").unlink()
fill(filler)
code, said, err = halo("tasks", "list", "--json")
assert (code, len(said["data"])) == (0, 3), (said, err)
code, said, err = halo("events", "rebuild", "--json")
assert code == 5, (said, err)
for words in ("init " + str(place / "new"), "tasks add x --workspace " + str(place / "other")):
    code, said, err = halo(*words.split(), "--json")
    assert (code, said["error"]["kind"]) == (5, "unavailable"), (words, said, err)
code, said, err = halo("events", "export", str(place / "out.jsonl"), "--json")
assert code == 5, (said, err)
assert not list(place.glob("*out*")), list(place.iterdir())
filler.unlink()
assert len(halo("events", "export")[1].splitlines()) == events
assert halo("events", "verify")[0] == 0
for words in ("tasks start 1", "events rebuild", "init " + str(place / "new"), "tasks list"):
    assert halo(*words.split())[0] == 0
"""


def test_everything_on_a_full_disk(tmp_path):
    ended_well(run_apart(FULL_MOVES, tmp_path))


def test_a_change_that_was_recorded_is_acknowledged(workspace, nightctl, monkeypatch, capsys):
    """When only the store cannot follow, the command has done what it says, and the next one catches up."""
    import sqlite3

    from halo_engine.events import catching_up

    nightctl("add", "first")
    real = catching_up.advance

    def full(*arguments, **options):
        if arguments[2].execute("PRAGMA database_list").fetchone()[2]:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(catching_up, "advance", full)
    said = nightctl("add", "second", "--json")
    assert (said.code, said.data["id"]) == (0, "T-002")
    monkeypatch.undo()
    monkeypatch.setenv("HALO_WORKSPACE", str(workspace.root))
    assert [item.title for item in queries.page(workspace, Filter(), 0)[0]] == ["first", "second"]
    assert verify(workspace.log.index).faults == []
