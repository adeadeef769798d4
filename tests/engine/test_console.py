"""How commands answer: the answer on stdout and nothing else there, exit codes, errors in words and in JSON."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pytest

from halo_engine import console, errors
from halo_engine.commandline import Answer, App, run
from halo_engine.errors import HaloError

ROOT = Path(__file__).parents[2]
KINDS = {
    "Failed": ("failed", 1),
    "Usage": ("usage", 2),
    "NotFound": ("not_found", 3),
    "NotAllowed": ("not_allowed", 4),
    "Conflict": ("conflict", 4),
    "Unavailable": ("unavailable", 5),
    "BadConfig": ("bad_config", 6),
    "BadData": ("bad_data", 7),
    "Damaged": ("damaged", 7),
}


def test_the_kinds_of_errors_and_their_exit_codes():
    found = {name: each for name, each in vars(errors).items() if isinstance(each, type) and each is not HaloError}
    found = {name: (each.kind, each.exit_code) for name, each in found.items() if issubclass(each, HaloError)}
    assert found == KINDS


@pytest.fixture
def app():
    made = App("probe", help="For tests.")

    @made.verb(view=console.line, changes=True)
    @click.argument("what")
    def do(workspace, what):
        """Do what is said."""
        if what in KINDS:
            raise getattr(errors, what)("it went wrong", "mend it")
        if what == "interrupt":
            raise KeyboardInterrupt
        if what == "disk":
            raise OSError(28, "No space left on device", "/some/file")
        if what == "nothing":
            return None
        return Answer({"did": what}, more=3, note="by the way", exit_code=1 if what == "no" else 0, shown=f"did {what}")

    return made


def call(app, capsys, *words):
    capsys.readouterr()
    code = run(app, words, "probe")
    return code, *capsys.readouterr()


def test_an_answer_for_a_person(workspace, app, capsys):
    assert call(app, capsys, "do", "it") == (0, "did it\n", "by the way\n3 more; --limit 0 shows all\n")


def test_an_answer_for_a_program(workspace, app, capsys):
    code, out, err = call(app, capsys, "do", "it", "--json")
    assert (code, err) == (0, "by the way\n")
    assert msgspec.json.decode(out) == {"schema_version": 1, "data": {"did": "it"}, "more": 3}


def test_the_answer_is_no(workspace, app, capsys):
    assert call(app, capsys, "do", "no")[0] == 1


def test_no_answer(workspace, app, capsys):
    assert call(app, capsys, "do", "nothing") == (0, "", "")


@pytest.mark.parametrize("kind", KINDS)
def test_errors(workspace, app, capsys, kind):
    assert call(app, capsys, "do", kind) == (KINDS[kind][1], "", "error: it went wrong\nhint: mend it\n")
    code, out, err = call(app, capsys, "do", kind, "--json")
    assert (code, err) == (KINDS[kind][1], "")
    assert msgspec.json.decode(out) == {
        "error": {"kind": KINDS[kind][0], "message": "it went wrong", "hint": "mend it"}
    }


def test_a_disk_that_refuses(workspace, app, capsys):
    code, out, _ = call(app, capsys, "do", "disk", "--json")
    assert code == 5
    assert msgspec.json.decode(out)["error"]["message"] == "/some/file: No space left on device"


def test_an_interruption(workspace, app, capsys):
    assert call(app, capsys, "do", "interrupt") == (130, "", "\ninterrupted\n")


def test_usage(workspace, app, capsys):
    code, out, err = call(app, capsys, "do")
    assert (code, out) == (2, "")
    assert err == "error: Missing argument 'WHAT'.\nhint: probe do --help\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("short", "short"),
        ("just ten c", "just ten c"),
        ("just eleven", "just elev…"),
        ("six or\n ten", "six or ten"),
        ("  a     b  ", "a b"),
        ("eight ch and more", "eight ch…"),
        ("withoutblanks", "withoutbl…"),
        ("", ""),
    ],
)
def test_a_long_text_is_cut_to_a_line_with_a_sign(text, said):
    assert console.cut(text, 10) == said


def test_what_is_counted_agrees_with_its_number():
    said = [console.counted(number, what) for what in ("day", "entry", "key") for number in (0, 1, 1000)]
    assert said == [
        "0 days",
        "1 day",
        "1,000 days",
        "0 entries",
        "1 entry",
        "1,000 entries",
        "0 keys",
        "1 key",
        "1,000 keys",
    ]


@pytest.mark.parametrize("title", ["[/b] a [red]title[/red] [link=http://x]", ":smile: [bold", "\\[x]", "a [b] c"])
def test_titles_are_no_markup(workspace, nightctl, title):
    nightctl("add", title)
    for words in (["list"], ["show", "1"], ["next"], ["history", "1"]):
        said = nightctl(*words)
        assert said.code == 0
        assert title in said.out.replace("\\\\", "\\")


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_row_that_is_cut_is_a_line_in_which_each_column_shows(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [("a1b2c3d4", "why " * 12, "who " * 12, "short", "what " * 30), ("b1", "", "", "", "it")]
    console.table(("ID", "WHY", "WHO", "KIND", "SUBJECT"), rows, cut=True, whole=(0,))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= columns
    assert lines[1].startswith("a1b2c3d4  why")
    assert "short" in lines[1]
    assert re.search(r"  what .*…$", lines[1].rstrip())


def test_wide_and_right_to_left_text(workspace, nightctl):
    for title in ("日本語のタイトル", "שלום עולם", "e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467", "x" * 500):
        assert nightctl("add", title).code == 0
        assert title in nightctl("list").out.replace("\n", "").replace(" " * 9, "") or len(title) > 100
        assert nightctl("show", "@last", "--json").data["title"] == title


HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x9b0m\x00\x08"


def test_nothing_steers_the_terminal(workspace, nightctl):
    """What others wrote (a note, a reason, a file that was imported) is shown; it does not act."""
    nightctl("add", "safe")
    said = nightctl("note", "1", f"see {HOSTILE} here")
    nightctl("cancel", "1", "--reason", f"since {HOSTILE}")
    assert said.code in {0, 2}
    for words in (["show", "1"], ["list", "--all"], ["history", "1"]):
        shown = nightctl(*words).out
        assert not set("\x1b\x07\x9b\x00\x08") & set(shown), words


def shell(line, where, **environment):
    env = {name: value for name, value in os.environ.items() if not name.startswith("HALO_")}
    env |= {"PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(where), **environment}
    program = f"{sys.executable} -c 'from halo_engine.cli import main; main()'"
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("halo ", f"{program} ")],
        check=False,
        env=env,
        capture_output=True,
        timeout=60,
    )


def test_a_reader_that_goes_away(tmp_path):
    shell("halo tasks add one; halo tasks add two", tmp_path)
    done = shell("halo events list --json | true; halo tasks list | head -1", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_stdout(tmp_path):
    shell("halo tasks add one", tmp_path)
    for words in ("tasks list", "events list --json", "events export", "tasks show 1 --json"):
        done = shell(f"halo {words} > /dev/full", tmp_path)
        assert done.returncode == 5, words
        assert b"No space left" in done.stderr
        assert b"Traceback" not in done.stderr
        assert done.stderr.count(b"\n") <= 2


def test_a_closed_stdout(tmp_path):
    done = shell("halo tasks add one >&-", tmp_path)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["tasks list", "tasks show 1", "status", "doctor", "events list"])
def test_no_colour_where_none_is_wanted(tmp_path, words):
    shell("halo tasks add one --priority high; halo tasks start 1", tmp_path)
    assert b"\x1b" not in shell(f"halo {words}", tmp_path).stdout
    terminal = f'script -qec "halo {words}" /dev/null'
    coloured = shell(terminal, tmp_path, TERM="xterm-256color")
    plain = shell(terminal, tmp_path, TERM="xterm-256color", NO_COLOR="1")
    assert coloured.stdout
    assert b"\x1b[3" not in plain.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_other_locales(tmp_path, locale):
    done = shell("halo tasks add 'Grüße 日本' && halo tasks list && halo tasks list --json", tmp_path, LC_ALL=locale)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Grüße 日本".encode() in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_other_encodings(tmp_path, encoding):
    done = shell(
        "halo tasks add 'Grüße 日本' && halo tasks list && halo tasks list --json", tmp_path, PYTHONIOENCODING=encoding
    )
    assert (done.returncode, done.stderr) == (0, b"")
    shown = shell("halo tasks list --json", tmp_path).stdout
    assert msgspec.json.decode(shown)["data"][0]["title"] == "Grüße 日本"


def test_saving_is_all_or_nothing(tmp_path):
    def lines():
        yield "one"
        raise LookupError

    path = tmp_path / "answer"
    path.write_text("before")
    with pytest.raises(LookupError):
        console.save(path, lines())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    assert console.save(path, iter(["a", "ä"])) == 2
    assert path.read_text(encoding="utf-8") == "a\nä\n"


SPOILT = "a\udcffb"
"""What Python makes of a byte on the command line that is no UTF-8."""


@pytest.mark.parametrize(
    "words",
    [
        ["tasks", "add", SPOILT],
        ["tasks", "add", "x", "--context", SPOILT],
        ["tasks", "add", "x", "--tag", SPOILT],
        ["tasks", "add", "x", "--key", SPOILT],
        ["tasks", "add", "x", "--window", SPOILT],
        ["tasks", "add", "x", "--due", SPOILT],
        ["tasks", "add", "x", "--kind", "job", "--command", SPOILT],
        ["tasks", "add", "x", "--depends-on", SPOILT],
        ["tasks", "add", "x", "--priority", SPOILT],
        ["tasks", "edit", "1", "--title", SPOILT],
        ["tasks", "note", "1", SPOILT],
        ["tasks", "cancel", "1", "--reason", SPOILT],
        ["tasks", "show", SPOILT],
        ["tasks", "list", "--text", SPOILT],
        ["tasks", "list", "--status", SPOILT],
        ["tasks", SPOILT],
        ["events", "show", SPOILT],
        ["events", "list", "--stream", SPOILT],
        ["events", "list", "--text", SPOILT],
        ["events", "rebuild", SPOILT],
        [SPOILT],
        ["--" + SPOILT],
    ],
    ids=lambda words: " ".join(words[:3]).encode(errors="backslashreplace").decode(),
)
def test_a_word_that_is_no_unicode(workspace, halo, words):
    halo("tasks", "add", "there")
    head = workspace.log.head()
    said = halo(*words, "--json")
    assert said.code in {2, 3, 7}, said
    assert said.error["message"]
    assert halo(*words).code == said.code
    assert workspace.log.head() == head


@pytest.mark.parametrize("name", ["HALO_ACTOR", "HALO_HOST", "HALO_CORRELATION_ID", "HALO_CAUSATION_ID"])
def test_an_environment_that_is_no_unicode(workspace, nightctl, monkeypatch, name):
    monkeypatch.setenv(name, SPOILT)
    said = nightctl("add", "x", "--json")
    assert (said.code, said.error["kind"]) == (7, "bad_data")
    assert workspace.log.head() == 0


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "", "2026-11-20T14:02:11"])
def test_a_time_that_is_held(workspace, nightctl, monkeypatch, value):
    monkeypatch.setenv("HALO_NOW", value)
    said = nightctl("add", "x", "--json")
    assert said.code in {0, 2}, said
    assert (said.code == 2) == (value in {"yesterday", "2026-13-01"})


def test_an_answer_goes_through_a_link_and_into_what_is_no_file(tmp_path):
    path, link = tmp_path / "out.txt", tmp_path / "link"
    path.write_text("before")
    link.symlink_to(path)
    assert console.save(link, iter(["a"])) == 1
    assert (link.is_symlink(), path.read_text()) == (True, "a\n")
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDWR | os.O_NONBLOCK)
    assert console.save(tmp_path / "pipe", iter(["a", "b"])) == 2
    assert os.read(reading, 9) == b"a\nb\n"
    os.close(reading)
