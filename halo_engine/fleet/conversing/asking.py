"""A message in, a reply out: the proof that an instance of ours works, all the way to the model and back."""

from __future__ import annotations

import time
from collections.abc import Callable

from halo_engine import ids
from halo_engine.errors import HaloError, Unavailable
from halo_engine.fleet.conversing.talking import PROBE, Accepted, Said, Told, send
from halo_engine.fleet.instance import Instance, layout
from halo_engine.workspace import Workspace

QUESTION = "This is a test of the line. Answer with one word: ready."
PAUSE = 0.05


def round_trip(
    workspace: Workspace, instance: Instance, timeout: float, given_up: Callable[[], bool] = lambda: False
) -> tuple[bool, str]:
    """Whether a message is answered within so many seconds, and what was seen. An instance that is still starting is
    waited for, unless it is `given_up`. Its own words, that no model is configured, are an answer: it runs, and says
    what it lacks.
    """
    deadline = time.monotonic() + timeout
    message = Said(id=ids.new_id(), text=QUESTION, chat=PROBE, sender="smoke")
    while True:
        left = deadline - time.monotonic()
        try:
            return _judged(send(layout(workspace, instance), message, wait=max(left, 0.01)))
        except Unavailable as error:
            if time.monotonic() >= deadline or given_up():
                return False, error.message
            time.sleep(PAUSE)
        except HaloError as error:
            return False, error.message


def _judged(reply: Told | Accepted) -> tuple[bool, str]:
    if isinstance(reply, Accepted):
        return False, "the message was taken in, but not answered"
    words = " ".join(reply.text.split())[:120]
    return reply.state == "answered", f"{reply.kind}: {words}"
