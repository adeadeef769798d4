"""The loop of an instance: takes messages in, begins turns, brings each to its end, and shows that it is alive."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress

import msgspec

from halo_engine import clock, process_tree
from halo_engine.fleet.conversing.talking import PROBE
from halo_engine.fleet.instance import Layout
from halo_engine.fleet.presence.vitals import Vitals
from halo_engine.instance.budget import Budget
from halo_engine.instance.channel import Channel
from halo_engine.instance.config import InstanceSettings
from halo_engine.instance.log import Log
from halo_engine.instance.rows import Message, State
from halo_engine.instance.store import Store
from halo_engine.instance.transcript import Transcripts
from halo_engine.instance.turn import End, Turns, put_aside

INTERVAL = 2.0
"""Seconds between two signs of life."""
DRAIN = 8.0
"""Seconds that turns under way get to end when the instance is stopped."""


class Runtime:
    """Runs until SIGTERM or SIGINT. One object, one `run`; the caller holds the instance's lock."""

    def __init__(
        self,
        name: str,
        place: Layout,
        store: Store,
        *,
        turns: Turns,
        budget: Budget,
        settings: InstanceSettings,
        log: Log,
        model: bool,
    ) -> None:
        self._place = place
        self._store = store
        self._turns = turns
        self._budget = budget
        self._settings = settings
        self._log = log
        self._transcripts = Transcripts(place.sessions, name, place.root)
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._channel = Channel(place, store, settings, turns.admission, self._arrived, model=model)
        self._busy: dict[str, asyncio.Task[None]] = {}
        """Chat -> the turn under way in it, or its wait for the next try. There is never more than one."""
        self._fault: BaseException | None = None
        self._failing = ""
        identity = process_tree.identity(os.getpid()) or ""
        now = clock.stamp()
        self._vitals = Vitals(name, os.getpid(), identity, started=now, beat=now, interval=INTERVAL)

    async def run(self, *, once: bool = False) -> None:
        """Run until it is told to stop; with `once`, until nothing waits.

        Raises whatever ended it; what was under way then counts as cut short by its death.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self._recover()
        await self._channel.open()
        self._beat()
        self._log.info("started", pid=os.getpid(), waiting=self._store.count())
        beating = asyncio.create_task(self._keep_beating())
        looking = asyncio.create_task(self._keep_looking())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            while not self._stop.is_set():
                self._begin_turns()
                if once and not self._busy:
                    break
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait({waking, stopping, beating, looking}, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
                self._wake.clear()
                for lasting in (beating, looking):
                    if lasting.done():
                        lasting.result()
        finally:
            for each in (beating, looking, stopping):
                each.cancel()
            await self._end()

    def _recover(self) -> None:
        for message in self._store.recover():
            self._log.warning("died over a message", message=message.id, times=message.crashes)
            if message.crashes >= self._settings.crashes:
                self._finish(message, put_aside(message))
        self._transcripts.catch_up(self._store)

    def _arrived(self) -> None:
        """A message is on disk. Before its sender hears so, the sign of life counts it: should the store lose it, the
        next start knows.
        """
        self._beat()
        self._wake.set()

    def _begin_turns(self) -> None:
        for message in self._store.waiting():
            busy = self._busy.get(message.chat)
            if busy and message.urgent and busy.get_name() != message.id:
                busy.cancel()  # its message waits again, behind this one
            elif busy is None and len(self._busy) < self._settings.turns:
                self._busy[message.chat] = task = asyncio.create_task(self._turn(message), name=message.id)
                task.add_done_callback(self._turned)

    def _turned(self, task: asyncio.Task[None]) -> None:
        """What goes wrong outside a turn's own reckoning ends the runtime, and counts as its death over the message:
        tried for ever it would cost for ever.
        """
        if not task.cancelled() and task.exception():
            self._fault = task.exception()
            self._stop.set()

    async def _turn(self, message: Message) -> None:
        """One try of one message."""
        try:
            message = self._store.begin(message)
            begun = time.monotonic()
            end = await self._turns.take(message, lambda text: self._channel.piece(message, text))
            fields = {"chat": message.chat, "ms": round((time.monotonic() - begun) * 1000)}
            if end.again is None:
                self._finish(message, end, **fields)
            else:
                self._log.warning("will try again", message=message.id, fault=end.fault, wait=end.again, **fields)
                self._store.put_back(message, tries=message.tries, fresh=end.fresh)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), end.again)
        except asyncio.CancelledError:
            self._store.put_back(message, tries=0)
            raise
        finally:
            if self._busy.get(message.chat) is asyncio.current_task():
                del self._busy[message.chat]
            self._wake.set()

    def _finish(self, message: Message, end: End, **fields: object) -> None:
        fresh = end.fresh or message.chat == PROBE
        answer = self._store.finish(message, end.state, end.kind, end.text, fresh=fresh)
        self._failing = "" if end.state is State.ANSWERED else end.fault
        said = self._log.info if end.state is State.ANSWERED else self._log.error
        extra = {"fault": end.fault} if end.fault else {}
        said(f"message {end.state.value}", **{"message": message.id, **fields, **extra})
        self._channel.told(msgspec.structs.replace(message, state=end.state), answer)
        self._transcripts.catch_up(self._store)

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            self._beat()

    async def _keep_looking(self) -> None:
        """Look the store over now and then, beside the turns.

        Raises Damaged when its file was broken or taken away meanwhile, Unavailable when it cannot be read.
        """
        while True:
            await asyncio.sleep(self._settings.check_every)
            await asyncio.to_thread(self._store.look_again)

    def _beat(self) -> None:
        """Say that the loop turns. Not forced to disk: after a power cut there is no loop."""
        day = self._budget.day()
        spent = self._store.spent(day)
        chats, last = self._store.chats()
        self._vitals = msgspec.structs.replace(
            self._vitals,
            beat=clock.stamp(),
            uptime=process_tree.uptime(),
            accepted=self._store.last(),
            waiting=self._store.count(),
            failing=self._failing,
            chats=chats,
            last_message=last,
            day=day,
            tokens=spent.tokens,
            cost=spent.cost,
        )
        draft = self._place.vitals.with_suffix(".new")
        with suppress(OSError):  # a full disk: the next one may come through
            draft.write_bytes(msgspec.json.encode(self._vitals))
            draft.replace(self._place.vitals)

    async def _end(self) -> None:
        """Let turns under way end, put back what does not, hang up."""
        self._channel.refuse()
        self._stop.set()
        tasks = list(self._busy.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._channel.close()
        self._log.info("stopped", waiting=self._store.count())
        if self._fault:
            raise self._fault
