"""The runner, `nightctl run`: executes what is due, several at a time, and records how each run ended.

The thread that calls `Runner.run` decides everything, one message at a time from its mailbox; the others only wait:
one a run for its command, one for events that others append, and signal handlers put a note in the mailbox.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import msgspec

from halo_engine import clock, times
from halo_engine.errors import Conflict, HaloError, Unavailable
from halo_engine.tasks import commands, due, leases, queries
from halo_engine.tasks.config import night_settings, zone_of
from halo_engine.tasks.due import Terms, Verdict
from halo_engine.tasks.execution import Execution
from halo_engine.tasks.outcomes import CANCELLED, RUNNER_STOPPED, Result, finish
from halo_engine.tasks.recovery import recover
from halo_engine.tasks.report import SHOWN, Ended, Report, Waiting
from halo_engine.tasks.signals import stopping_on_signals
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

LONGEST_SLEEP = 300.0
"""Seconds: the clock may be set, and a machine may sleep, without a word to who waits."""
PATIENCE = (1, 2, 5, 10, 20, 30, 60, 60, 60)
"""Seconds between attempts to record the end of a run in a log that cannot be written."""
LISTENER_IDLE = 2.0
"""Seconds after which the listener looks whether it is still wanted."""
Tell = Callable[[str], None]


class Options(msgspec.Struct, frozen=True):
    """What to run, and for how long."""

    items: tuple[str, ...] = ()
    """Only these, also when they are in a person's hands."""
    now: bool = False
    """Outside the window too."""
    once: bool = False
    """What is due at this moment, and no more."""
    watch: bool = False
    """Stay. Otherwise: until nothing is due any more in this window."""
    workers: int | None = None
    limit: int = 0
    """At most so many runs; 0: all."""


class Stopping(msgspec.Struct, frozen=True):
    """A message: end everything and return."""

    why: str


class Changed(msgspec.Struct, frozen=True):
    """A message: somebody appended to these streams."""

    streams: frozenset[str]


Message = Stopping | Changed | HaloError | Future[Result]


def run(workspace: Workspace, options: Options, tell: Tell) -> Report:
    """Run until the options are fulfilled, or SIGINT, SIGTERM or SIGHUP says to stop. `tell` gets lines of progress.

    Raises NotFound for an unknown item, BadConfig, and Unavailable when the log cannot be written any more.
    """
    runner = Runner(workspace, options, tell)
    if workspace.dry_run:
        return runner.foresee()
    with stopping_on_signals(runner.stop):
        return runner.run()


class Runner:
    """One runner. `run` is called once; `stop` may be, from any thread or signal handler."""

    def __init__(self, workspace: Workspace, options: Options, tell: Tell) -> None:
        self.workspace = workspace
        self.options = options
        self.tell = tell
        self.settings = night_settings(workspace)
        self.zone = zone_of(workspace, self.settings)
        self.named = due.numbers(workspace, options.items)
        self.workers = options.workers or self.settings.workers
        self.report = Report(named=bool(self.named))
        self._mailbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._active: dict[Future[Result], Execution] = {}
        self._first: frozenset[int] | None = None
        """With `once`: what was due at the beginning, and has not been started."""
        self._fault: HaloError | None = None
        self._ending = threading.Event()
        self._over = threading.Event()
        self._listener: threading.Thread | None = None
        """To be started before the first sleep."""
        self._said: set[tuple[str, str]] = set()

    def stop(self, why: str = "asked to") -> None:
        """Take nothing new, end what runs, return from `run`."""
        self._mailbox.put(Stopping(why))

    def foresee(self) -> Report:
        """What would run now, and why the rest would not; the leases go to a log that keeps nothing."""
        verdicts = self._survey()
        allowed = self.options.limit or len(verdicts)
        for verdict in [each for each in verdicts if not each.why][:allowed]:
            leases.claim(self.workspace, self.settings, verdict.item)
        for verdict in verdicts:
            if verdict.why:
                self.tell(f"{verdict.item.id} would not run: {verdict.why}")
        self._note_waiting(verdicts)
        return self.report

    def run(self) -> Report:
        head = self.workspace.log.head()
        self._listener = threading.Thread(target=self._listen, args=[head], name="listener", daemon=True)
        try:
            with ThreadPoolExecutor(self.workers, thread_name_prefix="run") as pool:
                try:
                    self._run(pool)
                finally:
                    self._end_all()
        finally:
            self._over.set()
        if self._fault:
            raise self._fault
        return self.report

    def _run(self, pool: ThreadPoolExecutor) -> None:
        while True:
            moment = self._pass(pool) if self._wants_more() else None
            if not self._active and (moment is None or not self._wants_more()) and not self._stays():
                return
            self._wait(moment)

    # what is due

    def _wants_more(self) -> bool:
        """Whether more may be started at all."""
        limit = self.options.limit
        full = limit > 0 and self.report.started >= limit
        return not (full or self.report.stopped or self._fault)

    def _stays(self) -> bool:
        return self.options.watch and self._wants_more()

    def _pass(self, pool: ThreadPoolExecutor) -> datetime | None:
        """Start what is due and fits. Returns when to look again, if time alone can make more due."""
        if len(self._active) >= self.workers:
            return None
        try:
            self._tidy()
            verdicts = self._survey()
            self._announce(verdicts)
            raced = [not self._begin(verdict.item, pool) for verdict in verdicts if self._may_start(verdict)]
        except HaloError as error:
            self._fault = error  # what runs goes on to its end; nothing new is taken
            return None
        self._note_waiting(verdicts)
        if any(raced):
            return clock.now()
        return self._next(verdicts)

    def _tidy(self) -> None:
        """Look after what others left: items to be opened on their date, runs of dead runners."""
        commands.wake(self.workspace)
        for item in recover(self.workspace, self.settings):
            self.report.recovered.append(item.id)
            self.tell(f"{item.id} was left running: {item.reason}; it is {self._now_is(item)}")

    def _survey(self) -> list[Verdict]:
        terms = Terms(self.settings, self.zone, clock.now(), self.options.now, self.named)
        verdicts = due.survey(self.workspace, terms)
        if self.options.once and self._first is None:
            self._first = frozenset(each.item.number for each in verdicts if not each.why)
        return verdicts

    def _may_start(self, verdict: Verdict) -> bool:
        fits = len(self._active) < self.workers and self._wants_more()
        return fits and not verdict.why and (self._first is None or verdict.item.number in self._first)

    def _next(self, verdicts: list[Verdict]) -> datetime | None:
        if self.options.once:
            return None
        moment = due.next_moment(verdicts, this_window=not self.options.watch)
        waking = due.next_waking(self.workspace) if self.options.watch else None
        return min((each for each in (moment, waking) if each), default=None)

    def _announce(self, verdicts: Iterable[Verdict]) -> None:
        """Say, once, what will not run unless somebody does something about it."""
        for verdict in verdicts:
            fresh = (verdict.item.id, verdict.why) not in self._said
            if verdict.why and fresh and (verdict.refused or self.named):
                self._said.add((verdict.item.id, verdict.why))
                self.tell(f"{verdict.item.id} {verdict.why}")

    def _note_waiting(self, verdicts: Iterable[Verdict]) -> None:
        left = [Waiting(each.item.id, each.item.title, each.why, each.at) for each in verdicts if each.why]
        self.report.waiting, self.report.more_waiting = left[:SHOWN], len(left[SHOWN:])

    # what runs

    def _begin(self, item: Item, pool: ThreadPoolExecutor) -> bool:
        """Start an item; False when another runner was faster, or the item has changed."""
        try:
            claim = leases.claim(self.workspace, self.settings, item)
        except Conflict:
            return False
        if self._first:
            self._first -= {item.number}
        execution = Execution(self.workspace, self.settings, claim)
        self.report.started += 1
        self.tell(f"{claim.run} started: {item.title}")
        future = pool.submit(self._execute, execution)
        self._active[future] = execution
        future.add_done_callback(self._mailbox.put)
        return True

    def _execute(self, execution: Execution) -> Result:
        """In a thread of the pool: the run, and its end in the log, which may want room on the disk first."""
        result = execution.run()
        for pause in PATIENCE:
            try:
                finish(self.workspace, self.settings, execution.claim, result)
                return result
            except Unavailable as error:
                self.tell(f"{execution.claim.run} {result.outcome}, which cannot be recorded yet: {error.message}")
            if self._ending.wait(pause):
                break
        finish(self.workspace, self.settings, execution.claim, result)
        return result

    def _ended(self, future: Future[Result]) -> None:
        claim = self._active.pop(future).claim
        try:
            result = future.result()
        except HaloError as error:
            self._fault = self._fault or error
            self.tell(f"{claim.run} ended, which could not be recorded: {error.message}; the next runner sees to it")
            return
        item = queries.item(self.workspace, claim.item.id)
        self.report.ended.append(Ended(claim.run, result.outcome, result.exit_code, result.duration, result.reason))
        why = f": {result.reason}" if result.reason else ""
        self.tell(
            f"{claim.run} {result.outcome} after {times.span(result.duration)}{why}; {item.id} is {self._now_is(item)}"
        )

    def _now_is(self, item: Item) -> str:
        if item.state is State.RETRY and item.retry_at:
            return f"tried again {due.shown(clock.instant(item.retry_at), self.zone)}"
        return item.state.value

    def _stop_all(self) -> None:
        self._ending.set()
        for execution in self._active.values():
            execution.stop(RUNNER_STOPPED)

    def _end_all(self) -> None:
        self._stop_all()
        while self._active:
            message = self._mailbox.get()
            if isinstance(message, Future):
                self._ended(message)

    # messages

    def _wait(self, until: datetime | None) -> None:
        """Sleep until a message comes, or a moment; take all messages that are there."""
        if self._listener:
            self._listener.start()
            self._listener = None
        seconds = LONGEST_SLEEP if until is None else (until - clock.now()).total_seconds()
        with suppress(queue.Empty):
            self._take(self._mailbox.get(timeout=min(max(seconds, 0.0), LONGEST_SLEEP)))
            while True:
                self._take(self._mailbox.get_nowait())

    def _take(self, message: Message) -> None:
        match message:
            case Stopping(why):
                self.report.stopped = why
                self.tell(f"stopping ({why}); ending {len(self._active)} runs")
                self._stop_all()
            case HaloError():
                self._fault = self._fault or message
                self._stop_all()
            case Changed(streams):
                self._look_after(streams)
            case Future():
                self._ended(message)

    def _look_after(self, streams: frozenset[str]) -> None:
        """End the runs whose item was cancelled, or taken for lost by another runner."""
        for execution in self._active.values():
            claim = execution.claim
            if queries.stream(claim.item.id) in streams:
                item = queries.item(self.workspace, claim.item.id)
                if item.state is not State.RUNNING or item.run != claim.run:
                    execution.stop(CANCELLED)

    def _listen(self, after: int) -> None:
        """In a thread of its own: pass on what others append."""
        try:
            for batch in self.workspace.log.follow(after, idle=LISTENER_IDLE):
                if self._over.is_set():
                    return
                if batch:
                    self._mailbox.put(Changed(frozenset(event.stream for event in batch)))
        except HaloError as error:
            self._mailbox.put(error)
