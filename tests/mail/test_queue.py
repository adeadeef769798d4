"""The queue: what triage proposes waits for a word; accepted it is done, refused it is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.digest import Window
from halo_engine.events.store import rebuild
from halo_engine.mail import accounts, digest, queries
from halo_engine.mail.projection import mail
from halo_engine.mail.session import Session
from halo_engine.workspace import Workspace
from tests.mail.conftest import RULES, fill, furnish, letter
from tests.mail.server import Dovecot, needs_dovecot
from tests.mail.test_triage import keywords

pytestmark = needs_dovecot
Call = Callable[..., Any]


def waiting(mailctl: Call, *words: str) -> dict[str, str]:
    """Subject -> id."""
    return {row["subject"]: row["id"] for row in mailctl("queue", "--json", *words).data}


def test_what_triage_proposes_waits_once(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    mailctl("triage")
    found = waiting(mailctl)
    assert set(found) == {"Your invoice of May", "Build passed", "a list", "meet"}
    head = workspace.log.head()
    assert mailctl("triage", "--json").data["looked"] == 6, "it says again what it would do"
    assert (workspace.log.head(), waiting(mailctl), server.count()) == (head, found, 6)
    row = next(row for row in mailctl("queue", "--json").data if row["subject"] == "Build passed")
    assert (row["rule"], row["reason"]) == ("forge", "machines talk (domain mail.forge.example)")
    shown = mailctl("queue").out
    assert "Build passed" in shown
    assert "machines talk (domain mail.forge.exampl…" in shown, "what is cut has a sign"


def test_a_dry_run_proposes_nothing(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    assert mailctl("triage", "--dry-run").code == 0
    assert (workspace.log.head(), waiting(mailctl)) == (0, {})


def test_accepted_is_done_and_undone(server: Dovecot, workspace: Workspace, mailctl: Call) -> None:
    fill(server)
    mailctl("triage")
    found = waiting(mailctl)
    said = mailctl("accept", found["Build passed"][:8], found["meet"], "--json")
    assert (said.code, set(said.data["answered"])) == (0, {found["Build passed"], found["meet"]})
    assert (server.count(), server.count("Archive")) == (5, 1)
    assert keywords(workspace)["meet"] == ("calendar",)
    assert set(waiting(mailctl)) == {"Your invoice of May", "a list"}
    again = mailctl("accept", found["meet"], "--json")
    assert (again.code, again.data) == (0, {"answered": [], "missed": [], "left": 1, "unfinished": []})
    assert mailctl("undo", "--last", "--json").code == 0
    assert (server.count(), keywords(workspace)["meet"]) == (6, ())
    assert mailctl("accept", found["Build passed"], "--json").data["missed"] == [], "changed their mind once more"
    assert server.count("Archive") == 1
    rows = queries.queue(workspace, states=("waiting", "done", "undone"))
    rebuild(workspace, mail)
    assert queries.queue(workspace, states=("waiting", "done", "undone")) == rows


def test_accept_all_and_what_is_gone(server: Dovecot, mailctl: Call, workspace: Workspace) -> None:
    fill(server)
    mailctl("triage")
    found = waiting(mailctl)
    session = Session(accounts.one(workspace))
    session.require("INBOX", readonly=False)
    session.ensure("Elsewhere")
    session.transfer([2], "Elsewhere")
    session.close()
    said = mailctl("accept", "--all", "--json")
    assert (said.code, said.data["missed"]) == (1, [found["Build passed"]])
    assert (server.count(), server.count("Lists"), server.count("Archive")) == (4, 1, 0)
    assert waiting(mailctl) == {}
    assert mailctl("accept", "--all", "--json").data["answered"] == []
    assert waiting(mailctl, "--state", "missed") == {"Build passed": found["Build passed"]}


def test_refused_is_remembered(server: Dovecot, mailctl: Call, workspace: Workspace) -> None:
    fill(server)
    mailctl("triage")
    found = waiting(mailctl)
    name = found.pop("Build passed")
    assert mailctl("refuse", name).code == 0
    head = workspace.log.head()
    assert mailctl("refuse", name).code == 0
    assert workspace.log.head() == head
    mailctl("triage")
    assert waiting(mailctl) == found
    mailctl("triage", "--execute")
    assert (server.count("Archive"), server.count("Lists")) == (0, 1), "not even with --execute"
    assert mailctl("refuse", found["a list"], "--json").error["kind"] == "not_allowed", "it is done already"
    assert mailctl("accept", name).code == 0
    assert server.count("Archive") == 1


def test_other_rules_propose_something_else(server: Dovecot, mailctl: Call, workspace: Workspace) -> None:
    fill(server)
    mailctl("triage")
    furnish(workspace, server.account(), RULES.replace("action: archive\n    reason", "action: skip\n    reason"))
    mailctl("triage")
    assert set(waiting(mailctl)) == {"Your invoice of May", "a list", "meet"}


def test_what_left_the_folder_is_proposed_no_more_until_it_is_back(
    server: Dovecot, mailctl: Call, workspace: Workspace
) -> None:
    fill(server)
    mailctl("triage")
    session = Session(accounts.one(workspace))
    session.require("INBOX", readonly=False)
    session.ensure("Elsewhere")
    session.transfer([2], "Elsewhere")
    mailctl("triage")
    assert "Build passed" not in waiting(mailctl)
    session.require("Elsewhere", readonly=False)
    session.transfer([1], "INBOX")
    session.close()
    mailctl("triage")
    name = waiting(mailctl)["Build passed"]
    assert mailctl("accept", name, "--json").data["missed"] == []


def test_a_folder_that_was_made_anew(server: Dovecot, mailctl: Call, workspace: Workspace) -> None:
    """Another UIDVALIDITY: no number that was known means anything any more."""
    fill(server)
    mailctl("triage")
    found = waiting(mailctl)
    mailctl("accept", found["meet"])
    for file in server.mail.glob("dovecot*"):
        file.unlink()
    uidvalidity = server.mail / "dovecot-uidvalidity"
    uidvalidity.write_text("7fffffff")
    server.deliver(letter(99, sender="ci@forge.example", subject="new"))
    assert mailctl("accept", found["Build passed"], "--json").data["missed"] == []
    assert server.count("Archive") == 1
    mailctl("triage")
    assert set(waiting(mailctl)) == {"Your invoice of May", "a list", "new"}
    assert mailctl("undo", found["Build passed"], "--json").data["missed"] == []
    assert (server.count(), server.count("Archive")) == (7, 0)


def test_the_queue_answers_without_its_server(server: Dovecot, mailctl: Call, workspace: Workspace) -> None:
    fill(server)
    mailctl("triage")
    furnish(workspace, server.account(port=1))
    found = waiting(mailctl)
    assert len(found) == 4
    assert mailctl("accept", found["meet"]).code == 5
    assert len(waiting(mailctl)) == 4, "nothing was begun"
    assert mailctl("refuse", found["meet"]).code == 0


def test_what_waits_is_told_in_the_morning(server: Dovecot, mailctl: Call, workspace: Workspace) -> None:
    fill(server)
    mailctl("triage")
    (section,) = digest.briefing(workspace, Window("2000", "9000", "9000"))
    assert [point.text for point in section.points] == [
        "mum@example.com: How are you?",
        "4 messages waiting for your word",
    ]


def test_bad_words(server: Dovecot, mailctl: Call) -> None:
    assert mailctl("accept").code == 2
    assert mailctl("refuse", "abcd", "--all").code == 2
    assert mailctl("accept", "nothing").code == 3
    assert "mailctl triage" in mailctl("queue").out
