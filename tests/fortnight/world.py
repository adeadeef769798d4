"""Two weeks of an operator's life, lived through the real parts of Halo with a clock that the test holds.

What happens when is made up from a seed; what it comes to is for Halo to say, and for `counting` to check.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from halo_engine import clock
from halo_engine.agents import sample as sessions
from halo_engine.agents.records import Prompt, Spent, Tokens
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.cron import commands as cron
from halo_engine.cron import jobs, running
from halo_engine.cron.daemon import Daemon
from halo_engine.cron.schedule import next_times
from halo_engine.events.model import New
from halo_engine.fleet import lifecycle
from halo_engine.fleet import sample as fleet
from halo_engine.journal import commands as journal
from halo_engine.mail.events import MessageDecided
from halo_engine.memory import commands as memory
from halo_engine.memory.commands import Draft
from halo_engine.tasks import commands as tasks
from halo_engine.tasks import queries
from halo_engine.tasks.night.runner import Options, Runner
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace
from tests.channels.bot import TOKEN, Bot

DAYS = 14
ASLEEP = 4
"""The day on which the machine sleeps, from three in the morning to three in the next."""
BROKEN, DEAD = 8, 10
"""The day on which a job fails, and the one on which nobody takes messages."""
ROOT = Path(__file__).parents[2]
SCRIPT = """#!/bin/sh
HALO_NOW=$(cat {now}) PYTHONPATH={root} exec {python} -c "from halo_engine.briefings.cli import main; main()" "$@"
"""
REFUSED = (403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"})
Act = Callable[[], object]


class Now(Daemon):
    """A daemon that runs what is due at once and in this process, so that time can be held still."""

    def _start(self, name: str) -> None:
        self.started.append(name)
        running.run_due(self._workspace, name)


class World:
    """A workspace and the two weeks that it goes through."""

    def __init__(self, workspace: Workspace, folder: Path, bot: Bot, zone: str, first: date, seed: int) -> None:
        self.folder, self.bot, self.first = folder, bot, first
        self.zone = ZoneInfo(zone)
        self.random = Random(seed)
        self.commits: list[datetime] = []
        (workspace.root / "halo.yaml").write_text(f"timezone: {zone}\nrepositories: [{folder}/code]\n")
        (workspace.root / "briefing.yaml").write_text(f"telegram: {{chat: '7', base_url: '{bot.url}'}}\n")
        (workspace.root / "agentctl.yaml").write_text("daily_budget: 1.0\n")
        (workspace.root / "nightctl.yaml").write_text("window: 01:00-06:00\nbackoff: 0\n")
        self.workspace = Workspace(workspace.root)
        self.daemon = Now(self.workspace, lambda _: None)
        subprocess.run(["git", "init", "-q", str(folder / "code")], check=True)

    def at(self, day: int, hour: float) -> datetime:
        """The hour of a day's own clock, as an instant."""
        local = datetime.combine(self.first + timedelta(days=day), time(), self.zone)
        return (local + timedelta(hours=hour)).astimezone(UTC)

    @property
    def asleep(self) -> tuple[datetime, datetime]:
        return self.at(ASLEEP, 3.2), self.at(ASLEEP + 1, 3.1)

    def live(self) -> None:
        """From the first midnight to the last."""
        with clock.held(self.at(0, 0)):
            fleet.fill(self.workspace, self.random)
            self._define()
        down, up = self.asleep
        happening = [(when, place, act) for place, (when, act) in enumerate([*self._acts(), *self._looks()])]
        for when, _, act in sorted(happening):
            if not down <= when < up:
                (self.folder / "now").write_text(when.isoformat())
                with clock.held(when):
                    act()

    def _define(self) -> None:
        """The shipped briefing, made to reach this tree; and jobs that work, break and come often."""
        (self.folder / "bin").mkdir()
        program = self.folder / "bin" / "hal-briefing"
        program.write_text(SCRIPT.format(now=self.folder / "now", root=ROOT, python=sys.executable))
        program.chmod(0o755)
        env = {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": os.environ["HOME"], "HALO_TELEGRAM_TOKEN": TOKEN}
        cron.enable(self.workspace, "daily-briefing")
        cron.edit(self.workspace, "daily-briefing", {"env": env, "retry_delay": 0})
        flaky = {"schedule": "15 */8 * * *", "command": f"test ! -e {self.folder}/broken"}
        cron.add(self.workspace, "flaky", flaky)
        cron.add(self.workspace, "early", {"schedule": "15,45 0-3 * * *", "command": "true"})
        cron.add(self.workspace, "weekly", {"schedule": "0 8 * * mon", "command": "true", "catch_up": "once"})

    def due(self, name: str) -> list[datetime]:
        """When a job should run in these weeks."""
        schedule = jobs.load(self.workspace, name).schedule
        found = next_times(schedule, self.zone, self.at(0, 0).timestamp(), 400)
        return [datetime.fromtimestamp(each, UTC) for each in takewhile(lambda s: s < self.end.timestamp(), found)]

    @property
    def end(self) -> datetime:
        return self.at(DAYS, 0)

    def _looks(self) -> list[tuple[datetime, Act]]:
        """The daemon looks whenever something is due, and each half hour besides."""
        moments = {each for name in ("daily-briefing", "flaky", "early", "weekly") for each in self.due(name)}
        moments |= {self.at(0, 0) + timedelta(minutes=30 * each) for each in range(1, 48 * DAYS)}
        return [(each + timedelta(seconds=2), self.daemon.look) for each in moments if each < self.end]

    def _acts(self) -> list[tuple[datetime, Act]]:
        acts: list[tuple[datetime, Act]] = []
        for day in range(DAYS):
            acts += [(self._some(day, 7.5, 23.9), act) for act in self._deeds(day)]
            acts += [(self.at(day, hour), self._night) for hour in (1.3, 2.4, 4.5)]
            acts.append((self.at(day, 7.1), partial(self._session, f"early-{day}")))
        acts.append((self.at(BROKEN, 0.1), (self.folder / "broken").touch))
        acts.append((self.at(BROKEN + 1, 0.1), (self.folder / "broken").unlink))
        acts.append((self.at(DEAD, 6.5), partial(self.bot.answers.extend, [REFUSED] * 7)))
        acts.append((self.at(6, 12), partial(lifecycle.freeze, self.workspace, "mum")))
        return acts

    def _some(self, day: int, begin: float, end: float) -> datetime:
        return self.at(day, self.random.uniform(begin, end)).replace(microsecond=0)

    def _deeds(self, day: int) -> list[Act]:
        """What the operator, the agents and the fleet do on a day."""
        some, ws = self.random.randrange, self.workspace
        deeds: list[Act] = [partial(tasks.add, ws, f"Task {day}.{each}", due=self._due(day)) for each in range(some(4))]
        deeds += [self._move] * some(6)
        for each in range(some(3)):
            command = self.random.choice(["true", "true", "exit 3"])
            deeds.append(partial(tasks.add, ws, f"Job {day}.{each}", kind=Kind.JOB, command=command, retries=some(2)))
        deeds += [partial(self._alert, str(some(6))) for _ in range(some(3))]
        deeds += [partial(journal.add, ws, f"Day {day}, thought {each}", energy=some(1, 11)) for each in range(some(6))]
        for each in range(some(4)):
            draft = Draft(f"Lesson {'abcdefghijklmn'[day]} taught me thing {'xyz'[each]}")
            deeds.append(partial(memory.new, ws, draft, force=True))
        deeds += [partial(self._mail, day * 100 + each) for each in range(some(9))]
        deeds += [self._commit] * some(4)
        deeds += [partial(self._session, f"s-{day}-{each}") for each in range(some(4))]
        return deeds

    def _due(self, day: int) -> str | None:
        return clock.stamp(self.at(day + self.random.randrange(1, 4), 12)) if self.random.random() < 0.5 else None

    def _night(self) -> None:
        Runner(self.workspace, Options(once=True), lambda _: None).run()

    def _move(self) -> None:
        """One of the open items goes on a little."""
        states = frozenset({State.OPEN, State.IN_PROGRESS, State.BLOCKED})
        found, _ = queries.page(self.workspace, Filter(states=states), 0)
        rows = [row for row in found if row.kind is Kind.TASK]
        if not rows:
            return
        row = self.random.choice(rows)
        if row.state is State.OPEN:
            tasks.start(self.workspace, row.id)
        elif row.state is State.BLOCKED:
            tasks.unblock(self.workspace, row.id)
        elif self.random.random() < 0.7:
            tasks.done(self.workspace, row.id)
        else:
            tasks.block(self.workspace, row.id, "waiting for the post")

    def _alert(self, subject: str) -> None:
        instance = self.random.choice(["", "dad", "mum", "ben"])
        raised = alerts.raise_(self.workspace, Raising("error", subject, "it went wrong", instance=instance)).alert
        drawn = self.random.random()
        if drawn < 0.3:
            alerts.acknowledge(self.workspace, raised.id, "seen")
        elif drawn < 0.6:
            alerts.resolve(self.workspace, raised.id)

    def _mail(self, number: int) -> None:
        action = self.random.choice(["surface", "archive", "archive", "label", "skip"])
        fact = MessageDecided(
            run="r", account="home", folder="INBOX", uidvalidity=1, uid=number, message_id=f"<{number}@x>",
            sender="a@x", subject=f"Letter {number}", date=clock.stamp(), action=action,
        )  # fmt: skip
        self.workspace.log.append([New(f"mail/{number:08}", "mail.message.decided", fact, 0)])

    def _commit(self) -> None:
        when = clock.stamp()
        names = {f"GIT_{who}_{what}": "kit@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
        words = ["git", "-C", str(self.folder / "code"), "commit", "-q", "--allow-empty", "-m", f"At {when}"]
        subprocess.run(words, check=True, env=names | dates)
        self.commits.append(clock.now())

    def _session(self, name: str) -> None:
        """A conversation that ends now."""
        replies = self.random.randrange(1, 9)
        for each in range(replies):
            moment = clock.stamp(clock.now() - timedelta(minutes=3 * (replies - each)))
            tokens = Tokens(*(self.random.randrange(1, 5000) for _ in range(3)))
            cost = self.random.randrange(1, 60) / 100
            spent = Spent(time=moment, message=f"{name}-{each}", model="a-model", tokens=tokens, cost=cost)
            sessions.write(self.workspace, "dad", name, [Prompt(time=moment, text=f"{name} {each}"), spent])
