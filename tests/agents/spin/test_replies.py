"""What a person hears, and what a result repeats of the question: told from what is new."""

from __future__ import annotations

import pytest

from halo_engine.agents.spin.asking import understood
from tests.agents.spin.sessions import Session

SORRY = ("Of course, sorry. Updated:", "Good catch! This one works:", "You are right, my mistake. Here is the fix:")
NAMES = ("Peru", "Ghana", "Laos", "Belize", "Togo", "Oman", "Nepal", "Malta", "Gabun", "Yemen", "Cuba", "Chad")


def asked(text: str) -> Session:
    session = Session()
    session.prompt(text)
    return session


def test_the_same_answer_with_another_apology():
    session = asked("Rewrite the pattern so that it takes no empty text")
    for number in range(10):
        session.say(f"{SORRY[number % 3]}\n\n```js\nconst re = /^[a-z]*$/;\n```")
        session.prompt(("the star", "it is identical", "hm", "read it")[number % 4])
    assert session.verdict.findings[0].rule == "parroting"
    assert session.verdict.flagged


def test_another_answer_each_time():
    session = asked("Rewrite the pattern so that it takes no empty text")
    for number in range(10):
        session.say(f"{SORRY[number % 3]}\n\n```js\nconst re = /^[a-z]{{{number}}}$/;\n```")
        session.prompt("not quite")
    assert "parroting" not in session.rules


def test_a_quiz_asks_something_else_in_the_same_words():
    session = asked("Ask me capitals")
    for name in NAMES:
        session.say(f"Right! Next: what is the capital of {name}?")
        session.prompt("Lima")
    assert not session.verdict.flagged


def test_what_is_done_for_each_request_may_be_said_in_the_same_words():
    session = asked("Turn the lamp on")
    for number in range(12):
        session.call("mcp__home__switch", '{"ok": true}', entity="lamp", state=("on", "off")[number % 2])
        session.say("It is done, the lamp has been switched.")
        session.prompt("and back")
    assert "parroting" not in session.rules


def test_comments_are_no_answer_to_a_complaint():
    session = asked("The report shows a wrong sum")
    for number in range(9):
        session.edit("report.py", f"# note {number}\n", f"# note {number + 1}\n")
        session.say(
            ("Sorry about that! The fix is in place now.", "I have found the cause and corrected it.")[number % 2]
        )
        session.prompt("leider unverändert")
    assert session.verdict.flagged


def test_a_search_that_repeats_its_question():
    session = asked("When is the deadline of the Delorme grant?")
    hits = (
        "1. Delorme foundation, under construction\n2. Grants of 2023\n3. Delorme, an architect of kings\n4. About us"
    )
    for words in ("deadline", "date limit", "closing day", "calendar", "apply until", "term", "when due", "timeline"):
        question = f"Delorme grant {words}"
        session.call("WebSearch", f'Web search results for query: "{question}"\n\n{hits}', query=question)
    assert session.verdict.flagged


def test_a_search_that_finds_something_else():
    session = asked("When is the deadline of the Delorme grant?")
    for name in NAMES:
        question = f"Delorme grant {name}"
        hits = f"1. Grants in {name}\n2. {name} and the foundation\n3. The office of {name} writes\n4. {name} of old"
        session.call("WebSearch", f'Web search results for query: "{question}"\n\n{hits}', query=question)
    assert not session.verdict.flagged


def test_patches_through_a_shell_are_edits():
    session = asked("Check the input of each model")
    for name in NAMES:
        patch = (
            f"*** Begin Patch\n*** Update File: models/{name}.py\n@@\n-    return {name}\n+    return checked({name})\n"
        )
        session.run(
            f"apply_patch <<'EOF'\n{patch}*** End Patch\nEOF", f"Success. Updated the following files:\nM {name}.py"
        )
        session.run("pytest -q", "151 passed in 3.1s")
    assert not session.verdict.flagged


def test_patches_that_put_back_what_was():
    session = asked("Make the test pass")
    for number in range(14):
        old, new = (("1", "2"), ("2", "1"))[number % 2]
        patch = f"*** Begin Patch\n*** Update File: a.py\n@@\n-limit = {old}\n+limit = {new}\n"
        session.run(f"apply_patch <<'EOF'\n{patch}*** End Patch\nEOF", "Success. Updated the following files:\nM a.py")
        session.run("pytest -q", "1 failed, 3 passed", failed=True)
    assert session.verdict.flagged


def test_a_cell_that_says_the_same_in_other_forms():
    session = asked("Fit the curve")
    forms = ("fit(x, y, [1, 1])", "fit(x, y, (1, 1))", "fit(x, y, [1.0, 1.0])")
    for number in range(12):
        session.call(
            "NotebookEdit", "Updated cell c3", notebook_path="a.ipynb", cell_id="c3", new_source=forms[number % 3]
        )
        warned = f"In [{number}]\nOptimizeWarning: covariance could not be estimated\n[nan nan]"
        session.call("mcp__jupyter__run_cell", warned, notebook="a.ipynb", index=3)
    assert session.verdict.flagged


def test_a_draft_that_is_polished_and_never_sent():
    session = asked("Send Mr Okafor a short mail that Monday works")
    greetings, closings = ("Dear Mr Okafor", "Good morning"), ("Kind regards", "Best regards", "With regards")
    for number in range(14):
        body = f"{greetings[number % 2]},\nMonday suits us.\n{closings[number % 3]}"
        session.call("mcp__mail__update_draft", f'{{"ok": true, "rev": {number}}}', draft="d77", body=body)
    assert session.verdict.flagged


def test_a_page_that_grows():
    session = asked("Write the handbook")
    for number in range(14):
        body = "\n".join(f"Chapter {each}: about {NAMES[each % 12]}" for each in range(number + 1))
        session.call("mcp__wiki__update_page", f'{{"ok": true, "rev": {number}}}', page="handbook", body=body)
    assert not session.verdict.flagged


def test_counts_of_five_digits_are_no_ids():
    session = asked("Clean the table of the library")
    for number in range(9):
        script = f"import pandas\n# {NAMES[number]}\nprint(len(cleaned({number})))\n"
        session.call("Write", "File created", file_path=f"steps/{number:02}_{NAMES[number]}.py", content=script)
        session.run(f"python steps/{number:02}_{NAMES[number]}.py", str(84115 - 731 * number))
    assert not session.verdict.flagged


def test_a_job_that_stands_still():
    session = asked("Start the export and mail me the file")
    for number in range(12):
        waits = f'{{"state": "QUEUED", "place": 14, "waited_s": {number}, "trace": "{number}806f13a-98{number:02}c"}}'
        session.call("mcp__reports__job_status", waits, job="exp-5512")
    assert session.verdict.flagged


@pytest.mark.parametrize(("kept", "flagged"), [(None, False), ("404 Not Found", True)])
def test_what_fails_and_then_works_was_worth_waiting_for(kept, flagged):
    session = asked("Fetch the years")
    for year in range(6):
        for pause in (5, 10):
            session.run(
                f"curl -s https://weather.example/api?year={year}", kept or "429 Too Many Requests", failed=True
            )
            session.wait(pause)
        session.run(f"curl -s https://weather.example/api?year={year}", kept or '{"rows": 8760}', failed=bool(kept))
    assert session.verdict.flagged == flagged


def test_a_flaky_check_is_measured_by_running_it():
    session = asked("Why is the sum wrong?")
    for number in range(24):
        failed = number in {3, 5, 11}
        session.run("SEED=7 pytest -q", "1 failed, 91 passed" if failed else "92 passed in 2.9s", failed=failed)
    assert not session.verdict.flagged


def test_a_setting_that_is_changed_to_and_fro_on_request():
    session = asked("Does the parallel build help? Test it on/off in turn, the figures are noisy.")
    for number in range(12):
        old, new = (("false", "true"), ("true", "false"))[number % 2]
        session.edit("build.gradle", f"parallel={old}\n", f"parallel={new}\n")
        session.run("./gradlew build | tail -1", f"{52 - 9 * (number % 2)}.{number}4")
    assert not session.verdict.flagged


def test_a_question_in_between_answers_no_complaint():
    session = asked("The banner shows on mobile. Remove it there.")
    for said in ("still broken", "no, I see it", "did you do anything?", "still the same", "please look", "nope"):
        session.call("Read", "export const banner = true\nexport const phone = 1\nlet a\nlet b", file_path="banner.ts")
        session.say(f"I have fixed it now, {said} is gone.")
        session.prompt(said)
    assert session.verdict.findings[0].rule == "unheeded"


def test_another_order_is_no_complaint():
    session = asked("The banner shows on mobile. Remove it there.")
    for said in ("still broken", "no, I see it", "add a footer", "still the same", "add a header", "nope"):
        session.say(f"I have fixed it now, {said} is gone.")
        session.prompt(said)
    assert "unheeded" not in session.rules


def test_what_was_pasted_asks_for_nothing():
    assert not understood("x" * 20_000 + " and wait until it is done").wait
