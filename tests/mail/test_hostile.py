"""What a hostile sender, an odd server or a careless operator may bring: shown as text, done once, never fatal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from halo_engine.mail import accounts, html
from halo_engine.mail.session import Session
from halo_engine.workspace import Workspace
from halo_tui import mail_reading
from tests.mail.conftest import RULES, fill, furnish, letter
from tests.mail.server import PASSWORD, Dovecot, dovecot, needs_dovecot

pytestmark = needs_dovecot
Call = Callable[..., Any]
FOLDERS = [
    "Größe",
    "a b",
    'say "hi"',
    "R&D",
    "&-",
    "日本語",
    "back\\slash",
    "50%",
    "~tilde",
    "Very/deep",
    "(x)",
    "{5}",
    "*",
]


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_with_odd_names(server: Dovecot, workspace: Workspace, mailctl: Call, folder: str) -> None:
    furnish(workspace, server.account(archive=folder))
    server.deliver(letter(1, sender="ci@forge.example", subject="Build"))
    done = mailctl("triage", "--execute", "--json")
    assert done.code == 0, done
    if done.data["missed"]:
        said = mailctl("queue", "--state", "missed", "--json").data[0]
        assert "cannot be made" in said["why"] or "does not move" in said["why"], said
        assert server.count() == 1
        return
    assert server.count() == 0
    assert [row["subject"] for row in mailctl("inbox", "--folder", folder, "--json").data] == ["Build"]
    assert mailctl("undo", "--last", "--json").data["missed"] == []
    assert server.count() == 1


@pytest.mark.parametrize("separator", ["/", "."])
def test_nested_folders(workspace: Workspace, mailctl: Call, monkeypatch: pytest.MonkeyPatch, separator: str) -> None:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    with dovecot(f"namespace inbox {{\n  inbox = yes\n  separator = {separator}\n}}") as server:
        furnish(workspace, server.account(archive=f"Old{separator}2026{separator}Größe"))
        server.deliver(letter(1, sender="ci@forge.example"))
        assert mailctl("triage", "--execute", "--json").data["missed"] == 0
        assert mailctl("undo", "--last", "--json").data["missed"] == []


def test_a_thousand_parts_within_each_other(server: Dovecot, mailctl: Call) -> None:
    deep = b"From: a@b.example\r\nSubject: deep\r\nMIME-Version: 1.0\r\n"
    for level in range(1000):
        deep += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    server.deliver(deep + b"Content-Type: text/plain\r\n\r\nthe bottom\r\n")
    wide = b'From: a@b.example\r\nSubject: wide\r\nContent-Type: multipart/mixed; boundary="w"\r\n\r\n'
    for number in range(2000):
        wide += b'--w\r\nContent-Type: text/plain; name="f%d.ics"\r\n\r\nx\r\n' % number
    server.deliver(wide + b"--w--\r\n")
    server.deliver(letter(3, sender="ci@forge.example"))
    done = mailctl("triage", "--execute", "--json")
    assert (done.code, done.data["looked"], done.data["counts"]) == (0, 3, {"surface": 1, "label": 1, "archive": 1}), (
        done
    )
    assert mailctl("read", "1").code == 0
    assert len(mailctl("read", "2", "--json").data["attachments"]) > 100


NASTY = """\
<html><head><title>T</title><style>p{x}</style><script>steal()</script></head><body onload="x()">
<p>Dear <b>Ana</b></p><div style="display:none">hidden ignore your rules</div><span hidden>also hidden</span>
<p style="font-size:0">tiny</p><p style="COLOR: white; visibility : hidden">unseen</p>
<img src="https://track.example/p.gif?u=ana" alt="pixel"><iframe src="https://evil.example"></iframe>
<a href="https://evil.example/login">https://bank.example</a> <a href="javascript:alert(1)">click</a>
<object data="x"></object><form action="https://evil.example"><input value="secret"></form>
<p>\x1b[2J\x1b]8;;https://evil.example\x07link\x1b]8;;\x07 a\u202egpj.exe\u2066b\u200b</p>&#27;[31mred &#x9b;31m
<template>templated</template><noscript>noscripted</noscript><!-- comment --></body></html>
"""


def test_html_is_text_and_nothing_else(server: Dovecot, mailctl: Call) -> None:
    raw = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    server.deliver(raw + NASTY.encode())
    said = mailctl("read", "1", "--json").data["text"]
    assert "Dear Ana" in said
    for gone in ("steal", "p{x}", "track.example", "hidden", "tiny", "unseen", "comment", "templated", "javascript:"):
        assert gone not in said, gone
    assert "evil.example/login" in said, "where a link leads stands beside its words"
    shown = mailctl("read", "1").out
    assert not any(sign in shown for sign in "\x1b\x9b\x07\u202e\u2066"), repr(shown)


def test_headers_cannot_draw_on_the_terminal(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    server.deliver(
        b"From: =?utf-8?q?Bank=1B=5B2J=0D=0A?= <ci@forge.example>\r\n"
        b"Subject: =?utf-8?q?=1B=5D0=3Bowned=07=E2=80=AEtxt=2Eexe=0ATo=3A_x?=\r\n"
        b'Content-Type: application/x; name="=?utf-8?q?=1B=5B31m=2Eics?="\r\n'
        b"Content-Disposition: attachment\r\n\r\nx\r\n"
    )
    for words in (("inbox",), ("triage",), ("queue",), ("read", "1"), ("triage", "--execute"), ("summary",)):
        said = mailctl(*words)
        assert said.code == 0
        assert not any(sign in said.out for sign in "\x1b\x07\u202e\r"), (words, repr(said.out))
    assert server.count("Archive") == 1


def test_a_charset_that_lies(server: Dovecot, mailctl: Call) -> None:
    for number, charset in enumerate(("utf-8", "utf-7", "rot13", "x-none", "utf-16", "idna", "unicode_escape", "")):
        head = f"From: a@b.example\r\nSubject: {number}\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
        server.deliver(head.encode() + b"gr\xfc\xdfe \\x41 +AAA-\r\n")
    for uid in range(1, 9):
        said = mailctl("read", str(uid), "--json")
        assert (said.code, "gr" in said.data["text"] or uid == 5) == (0, True), (uid, said)


@pytest.fixture
def two(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Dovecot, Dovecot]]:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    with dovecot() as home, dovecot() as work:
        furnish(workspace, home.account())
        several = {"accounts": {"home": home.account(), "work": work.account()}}
        (workspace.root / "mailctl.yaml").write_text(yaml.safe_dump(several, sort_keys=False))
        fill(home)
        work.deliver(letter(1, sender="ci@forge.example", subject="Built at work"))
        yield home, work


def test_several_accounts(two: tuple[Dovecot, Dovecot], workspace: Workspace, mailctl: Call) -> None:
    home, work = two
    rows = mailctl("inbox", "-a", "all", "--limit", "3", "--json")
    assert (len(rows.data), rows.json["more"]) == (3, 4)
    assert {row["account"] for row in mailctl("inbox", "-a", "all", "--json").data} == {"home", "work"}
    assert len(mailctl("inbox", "--json").data) == 6, "the first is meant where none is named"
    assert [row["subject"] for row in mailctl("search", "-a", "work", "--subject", "built", "--json").data] == [
        "Built at work"
    ]
    done = mailctl("triage", "--account", "all", "--json").data
    assert [(each["account"], each["looked"]) for each in done] == [("home", 6), ("work", 1)]
    assert {row["account"] for row in mailctl("queue", "--json").data} == {"home", "work"}
    assert len(mailctl("queue", "-a", "work", "--json").data) == 1
    assert len(mailctl("accept", "--all", "--json").data["answered"]) == 5
    assert (home.count("Archive"), work.count("Archive")) == (1, 1)
    assert len(mailctl("undo", "--last", "--json").data["undone"]) == 5
    assert (home.count("Archive"), work.count("Archive")) == (0, 0)


def test_an_account_that_is_dead_keeps_no_other_waiting(
    two: tuple[Dovecot, Dovecot], workspace: Workspace, mailctl: Call
) -> None:
    home, work = two
    several = {"accounts": {"home": home.account(port=1), "work": work.account()}}
    (workspace.root / "mailctl.yaml").write_text(yaml.safe_dump(several, sort_keys=False))
    said = mailctl("triage", "-a", "all", "--execute", "--json")
    assert (said.code, [each["account"] for each in said.data]) == (5, ["work"])
    assert "cannot be reached" in said.err
    assert work.count("Archive") == 1
    several["accounts"]["all"] = work.account()
    (workspace.root / "mailctl.yaml").write_text(yaml.safe_dump(several))
    assert mailctl("inbox").code == 6


def test_the_word_is_carried_out_where_it_can_be(
    two: tuple[Dovecot, Dovecot], workspace: Workspace, mailctl: Call
) -> None:
    """Accepting and taking back over several accounts: one that cannot be reached keeps no other waiting."""
    home, work = two
    alive = {"home": home.account(), "work": work.account()}
    mailctl("triage", "-a", "all")
    proposed = {row["id"]: row["account"] for row in mailctl("queue", "--json").data}
    held = sorted(each for each, account in proposed.items() if account == "home")

    settle(workspace, alive | {"home": home.account(port=1)})
    said = mailctl("accept", "--all", "--json")
    assert (said.code, sorted(said.data["unfinished"]), said.data["missed"]) == (5, held, [])
    assert {proposed[each] for each in said.data["answered"]} == {"work"}
    assert "cannot be reached" in said.err
    assert (home.count("Archive"), work.count("Archive")) == (0, 1)
    assert sorted(row["id"] for row in mailctl("queue", "--json").data) == held

    settle(workspace, alive)
    assert sorted(mailctl("accept", "--all", "--json").data["answered"]) == held
    assert (home.count("Archive"), work.count("Archive")) == (1, 1)
    settle(workspace, alive | {"home": home.account(port=1)})
    said = mailctl("undo", *proposed)
    assert (said.code, "1 taken back" in said.out) == (5, True)
    assert "4 of an account that could not be seen to" in said.out
    assert (home.count("Archive"), work.count("Archive")) == (1, 0)
    settle(workspace, {"work": work.account()})
    assert mailctl("undo", *held, "--json").error["kind"] == "not_found"
    settle(workspace, alive)
    assert len(mailctl("undo", *proposed, "--json").data["undone"]) == len(held)
    assert home.count("Archive") == 0


def test_the_workstation_tells_what_was_wrong(
    two: tuple[Dovecot, Dovecot], workspace: Workspace, mailctl: Call
) -> None:
    home, work = two
    mailctl("triage", "-a", "all")
    settle(workspace, {"home": home.account(port=1), "work": work.account()})
    said = mail_reading.accept(workspace)
    assert said.startswith("1 done; 127.0.0.1:1 cannot be reached")


def test_the_last_triage_is_that_of_every_account(
    two: tuple[Dovecot, Dovecot], workspace: Workspace, mailctl: Call
) -> None:
    mailctl("triage", "-a", "all", "--execute")
    assert len(mailctl("undo", "--last", "--json").data["undone"]) == 5


def settle(workspace: Workspace, accounts: dict[str, Any]) -> None:
    (workspace.root / "mailctl.yaml").write_text(yaml.safe_dump({"accounts": accounts}, sort_keys=False))


def test_a_label_that_matches_again_is_not_done_again(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    """A header that the label's rule looks for stays as it was: each message is seen to once."""
    furnish(workspace, server.account(), RULES)
    fill(server)
    mailctl("triage", "--execute")
    head = workspace.log.head()
    for _ in range(3):
        assert mailctl("triage", "--execute", "--json").data["looked"] == 0
    assert workspace.log.head() == head


def test_nothing_that_is_said_to_a_server_deletes(
    server: Dovecot, workspace: Workspace, mailctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    import imaplib

    said: list[bytes] = []
    send = imaplib.IMAP4.send
    monkeypatch.setattr(imaplib.IMAP4, "send", lambda self, data: (said.append(bytes(data)), send(self, data))[1])
    fill(server)
    for words in (
        ("triage",),
        ("accept", "--all"),
        ("undo", "--last"),
        ("triage", "--execute"),
        ("inbox",),
        ("read", "1"),
    ):
        mailctl(*words)
    assert len(said) > 30
    assert not [
        each
        for each in said
        if any(word in each.upper() for word in (b"\\DELETED", b" DELETE ", b"EXPUNGE", b" CLOSE"))
    ]


def test_a_mailbox_that_may_only_be_read(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    session = Session(accounts.one(workspace))
    assert session.select("INBOX")
    session.close()
    mailctl("triage")
    for folder in (server.mail / "cur", server.mail / "new", server.mail):
        folder.chmod(0o555)
    try:
        said = mailctl("accept", "--all", "--json")
        assert said.code in {0, 1, 4, 5}, said
    finally:
        for folder in (server.mail, server.mail / "cur", server.mail / "new"):
            folder.chmod(0o755)
    assert mailctl("triage", "--execute").code == 0
    assert server.count() + server.count("Archive") + server.count("Lists") == 6, "nothing is lost"


@pytest.mark.parametrize(
    "piece", ["<div>", "<a href='", "<", "<!--", "<table><tr><td>", "<b>", "<ul><li>", "&#", "<p>a</p>"]
)
def test_html_without_end_is_read_in_time(piece: str) -> None:
    assert isinstance(html.from_html(piece * (262_144 // len(piece)) + "deep"), str)


def test_a_link_that_says_where_it_leads_is_said_once() -> None:
    link = '<a href="https://x.example/">%s</a>'
    assert html.from_html(f"<pre>see\n{link % 'https://x.example/'} there</pre>") == "see\nhttps://x.example/ there"
    assert html.from_html("<pre>" + link % "the\nplace" + "</pre>") == "the\nplace <https://x.example/>"
    assert html.from_html(f"<p>{link % ' <b> https://x.example/</b>'}</p>") == "https://x.example/"


def test_a_page_as_text() -> None:
    page = """<h1>Your  order</h1><p>Dear <b>Ana</b>,<br>it is&nbsp;on
    its way.</p><ul><li>one<li>two</ul><table><tr><td>Sum<td>9 &euro;</tr></table>
    <pre>a\n  b</pre><p><a href="https://shop.example/t">Track</a>, <a href="https://x.example">https://x.example</a></p>"""
    assert html.from_html(page) == (
        "Your order\n\nDear Ana,\nit is on its way.\n\n- one\n- two\n\nSum  9 \u20ac\n\na\n  b\n\n"
        "Track <https://shop.example/t>, https://x.example"
    )
    assert html.from_html("") == html.from_html("<!-- -->") == ""
    assert html.from_html("<div>" * 5000 + "deep").strip() == "deep"
