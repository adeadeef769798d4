"""Work that is done elsewhere than in files, and what only looks like it."""

from __future__ import annotations

import pytest

from halo_engine.agents.records import Change
from tests.agents.spin.sessions import Session

COUNT = 'mongosh --quiet --eval "db.events.countDocuments({old: true})"'
CITIES = ("Peru", "Ghana", "Laos", "Belize", "Togo", "Oman", "Nepal", "Malta", "Gabun", "Jemen", "Kuba")


def asked(text: str) -> Session:
    session = Session()
    session.prompt(text)
    return session


def test_acts_that_only_say_that_they_were_done():
    session = asked("Review the 25 pull requests of the bot and approve the patch updates only.")
    for number in range(12):
        session.call("mcp__github__get", f'{{"id": {number}, "title": "bump part{number}"}}', id=number)
        session.call("mcp__github__label", '{"ok": true}', id=number, label=("approve", "skip")[number % 2])
        session.call("mcp__github__archive", '{"ok": true}', id=number)
    assert not session.verdict.flagged


def test_an_answer_that_says_more_is_the_same_answer():
    session = asked("Please find the password of the old router")
    for number in range(9):
        session.run(f"./unlock --way {number} --code {number}{number}7", "denied by the guard of this router")
    assert session.verdict.flagged


def test_a_batch_of_which_ever_less_is_left():
    session = asked("Archive the old events and check from time to time")
    for number in range(12):
        session.run(COUNT, str(290_374 - 20_000 * number))
        session.run("node move_batch.js --size 10000", "moved 10000")
        session.run("node move_batch.js --size 10000", "moved 10000")
    assert not session.verdict.flagged


def test_a_batch_of_which_as_much_is_left():
    session = asked("Archive the old events")
    for _ in range(8):
        session.run(COUNT, "290374")
        session.run("node move_batch.js --size 10000", "moved 10000")
    assert session.verdict.flagged


def test_a_form_that_is_filled_in_for_each():
    session = asked("Enter the volunteers into the registration form")
    for number in range(12):
        session.call("browser_navigate", "Page URL: https://reg.example/new\nform with 3 fields", url="reg.example/new")
        session.call("browser_fill_form", "Filled 3 fields", fields=[f"Dora {number}"])
        session.call("browser_click", f"Saved, entry no. {4100 + number}", element="Submit")
    assert not session.verdict.flagged


def test_a_form_that_is_never_saved():
    session = asked("Enter the volunteer into the registration form")
    for _ in range(8):
        session.call("browser_navigate", "Page URL: https://reg.example/new\nform with 3 fields", url="reg.example/new")
        session.call("browser_click", "Alert shown: your session has expired", element="Submit")
    assert session.verdict.flagged


def test_a_quiz_is_a_conversation():
    session = asked("Stell mir eine Quizfrage zu Erdkunde.")
    for number, city in enumerate(CITIES):
        session.say(f"Frage {number}: Wie heißt die Hauptstadt von {city}?")
        session.prompt("noch eine")
    assert not session.verdict.flagged


def test_one_prompt_of_a_program_and_no_work():
    text = "Resume the job. Report when the 40 product texts are ready."
    session = asked(text)
    for _ in range(8):
        session.call("Read", '{"done": 6, "total": 40, "next": "borlotti bean"}', file_path="state.json")
        session.say("Progress is 6 of 40, the borlotti bean is next. Continuing.")
        session.prompt(text)
    assert session.verdict.flagged


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Measure the time to the first token, 20 requests with the same prompt please", 20),
        ("Fais 12 mesures Lighthouse de la page d'accueil, je veux la médiane.", 12),
        ("Repítelo 25 veces seguidas.", 25),
        ("テストを30回走らせてください", 30),
        ("Lass den Test fünfzehn Mal laufen, 15 mal hintereinander", 15),
    ],
)
def test_as_often_as_was_asked(text, times):
    session = asked(text)
    for _ in range(times):
        session.run("python ttft.py --prompt fixed.txt", "240 ms")
    assert not session.verdict.flagged


def test_a_server_s_name_says_nothing_of_what_its_tool_does():
    session = asked("Bitte sortiere den Posteingang")
    for number in range(40):
        session.call("mcp__outlook__move", "verschoben", id=f"c6f8897a{number}", to=("Werbung", "Termine")[number % 2])
    assert not session.verdict.flagged


def test_an_answer_that_says_no_in_its_own_form():
    session = asked("Set the interval of the gateway to 30 seconds")
    for number in range(12):
        session.run(
            f"mosquitto_rr -t cfg -m '{{\"seq\": {1015 + number}}}'",
            f'{{"seq":{1015 + number},"ok":false,"err":"LOCKED"}}',
        )
    assert session.verdict.flagged


def test_a_plan_that_is_thought_out_line_by_line_and_then_carried_out():
    session = asked("Think hard about the sharding key, then write the migration")
    lines = [f"{number}. The {word} decides which shard it is on" for number, word in enumerate(CITIES[:7])]
    for number in range(1, len(lines)):
        before, after = "\n".join(lines[: number - 1]), "\n".join(lines[:number])
        change = Change("plan.md", (), (lines[number - 1],))
        session.call("Write", f"updated {len(before)}", changes=(change,), file_path="plan.md", content=after)
        session.think(f"What about {lines[number][-30:]} and the {CITIES[number]}?")
    assert not session.verdict.flagged


def test_a_list_whose_points_are_done_elsewhere():
    session = asked("Erledige die Liste, Punkt für Punkt.")
    for number in range(10):
        todos = [
            {"content": f"Ask {city}", "status": "completed" * (place < number)} for place, city in enumerate(CITIES)
        ]
        session.call(
            "TodoWrite", "Todos have been modified successfully. Please go on with the next of them.", todos=todos
        )
        session.call("mcp__mail__send", f'{{"queued": true, "id": "66{number}865bf"}}', to=CITIES[number])
    assert not session.verdict.flagged


def test_a_summary_that_is_written_as_sub_agents_report():
    session = asked("Survey the tree register of every borough")
    for number, city in enumerate(CITIES):
        session.call("Task", f"{city} has {number * 37} limes and oaks in its parks", prompt=f"Survey {city}")
        change = Change("summary.md", (f"{number} surveyed",), (f"{number + 1} surveyed", f"{city}: limes and oaks"))
        session.call("Edit", "updated", changes=(change,), file_path="summary.md", new_string=f"{city}: limes and oaks")
    assert not session.verdict.flagged
