"""A second lot of kinds that were written after the rules, and judged once before anything was changed."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.stuck import muse, work
from benchmarks.spin.transcript import Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.working import work_on


def noisy_cycle(t: Transcript, random: Random) -> None:
    """Three calls in turn, now and then something else between them."""
    work(t, random)
    calls = [(f"rg {name(random)}", f"src/a.rs:{random.randrange(99)}: {name(random)}"), ("cargo check", f"error[E0425]: cannot find value `{noun(random)}`"),
             (f"cat src/{noun(random)}.toml", answer(random, 2))]  # fmt: skip
    t.mark()
    for _ in range(random.randrange(5, 9)):
        for command, result in calls:
            muse(t, random)
            t.run(command, result)
            if random.random() < 0.2:
                t.run(f"ls crates/{noun(random)}", f"{noun(random)}.rs\n{noun(random)}.rs")


def plans_in_prose(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    thing, other = noun(random), name(random)
    t.mark()
    for number in range(random.randrange(6, 10)):
        start = random.choice(["Here is my plan:", "Let me refine the plan:", "An improved plan:", "Revised plan:"])
        t.say(
            f"{start}\n1. Look at how the {thing} is built\n2. Change {other} to take the {thing}\n3. Add a test for {other}\n{4}. Run all tests {'again' if number % 2 else ''}"
        )
        if random.random() < 0.4:
            file = path(random)
            t.files[file] = code(random, 2)
            t.read(file)


def same_file_by_all_means(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 8)
    t.read(file)
    text = t.files[file]
    t.mark()
    for number in range(random.randrange(10, 16)):
        muse(t, random)
        command = random.choice(
            [
                f"cat {file}",
                f"head -n {90 + number} {file}",
                f"sed -n '1,{80 + number}p' {file}",
                f"less {file}",
                f"cat -A {file} | head -{99 + number}",
            ]
        )
        t.run(command, text)


def read_and_fail_to_edit(t: Transcript, random: Random) -> None:
    work(t, random)
    file = path(random)
    t.files[file] = code(random, 3)
    old = f"    wanted = {name(random)}()"
    t.mark()
    for _ in range(random.randrange(5, 9)):
        t.read(file)
        t.call(
            "Edit",
            {"file_path": file, "old_string": old, "new_string": old + "  # ok"},
            f"<tool_use_error>String to replace not found in file.\nString: {old}</tool_use_error>",
            failed=True,
        )
        muse(t, random)


def tests_without_edits(t: Transcript, random: Random) -> None:
    """The same failing test, and another file read in between each time."""
    work(t, random)
    failure = f"FAIL  src/{noun(random)}.test.ts > {name(random)}\nAssertionError: expected undefined to equal {random.randrange(9)}\nTests  1 failed | 44 passed"
    t.mark()
    for _ in range(random.randrange(8, 14)):
        t.run("npx vitest run --reporter=dot", f"{failure}\nDuration {random.uniform(1, 4):.2f}s", failed=True)
        file = path(random)
        t.files.setdefault(file, code(random, 2))
        t.read(file)


def written_again_and_again(t: Transcript, random: Random) -> None:
    work(t, random)
    file, content = path(random), code(random, 5)
    t.mark()
    for _ in range(random.randrange(7, 12)):
        t.think(thought(random))
        t.write(file, content)


def hosts_that_do_not_answer(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    for place in random.sample(NOUNS, random.randrange(9, 15)):
        t.run(
            f"curl -sS https://{place}.internal/api", f"curl: (6) Could not resolve host: {place}.internal", failed=True
        )
        muse(t, random)


def doubts(t: Transcript, random: Random) -> None:
    """Doubts about the same point, a status call in between which always says the same."""
    work(t, random)
    thing = name(random)
    forms = ["Wait, does {0} really close the handle? I have to be certain.", "Actually I am not certain that {0} closes the handle.",
             "Is the handle closed by {0}? Let me be certain about it.", "To be certain: {0} must close the handle, does it?"]  # fmt: skip
    t.mark()
    for number in range(random.randrange(10, 16)):
        t.think(forms[number % 4].format(thing))
        if number % 2:
            t.run("git status", "On branch main\nnothing to commit, working tree clean")


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


STUCK = (
    noisy_cycle, plans_in_prose, same_file_by_all_means, read_and_fail_to_edit, tests_without_edits, written_again_and_again,
    hosts_that_do_not_answer, doubts,
)  # fmt: skip
WORKING = (
    status_asked_by_hand, output_that_grows, commits_one_by_one, pages_with_the_same_frame, hard_bug, some_of_a_batch_fail,
    folders_that_look_alike, chat_only, environment_set_up,
)  # fmt: skip
