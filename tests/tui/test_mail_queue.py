"""The mail triage queue of the Schedule screen, against a real server: accept, refuse, undo, read; never in the way."""

from __future__ import annotations

import socket
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.cron import commands as cron
from halo_engine.errors import Unavailable
from halo_engine.mail import accounts, answering, queries
from halo_engine.mail.operations import demo
from halo_engine.mail.reading import Attachment, Letter
from halo_engine.mail.triage import triage
from halo_engine.workspace import Workspace
from halo_tui import mail_reading
from halo_tui.present import mail
from halo_tui.present.ink import width
from tests.mail.conftest import RULES, fill, furnish, letter
from tests.mail.server import PASSWORD, dovecot, needs_dovecot
from tests.tui.conftest import desk
from tests.tui.test_present import NOW

KEYS = ("right", "right", "right")


@pytest.fixture
def server(workspace: Workspace, monkeypatch):
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    with dovecot() as found:
        furnish(workspace, found.account())
        fill(found)
        found.deliver(
            letter(7, sender="ci@forge.example", subject="Build failed", text="Line one\n\x1b[31mred\x1b]0;x\x07")
        )
        triage(workspace, accounts.one(workspace), execute=False)
        yield found


def states(workspace: Workspace) -> dict[str, str]:
    return {row.subject: row.state for row in queries.queue(workspace, states=tuple(mail.STATES))[0]}


async def pick(at, subject: str) -> None:
    """Put the cursor on a message."""
    rows = at.app.page_now.queue.messages
    at.app.page_now.mail.go_to(next(name for name, row in rows.items() if row.subject == subject))
    await at.settle()


@needs_dovecot
async def test_accept_refuse_undo(workspace, server):
    async with desk(workspace, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "Mail 5 wait" in at.screen and "machines talk" in at.screen)
        await pick(at, "Build passed")
        await at.press("a")
        await at.until(lambda: states(workspace)["Build passed"] == "done" and "Mail 4 wait" in at.screen)
        assert at.app.deeds[-1].line.startswith("mailctl accept ")
        assert server.count("Archive") == 1
        await pick(at, "a list")
        await at.press("x")
        await at.until(lambda: states(workspace)["a list"] == "refused" and "Mail 3 wait" in at.screen)
        await pick(at, "Build passed")
        await at.press("u")
        await at.until(lambda: states(workspace)["Build passed"] == "undone")
        assert server.count("Archive") == 0
        await at.until(lambda: "taken back" in at.said)


@needs_dovecot
async def test_keys_in_a_row_are_done_one_after_the_other(workspace, server):
    async with desk(workspace, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "Mail 5 wait" in at.screen)
        await at.pilot.press("a", "a", "a")
        await at.until(lambda: list(states(workspace).values()).count("done") == 3, 20)
        await at.pilot.press("A")
        await at.until(lambda: set(states(workspace).values()) == {"done"}, 20)
        assert {deed.outcome for deed in at.app.deeds} <= {"done", ""}
        assert at.app.deeds[-1].line == "mailctl accept --all"


@needs_dovecot
async def test_a_message_is_read_as_text(workspace, server):
    async with desk(workspace, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "Mail 5 wait" in at.screen)
        await pick(at, "Build failed")
        await at.press("enter")
        await at.until(lambda: "Line one" in at.screen)
        assert "\x1b" not in at.screen
        assert "·[31mred·]0;x·" in at.screen
        await at.press("escape")
        assert at.app.page_now.mail.has_focus


@needs_dovecot
async def test_new_mail_is_looked_for(workspace, server):
    server.deliver(letter(8, sender="ci@forge.example", subject="Build 9"))
    async with desk(workspace, screen="schedule") as at:
        await at.press("m")
        await at.until(lambda: "Build 9" in at.screen)
        assert at.app.deeds[-1].line == "mailctl triage --account all"
        await at.until(lambda: "6 wait" in at.said)


@needs_dovecot
async def test_a_server_that_is_silent_is_not_in_the_way(workspace, server):
    """It takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (workspace.root / "mailctl.yaml").write_text(
            "timeout: 3\naccounts: {home: {host: 127.0.0.1, user: ana, password: 'env:HALO_TEST_MAIL', tls: none, "
            f"port: {silent.getsockname()[1]}}}}}\n"
        )
        async with desk(workspace, screen="schedule") as at:
            await at.pilot.press(*KEYS)
            await at.until(lambda: "Mail 5 wait" in at.screen)
            first = at.app.page_now.mail.key
            await at.pilot.press("enter", "escape", "a")
            await at.until(lambda: at.app.page_now._under_way == {first})
            await at.until(lambda: at.app.page_now.mail.key != first)
            await at.pilot.press("down")
            assert at.app.page_now.mail.cursor == 2, "keys answer while the server does not"
            await at.until(lambda: "cannot be reached" in at.said, 20)
            assert set(states(workspace).values()) == {"waiting"}
            await at.until(lambda: not at.app.page_now._under_way)


async def test_without_an_account_it_says_what_to_do(workspace):
    async with desk(workspace, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "no mail account is known yet" in at.screen and "mailctl.yaml" in at.screen)
        furnish(workspace, {"host": "127.0.0.1", "user": "a", "password": "env:X"})
        await at.press("left", "right")
        at.app.page_now.refresh_view()
        await at.until(lambda: "nothing waits for your word" in at.screen)
        (workspace.root / "mail" / "rules.yaml").write_text(RULES.replace("action: skip", "action: delete"))
        at.app.page_now.refresh_view()
        await at.until(lambda: "rules.yaml" in at.screen and "delete" in at.screen)


async def test_the_keys_of_the_queue_do_not_touch_what_is_not_seen(workspace):
    async with desk(workspace, screen="schedule") as at:
        await at.press("a")
        await at.until(lambda: at.app.page_now.section == "mail")
        assert at.app.deeds == []


@pytest.fixture
def sampled(workspace: Workspace) -> Workspace:
    demo(workspace, Random(7))
    return workspace


async def test_all_that_wait_are_counted_also_those_that_do_not_show(sampled, monkeypatch):
    monkeypatch.setattr(mail_reading, "SHOWN", 2)
    async with desk(sampled, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "Mail 3 wait" in at.screen and "mail 3" in at.screen)
        assert len(at.app.page_now.mail.order) == 2
        await at.until(lambda: "5 more" in at.screen)


async def test_a_filter_hides_and_forgets_nothing(sampled):
    async with desk(sampled, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "Mail 3 wait" in at.screen)
        at.app.page_now.filter_to("power")
        await at.until(lambda: len(at.app.page_now.mail.order) == 1)
        assert "Mail 3 wait" in at.screen
        assert "Your invoice" in at.screen
        at.app.page_now.filter_to("nobody wrote this")
        await at.until(lambda: "nothing matches the filter" in at.screen)
        assert "nothing waits" not in at.screen
        await at.press("A")
        assert "clear the filter first" in at.said
        await at.press("escape")
        await at.until(lambda: len(at.app.page_now.mail.order) > 3)


async def test_the_queue_is_read_again_only_when_mail_has_changed(sampled, monkeypatch):
    reads: list[int] = []
    queue = mail_reading.queue
    monkeypatch.setattr(mail_reading, "queue", lambda workspace: reads.append(1) or queue(workspace))
    async with desk(sampled, screen="schedule") as at:
        await at.press(*KEYS)
        await at.until(lambda: "Mail 3 wait" in at.screen)
        await at.settle()
        before, jobs = len(reads), len(at.app.page_now.found.jobs)
        cron.add(sampled, "backup", {"schedule": "30 2 * * *", "command": "true"})
        await at.until(lambda: len(at.app.page_now.found.jobs) == jobs + 1)
        assert len(reads) == before
        (row, *_), _ = queries.queue(sampled)
        answering.refuse(sampled, [row])
        await at.until(lambda: "Mail 2 wait" in at.screen)


@given(text=st.text(max_size=300), name=st.text(max_size=40), columns=st.integers(12, 90))
def test_no_letter_breaks_out_of_the_pane(text, name, columns):
    made = Letter(1, "a", "INBOX", MESSAGE.date, text, text, text, 9, True, [Attachment(name, name, 1)], text, True)
    for letter_ in (made, Unavailable(text, name), None):
        row = MESSAGE.with_(sender=text, subject=name, reason=text)
        lines = mail.page(row, letter_, NOW, columns, {"accept": "a"}, reading=True)
        assert all(width(line) <= columns for line in lines)
        shown = "".join(run for line in lines for run, _ in line)
        assert not any(sign in shown for sign in "\x1b\x07\x9b\u202e\u2066\r\n")


MESSAGE = queries.Message(
    "a1", 1, "", "home", "INBOX", "INBOX", 1, 1, "", "", "", "2026-11-20T10:00:00.000000Z", "archive", "r", "",
    "Archive", "waiting", "2026-11-20T10:00:00.000000Z",
)  # fmt: skip


def test_a_text_without_a_blank_is_broken_in_time():
    made = Letter(1, "a", "INBOX", MESSAGE.date, "", "", "", 9, False, [], "ä" * 262_144, False)
    assert 300 < len(mail.page(MESSAGE, made, NOW, 80, {}, reading=False)) < 600
