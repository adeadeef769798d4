"""What was done to the log by hand is found, and where."""

from __future__ import annotations

import re
import sqlite3

import pytest

from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.events.verify import verify
from tests.events.contract import seen

STREAMS = "abacbabcab"
"""Positions 1 to 10."""


@pytest.fixture
def log(tmp_path):
    made = SqliteLog(tmp_path / "events.db")
    for number, stream in enumerate(STREAMS, 1):
        made.append([seen(f"probe/{stream}", f"number {number}")])
    yield made
    made.close()


@pytest.fixture
def by_hand(log):
    """Changes the file with sqlite3 behind the log's back, then says what a check finds: position and words."""

    def change(*statements):
        log.close()
        connection = sqlite3.connect(log.path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return [(fault.position, fault.stream, fault.what) for fault in verify(log).faults]

    return change


def words(faults, position):
    return " / ".join(what for at, _, what in faults if at == position)


def test_a_sound_log(log):
    found = verify(log)
    assert (found.events, found.streams, found.faults) == (10, 3, [])


def test_an_empty_log(tmp_path):
    found = verify(SqliteLog(tmp_path / "events.db"))
    assert (found.events, found.streams, found.faults) == (0, 0, [])


COLUMNS = {
    "id": "'x' || id",
    "stream": "'probe/z'",
    "type": "'probe.thing.left'",
    "schema": "2",
    "time": "'2020-01-01T00:00:00.000000Z'",
    "source": "'somebody@else'",
    "correlation_id": "'c'",
    "causation_id": "'c'",
    "payload": "CAST('{}' AS BLOB)",
    "hash": "zeroblob(32)",
    "previous_hash": "zeroblob(32)",
    "version": "version + 100",
}


@pytest.mark.parametrize("position", [1, 4, 5, 10])
@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_changed_column(by_hand, column, position):
    faults = by_hand(f"UPDATE events SET {column} = {COLUMNS[column]} WHERE position = {position}")
    assert words(faults, position), faults


@pytest.mark.parametrize(
    "change",
    [
        'payload = \'{"what":"number 4"}\'',  # text where bytes were: as a person would write it
        "payload = '{}'",
        "hash = 'no'",
        "previous_hash = 'no'",
        "version = 'two'",
        "schema = 'one'",
        "time = x'ff'",
        "type = CAST(x'ff' AS TEXT)",
        "stream = CAST(x'70726f62652fff' AS TEXT)",
        "payload = zeroblob(10)",
        "correlation_id = 7.5",
    ],
)
def test_a_column_of_another_kind(by_hand, change):
    faults = by_hand(f"UPDATE events SET {change} WHERE position = 4")
    assert words(faults, 4), faults


def test_a_change_says_what_it_was(by_hand):
    assert by_hand("UPDATE events SET payload = CAST('{}' AS BLOB) WHERE position = 5") == [
        (5, "probe/b", "its content or its place was changed after it was written (probe.thing.seen)")
    ]


@pytest.mark.parametrize(("position", "stream"), [(1, "probe/a"), (3, "probe/a"), (5, "probe/b"), (9, "probe/a")])
def test_a_removed_event(by_hand, position, stream):
    faults = by_hand(f"DELETE FROM events WHERE position = {position}")
    assert "1 event removed" in words(faults, position)
    after = [number for number, each in enumerate(STREAMS, 1) if number > position and f"probe/{each}" == stream]
    assert not after or "follows version" in words(faults, after[0]), faults


def test_several_removed(by_hand):
    faults = by_hand("DELETE FROM events WHERE position BETWEEN 3 AND 6")
    assert "4 events removed: position 3 to 6" in words(faults, 3)


def test_the_last_removed(by_hand):
    assert by_hand("DELETE FROM events WHERE position = 10") == [
        (10, "", "the log ends at 9, but 10 events were appended")
    ]


def test_everything_removed(by_hand):
    assert by_hand("DELETE FROM events") == [(1, "", "the log ends at 0, but 10 events were appended")]


def test_a_whole_stream_removed(by_hand):
    faults = by_hand("DELETE FROM events WHERE stream = 'probe/c'")
    assert [position for position, _, _ in faults] == [4, 8]


def test_removed_and_numbered_anew(by_hand):
    """As a careful forger would: no gap is left, but the next event of the stream hangs in the air."""
    faults = by_hand(
        "DELETE FROM events WHERE position = 3",
        "UPDATE events SET position = position - 1 WHERE position > 3",
        "UPDATE sqlite_sequence SET seq = 9",
    )
    assert faults
    assert faults[0][0] == 3


@pytest.mark.parametrize("position", [4, 11])
def test_an_inserted_event(by_hand, position):
    """At the end, or in the place of one that was removed; a copy of another, as good as a person can make it."""
    faults = by_hand(
        f"DELETE FROM events WHERE position = {position}",
        "INSERT INTO events (position, id, stream, version, type, schema, time, source, correlation_id, payload,"
        f" previous_hash, hash) SELECT {position}, 'forged', stream, version + 1, type, schema, time, source,"
        " correlation_id, payload, hash, hash FROM events WHERE position = 10",
    )
    assert "content or its place was changed" in words(faults, position), faults


@pytest.mark.parametrize(("one", "other"), [(1, 3), (3, 6), (4, 5), (1, 2), (9, 10)])
def test_two_events_that_changed_places(by_hand, one, other):
    faults = by_hand(
        f"UPDATE events SET position = -1 WHERE position = {one}",
        f"UPDATE events SET position = {one} WHERE position = {other}",
        f"UPDATE events SET position = {other} WHERE position = -1",
    )
    assert words(faults, one), faults
    assert words(faults, other), faults


@pytest.mark.parametrize("column", ["payload", "id", "time"])
def test_two_events_that_changed_contents(by_hand, column):
    nothing = "zeroblob(1)" if column == "payload" else "'-'"
    kept = f"(SELECT {column} FROM temp.kept WHERE position = %d)"
    faults = by_hand(
        "CREATE TEMP TABLE kept AS SELECT position, id, time, payload FROM events",
        f"UPDATE events SET {column} = {nothing} WHERE position = 3",
        f"UPDATE events SET {column} = {kept % 3} WHERE position = 5",
        f"UPDATE events SET {column} = {kept % 5} WHERE position = 3",
    )
    assert words(faults, 3), faults
    assert words(faults, 5), faults


def test_the_command(workspace, nightctl, halo):
    for title in ("one", "two"):
        nightctl("add", title)
    clean = halo("events", "verify", "--json")
    assert (clean.code, clean.data) == (0, {"events": 2, "streams": 2, "faults": []})
    workspace.log.close()
    connection = sqlite3.connect(workspace.store / "events.db")
    connection.execute('UPDATE events SET payload = CAST(\'{"title":"three"}\' AS BLOB) WHERE position = 2')
    connection.commit()
    connection.close()
    said = halo("events", "verify", "--json")
    assert said.code == 1
    assert [(fault["position"], fault["stream"]) for fault in said.data["faults"]] == [(2, "task/T-002")]
    said = halo("events", "verify")
    assert said.code == 1
    assert re.search(r"2 +task/T-002 +its content or its place was changed", said.out)
    assert "2 events in 2 streams: 1 fault" in said.out
