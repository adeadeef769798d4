"""The journal: entries with ids that no other machine gives, found again by their words, read back as a week."""

from __future__ import annotations

import csv
import io
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from halo_engine import clock
from halo_engine.digest import Days, Window
from halo_engine.errors import Usage
from halo_engine.journal import commands, digest, queries, search, window
from halo_engine.journal.queries import EntryFilter
from halo_engine.workspace import Workspace

Call = Callable[..., Any]
NOW = clock.instant("2026-11-20T12:00:00.000000Z")


@pytest.fixture
def journal(halo: Call) -> Call:
    return lambda *words: halo("journal", *words)


@pytest.fixture
def week(workspace: Workspace) -> Workspace:
    """Five entries of the days before `NOW`, the oldest first."""
    for back, text, tags, mood, energy in (
        (9, "Long ago, on the river", (), "", None),
        (5, "Mum's bot is silent", ("fleet", "mum"), "puzzled", 4),
        (3, "The silence is a cron line", ("fleet",), "pleased", 8),
        (2, "Coffee with Zoë; talked about the kitchen", (), "", 6),
        (1, "Kitchen measured, shelf ordered", (), "", None),
    ):
        with clock.held(NOW - timedelta(days=back)):
            commands.add(workspace, text, tags, mood, energy)
    return workspace


def texts(found: tuple[list[Any], int]) -> list[str]:
    return [row.text.split()[0] for row in found[0]]


def test_an_entry_comes_back_as_it_was_written(workspace: Workspace, journal: Call) -> None:
    text = "Two lines,\n  the second *indented* – \U0001f989"
    said = journal("add", text, "--tags", "a,B", "--mood", "Calm", "--energy", "7", "--json")
    assert said.code == 0
    row = queries.entry(workspace, said.data["id"][-6:])
    assert (row.text, row.tags, row.mood, row.energy) == (text, ("a", "b"), "calm", 7)
    assert text.splitlines()[1] in journal("show", row.short).out


def test_every_time_has_its_zone(workspace: Workspace, journal: Call, halo: Call) -> None:
    (workspace.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    with clock.held(datetime(2026, 7, 1, 21, 30, tzinfo=UTC)):
        said = journal("add", "Late")
        assert said.out.split("  ")[1] == "2026-07-02 00:30:00 EEST"
        assert "WRITTEN (EEST)" in journal("list").out
        assert "## 2026-07-02 00:30 EEST" in journal("export", "--format", "markdown").out
        assert "2026-07-02 00:30:00 EEST" in halo("events", "tail", "--no-follow").out


def test_standard_input(journal: Call, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe\n"))
    assert journal("add", "-").code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("without a dash\n"))
    assert journal("add").code == 0
    assert texts(queries.page(workspace, EntryFilter())) == ["without", "from"]


@pytest.mark.parametrize(
    ("text", "tags", "mood"), [("  \n", (), ""), ("x" * 100_001, (), ""), ("x", ("a b",), ""), ("x", (), "so so")]
)
def test_what_is_no_entry_is_refused(workspace: Workspace, text: str, tags: tuple[str, ...], mood: str) -> None:
    with pytest.raises(Usage):
        commands.add(workspace, text, tags, mood)
    assert workspace.log.head() == 0


def test_two_machines_never_give_the_same_id(workspace: Workspace, tmp_path: Any) -> None:
    other = Workspace(tmp_path / "other")
    other.create()
    commands.add(workspace, "ours")
    commands.add(other, "theirs")
    ids = {row.id for place in (workspace, other) for row in queries.page(place, EntryFilter())[0]}
    assert len(ids) == 2


def test_filters(week: Workspace) -> None:
    assert texts(queries.page(week, EntryFilter(tags=("fleet",)))) == ["The", "Mum's"]
    assert texts(queries.page(week, EntryFilter(tags=("fleet", "MUM")))) == ["Mum's"]
    assert texts(queries.page(week, EntryFilter(mood="Pleased"))) == ["The"]
    since = clock.stamp(NOW - timedelta(days=4))
    assert texts(queries.page(week, EntryFilter(since=since))) == ["Kitchen", "Coffee", "The"]
    rows, more = queries.page(week, EntryFilter(), 2)
    assert (len(rows), more) == (2, 3)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("silent", ["Mum's"]),
        ("silen*", ["The", "Mum's"]),
        ("SILENCE", ["The"]),
        ("zoe", ["Coffee"]),
        ("kitchen", ["Kitchen", "Coffee"]),
        ('"cron line"', ["The"]),
        ('"line cron"', []),
        ("fleet", ["The", "Mum's"]),
        ("puzzled", ["Mum's"]),
        ("kitchen coffee", ["Coffee"]),
        ("nothing", []),
    ],
)
def test_words_are_found(week: Workspace, words: str, found: list[str]) -> None:
    assert texts(queries.found(week, words)) == found


def test_new_entries_are_found_and_a_lost_or_foreign_index_is_made_again(week: Workspace) -> None:
    assert texts(queries.found(week, "kitchen", 1)) == ["Kitchen"]
    commands.add(week, "Another kitchen")
    assert queries.found(week, "kitchen", 1)[1] == 2
    for damage in (b"", b"not a database at all" * 100):
        (week.store / search.FILE).write_bytes(damage)
        assert len(queries.found(week, "kitchen")[0]) == 3


def test_the_index_of_another_journal_is_not_believed(week: Workspace, tmp_path: Any) -> None:
    other = Workspace(tmp_path / "other")
    other.create()
    commands.add(other, "no kitchen here, but one entry")
    queries.found(week, "kitchen")
    queries.found(other, "entry")
    shutil.copy(week.store / search.FILE, other.store / search.FILE)
    assert len(queries.found(other, "entry")[0]) == 1
    assert len(queries.found(other, "river")[0]) == 0


def test_the_past_is_searched_as_it_was(week: Workspace) -> None:
    then = week.at(2)
    assert texts(queries.found(then, "silen*")) == ["Mum's"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(some.text(max_size=30))
def test_any_search_is_answered_or_refused(week: Workspace, words: str) -> None:
    try:
        search.expression(words)
    except Usage:
        return
    queries.found(week, words)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(some.text(alphabet=some.characters(codec="utf-8"), min_size=1, max_size=200))
def test_any_text_comes_back(workspace: Workspace, text: str) -> None:
    if text.strip():
        assert queries.entry(workspace, commands.add(workspace, text).id).text == text.strip()


def test_stats(week: Workspace) -> None:
    with clock.held(NOW):
        found = queries.stats(week)
    assert (found.entries, found.days, found.streak, found.longest) == (5, 5, 3, 3)
    assert found.energy == 6
    assert found.tags == {"fleet": 2, "mum": 1}
    assert found.months == {"2026-11": 5}


def test_without_a_key_a_window_is_read_back_by_theme(week: Workspace) -> None:
    with clock.held(NOW):
        found = window.read(week, 7)
    assert [(theme.name, len(theme.entries)) for theme in found.themes] == [("fleet", 2), ("kitchen", 2)]
    assert (found.entries, found.text) == (4, "")


class Model(BaseHTTPRequestHandler):
    """Answers as the vendor's API does, or not at all."""

    asked: list[dict[str, Any]]
    status = 200

    def do_POST(self) -> None:
        type(self).asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        content = [{"type": "text", "text": "A week about one bot."}]
        body = {"id": "m", "type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn"}
        said = msgspec.json.encode(body | {"model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}})
        self.send_response(self.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def model(week: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Model]]:
    handler = type("Asked", (Model,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    (week.root / "halo.yaml").write_text(f"llm: {{base_url: 'http://127.0.0.1:{server.server_port}'}}\n")
    yield handler
    server.shutdown()
    server.server_close()


def test_with_a_key_the_model_is_asked_once_for_the_same_entries(week: Workspace, model: type[Model]) -> None:
    place = Workspace(week.root)
    with clock.held(NOW):
        first, second = window.read(place, 7), window.read(place, 7)
        assert (first.text, first.cached, second.cached) == ("A week about one bot.", False, True)
        assert len(model.asked) == 1
        sent = model.asked[0]["messages"][0]["content"]
        assert "Mum's bot is silent" in sent
        assert "river" not in sent
        assert window.read(place, 7, anew=True).cached is False
        commands.add(place, "one more")
        assert window.read(place, 7).cached is False
    assert len(model.asked) == 3


def test_a_model_that_fails_leaves_the_themes(week: Workspace, model: type[Model], capsys: Any) -> None:
    model.status = 400
    with clock.held(NOW):
        found = window.read(Workspace(week.root), 7)
    assert found.text == ""
    assert [theme.name for theme in found.themes] == ["fleet", "kitchen"]
    assert "without the language model" in capsys.readouterr().err


def test_a_dry_run_asks_nobody(week: Workspace, model: type[Model], journal: Call) -> None:
    assert journal("window", "--dry-run").code == 0
    assert model.asked == []


def test_export(week: Workspace, journal: Call, tmp_path: Any) -> None:
    lines = [json.loads(line) for line in journal("export").out.splitlines()]
    assert [line["text"].split()[0] for line in lines] == ["Long", "Mum's", "The", "Coffee", "Kitchen"]
    rows = list(csv.DictReader(io.StringIO(journal("export", "--format", "csv").out)))
    assert rows[1]["tags"] == "fleet mum"
    assert "## 2026-11-15 12:00 UTC\n*#fleet" in journal("export", "--format", "markdown").out
    assert journal("export", "--output", str(tmp_path / "all.jsonl")).code == 0
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 5
    assert journal("export", "--output", str(tmp_path)).code == 2


def test_what_briefings_and_reports_say(week: Workspace) -> None:
    since, until = clock.stamp(NOW - timedelta(days=4)), clock.stamp(NOW)
    (section,) = digest.briefing(week, Window(since, until, until))
    assert [point.text.split()[0] for point in section.points] == ["The", "Coffee", "Kitchen"]
    measures = {each.name: each for each in digest.report(week, Days(date(2026, 11, 15), 5, UTC))}
    assert measures["journal.entries"].values == (1, 0, 1, 1, 1)
    assert measures["journal.energy"].over(0, 5) == 6
