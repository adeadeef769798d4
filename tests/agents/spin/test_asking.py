"""What a person asks for and complains of, and what comes of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from halo_engine.agents.spin.asking import understood
from tests.agents.spin.sessions import Session

SEEN = "one line of it\nanother line of it\na third line of it\na fourth line of it\n"


@pytest.fixture
def session():
    made = Session()
    made.prompt("Please fix it")
    return made


@pytest.mark.parametrize(
    ("words", "times"),
    [("Run it twenty times", 20), ("three runs each", 3), ("do it 40x", 40), ("it is flaky", 60), ("mend it", 0)],
)
def test_what_was_asked_for_so_often_may_be_done_so_often(words, times):
    assert understood(words).times == times
    session = Session()
    session.prompt(words)
    for _ in range(times):
        session.run("pytest tests/test_sync.py", "1 passed")
    assert session.verdict.score == 0


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("go on", {"urges": True}),
        ("please undo that", {"undo": True}),
        ("no, wait until CI is green", {"wait": True}),
        ("still broken, try 5 times", {"times": 5}),
        ("I have told you three times, it is still wrong", {"complains": True}),
        ("Wait, that is still wrong", {"complains": True}),
        ("no change, it looks as it was", {"complains": True}),
        ("why is it still broken?", {"complains": True}),
        ("that is wrong, put it as it was", {"undo": True}),
        ("fix the list view", {"change": True}),
        ("Rename the audit log table", {"change": True}),
        ("Write the list view", {"change": True}),
        ("Fix the broken link in the header", {"change": True}),
        ("Fix the bug where orders are lost", {"change": True}),
        ("fix the undo button", {"change": True}),
        ("list the endpoints and fix nothing", {}),
        ("write a report on the login module", {}),
        ("what is wrong with the parser?", {}),
        ("find out why it is slow and fix it", {}),
        ("No problem, thanks", {}),
        ("is it still running?", {}),
        ("nothing changed", {"complains": True}),
    ],
)
def test_what_is_asked_for(words, wanted):
    asked = understood(words)
    assert {name: value for name in asked.__struct_fields__ if (value := getattr(asked, name))} == wanted


def test_the_first_prompt_complains_of_nothing_that_the_agent_did():
    session = Session()
    session.prompt("The build is broken, please fix it")
    for number in range(40):
        session.call("Read", "\n".join(f"line {n} of file {number} is new" for n in "abcde"), file_path=f"{number}.py")
    assert session.rules["exploring"] == 1


COMPLAINTS = ("still the same", "it is not fixed", "no, it is still wrong", "nothing changed", "still broken")


def test_complaints_that_nobody_heeds(session):
    for number, complaint in enumerate(COMPLAINTS):
        session.call("Read", f"{SEEN}\nand line {number}", file_path=f"{number}.py")
        session.say("Sorry about that, it is corrected now.")
        session.prompt(complaint)
    assert session.verdict.findings[0].rule == "unheeded"
    assert session.verdict.flagged
    assert session.verdict.since == 4


def test_complaints_after_each_of_which_something_is_tried(session):
    for number, complaint in enumerate(COMPLAINTS * 2):
        session.edit("a.py", f"a{number} = 1", f"a{number} = unit(b{number})")
        session.say("Sorry about that, it is corrected now.")
        session.prompt(complaint)
    assert not session.verdict.flagged


def test_answers_that_a_person_does_not_like():
    session = Session()
    session.prompt("What does the retry limit mean here?")
    for complaint in COMPLAINTS:
        session.say(f"I see it so: {complaint} comes of what the limit was {complaint[::-1]}")
        session.prompt(complaint)
    assert not session.verdict.flagged


def test_a_person_who_asks_whether_it_is_done():
    session = Session()
    session.prompt("Deploy it and wait until the pipeline is green")
    for number, question in enumerate(("still red?", "no news?", "still not right?", "still wrong?", "no change?")):
        session.run("gh run view 7", f"status: in progress, {number} of 9 jobs")
        session.say(f"It is in progress, {number} of 9 jobs are done.")
        session.prompt(question)
    assert not session.verdict.flagged


REFLECTIONS = (
    "Perhaps load_order should check the price, or its caller should",
    "Either the caller checks the price or load_order itself should",
    "So: is the price checked in load_order, or by the caller? Hard to say",
    "It comes down to who should check the price, load_order or the caller",
    "The caller could check the price; load_order could check it as well",
    "Before all else: load_order checks the price, or the caller does",
    "Should the price be checked by load_order or by the caller of it?",
    "I am back at the price: load_order or the caller should check it",
)


def test_a_tool_that_only_holds_thoughts_does_nothing(session):
    for number, thought in enumerate(REFLECTIONS):
        session.call(
            "mcp__seq__sequentialthinking", f'{{"thoughtNumber": {number}}}', thought=thought, thoughtNumber=number
        )
    assert session.verdict.flagged
    assert session.verdict.steps == 0


def test_reflections_that_a_person_urges_on(session):
    for one, other in pairwise(REFLECTIONS):
        session.think(other)
        session.say(f"{one}. I want to get this right.")
        if one != REFLECTIONS[-2]:
            session.prompt("ok")
    assert session.rules["monologue"] == 1
    assert session.verdict.flagged


def test_a_talk_that_a_person_urges_on():
    session = Session()
    session.prompt("Tell me of the modules, one at a time")
    for word in ("mail", "login", "search", "billing", "upload", "export", "audit", "cache"):
        session.say(f"The {word} part: {' '.join(word[::-1] + str(place) for place in range(12))}.")
        session.prompt("ok, go on")
    assert not session.verdict.flagged


def test_a_request_that_goes_round():
    session = Session()
    for _ in range(6):
        session.prompt("Continue until all tests pass, do not stop")
        session.say("I am on it.")
    assert session.verdict.findings[0].rule == "asked_again"
    assert session.verdict.flagged


def test_a_person_who_says_go_on_gets_on():
    session = Session()
    for number in range(12):
        session.prompt("go on")
        session.edit(f"{number}.py", "a", f"b(a, {number})")
        session.say("Done.")
    assert session.verdict.score == 0


def test_nudges_in_any_words_that_bring_nothing():
    session = Session()
    session.prompt("Please fix the export")
    for number in range(7):
        session.prompt(("continue", "go on", "please continue", "keep going")[number % 4])
        session.say(("I will now begin with the export.", "Beginning with the export now.")[number % 2])
    assert session.verdict.findings[0].rule == "asked_again"
    assert session.verdict.flagged


@pytest.mark.parametrize(
    "text",
    [
        "It fails once in a while; repeat it till you see it",
        "Schau jede Minute auf die Warteschlange",
        "Surveille la file et préviens-moi",
        "Repítelo hasta cazar el fallo",
        "Controlla ogni 5 minuti",
        "Wacht totdat de build klaar is",
        "ビルドが終わるまで待ってください",
        "每分钟看一下队列",
    ],
)
def test_to_wait_in_many_languages(text):
    assert understood(text).wait


@pytest.mark.parametrize("text", ["Fahre von Bonn bis Köln", "Ödeme ekranına kadar gel", "Va hasta la caja", "Fix it"])
def test_no_waiting(text):
    assert not understood(text).wait


@pytest.mark.parametrize(
    "text", ["p99 went from 80 to 300 ms; fix the chart", "Python 3 is slow", "it took 30 seconds"]
)
def test_a_number_that_says_nothing_of_how_often(text):
    assert understood(text).number == 0


@pytest.mark.parametrize("text", ["já disse que sim", "ja, mach weiter", "oui, vas-y", "да, продолжай", "はい、続けて"])
def test_to_go_on_in_many_languages(text):
    assert understood(text).urges


@pytest.mark.parametrize("text", ["geht immer noch nicht", "toujours la même erreur", "sigue igual", "まだ直ってない"])
def test_complaints_in_many_languages(text):
    assert understood(text).complains


@pytest.mark.parametrize("text", ["Prüfe die alte Anwendung, nichts ändern", "revisa el código sin cambiar nada"])
def test_reports_in_many_languages(text):
    assert not understood(text).change


@pytest.mark.parametrize(
    "words",
    [
        "Run the test until it fails, then tell me why",
        "Run test_sync in a loop and tell me what it says",
        "How flaky is it? Run it a couple of dozen times",
        "Repeat the test till you see it break",
    ],
)
def test_a_test_that_is_run_until_it_fails(words):
    session = Session()
    session.prompt(words)
    for number in range(24):
        session.run("pytest -q tests/test_sync.py", f"1 passed in 0.{number}s")
    session.run("pytest -q tests/test_sync.py", "E  TimeoutError\n1 failed in 5.1s", failed=True)
    assert not session.verdict.flagged


@pytest.mark.parametrize("words", ["Keep watching the queue", "Stay on the queue", "Look after the queue"])
def test_a_queue_that_is_watched(words):
    session = Session()
    session.prompt(words)
    for _ in range(20):
        session.run("./queue-size", "queue: 14 waiting")
        session.wait(10)
    assert not session.verdict.flagged


@pytest.mark.parametrize(
    "words", ["Fill the column in chunks", "Fill it in batches of 5000", "Run the backfill to the end"]
)
def test_a_batch_after_the_other(words):
    session = Session()
    session.prompt(words)
    for _ in range(14):
        session.run("python manage.py backfill --limit 5000", "updated 5000 rows")
    assert not session.verdict.flagged


def test_what_is_left_falls_after_each_batch(session):
    for number in range(14):
        session.run("psql -f one_batch.sql", "UPDATE 5000")
        session.run("./left.sh", f"{70_000 - number * 5000} rows")
    assert not session.verdict.flagged


def test_what_a_person_wants_run_again_and_again():
    session = Session()
    session.prompt("Run the tests, I am changing the files")
    for _ in range(9):
        session.run("make test", "3 failed, 12 passed", failed=True)
        session.say("3 tests fail.")
        session.prompt("run the tests again")
    assert not session.verdict.flagged
