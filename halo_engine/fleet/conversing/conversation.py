"""`talk`: a conversation with an instance in a terminal, or through a pipe."""

from __future__ import annotations

import os
import selectors
import sys
import time
from collections import deque
from collections.abc import Iterator

from halo_engine import console, ids
from halo_engine.errors import BadData, HaloError, NotAllowed, Unavailable
from halo_engine.fleet.conversing.talking import PATIENCE, Accepted, Line, Open, Piece, Pong, Response, Said, Seen, Told
from halo_engine.fleet.conversing.wrapping import Wrapped
from halo_engine.fleet.instance import Layout

PROMPT = "> "
WAIT = 600.0
"""Seconds that a reply is waited for when the input has ended."""


class Conversation:
    """Reads lines from stdin, sends each, and writes what the instance says as it says it. Ends with the input."""

    def __init__(self, place: Layout, chat: str, *, as_json: bool) -> None:
        self._place = place
        self._chat = chat
        self._as_json = as_json
        self._prompts = sys.stdin.isatty() and not as_json
        self._prompted = False
        """Whether the prompt is the last thing on the screen, but for what is being typed there."""
        self._input = sys.stdin.fileno()
        self._paper = Wrapped(sys.stdout)
        self._sent: deque[str] = deque()
        """Messages that were neither accepted nor refused yet, in the order in which that is said."""
        self._waiting: set[str] = set()
        self._written: dict[str, str] = {}
        """Message -> how much of its answer has been written while it came."""
        self._refusal: HaloError | None = None
        """Why the first line that was not taken in was not."""

    def run(self) -> None:
        """Raises Unavailable when the instance is not there, or goes; where nobody sits there, at its end the first
        refusal of a line.
        """
        # select(2), as epoll(7) takes neither files nor /dev/null
        with Line(self._place) as line, selectors.SelectSelector() as selector:
            line.say(Open(self._chat))
            self._missed(line)
            selector.register(self._input, selectors.EVENT_READ)
            selector.register(line, selectors.EVENT_READ)
            self._prompt()
            for text in self._events(line, selector):
                if text.strip():
                    message = Said(id=ids.new_id(), text=text, chat=self._chat)
                    self._sent.append(message.id)
                    self._waiting.add(message.id)
                    line.say(message)
                else:
                    self._prompt()
            self._last_words(line)
        if self._refusal and not self._prompts:
            raise self._refusal

    def _missed(self, line: Line) -> None:
        """What was said before this conversation, and nobody has seen; it ends in a sign of life."""
        end = time.monotonic() + PATIENCE
        while (said := line.hear(end)) is not None and not isinstance(said, Pong):
            self._show(said, line)

    def _events(self, line: Line, selector: selectors.BaseSelector) -> Iterator[str]:
        """The lines that are typed, while what is said meanwhile is shown."""
        rest = b""
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if line in ready:
                self._hear(line)
            if self._input in ready:
                part = os.read(self._input, 65_536)
                *whole, rest = (rest + part).split(b"\n")
                self._prompted = self._prompted and not whole
                yield from (each.decode(errors="replace") for each in whole)
                if not part:
                    yield from [rest.decode(errors="replace")] if rest else []
                    return

    def _last_words(self, line: Line) -> None:
        """After the input has ended: the replies to what was sent."""
        end = time.monotonic() + WAIT
        while self._waiting:
            if time.monotonic() > end:
                raise Unavailable(f"no reply within {WAIT:g} s", "what was sent is accepted: talk again to see it")
            self._hear(line, end)

    def _hear(self, line: Line, deadline: float | None = None) -> None:
        """Take in one thing said, and what has come with it."""
        until = time.monotonic() + 1 if deadline is None else deadline
        while True:
            try:
                said = line.hear(until)
            except (BadData, NotAllowed) as error:
                self._refused(error)
            else:
                self._show(said, line)
            if not line.has_more:
                return

    def _refused(self, error: BadData | NotAllowed) -> None:
        """A line that was not taken in; the conversation goes on."""
        aside = Wrapped(sys.stderr)
        aside.say(error.message)
        aside.end()
        self._refusal = self._refusal or error
        if self._sent:
            self._waiting.discard(self._sent.popleft())
        self._prompt()

    def _show(self, said: Response | None, line: Line) -> None:
        match said:
            case Accepted():
                self._sent = deque(each for each in self._sent if each != said.id)
            case Told():
                self._told(said)
                line.say(Seen(said.number))
            case Piece() if not self._as_json:
                self._written[said.id] = self._written.get(said.id, "") + said.text
                self._leave_prompt()
                self._paper.say(said.text)
            case _:
                return

    def _told(self, reply: Told) -> None:
        self._waiting.discard(reply.id)
        written = self._written.pop(reply.id, "")
        if self._as_json:
            console.record(reply)
            return
        self._leave_prompt()
        if written and reply.text.startswith(written):
            self._paper.say(reply.text[len(written) :])
        else:
            missed = f"({console.moment(reply.made)[11:16]}) " if reply.state == "" else ""
            self._paper.say(("\n" if written else "") + missed + reply.text)
        self._paper.end()
        self._prompt()

    def _prompt(self) -> None:
        if self._prompts and not self._waiting:
            sys.stdout.write(PROMPT)
            console.flush()
            self._prompted = sys.stdout.isatty()

    def _leave_prompt(self) -> None:
        if self._prompted:
            console.line()
            self._prompted = False
