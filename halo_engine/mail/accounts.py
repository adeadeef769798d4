"""Accounts as they are used: those of `mailctl.yaml`, and those of a himalaya account file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from halo_engine import secrets
from halo_engine.errors import BadConfig, HaloError, NotFound
from halo_engine.mail.config import FILE, Account, Tls, mail_settings
from halo_engine.workspace import Workspace

R = TypeVar("R")
ALL = "all"
"""What every account is called together."""
KEYRING = "himalaya-cli"
"""The service under which himalaya keeps secrets in the system's keyring."""
ENCRYPTION: dict[str, Tls] = {
    "tls": "tls",
    "ssl": "tls",
    "start-tls": "starttls",
    "starttls": "starttls",
    "none": "none",
}


class Place(msgspec.Struct, frozen=True):
    """An account that can be connected to."""

    name: str
    host: str
    port: int
    tls: Tls
    user: str
    secret: Callable[[], str]
    """The password or token, looked up when it is called for; raises what `secrets.resolve` raises."""
    oauth: bool
    folder: str
    archive: str
    timeout: float


def every(workspace: Workspace) -> dict[str, Place]:
    """All accounts by name, those of mailctl.yaml first.

    Raises BadConfig.
    """
    settings = mail_settings(workspace)
    places = {name: _place(name, account, settings.timeout) for name, account in settings.accounts.items()}
    file = Path(settings.himalaya).expanduser()
    if settings.himalaya and file.is_file():
        for name, entry in _entries(file).items():
            found = None if name in places else _from_himalaya(file, name, entry, settings.timeout)
            if found is not None:
                places[name] = found
    return places


def chosen(workspace: Workspace, name: str) -> list[Place]:
    """The account of that name, the first, or with `all` every one.

    Raises NotFound.
    """
    return list(every(workspace).values()) or [one(workspace)] if name == ALL else [one(workspace, name)]


def over(places: Sequence[Place], work: Callable[[Place], R]) -> tuple[list[R], list[HaloError]]:
    """Do something with each account; of several, one that fails keeps no other from it.

    Raises what went wrong when it did with every one.
    """
    done: list[R] = []
    wrong: list[HaloError] = []
    for place in places:
        try:
            done.append(work(place))
        except HaloError as error:
            wrong.append(error)
    if not done:
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
        port=account.port or _port(account.tls),
        tls=account.tls,
        user=account.user,
        secret=lambda: secrets.resolve(reference),
        oauth=bool(account.token),
        folder=account.folder,
        archive=account.archive,
        timeout=timeout,
    )


def _port(tls: Tls) -> int:
    return 993 if tls == "tls" else 143


def _entries(file: Path) -> dict[str, dict[str, Any]]:
    import tomllib

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file}: not valid TOML: {error}") from error
    accounts = data.get("accounts", {})
    if not isinstance(accounts, dict) or not all(isinstance(each, dict) for each in accounts.values()):
        raise BadConfig(f"{file}: accounts: expected [accounts.NAME] tables")
    return dict(sorted(accounts.items(), key=lambda item: not item[1].get("default")))


def _from_himalaya(file: Path, name: str, entry: dict[str, Any], timeout: float) -> Place | None:
    """An account of himalaya; None for one that is no IMAP account (a maildir, notmuch)."""
    backend = entry.get("backend", {})
    kind = backend if isinstance(backend, str) else backend.get("type")
    if kind != "imap":
        return None
    given = {"host", "login", "auth"} - backend.keys()
    if given or not all(isinstance(backend[key], str) for key in ("host", "login")):
        raise BadConfig(f"{file}: accounts.{name}.backend: host, login and auth are needed", "see `himalaya account`")
    encryption = backend.get("encryption", "tls")
    word = encryption.get("type", "tls") if isinstance(encryption, dict) else encryption
    if word not in ENCRYPTION:
        raise BadConfig(f"{file}: accounts.{name}.backend.encryption: {word!r} is none of {', '.join(ENCRYPTION)}")
    auth = backend["auth"] if isinstance(backend["auth"], dict) else {}
    oauth = auth.get("type") == "oauth2"
    aliases = _table(entry, "folder", "aliases") or _table(entry, "folder", "alias")
    return Place(
        name=name,
        host=backend["host"],
        port=int(backend.get("port") or _port(ENCRYPTION[word])),
        tls=ENCRYPTION[word],
        user=backend["login"],
        secret=_secret(file, name, _table(auth, "access-token") if oauth else auth),
        oauth=oauth,
        folder=str(aliases.get("inbox", "INBOX")),
        archive=str(aliases.get("archive", "Archive")),
        timeout=timeout,
    )


def _table(entry: dict[str, Any], *path: str) -> dict[str, Any]:
    for step in path:
        found = entry.get(step, {})
        entry = found if isinstance(found, dict) else {}
    return entry


def _secret(file: Path, name: str, auth: dict[str, Any]) -> Callable[[], str]:
    """The secret itself (`raw`), what prints it (`cmd`), or its name in the keyring (`keyring`)."""
    raw, command, entry = (auth.get(key) for key in ("raw", "cmd", "keyring"))
    if isinstance(raw, str):
        return lambda: raw
    if isinstance(command, str):
        return lambda: secrets.resolve(f"command:{command}")
    if isinstance(entry, str):
        return lambda: secrets.resolve(f"keyring:{KEYRING}/{entry}")
    raise BadConfig(f"{file}: accounts.{name}.backend.auth: expected one of raw, cmd, keyring")
