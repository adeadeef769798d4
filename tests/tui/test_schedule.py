"""The Schedule screen: jobs with their next times, what the crontab would become, the briefing and the reports."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest

from halo_engine.briefings import commands as briefings
from halo_engine.briefings import queries as written
from halo_engine.cron import commands, queries, running
from halo_tui.schedule_reading import ahead
from tests.tui.conftest import desk


@pytest.fixture
def jobs(workspace):
    commands.add(workspace, "backup", {"schedule": "30 2 * * *", "command": "echo the house is copied"})
    commands.add(workspace, "check", {"schedule": "0 7 * * mon", "command": "exit 3", "enabled": False})
    return workspace


async def test_a_job_shows_its_next_five_times(jobs):
    async with desk(jobs, screen="schedule") as at:
        await at.until(lambda: "02:30" in at.screen)
        assert len(re.findall(r"20\d\d-\d\d-\d\d 02:30", at.screen)) == 5
        assert "echo the house is copied" in at.screen


async def test_running_it_shows_what_it_wrote(jobs):
    async with desk(jobs, screen="schedule") as at:
        await at.press("r")
        await at.until(lambda: queries.standing(jobs, "backup").last_outcome == "succeeded", 20)
        await at.until(lambda: "the house is copied" in at.screen and "succeeded" in at.screen)
        assert at.app.deeds[-1].line == "cronctl run backup"


async def test_a_job_that_fails_stands_out(jobs):
    async with desk(jobs, screen="schedule") as at:
        await at.press("down", "r")
        await at.until(lambda: "▲ failed" in at.screen, 20)


async def test_why_it_failed_shows_without_scrolling(jobs):
    commands.add(jobs, "a-job", {"schedule": "30 2 * * *", "command": "echo the disk is full; exit 3"})
    running.run(jobs, "a-job")
    async with desk(jobs, (80, 24), screen="schedule") as at:
        await at.until(lambda: "exit code 3" in at.screen and "next" in at.screen)
        at.app.page_now.turn_to("history")
        await at.until(lambda: re.search(r"▲ failed     hand      exit code 3 .*s ", at.screen))


async def test_the_bottom_line_names_what_the_section_takes(jobs):
    async with desk(jobs, (80, 24), screen="schedule") as at:
        await at.until(lambda: "r run" in at.screen)
        assert "i install" not in at.screen
        at.app.page_now.turn_to("crontab")
        await at.until(lambda: "i install" in at.screen)
        at.app.page_now.turn_to("briefing")
        await at.until(lambda: "w write briefing" in at.screen and "S send briefing" in at.screen)


async def test_without_mail_the_bottom_line_names_how_to_look_for_it(jobs):
    async with desk(jobs, (80, 24), screen="schedule") as at:
        at.app.page_now.turn_to("mail")
        await at.until(lambda: "m look for mail" in at.screen)
        assert "a accept" not in at.screen


async def test_off_and_on(jobs):
    async with desk(jobs, screen="schedule") as at:
        await at.press("e")
        await at.until(lambda: not queries.one(jobs, "backup").next)
        assert at.app.deeds[-1].line == "cronctl disable backup"
        await at.press("e")
        await at.until(lambda: bool(queries.one(jobs, "backup").next))
        assert at.app.deeds[-1].line == "cronctl enable backup"


async def test_yesterday_s_briefing_shows_until_there_is_one_of_today(jobs):
    briefings.generate(jobs, written.today(jobs) - timedelta(days=1), ai=False)
    async with desk(jobs, screen="schedule") as at:
        at.app.page_now.turn_to("briefing")
        await at.until(lambda: "none was written today" in at.screen and "not sent yet" in at.screen)
        await at.press("w")
        await at.until(lambda: "none was written today" not in at.screen)


async def test_the_briefing_is_written_and_shown(jobs):
    async with desk(jobs, screen="schedule") as at:
        await at.press("w")
        await at.until(lambda: "Good " in at.screen)
        assert at.app.deeds[-1].line == "hal-briefing generate"


async def test_reports_come_with_their_sparklines(jobs):
    async with desk(jobs, (120, 60), screen="schedule") as at:
        await at.press("left")
        await at.until(lambda: "Tasks done" in at.screen)
        assert "seven days" in at.screen


async def test_a_filter_that_leaves_nothing_says_so(jobs):
    async with desk(jobs, screen="schedule") as at:
        await at.until(lambda: "backup" in at.screen)
        at.app.page_now.filter_to("nobody runs this")
        await at.until(lambda: "nothing matches the filter" in at.screen)
        assert "no jobs yet" not in at.screen


async def test_a_file_that_is_wrong_is_named(jobs):
    (jobs.root / "cron" / "jobs" / "odd.yaml").write_text("schedule: 99 * * * *\ncommand: ls\n")
    async with desk(jobs, screen="schedule") as at:
        await at.until(lambda: "odd" in at.screen)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
async def test_every_pane_has_room_at_every_size(workspace, size):
    from halo_engine.cron.operations import demo

    demo(workspace, Random(7))
    async with desk(workspace, size, screen="schedule") as at:
        for pane in at.app.page_now.panes:
            assert pane.size.height >= 1, pane.id


async def test_what_runs_next_of_all_jobs_stands_in_the_order_of_time(jobs):
    commands.add(jobs, "often", {"schedule": "*/30 * * * *", "command": "true"})
    async with desk(jobs, (200, 60), screen="schedule") as at:
        await at.until(lambda: "Next" in at.screen and "often" in at.screen)
        found = ahead(jobs, at.app.page_now.found.jobs)
        assert len(found) == 40
        assert found == sorted(found, key=lambda each: (each.time, each.job))
        assert [each.job for each in found].count("backup") == 1, "the others do not end before their time"
