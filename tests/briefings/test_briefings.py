"""A briefing says what the log says, is sent once, and goes on where it was cut off."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime, timedelta

import pytest

from halo_engine import clock
from halo_engine.alerts import commands as alerts
from halo_engine.alerts import queries as alert_queries
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import Severity
from halo_engine.briefings import commands, queries
from halo_engine.briefings.rendering import lines, rendered
from halo_engine.errors import BadConfig, NotAllowed, NotFound, Unavailable, Usage
from halo_engine.journal import commands as journal
from halo_engine.tasks import commands as tasks
from halo_engine.workspace import Workspace
from tests.channels.bot import TOKEN, Bot

MORNING = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
DAY = MORNING.date()
REFUSED = (403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"})


@pytest.fixture(autouse=True)
def morning():
    with clock.held(MORNING):
        yield


@pytest.fixture
def bot(workspace, monkeypatch):
    monkeypatch.setenv("HALO_TELEGRAM_TOKEN", TOKEN)
    with Bot() as server:
        (workspace.root / "briefing.yaml").write_text(f"telegram: {{chat: '7', base_url: '{server.url}'}}\n")
        yield server


def section(row, name):
    return next(each for each in row.sections if each.name == name)


def texts(row, name):
    return [point.text for point in section(row, name).points]


def types(workspace):
    return [event.type for event in workspace.log.stream(f"briefing/{DAY}")]


def test_work_that_waits_comes_with_its_reason(workspace):
    blocked = tasks.add(workspace, "Renew the domain").item.id
    tasks.start(workspace, blocked)
    tasks.block(workspace, blocked, "no card")
    late = tasks.add(workspace, "Answer the letter", due=clock.stamp(MORNING - timedelta(hours=1))).item.id
    row = commands.generate(workspace, DAY)
    assert texts(row, "work") == [
        "1 blocked, 1 open",
        f"{late} Answer the letter: open, past due",
        f"{blocked} Renew the domain: blocked (no card)",
    ]
    assert row.prose.startswith(f"Good morning. 1 thing needs you: {late} Answer the letter: open, past due.")
    assert "1 thing is worth a look" in row.prose


def test_what_is_open_and_answered_is_told_apart(workspace):
    first = alerts.raise_(workspace, Raising("error", "mum", "3 conflicts", Severity.CRITICAL, "mum")).alert.id
    second = alerts.raise_(workspace, Raising("spin", "s1", "like prompts")).alert.id
    alerts.acknowledge(workspace, second, "told it")
    row = commands.generate(workspace, DAY)
    assert [(point.text, point.state) for point in section(row, "alerts").points] == [
        (f"{first} error, mum: 3 conflicts", "wrong"),
        (f"{second} spin, like prompts (known: told it)", "note"),
    ]


def test_an_empty_workspace_is_quiet(workspace):
    row = commands.generate(workspace, DAY)
    assert row.prose == "Good morning. Nothing needs you. All is quiet."
    assert texts(row, "work") == []
    text = rendered(workspace, row, "text")
    assert "Quiet: alerts, fleet, work, overnight, jobs by the clock, schedule, tokens, mail and journal." in text
    assert "WORK" not in text, "a part of which there is nothing to tell takes one word"


def test_it_is_short_enough_for_a_phone_however_much_there_is(workspace):
    for number in range(60):
        title = f"Line one of {number}\nand " + "many words " * 30
        alerts.raise_(workspace, Raising("error", str(number), title))
        item = tasks.add(workspace, title[:190], due=clock.stamp(MORNING) if number % 2 else None).item.id
        if number % 3:
            tasks.start(workspace, item)
    row = commands.generate(workspace, DAY)
    said = list(lines(row))
    assert max(len(each.text) for each in said if each.text != row.prose) <= 250
    assert len(row.prose) < 500
    assert not any("\n" in each.text for each in said)
    assert sum(len(each.text) for each in said) < 8000
    assert section(row, "alerts").more == 60 - 7
    due, going = (30, 5, "due today"), (20, 5, "in progress")
    assert section(row, "work").more == due[0] - due[1] + going[0] - going[1]


def test_what_needs_the_operator_is_told_before_what_is_known(workspace):
    for number in range(9):
        raised = alerts.raise_(workspace, Raising("error", str(number), "known", Severity.CRITICAL)).alert.id
        alerts.acknowledge(workspace, raised, "seen")
    alerts.raise_(workspace, Raising("error", "new", "unseen", Severity.NOTE))
    alerts.raise_(workspace, Raising("error", "newer", "unseen"))
    states = [point.state for point in section(commands.generate(workspace, DAY), "alerts").points]
    assert states == ["wrong", "ok"] + ["note"] * 7
    assert section(commands.generate(workspace, DAY), "alerts").more == 2


def test_nothing_falls_between_a_briefing_and_a_later_one(workspace):
    with clock.held(MORNING - timedelta(days=2)):
        commands.generate(workspace, DAY - timedelta(days=2))
    with clock.held(MORNING - timedelta(days=2, hours=-1)):
        journal.add(workspace, "Just after that one")
    late = commands.generate(workspace, DAY)
    assert texts(late, "journal") == ["Just after that one"]
    assert late.since == clock.stamp(MORNING - timedelta(days=2))
    assert "From 2026-11-19 07:00 to 2026-11-21 07:00 UTC" in rendered(workspace, late, "markdown")


def test_a_night_of_twenty_five_hours_has_two_zones(workspace):
    (workspace.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    with clock.held(datetime(2026, 10, 25, 5, tzinfo=UTC)):
        row = commands.generate(workspace, date(2026, 10, 25))
    assert "From 2026-10-24 07:00 EEST to 2026-10-25 07:00 EET" in rendered(workspace, row, "text")


def test_the_same_facts_are_one_event(workspace):
    first = commands.generate(workspace, DAY)
    assert commands.generate(workspace, DAY) == first
    tasks.add(workspace, "More milk")
    assert commands.generate(workspace, DAY).hash != first.hash
    assert types(workspace) == ["briefing.day.written"] * 2


def test_a_past_day_is_told_as_it_stood(workspace):
    with clock.held(MORNING - timedelta(days=2)):
        item = tasks.add(workspace, "Sweep the yard").item.id
        tasks.start(workspace, item)
    tasks.done(workspace, item)
    assert texts(commands.generate(workspace, DAY - timedelta(days=1)), "work") == [
        "1 in progress",
        f"{item} Sweep the yard: in progress",
    ]
    assert texts(commands.generate(workspace, DAY), "work") == []


def test_a_day_to_come_is_refused(workspace):
    with pytest.raises(Usage):
        commands.generate(workspace, DAY + timedelta(days=1))


def test_a_part_that_cannot_be_had_says_so_and_the_rest_goes_on(workspace):
    (workspace.root / "halo.yaml").write_text("repositories: [/nowhere/at/all]\n")
    tasks.add(workspace, "Sweep the yard")
    row = commands.generate(Workspace(workspace.root), DAY)
    missing = section(row, "commits")
    assert "/nowhere/at/all" in missing.missing
    assert texts(row, "work") == ["1 open"]
    assert "Commits could not be had" in row.prose


def test_commits_of_the_day(workspace, tmp_path):
    place = tmp_path / "code"
    environment = {
        "GIT_COMMITTER_DATE": "2026-11-20T20:00:00Z", "GIT_AUTHOR_DATE": "2026-11-20T20:00:00Z", "HOME": str(tmp_path),
        "GIT_AUTHOR_NAME": "Kit", "GIT_AUTHOR_EMAIL": "k@x", "GIT_COMMITTER_NAME": "Kit", "GIT_COMMITTER_EMAIL": "k@x",
        "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    subprocess.run(
        ["git", "-C", str(place), "commit", "-q", "--allow-empty", "-m", "Mend | the gate"], check=True, env=environment
    )
    (workspace.root / "halo.yaml").write_text(f"repositories: [{place}]\n")
    points = texts(commands.generate(Workspace(workspace.root), DAY), "commits")
    assert points[0] == "1 in code"
    assert points[1].endswith("Mend | the gate (Kit)")


@pytest.mark.parametrize("form", ["markdown", "html", "text"])
def test_every_form_says_everything_and_escapes_what_it_must(workspace, form):
    tasks.start(workspace, tasks.add(workspace, "Compare <b>a</b> & c").item.id)
    text = rendered(workspace, commands.generate(workspace, DAY), form)
    said = {"html": "Compare &lt;b&gt;a&lt;/b&gt; &amp; c", "markdown": r"Compare \<b>a\</b> & c"}
    assert said.get(form, "Compare <b>a</b> & c") in text
    assert "2026-11-21 07:00 UTC" in text


def test_the_operators_own_template_stands_first(workspace):
    (workspace.root / "templates").mkdir()
    (workspace.root / "templates" / "briefing.md.j2").write_text("{{ weekday }}: {{ sections | length }} parts\n")
    row = commands.generate(workspace, DAY)
    assert rendered(workspace, row, "markdown") == f"Saturday: {len(row.sections)} parts\n"


@pytest.mark.parametrize(
    "broken",
    [
        "one\n{{ nosuch }}\n",
        "one\n{% if %}\n",
        "one\n{{ ''.__class__.mro() }}\n",
        "one\n{{ 1 + 'a' }}\n",
        "one\n{{ 1 / 0 }}\n",
        "one\n{{ range(10**9) }}\n",
    ],
)
def test_a_broken_template_names_its_line(workspace, halo, broken):
    (workspace.root / "templates").mkdir()
    (workspace.root / "templates" / "briefing.md.j2").write_text(broken)
    said = halo("briefing", "generate")
    assert said.code == 6
    assert "briefing.md.j2:2:" in said.err


@pytest.mark.parametrize(
    ("broken", "says"), [(b"one\n{% include 'two' %}\n", "there is no template 'two'"), (b"\xff\xfe", "not UTF-8")]
)
def test_what_is_wrong_with_a_template_is_said_in_words(workspace, halo, broken, says):
    (workspace.root / "templates").mkdir()
    (workspace.root / "templates" / "briefing.md.j2").write_bytes(broken)
    said = halo("briefing", "generate")
    assert (said.code, says in said.err) == (6, True)


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "2027-01-01", "20261121x", ""])
def test_days_on_which_nothing_can_have_happened(halo, day):
    assert halo("briefing", "generate", "--no-ai", "--date", day).code == (2 if day else 0)


def test_broken_templates_do_not_keep_it_from_being_sent(bot, workspace):
    (workspace.root / "templates").mkdir()
    for name in ("briefing.md.j2", "briefing.html.j2", "briefing.txt.j2"):
        (workspace.root / "templates" / name).write_text("{% if %}")
    commands.send(workspace)
    assert len(bot.texts) == 1


def test_it_is_sent_once_a_day(bot, workspace):
    commands.send(workspace)
    again = commands.send(workspace)
    assert again.parts == 0
    assert "already" in again.note
    assert len(bot.texts) == 1
    assert "Saturday 2026-11-21" in bot.texts[0]
    commands.send(workspace, again=True)
    assert len(bot.texts) == 2


def test_a_missed_morning_is_made_up_for_on_its_own_day_only(bot, workspace, halo, monkeypatch):
    monkeypatch.setenv("HALO_OCCURRENCE", clock.stamp(MORNING - timedelta(days=1)))
    said = halo("briefing", "send")
    assert said.code == 0
    assert "2026-11-20 was missed" in said.err
    assert bot.texts == []
    monkeypatch.setenv("HALO_OCCURRENCE", clock.stamp(MORNING - timedelta(hours=2)))
    assert halo("briefing", "send").code == 0
    assert len(bot.texts) == 1


def test_a_delivery_that_fails_is_an_alert_until_the_next_one_works(bot, workspace):
    bot.answers = [REFUSED]
    with pytest.raises(NotAllowed):
        commands.send(workspace)
    raised, _ = alert_queries.page(workspace, AlertFilter())
    assert [row.key for row in raised] == ["briefing:telegram"]
    assert TOKEN not in raised[0].title
    commands.send(workspace)
    assert len(bot.texts) == 1
    assert alert_queries.page(workspace, AlertFilter()) == ([], 0)


def test_what_was_cut_off_goes_on_where_it_stopped(bot, workspace):
    for number in range(80):
        title = f"{number} " + "long words " * 30
        alerts.raise_(workspace, Raising("error", str(number), title[:180]))
        due = clock.stamp(MORNING - timedelta(hours=1)) if number > 70 else None
        item = tasks.add(workspace, title[:190], due=due).item.id
        if number < 60:
            tasks.start(workspace, item)
        if number < 30:
            tasks.block(workspace, item, "waiting " * 40)
    bot.refuses_after = 1
    with pytest.raises(NotAllowed):
        commands.send(workspace)
    words = queries.briefing(workspace, DAY).prose
    tasks.add(workspace, "Something new")
    done = commands.send(workspace)
    assert done.briefing is not None
    assert done.briefing.prose == words, "the words it began with"
    total = len(bot.texts)
    assert (done.parts, total) == (total - 1, len(set(bot.texts)))
    assert types(workspace)[-1] == "briefing.day.sent"


def test_without_a_chat_it_says_what_to_set(workspace, halo):
    said = halo("briefing", "send")
    assert said.code == 6
    assert "telegram.chat" in said.err


def test_apprise_reaches_another_service(workspace, monkeypatch):
    with Bot() as server:
        monkeypatch.setenv("HALO_NOTIFY", f"json://127.0.0.1:{server.server_port}/hook")
        (workspace.root / "briefing.yaml").write_text("channel: apprise\napprise: ['env:HALO_NOTIFY']\n")
        server.answers = [(200, {})]
        commands.send(workspace)
        assert server.requests == 1
        server.answers = [(500, {})]
        with pytest.raises(Unavailable):
            commands.send(workspace, again=True)


def test_an_address_that_apprise_does_not_know(workspace, monkeypatch):
    monkeypatch.setenv("HALO_NOTIFY", "carrier-pigeon://coo")
    (workspace.root / "briefing.yaml").write_text("channel: apprise\napprise: ['env:HALO_NOTIFY']\n")
    with pytest.raises(BadConfig) as raised:
        commands.send(workspace)
    assert "pigeon" not in raised.value.message


def test_a_section_that_does_not_exist_is_named(workspace, halo):
    (workspace.root / "briefing.yaml").write_text("sections: [work, weather]\n")
    said = halo("briefing", "generate")
    assert said.code == 6
    assert "weather" in said.err


def test_sections_come_as_ordered(workspace):
    (workspace.root / "briefing.yaml").write_text("sections: [work, alerts]\n")
    assert [each.name for each in commands.generate(workspace, DAY).sections] == ["work", "alerts"]


def test_what_was_written_can_be_shown_later(workspace, halo):
    with pytest.raises(NotFound):
        queries.briefing(workspace, date(2026, 1, 1))
    made = halo("briefing", "generate", "--format", "text")
    shown = halo("briefing", "show", "2026-11-21", "--format", "text")
    assert shown.out == made.out
    assert [row["date"] for row in halo("briefing", "list", "--json").data] == ["2026-11-21"]
