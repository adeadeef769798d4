"""Secrets by reference: configuration says where one is kept, never what it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from halo_engine.errors import BadConfig, HaloError, Unavailable

ACCEPTED = "write env:NAME, file:/PATH, keyring:SERVICE/USER or command:PROGRAM ARGUMENTS"
REDACTED = "[redacted]"
PATIENCE = 10.0
"""Seconds that a `command:` may take."""
LARGEST = 64 * 1024
SHORTEST = 8
"""Characters that an encoded form, or a value nobody named, needs to be told from chance."""


def resolve(reference: str) -> str:
    """The secret that a reference stands for, without the line break at its end.

    `env:NAME` a variable; `file:/PATH` a file of ours that nobody else may read; `keyring:SERVICE/USER` the system's
    keyring; `command:...` what a shell command prints.

    Raises BadConfig for what is no reference or an unsafe file, Unavailable when the secret cannot be had. No message
    contains a secret, nor text that might be one.
    """
    kind, _, place = reference.partition(":")
    source = _SOURCES.get(kind)
    if source is None or not place.strip() or "\0" in place:
        raise BadConfig("a secret is given by reference, and this is none (not shown: it may be the secret)", ACCEPTED)
    found = source(place.strip()).removesuffix("\n").removesuffix("\r")
    if not found:
        raise Unavailable(f"the secret from {kind}: is empty", "put the secret where the reference points")
    return found


def present(reference: str) -> bool:
    """Whether there is something to resolve: a variable must be set, anything else was meant by whoever wrote it."""
    kind, _, place = reference.partition(":")
    return bool(os.environ.get(place.strip())) if kind == "env" else bool(place.strip())


def _from_environment(name: str) -> str:
    if not (name.isascii() and name.isidentifier()):
        raise BadConfig("env: wants the name of a variable (not shown: it may be the secret)", ACCEPTED)
    try:
        return os.environ[name]
    except KeyError:
        raise Unavailable(f"the variable {name} is not set", f"export {name}, or refer to another place") from None


def _from_file(place: str) -> str:
    path = Path(place).expanduser()
    if not path.is_absolute():
        raise BadConfig(f"{path}: a secret's file needs its whole path", "write file:/home/... or file:~/...")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _refuse_unsafe(path, os.fstat(descriptor))
            return _text(os.read(descriptor, LARGEST + 1), str(path))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "put the secret there, mode 600") from error


def _refuse_unsafe(path: Path, status: os.stat_result) -> None:
    import stat

    if not stat.S_ISREG(status.st_mode):
        raise BadConfig(f"{path} is not a regular file", "a secret's file holds the secret and nothing else")
    if status.st_uid != os.geteuid():
        raise BadConfig(f"{path} belongs to another user", f"chown {os.geteuid()} {path}")
    if status.st_mode & 0o077:
        raise BadConfig(f"{path} can be read by others (mode {status.st_mode & 0o777:o})", f"chmod 600 {path}")


def _from_keyring(place: str) -> str:
    import importlib

    service, _, user = place.rpartition("/")
    if not service or not user:
        raise BadConfig("keyring: wants SERVICE/USER", "for example keyring:halo/anthropic")
    try:
        keyring = importlib.import_module("keyring")
        errors = importlib.import_module("keyring.errors")
    except ImportError as error:
        raise Unavailable("the library for keyring: is not installed", "pip install keyring") from error
    try:
        found: str | None = keyring.get_password(service, user)
    except errors.KeyringError as error:
        why = type(error).__name__
        raise Unavailable(f"the keyring does not answer ({why})", "unlock it, or refer to another place") from None
    if found is None:
        raise Unavailable(f"the keyring has nothing for {service}/{user}", f"keyring set {service} {user}")
    return found


def _from_command(command: str) -> str:
    import signal
    import subprocess

    with subprocess.Popen(  # noqa: S602 - the line is the operator's own configuration
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        try:
            output, _ = child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            raise Unavailable(f"the command of a secret took over {PATIENCE:g} s", _by_hand(command)) from None
    if child.returncode != 0:
        raise Unavailable(f"the command of a secret ended with exit code {child.returncode}", _by_hand(command))
    return _text(output, "what the command of a secret printed")


def _by_hand(command: str) -> str:
    return f"see what it does in a terminal: {command}"


def _text(raw: bytes, whose: str) -> str:
    if len(raw) > LARGEST:
        raise BadConfig(f"{whose} is over {LARGEST} bytes, which is no secret", ACCEPTED)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadConfig(f"{whose} is not UTF-8 text", "the secret is expected there, and nothing else") from None


_SOURCES: dict[str, Callable[[str], str]] = {
    "env": _from_environment,
    "file": _from_file,
    "keyring": _from_keyring,
    "command": _from_command,
}


NAMED = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|API_?KEY|CREDENTIAL|PRIVATE_?KEY|ACCESS_?KEY|(?:^|_)(?:KEY|PASS|PWD|AUTH|DSN)$",
    re.IGNORECASE,
)
"""What the name of a variable that holds a secret says."""
REFERS = re.compile(rb"^[^#\n]*(?:_env\W*:|:\s*[\"']?(?:env|file|keyring|command):)", re.MULTILINE)
"""What a file holds that names a secret; most hold none, and are not read further."""
NO_SECRETS = frozenset({"PWD", "OLDPWD"})


def known(folder: Path) -> frozenset[str]:
    """Every secret that can be known here: the variables of the environment whose names say that they hold one, and
    what the YAML files of a folder name, by reference (`env:`, `file:`, ...) or by variable (`token_env: NAME`).

    Values of less than `SHORTEST` characters are left out, since they may stand anywhere by chance, and so are paths.
    """
    found = {value for name, value in os.environ.items() if NAMED.search(name) and name not in NO_SECRETS}
    for path in sorted(folder.glob("*.yaml")):
        found.update(_configured(path))
    return frozenset(value for value in found if len(value) >= SHORTEST and not value.startswith(("/", "~/")))


def _configured(path: Path) -> Iterator[str]:
    try:
        raw = path.read_bytes()
    except OSError:
        return
    if not REFERS.search(raw):
        return
    import yaml

    try:
        data = yaml.safe_load(raw)
    except (yaml.YAMLError, UnicodeDecodeError):
        return
    for name, value in _leaves(data):
        if name.endswith("_env"):
            yield os.environ.get(value, "")
        elif value.partition(":")[0] in _SOURCES and NAMED.search(name):
            with suppress(HaloError):
                yield resolve(value)


def _leaves(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The strings of a configuration, each with the key that it stands under."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, str(key))
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value, name)
    elif isinstance(data, str):
        yield name, data


PART = 4
"""Characters of a secret that show it."""


class Redactor:
    """Takes secrets out of texts, by exact value and in the encodings that they travel in."""

    def __init__(self, values: Iterable[str]) -> None:
        self._forms = sorted({form for value in values if value for form in _forms(value)}, key=len, reverse=True)
        self._raw = [form.encode("utf-8", "surrogatepass") for form in self._forms]

    def __call__(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, REDACTED)
        return text

    def cut(self, text: str, length: int) -> str:
        """The same for a text that was cut to so many characters: it may end within a secret."""
        clean = self(text)
        if len(text) < length:
            return clean
        ends = (form[:size] for form in self._forms for size in range(len(form) - 1, PART - 1, -1))
        part = max((each for each in ends if clean.endswith(each)), key=len, default="")
        return clean.removesuffix(part) + REDACTED if part else clean

    def bytes(self, raw: bytes) -> bytes:
        """The same for bytes."""
        for form in self._raw:
            if form in raw:
                raw = raw.replace(form, REDACTED.encode())
        return raw


def redact(text: str, values: Iterable[str]) -> str:
    """The text without these values, also where they stand base64-encoded (alone or inside something longer), in hex,
    URL-encoded or escaped in JSON.
    """
    return Redactor(values)(text)


def _forms(value: str) -> Iterable[str]:
    import json
    from urllib.parse import quote, quote_plus

    yield value
    raw = value.encode("utf-8", "surrogatepass")
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)
    for ascii_only in (True, False):
        yield json.dumps(value, ensure_ascii=ascii_only)[1:-1]
    for form in (raw.hex(), raw.hex().upper()) if len(raw) * 2 >= SHORTEST else ():
        yield form
    for form in _base64(raw):
        if len(form) >= SHORTEST:
            yield form


def _base64(raw: bytes) -> Iterable[str]:
    """The base64 of the bytes, and the part of it that stays the same wherever they stand in longer data."""
    from base64 import b64encode

    whole = [b64encode(raw).decode()]
    whole.append(whole[0].rstrip("="))
    for lead in range(3):
        encoded = b64encode(b"\0" * lead + raw).decode()
        whole.append(encoded[-(-lead * 8 // 6) : (lead + len(raw)) * 8 // 6])
    for form in whole:
        yield form
        yield form.replace("+", "-").replace("/", "_")
