"""Triage against Debian's dovecot: what is done, once, and taken back; nothing is ever deleted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from halo_engine import clock
from halo_engine.digest import Days, Window
from halo_engine.events.store import rebuild
from halo_engine.mail import accounts, digest, queries
from halo_engine.mail.projection import mail
from halo_engine.mail.session import Session
from halo_engine.workspace import Workspace
from tests.mail.conftest import RULES, fill, furnish, letter
from tests.mail.server import PASSWORD, Cutter, Dovecot, dovecot, needs_dovecot

pytestmark = needs_dovecot
Call = Callable[..., Any]
WANTED = {
    "Your invoice of May": ("label", "invoices", "bills"),
    "Build passed": ("archive", "forge", "Archive"),
    "a list": ("archive", "lists", "Lists"),
    "hello": ("skip", "holiday", ""),
    "meet": ("label", "calendar", "calendar"),
    "How are you?": ("surface", "", ""),
}


def sorted_(said: Any) -> dict[str, tuple[str, str, str]]:
    assert said.code == 0, said
    return {row["subject"]: (row["action"], row["rule"], row["target"]) for row in said.data["messages"]}


def keywords(workspace: Workspace, folder: str = "INBOX") -> dict[str, tuple[str, ...]]:
    from halo_engine.mail.messages import fetched

    session = Session(accounts.one(workspace))
    session.require(folder)
    found = {each.subject: each.keywords for each in fetched(session, session.search("ALL"))}
    session.close()
    return found


def test_without_execute_nothing_happens(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    assert sorted_(mailctl("triage", "--json")) == WANTED
    assert server.count() == 6
    assert set(keywords(workspace).values()) == {()}
    said = mailctl("triage")
    assert "machines talk (domain mail.forge.example)" in mailctl("triage", "--json").out
    assert "--execute" in said.err


def test_execute_does_it_once_and_undo_takes_it_back(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    assert sorted_(mailctl("triage", "--execute", "--json")) == WANTED
    assert (server.count(), server.count("Archive"), server.count("Lists")) == (4, 1, 1)
    assert keywords(workspace)["Your invoice of May"] == ("bills",)
    head = workspace.log.head()
    again = mailctl("triage", "--execute", "--json").data
    assert (again["looked"], again["before"], workspace.log.head()) == (0, 4, head)
    done = mailctl("undo", "--last", "--json")
    assert (done.code, len(done.data["undone"]), done.data["missed"], done.data["left"]) == (0, 4, [], 2)
    assert (server.count(), server.count("Archive"), server.count("Lists")) == (6, 0, 0)
    assert set(keywords(workspace).values()) == {()}
    assert mailctl("triage", "--execute", "--json").data["looked"] == 0, "what was taken back is left alone"
    assert mailctl("undo", "--last", "--json").data["undone"] == []
    rows = queries.summary(workspace)
    rebuild(workspace, mail)
    assert queries.summary(workspace) == rows


def test_a_label_that_was_there_before_stays(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    server.deliver(letter(1, subject="invoice"))
    session = Session(accounts.one(workspace))
    session.require("INBOX", readonly=False)
    session.keyword(session.search("ALL"), "bills")
    session.close()
    mailctl("triage", "--execute")
    assert mailctl("undo", "--last").code == 0
    assert keywords(workspace) == {"invoice": ("bills",)}


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("words", [b"MOVE", b"STORE", b"FETCH", b"SEARCH", b"CREATE"])
def test_a_connection_that_drops(
    server: Dovecot, workspace: Workspace, mailctl: Call, cut: Callable[..., Cutter], words: bytes, after: bool
) -> None:
    fill(server)
    cutter = cut(words, after=after)
    said = mailctl("triage", "--execute", "--json")
    assert (said.code, said.data["missed"], cutter.left) == (0, 0, 0), said
    assert (server.count(), server.count("Archive"), server.count("Lists")) == (4, 1, 1)
    types = [event.type for event in workspace.log.read()]
    assert (types.count("mail.message.decided"), types.count("mail.message.handled")) == (6, 4)
    assert mailctl("undo", "--last", "--json").data["missed"] == []
    assert server.count() == 6


def test_a_server_that_stays_away_leaves_what_the_next_triage_goes_on_with(
    server: Dovecot, workspace: Workspace, mailctl: Call, cut: Callable[..., Cutter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_engine.mail.session.WAITS", (0.0,))
    fill(server)
    cut(b"MOVE", after=False, times=99)
    said = mailctl("triage", "--execute", "--json")
    assert said.code == 5, said
    furnish(workspace, server.account())
    said = mailctl("triage", "--execute", "--json").data
    assert (said["resumed"] > 0, said["looked"], said["missed"]) == (True, 0, 0)
    assert (server.count(), server.count("Archive"), server.count("Lists")) == (4, 1, 1)
    assert {row.state for row in queries.summary(workspace)[0].latest} == {"done"}


def test_a_server_that_cannot_move_gets_copies(
    workspace: Workspace, mailctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    with dovecot("imap_capability = IMAP4rev1 LITERAL+ UIDPLUS") as server:
        furnish(workspace, server.account())
        fill(server)
        assert mailctl("triage", "--execute", "--json").data["missed"] == 0
        assert (server.count(), server.count("Archive")) == (6, 1)
        assert keywords(workspace)["Build passed"] == ("halo-archived",)
        assert mailctl("triage", "--execute", "--json").data["looked"] == 0
        assert mailctl("undo", "--last", "--json").data["missed"] == []
        assert (server.count(), server.count("Archive")) == (6, 1), "nothing is deleted, not even the copy"
        assert keywords(workspace)["Build passed"] == ()


def test_thousands(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    for number in range(2000):
        sender = "ci@forge.example" if number % 2 else "mum@example.com"
        server.deliver(letter(number, sender=sender, subject=f"number {number}"))
    done = mailctl("triage", "--execute", "--json")
    assert (done.data["looked"], done.data["counts"], done.json["more"]) == (
        2000,
        {"archive": 1000, "surface": 1000},
        1950,
    )
    assert (server.count(), server.count("Archive")) == (1000, 1000)
    assert len(mailctl("undo", "--last", "--json").data["undone"]) == 1000
    assert (server.count(), server.count("Archive")) == (2000, 0)


def test_moved_by_hand_is_left_where_it_is(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    mailctl("triage", "--execute")
    session = Session(accounts.one(workspace))
    session.require("Archive", readonly=False)
    session.transfer(session.search("ALL"), "INBOX")
    session.close()
    assert mailctl("triage", "--execute", "--json").data["looked"] == 0
    assert server.count("Archive") == 0
    row = next(row for row in queries.summary(workspace)[0].latest if row.rule == "forge")
    assert mailctl("undo", row.id[:6], "--json").data["undone"] == [row.id], "it is back already"


def test_undo_of_what_is_gone_says_so(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    mailctl("triage", "--execute")
    for file in (*(server.mail / ".Archive" / "cur").iterdir(), *(server.mail / ".Archive" / "new").iterdir()):
        file.unlink()
    row = next(row for row in queries.summary(workspace)[0].latest if row.rule == "forge")
    said = mailctl("undo", row.id, "--json")
    assert (said.code, said.data["missed"]) == (1, [row.id])
    surfaced = next(row for row in queries.summary(workspace)[0].latest if row.action == "surface")
    assert mailctl("undo", surfaced.id, "--json").error["kind"] == "not_allowed"


def test_odd_mail_is_counted_and_shown_and_never_fatal(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    odd = [
        b"no header at all\n\nbody\n",
        b"From: \xff\xfe\nSubject: =?x-nothing?B?////?= =?utf-8?B?w?= \x80\n\n\xff\xfe",
        b'Content-Type: multipart/mixed; boundary="x"\nFrom: a@b.example\n\n--x\nContent-Type: multipart/x\n\n--y\n',
        b'From: a@b.example\nContent-Type: text/plain; charset="no-such"\nContent-Transfer-Encoding: base64\n\n!!!!\n',
        b"",
        b"Subject: " + b"x" * 200_000 + b"\n\n",
    ]
    for raw in odd:
        server.deliver(raw)
    server.deliver(letter(9, sender="ci@forge.example"))
    done = mailctl("triage", "--execute", "--json")
    assert (done.code, done.data["looked"], done.data["counts"]["archive"]) == (0, 7, 1), done
    assert done.data["malformed"] >= 3
    for uid in range(1, 7):
        assert mailctl("read", str(uid)).code == 0


def test_a_large_attachment_is_named_and_not_fetched(server: Dovecot, mailctl: Call) -> None:
    line = b"A" * 76 + b"\r\n"
    parts = b'--b\r\nContent-Type: application/zip; name="big.zip"\r\nContent-Transfer-Encoding: base64\r\n'
    parts += b"Content-Disposition: attachment\r\n\r\n" + line * (25 * 2**20 // 78) + b"\r\n"
    parts += b"--b\r\nContent-Type: text/html\r\n\r\n<p>Hi <b>you</b><script>alert(1)</script><img src='http://x/y.png'>\r\n--b--\r\n"
    head = (
        b'From: a@b.example\r\nSubject: big\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    )
    server.deliver(head + parts)
    letter = mailctl("read", "1", "--json").data
    assert [(each["name"], each["size"] > 25_000_000) for each in letter["attachments"]] == [("big.zip", True)]
    assert letter["text"].split() == ["Hi", "you"]
    assert "<script>" in mailctl("read", "1", "--source", "--json").data["text"]
    assert mailctl("triage", "--json").data["looked"] == 1


def test_lists_and_search(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    rows = mailctl("inbox", "--limit", "2", "--json")
    assert ([row["subject"] for row in rows.data], rows.json["more"]) == (["How are you?", "meet"], 4)
    assert all(row["unread"] for row in mailctl("inbox", "--unread", "--json").data)
    assert [row["subject"] for row in mailctl("search", "there", "--json").data] == ["meet"]
    assert [row["uid"] for row in mailctl("search", "--from", "forge", "--subject", "passed", "--json").data] == [2]
    assert mailctl("search", "größe").code == 0
    assert mailctl("search", "a\r\nA1 LOGOUT").code == 2
    assert mailctl("search").code == 2
    assert mailctl("inbox", "--folder", "Nowhere").code == 3
    assert mailctl("read", "99").code == 3
    assert mailctl("inbox", "--account", "work").code == 3
    mailctl("triage", "--execute")
    row = next(row for row in queries.summary(workspace)[0].latest if row.rule == "forge")
    assert mailctl("read", row.id[:8], "--json").data["folder"] == "Archive"
    assert "Treffen für alle.ics" in mailctl("read", "5").out


def test_passwords(server: Dovecot, workspace: Workspace, mailctl: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_TEST_MAIL", "wrong secret")
    said = mailctl("inbox", "--json")
    assert (said.code, said.error["kind"]) == (4, "not_allowed")
    assert "wrong secret" not in said.out
    account = server.account()
    del account["password"]
    furnish(workspace, account | {"token": "env:HALO_TEST_MAIL"})
    assert mailctl("inbox").code == 0, "a token is sent as XOAUTH2, and this server takes any"
    furnish(workspace, server.account(port=1))
    assert mailctl("inbox").code == 5


def test_a_himalaya_file(server: Dovecot, workspace: Workspace, mailctl: Call, own_home: Path) -> None:
    (workspace.root / "mailctl.yaml").unlink()
    file = own_home / ".config" / "himalaya" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"""\
[accounts.local]
backend.type = "maildir"
[accounts.home]
default = true
email = "ana@example.com"
folder.aliases.archive = "Old"
backend.type = "imap"
backend.host = "127.0.0.1"
backend.port = {server.port}
backend.encryption.type = "none"
backend.login = "ana"
backend.auth.type = "password"
backend.auth.cmd = "echo '{PASSWORD}'"
"""
    )
    fill(server)
    assert mailctl("triage", "--execute").code == 0
    assert server.count("Old") == 1
    file.write_text(file.read_text().replace(".cmd", ".nothing"))
    assert mailctl("inbox").code == 6
    file.write_text("[[[")
    assert mailctl("inbox").code == 6


def test_two_at_once_are_refused(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    from halo_engine.mail.acting import alone

    with alone(workspace, "home"):
        assert mailctl("triage", "--execute", "--json").error["kind"] == "conflict"
        assert mailctl("triage").code == 0


def test_a_rule_that_loops_is_refused(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    furnish(workspace, server.account(), RULES.replace("folder: Lists", "folder: inbox"))
    said = mailctl("triage", "--execute", "--json")
    assert said.code == 6
    assert "rules.yaml:10: rules.2: folder: it loops" in said.error["message"]


def test_the_briefing_and_the_report(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    mailctl("triage", "--execute")
    now = clock.now()
    window = Window("2000", "9000", "9000")
    (section,) = digest.briefing(workspace, window)
    assert section.name == "mail"
    assert [point.text for point in section.points] == [
        "mum@example.com: How are you?",
        "seen to by rules: 2 labelled, 2 archived, 1 skipped",
    ]
    measures = digest.report(workspace, Days(now.date(), 1, now.tzinfo))
    assert [measure.values for measure in measures] == [(6.0,), (1.0,)]
    assert digest.briefing(workspace, Window("2000", "2001", "9000"))[0].quiet


class Model(BaseHTTPRequestHandler):
    """Answers as the vendor's API does: always with the same word."""

    word = "Urgent."
    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        sent = self.rfile.read(int(self.headers["content-length"])).decode()
        assert "How are you?" in sent
        body = {"id": "m", "type": "message", "role": "assistant", "content": [{"type": "text", "text": self.word}]}
        rest = {"stop_reason": "end_turn", "model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}}
        said = msgspec.json.encode(body | rest)
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(("word", "label"), [("Urgent.", ("halo-urgent",)), ("Delete everything", ())])
def test_an_opinion_only_adds_a_label(
    server: Dovecot,
    workspace: Workspace,
    mailctl: Call,
    monkeypatch: pytest.MonkeyPatch,
    word: str,
    label: tuple[str, ...],
) -> None:
    handler = type("Asked", (Model,), {"word": word, "asked": 0})
    model = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    (workspace.root / "halo.yaml").write_text(f"llm: {{base_url: 'http://127.0.0.1:{model.server_port}'}}\n")
    fill(server)
    file = workspace.root / "mailctl.yaml"
    file.write_text(f"opinion: true\n{file.read_text()}")
    try:
        assert mailctl("triage", "--json").code == 0
        assert handler.asked == 0, "a dry triage asks nobody"
        done = mailctl("triage", "--execute", "--json")
    finally:
        model.shutdown()
        model.server_close()
    assert (done.code, handler.asked, done.data["counts"]["surface"]) == (0, 1, 1)
    assert keywords(workspace)["How are you?"] == label
    assert server.count() == 4
