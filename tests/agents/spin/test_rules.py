"""Each rule: what it sees, what it lets go, and where it says that it began."""

from __future__ import annotations

import pytest

from halo_engine.agents.spin.rules import NAMES, RULES
from halo_engine.agents.spin.settings import SpinSettings
from tests.agents.spin.sessions import Session

SEEN = "one line of it\nanother line of it\na third line of it\na fourth line of it\n"


@pytest.fixture
def session():
    made = Session()
    made.prompt("Please fix it")
    return made


def test_every_rule_says_what_it_is_and_where_it_is_known_from():
    assert len(set(NAMES)) == len(NAMES)
    for rule in RULES:
        assert rule.__doc__, rule
        assert rule(SpinSettings()).counts <= 1
        assert "nown from" in rule.__doc__ or "seed" in rule.__doc__, rule


def test_repeat_needs_five_and_begins_with_the_first(session):
    session.run("ls", "a")
    for _ in range(4):
        session.think("Hm.")
        session.run("make x", "not ready")
    assert not session.verdict.flagged
    session.run("make x", "not ready")
    assert session.verdict.flagged
    assert session.verdict.findings[0].rule == "repeat"
    assert session.verdict.since == 4
    assert session.verdict.findings[0].lines[0] == 5


def test_a_result_that_changes_is_no_repeat(session):
    for percent in range(0, 100, 5):
        session.run("upload status", f"{percent}% of it sent")
    assert session.verdict.score == 0


def test_numbers_that_lead_nowhere_are_nonces(session):
    for number in (31, 77, 12, 90, 44, 58, 23):
        session.run("check", f"not ready, ticket {number}")
    assert session.verdict.flagged


@pytest.mark.parametrize(
    ("pause", "asked", "times", "flagged"),
    [
        (40, "Mend it", 12, False),
        (40, "Mend it", 24, True),
        (40, "Wait until it is up", 60, False),
        (0, "Mend it", 6, True),
        (0, "Wait until it is up", 9, False),
        (0, "Wait until it is up", 24, True),
        (10, "Wait until it is up", 24, False),
    ],
)
def test_polling_is_given_time(pause, asked, times, flagged):
    session = Session()
    session.prompt(asked)
    for _ in range(times):
        session.wait(pause)
        session.run("kubectl get pods", "api  Pending")
    assert session.verdict.flagged is flagged


def test_retries_that_back_off_are_given_time(session):
    pause = 2.0
    for _ in range(6):
        session.run("git push", "fatal: could not resolve host", failed=True)
        session.wait(pause)
        pause *= 2
    assert not session.verdict.flagged


def test_asked_to_do_it_ten_times():
    session = Session()
    session.prompt("Run the benchmark 10 times")
    for number in (5, 3, 8, 1, 9, 2, 7, 4, 6, 5):
        session.run("./bench", f"{number} ops")
    assert session.verdict.score == 0


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_cycles_up_to_five(session, size):
    for _ in range(4):
        for number in range(size):
            session.run(f"step{number}", f"says {'abcde'[number]}")
    assert session.verdict.flagged
    assert session.verdict.findings[0].rule == "cycle"
    assert session.verdict.since == 2


def test_the_same_error_from_calls_that_differ(session):
    for way in ("a -x", "a -y", "b a", "c a", "d a", "e --with a"):
        session.run(f"run {way}", f"run {way}: permission denied for {way}", failed=True)
    assert session.rules["same_error"] >= 1


def test_other_errors_are_news(session):
    words = (
        "syntax near colon",
        "import of unknown module",
        "index beyond bound",
        "locale unset",
        "stack overflow",
        "bad magic",
    )
    for number, word in enumerate(words):
        session.run(f"run part{number}", f"error: {word} while {word[::-1]}", failed=True)
    assert "same_error" not in session.rules
    assert session.verdict.score < 0.5


def test_cosmetic_edits_between_equal_failures(session):
    for number in range(5):
        session.run("pytest -q", f"FAILED test_a - KeyError\n1 failed in {number}.1s", failed=True)
        session.edit("a.py", f"x = 1  # {number}", f"x = 1  # {number + 1}")
    assert session.rules["fruitless"] >= 0.5
    session.run("pytest -q", "FAILED test_a - KeyError\n1 failed in 9.1s", failed=True)
    assert session.verdict.flagged


def test_the_same_test_after_edits_in_earnest_is_work(session):
    for number in range(12):
        session.run("pytest -q", "FAILED test_a - KeyError\n1 failed in 0.1s", failed=True)
        session.edit(f"a{number}.py", f"x{number}", f"if y:\n    return f(x{number})")
    assert not session.verdict.flagged


def test_edits_that_are_taken_back(session):
    for number in range(7):
        session.edit("a.py", *(("x = 1", "y = f(x)") if number % 2 == 0 else ("y = f(x)", "x = 1")))
    assert session.rules["undone"] >= 1
    assert session.verdict.since == 4


def test_reading_again_and_after_an_edit(session):
    for number in range(4):
        session.call("Read", SEEN * 1 + f"file {number} has this line\n" * 3, file_path=f"{number}.py")
    for number in range(9):
        session.call("Read", SEEN, file_path="0.py", offset=number, limit=4)
    assert session.rules["reread"] >= 1
    again = Session()
    again.prompt()
    for number in range(12):
        again.call("Read", SEEN, file_path="0.py")
        again.edit("0.py", f"v{number}", f"w{number}(v)")
    assert again.verdict.score == 0


def test_compaction_excuses_reading_again_once(session):
    def read():
        for number in range(10):
            session.call(
                "Read",
                f"line one of {number}\nline two of {number}\nthree {number}\nfour {number}\n",
                file_path=f"{number}.py",
            )

    read()
    session.mark("compacted")
    read()
    assert not session.verdict.flagged
    session.mark("compacted")
    read()
    assert session.verdict.flagged


def test_plans_that_are_never_carried_out(session):
    for number in range(6):
        todos = [
            {"content": f"{'Look at' if number % 2 else 'Study'} the parser module {n}", "status": "pending"}
            for n in range(4)
        ]
        session.call("TodoWrite", "ok", todos=todos)
    assert session.verdict.findings[0].rule == "replan"
    assert session.verdict.flagged


def test_a_plan_that_is_carried_out_is_work(session):
    for done in range(8):
        todos = [{"content": f"Change part {n}", "status": "completed" if n < done else "pending"} for n in range(8)]
        session.call("TodoWrite", "ok", todos=todos)
        session.edit(f"{done}.py", f"old{done}", f"new(f{done}, {done})")
    assert session.verdict.score == 0


def test_the_same_order_to_sub_agents(session):
    for number in range(5):
        session.call(
            "Task",
            "I could not find the cause in the code",
            prompt=f"{'Find' if number % 2 else 'Look for'} the cause why load_x fails",
        )
    assert session.rules["redelegate"] >= 1
    out = Session()
    out.prompt()
    for number in range(9):
        out.call("Task", f"module m_{number} is fine", prompt=f"Review the module pkg/m_{number} and report")
    assert out.verdict.score == 0


def test_a_monologue(session):
    for number in range(6):
        session.say(
            ("I will mend the parser now.", "Now I will mend the parser.", "Mending the parser is next.")[number % 3]
        )
    assert session.rules["monologue"] >= 1


def test_musing_over_what_is_known(session):
    session.call("Read", SEEN, file_path="a.py")
    for number in range(9):
        session.think(
            f"Maybe the cache makes load_x fail, {'I had better check' if number % 2 else 'that wants a check'}"
        )
        if number % 3 == 0:
            session.call("Read", SEEN, file_path="a.py")
    assert session.verdict.flagged
    assert "musing" in session.rules


def test_looking_without_end_where_a_change_was_asked_for(session):
    for number in range(45):
        session.call("Read", "\n".join(f"line {n} of file {number} is new" for n in "abcde"), file_path=f"{number}.py")
    assert session.rules["exploring"] >= 1
    asked = Session()
    asked.prompt("Explain how it hangs together")
    for number in range(45):
        asked.call("Read", "\n".join(f"line {n} of file {number} is new" for n in "abcde"), file_path=f"{number}.py")
    assert asked.verdict.score < 1


def test_batch_work_is_work(session):
    for number in range(40):
        session.run(f"cwebp {number}.png -o {number}.webp", "Saved.")
    assert session.verdict.score == 0


def test_a_rule_can_be_turned_off_and_moved():
    session = Session(SpinSettings(weights={"repeat": 0}))
    session.prompt()
    for _ in range(10):
        session.run("ask x", "no")
    assert "repeat" not in session.rules
    late = Session(SpinSettings(repeat_limit=50, weights={"stalled": 0}))
    late.prompt()
    for _ in range(10):
        late.run("ask x", "no")
    assert not late.verdict.flagged


def test_failures_of_every_sort_after_one_aim(session):
    words = (
        "upstream timed out",
        "socket hang up",
        "502 Bad Gateway",
        "read ECONNRESET",
        "fetch failed",
        "closed early",
    )
    for number in range(10):
        session.call("tracker", words[number % 6], failed=True, title=f"The export is slow {number}")
    assert session.verdict.flagged
    assert session.rules["failing"] == 1


def test_errors_between_edits_are_no_streak(session):
    for left in range(12, 0, -1):
        session.run("go build", f"{left}.go:3: undefined: name{left}\n{left} errors", failed=True)
        session.edit(f"{left}.go", f"x = name{left}", f"x = other{left}(y)")
    assert session.verdict.score == 0


def test_what_a_server_names_in_its_refusal_is_news(session):
    given = {}
    for field in ("street", "town", "country", "phone", "currency", "language"):
        session.call("create_customer", f"422: missing field '{field}'", failed=True, **given)
        given[field] = "x"
    assert not session.verdict.flagged


def test_one_sort_of_failure_has_many_words(session):
    for command, words in (
        ("tee /etc/x.conf", "tee: /etc/x.conf: Permission denied"),
        ("sudo tee /etc/x.conf", "sudo: a password is required"),
        ("chmod u+w /etc/x.conf", "chmod: changing permissions: Operation not permitted"),
        ("sed -i s/a/b/ /etc/x.conf", "sed: couldn't open temporary file: Permission denied"),
        ("touch /etc/x.conf", "touch: cannot touch: EACCES"),
        ("cp x /etc/x.conf", "cp: cannot create regular file: Permission denied"),
    ):
        session.run(command, words, failed=True)
    assert session.rules["same_error"] == 1


def test_verifying_once_more(session):
    session.edit("a.py", "x = 1", "x = f(2)")
    checks = ("pytest -q", "python -m pytest", "git status", "ruff check .")
    for number in range(14):
        session.run(checks[number % 4], f"all is well with {checks[number % 4]}")
    assert session.rules["verifying"] == 1


def test_a_value_turned_to_and_fro(session):
    sizes = (4, 6, 2, 8, 4, 10, 6, 2, 8, 4)
    for number, size in enumerate(sizes[1:]):
        session.edit("a.css", f"margin: {sizes[number]}px", f"margin: {size}px")
        session.call("screenshot", "taken")
    assert session.verdict.findings[0].rule == "undone"
    assert session.verdict.flagged


def test_trials_that_are_measured_and_taken_back_are_work(session):
    for number in range(7):
        session.edit("a.py", "x = slow(y)", f"x = way{number}(y, {number})")
        session.run("python measure.py", f"{1 + number / 7:.2f} s")
        session.edit("a.py", f"x = way{number}(y, {number})", "x = slow(y)")
    assert not session.verdict.flagged


def test_an_act_is_known_by_what_is_seen_after_it(session):
    for number in range(15):
        session.call("browser_click", "clicked", element="Next")
        session.call("browser_snapshot", f"- heading Step {number} of the form [ref=e{number}9]\n- box {number}")
    assert session.verdict.score == 0
    for number in range(6):
        session.call("browser_click", "clicked", element="Next")
        session.call("browser_snapshot", f"- dialog that is in the way [ref=e{number}7]\n- text below the dialog")
    assert session.verdict.flagged


def test_a_check_that_passes_at_last_ends_it(session):
    for number in range(7):
        session.run("pytest", "1 failed: x is 3", failed=True)
        session.think(f"Perhaps it is number {number}.")
    assert session.verdict.flagged
    session.edit("a.py", "x = 1", "x = g(y)")
    session.run("pytest", "12 passed")
    assert not session.verdict.flagged


def test_a_diary_is_no_work(session):
    for number in range(9):
        state = ("in progress", "to be done", "about to begin")[number % 3]
        session.call(
            "Write", "ok", file_path="/x/PROGRESS.md", content=f"# {number}\n- the export: {state}\n- tests: next\n"
        )
    assert session.rules["replan"] == 1


def test_news_in_between_stretch_the_limit(session):
    for number in range(6):
        session.run("pytest", "FAILED test_a: 1 is not 2", failed=True)
        for part in "abc":
            lines = "\n".join(f"{part}{number} is the line {each} of it" for each in "uvwxyz")
            session.call("Read", lines, file_path=f"{part}{number}.py")
    assert not session.verdict.flagged


def test_a_question_in_other_words_with_the_same_answer(session):
    said = "The total is read before the invoice is closed, so that the parser sees an empty ledger,\n"
    said += "raises nothing, returns zero to the report module, and the coupon is never subtracted from the basket."
    for number in range(6):
        start = ("Why does parse_total fail", "How come that parse_total fails", "Tell me why parse_total fails")[
            number % 3
        ]
        session.call("oracle", said, question=f"{start}, take {number}")
    assert session.rules["repeat"] == 1
