"""A damaged event log: commands stop and say so, what can be read is saved, the file stays as it is."""

from __future__ import annotations

import gc
import random
import shutil
import sqlite3

import msgspec
import pytest

from halo_engine.events.model import New
from halo_engine.tasks import commands
from halo_engine.tasks.events import TaskAdded
from halo_engine.workspace import Workspace

PAGE = 4096
ITEMS = 60


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A workspace with some hundred events in its log, and those events."""
    workspace = Workspace(tmp_path_factory.mktemp("sound"))
    workspace.create()
    for number in range(ITEMS):
        item = commands.add(workspace, f"item {number} " + "x" * 60).item
        if number % 2:
            commands.start(workspace, item.id)
            commands.note(workspace, item.id, "seen")
    events = list(workspace.log.read())
    workspace.log.close()
    return workspace.root, events


@pytest.fixture
def path(sound, workspace):
    shutil.copytree(sound[0] / "store", workspace.store)
    return workspace.store / "events.db"


def garbage(path, start, length):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(random.Random(7).randbytes(length))


def shorten(path, length):
    with path.open("r+b") as file:
        file.truncate(length)


DAMAGE = {
    "half of it is gone": lambda path: shorten(path, path.stat().st_size // 2),
    "all but a page is gone": lambda path: shorten(path, PAGE),
    "cut within a page": lambda path: shorten(path, 3 * PAGE + 100),
    "garbage at the beginning": lambda path: garbage(path, 0, PAGE),
    "garbage in the middle": lambda path: garbage(path, path.stat().st_size // 2, 3 * PAGE),
    "garbage all over": lambda path: garbage(path, 0, path.stat().st_size),
    "the pages after the first zeroed": lambda path: path.write_bytes(
        path.read_bytes()[:PAGE] + bytes(path.stat().st_size - PAGE)
    ),
    "a text": lambda path: path.write_text("Lorem ipsum dolor sit amet\n" * 500),
}
READING = [
    ["events", "verify"],
    ["events", "list", "--limit", "0"],
    ["events", "rebuild"],
    ["events", "export"],
    ["events", "tail", "--lines", "500", "--no-follow"],
]


@pytest.mark.parametrize("how", DAMAGE)
def test_commands_stop_and_leave_the_file_alone(path, halo, how):
    DAMAGE[how](path)
    before = path.read_bytes()
    for words in READING:
        said = halo(*words, "--json")
        assert said.code == 7, (words, said)
        error = msgspec.json.decode(said.out.splitlines()[-1])["error"]
        assert error["kind"] == "damaged"
        assert str(path) in error["message"]
        assert "--salvage" in error["hint"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("how", DAMAGE)
def test_the_whole_command_line_survives_it(path, halo, nightctl, how):
    """What need not read the damaged part may work; nothing else comes of it than an error in words."""
    DAMAGE[how](path)
    for words in (["list"], ["show", "1"], ["history", "1"], ["next"], ["add", "more"], ["start", "1"], ["undo", "1"]):
        said = nightctl(*words, "--json")
        assert said.code in {0, 7}, (words, said)
    assert halo("status", "--json").code in {0, 7}
    doctor = halo("doctor", "--json")
    assert doctor.code == 1
    wrong = [check for check in doctor.data if check["state"] == "wrong"]
    assert wrong[0]["name"] == "event log"
    assert wrong[0]["hint"]


@pytest.mark.parametrize("how", DAMAGE)
def test_a_store_is_not_made_from_half_a_log(path, nightctl, how):
    for suffix in ("", "-wal", "-shm"):
        path.with_name(f"tasks.db{suffix}").unlink(missing_ok=True)
    DAMAGE[how](path)
    for words in (["list"], ["add", "more"]):
        said = nightctl(*words, "--json")
        assert (said.code, said.error["kind"]) == (7, "damaged")


@pytest.mark.parametrize("how", DAMAGE)
def test_verify_says_how_much_is_readable(path, halo, how, sound):
    DAMAGE[how](path)
    message = halo("events", "verify", "--json").error["message"]
    saved = halo("events", "export", "--salvage")
    assert saved.code == 0
    assert (f"of {len(sound[1])} events can be read" in message) or ("no event in it can be read" in message)


def lines(text):
    return [msgspec.json.decode(line) for line in text.splitlines()]


def content(event):
    return event["id"], event["stream"], event["type"], event["time"], event["payload"]


def originals(sound):
    return {
        event.id: (event.id, event.stream, event.type, event.time, msgspec.json.decode(event.payload))
        for event in sound[1]
    }


def test_salvage_of_a_sound_log_is_an_export(path, halo):
    assert halo("events", "export", "--salvage").out == halo("events", "export").out


@pytest.mark.parametrize("how", DAMAGE)
def test_what_can_be_read_is_saved_and_can_be_taken_in(path, halo, sound, tmp_path, how):
    DAMAGE[how](path)
    before = path.read_bytes()
    target = tmp_path / "saved.jsonl"
    assert halo("events", "export", "--salvage", str(target)).code == 0
    assert path.read_bytes() == before
    saved = lines(target.read_text())
    known = originals(sound)
    assert all(content(event) == known[event["id"]] for event in saved)
    if how in {"half of it is gone", "garbage in the middle"}:
        assert len(saved) >= 10, "there was more to be saved"
    fresh = Workspace(tmp_path / "fresh")
    fresh.create()
    said = halo("events", "import", str(target), "--workspace", str(fresh.root), "--json")
    assert (said.code, said.data["added"]) == (0, len(saved))
    assert halo("events", "verify", "--workspace", str(fresh.root)).code == 0
    listed = halo("tasks", "list", "--all", "--limit", "0", "--workspace", str(fresh.root), "--json")
    assert listed.code == 0
    assert len(listed.data) == len({event["stream"] for event in saved if event["stream"].startswith("task/")})


def test_every_page_zeroed_in_turn(path, halo, sound):
    """No page is so important that losing it goes unnoticed or brings Halo down."""
    whole = path.read_bytes()
    known = originals(sound)
    for number in range(1, len(whole) // PAGE):
        path.write_bytes(whole[: number * PAGE] + bytes(PAGE) + whole[(number + 1) * PAGE :])
        verdict = halo("events", "verify", "--json")
        assert verdict.code in {1, 7}, f"page {number + 1}: {verdict}"
        saved = lines(halo("events", "export", "--salvage").out)
        assert all(content(event) == known[event["id"]] for event in saved)
        assert path.read_bytes() == whole[: number * PAGE] + bytes(PAGE) + whole[(number + 1) * PAGE :]


def test_a_payload_that_is_no_json(path, halo):
    """Changed by hand: what needs it stops with a word, `verify` finds it, salvage leaves it out."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE events SET payload = CAST('oops' AS BLOB) WHERE position = 1")
    connection.commit()
    connection.close()
    said = halo("events", "rebuild", "--json")
    assert (said.code, said.error["kind"]) == (7, "bad_data")
    assert "event 1" in said.error["message"]
    assert halo("events", "verify", "--json").code == 1
    saved = halo("events", "export", "--salvage")
    assert [event["position"] for event in lines(saved.out)][:2] == [2, 3]


def test_a_log_cut_to_nothing(path, halo, nightctl):
    """An empty file may be one that is just being made; but the stores remember."""
    path.write_bytes(b"")
    for words in (["list"], ["add", "more"]):
        said = nightctl(*words, "--json")
        assert (said.code, said.error["kind"]) == (7, "damaged")
        assert "ends at 0" in said.error["message"]
    assert path.read_bytes() == b""


def test_an_older_log_put_back(path, workspace, halo, nightctl, tmp_path):
    shutil.copy(path, tmp_path / "older.db")
    nightctl("add", "newer")
    gc.collect()  # closes what a process that ends would close
    shutil.copy(tmp_path / "older.db", path)
    for words in (["list"], ["add", "more"]):
        said = nightctl(*words, "--json")
        assert said.code == 7
        assert "which ends at 120" in said.error["message"]
        assert "halo-engine events rebuild tasks" in said.error["hint"]
    assert halo("events", "rebuild", "tasks").code == 0
    assert nightctl("add", "more", "--json").data["id"] == f"T-{ITEMS + 1:03d}"


def test_another_log_put_in_its_place(path, halo, nightctl, tmp_path, monkeypatch):
    """As long as the one that was there, or longer: only what is in it tells them apart."""
    other = Workspace(tmp_path / "other")
    other.create()
    theirs = (New(f"task/T-{n:03d}", "task.item.added", TaskAdded(f"theirs {n}"), expected=0) for n in range(1, 200))
    other.log.append(list(theirs))
    other.log.close()
    shutil.copy(other.store / "events.db", path)
    said = nightctl("list", "--json")
    assert (said.code, said.error["kind"]) == (7, "damaged")
    assert "halo-engine events rebuild tasks" in said.error["hint"]
    assert halo("events", "rebuild", "tasks").code == 0
    assert nightctl("list", "--json").data[0]["title"] == "theirs 1"
