"""Reading in workers: nothing that a screen shows is read on the app's own thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Container
from textual.message import Message
from textual.timer import Timer

from halo_engine.errors import HaloError, Unavailable

if TYPE_CHECKING:
    from halo_tui.app import Workstation

Work = Callable[[], Any]
Then = Callable[[Any], None]
Failed = Callable[[HaloError], None]
SLOW = 1.0
"""Seconds after which a read that is still under way is said to be."""


class Reads(Container):
    """What can be read by name, and put off by name."""

    MAIN: ClassVar = ""
    """The read that the screen is about."""

    class _Done(Message):
        def __init__(self, name: str, finish: Callable[[], None]) -> None:
            super().__init__()
            self.name, self.finish = name, finish

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._busy: set[str] = set()
        self._waiting: dict[str, tuple[Work, Then, Failed]] = {}
        self._put_off: dict[str, Timer] = {}

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    def read(self, name: str, work: Work, then: Then, failed: Failed) -> None:
        """Call `work` in a thread, then `then` (or `failed`) here. While one of that name is under way, only the
        newest request waits for it.
        """
        if name in self._busy:
            self._waiting[name] = (work, then, failed)
            return
        self._busy.add(name)
        if name == self.MAIN:
            self.set_timer(SLOW, self._look_whether_slow)
        self.run_worker(partial(self._work, name, work, then, failed), thread=True, group=name)

    def later(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        """Do something in a while; what was put off under that name before is dropped."""
        self.drop(name)
        self._put_off[name] = self.set_timer(seconds, do)

    def drop(self, name: str) -> None:
        """Do not do what was put off under that name."""
        timer = self._put_off.pop(name, None)
        if timer is not None:
            timer.stop()

    def slow(self) -> None:
        """What the screen is about takes long to be read: say so."""

    def _look_whether_slow(self) -> None:
        if self.MAIN in self._busy:
            self.slow()

    def _work(self, name: str, work: Work, then: Then, failed: Failed) -> None:
        try:
            finish = partial(then, work())
        except HaloError as error:
            finish = partial(failed, error)
        except OSError as error:
            finish = partial(failed, Unavailable(str(error), "see to it and repeat"))
        self.post_message(self._Done(name, finish))

    def on_reads__done(self, message: _Done) -> None:
        message.stop()
        self._busy.discard(message.name)
        waiting = self._waiting.pop(message.name, None)
        message.finish()
        if message.name == self.MAIN:
            self.station.ready()
        if waiting is not None and message.name not in self._busy:
            self.read(message.name, *waiting)
