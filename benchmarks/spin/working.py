"""Sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.stuck import work
from benchmarks.spin.transcript import Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought


def polling_that_moves(t: Transcript, random: Random) -> None:
    work(t, random)
    t.prompt("Deploy it and tell me when it is up")
    done = 0
    while done < 100:
        done = min(100, done + random.randrange(0, 16))
        t.run("sleep 20 && kubectl get pods", f"api-{noun(random)}   {done}% ready   {t.clock:%H:%M:%S}", took=25)
    t.say("It is up.")


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


def work_on(t: Transcript, random: Random, edits: int) -> None:
    for _ in range(edits):
        file = path(random)
        t.files.setdefault(file, code(random))
        t.read(file)
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, old.replace("total", f"checked_{noun(random)}", 1))


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


def reading_a_long_file(t: Transcript, random: Random) -> None:
    t.prompt("Read the whole log and summarise")
    file = "/home/kit/code/build.log"
    t.files[file] = "\n".join(
        f"{noun(random)} {name(random)} {random.randrange(10**6)} {noun(random)}" for _ in range(3000)
    )
    for start in range(0, 3000, 150):
        t.read(file, start, 170)
    t.say(answer(random, 10))


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


def refused_by_person(t: Transcript, random: Random) -> None:
    work(t, random)
    for _ in range(random.randrange(3, 6)):
        t.call("Bash", {"command": "rm -rf build"}, "The user doesn't want to proceed with this tool use.", failed=True)
        t.prompt("no, not like that")
    work_on(t, random, 2)


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


def asked_to_repeat(t: Transcript, random: Random) -> None:
    t.prompt("Run the benchmark 12 times and give me the mean")
    for _ in range(12):
        t.run("./bench --json", f'{{"ops": {random.randrange(1000, 9000)}, "p99": {random.randrange(10, 99)}}}')
    t.say("The mean is 4321 operations a second.")


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


KINDS = {
    function.__name__: function
    for function in (
        polling_that_moves, polling_that_was_asked_for, spaced_polling, backing_off, tests_after_edits, stubborn_bug, batch_of_files,
        batch_of_commands, batch_of_requests, mcp_batch, research, research_with_returns, reading_a_long_file, fan_out, plan_then_work,
        go_on, story, again_by_hand, long_table, refactoring, growing_file, recovered, read_edit_check, looking_for_a_file,
        refused_by_person, debugging_prints, flaky_test, asked_to_repeat, bisecting, status_between_edits, compacted_once,
        short_question, looks_before_a_change, bug_in_steps, config_entries, cleaning_up_errors,
    )
}  # fmt: skip
