"""Debian's dovecot for the length of a test: loopback, one account, its mail in a Maildir below one folder."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
needs_dovecot = pytest.mark.skipif(not DOVECOT, reason="needs dovecot (apt install dovecot-imapd)")
PASSWORD = "pass word"
CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
{ssl}
disable_plaintext_auth = no
auth_mechanisms = plain {bearers}
default_login_user = {login}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{home}/mail
mail_fsync = never
service anvil {{
  chroot =
}}
service imap-login {{
{jail}  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=plain {home}/users
}}
{tokens}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
{more}
"""


ANY_TOKEN = """\
passdb {
  driver = static
  mechanisms = xoauth2
  args = nopassword=y
}"""
ASKED = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/tokens
}}"""
INTROSPECTION = """\
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class Tls(NamedTuple):
    """What a server shows of itself."""

    certificate: Path
    key: Path


class Dovecot:
    """A running server. Mail is delivered by writing files, as a delivery agent does."""

    def __init__(
        self, home: Path, more: str = "", *, tls: Tls | None = None, tokens: str = "", bearers: str = "xoauth2"
    ) -> None:
        self.home = home
        self.port = _free_port()
        self.imaps = _free_port() if tls else 0
        self.mail = home / "mail"
        self._count = 0
        # Mail of root is refused: where tests run as root, it belongs to somebody who owns nothing else.
        mine = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._owner = (mine.pw_uid, mine.pw_gid)
        for folder in ("cur", "new", "tmp"):
            (self.mail / folder).mkdir(parents=True)
        (home / "users").write_text(f"ana:{{PLAIN}}{PASSWORD}\n")
        user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        root = os.getuid() == 0
        login = ("dovenull" if _there("dovenull") else "nobody") if root else user
        jail = "" if root else "  chroot =\n"  # a login process of root must be somebody else, and sees only its jail
        values = {"login": login, "jail": jail, "home": home, "port": self.port, "user": user, "group": group}
        ssl = f"ssl = yes\nssl_cert = <{tls.certificate}\nssl_key = <{tls.key}" if tls else "ssl = no"
        values |= {"ssl": ssl, "imaps": self.imaps, "bearers": bearers}
        values["tokens"] = ASKED.format(home=home) if tokens else ANY_TOKEN
        (home / "tokens").write_text(INTROSPECTION.format(url=tokens))
        self.config = home / "dovecot.conf"
        self.config.write_text(CONFIG.format(**values, uid=self._owner[0], gid=self._owner[1], more=more))
        self._give(self.mail, *(self.mail / each for each in ("cur", "new", "tmp")))

    def start(self) -> subprocess.Popen[bytes]:
        with (self.home / "said").open("wb") as said:
            server = subprocess.Popen([DOVECOT, "-F", "-c", str(self.config)], stdout=said, stderr=said)
        for _ in range(300):
            if server.poll() is not None:
                raise AssertionError(f"dovecot ended: {self.said()}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as tried:
                if tried.recv(10).startswith(b"* OK"):
                    return server
            time.sleep(0.05)
        raise AssertionError(f"dovecot does not answer: {self.said()}")

    def said(self) -> str:
        log = self.home / "log"
        return (self.home / "said").read_text()[-500:] + (log.read_text()[-2000:] if log.exists() else "")

    def deliver(self, raw: bytes) -> None:
        self._count += 1
        file = self.mail / "new" / f"{1_700_000_000 + self._count}.M{self._count}.test"
        file.write_bytes(raw)
        self._give(file)

    def _give(self, *paths: Path) -> None:
        if os.getuid() == 0:
            for path in paths:
                os.chown(path, *self._owner)

    def count(self, folder: str = "") -> int:
        """Messages in a folder, by their files."""
        place = self.mail / (f".{folder}" if folder else "")
        return sum(len(list((place / each).glob("*"))) for each in ("cur", "new"))

    def account(self, **more: str | int) -> dict[str, str | int]:
        """As it stands in mailctl.yaml."""
        given: dict[str, str | int] = {"host": "127.0.0.1", "port": self.port, "tls": "none", "user": "ana"}
        return given | {"password": "env:HALO_TEST_MAIL"} | more


def _there(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def dovecot(
    more: str = "", *, tls: Tls | None = None, tokens: str = "", bearers: str = "xoauth2"
) -> Generator[Dovecot]:
    """A server of our own, in a folder that its user may enter; its processes end with its master.

    `tokens`: the address at which it asks whether a token is valid; empty: any is. `bearers`: the ways to send one.
    """
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="halo-mail-", dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True
    ) as home:
        Path(home).chmod(0o755)
        server = Dovecot(Path(home), more, tls=tls, tokens=tokens, bearers=bearers)
        process = server.start()
        try:
            yield server
        finally:
            process.terminate()
            process.wait(30)


class Cutter:
    """A way to the server that hangs up once, when it has seen some words pass from the client.

    `after`: let the command through to the server, and swallow its answer; else the server never sees it.
    """

    def __init__(self, port: int, words: bytes, *, after: bool, times: int = 1) -> None:
        self._target = port
        self._words = words
        self._after = after
        self.left = times
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            deaf = threading.Event()
            threading.Thread(target=self._up, args=(client, server, deaf), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server, deaf), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError), client, server:
            while data := client.recv(65536):
                if self.left and self._words in data:
                    self.left -= 1
                    deaf.set()
                    if self._after:
                        server.sendall(data)
                        time.sleep(0.5)
                    client.shutdown(socket.SHUT_RDWR)
                    server.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)

    def _down(self, client: socket.socket, server: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if not deaf.is_set():
                    client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)
