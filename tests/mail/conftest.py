"""A mail server, and a workspace that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
import yaml

from halo_engine.workspace import Workspace
from tests.mail.server import PASSWORD, Cutter, Dovecot, dovecot

RULES = """\
rules:
  - name: invoices
    match: {subject: [invoice, bill]}
    action: label
    label: bills
  - name: forge
    match: {domain: forge.example}
    action: archive
    reason: machines talk
  - name: lists
    match: {list: "*.lists.example"}
    action: archive
    folder: Lists
  - name: holiday
    match: {body: out of office}
    action: skip
  - name: calendar
    match: {attachment: "*.ics"}
    action: label
    label: calendar
"""


def letter(
    number: int = 1, sender: str = "mum@example.com", subject: str = "hello", text: str = "x", **headers: str
) -> bytes:
    made = EmailMessage()
    made["Message-ID"] = f"<{number}@test.example>"
    made["From"], made["To"], made["Subject"] = sender, "ana@example.com", subject
    made["Date"] = "Fri, 20 Nov 2026 10:00:00 +0000"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def fill(server: Dovecot) -> None:
    """One message for each rule, and two for none."""
    server.deliver(letter(1, subject="Your invoice of May"))
    server.deliver(letter(2, sender="Forge <ci@mail.forge.example>", subject="Build passed"))
    server.deliver(letter(3, List_Id="Halo <halo.lists.example>", subject="a list"))
    server.deliver(letter(4, text="I am Out  of\r\nOffice until Monday"))
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "ben@example.com", "meet", "<5@test.example>"
    made.set_content("see there")
    made.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="Treffen für alle.ics")
    server.deliver(made.as_bytes())
    server.deliver(letter(6, subject="How are you?"))


def furnish(workspace: Workspace, account: dict[str, Any], rules: str = RULES) -> None:
    (workspace.root / "mailctl.yaml").write_text(yaml.safe_dump({"accounts": {"home": account}}))
    (workspace.root / "mail").mkdir(exist_ok=True)
    (workspace.root / "mail" / "rules.yaml").write_text(rules)


@pytest.fixture
def server(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dovecot]:
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    with dovecot() as found:
        furnish(workspace, found.account())
        yield found


@pytest.fixture
def mailctl(halo: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: halo("mail", *words)


@pytest.fixture
def cut(server: Dovecot, workspace: Workspace) -> Iterator[Callable[..., Cutter]]:
    """`cut(b"MOVE", after=True)`: the way to the server hangs up when it sees that word."""
    made: list[Cutter] = []

    def make(words: bytes, **how: Any) -> Cutter:
        made.append(Cutter(server.port, words, **how))
        furnish(workspace, server.account(port=made[-1].port))
        return made[-1]

    yield make
    for each in made:
        each.close()
