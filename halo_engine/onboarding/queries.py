"""The read side: people as they stand."""

from __future__ import annotations

from collections.abc import Sequence

from halo_engine.errors import NotFound
from halo_engine.events.model import Event
from halo_engine.events.projection import Fold
from halo_engine.events.store import opened
from halo_engine.onboarding.bank import Question, bank
from halo_engine.onboarding.projection import onboarding
from halo_engine.onboarding.states import ASLEEP, State
from halo_engine.onboarding.store import User
from halo_engine.workspace import Workspace


def find(workspace: Workspace, user: str) -> User | None:
    """A person; None for one who has never written."""
    with opened(workspace, onboarding) as store:
        return store.get(User, user)


def get(workspace: Workspace, user: str) -> User:
    """The same.

    Raises NotFound.
    """
    found = find(workspace, user)
    if found is None:
        raise NotFound(f"nobody has written as {user[:80]}", "`halo-engine onboarding list` shows who has")
    return found


def folded(events: Sequence[Event], before: User | None = None) -> User | None:
    """A person after these events of theirs."""
    fold = Fold(onboarding, lambda *_: before)
    fold.apply(events)
    after = fold.row(events[0].stream) if events else before
    return after if isinstance(after, User) else None


def asleep(workspace: Workspace, user: str) -> bool:
    """Whether somebody has declined or withdrawn, by now."""
    found = folded(workspace.log.stream(f"user/{user}"))
    return found is not None and found.state in ASLEEP


def users(workspace: Workspace, limit: int = 0) -> tuple[list[User], int]:
    """Everybody (limit 0), who changed last first, and how many more there are."""
    with opened(workspace, onboarding) as store:
        rows = store.select(User, "ORDER BY changed DESC, id" + (" LIMIT ?" if limit else ""), [limit][: bool(limit)])
        return rows, int(store.all("SELECT count(*) FROM user")[0][0]) - len(rows)


def of_instance(workspace: Workspace, instance: str) -> list[User]:
    """Who has written to an instance."""
    return [user for user in users(workspace)[0] if instance in user.instances]


def due(user: User, conversations: int) -> Question | None:
    """The open question that may be asked in a person's nth conversation, after asking whether it may be: never in the
    middle of a task, one at a time, in the bank's order. None when none is due.
    """
    window = bank().early
    agreed = user.state is State.ACTIVE and user.terms >= bank().terms
    if not agreed or user.deferred or not window.first <= conversations <= window.last:
        return None
    return next((each for each in bank().of("early") if each.key not in user.answers), None)
