"""Kinds of sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import work, work_on


def polling_that_moves(t: Transcript, random: Random) -> None:
    work(t, random)
    t.prompt("Deploy it and tell me when it is up")
    done = 0
    while done < 100:
        done = min(100, done + random.randrange(0, 16))
        t.run("sleep 20 && kubectl get pods", f"api-{noun(random)}   {done}% ready   {t.clock:%H:%M:%S}", took=25)
    t.say("It is up.")


def tests_after_edits(t: Transcript, random: Random) -> None:
    t.prompt("Make the tests pass")
    file = path(random)
    t.files[file] = code(random, 20)
    t.read(file)
    for left in range(random.randrange(8, 16), 0, -1):
        t.run("go test ./...", f"--- FAIL: Test{noun(random).title()} (0.0{left}s)\nFAIL\t{left} failed", failed=True)
        if random.random() < 0.5:
            t.think(thought(random))
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line or "raise" in line])
        t.edit(file, old, f"    if {noun(random)} > {left}:\n        {name(random)}({noun(random)})\n{old}")
    t.run("go test ./...", "ok  \twork\t0.31s")
    t.say("All pass.")


def stubborn_bug(t: Transcript, random: Random) -> None:
    """The failure stays for some rounds, the edits are different and in different places, then it is found."""
    t.prompt(goal(random))
    failure = f"FAIL tests/{noun(random)}.spec.ts\n  expected 4 to be 5\nTests: 1 failed, 30 passed"
    for _ in range(random.randrange(3, 7)):
        file = path(random)
        t.files[file] = code(random)
        t.read(file)
        t.think(thought(random))
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, f"{old}\n    {name(random)}({noun(random)}.{noun(random)})")
        t.run("npx vitest run", failure, failed=True)
    work_on(t, random, 1)
    t.run("npx vitest run", "Tests: 31 passed")
    t.say("Found it: " + answer(random, 2))


def batch_of_files(t: Transcript, random: Random) -> None:
    t.prompt("Add the licence header to every file")
    for _ in range(random.randrange(15, 40)):
        file = path(random) + str(random.randrange(999))
        t.files[file] = code(random, 2)
        first = t.files[file].splitlines()[0]
        t.edit(file, first, f"# SPDX-License-Identifier: MIT\n{first}")
    t.say("Every file has it now.")


def batch_of_commands(t: Transcript, random: Random) -> None:
    t.prompt("Convert the pictures to webp")
    for number in range(random.randrange(15, 40)):
        t.run(f"cwebp -q 80 img/{noun(random)}_{number}.png -o out/{number}.webp", random.choice(["", "Saved.", "OK"]))
    t.say("Converted.")


def batch_of_requests(t: Transcript, random: Random) -> None:
    t.prompt("Check that each page of the site answers")
    for page in random.sample(NOUNS, 20):
        t.run(
            f"curl -s -o /dev/null -w '%{{http_code}}' https://site.example/{page}",
            "200" if random.random() < 0.9 else "404",
        )
    t.say("All pages answer but the ones listed: " + answer(random, 2))


def mcp_batch(t: Transcript, random: Random) -> None:
    t.prompt("Close the stale tickets")
    for _ in range(random.randrange(12, 30)):
        t.call(
            "mcp__tracker__close_issue",
            {"issue_id": f"PRJ-{random.randrange(100, 999)}", "comment": "Stale"},
            '{"ok":true}',
        )
    t.say("Closed them.")


def reading_a_long_file(t: Transcript, random: Random) -> None:
    t.prompt("Read the whole log and summarise")
    file = "/home/kit/code/build.log"
    t.files[file] = "\n".join(
        f"{noun(random)} {name(random)} {random.randrange(10**6)} {noun(random)}" for _ in range(3000)
    )
    for start in range(0, 3000, 150):
        t.read(file, start, 170)
    t.say(answer(random, 10))


def refactoring(t: Transcript, random: Random) -> None:
    t.prompt(f"Rename {name(random)} everywhere")
    for _ in range(random.randrange(10, 25)):
        work_on(t, random, 1)
        if random.random() < 0.4:
            t.run("mypy .", f"Success: no issues found in {random.randrange(40, 60)} source files")
    t.say("Renamed.")


def growing_file(t: Transcript, random: Random) -> None:
    t.prompt("Write the guide section by section")
    file, text = "/home/kit/code/docs/guide.md", "# Guide\n"
    t.write(file, text)
    for _ in range(random.randrange(8, 16)):
        text += f"\n## {name(random)}\n\n{answer(random, 3)}\n"
        t.write(file, text)
    t.say("The guide is written.")


def recovered(t: Transcript, random: Random) -> None:
    """A few equal failures, then the cause is found and work goes on."""
    work(t, random)
    for _ in range(3):
        t.run("npm run build", "Error: Cannot find module 'left-pad'", failed=True)
    t.run("npm install left-pad", "added 1 package")
    t.run("npm run build", "built in 2.1s")
    work_on(t, random, random.randrange(6, 12))
    t.say("Builds again.")


def read_edit_check(t: Transcript, random: Random) -> None:
    """The same three calls in turn, over one file that grows better."""
    t.prompt("Fix all type errors in the file")
    file = path(random)
    t.files[file] = code(random, 15)
    for left in range(random.randrange(8, 14), 0, -1):
        t.read(file)
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, old.replace("total", f"total_{left}: int", 1))
        t.run("mypy src", f"src/x.py:{left}: error: Incompatible types\nFound {left} errors in 1 file", failed=True)
    t.say("No errors left.")


def looking_for_a_file(t: Transcript, random: Random) -> None:
    work(t, random)
    for _ in range(random.randrange(4, 6)):
        place = random.choice(["/etc", "/opt", "/usr/share", "/srv", "~"])
        t.run(
            f"cat {place}/{noun(random)}/{noun(random)}.conf", f"cat: {place}: No such file or directory", failed=True
        )
    t.run("find / -name '*.conf'", "\n".join(path(random) for _ in range(5)))
    work_on(t, random, 3)
    t.say("Found and set.")


def debugging_prints(t: Transcript, random: Random) -> None:
    """Prints put in and taken out again, each time in another place, and a fix in the end."""
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 10)
    t.read(file)
    for _ in range(random.randrange(3, 5)):
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, f"{old}\n    print('{noun(random)}', {noun(random)})")
        t.run(
            "python main.py",
            f"{noun(random)} {random.randrange(999)}\n{noun(random)} {name(random)}\n{name(random)}\nValueError: {noun(random)}",
            failed=True,
        )
        t.edit(
            file, t.files[file], "\n".join(line for line in t.files[file].splitlines() if "print(" not in line) + "\n"
        )
    work_on(t, random, 2)
    t.run("python main.py", "done")
    t.say("The cause: " + answer(random, 3))


def flaky_test(t: Transcript, random: Random) -> None:
    work(t, random)
    for _ in range(random.randrange(3, 5)):
        t.run(
            "pytest tests/test_net.py",
            random.choice(["1 failed, 9 passed in 2.2s\nE  TimeoutError: read", "10 passed in 2.4s"]),
        )
    work_on(t, random, 2)
    t.say("Marked as flaky: " + answer(random, 2))


def bisecting(t: Transcript, random: Random) -> None:
    t.prompt("Find the commit that broke it")
    for left in range(random.randrange(6, 9), 0, -1):
        bad = random.random() < 0.5
        t.run("pytest -q tests/test_a.py", "1 failed, 3 passed in 0.2s" if bad else "4 passed in 0.2s")
        t.run(
            f"git bisect {'bad' if bad else 'good'}",
            f"Bisecting: {2**left} revisions left to test after this\n[{random.getrandbits(80):020x}] {name(random)}",
        )
    t.say("It was the commit that changed the cache. " + answer(random, 2))


def status_between_edits(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    for _ in range(random.randrange(8, 14)):
        work_on(t, random, 1)
        t.run("git status --short", " M src/a.py\n M src/b.py")
        t.run("npm run lint", "> lint\n> eslint .")
    t.say("Done, lint is clean.")


def bug_in_steps(t: Transcript, random: Random) -> None:
    """One value tuned until the check passes; the check says how far it is."""
    t.prompt("Tune the limit until the load test passes")
    file = path(random)
    t.files[file] = "limit = 10\n" + code(random)
    limit, current = 10, "limit = 10"
    for _ in range(random.randrange(6, 10)):
        t.run("./load-test", f"p95 {4000 // limit} ms, wanted 30: 1 failed", failed=True)
        limit += random.randrange(5, 20)
        t.edit(file, current, f"limit = {limit}")
        current = f"limit = {limit}"
    t.run("./load-test", "ok")
    t.say("It passes now.")


def config_entries(t: Transcript, random: Random) -> None:
    """Many small literal edits, each checked with success."""
    t.prompt("Raise each timeout by a second")
    file = "/home/kit/code/config.yaml"
    keys = random.sample(NOUNS, 15)
    t.files[file] = "\n".join(f"{key}_timeout: {place}" for place, key in enumerate(keys))
    for place, key in enumerate(keys):
        t.edit(file, f"{key}_timeout: {place}", f"{key}_timeout: {place + 1}")
        t.run("yamllint config.yaml", "")
    t.say("Raised them all.")


def cleaning_up_errors(t: Transcript, random: Random) -> None:
    """The same kind of error in many places, each mended."""
    t.prompt("Make the linter happy")
    for _ in range(random.randrange(10, 20)):
        file = path(random)
        t.files[file] = code(random, 3)
        t.run(
            f"ruff check {file}",
            f"{file}:3:5: F841 Local variable `{noun(random)}` is assigned to but never used\nFound 1 error.",
            failed=True,
        )
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, f"    {name(random)}({noun(random)})")
    t.say("Clean.")


KINDS: tuple[Kind, ...] = (
    polling_that_moves,
    tests_after_edits,
    stubborn_bug,
    batch_of_files,
    batch_of_commands,
    batch_of_requests,
    mcp_batch,
    reading_a_long_file,
    refactoring,
    growing_file,
    recovered,
    read_edit_check,
    looking_for_a_file,
    debugging_prints,
    flaky_test,
    bisecting,
    status_between_edits,
    bug_in_steps,
    config_entries,
    cleaning_up_errors,
)
