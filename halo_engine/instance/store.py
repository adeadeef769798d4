"""An instance's own SQLite file: its inbox, its outbox, what it has spent. One process writes it; any may read it.

Everything that must hold together is one transaction, on disk before it counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec

from halo_engine import clock, ids
from halo_engine.errors import BadData, Damaged, Unavailable
from halo_engine.events import sqlite as engine
from halo_engine.fleet.conversing.talking import PROBE
from halo_engine.instance.rows import LIFTS, REVISION, SCHEMA, Answer, Call, Kind, Message, Spent, State
from halo_engine.streaming import Usage

MESSAGE = "number, id, chat, sender, text, received, state, tries, crashes, session, urgent"
ANSWER = "number, message, chat, kind, text, made, id"
CALL = "id, begun, model, usage, reply, fault"
CHECKING = 10.0
"""Seconds that the file may be looked over before it is opened; what is broken in the rest is found when it is read."""
encode = msgspec.json.encode
WAITING = "state IN ('queued', 'working')"


class Looked(NamedTuple):
    """What there is in a file that nobody has opened yet."""

    last: int
    """The number of the last message that was accepted; 0 also where there is no store yet."""
    whole: bool
    """Whether there was time to look at all of it."""


def looked_over(path: Path, hint: str) -> Looked:
    """Let SQLite check a store before anything may write to it.

    Raises Damaged, Unavailable.
    """
    if not path.exists():
        return Looked(0, whole=True)
    with Store(path, reading=True, hint=hint) as store:
        return store.looked_over()


def _identity(path: Path) -> tuple[int, int]:
    """What tells a file from another of its name; zeros where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


class Store:
    """Use it in a `with`, or `close` it; `looked_over` comes before it.

    Raises Damaged when the file is broken or not of this program, Unavailable when the disk refuses. Once anything of
    it was found to be broken, nothing is written to it any more, and everything raises Damaged.
    """

    def __init__(self, path: Path, *, reading: bool = False, hint: str = "") -> None:
        self.path = path
        self._hint = hint or "`halctl restore` brings the last backup back; the file was left as it is"
        self._damage: Damaged | None = None
        with self._explained():
            self._connection = engine.connect(path, reading=reading)
            if not reading:
                self._prepare()
        self._file = _identity(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The write-ahead log is folded in, but into a broken file: that stays as it is, and so does its log."""
        with ExitStack() as others:
            if self._damage:  # who closes last folds it in, if it may write
                with suppress(sqlite3.Error):
                    other = others.enter_context(closing(engine.connect(self.path, reading=True)))
                    other.execute("PRAGMA user_version").fetchone()
            self._connection.close()

    # -- the inbox

    def accept(
        self, message_id: str, chat: str, sender: str, text: str, *, urgent: bool = False
    ) -> tuple[Message, bool]:
        """Take a message in; the same id again is the same message. Also returns whether it is new.

        Raises BadData when that id stands for other words, Damaged when the file is not the one that was opened.
        """
        self._in_place()
        with self._change():
            known = self.message(message_id)
            if known:
                if (known.chat, known.text) != (chat, text):
                    raise BadData(f"the id {message_id} stands for another message already", "send it with a new id")
                return known, False
            self._execute(
                "INSERT INTO message (id, chat, sender, text, received, state, session, urgent) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (message_id, chat, sender, text, clock.stamp(), State.QUEUED, self._session(chat), urgent),
            )
        made = self.message(message_id)
        assert made
        return made, True

    def message(self, message_id: str) -> Message | None:
        found = self._messages("id = ?", (message_id,))
        return found[0] if found else None

    def waiting(self) -> list[Message]:
        """The message of each chat that is next, in the order of arrival: an urgent one, else the oldest."""
        first = "coalesce(min(CASE WHEN urgent THEN number END), min(number))"
        return self._messages(f"number IN (SELECT {first} FROM message WHERE {WAITING} GROUP BY chat)")

    def count(self) -> int:
        """How many messages wait or are worked on."""
        return int(self._all(f"SELECT count(*) FROM message WHERE {WAITING}")[0][0])

    def last(self) -> int:
        """The number of the last message ever accepted."""
        return int(self._all("SELECT coalesce(max(number), 0) FROM message")[0][0])

    # -- a turn

    def begin(self, message: Message) -> Message:
        """Say that a turn is begun, so that it counts even when nothing more is heard of it."""
        with self._change():
            self._move(message, State.WORKING, tries=message.tries + 1)
        return msgspec.structs.replace(message, state=State.WORKING, tries=message.tries + 1)

    def put_back(self, message: Message, *, tries: int, fresh: bool = False) -> None:
        """Let it wait again. With `fresh` its chat begins a new conversation with it: the old one was in the way."""
        with self._change():
            self._move(message, State.QUEUED, tries=tries)
            if fresh:
                self._renew(message.chat)

    def recover(self) -> list[Message]:
        """The messages over which the runtime died, with that counted, waiting again; to be called at its start."""
        with self._change():
            self._execute("UPDATE message SET crashes = crashes + 1 WHERE state = 'working'")
            numbers = [row[0] for row in self._all("SELECT number FROM message WHERE state = 'working'")]
            self._execute("UPDATE message SET state = 'queued', tries = 0 WHERE state IN ('queued', 'working')")
        return [each for number in numbers for each in self._messages("number = ?", (number,))]

    def finish(self, message: Message, state: State, kind: Kind, text: str, *, fresh: bool = False) -> Answer:
        """The end of a message and the reply to it, together. With `fresh` the chat begins a new conversation."""
        with self._change():
            self._move(message, state, tries=message.tries)
            self._execute(
                "INSERT INTO reply (message, chat, kind, text, made, id) VALUES (?, ?, ?, ?, ?, ?)",
                (message.number, message.chat, kind, text, clock.stamp(), message.id),
            )
            if fresh:
                self._renew(message.chat)
        return self._answers("message = ?", (message.number,))[0]

    def history(self, message: Message, characters: int) -> list[str]:
        """What was said before in its conversation, in turn, the last first to be kept within so many characters."""
        turns: list[str] = []
        with self._explained():
            rows = self._connection.execute(
                "SELECT message.text, reply.text FROM message JOIN reply ON reply.message = message.number "
                "WHERE session = ? AND message.number < ? AND reply.kind = 'answer' ORDER BY message.number DESC",
                (message.session, message.number),
            )
            for asked, said in rows:
                characters -= len(asked) + len(said)
                if characters < 0:
                    break
                turns += [said, asked]
        return turns[::-1]

    # -- the outbox

    def register(self, chat: str, name: str) -> None:
        """Make a chat the main one, the operator's. Nothing when it is so already."""
        with self._change():
            self._session(chat)
            self._execute("UPDATE chat SET main = (chat = ?)", (chat,))
            self._execute("UPDATE chat SET name = ? WHERE chat = ?", (name, chat))

    def main_chat(self) -> str:
        """The operator's chat; empty when none is registered."""
        found = self._all("SELECT chat FROM chat WHERE main = 1")
        return str(found[0][0]) if found else ""

    def chats(self) -> tuple[int, str]:
        """How many chats there are, and when somebody wrote last; the smoke test is nobody."""
        count = self._all("SELECT count(*) FROM chat WHERE chat <> ?", (PROBE,))[0][0]
        last = self._all("SELECT received FROM message WHERE chat <> ? ORDER BY number DESC LIMIT 1", (PROBE,))
        return int(count), str(last[0][0]) if last else ""

    def reply(self, message: int) -> Answer | None:
        found = self._answers("message = ?", (message,))
        return found[0] if found else None

    def undelivered(self, chat: str) -> list[Answer]:
        """What nobody has been seen to read yet, the oldest first."""
        return self._answers("chat = ? AND delivered = 0", (chat,))

    def delivered(self, reply: int) -> None:
        with self._change():
            self._execute("UPDATE reply SET delivered = 1 WHERE number = ?", (reply,))

    def said(self, chat: str, limit: int) -> list[tuple[Message, Answer | None]]:
        """The last messages of a chat with their replies, the oldest first."""
        found = self._messages(f"chat = ? ORDER BY number DESC LIMIT {int(limit)}", (chat,), order="")
        return [(each, self.reply(each.number)) for each in reversed(found)]

    # -- what it costs

    def reserve(self, message: Message, day: str, model: str, usage: Usage, cost: float) -> str:
        """Set aside what a call that is about to be made can cost; if nothing more is heard of it, that is spent."""
        call = ids.new_id()
        with self._change():
            self._execute(
                "INSERT INTO call (id, message, day, begun, model, usage, tokens, cost) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (call, message.number, day, clock.stamp(), model, encode(usage), usage.total, cost),
            )
        return call

    def settle(self, call: Call, cost: float) -> None:
        """What the call did cost."""
        with self._change():
            self._execute(
                "UPDATE call SET usage = ?, tokens = ?, cost = ?, reply = ?, fault = ?, model = ? WHERE id = ?",
                (encode(call.usage), call.usage.total, cost, call.reply, call.fault, call.model, call.id),
            )

    def spent(self, day: str) -> Spent:
        rows = self._all("SELECT coalesce(sum(tokens), 0), coalesce(sum(cost), 0.0) FROM call WHERE day = ?", (day,))
        return Spent(*rows[0])

    def calls(self, message: Message) -> list[Call]:
        """The calls that were made for a message, the first first."""
        rows = self._all(f"SELECT {CALL} FROM call WHERE message = ? ORDER BY id", (message.number,))
        return [msgspec.convert((*row[:3], msgspec.json.decode(row[3]), *row[4:]), Call) for row in rows]

    # -- the transcript

    def unrecorded(self) -> list[Message]:
        """The messages at their end that the transcript may not have yet."""
        return self._messages(f"recorded = 0 AND NOT {WAITING}")

    def recorded(self, message: Message) -> None:
        with self._change():
            self._execute("UPDATE message SET recorded = 1 WHERE number = ?", (message.number,))

    # -- underneath

    def looked_over(self) -> Looked:
        """See the function of that name."""
        found = engine.looked_over(self._connection, CHECKING)
        if found.faults:
            raise Damaged(f"{self.path} is damaged: {found.faults[0]}", self._hint)
        return Looked(self.last() if self._revision() else 0, found.whole)

    def look_again(self) -> None:
        """Look the file over while it is in use, through a connection of its own; for a thread of its own.

        Raises Damaged, and so does everything from then on.
        """
        self._in_place()
        try:
            looked_over(self.path, self._hint)
        except Damaged as error:
            self._damage = error
            raise

    def _prepare(self) -> None:
        self._execute("PRAGMA journal_mode = WAL")
        self._execute("PRAGMA synchronous = FULL")
        revision = self._revision()
        if revision > REVISION:
            raise Damaged(f"{self.path} was written by a later version of Halo", "run that version")
        if revision < REVISION:
            with self._change():
                for statement in SCHEMA.split(";") if revision == 0 else LIFTS[revision - 1 :]:
                    self._execute(statement)
                self._execute(f"PRAGMA user_version = {REVISION}")
        self.path.chmod(0o600)

    def _revision(self) -> int:
        """Of the schema; 0 for a file that has none yet."""
        return int(self._all("PRAGMA user_version")[0][0])

    def _in_place(self) -> None:
        """Whether the file is where it was: what is written to one that was removed is gone with this process.

        Raises Damaged, and so does everything from then on.
        """
        if self._file != _identity(self.path):
            self._damage = Damaged(
                f"{self.path} was removed, or another put in its place, while it was in use", self._hint
            )
            raise self._damage

    def _session(self, chat: str) -> str:
        found = self._all("SELECT session FROM chat WHERE chat = ?", (chat,))
        return str(found[0][0]) if found else self._renew(chat)

    def _renew(self, chat: str) -> str:
        session = ids.new_id()
        self._execute(
            "INSERT INTO chat (chat, session) VALUES (?, ?) ON CONFLICT DO UPDATE SET session = excluded.session",
            (chat, session),
        )
        self._execute("UPDATE message SET session = ? WHERE chat = ? AND state = 'queued'", (session, chat))
        return session

    def _move(self, message: Message, state: State, *, tries: int) -> None:
        self._execute("UPDATE message SET state = ?, tries = ? WHERE number = ?", (state, tries, message.number))

    def _messages(self, where: str, values: Sequence[Any] = (), order: str = "ORDER BY number") -> list[Message]:
        rows = self._all(f"SELECT {MESSAGE} FROM message WHERE {where} {order}", values)
        return msgspec.convert(rows, list[Message], strict=False)

    def _answers(self, where: str, values: Sequence[Any]) -> list[Answer]:
        rows = self._all(f"SELECT {ANSWER} FROM reply WHERE {where} ORDER BY number", values)
        return msgspec.convert(rows, list[Answer])

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._explained():
            return engine.patiently(lambda: self._connection.execute(sql, values).fetchall())

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        with self._explained():
            engine.patiently(lambda: self._connection.execute(sql, values))

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._explained():
            engine.begin(self._connection)
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        if self._damage:
            raise self._damage
        try:
            yield
        except sqlite3.Error as error:
            if engine.is_damage(error):
                self._damage = Damaged(f"{self.path} is damaged: {error}", self._hint)
                raise self._damage from error
            raise Unavailable(f"{self.path}: {error}", "is there room, and may it be written?") from error
