"""Identifiers: UUID version 7, unique, ascending."""

from __future__ import annotations

import os
import threading
import time
from uuid import RFC_4122, UUID

from halo_engine.ids import new_id


def test_it_is_a_uuid_of_version_7():
    made = UUID(new_id())
    assert (made.version, made.variant) == (7, RFC_4122)
    assert abs((made.int >> 80) / 1000 - time.time()) < 60


def test_they_ascend_also_within_a_millisecond():
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_threads_get_different_ones():
    made = []

    def make():
        mine = [new_id() for _ in range(2_000)]
        assert mine == sorted(mine)
        made.extend(mine)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000


def test_a_clock_that_goes_back(monkeypatch):
    before = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert new_id() > before


def test_a_forked_process_makes_others():
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, new_id().encode())
        os._exit(0)
    mine = new_id()
    os.waitpid(child, 0)
    assert os.read(reader, 36).decode() != mine
    os.close(reader)
    os.close(writer)
