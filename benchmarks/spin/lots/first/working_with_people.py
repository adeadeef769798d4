"""Kinds that look so because of a person, or because they wait, plan or read."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import work, work_on


def polling_that_was_asked_for(t: Transcript, random: Random) -> None:
    t.prompt("Watch the build and tell me when it is finished")
    for _ in range(random.randrange(10, 30)):
        t.pause(random.uniform(30, 120))
        t.run("gh run view 77123", "status: in_progress\njobs: build, test", took=3)
    t.run("gh run view 77123", "status: completed, conclusion: success")
    t.say("The build has passed.")


def spaced_polling(t: Transcript, random: Random) -> None:
    work(t, random)
    for _ in range(random.randrange(6, 13)):
        t.pause(random.uniform(45, 90))
        t.run("docker inspect --format '{{.State.Health.Status}}' db", "starting", took=1)
    t.run("docker inspect --format '{{.State.Health.Status}}' db", "healthy")
    work_on(t, random, 2)
    t.say("The database is healthy and the migration ran.")


def backing_off(t: Transcript, random: Random) -> None:
    work(t, random)
    pause = 2
    for _ in range(random.randrange(4, 7)):
        t.run(
            f"sleep {pause}; git push",
            "fatal: unable to access 'https://git.example/': Could not resolve host",
            failed=True,
            took=pause,
        )
        pause *= 2
    t.run("git push", "To https://git.example/kit/work\n   1a2b3c4..5d6e7f8  main -> main")
    t.say("Pushed.")


def research(t: Transcript, random: Random) -> None:
    t.prompt(f"How does {name(random)} come by its {noun(random)}? Just explain.")
    for _ in range(random.randrange(12, 40)):
        if random.random() < 0.6:
            file = path(random)
            t.files.setdefault(file, code(random, 5))
            t.read(file)
        else:
            word = name(random)
            t.call(
                "Grep", {"pattern": word}, "\n".join(f"{path(random)}:{random.randrange(300)}:{word}" for _ in range(3))
            )
        if random.random() < 0.4:
            t.think(thought(random))
    t.say(answer(random, 14))


def research_with_returns(t: Transcript, random: Random) -> None:
    """Goes back to a few files, between others that are new."""
    t.prompt("Write down how the pieces hang together, no changes please")
    files = []
    for _ in range(random.randrange(20, 40)):
        if files and random.random() < 0.25:
            t.read(random.choice(files))
            continue
        file = path(random)
        t.files.setdefault(file, code(random, 6))
        files.append(file)
        t.read(file)
    t.say(answer(random, 20))


def fan_out(t: Transcript, random: Random) -> None:
    t.prompt("Review each package")
    for package in random.sample(NOUNS, random.randrange(6, 14)):
        order = f"Review the package pkg/{package} for mistakes and report them"
        t.call(
            "Task",
            {"description": "Review", "subagent_type": "reviewer", "prompt": order},
            f"In pkg/{package}: " + answer(random, 4),
            took=50,
        )
    t.say(answer(random, 10))


def plan_then_work(t: Transcript, random: Random) -> None:
    t.prompt("Plan it well and then do it: " + goal(random))
    items = [f"{random.choice(['Change', 'Extend', 'Test'])} {name(random)}" for _ in range(7)]
    for done in range(random.randrange(2, 4)):
        t.call(
            "TodoWrite",
            {"todos": [{"content": item, "status": "pending"} for item in items[: 5 + done]]},
            "Todos have been modified",
        )
        t.think(answer(random, 4))
    for done in range(len(items)):
        work_on(t, random, random.randrange(1, 3))
        todos = [
            {"content": item, "status": "completed" if place <= done else "pending"} for place, item in enumerate(items)
        ]
        t.call("TodoWrite", {"todos": todos}, "Todos have been modified")
    t.say("All of the plan is done.")


def go_on(t: Transcript, random: Random) -> None:
    work(t, random)
    for _ in range(random.randrange(6, 14)):
        t.prompt(random.choice(["continue", "go on", "continue"]))
        work_on(t, random, random.randrange(1, 3))
        t.say(random.choice(["Done with that part.", "That part is done.", "Next part done."]))


def story(t: Transcript, random: Random) -> None:
    for _ in range(random.randrange(6, 12)):
        t.prompt("Go on")
        t.say(answer(random, 12))


def again_by_hand(t: Transcript, random: Random) -> None:
    """A person asks for the same run again and again."""
    t.prompt("Run the smoke test")
    for _ in range(random.randrange(6, 12)):
        t.run("./smoke.sh", "smoke: ok")
        t.say("It passed.")
        t.prompt(random.choice(["again", "run it again", "once more"]))
    t.run("./smoke.sh", "smoke: ok")
    t.say("It passed.")


def long_table(t: Transcript, random: Random) -> None:
    t.prompt("List all settings as text")
    style = random.randrange(4)
    rows = []
    for number in range(random.randrange(40, 120)):
        one, two = name(random), noun(random)
        rows.append((f"| {one} | {two} | {number} |", f"- `{one}`: sets the {two} of the service", f"Set {one} to {number} to change the {two}.",
                     f"kubectl -n production set env deployment/{one} {two.upper()}={number}")[style])  # fmt: skip
    t.say("\n".join(rows))


def refused_by_person(t: Transcript, random: Random) -> None:
    work(t, random)
    for _ in range(random.randrange(3, 6)):
        t.call("Bash", {"command": "rm -rf build"}, "The user doesn't want to proceed with this tool use.", failed=True)
        t.prompt("no, not like that")
    work_on(t, random, 2)


def asked_to_repeat(t: Transcript, random: Random) -> None:
    t.prompt("Run the benchmark 12 times and give me the mean")
    for _ in range(12):
        t.run("./bench --json", f'{{"ops": {random.randrange(1000, 9000)}, "p99": {random.randrange(10, 99)}}}')
    t.say("The mean is 4321 operations a second.")


def compacted_once(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    files = [path(random) for _ in range(6)]
    for file in files:
        t.files[file] = code(random, 9)
        t.read(file)
    work_on(t, random, 3)
    t.compact()
    for file in files:
        t.read(file)
    work_on(t, random, 4)
    t.say(answer(random, 3))


def short_question(t: Transcript, random: Random) -> None:
    t.prompt("What does this do?")
    file = path(random)
    t.files[file] = code(random, 3)
    t.read(file)
    t.say(answer(random, 4))


def looks_before_a_change(t: Transcript, random: Random) -> None:
    t.prompt(f"Add a {noun(random)} option to {name(random)}")
    for _ in range(random.randrange(15, 28)):
        file = path(random)
        t.files.setdefault(file, code(random, 5))
        t.read(file)
    work_on(t, random, 5)
    t.run("pytest -q", "31 passed in 4.1s")
    t.say("Added.")


KINDS: tuple[Kind, ...] = (
    polling_that_was_asked_for,
    spaced_polling,
    backing_off,
    research,
    research_with_returns,
    fan_out,
    plan_then_work,
    go_on,
    story,
    again_by_hand,
    long_table,
    refused_by_person,
    asked_to_repeat,
    compacted_once,
    short_question,
    looks_before_a_change,
)
