"""Rules, text and answers, without a server: what is wrong is named, and nothing that a sender writes is fatal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from halo_engine import clock
from halo_engine.errors import BadConfig
from halo_engine.mail import accounts, text
from halo_engine.mail.covering import covers
from halo_engine.mail.deciding import NeedsText, matched
from halo_engine.mail.html import from_html
from halo_engine.mail.messages import _received, mail_of
from halo_engine.mail.patterns import Match
from halo_engine.mail.responses import messages, parts
from halo_engine.mail.rules import load
from halo_engine.workspace import Workspace
from tests.mail.conftest import RULES, letter

Call = Callable[..., Any]
GOOD = "rules:\n  - {name: a, action: archive, match: {domain: a.example}}\n"


def write(workspace: Workspace, rules: str) -> None:
    (workspace.root / "mail").mkdir(exist_ok=True)
    (workspace.root / "mail" / "rules.yaml").write_text(rules)


def test_what_a_rule_can_do_is_said_where_it_cannot(workspace: Workspace) -> None:
    write(workspace, "rules:\n  - {name: a, action: delete, match: {domain: a.example}}\n")
    with pytest.raises(BadConfig) as wrong:
        load(workspace)
    assert "surface, label" in wrong.value.hint
    assert set(re.findall(r"[a-z]+", wrong.value.hint.partition("match:")[2])) == {
        field.encode_name for field in msgspec.structs.fields(Match)
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{name: b, action: archive, match: {domain: b.a.example}}", "3: rules.1: can never match: 'a' before it"),
        ("{name: b, action: skip, match: {domain: [a.example], subject: x}}", "3: rules.1: can never match"),
        ("{name: a, action: skip, match: {subject: x}}", "3: rules.1: there is a rule 'a' already"),
        ("{name: b, action: delete, match: {}}", "3: rules.1.action"),
        ("{name: b, action: skip, match: {sender: x}}", "rules.1.match.sender: no such setting"),
        ("{name: b, action: skip, match: {subject: ' '}}", "3: rules.1.match: an empty pattern for subject"),
        ("{name: b, action: skip, match: {subject: '...'}}", "has no word in it"),
        ("{name: b, action: skip, match: {from: 'x[y'}}", "has a [ without its ]"),
        ("{name: b, action: skip, match: {domain: 'x@y'}}", "is no domain"),
        ("{name: b, action: skip, match: {header: {'a b': x}}}", "is no name of a header"),
        ("{name: b, action: skip, match: {from: 'x@y.example', domain: z.example}}", "can never match: no sender"),
        ("{name: b, action: label, match: {}}", "3: rules.1: label: the action"),
        ("{name: b, action: label, label: '\\Deleted', match: {}}", "3: rules.1.label"),
        ("{name: b, action: skip, folder: x, match: {}}", "folder: only the action"),
    ],
)
def test_a_wrong_rule_is_named_with_its_line(workspace: Workspace, line: str, says: str) -> None:
    write(workspace, f"{GOOD}  - {line}\n")
    with pytest.raises(BadConfig) as wrong:
        load(workspace)
    assert says in wrong.value.message
    assert "rules.yaml:3" in wrong.value.message


@pytest.mark.parametrize(
    ("upper", "lower", "does"),
    [
        ({}, {"subject": "x"}, True),
        ({"subject": "x"}, {}, False),
        ({"from": "*@a.example"}, {"from": "ana@a.example"}, True),
        ({"from": "ana@a.example"}, {"from": "*@a.example"}, False),
        ({"from": ["a@x.example", "b@x.example"]}, {"from": "b@x.example"}, True),
        ({"from": "b@x.example"}, {"from": ["a@x.example", "b@x.example"]}, False),
        ({"subject": "order"}, {"subject": "your Order today"}, True),
        ({"subject": "order"}, {"subject": "border"}, False),
        ({"header": {"X-Spam": "*"}}, {"header": {"x-spam": "yes"}}, True),
        ({"domain": "b.example"}, {"domain": "ab.example"}, False),
    ],
)
def test_which_rule_takes_all_of_another(upper: dict[str, Any], lower: dict[str, Any], does: bool) -> None:
    assert covers(msgspec.convert(upper, Match), msgspec.convert(lower, Match)) is does


def mail(raw: bytes) -> Any:
    return mail_of("home", {"UID": b"1", "BODY[HEADER]<0>": raw.partition(b"\n\n")[0], "RFC822.SIZE": b"9"})


@pytest.mark.parametrize(
    ("match", "why"),
    [
        ({"from": "MUM@*"}, "from mum@example.com"),
        ({"from": ["x", "m?m@example.com"]}, "from mum@example.com"),
        ({"domain": "com", "subject": "a hello"}, None),
        ({"domain": "ample.com"}, None),
        ({"to": "ana@*"}, "to ana@example.com"),
        ({"subject": "HELLO"}, "the subject says 'hello'"),
        ({"subject": "hell"}, None),
        ({"list": "*"}, None),
        ({"header": {"message-id": "<1@*"}}, "message-id <1@test.example>"),
        ({"attachment": "*"}, None),
        ({}, "any message"),
    ],
)
def test_what_matches(match: dict[str, Any], why: str | None) -> None:
    assert matched(msgspec.convert(match, Match), mail(letter())) == why


def test_text_is_asked_for_only_when_all_else_holds() -> None:
    wanted = msgspec.convert({"subject": "hello", "body": "two words"}, Match)
    with pytest.raises(NeedsText):
        matched(wanted, mail(letter()))
    assert matched(wanted, mail(letter()), "so TWO\n words") == "the subject says 'hello', the text says 'TWO\\n words'"
    assert matched(wanted, mail(letter()), "two  wordss") is None
    assert matched(wanted, mail(letter(subject="bye"))) is None


def test_rules_from_the_command_line(workspace: Workspace, halo: Call, tmp_path: Path) -> None:
    assert halo("mail", "rules", "list").out == "no rules: everything is surfaced\n"
    words = ("mail", "rules", "add", "forge", "--domain", "forge.example", "--action", "archive")
    assert halo(*words, "--dry-run").code == 0
    assert load(workspace) == ()
    assert halo(*words).code == 0
    file = workspace.root / "mail" / "rules.yaml"
    file.write_text(f"# mine\n{file.read_text()}")
    assert (
        halo(
            "mail", "rules", "add", "bills", "--subject", "invoice", "--action", "label", "--label", "bills", "--first"
        ).code
        == 0
    )
    assert file.read_text().startswith("# mine")
    assert [rule.name for rule in load(workspace)] == ["bills", "forge"]
    assert halo(*words).code == 0, "the same again changes nothing"
    assert halo("mail", "rules", "add", "sub", "--domain", "x.forge.example", "--action", "skip").code == 2
    assert halo("mail", "rules", "add", "none", "--action", "skip").code == 2
    (tmp_path / "m.eml").write_bytes(letter(sender="ci@forge.example"))
    assert (
        halo("mail", "rules", "test", str(tmp_path / "m.eml")).out
        == "rule forge: archive Archive (domain forge.example)\n"
    )
    assert [event.type for event in workspace.log.read()] == ["mail.rule.added"] * 2


def test_a_file_is_tested_by_its_text(workspace: Workspace, halo: Call, tmp_path: Path) -> None:
    write(workspace, RULES)
    (tmp_path / "m.eml").write_bytes(letter(text="out of office"))
    assert halo("mail", "rules", "test", str(tmp_path / "m.eml"), "--json").data["rule"] == "holiday"


@pytest.mark.parametrize(
    "settings",
    [
        "{host: h, user: u}",
        "{host: h, user: u, password: a, token: b}",
        "{host: h, user: u, password: 'env:X', tls: no}",
    ],
)
def test_a_wrong_account_is_named(workspace: Workspace, settings: str) -> None:
    (workspace.root / "mailctl.yaml").write_text(f"accounts:\n  home: {settings}\n")
    with pytest.raises(BadConfig, match=r"mailctl.yaml:2: accounts.home"):
        accounts.every(workspace)


def test_html_is_text_without_what_runs_or_loads() -> None:
    html = "<style>p{}</style><script>evil()</script><p>Dear <b>Ana</b>, <a href='http://x.example/y'>pay</a><img src=http://z>"
    found = from_html(html)
    assert "Dear Ana, pay <http://x.example/y>" in found
    assert "evil" not in found
    assert "http://z" not in found


@settings(deadline=None)
@given(some.text(max_size=300))
@example("<ol start=x><li>y</ol>&#99999999999;&#x110000;")
@example("<table>" * 500 + "<a href=" * 50)
@example("<![if x")
def test_any_html_becomes_text(html: str) -> None:
    assert isinstance(text.body(html.encode("utf-8", "replace"), "", "utf-8", "text/html"), str)


@given(
    some.binary(max_size=200),
    some.sampled_from(["base64", "quoted-printable", "8bit", "x-uuencode"]),
    some.text(max_size=8),
)
@example(b"x", "8bit", "rot13")
@example(b"x", "8bit", "idna")
@example(b"x", "8bit", "\0")
def test_any_body_becomes_text(raw: bytes, encoding: str, charset: str) -> None:
    assert isinstance(text.body(raw, encoding, charset, "text/plain"), str)


@given(
    some.one_of(
        some.binary(max_size=200), some.from_regex(rb"(=\?[\w-]{1,8}\?[bBqQx]\?[^\n]{0,30}\?= ?)+", fullmatch=True)
    )
)
def test_any_header_becomes_text(raw: bytes) -> None:
    assert isinstance(text.decoded(raw), str)
    found = mail(b"From: " + raw + b"\nTo: " + raw + b"\nList-Id: " + raw)
    matched(msgspec.convert({"from": "*", "domain": "x", "to": "*", "list": "*"}, Match), found)


@given(
    some.lists(some.one_of(some.binary(max_size=80), some.tuples(some.binary(max_size=80), some.binary(max_size=20))))
)
@example([b"1 (UID 5 BODYSTRUCTURE (((((", (b"2 (UID 6 X {3}", b"a(b"), b")"])
def test_any_answer_is_read_or_left_out(answer: list[Any]) -> None:
    for item in messages(answer):
        list(parts(item.get("BODYSTRUCTURE")))


def test_an_answer_with_literals_and_parts() -> None:
    head = b"1 (UID 5 FLAGS (\\Seen bills) BODYSTRUCTURE ("
    head += b'("text" "html" ("charset" "utf-8") NIL NIL "base64" 12 1 NIL NIL NIL)'
    head += b'("application" "zip" ("name" {5}'
    rest = b') NIL NIL "base64" 99 NIL ("attachment" NIL) NIL) "mixed" ("boundary" "x")) BODY[HEADER]<0> {3}'
    (item,) = messages([(head, b"a).b "), (rest, b"x:y"), b")"])
    assert (item["UID"], item["FLAGS"], item["BODY[HEADER]<0>"]) == (b"5", [b"\\Seen", b"bills"], b"x:y")
    found = [
        (part.number, part.kind, part.charset, part.size, part.name, part.attached)
        for part in parts(item["BODYSTRUCTURE"])
    ]
    assert found == [("1", "text/html", "utf-8", 12, b"", False), ("2", "application/zip", "", 99, b"a).b ", True)]


def test_standard_input_is_tested(workspace: Workspace, halo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(letter())))
    assert "surface (no rule matches)" in halo("mail", "rules", "test", "-").out


def test_the_demo_needs_no_server(workspace: Workspace, halo: Call) -> None:
    from random import Random

    from halo_engine.mail.operations import demo, doctor, status

    with clock.held(clock.instant("2026-11-20T12:00:00.000000Z")):
        demo(workspace, Random(7))
    assert halo("mail", "summary", "--json").data["messages"] == 6
    assert ([check.evidence for check in status(workspace)], doctor(workspace)) == (
        ["3 messages waiting for your word"],
        [],
    )


@given(some.datetimes(timezones=some.just(UTC)), some.integers(-14 * 60, 14 * 60))
def test_when_a_message_was_received(time: datetime, minutes: int) -> None:
    there = time.replace(year=1000 + time.year % 9000, day=min(time.day, 28), microsecond=0)
    there = there.astimezone(timezone(timedelta(minutes=minutes)))
    said = f"{there:%e-%b-%Y %H:%M:%S %z}"
    assert _received(said.encode()) == clock.stamp(there.astimezone(UTC))


@pytest.mark.parametrize(
    "said", [b"", b"31-Feb-2026 10:00:00 +0000", b"1-Xyz-2026 10:00:00 +0000", b"nonsense", None, 7]
)
def test_a_date_that_is_none_is_now(said: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_NOW", "2026-11-20T14:02:11+00:00")
    assert _received(said) == "2026-11-20T14:02:11.000000Z"
