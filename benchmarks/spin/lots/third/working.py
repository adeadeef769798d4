"""Kinds of sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import work_on


def status_asked_by_hand(t: Transcript, random: Random) -> None:
    t.prompt("Start the import in the background")
    t.run("./import.sh &", "started")
    for number in range(random.randrange(5, 9)):
        t.prompt(random.choice(["status?", "and now?", "how far is it?"]))
        t.run("tail -n 1 import.log", f"{number * 11} of 90 tables")
        t.say(f"{number * 11} of 90 tables are in.")


def output_that_grows(t: Transcript, random: Random) -> None:
    t.prompt("Run the migration")
    for number in range(random.randrange(8, 20)):
        t.call(
            "BashOutput",
            {"bash_id": "m1"},
            f"<status>running</status>\n<stdout>\nmigrated {name(random)} ({number})\n</stdout>",
            took=8,
        )
    t.say("It is migrated.")


def commits_one_by_one(t: Transcript, random: Random) -> None:
    t.prompt("Split the change into small commits")
    for _ in range(random.randrange(7, 14)):
        work_on(t, random, 1)
        t.run("git add -A", "")
        t.run(
            f"git commit -m '{name(random)}'",
            f"[main {random.getrandbits(28):07x}] {name(random)}\n 1 file changed, 1 insertion(+)",
        )
    t.say("Committed.")


def pages_with_the_same_frame(t: Transcript, random: Random) -> None:
    t.prompt("Compare what the vendors say about limits")
    frame = "Skip to content\nPricing\nDocs\nSign in\n{}\nPrivacy\nImprint\n"
    for _ in range(random.randrange(10, 18)):
        t.call(
            "WebFetch",
            {"url": f"https://{noun(random)}.example/{name(random)}", "prompt": "limits"},
            frame.format("\n".join(answer(random, 1) for _ in range(4))),
        )
    t.say(answer(random, 12))


def hard_bug(t: Transcript, random: Random) -> None:
    """The same lines changed three times with the same failure, each for another reason; then it is right."""
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random)
    t.read(file)
    failure = f"thread 'main' panicked at {noun(random)}.rs:41:9\nassertion failed: left == right\ntest result: FAILED. 1 failed"
    current = next(line for line in t.files[file].splitlines() if "total" in line)
    for _ in range(3):
        t.run("cargo test", failure, failed=True)
        other = path(random)
        t.files.setdefault(other, code(random, 4))
        t.read(other)
        t.think(thought(random))
        new = f"    total = {name(random)}({noun(random)}) if {noun(random)} else {name(random)}({random.randrange(9)})"
        t.edit(file, current, new)
        current = new
    t.run("cargo test", "test result: ok. 12 passed")
    t.say("Mended: " + answer(random, 2))


def some_of_a_batch_fail(t: Transcript, random: Random) -> None:
    t.prompt("Validate each data file")
    for number in range(random.randrange(15, 30)):
        bad = random.random() < 0.4
        t.run(
            f"validate data/{noun(random)}_{number}.csv",
            f"row {random.randrange(99)}: missing column {noun(random)}" if bad else "valid",
            failed=bad,
        )
    t.say("These are not valid: " + answer(random, 3))


def folders_that_look_alike(t: Transcript, random: Random) -> None:
    t.prompt("Which packages have no tests?")
    for package in random.sample(NOUNS, 18):
        t.run(f"ls packages/{package}", random.choice(["index.ts\npackage.json\ntest", "index.ts\npackage.json"]))
    t.say("Without tests: " + answer(random, 2))


def chat_only(t: Transcript, random: Random) -> None:
    for _ in range(random.randrange(6, 12)):
        t.prompt(f"What about the {noun(random)}?")
        t.think(thought(random))
        t.say(answer(random, 5))


def environment_set_up(t: Transcript, random: Random) -> None:
    """One thing after another is missing."""
    t.prompt("Get the project to build")
    for thing in random.sample(NOUNS, random.randrange(6, 10)):
        t.run("make", f"fatal error: {thing}.h: No such file or directory\nmake: *** [all] Error 1", failed=True)
        t.run(
            f"apt-get install -y lib{thing}-dev",
            f"Setting up lib{thing}-dev ({random.randrange(9)}.{random.randrange(9)})",
        )
    t.run("make", "Built target all")
    t.say("It builds.")


KINDS: tuple[Kind, ...] = (
    status_asked_by_hand,
    output_that_grows,
    commits_one_by_one,
    pages_with_the_same_frame,
    hard_bug,
    some_of_a_batch_fail,
    folders_that_look_alike,
    chat_only,
    environment_set_up,
)
