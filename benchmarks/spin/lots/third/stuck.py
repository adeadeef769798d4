"""Kinds of sessions that go nowhere: one function a kind. Each works for a while, marks, and is stuck from there on."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import muse, work


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


KINDS: tuple[Kind, ...] = (
    noisy_cycle,
    plans_in_prose,
    same_file_by_all_means,
    read_and_fail_to_edit,
    tests_without_edits,
    written_again_and_again,
    hosts_that_do_not_answer,
    doubts,
)
