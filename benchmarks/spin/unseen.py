"""Kinds that were written after the rules, and judged once before anything was changed: see docs/agents.md."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.stuck import muse, work
from benchmarks.spin.transcript import Transcript
from benchmarks.spin.words import answer, code, goal, name, noun, path, thought
from benchmarks.spin.working import work_on


def todo_reworded(t: Transcript, random: Random) -> None:
    """A list reworded again and again; its statuses wander, nothing is done."""
    t.prompt("Implement the " + noun(random) + " export")
    base = [(noun(random), name(random)) for _ in range(4)]
    verbs = ["Examine", "Study", "Inspect", "Survey", "Assess", "Map out"]
    t.mark()
    for number in range(random.randrange(6, 11)):
        if random.random() < 0.5:
            t.think(thought(random))
        todos = [{"content": f"{random.choice(verbs)} the {one} in {two}", "status": "in_progress" if place == number % 4 else "pending"}
                 for place, (one, two) in enumerate(base)]  # fmt: skip
        t.call("TodoWrite", {"todos": todos}, "Todos have been modified successfully. Proceed with the current tasks.")


def exit_plan_again(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    thing = noun(random)
    t.mark()
    for number in range(random.randrange(6, 9)):
        plan = f"## Plan\n1. Read the {thing} module\n2. Extract the {thing} helper ({number})\n3. Call it from {name(random)}\n4. Test the {thing}"
        t.call(
            "ExitPlanMode",
            {"plan": plan},
            "Plan mode is still active: the plan was not executed.",
            failed=random.random() < 0.3,
        )
        muse(t, random)


def whitespace_only(t: Transcript, random: Random) -> None:
    work(t, random)
    file = path(random)
    t.files[file] = code(random)
    failure = f"  ● {name(random)} › handles empty input\n    TypeError: Cannot read properties of undefined (reading '{noun(random)}')\nTests:       1 failed, 18 passed, 19 total\nTime:        "
    t.run("npm test -- --silent", failure + "2.31 s", failed=True)
    t.mark()
    line = random.choice([line for line in t.files[file].splitlines() if "return" in line])
    for number in range(random.randrange(5, 9)):
        new = "    " + " " * (4 * (number % 3)) + line.strip()
        t.edit(file, line, new if new != line else line + "  ")
        line = new if new != line else line + "  "
        muse(t, random)
        t.run("npm test -- --silent", f"{failure}{random.uniform(1, 5):.2f} s", failed=True)


def two_agents(t: Transcript, random: Random) -> None:
    """Hands the same on to a sub-agent in the same words; it fails each time."""
    work(t, random)
    order = f"Run the {noun(random)} migration against staging and fix what breaks in {path(random)}"
    t.mark()
    for _ in range(random.randrange(5, 9)):
        t.call("Task", {"description": "Migrate", "prompt": order, "subagent_type": "general-purpose"},
               f"Agent terminated early: {random.randrange(40, 90)}s, no output.", failed=random.random() < 0.5, took=50)  # fmt: skip
        muse(t, random)


def grep_cat_cycle(t: Transcript, random: Random) -> None:
    """Three calls in turn, with a thought before each, five rounds."""
    work(t, random)
    file = path(random)
    t.files[file] = code(random, 4)
    word = name(random)
    t.mark()
    for _ in range(random.randrange(4, 6)):
        t.think(thought(random))
        t.call("Grep", {"pattern": word, "path": "src"}, f"Found 1 file\n{file}")
        t.think(thought(random))
        t.read(file)
        t.run(
            f"node -e \"require('./{word}')\"",
            f"undefined\n    at Object.<anonymous> ([eval]:1:1)\nElapsed {random.randrange(20, 90)}ms",
        )


def slow_loop_with_news(t: Transcript, random: Random) -> None:
    """Mostly the same failing call, with something else now and then."""
    work(t, random)
    t.mark()
    for number in range(random.randrange(12, 18)):
        t.run(
            "terraform plan",
            f"Error: Failed to query available provider packages\n  Could not retrieve the list of versions for {'hashicorp/aws'}",
            failed=True,
        )
        if number % 4 == 3:
            t.run(f"ls modules/{noun(random)}", f"main.tf\n{noun(random)}.tf")


def web_search_rephrased(t: Transcript, random: Random) -> None:
    """The same question put to the web in other words; the same links come back."""
    t.prompt(f"Find out whether {noun(random)} supports {noun(random)} and wire it up")
    one, two = noun(random), noun(random)
    links = "\n".join(f"- {answer(random, 1)} https://{noun(random)}.example/{name(random)}" for _ in range(6))
    forms = ["{0} {1} support", "does {0} support {1}", "{1} support in {0}", "{0} {1} compatibility", "how to use {1} with {0}",
             "{0} docs {1}", "{1} {0} example", "is {1} possible in {0}", "{0} and {1} together", "{0} {1} 2026"]  # fmt: skip
    t.call("WebSearch", {"query": f"{one} {two}"}, links)
    t.mark()
    for form in random.sample(forms, 10) + random.sample(forms, 4):
        muse(t, random)
        t.call("WebSearch", {"query": form.format(one, two)}, links)


def apologies(t: Transcript, random: Random) -> None:
    work(t, random)
    thing = noun(random)
    forms = ["I apologize for the confusion. Let me fix the {0} properly.", "I apologize, I will now fix the {0}.",
             "Sorry about that. I'll fix the {0} correctly this time.", "Apologies for the mistake, fixing the {0} now."]  # fmt: skip
    t.mark()
    for number in range(random.randrange(7, 14)):
        t.say(forms[number % 4].format(thing))


def phrase_without_end(t: Transcript, random: Random) -> None:
    work(t, random)
    words = f"checking the {noun(random)} and checking the {noun(random)} and "
    t.mark()
    t.say(words * random.randrange(25, 80))


def edit_revert_run(t: Transcript, random: Random) -> None:
    """An edit, a failing run, git checkout, and again the same."""
    work(t, random)
    file = path(random)
    before = code(random)
    t.files[file] = before
    old = random.choice([line for line in before.splitlines() if "total" in line])
    t.mark()
    for _ in range(random.randrange(5, 9)):
        t.edit(file, old, old.replace("total", "grand_total"))
        t.run("make test", f"test_{noun(random)} ... FAIL\n1 of 12 tests failed", failed=True)
        t.run(f"git checkout -- {file}", "Updated 1 path from the index")
        t.files[file] = before
        muse(t, random)


def permission_wall(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    for number in range(random.randrange(7, 12)):
        target = random.choice(["/etc/hosts", "/var/lib/app", "/usr/local/bin/app", "/opt/app/conf"])
        command = random.choice(
            ["cp conf {0}", "tee {0} < conf", "install -m 644 conf {0}", "mv conf {0}", "dd if=conf of={0}"]
        ).format(target)
        t.run(
            f"{command}{' ' * 0} # {number}",
            f"{command.split()[0]}: cannot create regular file '{target}': Permission denied",
            failed=True,
        )
        muse(t, random)


def silent_wait(t: Transcript, random: Random) -> None:
    """Sleeps and looks at an empty log, without end, though nobody asked to wait."""
    work(t, random)
    t.mark()
    for _ in range(random.randrange(30, 50)):
        t.run("sleep 5 && tail -n 3 server.log", "", took=6)


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


STUCK = (
    todo_reworded, exit_plan_again, whitespace_only, two_agents, grep_cat_cycle, slow_loop_with_news, web_search_rephrased,
    apologies, phrase_without_end, edit_revert_run, permission_wall, silent_wait,
)  # fmt: skip
WORKING = (
    deploy_watch, install_with_backoff, many_similar_edits, person_nudges, tdd, log_digging, parallel_reviews, plan_for_approval,
    numbers_by_hand, format_and_lint, long_generated_config, two_files_in_turn, service_that_comes_up,
)  # fmt: skip
