"""One turn: a message, what was said before, the instructions; and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from halo_engine import secrets, streaming
from halo_engine.errors import BadConfig, HaloError
from halo_engine.instance.admission import Admission
from halo_engine.instance.budget import Budget
from halo_engine.instance.config import InstanceSettings
from halo_engine.instance.rows import Call, Kind, Message, State
from halo_engine.instance.store import Store
from halo_engine.streaming import NoReply, Question, Reply, Usage
from halo_engine.workspace import LlmSettings

NO_MODEL = "No model is configured for me yet, so I cannot answer. Your message is kept; please tell whoever set me up."
OVER_BUDGET = "I have used up what I may spend today. Please write again tomorrow, or ask whoever set me up for more."
UNHEARD = "the list of who has agreed to what cannot be read"
OUT_OF_ORDER = "I could not answer this: {why}. Please try again later; whoever set me up can see the reason."
DIED = "Something went wrong with this message several times, so I have put it aside. We can go on with a fresh start."
DECLINED = "I cannot help with that."
CUT = "\n\n(My answer was too long and ends here.)"
TOO_LONG = "model_context_window_exceeded"


class End(Struct, frozen=True):
    """How a turn ended; `again` (seconds): it is to be tried once more after that."""

    state: State = State.FAILED
    kind: Kind = Kind.NOTICE
    text: str = ""
    fault: str = ""
    """In the operator's words, for the log."""
    fresh: bool = False
    again: float | None = None


class Turns:
    """What all turns of an instance share."""

    def __init__(
        self,
        store: Store,
        instructions: Path,
        *,
        llm: LlmSettings,
        settings: InstanceSettings,
        budget: Budget,
        admission: Admission,
    ) -> None:
        self._store = store
        self.admission = admission
        self._instructions = instructions
        self._llm = llm
        self._settings = settings
        self._budget = budget

    async def take(self, message: Message, heard: Callable[[str], None]) -> End:
        """Answer a message whose turn was begun. Whatever the model, the event log or the disk do, there is an end."""
        try:
            return await self._heard(message) or await self._answered(message, heard)
        except HaloError as error:  # of the event log
            return self._again(message, error.message) or End(
                text=OUT_OF_ORDER.format(why=UNHEARD), fault=error.message
            )

    async def _heard(self, message: Message) -> End | None:
        """The end of a message that is not for the assistant."""
        found = await self.admission.hear(message)
        return None if found.passes else End(State.ANSWERED, Kind.ONBOARDING, found.say)

    async def _answered(self, message: Message, heard: Callable[[str], None]) -> End:
        """The model's answer; nothing of it for somebody who has withdrawn meanwhile, or where that cannot be known.
        What was paid for is not asked for again.
        """
        end = await self._thought(message, heard)
        try:
            left = end.kind is Kind.ANSWER and await self.admission.has_left(message)
        except HaloError as error:  # of the event log
            return End(text=OUT_OF_ORDER.format(why=UNHEARD), fault=error.message)
        return End(State.ANSWERED, Kind.ONBOARDING, self.admission.asleep()) if left else end

    async def _thought(self, message: Message, heard: Callable[[str], None]) -> End:
        if not secrets.present(self._llm.api_key):
            return End(State.ANSWERED, Kind.NOTICE, NO_MODEL, "no model is configured")
        try:
            return await self._asked(message, heard)
        except HaloError as error:
            return End(text=OUT_OF_ORDER.format(why="I am not set up rightly"), fault=error.message)

    async def _asked(self, message: Message, heard: Callable[[str], None]) -> End:
        question = self._question(message)
        most = self._budget.most(question)
        day = self._budget.day()
        cost = self._budget.cost(self._llm.model, most)
        if not self._budget.allows(self._store.spent(day).cost, cost):
            return End(text=OVER_BUDGET, fault=f"the budget of {self._budget.limit} US dollars a day is used up")
        call = self._store.reserve(message, day, self._llm.model, most, cost)
        try:
            reply = await streaming.ask(self._llm, question, heard)
        except NoReply as problem:
            self._settle(call, problem.usage, fault=problem.problem.message)
            return self._failed(message, problem, question)
        except HaloError as error:
            self._settle(call, Usage(), fault=error.message)
            raise
        except asyncio.CancelledError:
            self._settle(call, Usage(input=question.estimate(), estimated=True), fault="stopped")
            raise
        self._settle(call, reply.usage, model=reply.model, reply=reply.id)
        return self._ended(message, reply, question)

    def _settle(self, call: str, usage: Usage, *, model: str = "", reply: str = "", fault: str = "") -> None:
        model = model or self._llm.model
        self._store.settle(Call(call, "", model, usage, reply, fault), self._budget.cost(model, usage))

    def _question(self, message: Message) -> Question:
        """Raises BadConfig without instructions: an instance that nobody instructed does not talk."""
        try:
            system = self._instructions.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfig(f"{self._instructions} cannot be read: {error}") from error
        if not system.strip():
            raise BadConfig(f"{self._instructions} is empty")
        before = self._store.history(message, self._settings.history)
        return Question(system, (*before, message.text), self._settings.max_tokens, cached=True)

    def _failed(self, message: Message, problem: NoReply, question: Question) -> End:
        fault = problem.problem.message
        later = self._again(message, fault, problem.wait) if problem.passing else None
        if later:
            return later
        if problem.kind == "invalid_request_error" and len(question.turns) > 1:
            return End(again=0, fresh=True, fault=fault)
        why = "the service that I think with is out of order" if problem.passing else "my request was refused"
        return End(text=OUT_OF_ORDER.format(why=why), fault=fault)

    def _again(self, message: Message, fault: str, wait: float | None = None) -> End | None:
        """A wait for the next try, where there is to be one."""
        wait = self._settings.backoff * 2 ** (message.tries - 1) if wait is None else wait
        more = message.tries < self._settings.tries and wait <= self._settings.patience
        return End(again=wait, fault=fault) if more else None

    def _ended(self, message: Message, reply: Reply, question: Question) -> End:
        if reply.stop == "refusal":
            return End(State.ANSWERED, Kind.NOTICE, DECLINED, "the model declined")
        if reply.stop == TOO_LONG and len(question.turns) > 1:
            return End(again=0, fresh=True, fault="the conversation has become too long")
        if not reply.text.strip():
            if message.tries < self._settings.tries:
                return End(again=self._settings.backoff, fault="the model said nothing")
            return End(text=OUT_OF_ORDER.format(why="no words came"), fault="the model said nothing")
        cut = CUT if reply.stop in {"max_tokens", TOO_LONG} else ""
        return End(State.ANSWERED, Kind.ANSWER, reply.text + cut)


def put_aside(message: Message) -> End:
    """The end of a message over which the runtime died too often."""
    fault = f"the runtime died {message.crashes} times over it"
    return End(State.QUARANTINED, Kind.NOTICE, DIED, fault, fresh=True)
