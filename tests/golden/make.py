"""Golden files: an event of every type and schema that Halo has ever written, and a story with its rows.

    python -m tests.golden.make

writes what is missing, and never what is there: an old file is what an old Halo wrote. A payload that changes so that
it no longer reads its old files needs a new schema number and a `lift`; then this adds a file beside the old one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import modules
from halo_engine.agents import events as sessions
from halo_engine.alerts import events as alerts
from halo_engine.alerts.states import Action, Severity
from halo_engine.briefings import events as briefings
from halo_engine.cron import events as cron
from halo_engine.digest import Point, Section
from halo_engine.events.model import Payload, declared
from halo_engine.events.transfer import to_lines
from halo_engine.fleet import events as fleet
from halo_engine.fleet.instance import Status
from halo_engine.journal import events as journal
from halo_engine.mail import events as mail
from halo_engine.memory import events as notes
from halo_engine.onboarding import events as people
from halo_engine.onboarding.states import State as Standing
from halo_engine.tasks import events as facts
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace

HERE = Path(__file__).parent
EVENTS = HERE / "events"
STORY = HERE / "story.jsonl"
ROWS = HERE / "story-rows.json"
TIME = "2026-11-20T14:02:11.000000Z"
LATER = "2026-12-24T23:59:59.000000Z"

SAMPLES: dict[type[Payload], Payload] = {
    type(sample): sample
    for sample in (
        facts.TaskAdded(
            title="Grüße aus Rīga \U0001f989",
            kind=Kind.JOB,
            state=State.DEFERRED,
            priority=3,
            tags=("home", "ä"),
            due=LATER,
            context="Mind the gap",
            command="make deploy",
            depends_on=("T-001",),
            window="22:00-05:00",
            timeout=90.5,
            retries=2,
            defer_until=LATER,
            key="mail-17",
        ),
        facts.TaskEdited({"title": "new", "priority": 1, "tags": ["a"], "depends_on": ["T-001"], "due": None}),
        facts.TaskMoved(State.OPEN, State.PLANNING, "a reason", LATER, "0" * 64),
        facts.PlanWritten("<plan><goal>it</goal></plan>", "0" * 64),
        facts.TaskNoted("seen", TIME),
        facts.TaskUndone("01932f0c-5b7e-7c3a-9d53-3f1f6a1e7b42", {"state": "open", "plan_hash": None}, "<plan/>"),
        facts.TaskImported(
            fields={"title": "there", "kind": "task", "state": "done", "finished": TIME, "plan_hash": "0" * 64},
            plan="<plan/>",
            plan_written=TIME,
            plan_written_by="operator",
            runs=({"attempt": 1, "outcome": "failed", "started": TIME, "runner": "", "folder": "logs/runs/T-001.1"},),
            origin="taskwarrior",
        ),
        facts.KeyTaken("T-001"),
        facts.RunStarted("T-001.1", 1, State.OPEN, "lab:17:1", LATER, "logs/runs/T-001.1"),
        facts.RunFinished(
            run="T-001.1",
            attempt=1,
            outcome="failed",
            to=State.FAILED,
            started=TIME,
            duration=1.5,
            folder="logs/runs/T-001.1",
            exit_code=137,
            peak_memory=2**30,
            output_bytes=52_428_800,
            tail="the end",
            reason="exit code 137 (SIGKILL)",
            retry_at=LATER,
        ),
        notes.NoteWritten(
            path="notes/note-42.md",
            hash="0" * 64,
            title="Ben prefers plain text",
            type="preference",
            did="edit",
            text="---\nid: note-42\ntitle: Ben prefers plain text\n---\n\nNo HTML.\n",
        ),
        notes.NoteArchived("archive/notes/note-42.md", "0.09, under 0.15", 0.09),
        notes.NoteRestored("notes/note-42.md"),
        notes.NoteGone("notes/note-42.md"),
        notes.NoteUsed(0.5, 14.0),
        notes.ProposalDecided("note-17", 0.73, "both name Ben"),
        alerts.AlertRaised(
            kind="spin",
            subject="0b51a9b4-6d0e-4a55-9b8c-6f1f0f1a4b1e",
            title="goes nowhere: a call 9 times with the same result",
            severity=Severity.CRITICAL,
            instance="ben",
            evidence={"repeat": "9 times", "since": "line 41"},
            hint="agentctl spin-check --session 0b51 --explain",
            action=Action.FREEZE,
        ),
        alerts.AlertChanged("worse", Severity.CRITICAL, {"repeat": "40 times"}),
        alerts.AlertAcknowledged("I know"),
        alerts.AlertMuted(LATER, "on holiday"),
        alerts.AlertUnmuted(),
        alerts.AlertResolved("work moves again"),
        briefings.BriefingWritten(
            moment=TIME,
            prose="Good morning. Nothing needs you.",
            sections=(
                Section(
                    "work",
                    "Work",
                    (Point("T-001 Mend it: blocked", "note", "nightctl unblock T-001"),),
                    2,
                    "none",
                    "why",
                ),
            ),
            hash="0" * 64,
            model="claude-sonnet-5-5",
        ),
        briefings.PartSent("telegram", 1, 2),
        briefings.BriefingSent("telegram", 2),
        briefings.DeliveryFailed("telegram", "Forbidden"),
        alerts.AlertKeyTaken("A-001"),
        journal.EntryWritten("Mum's bot was silent.\nAgain.", ("fleet", "mum"), "puzzled", 5),
        journal.WindowSummarised("A week about one bot.", "claude-sonnet-5-5", 8),
        mail.MessageDecided(
            run="01932f0c-5b7e-7c3a-9d53-3f1f6a1e7b42",
            account="home",
            folder="INBOX",
            uidvalidity=1_763_647_200,
            uid=17,
            message_id="<1@forge.example>",
            sender="Forge <ci@forge.example>",
            subject="Grüße \U0001f989",
            date=TIME,
            action="archive",
            rule="forge",
            reason="domain forge.example",
            target="Archive",
            already=True,
            rules="0" * 12,
        ),
        mail.MessageAccepted("01932f0c-5b7e-7c3a-9d53-3f1f6a1e7b42", already=True),
        mail.MessageRefused(),
        mail.MessageRecalled(),
        mail.MessageHandled("Archive", 1_763_647_201, 3, already=True, copied=True),
        mail.MessageMissed("it was not there any more"),
        mail.MessageUndone("INBOX", 1_763_647_200, 18),
        mail.RuleAdded("forge", "- name: forge\n"),
        cron.JobSaved("30 2 * * mon-fri", "echo one\necho two %", enabled=True, digest="0" * 16),
        cron.RunStarted(
            run="backup.17",
            number=17,
            trigger="catch-up",
            occurrence=TIME,
            holder="lab:17:1",
            until=LATER,
            folder="logs/cron/backup.17",
            missed=2,
        ),
        cron.RunFinished(
            run="backup.17",
            number=17,
            trigger="catch-up",
            occurrence=TIME,
            started=TIME,
            folder="logs/cron/backup.17",
            holder="lab:17:1",
            outcome="timed_out",
            reason="timed out after 1h 00m",
            attempts=3,
            duration=3600.5,
            exit_code=143,
            peak_memory=2**30,
            output_bytes=52_428_800,
            tail="the end",
            missed=2,
        ),
        cron.RunPassed("backup.18", 18, TIME, "missed", "nobody could start 3 of them in time", 3),
        cron.CrontabInstalled("# >>> halo /w\n# <<< halo /w\n", "# >>> halo /w\n@daily x\n# <<< halo /w\n"),
        people.UserMoved(Standing.QUESTIONS, "dad", 1),
        people.QuestionAnswered("ai_trust", "How far do you trust it?", "4", "dad", 2),
        people.QuestionMissed("ai_trust"),
        people.QuestionsDeferred("they asked for it"),
        people.TutorialRead(2),
        people.UserWithdrawn("dad"),
        fleet.InstanceBegun({"name": "dad", "path": "fleet/dad", "personality": "dad", "ports": {"http": 4100}}),
        fleet.StepDone("copy", "2 files"),
        fleet.StepUndone("copy"),
        fleet.InstanceSupervised({"halo-dad.service": "5e" * 32}),
        fleet.InstanceFailed("start", "does not answer"),
        fleet.InstanceWithdrawn("start: does not answer"),
        fleet.InstanceGoverned(2, "0" * 64, {"CLAUDE.md": "1" * 64}, ("CLAUDE.md", "src"), "dad", "push"),
        fleet.InstanceCreated("ready", 2.5),
        fleet.InstanceMoved(Status.FROZEN, "stopped"),
        fleet.InstanceFolded("dad-20261120T140211Z.tar.zst", "0" * 64, 4096, 12),
        fleet.InstanceFried("/srv/halo/fleet/dad", 12, "dad-20261120T140211Z.tar.zst"),
        fleet.OperationBegun("push", {"items": ["CLAUDE.md"], "had": ["CLAUDE.md"]}),
        fleet.OperationEnded("push", "taken back", "does not answer"),
        fleet.InstanceAdopted({"name": "dad", "path": "fleet/dad", "status": "frozen"}),
        fleet.InstanceEdited({"budget": 2.0}),
        fleet.InstanceForgotten(),
        fleet.ProfileWritten("The Captain", {"brevity": 7}, "0" * 64),
        sessions.SessionObserved(
            project="shop",
            cwd="/home/ana/shop",
            branch="main",
            version="2.0.31",
            instance="ana",
            parent="6d0e",
            path="/home/ana/.claude/projects/-home-ana-shop/0b51.jsonl",
            first=TIME,
            last=LATER,
            files=2,
            lines=40,
            damaged=1,
            prompts=3,
            calls=12,
            failures=2,
            agents=1,
            replies=14,
            side_replies=2,
            side_tokens=900,
            usage=(
                sessions.Slot(
                    start=1_763_647_200,
                    model="claude-sonnet-4-5",
                    tier="fast",
                    band=200_000,
                    paid=True,
                    replies=2,
                    input=10,
                    output=20,
                    cache_read=1000,
                    cache_write_5m=100,
                    cache_write_1h=50,
                    cost=0.25,
                    first=1_763_647_331_000,
                    last=1_763_647_391_000,
                ),
            ),
        ),
    )
}
"""One of each payload, every field set."""


def ours() -> dict[str, tuple[type[Payload], int]]:
    """Every event type that Halo declares, but not those of tests."""
    modules.parts()
    return {name: entry for name, entry in declared().items() if entry[0].__module__.startswith("halo_engine.")}


def path(name: str, schema: int) -> Path:
    return EVENTS / f"{name}-{schema}.json"


def main() -> None:
    """Write what is missing."""
    EVENTS.mkdir(exist_ok=True)
    for name, (payload, schema) in ours().items():
        if not path(name, schema).exists():
            sample = SAMPLES[payload]
            golden = {"type": name, "schema": schema, "payload": sample, "read": msgspec.structs.asdict(sample)}
            path(name, schema).write_bytes(msgspec.json.format(msgspec.json.encode(golden), indent=1) + b"\n")
            sys.stderr.write(f"{path(name, schema)}\n")
    if not STORY.exists():
        write_story()


def write_story() -> None:
    """A log with events of every type, as commands leave them, and the rows that come of it."""
    from tests.tasks.story import tell

    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        workspace.create()
        tell(workspace)
        STORY.write_text("".join(f"{line}\n" for line in to_lines(workspace.log.read())), encoding="utf-8")
        ROWS.write_bytes(msgspec.json.format(msgspec.json.encode(rows(workspace)), indent=1) + b"\n")
        workspace.log.close()


def rows(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Every row of every module, by table."""
    from halo_engine.events.store import opened

    found = {}
    for projection in modules.projections().values():
        with opened(workspace, projection) as store:
            for row in projection.rows:
                found[row.table] = [msgspec.structs.asdict(each) for each in store.select(row, "ORDER BY 1")]
    return msgspec.json.decode(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
