"""What every command has in common, tried on every command: a new one fails here until it has an example."""

from __future__ import annotations

import hashlib
import importlib
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import click
import msgspec
import pytest

from halo_engine.alerts.commands import Raising, mute, raise_
from halo_engine.briefings.commands import generate
from halo_engine.briefings.queries import today
from halo_engine.cli import Later, app
from halo_engine.cron.commands import add as save_job
from halo_engine.cron.running import run as run_job
from halo_engine.journal.commands import add as write_entry
from halo_engine.mail import queries
from halo_engine.onboarding.commands import hear
from halo_engine.tasks import commands
from halo_engine.tasks.cli import app as nightctl_app
from halo_engine.tasks.states import Kind
from tests.agents.conftest import Transcripts, prompt, reply
from tests.channels.bot import TOKEN, Bot
from tests.cron.conftest import programs, table
from tests.fleet.furnishing import end, furnish, start
from tests.golden.make import STORY
from tests.mail.conftest import furnish as connect
from tests.mail.conftest import letter
from tests.mail.server import DOVECOT, PASSWORD, dovecot
from tests.tasks import walking
from tests.tasks.walking import PLAN, reach

__all__ = ["programs", "table"]
PROGRAMS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["scripts"]
EXAMPLES = {
    "init": "",
    "status": "",
    "doctor": "",
    "demo": "--workspace {empty}",
    "config show": "",
    "config check": "",
    "completion": "bash",
    "events list": "",
    "events tail": "--no-follow",
    "events show": "1",
    "events verify": "",
    "events rebuild": "tasks",
    "events export": "",
    "events import": "{story} --workspace {empty}",
    "tasks add": "'more milk'",
    "tasks list": "",
    "tasks ready": "",
    "tasks next": "",
    "tasks show": "{open}",
    "tasks history": "{open}",
    "tasks graph": "",
    "tasks edit": "{open} --priority high",
    "tasks note": "{open} 'a word'",
    "tasks undo": "{open}",
    "tasks start": "{open}",
    "tasks block": "{in_progress} --reason rain",
    "tasks unblock": "{blocked}",
    "tasks review": "{in_progress}",
    "tasks test": "{review}",
    "tasks done": "{review}",
    "tasks reject": "{review} --reason 'too short'",
    "tasks defer": "{open}",
    "tasks reopen": "{deferred}",
    "tasks cancel": "{open}",
    "tasks plan": "{open} --from {plan}",
    "tasks approve": "{plan_review}",
    "tasks run": "{job} --now",
    "tasks runs": "{failed}",
    "tasks log": "{failed}",
    "tasks retry": "{failed}",
    "tasks import": "{story_items} --workspace {empty}",
    "tasks export": "",
    "alerts list": "",
    "alerts show": "{alert}",
    "alerts history": "{alert}",
    "alerts ack": "{alert} --note 'looking'",
    "alerts mute": "{alert} --until 2h",
    "alerts unmute": "{muted}",
    "alerts resolve": "{alert}",
    "alerts raise": "disk mum 'nearly full'",
    "agents ack": "{alert}",
    "agents alerts": "",
    "agents evaluate": "{labels}",
    "agents export": "{session} --otlp {traces}",
    "agents ingest": "{transcript}",
    "agents mute": "{alert} --until 2h",
    "agents prices": "--update {prices}",
    "agents session": "{session}",
    "agents sessions": "",
    "agents sources": "",
    "agents spin-check": "--explain",
    "agents usage": "",
    "cron add": "water --schedule '0 7 * * *' --command 'echo drip'",
    "cron daemon": "--once",
    "cron disable": "{cron_job}",
    "cron edit": "{cron_job} --retries 2",
    "cron enable": "daily-briefing",
    "cron generate": "",
    "cron history": "{cron_job}",
    "cron install": "",
    "cron list": "",
    "cron next": "--count 2",
    "cron run": "{cron_job}",
    "cron show": "{cron_job}",
    "cron uninstall": "",
    "cron validate": "",
    "journal add": "'the bot was silent again' --tag fleet --energy 5",
    "journal export": "",
    "journal list": "",
    "journal search": "silent",
    "journal show": "{entry}",
    "journal stats": "",
    "journal window": "",
    "mail inbox": "",
    "mail search": "hello",
    "mail read": "1",
    "mail triage": "--execute",
    "mail queue": "",
    "mail accept": "{waiting}",
    "mail refuse": "{waiting}",
    "mail summary": "",
    "mail undo": "{triaged}",
    "mail rules list": "",
    "mail rules test": "{letter}",
    "mail rules add": "news --list '*.news.example' --action archive",
    "fleet create": "--name new --personality dad",
    "fleet list": "",
    "fleet status": "{active}",
    "fleet history": "{active}",
    "fleet freeze": "{active}",
    "fleet reset": "{frozen}",
    "fleet fold": "{frozen}",
    "fleet unfold": "{folded}",
    "fleet fry": "{frozen} --confirm",
    "fleet push": "{frozen}",
    "fleet rollback": "{pushed}",
    "fleet versions": "{pushed}",
    "fleet verify": "",
    "fleet smoke": "{active}",
    "fleet health": "",
    "fleet enforce": "",
    "fleet talk": "{running}",
    "fleet send": "{running} hello",
    "fleet backup": "{frozen}",
    "fleet backups": "{backed}",
    "fleet restore": "{backed}",
    "instance run": "{active} --once",
    "onboarding list": "",
    "onboarding show": "{person}",
    "onboarding hear": "telegram:900 hello --instance dad",
    "onboarding answer": "{person} hope_pre 'to be read to'",
    "onboarding withdraw": "{person}",
    "fleet personality list": "",
    "fleet personality show": "dad",
    "fleet personality new": "aunt --from mum --set humor=8",
    "fleet personality edit": "dad --set brevity=9 --reason 'he said so'",
    "fleet personality diff": "dad mum",
    "fleet personality preview": "dad --set brevity=9",
    "memory doctor": "",
    "memory edit": "note-1 --tag home",
    "memory enrich": "",
    "memory export": "",
    "memory get": "note-1",
    "memory graph": "--format text",
    "memory history": "note-1",
    "memory import": "{notes}",
    "memory index": "verify",
    "memory link": "--from note-1 --to note-2",
    "memory merge": "note-1 note-2",
    "memory new": "--title 'The cake is ordered' --body 'Without hazelnuts'",
    "memory prune": "",
    "memory restore": "note-3",
    "memory search": "hazelnuts",
    "memory stats": "",
    "memory supersede": "note-1 note-2",
    "memory sync": "",
    "memory undo": "note-1",
    "memory unlink": "--from note-2 --to note-1",
    "logs errors": "{log}",
    "logs export": "{log}",
    "logs malformed": "{log}",
    "logs search": "{log}",
    "logs sources": "{log}",
    "logs stats": "{log}",
    "logs tail": "{log}",
    "logs trace": "r-1 {log}",
    "briefing generate": "",
    "briefing send": "",
    "briefing show": "",
    "briefing list": "",
    "reports daily": "",
    "reports weekly": "",
    "reports export": "",
}
"""A command line for each, that works in `furnished`."""
LOG = """\
{"timestamp": "2026-11-20T10:00:00Z", "level": "info", "message": "began", "request_id": "r-1"}
{"timestamp": "2026-11-20T10:00:01Z", "level": "error", "message": "no answer", "request_id": "r-1"}
{"timestamp": "2026-11
"""
GROUPS = (
    "fleet",
    "tasks",
    "memory",
    "instance",
    "onboarding",
    "events",
    "config",
    "alerts",
    "agents",
    "logs",
    "cron",
    "journal",
    "mail",
    "briefing",
    "reports",
)
IN_PASSING = "session.transcript.observed"
"""What a command reads before it answers is no change of its own."""
STREAMS = {"events tail", "events export", "tasks export", "journal export", "fleet talk", "memory export"}
"""Their JSON is one object a line."""
ASKING = {"status", "alerts list", "agents alerts", "fleet status", "fleet smoke", "fleet health"}
"""They exit 1 when something waits for the operator, as it does in `furnished`."""
NOT_OF_AN_ITEM = {"tasks add", "tasks list", "tasks ready", "tasks next", "tasks import", "tasks export"}


def leaves(group, path=()):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, Later):
            home = importlib.import_module(command._home).app
            command = home.commands.get(name, home)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


LEAVES = dict(leaves(app))
CHANGING = [name for name, command in LEAVES.items() if any(option.name == "dry_run" for option in command.params)]


def test_every_command_has_an_example():
    assert set(EXAMPLES) == set(LEAVES)


def test_nightctl_is_the_same_app():
    assert {f"tasks {name}" for name, _ in leaves(nightctl_app)} == {
        name for name in LEAVES if name.startswith("tasks ")
    }


@pytest.fixture
def bot(workspace, monkeypatch):
    """A chat to send to, and a briefing that was written before the rest happened."""
    monkeypatch.setenv("HALO_TELEGRAM_TOKEN", TOKEN)
    with Bot() as server:
        (workspace.root / "briefing.yaml").write_text(f"telegram: {{chat: '7', base_url: '{server.url}'}}\n")
        generate(workspace, today(workspace))
        yield server


@pytest.fixture
def places(workspace, tmp_path, halo, nightctl, bot, alerted, written, planned, governed, met, remembered, mailed):
    """A workspace with an item in every state, and the names by which the examples call things."""
    names = {state: reach(workspace, Kind.TASK, state).id for state in walking.SPECIFIED[Kind.TASK]}
    names["job"] = walking.make(workspace, Kind.JOB).id
    names["failed"] = reach(workspace, Kind.JOB, "failed", title="Fail").id
    folder = workspace.root / "logs" / "runs" / f"{names['failed']}.1"
    folder.mkdir(parents=True)
    (folder / "output.log").write_text("one\ntwo\n")
    commands.edit(workspace, names["blocked"], depends_on=(names["open"],))
    (tmp_path / "plan.xml").write_text(PLAN.format(goal="it"))
    (tmp_path / "items.jsonl").write_text(nightctl("export").out)
    paths = {"plan": tmp_path / "plan.xml", "story": STORY, "story_items": tmp_path / "items.jsonl"}
    return {
        **names,
        **paths,
        **alerted,
        **written,
        **planned,
        **governed,
        **met,
        **remembered,
        **mailed,
        "empty": tmp_path / "empty",
    }


@pytest.fixture
def governed(workspace, request, tmp_path, monkeypatch):
    """Instances, for the commands that are about them."""
    name = request.node.callspec.params.get("name", "") if hasattr(request.node, "callspec") else ""
    if not name.startswith(("fleet ", "instance ")):
        yield {}
        return
    names = furnish(workspace)
    if "{running}" in EXAMPLES[name]:
        start(workspace, names["running"])
    (tmp_path / "said").write_text("hello\n")
    with (tmp_path / "said").open() as said:
        monkeypatch.setattr("sys.stdin", said)
        yield names
    end(workspace)


@pytest.fixture
def mailed(workspace, request, tmp_path, halo, monkeypatch):
    """A mail server with a message that triage has seen to and one that it has not, for the commands that ask one."""
    (tmp_path / "letter.eml").write_bytes(letter())
    given = getattr(request.node, "callspec", None)
    given = given.params.get("name", "") if given else ""
    if not given.startswith("mail ") or given.startswith("mail rules "):
        yield {"letter": tmp_path / "letter.eml"}
        return
    if not DOVECOT:
        pytest.skip("needs dovecot (apt install dovecot-imapd)")
    monkeypatch.setenv("HALO_TEST_MAIL", PASSWORD)
    with dovecot() as server:
        connect(workspace, server.account())
        server.deliver(letter(1, sender="ci@forge.example", subject="hello"))
        server.deliver(letter(2, subject="your bill"))
        halo("mail", "triage", "--execute", "--newest", "1")
        server.deliver(letter(3, sender="cd@forge.example"))
        names = {"letter": tmp_path / "letter.eml", "triaged": queries.of_run(workspace)[0].id, "waiting": ""}
        if "{waiting}" in EXAMPLES[given]:
            halo("mail", "triage")
            names["waiting"] = queries.queue(workspace)[0][0].id
        yield names


@pytest.fixture
def met(workspace):
    """Somebody who has been through their onboarding."""
    for text in ("hello", "yes", "yes", "later", "ok", "ok", "ok"):
        hear(workspace, "telegram:812", text, instance="dad")
    return {"person": "telegram:812"}


@pytest.fixture
def alerted(workspace):
    """An alert that is raised, and one that is muted."""
    muted = raise_(workspace, Raising("error", "mum-telegram", "3 conflicts")).alert.id
    mute(workspace, muted)
    return {"alert": raise_(workspace, Raising("spin", "s1", "like prompts")).alert.id, "muted": muted}


@pytest.fixture
def written(tmp_path, own_home, halo):
    """A log, a session that is known and one that is not, labels and prices for them."""
    (tmp_path / "app.log").write_text(LOG)
    transcripts = Transcripts(own_home)
    transcripts.write("s1", prompt("s1"), reply("s1"))
    halo("agents", "sessions")
    transcript = transcripts.write("s2", prompt("s2"), reply("s2", "m2", "r2"))
    labels = {"s2": {"stuck": False, "kind": "", "path": str(transcript), "stuck_from_line": None}}
    (tmp_path / "labels.json").write_bytes(msgspec.json.encode(labels))
    table = {"date": "2027-01-01", "source": "me", "models": {"odd-1": {"input": 1, "output": 2}}}
    (tmp_path / "prices.json").write_bytes(msgspec.json.encode(table))
    files = {"log": "app.log", "labels": "labels.json", "prices": "prices.json", "traces": "traces.jsonl"}
    return {name: tmp_path / file for name, file in files.items()} | {"transcript": transcript, "session": "s1"}


@pytest.fixture
def planned(workspace, table):
    """A job that has run once, and a crontab program that keeps its table in a file."""
    save_job(workspace, "backup", {"schedule": "30 2 29 2 *", "command": "echo saved"})
    run_job(workspace, "backup")
    return {"cron_job": "backup", "entry": write_entry(workspace, "It was silent", ("fleet",)).id}


@pytest.fixture
def remembered(workspace, tmp_path, halo):
    """Three notes, the second linked to the first, the third archived; and one to come."""
    halo("memory", "new", "--title", "Ben is allergic to hazelnuts")
    halo("memory", "new", "--title", "Birthdays are at the lake", "--link-to", "1")
    halo("memory", "new", "--title", "The boat is blue")
    halo("memory", "merge", "2", "3")
    halo("memory", "edit", "1", "--tag", "health")
    halo("memory", "new", "--title", "No nougat", "--body", "Ben is allergic to hazelnuts, so none of that.")
    (workspace.root / "memory/old.md").write_text("---\ncreated: 2001-01-01\n---\n# Rain was forecast\n")
    halo("memory", "sync")
    (tmp_path / "notes.jsonl").write_text('{"id": "n-1", "title": "From elsewhere", "body": "Hello"}\n')
    return {"notes": tmp_path / "notes.jsonl"}


def line(name, places):
    return [*name.split(), *shlex.split(EXAMPLES[name].format(**places))]


@pytest.mark.parametrize("name", LEAVES)
def test_the_answer_in_json(name, places, halo):
    said = halo(*line(name, places), "--json")
    if name in STREAMS:
        assert said.out
        assert all(isinstance(msgspec.json.decode(each), dict) for each in said.out.splitlines())
    else:
        assert set(said.json) == {"schema_version", "data", "more"}
        assert (said.json["schema_version"], type(said.json["more"])) == (1, int)
    assert said.code == (name in ASKING), said


@pytest.mark.parametrize("name", LEAVES)
def test_the_answer_for_a_person(name, places, halo):
    said = halo(*line(name, places))
    assert said.code == (name in ASKING), said
    assert said.out.strip()
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", LEAVES)
def test_the_help(name, halo):
    said = halo(*name.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) <= 24, "it fits a screen"
    assert max(map(len, said.out.splitlines())) <= 80
    for option in ("--json", "--workspace FOLDER"):
        assert option in said.out
    assert halo(*name.split(), "-h").out == said.out


@pytest.mark.parametrize("words", [(), ("fleet", "personality"), *((name,) for name in GROUPS)])
def test_the_help_of_a_group(halo, words):
    said = halo(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert "..." not in said.out.partition("\n")[2], "a summary is cut off"
    if not words:
        assert len(said.out.splitlines()) <= 24
    assert halo(*words).code == 2, "and without a command it is shown, on stderr"
    assert halo(*words).out == ""


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_every_program_says_its_version(program):
    module, _, function = PROGRAMS[program].partition(":")
    call = f"import sys; sys.argv[0] = {program!r}; from {module} import {function}; {function}()"
    said = subprocess.run([sys.executable, "-c", call, "--version"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, f"{program} {version('halo-workstation')}\n", "")


def contents(*folders):
    """Every file of the workspaces, but not what SQLite makes for itself while it reads."""
    files = [file for folder in folders for file in Path(folder).rglob("*") if file.is_file()]
    kept = [file for file in files if not file.name.endswith(("-wal", "-shm"))]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in kept}


@pytest.mark.parametrize("name", CHANGING)
def test_a_dry_run_changes_nothing(name, places, halo, workspace):
    halo("tasks", "list")
    folders = (workspace.root, places["empty"])
    before = contents(*folders)
    said = halo(*line(name, places), "--dry-run", "--json")
    assert (said.code, said.json["dry_run"]) == (0, True), said
    assert contents(*folders) == before
    assert halo(*line(name, places), "--dry-run").code == 0
    assert contents(*folders) == before


@pytest.mark.parametrize("name", CHANGING)
def test_what_a_dry_run_foretells_happens(name, places, halo, workspace):
    foretold = halo(*line(name, places), "--dry-run", "--json").json
    head = workspace.log.head()
    assert halo(*line(name, places)).code == 0
    if name in {"tasks run", "cron run"}:  # how it ends, nobody knows before
        assert [event["type"].split(".", 1)[1] for event in foretold["events"]] == ["run.started"]
        return
    assert [event["type"] for event in foretold["events"]] == [
        event.type for event in workspace.log.read(head) if name == "agents ingest" or event.type != IN_PASSING
    ] or "{empty}" in EXAMPLES[name]


def test_what_changes_something_can_be_tried_dry():
    reading = {"status", "doctor", "config show", "config check", "completion", "events list", "events tail"}
    reading |= {"events show", "events verify", "events export", "tasks list", "tasks ready", "tasks next"}
    reading |= {"tasks show", "tasks history", "tasks graph", "tasks runs", "tasks log", "tasks export"}
    reading |= {f"alerts {name}" for name in ("list", "show", "history")}
    reading |= {f"agents {name}" for name in ("alerts", "evaluate", "export", "session", "sessions", "sources")}
    reading |= {f"journal {name}" for name in ("export", "list", "search", "show", "stats")}
    reading |= {f"mail {name}" for name in ("inbox", "search", "read", "queue", "summary", "rules list", "rules test")}
    reading |= {f"cron {name}" for name in ("generate", "history", "list", "next", "show", "validate")}
    reading |= {"briefing show", "briefing list", "reports daily", "reports weekly", "reports export"}
    reading |= {"agents spin-check", "agents usage"} | {name for name in LEAVES if name.startswith("logs ")}
    reading |= {f"fleet {name}" for name in ("list", "status", "history", "versions", "verify", "smoke", "health")}
    reading |= {"fleet talk", "fleet send", "fleet backups", "instance run", "onboarding list", "onboarding show"}
    reading |= {f"fleet personality {name}" for name in ("list", "show", "diff", "preview")}
    reading |= {f"memory {name}" for name in ("doctor", "export", "get", "graph", "history", "search", "stats")}
    assert set(CHANGING) == set(LEAVES) - reading


REFUSED = [
    ("tasks show T-999", 3, "not_found"),
    ("tasks show banana", 2, "usage"),
    ("tasks show -- -1", 2, "usage"),
    ("tasks show ''", 2, "usage"),
    ("tasks show 99999999999999999999999999", 2, "usage"),
    ("tasks show T-0", 3, "not_found"),
    ("tasks done T-011", 4, "not_allowed"),
    ("tasks add", 2, "usage"),
    ("tasks add '   '", 2, "usage"),
    ("tasks add x --priority huge", 2, "usage"),
    ("tasks add x --due someday", 2, "usage"),
    ("tasks add x --kind chore", 2, "usage"),
    ("tasks add x --command ls", 2, "usage"),
    ("tasks add x --kind job", 2, "usage"),
    ("tasks add x --depends-on T-999", 3, "not_found"),
    ("tasks add x --depends-on banana", 2, "usage"),
    ("tasks add x --window 25:00-26:00", 2, "usage"),
    ("tasks add x --timeout soon", 2, "usage"),
    ("tasks add x --tag 'a b'", 2, "usage"),
    ("tasks add x --plan /nowhere/plan.xml", 2, "usage"),
    ("tasks edit T-001", 2, "usage"),
    ("tasks edit T-001 --depends-on T-001", 2, "usage"),
    ("tasks block T-004 --reason ' '", 2, "usage"),
    ("tasks block T-004", 2, "usage"),
    ("tasks list --status asleep", 2, "usage"),
    ("tasks list --limit -1", 2, "usage"),
    ("tasks list --sort colour", 2, "usage"),
    ("tasks log T-001", 3, "not_found"),
    ("tasks log T-012 --attempt 7", 3, "not_found"),
    ("tasks plan T-001", 2, "usage"),
    ("tasks fly T-001", 2, "usage"),
    ("tasks show T-001 --colour", 2, "usage"),
    ("tasks import /nowhere", 2, "usage"),
    ("tasks run T-999", 3, "not_found"),
    ("events show 9999", 3, "not_found"),
    ("events show banana", 3, "not_found"),
    ("events show 99999999999999999999999999", 3, "not_found"),
    ("events show ²", 3, "not_found"),
    ("events show 0", 3, "not_found"),
    ("events list --since someday", 2, "usage"),
    ("events rebuild weather", 3, "not_found"),
    ("events import /nowhere", 2, "usage"),
    ("events export /nowhere/events.jsonl", 5, "unavailable"),
    ("alerts show A-999", 3, "not_found"),
    ("alerts list --state asleep", 2, "usage"),
    ("alerts mute A-001 --until someday", 2, "usage"),
    ("alerts raise '' mum x", 2, "usage"),
    ("alerts raise disk '' x", 2, "usage"),
    ("agents usage --since someday", 2, "usage"),
    ("agents usage --by colour", 2, "usage"),
    ("agents spin-check --since someday", 2, "usage"),
    ("agents export --otlp /nowhere/traces.jsonl", 5, "unavailable"),
    ("memory get note-999", 3, "not_found"),
    ("memory new", 2, "usage"),
    ("memory new --title x --type wish", 2, "usage"),
    ("memory new --title x --expires someday", 2, "usage"),
    ("memory edit note-1", 2, "usage"),
    ("memory link --from note-1 --to note-1", 2, "usage"),
    ("memory link --from nope --to note-1", 3, "not_found"),
    ("memory supersede note-1 note-1", 2, "usage"),
    ("memory search --since someday", 2, "usage"),
    ("memory search --linked-to nope", 3, "not_found"),
    ("memory import /nowhere", 3, "not_found"),
    ("memory export --format markdown", 2, "usage"),
    ("logs search --since someday", 2, "usage"),
    ("logs search --level loud", 2, "usage"),
    ("logs search --regex '('", 2, "usage"),
    ("logs search --raw --context 2", 2, "usage"),
    ("cron add x --schedule '99 * * * *' --command true", 2, "usage"),
    ("cron add 'a b' --schedule @daily --command true", 2, "usage"),
    ("cron show nothing", 3, "not_found"),
    ("cron run", 2, "usage"),
    ("cron next '* * *'", 2, "usage"),
    ("journal add ' '", 2, "usage"),
    ("journal add x --energy 11", 2, "usage"),
    ("journal add x --mood 'two words'", 2, "usage"),
    ("journal search '*'", 2, "usage"),
    ("journal show nothing", 3, "not_found"),
    ("journal list --since someday", 2, "usage"),
    ("mail inbox", 3, "not_found"),
    ("mail search", 2, "usage"),
    ("mail undo", 2, "usage"),
    ("mail undo nothing", 3, "not_found"),
    ("mail rules add x --action skip", 2, "usage"),
    ("demo", 4, "not_allowed"),
    ("completion csh", 2, "usage"),
    ("fly", 2, "usage"),
    ("--colour", 2, "usage"),
    ("status --workspace /nowhere/halo", 3, "not_found"),
]


@pytest.mark.parametrize(("words", "code", "kind"), REFUSED, ids=[words for words, _, _ in REFUSED])
def test_what_is_refused(places, halo, workspace, words, code, kind):
    before = contents(workspace.root)
    said = halo(*shlex.split(words), "--json") if "--" not in words.split() else halo(*_before_dashes(words))
    assert (said.code, set(said.json), set(said.error)) == (code, {"error"}, {"kind", "message", "hint"}), said
    assert said.error["kind"] == kind
    assert said.error["message"]
    assert said.out.count("\n") == 1
    plain = halo(*shlex.split(words))
    assert (plain.code, plain.out) == (code, "")
    assert plain.err.startswith(f"error: {said.error['message']}")
    assert contents(workspace.root).keys() == before.keys()


def _before_dashes(words):
    given = shlex.split(words)
    return [*given[: given.index("--")], "--json", *given[given.index("--") :]]


@pytest.mark.parametrize("name", [name for name in LEAVES if "{" in EXAMPLES[name] and name not in NOT_OF_AN_ITEM])
def test_an_item_that_is_not_there(places, halo, name):
    if not name.startswith("tasks "):
        assert "{empty}" in EXAMPLES[name] or any(f"{{{each}}}" in EXAMPLES[name] for each in ABSENT), "teach this test"
        return
    words = line(name, places)
    for wrong, code in (("T-999", 3), ("nonsense", 2)):
        said = halo(*words[:2], wrong, *words[3:], "--json")
        assert (said.code, said.error["kind"]) == (code, {3: "not_found", 2: "usage"}[code])


ABSENT = {
    "alert": ("A-999", 3),
    "muted": ("A-999", 3),
    "cron_job": ("nothing", 3),
    "entry": ("nothing", 3),
    "session": ("nothing", 3),
    "transcript": ("/nowhere/s2.jsonl", 3),
    "labels": ("/nowhere/labels.json", 3),
    "prices": ("/nowhere/prices.json", 3),
    "log": ("/nowhere/app.log", 3),
    "active": ("nobody", 3),
    "frozen": ("nobody", 3),
    "pushed": ("nobody", 3),
    "folded": ("nobody", 3),
    "running": ("nobody", 3),
    "backed": ("nobody", 3),
    "person": ("telegram:900", 3),
    "notes": ("/nowhere/n.jsonl", 3),
    "triaged": ("ffffffff", 3),
    "waiting": ("ffffffff", 3),
    "letter": ("/nowhere/letter.eml", 3),
}
"""What the examples of the other modules name: one that is not there, and how a command ends that is given it."""


@pytest.mark.parametrize(
    ("name", "thing"), [(name, thing) for name in LEAVES for thing in ABSENT if f"{{{thing}}}" in EXAMPLES[name]]
)
def test_a_thing_that_is_not_there(places, halo, name, thing):
    wrong, code = ABSENT[thing]
    said = halo(*line(name, places | {thing: wrong}), "--json")
    assert (said.code, said.error["kind"]) == (code, "not_found"), said


def test_a_number_that_means_an_item(places, halo):
    for reference in ("T-001", "T-1", "t-001", "t1", "T1", "1", "001", " 1 "):
        assert halo("tasks", "show", reference, "--json").data["id"] == "T-001"
    commands_last = halo("tasks", "note", "T-003", "touched", "--json").data["id"]
    assert halo("tasks", "show", "@last", "--json").data["id"] == commands_last


def test_a_long_answer_is_cut_and_says_so(workspace, halo, nightctl):
    for number in range(7):
        commands.add(workspace, f"item {number}")
    for words in (["tasks", "list"], ["tasks", "ready"], ["events", "list"]):
        said = halo(*words, "--limit", "3", "--json")
        assert (len(said.data), said.json["more"]) == (3, 4)
        assert halo(*words, "--limit", "3").err == "4 more; --limit 0 shows all\n"
        said = halo(*words, "--limit", "0", "--json")
        assert (len(said.data), said.json["more"]) == (7, 0)
        said = halo(*words, "--limit", "7", "--json")
        assert (len(said.data), said.json["more"]) == (7, 0)


def test_runs_are_cut_too(workspace, halo):
    for number in range(4):
        item = walking.make(workspace, Kind.JOB, f"job {number}").id
        walking.run_ends(workspace, walking.run_starts(workspace, item), "failed")
    said = halo("tasks", "runs", "--limit", "3", "--json")
    assert (len(said.data), said.json["more"]) == (3, 1)
