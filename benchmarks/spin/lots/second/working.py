"""Kinds of sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import answer, code, goal, name, noun, path
from benchmarks.spin.work import work, work_on


def deploy_watch(t: Transcript, random: Random) -> None:
    t.prompt("Deploy to staging, wait until the rollout is complete, then run the smoke tests")
    t.run("kubectl apply -f deploy/", "deployment.apps/api configured")
    for done in range(random.randrange(5, 9)):
        t.run(
            "kubectl rollout status deploy/api --timeout=30s",
            f'Waiting for deployment "api" rollout to finish: {done} of 9 updated',
            took=30,
        )
    for _ in range(random.randrange(3, 8)):
        t.run(
            "kubectl rollout status deploy/api --timeout=30s",
            'Waiting for deployment "api" rollout to finish: 8 of 9 updated',
            took=30,
        )
    t.run("./smoke.sh", "12 checks passed")
    t.say("Deployed, all twelve smoke checks pass.")


def install_with_backoff(t: Transcript, random: Random) -> None:
    t.prompt("Install the dependencies")
    pause = 5.0
    for _ in range(random.randrange(4, 8)):
        t.run("npm ci", "npm ERR! code ECONNRESET\nnpm ERR! network aborted", failed=True)
        t.pause(pause)
        pause *= 2
    t.run("npm ci", "added 412 packages in 19s")
    t.say("Installed.")


def many_similar_edits(t: Transcript, random: Random) -> None:
    t.prompt("Replace the old logger with the new one everywhere")
    for _ in range(random.randrange(15, 30)):
        file = path(random)
        t.files[file] = code(random, 2) + "\nlogger.warn('x')\n"
        t.read(file)
        t.edit(file, "logger.warn('x')", "log.warning('x')")
    t.run("rg -n 'logger.warn' src", "")
    t.say("No call of the old logger is left.")


def person_nudges(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    for _ in range(random.randrange(5, 10)):
        for _ in range(2):
            file = path(random)
            t.files.setdefault(file, code(random, 4))
            t.read(file)
        t.say(random.choice(["Shall I go on?", "I have looked at that part. Shall I go on?"]))
        t.prompt(random.choice(["yes", "yes please", "go on", "continue please"]))
    work_on(t, random, 3)
    t.say("Done.")


def tdd(t: Transcript, random: Random) -> None:
    """A test is written, fails, is made to pass; the next one."""
    t.prompt("Build the parser test by test")
    source, tests = "/home/kit/code/parser.py", "/home/kit/code/test_parser.py"
    t.files[source], t.files[tests] = code(random, 2), "import parser\n"
    for number in range(random.randrange(5, 9)):
        case = name(random)
        t.edit(
            tests,
            "import parser\n",
            f"import parser\n\ndef test_{case}():\n    assert parser.{case}('{noun(random)}') == {number}\n",
        )
        t.run(
            "pytest -q",
            f"E   AttributeError: module 'parser' has no attribute '{case}'\n1 failed, {number} passed in 0.{number}2s",
            failed=True,
        )
        first = t.files[source].splitlines()[0]
        t.edit(source, first, f"def {case}(text):\n    return {number}\n\n\n{first}")
        t.run("pytest -q", f"{number + 1} passed in 0.{number}3s")
    t.say("The parser does all of it.")


def log_digging(t: Transcript, random: Random) -> None:
    t.prompt("Why did the import fail last night?")
    for _ in range(random.randrange(12, 25)):
        word = random.choice([name(random), noun(random)])
        hits = "\n".join(
            f"2026-10-0{random.randrange(1, 9)}T0{random.randrange(9)}:11:02Z ERROR {name(random)}: {noun(random)} {word} {random.randrange(99)}"
            for _ in range(random.randrange(1, 6))
        )
        t.run(f"grep -n {word} logs/import.log | head -20", hits)
    t.say("The import failed because " + answer(random, 8))


def parallel_reviews(t: Transcript, random: Random) -> None:
    t.prompt("Have three agents look at the design independently and compare")
    order = "Read docs/design.md and say what you would change"
    for _ in range(3):
        t.call(
            "Task", {"description": "Review", "prompt": order, "subagent_type": "reviewer"}, answer(random, 8), took=60
        )
    t.say("They agree on this: " + answer(random, 6))


def plan_for_approval(t: Transcript, random: Random) -> None:
    """A plan is asked for, changed as the person says, and carried out."""
    t.prompt("Write a plan first")
    steps = [f"{place}. {name(random)} for the {noun(random)}" for place in range(1, 7)]
    for number in range(3):
        t.call(
            "ExitPlanMode",
            {"plan": "# Plan\n" + "\n".join(steps[: 4 + number])},
            "User rejected the plan: see comments",
            failed=True,
        )
        t.prompt(f"Also think of the {noun(random)}")
    t.call(
        "ExitPlanMode",
        {"plan": "# Plan\n" + "\n".join(steps)},
        "User has approved your plan. You can now start coding.",
    )
    work_on(t, random, random.randrange(5, 9))
    t.say("The plan is carried out.")


def numbers_by_hand(t: Transcript, random: Random) -> None:
    """One command with another number each time, a sweep."""
    t.prompt("Find the best batch size")
    for size in range(8, 8 * random.randrange(8, 14), 8):
        t.run(
            f"python train.py --batch {size} --steps 100",
            f"loss {random.uniform(0.1, 0.9):.4f}, {random.randrange(100, 400)} samples/s",
        )
    t.say("The best is 64.")


def format_and_lint(t: Transcript, random: Random) -> None:
    """Formatting only, as was asked."""
    t.prompt("Reformat the files, no change of behaviour")
    for _ in range(random.randrange(8, 16)):
        file = path(random)
        t.files[file] = code(random, 3)
        line = random.choice(t.files[file].splitlines()[1:4])
        t.edit(file, line, line.replace("    ", "  "))
        t.run("prettier --check .", "All matched files use Prettier code style!")
    t.say("Formatted.")


def long_generated_config(t: Transcript, random: Random) -> None:
    t.prompt("Print the nginx routes")
    rows = [
        f"location /{noun(random)}/{number} proxy_pass http://backend-{noun(random)}:{8000 + number};"
        for number in range(80)
    ]
    t.say("\n".join(rows))


def two_files_in_turn(t: Transcript, random: Random) -> None:
    """Goes to and fro between a module and its test, and gets on."""
    t.prompt(goal(random))
    one, two = path(random), path(random) + "_test"
    t.files[one], t.files[two] = code(random, 12), code(random, 12)
    for number in range(random.randrange(6, 11)):
        for file in (one, two):
            t.read(file)
            old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
            t.edit(file, old, f"{old}\n    {name(random)}({noun(random)}, {number})")
    t.run("pytest", "22 passed")
    t.say("Done: " + answer(random, 2))


def service_that_comes_up(t: Transcript, random: Random) -> None:
    work(t, random)
    t.run("docker compose up -d", "Started")
    for _ in range(random.randrange(4, 9)):
        t.run(
            "sleep 3 && curl -s localhost:8080/health",
            "curl: (7) Failed to connect to localhost port 8080: Connection refused",
            failed=True,
            took=4,
        )
    t.run("curl -s localhost:8080/health", '{"ok":true}')
    work_on(t, random, 2)
    t.say("It runs.")


KINDS: tuple[Kind, ...] = (
    deploy_watch,
    install_with_backoff,
    many_similar_edits,
    person_nudges,
    tdd,
    log_digging,
    parallel_reviews,
    plan_for_approval,
    numbers_by_hand,
    format_and_lint,
    long_generated_config,
    two_files_in_turn,
    service_that_comes_up,
)
