"""The net under the other rules: what costs and what gets on, summed up."""

from __future__ import annotations

import pytest

from tests.agents.spin.sessions import Session

ONLY = 3
"""Lines of a file that is nobody's but the reader's."""


@pytest.fixture
def session():
    made = Session()
    made.prompt("Please fix the port of the server in the configuration")
    return made


def look(session, number):
    """Something new, that leads to nothing."""
    session.call(
        "Read",
        "\n".join(f"def unit_{number}_{line}(): return {line}" for line in range(ONLY)),
        file_path=f"{number}.py",
    )


def test_a_wrong_edit_to_and_fro_while_the_person_complains(session):
    for number in range(6):
        old, new = ("limit = 10", "limit = 11") if number % 2 == 0 else ("limit = 11", "limit = 10")
        session.edit("a.py", old, new)
        session.say("I am sorry. It is correct now.")
        session.prompt(["still wrong", "no change here", "nope", "that did not change anything"][number % 4])
    assert session.verdict.flagged


def test_edits_without_effect_on_what_the_program_says(session):
    forms = ['port = "9090"', "port = 9090", "PORT = 9090", "port: 9090", 'server.port = "9090"', "port=9090"]
    for number, (old, new) in enumerate(zip(["port = 8080", *forms], forms, strict=False)):
        session.edit("server.toml", old, new)
        session.run(
            "python -m server --check", f"2026-09-05 21:58:{number:02} starting, pid={number}77\nport = 8080\nready"
        )
        look(session, number)
    assert session.verdict.flagged


def test_work_that_is_thrown_away_each_time(session):
    for number in range(5):
        for file in "abc":
            session.edit(f"{file}.py", f"{file} = 1", f"{file} = unit{number}({file}, {number})")
        session.run("make test", "1 failed: total", failed=True)
        session.run("git checkout .", "Updated 3 paths from the index")
    assert session.verdict.flagged


def test_two_versions_that_take_turns(session):
    for number in range(5):
        one, other = ("3.8", "3.9") if number % 2 else ("3.9", "3.8")
        session.edit("package.json", f'"lib": "{other}"', f'"lib": "{one}"')
        session.run(
            "npm install", "ERESOLVE could not resolve" if number % 2 else "changed 1 package", failed=bool(number % 2)
        )
        session.run("npm test", "Error: plugin wants lib 3.9", failed=True)
    assert session.verdict.flagged


def test_a_promise_that_has_to_be_asked_for_again_and_again(session):
    for number in range(6):
        session.say(f"Certainly, I shall begin with part {number} now. Shall I go on?")
        session.prompt(["yes, do it", "ok go", "yes please", "start now", "please go ahead", "yes"][number])
    assert session.verdict.flagged


def test_a_person_who_says_go_on_and_gets_something(session):
    for number in range(12):
        session.edit(f"{number}.py", "a = 1", f"a = unit{number}(b)")
        session.say(f"Part {number} is done.")
        session.prompt("go on")
    assert session.verdict.score == 0


def test_an_honest_search_for_a_cause(session):
    for number in range(9):
        look(session, number)
        look(session, number + 100)
        session.edit(f"{number}.py", f"a{number} = 1", f"a{number} = unit(b{number})")
        session.run("make test", "1 failed: test_total", failed=True)
    session.run("make test", "9 passed")
    assert not session.verdict.flagged


def test_what_is_left_falls(session):
    for number in range(15):
        session.run("./purge.sh", f"DELETE 39{100 + number * 7 % 90} / {900_000 - number * 39_000}")
    assert not session.verdict.flagged


def test_what_is_echoed_is_no_news(session):
    for number in range(8):
        session.run("python -m server --check", "port = 8080 as ever, and nothing of it is new")
        session.run(
            f"echo 'Question {number}: should it be here or there?'", f"Question {number}: should it be here or there?"
        )
    assert session.verdict.flagged


def test_a_check_that_passes_settles_all(session):
    for _ in range(3):
        session.edit("a.py", "x = 1", "x = 2")
        session.run("make test", "1 failed", failed=True)
        session.edit("a.py", "x = 2", "x = 1")
    session.edit("a.py", "x = 1", "x = right(y)")
    session.run("make test", "4 passed")
    assert session.verdict.score == 0


def test_as_many_measurements_as_were_asked_for():
    session = Session()
    session.prompt("I need ten measurements of it, then a table")
    for number in range(10):
        session.run("make bench-it", f"it: {130 + number * 7 % 11}.{number} ms/op")
    assert not session.verdict.flagged


def test_one_order_about_other_things_is_a_batch():
    session = Session()
    session.prompt("Review the security of our modules and give me one table")
    for name in ("mail", "login", "search", "billing", "upload", "export"):
        found = f"{name}: it logs the secret in clear and lacks a limit. Severity: low."
        session.call("Task", found, prompt=f"Review the {name} module and answer in two sentences.")
    assert not session.verdict.flagged
