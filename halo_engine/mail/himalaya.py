"""The account file of himalaya, in each form that it has had.

0.x   [work] backend = "imap", imap-host = "...", imap-passwd.cmd = "..."
1.0β  [accounts.work] backend = "imap", imap.host = "...", imap.passwd.cmd = "..."
1.x   [accounts.work] backend.type = "imap", backend.host = "...", backend.auth.cmd = "..."
2.x   [accounts.work] imap.server = "imaps://...", imap.sasl.plain.password.command = "..."
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from halo_engine import secrets
from halo_engine.errors import BadConfig
from halo_engine.mail.config import Tls

KEYRING = "himalaya-cli"
"""The service under which himalaya keeps secrets in the system's keyring."""
ENCRYPTION: dict[Any, Tls] = {
    "tls": "tls",
    "ssl": "tls",
    True: "tls",
    "start-tls": "starttls",
    "starttls": "starttls",
    "none": "none",
    False: "none",
}
BEARERS = ("oauthbearer", "xoauth2")
PASSWORDS = ("plain", "login", "scram-sha-256")
Table = dict[str, Any]


class Found(msgspec.Struct, frozen=True):
    """An IMAP account of the file."""

    name: str
    host: str
    port: int
    """0: the usual one."""
    tls: Tls
    user: str
    secret: Callable[[], str]
    """The password or token, looked up when it is called for; raises what `secrets.resolve` raises."""
    oauth: bool
    ca: str
    """A file of authorities in PEM, beside the system's; empty: none."""
    folder: str
    archive: str


def accounts(file: Path) -> list[Found]:
    """The IMAP accounts, the default one first; others (a maildir, notmuch, JMAP) are left out.

    Raises BadConfig naming file and key.
    """
    import tomllib

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file}: not valid TOML: {error}") from error
    entries = _entries(file, data)
    listed = sorted(entries.items(), key=lambda item: not item[1].get("default"))
    made = (_made(_Reader(file, name, entry), data) for name, entry in listed)
    return [found for found in made if found is not None]


def _entries(file: Path, data: Table) -> dict[str, Table]:
    if "accounts" in data:
        found = data["accounts"]
        if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
            raise BadConfig(f"{file}: accounts: expected [accounts.NAME] tables")
        return found
    tables = {name: each for name, each in data.items() if isinstance(each, dict)}
    return {name: each for name, each in tables.items() if {"backend", "imap-host", "imap"} & each.keys()}


class _Reader:
    """One account's table: what is asked for is there, or the error says where it is not."""

    def __init__(self, file: Path, name: str, entry: Table) -> None:
        self.name = name
        self.entry = entry
        self._where = f"{file}: accounts.{name}"

    def fault(self, key: str, what: str) -> BadConfig:
        return BadConfig(f"{self._where}.{key}: {what}", "see `himalaya account`, or write it into mailctl.yaml")

    def word(self, path: str) -> str:
        found = self.any(path)
        if not isinstance(found, str) or not found or not found.isprintable():
            raise self.fault(path, "expected a text")
        return found

    def number(self, path: str) -> int:
        found = self.any(path) or 0
        if not isinstance(found, int) or not 0 <= found < 65536:
            raise self.fault(path, "expected a number below 65536")
        return found

    def table(self, path: str) -> Table:
        found = self.any(path)
        return found if isinstance(found, dict) else {}

    def any(self, path: str) -> Any:
        return _at(self.entry, path)

    def tls(self, path: str) -> Tls:
        given = self.any(path)
        word = given.get("type", "tls") if isinstance(given, dict) else "tls" if given is None else given
        if not isinstance(word, str | bool) or word not in ENCRYPTION:
            raise self.fault(path, f"{word!r} is none of tls, start-tls, none")
        return ENCRYPTION[word]

    def secret(self, path: str) -> Callable[[], str]:
        """The secret itself (`raw`), what prints it (`cmd`, `command`), or its name in the keyring (`keyring`)."""
        given = self.any(path)
        table = {"cmd": given} if isinstance(given, str) else given if isinstance(given, dict) else {}
        raw, command, entry = table.get("raw"), table.get("cmd") or table.get("command"), table.get("keyring")
        if isinstance(raw, str):
            return lambda: raw
        if isinstance(command, list) and command and all(isinstance(word, str) for word in command):
            command = shlex.join(command)
        if isinstance(command, str):
            return lambda: secrets.resolve(f"command:{command}")
        if isinstance(entry, str):
            return lambda: secrets.resolve(f"keyring:{KEYRING}/{entry}")
        raise self.fault(path, "expected one of raw, cmd, keyring")


def _at(entry: Any, path: str) -> Any:
    for step in path.split("/"):
        entry = entry.get(step) if isinstance(entry, dict) else None
    return entry


def _made(read: _Reader, data: Table) -> Found | None:
    backend = read.any("backend")
    if isinstance(backend, dict):
        made = _first(read) if backend.get("type") == "imap" else None
    elif read.any("imap/server") is not None:
        made = _second(read)
    elif backend in {"imap", None} and read.table("imap"):
        made = _beta(read)
    elif backend in {"imap", None} and read.any("imap-host") is not None:
        made = _zeroth(read)
    else:
        made = None
    return None if made is None else Found(name=read.name, **made, **_folders(read, data))


def _folders(read: _Reader, data: Table) -> Table:
    """What it calls the inbox and the archive."""
    found: Table = {}
    for place in (data, read.entry):
        for path in ("folder-aliases", "folder/alias", "folder/aliases", "mailbox/alias"):
            named = _at(place, path)
            found |= {key.lower(): value for key, value in (named or {}).items() if isinstance(value, str)}
    return {"folder": found.get("inbox") or "INBOX", "archive": found.get("archive") or "Archive"}


def _zeroth(read: _Reader) -> Table:
    tls: Tls = "starttls" if read.any("imap-starttls") else "none" if read.any("imap-ssl") is False else "tls"
    oauth = read.any("imap-auth") == "oauth2"
    path = "imap-oauth2-access-token" if oauth else "imap-passwd" if read.any("imap-passwd") else "imap-passwd-cmd"
    return {
        "host": read.word("imap-host"),
        "port": read.number("imap-port"),
        "tls": tls,
        "user": read.word("imap-login"),
        "secret": read.secret(path),
        "oauth": oauth,
        "ca": "",
    }


def _beta(read: _Reader) -> Table:
    oauth = read.any("imap/auth") == "oauth2" or bool(read.table("imap/oauth2"))
    path = "imap/oauth2/access-token" if read.table("imap/oauth2") else "imap/access-token" if oauth else "imap/passwd"
    return {
        "host": read.word("imap/host"),
        "port": read.number("imap/port"),
        "tls": read.tls("imap/encryption"),
        "user": read.word("imap/login"),
        "secret": read.secret(path),
        "oauth": oauth,
        "ca": "",
    }


def _first(read: _Reader) -> Table:
    oauth = read.any("backend/auth/type") == "oauth2"
    return {
        "host": read.word("backend/host"),
        "port": read.number("backend/port"),
        "tls": read.tls("backend/encryption"),
        "user": read.word("backend/login"),
        "secret": read.secret("backend/auth/access-token" if oauth else "backend/auth"),
        "oauth": oauth,
        "ca": str(read.any("backend/encryption/cert") or ""),
    }


def _second(read: _Reader) -> Table:
    server = read.word("imap/server")
    try:
        parts = urlsplit(server if "://" in server else f"imaps://{server}")
        host, port = parts.hostname or "", parts.port or 0
    except ValueError as error:
        raise read.fault("imap.server", str(error)) from error
    if parts.scheme not in {"imap", "imaps"} or not host:
        raise read.fault("imap.server", "expected HOST, imaps://HOST or imap://HOST")
    tls: Tls = "tls" if parts.scheme == "imaps" else "starttls" if read.any("imap/starttls") else "none"
    way, path = next(_ways(read), ("", ""))
    if not way:
        raise read.fault("imap.sasl", f"expected one of {', '.join((*PASSWORDS, *BEARERS))}")
    return {
        "host": host,
        "port": port,
        "tls": tls,
        "user": read.word(f"imap/sasl/{way}/username"),
        "secret": read.secret(path),
        "oauth": way in BEARERS,
        "ca": str(read.any("imap/tls/cert") or ""),
    }


def _ways(read: _Reader) -> Iterator[tuple[str, str]]:
    """The way to log in that is given, and where its secret stands."""
    for way in (*PASSWORDS, *BEARERS):
        if read.table(f"imap/sasl/{way}"):
            yield way, f"imap/sasl/{way}/{'token' if way in BEARERS else 'password'}"
