"""The transcript of each conversation, as `agentctl` reads it: written from the store: late at worst, not wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.agents.records import Mark, Prompt, Said, Spent, Tokens
from halo_engine.fleet.conversing.talking import PROBE
from halo_engine.instance.rows import Answer, Kind, Message
from halo_engine.instance.store import Store

TURN = b'"turn":"'
UNHEARD = "nothing more was heard of the call"
LOOKED_AT = 4 << 20
"""Bytes at the end of a file in which a turn is looked for that may have been written already."""


class Transcripts:
    """The files of an instance: `<folder>/<instance>/<session>.jsonl`."""

    def __init__(self, folder: Path, instance: str, cwd: Path) -> None:
        self._folder = folder / instance
        self._instance = instance
        self._cwd = cwd

    def catch_up(self, store: Store) -> None:
        """Write what the store has and the files have not. A line that was cut in two by a crash is taken away."""
        for message in store.unrecorded():
            reply = store.reply(message.number)
            if store.calls(message) or _is_conversation(message, reply):
                self._write(self._folder / f"{message.session}.jsonl", message, records(message, reply, store))
            store.recorded(message)

    def _write(self, path: Path, message: Message, lines: list[Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            begin = file.seek(max(0, size - LOOKED_AT))
            tail = file.read()
            if TURN + message.id.encode() + b'"' in tail:
                return
            file.seek(begin + whole(tail))
            file.truncate()
            if file.tell() == 0:
                lines = [self._opening(message), *lines]
            file.write(b"".join(msgspec.json.encode(each) + b"\n" for each in lines))
            file.flush()
            os.fsync(file.fileno())

    def _opening(self, message: Message) -> dict[str, str]:
        about = {"type": "session", "session": message.session, "instance": self._instance, "chat": message.chat}
        return about | {"project": self._instance, "cwd": str(self._cwd), "time": message.received}


def _is_conversation(message: Message, reply: Answer | None) -> bool:
    """A test of the line is none, nor is what a person is asked, and answers, before the assistant works for them."""
    return message.chat != PROBE and (reply is None or reply.kind is not Kind.ONBOARDING)


def whole(tail: bytes) -> int:
    """How much of the end of a file is of turns that were written whole; each ends in a line that names it."""
    last = tail.rfind(TURN)
    end = tail.find(b"\n", last) if last >= 0 else -1
    if end < 0 <= last:  # the naming line itself was cut
        return whole(tail[:last])
    return end + 1


def records(message: Message, reply: Answer | None, store: Store) -> list[Any]:
    """What a message's turn is in a transcript: the words, each call with its cost, the answer. The last line names
    the message: a turn without it was not written whole.
    """
    made: list[Any] = [Prompt(text=message.text, time=message.received)]
    time = reply.made if reply else clock.stamp()
    for call in store.calls(message):
        use = call.usage
        tokens = Tokens(use.input, use.output, use.cache_read, use.cache_write_5m, use.cache_write_1h)
        if call.fault or not call.reply:
            made.append(Mark(what="api_error", text=call.fault or UNHEARD, time=call.begun))
        elif reply:
            made.append(Said(text=reply.text, message=call.reply, time=time))
        made.append(Spent(message=call.reply or call.id, model=call.model, tokens=tokens, time=time))
    if reply and reply.kind is not Kind.ANSWER:
        made.append(Mark(what="notice", text=reply.text, time=time))
    closing = {"type": "mark", "what": message.state.value, "text": "", "time": time, "turn": message.id}
    return [*made, closing]
