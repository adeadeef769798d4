"""Accounts as they are used: those of `mailctl.yaml`, and those of a himalaya account file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from halo_engine import secrets
from halo_engine.errors import HaloError, NotFound
from halo_engine.mail import himalaya
from halo_engine.mail.config import FILE, PORTS, Account, mail_settings
from halo_engine.workspace import Workspace

A = TypeVar("A")
R = TypeVar("R")
ALL = "all"
"""What every account is called together."""


class Place(himalaya.Found, frozen=True):
    """An account that can be connected to."""

    timeout: float
    """Seconds."""


def every(workspace: Workspace) -> dict[str, Place]:
    """All accounts by name, those of mailctl.yaml first.

    Raises BadConfig.
    """
    settings = mail_settings(workspace)
    places = {name: _place(name, account, settings.timeout) for name, account in settings.accounts.items()}
    file = Path(settings.himalaya).expanduser()
    if settings.himalaya and file.is_file():
        theirs = [each for each in himalaya.accounts(file) if each.name not in places]
        places |= {each.name: _from_himalaya(each, settings.timeout) for each in theirs}
    return places


def chosen(workspace: Workspace, name: str) -> list[Place]:
    """The account of that name, the first, or with `all` every one.

    Raises NotFound.
    """
    return list(every(workspace).values()) or [one(workspace)] if name == ALL else [one(workspace, name)]


def over(each_account: Sequence[A], work: Callable[[A], R]) -> tuple[list[R], list[HaloError]]:
    """Do something with each account; of several, one that fails keeps no other from it.

    Raises what went wrong when it did with every one.
    """
    done: list[R] = []
    wrong: list[HaloError] = []
    for one_account in each_account:
        try:
            done.append(work(one_account))
        except HaloError as error:
            wrong.append(error)
    if wrong and not done:
        raise wrong[0]
    return done, wrong


def one(workspace: Workspace, name: str = "") -> Place:
    """The account of that name, or the first.

    Raises NotFound.
    """
    places = every(workspace)
    if not places:
        raise NotFound(
            "no mail account is configured", f"write one into {workspace.root / FILE}; docs/mail.md says how"
        )
    if name and name not in places:
        raise NotFound(f"no mail account {name[:60]}", f"there are: {', '.join(places)}")
    return places[name] if name else next(iter(places.values()))


def _place(name: str, account: Account, timeout: float) -> Place:
    reference = account.token or account.password
    return Place(
        name=name,
        host=account.host,
        port=account.port or PORTS[account.tls],
        tls=account.tls,
        user=account.user,
        secret=lambda: secrets.resolve(reference),
        oauth=bool(account.token),
        ca=account.ca,
        folder=account.folder,
        archive=account.archive,
        timeout=timeout,
    )


def _from_himalaya(found: himalaya.Found, timeout: float) -> Place:
    given = msgspec.structs.asdict(found)
    return Place(**given | {"port": found.port or PORTS[found.tls]}, timeout=timeout)
