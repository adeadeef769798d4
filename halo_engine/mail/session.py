"""A connection to an IMAP server that comes back when it drops.

It reads without marking as read, and it never deletes: nothing here flags for deletion, expunges or closes a folder.
"""

from __future__ import annotations

import imaplib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from halo_engine.errors import HaloError, NotAllowed, NotFound, Unavailable
from halo_engine.mail.accounts import Place
from halo_engine.mail.connecting import log_in, lost, opened, refused, words_of
from halo_engine.mail.responses import messages

R = TypeVar("R")
WAITS = (0.1, 1.0, 4.0)
"""Seconds before each new try to connect."""
HEADER = 64 * 1024
"""Bytes of a message's headers that are read."""
TEXT = 256 * 1024
"""Bytes of a message's text that are read."""
COPIED = "halo-archived"


class Dropped(Exception):
    """The connection is gone, and has been made again; what was under way may have been done or not."""


class Session:
    """One account, one folder at a time."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.folder = ""
        self.uidvalidity = 0
        self.readonly = True
        self._able: frozenset[str] = frozenset()
        self._box: Any = None
        self._connect()

    def close(self) -> None:
        if self._box is not None:
            with suppress(*lost(), *refused()):
                self._box.logout()
            self._hang_up()

    def _hang_up(self) -> None:
        if self._box is not None:
            with suppress(OSError):
                self._box.client.shutdown()
            self._box = None

    # Connecting.

    def _connect(self) -> None:
        secret = self.place.secret()
        self._box = opened(self.place)
        try:
            self._able = log_in(self._box, self.place, secret)
        except HaloError:
            self._hang_up()
            raise

    def _again(self, error: Exception) -> None:
        """Connect anew, with patience, and go back to the folder.

        Raises Unavailable when that fails, or when the folder is not the same any more.
        """
        self._hang_up()
        for wait in WAITS:
            time.sleep(wait)
            with suppress(Unavailable):
                self._connect()
                if self.folder:
                    before = self.uidvalidity
                    self._select(self.folder, self.readonly)
                    if self.uidvalidity != before:
                        raise NotAllowed(f"{self.folder} was made anew on the server", "triage again")
                return
        raise Unavailable(
            f"{self.place.host} hung up ({error}), and cannot be reached again", "what was done is known; repeat"
        )

    def reading(self, work: Callable[[], R]) -> R:
        """Do what may be done twice; again when the connection drops in the middle."""
        for _ in WAITS:
            try:
                return work()
            except lost() as error:
                self._again(error)
        return work()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around what must not be done twice. Raises Dropped, connected again, when the connection drops in it."""
        try:
            yield
        except lost() as error:
            self._again(error)
            raise Dropped from error

    # Reading.

    def select(self, folder: str, *, readonly: bool = True) -> bool:
        """Go to a folder; False when there is none."""
        return self.reading(lambda: self._select(folder, readonly))

    def _select(self, folder: str, readonly: bool) -> bool:
        client = self._box.client
        client.untagged_responses.pop("UIDVALIDITY", None)
        try:
            self._box.folder.set(folder, readonly=readonly)
        except imaplib.IMAP4.readonly:
            raise NotAllowed(f"{folder} at {self.place.host} may only be read", "nothing was done in it") from None
        except lost():
            raise
        except refused():
            self.folder, self.uidvalidity = "", 0
            return False
        _, found = client.response("UIDVALIDITY")
        self.folder, self.readonly = folder, readonly
        self.uidvalidity = int(found[0]) if found and found[0] else 0
        return True

    def require(self, folder: str, *, readonly: bool = True) -> None:
        """Go to a folder.

        Raises NotFound.
        """
        if not self.select(folder, readonly=readonly):
            raise NotFound(f"{self.place.name} has no folder {folder[:100]}")

    def search(self, criteria: str, charset: str | None = None) -> list[int]:
        """The UIDs that the server finds, in order.

        Raises NotAllowed when it does not take the search.
        """
        try:
            return sorted(int(uid) for uid in self.reading(lambda: self._box.uids(criteria, charset)))
        except refused() as error:
            raise NotAllowed(f"{self.place.host} does not take this search: {words_of(error)}") from error

    def fetch(self, uids: Sequence[int], items: str) -> list[dict[str, Any]]:
        """Items of messages, as many as are still there."""
        if not uids:
            return []
        numbers = ",".join(map(str, uids))
        _, data = self.reading(lambda: self._box.client.uid("FETCH", numbers, items))
        wanted = set(uids)
        return [each for each in messages(data or []) if number(each.get("UID")) in wanted]

    # Changing.

    def keyword(self, uids: Sequence[int], word: str, *, on: bool = True) -> set[int]:
        """Set a keyword, or take it off; the UIDs of the messages that have it so now. May be done twice."""
        sign = "+FLAGS" if on else "-FLAGS"
        numbers = ",".join(map(str, uids))
        self.reading(lambda: self._box.client.uid("STORE", numbers, sign, f"({word})"))
        found = self.fetch(uids, "(UID FLAGS)")
        wanted = word.lower().encode()
        return {number(each["UID"]) for each in found if (wanted in flags(each)) is on}

    def ensure(self, folder: str) -> None:
        """Make a folder, where there is none.

        Raises NotAllowed when the server does not let it be made.
        """
        try:
            self.reading(lambda: self._box.folder.exists(folder) or self._box.folder.create(folder))
        except refused() as error:
            raise NotAllowed(f"{folder} cannot be made at {self.place.host}: {words_of(error)}") from error

    @property
    def moves(self) -> bool:
        """Whether the server can move."""
        return "MOVE" in self._able

    def transfer(self, uids: Sequence[int], folder: str) -> tuple[int, dict[int, int]]:
        """Move messages, or copy them where the server cannot move; the UIDVALIDITY there, and the new UID of each
        that the server told (0 and none where it does not tell).

        Raises Dropped, NotAllowed.
        """
        from imap_tools.utils import encode_folder

        client = self._box.client
        verb = "MOVE" if self.moves else "COPY"
        client.untagged_responses.pop("COPYUID", None)
        with self.changing():
            status, said = client.uid(verb, ",".join(map(str, uids)), encode_folder(folder))
        if status != "OK":
            raise NotAllowed(f"{self.place.host} does not {verb.lower()} to {folder}: {said}")
        _, told = client.response("COPYUID")
        return _places(told)


def flags(item: dict[str, Any]) -> set[bytes]:
    return {each.lower() for each in item.get("FLAGS") or [] if isinstance(each, bytes)}


def _places(told: Any) -> tuple[int, dict[int, int]]:
    if not told or not told[-1]:
        return 0, {}
    validity, before, after = told[-1].decode("ascii", "replace").split()[:3]
    return int(validity), dict(zip(_numbers(before), _numbers(after), strict=False))


def _numbers(text: str) -> list[int]:
    """`3:5,9` -> 3, 4, 5, 9."""
    found: list[int] = []
    for each in text.split(","):
        low, _, high = each.partition(":")
        found += range(int(low), int(high or low) + 1)
    return found


def number(word: Any) -> int:
    return int(word) if isinstance(word, bytes) and word.isdigit() else 0
