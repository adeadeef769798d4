"""One reply of a model counts once, whatever number of lines, files and copies carry it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from hashlib import blake2b

import msgspec

BANDS = (32_000, 100_000, 128_000, 200_000, 256_000, 272_000, 512_000)
"""Sizes of context from which some model costs more; a price table may name any of these."""


class Reply(msgspec.Struct, array_like=True, gc=False):
    """What one API reply cost, so far as is known."""

    id: int
    """Hash of the message's id."""
    request: int
    """Hash of the request's id; where there is none, of what the reply's lines have in common."""
    session: str
    time: int
    """Milliseconds since 1970."""
    model: str
    side: int
    """1: beside the main conversation; as a number, since SQLite asks around for what to do with a bool."""
    tier: str
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    cost: float | None = None
    """US dollars, where the source has worked it out."""

    @property
    def context(self) -> int:
        """Tokens that the model read."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write_5m + self.cache_write_1h


def hashed(text: str) -> int:
    """A number that stands for a text, also tomorrow and in another process; never 0."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True) or 1


def milliseconds(time: str) -> int:
    """A `Timestamp` as milliseconds since 1970; 0 for what is none."""
    try:
        clock = int(time[11:13]) * 3600 + int(time[14:16]) * 60 + int(time[17:19])
        return (_midnight(time[:10]) + clock) * 1000 + int(time[20:23])
    except ValueError:
        return 0


@cache
def _midnight(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def request_of(request: str, given: int, read: int, written: int) -> int:
    """What tells replies with one message id apart.

    The request's id; gateways that send none may use one message id for all replies, and those differ in what the
    model read. 0, which goes with any other: a line that came before the counts did.
    """
    if request:
        return hashed(request)
    if not given + read + written:
        return 0
    return hashed(f"{read}/{written}" if read or written else f"{given}")


def same(one: Reply, other: Reply) -> bool:
    """Whether two with one message id are one reply. What runs beside the main conversation repeats its messages
    under requests of its own.
    """
    return one.request == other.request or bool(one.side or other.side or not one.request or not other.request)


def better(new: Reply, old: Reply) -> bool:
    """Which of two accounts of a reply holds: the main conversation's, then the larger, then the first."""
    if new.side != old.side:
        return bool(old.side)
    return new.total > old.total


class Replies:
    """Replies, each once."""

    def __init__(self) -> None:
        self._by_id: dict[int, list[Reply]] = {}
        self.touched: set[str] = set()
        """Sessions whose replies have changed."""
        self.changed: set[int] = set()
        """Message ids whose replies have changed and were not kept since."""
        self.kept: set[int] = set()
        """Message ids that are kept elsewhere."""

    def learn(self, known: Iterable[Reply]) -> None:
        """What is kept elsewhere, of message ids that have not come up yet."""
        for reply in known:
            self._by_id.setdefault(reply.id, []).append(reply)
            self.kept.add(reply.id)

    def strange(self, replies: Iterable[Reply]) -> set[int]:
        """The message ids among these that have not come up yet."""
        return {reply.id for reply in replies if reply.id not in self._by_id}

    def put(self, reply: Reply) -> None:
        """Take an account of a reply in, if it says more than what is known."""
        known = self._by_id.get(reply.id)
        if known is None:
            self._by_id[reply.id] = [reply]
        else:
            for place, other in enumerate(known):
                if same(reply, other):
                    if not better(reply, other):
                        return
                    self.touched.add(other.session)
                    known[place] = reply
                    break
            else:
                known.append(reply)
        self.touched.add(reply.session)
        self.changed.add(reply.id)

    def of(self, identity: int) -> list[Reply]:
        return self._by_id.get(identity, [])

    def news(self) -> list[Reply]:
        """The replies of the ids that have changed."""
        return [reply for each in self.changed for reply in self._by_id[each]]

    def all(self) -> list[Reply]:
        return [reply for known in self._by_id.values() for reply in known]
