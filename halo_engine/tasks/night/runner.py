"""The runner, `nightctl run`: executes what is due, several at a time, and records how each run ended.

The thread that calls `Runner.run` decides everything, one message of its mailbox at a time; the others only wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import msgspec

from halo_engine import clock, times
from halo_engine.errors import Conflict, HaloError, Unavailable
from halo_engine.runs.results import RUNNER_STOPPED, Result
from halo_engine.runs.signals import stopping_on_signals
from halo_engine.tasks import commands, queries
from halo_engine.tasks.config import night_settings, zone_of
from halo_engine.tasks.night import due, leases, retention
from halo_engine.tasks.night.due import Terms, Verdict
from halo_engine.tasks.night.execution import Execution
from halo_engine.tasks.night.mailbox import Changed, Mailbox, Message, Stopping
from halo_engine.tasks.night.outcomes import CANCELLED, finish
from halo_engine.tasks.night.recovery import recover
from halo_engine.tasks.night.report import Ended, Report
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

PATIENCE = (1, 2, 5, 10, 20, 30, 60, 60, 60)
"""Seconds between attempts to record the end of a run in a log that cannot be written."""
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
    """How many at a time; None: as configured."""
    limit: int = 0
    """At most so many runs; 0: all."""


def run(workspace: Workspace, options: Options, tell: Tell) -> Report:
    """Run until the options are fulfilled, or SIGINT, SIGTERM or SIGHUP says to stop. `tell` gets lines of progress.

    In a dry run: what would start now goes to the log that keeps nothing, why the rest would not to `tell`.

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
        self._mailbox = Mailbox(workspace.log)
        self._active: dict[Future[Result], Execution] = {}
        self._first: set[int] | None = None
        """With `once`: what was due at the beginning, and has not been started."""
        self._fault: HaloError | None = None
        self._ending = threading.Event()
        self._said: set[tuple[str, str]] = set()
        self._taken: set[int] = set()
        """What this runner has started."""

    def stop(self, why: str = "asked to") -> None:
        """Take nothing new, end what runs, return from `run`."""
        self._mailbox.put(Stopping(why))

    def foresee(self) -> Report:
        verdicts = list(due.survey(self.workspace, self._terms()))
        would = [each.item for each in verdicts if each.is_due]
        for item in would[: self.options.limit or None]:
            leases.claim(self.workspace, self.settings, item)
        for verdict in verdicts:
            if not verdict.is_due:
                self.tell(f"{verdict.item.id} would not run: {verdict.why}")
        self.report.wait(verdicts)
        return self.report

    def run(self) -> Report:
        try:
            with ThreadPoolExecutor(self.workers, thread_name_prefix="run") as pool:
                try:
                    self._run(pool)
                finally:
                    self._end_all()
        finally:
            self._mailbox.close()
        if self._fault:
            raise self._fault
        return self.report

    def _run(self, pool: ThreadPoolExecutor) -> None:
        while True:
            moment = self._pass(pool) if self._wants_more() else None
            if not self._active and not self._wants_more():
                return
            if not self._active and moment is None and not self.options.watch:
                return
            for message in self._mailbox.wait(moment):
                self._take(message)

    # what is due

    def _wants_more(self) -> bool:
        """Whether more may be started at all."""
        limit = self.options.limit
        return not (self.report.stopped or self._fault or (limit and self.report.started >= limit))

    def _has_room(self) -> bool:
        return len(self._active) < self.workers and self._wants_more()

    def _pass(self, pool: ThreadPoolExecutor) -> datetime | None:
        """Start what is due and fits. Returns when to look again, if time alone can make more due."""
        if not self._has_room():
            return None
        try:
            self._tidy()
            return self._start_due(pool)
        except HaloError as error:
            self._fault = error  # what runs goes on to its end; nothing new is taken
            return None

    def _tidy(self) -> None:
        """Look after what others left: items to be opened on their date, runs of dead runners."""
        commands.wake(self.workspace)
        for item in recover(self.workspace, self.settings):
            self.report.recovered.append(item.id)
            self.tell(f"{item.id} was left running: {item.reason}; it is {self._now_is(item)}")

    def _start_due(self, pool: ThreadPoolExecutor) -> datetime | None:
        """See `_pass`. Looks no further than to the last item that there is room for."""
        terms = self._terms()
        if self.options.once and self._first is None:
            self._first = {each.item.number for each in due.survey(self.workspace, terms) if each.is_due}
        waiting, raced = [], False
        for verdict in due.survey(self.workspace, terms):
            if not self._has_room():
                return None
            if not verdict.is_due:
                if verdict.at or verdict.item.number not in self._taken:
                    waiting.append(verdict)
            elif self._first is None or verdict.item.number in self._first:
                raced |= not self._begin(verdict.item, pool)
        self._announce(waiting)
        self.report.wait(waiting)
        return clock.now() if raced else self._next(waiting)

    def _terms(self) -> Terms:
        return Terms(self.settings, self.zone, clock.now(), self.options.now, self.named)

    def _next(self, waiting: list[Verdict]) -> datetime | None:
        if self.options.once:
            return None
        moment = due.next_moment(waiting, this_window=not self.options.watch)
        waking = due.next_waking(self.workspace) if self.options.watch else None
        return min((each for each in (moment, waking) if each), default=None)

    def _announce(self, waiting: Iterable[Verdict]) -> None:
        """Say, once, what will not run unless somebody does something about it."""
        for verdict in waiting:
            words = verdict.item.id, verdict.why
            if words not in self._said and (verdict.refused or self.named):
                self._said.add(words)
                self.tell(" ".join(words))

    # what runs

    def _begin(self, item: Item, pool: ThreadPoolExecutor) -> bool:
        """Start an item; False when another runner was faster, or the item has changed."""
        try:
            claim = leases.claim(self.workspace, self.settings, item)
        except Conflict:
            return False
        if self._first is not None:
            self._first.discard(item.number)
        execution = Execution(self.workspace, self.settings, claim)
        self._taken.add(item.number)
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
        self.report.ended.append(Ended(claim.run, result.outcome, result.exit_code, result.duration, result.reason))
        item = queries.item(self.workspace, claim.item.id)
        why = f": {result.reason}" if result.reason else ""
        took = times.span(result.duration)
        self.tell(f"{claim.run} {result.outcome} after {took}{why}; {item.id} is {self._now_is(item)}")
        retention.tidy(self.workspace, self.settings)

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
            for message in self._mailbox.wait():
                if isinstance(message, Future):
                    self._ended(message)

    # messages

    def _take(self, message: Message) -> None:
        match message:
            case Stopping(why):
                self.report.stopped = why
                self.tell(f"stopping ({why})" + (f"; ending {len(self._active)} under way" if self._active else ""))
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
