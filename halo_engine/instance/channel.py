"""The console channel: a socket on which the owner talks to the instance, and hears what it says."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

import msgspec

from halo_engine.errors import BadData, HaloError, NotAllowed, Unavailable
from halo_engine.fleet.conversing.talking import (
    LONGEST,
    SOCKET,
    Accepted,
    Open,
    Piece,
    Ping,
    Pong,
    Refused,
    Request,
    Response,
    Said,
    Seen,
    Told,
    address,
)
from halo_engine.fleet.instance import Layout
from halo_engine.instance.admission import Admission
from halo_engine.instance.config import InstanceSettings
from halo_engine.instance.rows import Answer, Message
from halo_engine.instance.store import Store

CONNECTIONS = 64
BACKLOG = 8 << 20
"""Bytes that a listener may be behind before it is dropped."""


class Channel:
    """Listens on the socket of an instance. `arrived` is called when a message has been taken in."""

    def __init__(
        self,
        place: Layout,
        store: Store,
        settings: InstanceSettings,
        admission: Admission,
        arrived: Callable[[], None],
        *,
        model: bool,
    ) -> None:
        self._place = place
        self._store = store
        self._settings = settings
        self._admission = admission
        self._arrived = arrived
        self._model = model
        self._listeners: dict[asyncio.StreamWriter, str] = {}
        self._connections: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._closing = False

    async def open(self) -> None:
        """Listen; a socket that a dead runtime left is replaced. The caller holds the instance's lock."""
        with address(self._place.run) as name:
            (self._place.run / SOCKET).unlink(missing_ok=True)
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            before = os.umask(0o177)
            try:
                made.bind(name)
            finally:
                os.umask(before)
        self._server = await asyncio.start_unix_server(self._serve, sock=made, limit=LONGEST)

    async def close(self) -> None:
        """Take nothing more in; who is connected is hung up on."""
        if self._server:
            self._server.close()
        for writer in list(self._connections):
            writer.close()
        (self._place.run / SOCKET).unlink(missing_ok=True)

    def refuse(self) -> None:
        """Take in no more messages: the end is near."""
        self._closing = True

    def piece(self, message: Message, text: str) -> None:
        """Let those who listen hear a part of an answer."""
        self._tell(message.chat, Piece(message.id, text))

    def told(self, message: Message, answer: Answer) -> None:
        """Let those who listen hear the end of a message."""
        self._tell(message.chat, _told(answer, message.state.value))

    def _tell(self, chat: str, what: Response) -> None:
        for writer in [each for each, heard in self._listeners.items() if heard == chat]:
            self._write(writer, what)

    def _write(self, writer: asyncio.StreamWriter, what: Response) -> None:
        transport = writer.transport
        if transport.get_write_buffer_size() > BACKLOG:
            transport.abort()
        elif not transport.is_closing():
            writer.write(msgspec.json.encode(what) + b"\n")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not _is_owner(writer) or len(self._connections) >= CONNECTIONS:
            writer.close()
            return
        self._connections.add(writer)
        decoder = msgspec.json.Decoder(Request)
        try:
            while line := await reader.readline():
                self._write(writer, self._answered(decoder, line, writer))
        except (OSError, ValueError):  # gone, or a line without end
            writer.transport.abort()
        finally:
            self._connections.discard(writer)
            self._listeners.pop(writer, None)
            writer.close()

    def _answered(self, decoder: msgspec.json.Decoder[Request], line: bytes, writer: asyncio.StreamWriter) -> Response:
        try:
            return self._answer(decoder.decode(line), writer)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return Refused(BadData.kind, f"not understood: {error}", "is that side of the same version?")
        except HaloError as error:
            return Refused(error.kind, error.message, error.hint)

    def _answer(self, request: Request, writer: asyncio.StreamWriter) -> Response:
        match request:
            case Ping():
                return self._pong()
            case Said():
                return self._take_in(request, writer)
            case Open():
                self._listeners[writer] = request.chat
                for answer in self._store.undelivered(request.chat):
                    self._write(writer, _told(answer))
                return self._pong()
            case Seen():
                self._store.delivered(request.number)
                return self._pong()

    def _pong(self) -> Pong:
        return Pong(os.getpid(), self._store.count(), self._model)

    def _take_in(self, said: Said, writer: asyncio.StreamWriter) -> Response:
        known = self._store.message(said.id)
        if known is None:
            self._check(said)
        urgent = self._admission.leaves(said.chat, said.text)
        message, _ = self._store.accept(said.id, said.chat, said.sender, said.text, urgent=urgent)
        self._listeners[writer] = said.chat
        accepted = Accepted(message.id, message.number, message.state.value)
        answer = self._store.reply(message.number)
        if answer is None:
            self._arrived()
            return accepted
        self._write(writer, accepted)
        return _told(answer, message.state.value)

    def _check(self, said: Said) -> None:
        """Raises BadData, NotAllowed or Unavailable for a message that is not taken in."""
        if self._closing:
            raise Unavailable("it is being stopped", "send it again when it runs")
        if not said.text.strip() or not said.id or not said.chat:
            raise BadData("a message needs words, an id and a chat")
        if len(said.text) > self._settings.longest_message:
            most = f"{self._settings.longest_message:,}"
            raise BadData(f"a message of {len(said.text):,} characters; {most} are taken", "send it in parts")
        if len(said.id) > 200 or len(said.chat) > 200 or len(said.sender) > 200:
            raise BadData("ids, chats and senders have up to 200 characters")
        if not self._admission.knows(said.chat):
            raise BadData(f"{said.chat[:80]!r} is no id of a person", "for example telegram:812 or console:ann")
        if self._store.count() >= self._settings.waiting:
            raise NotAllowed(f"{self._settings.waiting:,} messages wait already", "let it answer them first")


def _told(answer: Answer, state: str = "") -> Told:
    return Told(answer.id, answer.number, answer.kind.value, state, answer.text, answer.made)


def _is_owner(writer: asyncio.StreamWriter) -> bool:
    """Whether who connects is who runs this, or root. The socket's mode says so too; not all systems heed that."""
    peer = writer.get_extra_info("socket")
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    with suppress(OSError):
        _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        return user in {0, os.geteuid()}
    return False
