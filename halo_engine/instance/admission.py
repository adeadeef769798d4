"""Who may talk to the assistant: everybody but the operator is taken through onboarding before the model answers.

All that it needs is loaded before there are threads: modules that two of them import at once may be seen half made.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from halo_engine.fleet.conversing.talking import CHAT, PROBE
from halo_engine.instance.rows import Message
from halo_engine.onboarding import queries
from halo_engine.onboarding.bank import bank
from halo_engine.onboarding.commands import hear, is_person
from halo_engine.onboarding.steps import leaves
from halo_engine.workspace import Workspace

NOBODY = frozenset({CHAT, PROBE})
"""Chats with nobody in them but the operator and the smoke test."""


class Admitted(Struct, frozen=True):
    """What came of hearing a message."""

    passes: bool
    """It is for the assistant."""
    say: str = ""
    """What is answered otherwise, word for word."""


class Admission:
    """The door of one instance. `own`: the operator's chats, through which everything passes; so it does for everybody
    where `wanted` is False. What people agreed to is kept in the workspace's event log, for all instances.
    """

    def __init__(self, workspace: Workspace, instance: str, own: frozenset[str], *, wanted: bool) -> None:
        self._workspace = workspace
        self._instance = instance
        self._own = own | NOBODY
        self._wanted = wanted
        if wanted:
            bank()
            _ = workspace.log

    def concerns(self, chat: str) -> bool:
        """Whether who writes in a chat is asked."""
        return self._wanted and chat not in self._own

    def knows(self, chat: str) -> bool:
        """Whether who writes in a chat can be anybody."""
        if not self.concerns(chat):
            return True
        return is_person(person(chat))

    def leaves(self, chat: str, text: str) -> bool:
        """Whether a message says that its sender wants to be left alone, which is heard before all others."""
        if not self.concerns(chat):
            return False
        return leaves(text)

    async def hear(self, message: Message) -> Admitted:
        """Whether a message is for the assistant; heard again after a crash, it is answered with the same words.

        Raises HaloError when the event log does not answer.
        """
        if not self.concerns(message.chat):
            return Admitted(passes=True)
        return await asyncio.to_thread(self._heard, message)

    async def has_left(self, message: Message) -> bool:
        """Whether the sender of a message has withdrawn since it was heard: its answer is none of theirs any more."""
        if not self.concerns(message.chat):
            return False
        return await asyncio.to_thread(queries.asleep, self._workspace, person(message.chat))

    def asleep(self) -> str:
        """What is said to somebody who has withdrawn."""
        return bank().texts.asleep.strip()

    def _heard(self, message: Message) -> Admitted:
        found = hear(self._workspace, person(message.chat), message.text, instance=self._instance, message=message.id)
        return Admitted(found.passes, "\n".join(found.say).strip())


def person(chat: str) -> str:
    """Whose chat it is: a channel and an id. On the console a chat is a person."""
    return chat if ":" in chat else f"console:{chat}"
