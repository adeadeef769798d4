"""Talking to an instance that runs: a socket in its `run` folder, one JSON object a line. Only its owner may connect.

>>> reply = send(place, Said(id=new_id(), chat="console", text="Good morning"), wait=60)
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from halo_engine.clock import Timestamp
from halo_engine.errors import BadData, HaloError, NotAllowed, Unavailable
from halo_engine.fleet.instance import Layout
from halo_engine.fleet.presence.standing import standing

SOCKET = "console.sock"
CHAT = "console"
"""The operator's own chat."""
PROBE = "probe"
"""The chat of the smoke test; each message in it begins a conversation of its own."""
LONGEST = 4 << 20
"""Bytes of a line."""
PATIENCE = 5.0
"""Seconds that a running instance may take to take something in."""


class Ping(Struct, frozen=True, tag="ping", tag_field="do"):
    """Is the loop alive?"""


class Said(Struct, frozen=True, tag="send", tag_field="do", kw_only=True):
    """A message. The same id again is the same message, also after the instance was started anew."""

    id: str
    text: str
    chat: str = CHAT
    sender: str = "operator"


class Open(Struct, frozen=True, tag="open", tag_field="do"):
    """Hear what is said in a chat from now on, after what nobody has read yet."""

    chat: str = CHAT


class Seen(Struct, frozen=True, tag="seen", tag_field="do"):
    """A reply was shown; it need not be shown again."""

    number: int


class Pong(Struct, frozen=True, tag="pong", tag_field="is"):
    """The loop is alive."""

    pid: int
    waiting: int
    model: bool
    """Whether a key for a model is set."""


class Accepted(Struct, frozen=True, tag="accepted", tag_field="is"):
    """The message is on disk: it will be answered, or its sender told why not."""

    id: str
    number: int
    state: str


class Piece(Struct, frozen=True, tag="piece", tag_field="is"):
    """A part of an answer, while it is written. Not on disk: should it break off, the reply says how it ended."""

    id: str
    text: str


class Told(Struct, frozen=True, tag="reply", tag_field="is"):
    """The end of a message."""

    id: str
    """The message's."""
    number: int
    kind: str
    """`answer`: the model's words; `notice`: the runtime's own, why there are none; `onboarding`: what its sender is
    told and asked before the model answers them."""
    state: str
    text: str
    made: Timestamp


class Refused(Struct, frozen=True, tag="refused", tag_field="is"):
    """What was asked for cannot be done; nothing was taken in."""

    kind: str
    message: str
    hint: str = ""


Request = Ping | Said | Open | Seen
Response = Pong | Accepted | Piece | Told | Refused
REFUSALS: dict[str, type[HaloError]] = {each.kind: each for each in (BadData, NotAllowed, Unavailable)}


@contextmanager
def address(run: Path) -> Iterator[str]:
    """The socket's name, short enough whatever the folder's: a socket's may have 107 bytes."""
    descriptor = os.open(run, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        short = Path(f"/proc/self/fd/{descriptor}")
        yield str((short if short.exists() else run) / SOCKET)
    finally:
        os.close(descriptor)


class Line:
    """A connection to an instance. Use it in a `with`.

    Raises Unavailable when nothing answers there.
    """

    def __init__(self, place: Layout) -> None:
        self._name = place.root.name
        self._place = place
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = b""
        self._decoder = msgspec.json.Decoder(Response)
        try:
            with address(place.run) as name:
                self._socket.settimeout(PATIENCE)
                self._socket.connect(name)
        except OSError as error:
            self._socket.close()
            raise self._absent(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def say(self, request: Request) -> None:
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.sendall(msgspec.json.encode(request) + b"\n")
        except OSError as error:
            raise self._gone(error) from error

    def hear(self, deadline: float | None) -> Response | None:
        """The next thing said; None when nothing was by `deadline` (monotonic; None: wait for as long as it takes).

        Raises Unavailable when the instance has gone, or says what it cannot mean; what it refuses, as the error that
        it was.
        """
        while b"\n" not in self._rest:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            try:
                self._socket.settimeout(left)
                part = self._socket.recv(65_536)
            except TimeoutError:
                return None
            except OSError as error:
                raise self._gone(error) from error
            if not part or len(self._rest) > LONGEST:
                raise self._gone(None)
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            said: Response = self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unavailable(f"{self._name} says what nobody can read: {error}", "`halctl smoke` says more") from error
        if isinstance(said, Refused):
            raise REFUSALS.get(said.kind, Unavailable)(said.message, said.hint)
        return said

    @property
    def has_more(self) -> bool:
        """Whether something was said that was not heard yet."""
        return b"\n" in self._rest

    def _absent(self, error: OSError) -> Unavailable:
        """Why nobody is there to talk to: in its own words, where it has left any."""
        stands = standing(self._name, self._place)
        if stands:
            return Unavailable(f"{self._name} does not answer: {stands.message}", stands.hint)
        hint = "`halctl status` shows whether it runs; `halctl reset` starts a frozen one"
        return Unavailable(f"{self._name} does not answer ({error.strerror or error})", hint)

    def _gone(self, error: OSError | None) -> Unavailable:
        why = f" ({error.strerror or error})" if error else ""
        hint = "what it had accepted is safe: the same message with the same --id is not sent twice"
        return Unavailable(f"{self._name} has hung up{why}", hint)


def ping(place: Layout, timeout: float = PATIENCE) -> Pong:
    """Proof that the loop of an instance is alive.

    Raises Unavailable when it is not.
    """
    with Line(place) as line:
        line.say(Ping())
        answer = line.hear(time.monotonic() + timeout)
    if not isinstance(answer, Pong):
        raise Unavailable(f"{place.root.name} took over {timeout:g} s for a ping", "`halctl smoke` says more")
    return answer


def send(place: Layout, message: Said, *, wait: float = 0) -> Accepted | Told:
    """Give an instance a message. With `wait` (seconds) the reply to it, marked as read; else that it was accepted.

    Raises Unavailable when it is not there, or has not replied in time; the message then stays accepted. BadData,
    NotAllowed when it refuses the message.
    """
    with Line(place) as line:
        line.say(message)
        deadline = time.monotonic() + PATIENCE
        accepted = False
        while (said := line.hear(deadline)) is not None:
            if isinstance(said, Told) and said.id == message.id:
                line.say(Seen(said.number))
                return said
            if isinstance(said, Accepted) and said.id == message.id:
                if not wait:
                    return said
                accepted = True
                deadline = time.monotonic() + wait
    if not accepted:
        raise Unavailable(
            f"{place.root.name} did not take the message in within {PATIENCE:g} s", "repeat with its --id"
        )
    raise Unavailable(
        f"no reply within {wait:g} s; the message is accepted", f"ask again with --id {message.id} --wait"
    )
