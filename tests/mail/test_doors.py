"""How Halo gets to a server: TLS with a certificate that is checked, passwords, tokens, accounts of himalaya."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadConfig
from halo_engine.mail import accounts, himalaya
from halo_engine.workspace import Workspace
from tests.mail.certificates import Authority, needs_openssl
from tests.mail.conftest import fill, furnish
from tests.mail.server import PASSWORD, Dovecot, dovecot, needs_dovecot

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def account(server: Dovecot, tls: str, authority: Authority | None, **more: Any) -> dict[str, Any]:
    port = server.imaps if tls == "tls" else server.port
    ca = {"ca": str(authority.pem)} if authority else {}
    return server.account() | {"host": "localhost", "tls": tls, "port": port} | ca | more


def refused(said: Any, words: str, hint: str) -> None:
    assert (said.code, said.error["kind"]) == (5, "unavailable"), said
    assert words in said.error["message"]
    assert hint in said.error["hint"]
    assert PASSWORD not in said.out


@needs_dovecot
@needs_openssl
class TestTls:
    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    def test_a_certificate_that_is_vouched_for(
        self, workspace: Workspace, mailctl: Call, authority: Authority, tls: str
    ) -> None:
        with dovecot(tls=authority.vouch()) as server:
            fill(server)
            furnish(workspace, account(server, tls, authority))
            assert len(mailctl("inbox", "--json").data) == 6
            assert mailctl("triage", "--execute").code == 0
            assert server.count("Archive") == 1
            furnish(workspace, account(server, tls, None))
            refused(mailctl("inbox", "--json"), "nobody known here vouches", "ca: /PATH/authority.pem")

    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    def test_a_certificate_for_another_name(
        self, workspace: Workspace, mailctl: Call, authority: Authority, tls: str
    ) -> None:
        with dovecot(tls=authority.vouch("DNS:mail.example.com")) as server:
            furnish(workspace, account(server, tls, authority))
            refused(mailctl("inbox", "--json"), "for another name", "certified for as host")

    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    def test_a_certificate_that_has_expired(
        self, workspace: Workspace, mailctl: Call, authority: Authority, tls: str
    ) -> None:
        with dovecot(tls=authority.vouch(days=-1)) as server:
            furnish(workspace, account(server, tls, authority))
            refused(mailctl("inbox", "--json"), "expired", "renews it")

    def test_the_wrong_way_to_the_right_server(
        self, workspace: Workspace, mailctl: Call, authority: Authority, tmp_path: Path
    ) -> None:
        with dovecot(tls=authority.vouch()) as server:
            furnish(workspace, account(server, "tls", authority, port=server.port))
            refused(mailctl("inbox", "--json"), "does not speak TLS", "starttls")
            furnish(workspace, account(server, "starttls", authority, port=993))
            assert mailctl("inbox").code == 6
            (tmp_path / "empty.pem").write_text("nothing\n")
            for ca in ("/nowhere.pem", str(tmp_path / "empty.pem")):
                furnish(workspace, account(server, "tls", authority, ca=ca))
                said = mailctl("inbox", "--json")
                assert (said.code, "ca: " in said.error["message"]) == (6, True)

    def test_without_starttls_no_password_is_sent(self, workspace: Workspace, mailctl: Call) -> None:
        """Also where somebody in between has taken STARTTLS out of what the server offers."""
        with dovecot() as server:
            furnish(workspace, account(server, "starttls", None))
            refused(mailctl("inbox", "--json"), "offers no STARTTLS", "tls: tls")
        said: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=_stripped, args=(listener, said), daemon=True).start()
            there = {"host": "127.0.0.1", "port": listener.getsockname()[1], "user": "ana"}
            furnish(workspace, there | {"tls": "starttls", "password": "env:HALO_TEST_MAIL"})
            refused(mailctl("inbox", "--json"), "offers no STARTTLS", "tls: tls")
        assert not any(b"LOGIN" in each or b"AUTH" in each for each in said)


def _stripped(listener: socket.socket, said: list[bytes]) -> None:
    client, _ = listener.accept()
    with client:
        client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
        while data := client.recv(4096):
            said.append(data)
            tag = data.split()[0]
            client.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")


@pytest.mark.parametrize("answer", [b"", b"{tag} BAD what?\r\n", b"{tag} OK done\r\n"])
def test_a_server_that_does_not_say_what_it_can_after_the_login(
    workspace: Workspace, mailctl: Call, answer: bytes
) -> None:
    """It hangs up (nothing is answered), does not understand, or has nothing to say."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_short_spoken, args=(listener, answer), daemon=True).start()
        there = {"host": "127.0.0.1", "port": listener.getsockname()[1], "user": "ana", "tls": "none"}
        furnish(workspace, there | {"password": "env:HALO_TEST_MAIL"})
        said = mailctl("inbox", "--json")
    if answer:
        assert (said.code, said.data) == (0, [])
    else:
        refused(said, "hung up while logging in", "try again")


def _short_spoken(listener: socket.socket, answer: bytes) -> None:
    """A server with one empty folder, which tells only once what it can."""
    client, _ = listener.accept()
    told = 0
    with client:
        client.sendall(b"* OK ready\r\n")
        while data := client.recv(4096):
            tag, verb = data.split()[:2]
            if verb == b"CAPABILITY" and told:
                if not answer:
                    return
                client.sendall(answer.replace(b"{tag}", tag))
                continue
            told += verb == b"CAPABILITY"
            about = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", b"UID": b"* SEARCH\r\n"}.get(verb, b"")
            client.sendall(about + tag + b" OK done\r\n")


class Keeper(BaseHTTPRequestHandler):
    """Says of a token whether it is valid, and whose it is."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        body = msgspec.json.encode({"active": "fresh-token" in sent, "username": "ana"})
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def keeper() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/introspect"
    finally:
        server.shutdown()
        server.server_close()


@needs_dovecot
@pytest.mark.parametrize("bearers", ["xoauth2", "oauthbearer", "xoauth2 oauthbearer"])
def test_tokens(workspace: Workspace, mailctl: Call, monkeypatch: pytest.MonkeyPatch, bearers: str) -> None:
    with keeper() as url, dovecot(tokens=url, bearers=bearers) as server:
        fill(server)
        given = server.account(token="env:HALO_TEST_MAIL")
        del given["password"]
        furnish(workspace, given)
        monkeypatch.setenv("HALO_TEST_MAIL", "fresh-token")
        assert len(mailctl("inbox", "--json").data) == 6
        monkeypatch.setenv("HALO_TEST_MAIL", "stale-token")
        said = mailctl("inbox", "--json")
        assert (said.code, said.error["kind"]) == (4, "not_allowed"), said
        assert "refuses ana" in said.error["message"]
        assert "invalid_token" in said.error["message"] or "401" in said.error["message"], said.error
        assert "fresh one" in said.error["hint"]
        assert "stale-token" not in said.out
        monkeypatch.setenv("HALO_TEST_MAIL", "fresh\x01token")
        assert mailctl("inbox").code == 6


FORMS = {
    "0.7": """\
[home]
default = true
email = "ana@example.com"
backend = "imap"
imap-host = "127.0.0.1"
imap-port = {port}
imap-ssl = false
imap-login = "ana"
imap-passwd-cmd = "echo '{password}'"
[home.folder-aliases]
archive = "Old"
[local]
backend = "maildir"
maildir-root-dir = "~/Mail"
""",
    "0.9": """\
display-name = "Ana"
[home]
default = true
backend = "imap"
imap-host = "127.0.0.1"
imap-port = {port}
imap-ssl = false
imap-starttls = false
imap-login = "ana"
imap-auth = "passwd"
imap-passwd.cmd = "echo '{password}'"
folder-aliases.archive = "Old"
""",
    "1.0-beta": """\
[accounts.home]
default = true
backend = "imap"
folder.alias.archive = "Old"
imap.host = "127.0.0.1"
imap.port = {port}
imap.login = "ana"
imap.encryption = false
imap.auth = "passwd"
imap.passwd.raw = "{password}"
""",
    "1.2": """\
[accounts.local]
backend.type = "maildir"
[accounts.home]
default = true
folder.aliases.archive = "Old"
backend.type = "imap"
backend.host = "127.0.0.1"
backend.port = {port}
backend.encryption.type = "none"
backend.login = "ana"
backend.auth.type = "password"
backend.auth.cmd = "echo '{password}'"
""",
    "2.0": """\
[accounts.other]
jmap.server = "example.com"
[accounts.home]
default = true
mailbox.alias.archive = "Old"
imap.server = "imap://127.0.0.1:{port}"
imap.sasl.plain.username = "ana"
imap.sasl.plain.password.command = ["echo", "{password}"]
""",
}


@needs_dovecot
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_account_file(workspace: Workspace, mailctl: Call, own_home: Path, form: str) -> None:
    file = own_home / ".config" / "himalaya" / "config.toml"
    file.parent.mkdir(parents=True)
    with dovecot() as server:
        fill(server)
        furnish(workspace, server.account())
        (workspace.root / "mailctl.yaml").unlink()
        file.write_text(FORMS[form].format(port=server.port, password=PASSWORD))
        assert list(accounts.every(workspace)) == ["home"]
        assert mailctl("triage", "--execute").code == 0
        assert server.count("Old") == 1


TOKENS = {
    '[a]\nbackend = "imap"\nimap-host = "h"\nimap-login = "u"\nimap-auth = "oauth2"\n'
    'imap-oauth2-access-token.cmd = "x"\n': ("tls", 993),
    '[accounts.a]\nbackend.type = "imap"\nbackend.host = "h"\nbackend.login = "u"\nbackend.auth.type = "oauth2"\n'
    'backend.auth.access-token.keyring = "x"\nbackend.encryption.type = "start-tls"\n': ("starttls", 143),
    '[accounts.a]\nimap.server = "h"\nimap.sasl.xoauth2.username = "u"\nimap.sasl.xoauth2.token.raw = "x"\n': (
        "tls",
        993,
    ),
    '[accounts.a]\nimap.server = "imap://h"\nimap.starttls = true\nimap.sasl.oauthbearer.username = "u"\n'
    'imap.sasl.oauthbearer.token.command = "x"\nimap.tls.cert = "/c.pem"\n': ("starttls", 143),
}


@pytest.mark.parametrize("text", TOKENS)
def test_tokens_of_the_account_file(workspace: Workspace, tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    (workspace.root / "mailctl.yaml").write_text(yaml.safe_dump({"himalaya": str(file)}))
    place = accounts.one(workspace)
    assert (place.oauth, place.host, place.user, place.tls, place.port) == (True, "h", "u", *TOKENS[text])
    assert place.ca == ("/c.pem" if "cert" in text else "")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[accounts.a]\nbackend.type = "imap"\nbackend.login = "u"\nbackend.auth.raw = "x"\n', "backend.host"),
        ('[accounts.a]\nbackend.type = "imap"\nbackend.host = "h"\nbackend.login = "u"\n', "backend.auth"),
        ('[a]\nbackend = "imap"\nimap-host = "h"\nimap-login = "u"\n', "imap-passwd-cmd"),
        ('[accounts.a]\nimap.server = "ftp://h"\n', "imap.server"),
        ('[accounts.a]\nimap.server = "h:99999"\n', "imap.server"),
        ('[accounts.a]\nimap.server = "h"\n', "imap.sasl"),
        ("accounts = 3\n", "accounts"),
    ],
)
def test_what_is_wrong_in_the_account_file_is_named(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(BadConfig, match=key.replace(".", "[./]")):
        himalaya.accounts(file)


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 99999), st.sampled_from(["imap", "tls", "h", "", "imaps://x:1", "raw"])),
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["type", "host", "login", "auth", "raw", "cmd", "server", "sasl", "plain", "username", "password"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["backend", "imap", "imap-host", "imap-login", "imap-passwd", "folder", "mailbox", "default"])


@given(entry=st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_account_file_is_fatal(tmp_path_factory: pytest.TempPathFactory, entry: dict[str, Any]) -> None:
    file = tmp_path_factory.mktemp("himalaya") / "config.toml"
    file.write_text("[accounts.a]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in entry.items()))
    try:
        found = himalaya.accounts(file)
    except BadConfig:
        return
    assert all(each.host and each.user for each in found)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {_toml(each)}' for key, each in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else f'"{value}"'
