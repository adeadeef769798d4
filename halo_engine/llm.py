"""The one door to a language model: for a command, which wants a whole answer to one prompt. See `streaming` for who
wants to hear it while it is written.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from halo_engine import secrets
from halo_engine.errors import HaloError, NotAllowed, Unavailable

if TYPE_CHECKING:
    from halo_engine.streaming import Question, Reply
    from halo_engine.workspace import LlmSettings

ATTEMPTS = 3
PAUSE = 0.5
"""Seconds before the second attempt, twice that before the third, where the server does not say."""
PATIENCE = 60.0
"""Seconds that a command waits at most for the next attempt; a server that asks for longer has refused it."""


def configured(settings: LlmSettings) -> bool:
    """Whether a key is set, so that asking makes sense. Looks nothing up outside this process."""
    return secrets.present(settings.api_key)


def ask(settings: LlmSettings, system: str, prompt: str, max_tokens: int) -> str:
    """The model's answer to one prompt, as text. Busy and failing servers are asked again, up to twice, when they say.

    Raises Unavailable when no whole answer came, NotAllowed when the request was refused, BadConfig when the
    settings cannot work. No message contains the key. Not to be called where an event loop runs.
    """
    from halo_engine.streaming import Question

    return _text(_reply(settings, Question(system, (prompt,), max_tokens)), max_tokens)


def _reply(settings: LlmSettings, question: Question) -> Reply:
    import asyncio

    from halo_engine import streaming

    failed: HaloError = Unavailable("the language model was not asked")
    for attempt in range(ATTEMPTS):
        try:
            return asyncio.run(streaming.ask(settings, question, lambda _: None))
        except streaming.NoReply as problem:
            failed, wait = problem.problem, PAUSE * 2**attempt if problem.wait is None else problem.wait
            if not problem.passing or wait > PATIENCE or attempt + 1 == ATTEMPTS:
                break
        time.sleep(wait)
    raise failed


def _text(reply: Reply, max_tokens: int) -> str:
    if reply.stop == "max_tokens":
        raise Unavailable(f"the language model's answer was cut off at {max_tokens} tokens", "ask for less")
    if reply.stop == "refusal":
        raise NotAllowed("the language model declines to answer this", "word it differently, or write it by hand")
    return reply.text
