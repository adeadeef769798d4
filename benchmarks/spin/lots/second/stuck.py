"""Kinds of sessions that go nowhere: one function a kind. Each works for a while, marks, and is stuck from there on."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import muse, work


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


KINDS: tuple[Kind, ...] = (
    todo_reworded,
    exit_plan_again,
    whitespace_only,
    two_agents,
    grep_cat_cycle,
    slow_loop_with_news,
    web_search_rephrased,
    apologies,
    phrase_without_end,
    edit_revert_run,
    permission_wall,
    silent_wait,
)
