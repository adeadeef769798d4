"""Kinds of sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import snapshot, work


def migration_of_many_files(t: Transcript, random: Random) -> None:
    t.prompt("Migrate all files in data/ to the new format, one at a time, and check each")
    for number in range(random.randrange(50, 110)):
        t.run(f"python migrate.py data/part_{number:03}.json", "ok: 100 rows")
        if number % 10 == 9:
            t.run(f"python check.py --upto {number}", "valid")
    t.say("All are migrated.")


def one_hypothesis_after_another(t: Transcript, random: Random) -> None:
    """The same test fails for long; each look is at something else, and the cause is found."""
    t.prompt(goal(random))
    failure = f"FAILED tests/test_{noun(random)}.py::test_{name(random)} - AssertionError: {random.randrange(9)} != {random.randrange(10, 99)}"
    for _ in range(random.randrange(5, 9)):
        t.think(thought(random))
        file = path(random)
        t.files.setdefault(file, code(random, 4))
        t.read(file)
        t.run(
            f"python -c 'import app; print(app.{name(random)}({random.randrange(99)}))'",
            f"{random.randrange(9999)} {noun(random)}",
        )
        t.run(
            f"git log --oneline -3 -- {file}",
            "\n".join(f"{random.getrandbits(28):07x} {name(random)} {noun(random)}" for _ in range(3)),
        )
        t.run("pytest -q -x", f"{failure}\n1 failed in {random.uniform(1, 3):.2f}s", failed=True)
    old = next(line for line in t.files[file].splitlines() if "total" in line)
    t.edit(file, old, old.replace("total", "total_checked", 1))
    t.run("pytest -q -x", "51 passed in 2.2s")
    t.say(answer(random, 3))


def checks_watched_as_asked(t: Transcript, random: Random) -> None:
    t.prompt(
        random.choice(
            [
                "Push it and keep an eye on the checks until they are through",
                "Please monitor the pipeline, ping me when it is green",
                "Wait for CI to finish, then merge",
            ]
        )
    )
    t.run("git push", "To github.com:kit/code.git\n   1a2b3c4..5d6e7f8  main -> main")
    for _ in range(random.randrange(12, 30)):
        t.pause(random.uniform(8, 25))
        t.run("gh pr checks 41", "build   pending\ntest    pending\nlint    pass", took=1)
    t.run("gh pr checks 41", "build   pass\ntest    pass\nlint    pass")
    t.say("The checks have passed.")


def one_name_in_forty_places(t: Transcript, random: Random) -> None:
    t.prompt("Rename fetch_total to load_total everywhere")
    left = random.randrange(18, 36)
    for number in range(left, 0, -1):
        file = f"/home/kit/code/src/part_{number}/{noun(random)}.py"
        t.files[file] = code(random, 1) + "\nfetch_total(x)\n"
        t.read(file, count=20)
        t.edit(file, "fetch_total(x)", "load_total(x)")
        if number % 6 == 0:
            t.run("grep -rl fetch_total src | wc -l", str(number - 1))
    t.say("Renamed.")


def questions_about_the_code(t: Transcript, random: Random) -> None:
    for _ in range(random.randrange(6, 12)):
        thing = name(random)
        t.prompt(
            random.choice(
                [f"How does {thing} work?", f"Where is {thing} used?", f"Why does {thing} need the {noun(random)}?"]
            )
        )
        t.call(
            "Grep",
            {"pattern": thing, "output_mode": "content"},
            f"src/{noun(random)}.py:{random.randrange(200)}:def {thing}({noun(random)}):",
        )
        file = path(random)
        t.files.setdefault(file, code(random, 3))
        t.read(file)
        t.say(answer(random, 5))


def review_of_a_change(t: Transcript, random: Random) -> None:
    t.prompt("Review the pull request, be thorough")
    t.run("git diff --stat main", "\n".join(f" {path(random)} | {random.randrange(99)} +-" for _ in range(20)))
    for _ in range(random.randrange(40, 70)):
        file = path(random)
        t.files.setdefault(file, code(random, 3))
        t.read(file)
    t.say(answer(random, 14))


def tutoring(t: Transcript, random: Random) -> None:
    t.prompt("Teach me recursion, ask me questions, I am a beginner")
    for _ in range(random.randrange(8, 15)):
        t.say(random.choice(["Not quite: think of what the function returns when the list is empty.", "Close. What does the function return for an empty list?", "Good. And what if the list has one element?",
                             "Remember that each call works on a smaller list."]) + " " + answer(random, 1))  # fmt: skip
        t.prompt(
            random.choice(
                [
                    "the empty list?",
                    "I don't get it",
                    "0?",
                    "is it the first element",
                    "explain again please",
                    "ah, the base case",
                ]
            )
        )
    t.say("Exactly. You have it.")


def triage_of_a_log(t: Transcript, random: Random) -> None:
    t.prompt("There were errors last night, find out what happened")
    for _ in range(random.randrange(12, 22)):
        request = f"{random.getrandbits(32):08x}"
        found = [
            f"2026-10-04T0{random.randrange(9)}:{random.randrange(10, 60)}:11Z {random.choice(['ERROR', 'WARN'])} req={request} {name(random)} failed: {random.choice(['timeout', 'refused', 'no route'])}"
            for _ in range(2)
        ]
        t.run(f"grep {request} app.log | tail -n 2", "\n".join(found))
    t.say(answer(random, 6))


def forty_strings(t: Transcript, random: Random) -> None:
    t.prompt("Translate the missing strings to Latvian, one at a time so that I can follow")
    file = "/home/kit/code/locale/lv.json"
    keys = [f"{a}.{b}" for a in random.sample(NOUNS, 6) for b in random.sample(NOUNS, 6)]
    t.files[file] = "{\n" + "".join(f'  "{key}": "",\n' for key in keys) + "}\n"
    t.read(file)
    for number, key in enumerate(keys):
        t.edit(file, f'"{key}": ""', f'"{key}": "{noun(random)}s {noun(random)}am"')
        if number % 9 == 8:
            t.run("node check-locale.js lv", "ok")
    t.say("All strings are translated.")


def sweep_of_parameters(t: Transcript, random: Random) -> None:
    t.prompt("Find the best batch size and thread count, three runs each")
    for threads in (1, 2, 4, 8):
        for size in (16, 64, 256):
            for _ in range(3):
                t.run(
                    f"./bench --threads {threads} --batch {size}",
                    f"throughput: {random.randrange(900, 9000)} req/s  p99: {random.uniform(1, 90):.1f} ms",
                    took=10,
                )
    t.say(answer(random, 4))


def how_often_does_it_fail(t: Transcript, random: Random) -> None:
    t.prompt("Run the sync test twenty times, I want to know how often it fails")
    failures = 0
    for _ in range(20):
        bad = random.random() < 0.2
        failures += bad
        t.run("pytest -q tests/test_sync.py", "1 failed in 3.0s" if bad else "1 passed in 3.0s", failed=bad, took=3)
    t.say(f"It failed {failures} times of 20.")


def warnings_one_by_one(t: Transcript, random: Random) -> None:
    t.prompt("Get the linter clean")
    for left in range(random.randrange(12, 20), 0, -1):
        file = path(random)
        t.files.setdefault(file, code(random, 2))
        t.run(
            "ruff check . | tail -n 3",
            f"{file}:{random.randrange(90)}: F841 local variable is never used\nFound {left} errors.",
            failed=True,
        )
        old = next(line for line in t.files[file].splitlines() if "total" in line or "checked" in line)
        t.edit(file, old, old + f"  {noun(random)}({left})")
    t.run("ruff check . | tail -n 3", "All checks passed!")
    t.say("The linter is clean.")


def form_of_many_pages(t: Transcript, random: Random) -> None:
    t.prompt("Fill in the registration with the data in person.json")
    for page in range(random.randrange(8, 14)):
        fields = random.sample(NOUNS, 3)
        t.call(
            "mcp__browser__snapshot",
            {},
            snapshot(random, [f"heading Step {page + 1}", *[f"textbox {each}" for each in fields], "button Next"]),
        )
        for each in fields:
            t.call(
                "mcp__browser__type",
                {"element": each, "ref": f"e{random.randrange(99)}", "text": name(random)},
                "Typed",
            )
        t.call("mcp__browser__click", {"element": "Next", "ref": f"e{random.randrange(99)}"}, "Clicked on element")
    t.say("The form is sent.")


def questions_to_a_database(t: Transcript, random: Random) -> None:
    t.prompt("Why is the revenue of September too low? The database is on localhost")
    for _ in range(random.randrange(14, 24)):
        table, column = noun(random), noun(random)
        empty = random.random() < 0.4
        rows = "\n".join(f" {random.randrange(9999)} | {noun(random)}" for _ in range(3))
        t.run(
            f'psql -c "SELECT {column}, count(*) FROM {table} WHERE {noun(random)} IS NULL GROUP BY 1"',
            f" {column} | count \n---+---\n(0 rows)" if empty else f" {column} | count \n---+---\n{rows}\n(3 rows)",
        )
    t.say(answer(random, 5))


def as_the_person_likes_it(t: Transcript, random: Random) -> None:
    """The person has it changed to and fro until it pleases."""
    t.prompt("Make the header blue")
    file = "/home/kit/code/web/site.css"
    t.files[file] = "header { color: black; }\n"
    current = "black"
    for new in ["blue", "navy", "blue", "teal", "navy", "blue", "teal", "navy"][: random.randrange(5, 9)]:
        t.edit(file, f"color: {current}", f"color: {new}")
        t.say("Done.")
        current = new
        t.prompt(
            random.choice(
                ["hm, darker", "no, as before", "greener please", "the other one was better", "a bit lighter"]
            )
        )
    t.say("It is as you had it.")


def tests_in_the_background(t: Transcript, random: Random) -> None:
    work(t, random)
    t.call("Bash", {"command": "make test-all", "run_in_background": True}, "Command running in background with ID: b1")
    for _ in range(random.randrange(5, 10)):
        t.pause(random.uniform(30, 60))
        t.call("BashOutput", {"bash_id": "b1"}, "<status>running</status>")
    t.call(
        "BashOutput",
        {"bash_id": "b1"},
        "<status>completed</status>\n<exit_code>0</exit_code>\n<stdout>812 passed</stdout>",
    )
    t.say("All tests pass.")


def pages_with_limits(t: Transcript, random: Random) -> None:
    t.prompt("Download all pages of the catalogue")
    for page in range(1, random.randrange(14, 26)):
        if random.random() < 0.35:
            t.run(
                f"curl -s https://shop.example/api?page={page}",
                '{"error":"rate limited","retry_after":20}',
                failed=True,
            )
            t.run("sleep 20", "", took=20)
        t.run(
            f"curl -s https://shop.example/api?page={page}",
            f'{{"page":{page},"items":["{name(random)}","{name(random)}"]}}',
        )
    t.say("All pages are there.")


def which_is_fastest(t: Transcript, random: Random) -> None:
    """Variants tried, measured and taken back; the best is kept."""
    t.prompt("Which of the ways to cache this is fastest? Try them")
    file = path(random)
    t.files[file] = code(random, 3)
    t.read(file)
    old = next(line for line in t.files[file].splitlines() if "total" in line)
    for _ in range(random.randrange(4, 7)):
        new = f"    total = {name(random)}({noun(random)}, {random.randrange(99)})"
        t.edit(file, old, new)
        t.run("python bench.py", f"{random.uniform(1, 9):.2f} s")
        t.edit(file, new, old)
    t.edit(file, old, f"    total = {name(random)}({noun(random)})")
    t.run("python bench.py", f"{random.uniform(0, 1):.2f} s")
    t.say(answer(random, 3))


def looking_into_data(t: Transcript, random: Random) -> None:
    t.prompt("What is in this data set? Anything odd?")
    for _ in range(random.randrange(14, 24)):
        column = noun(random)
        bad = random.random() < 0.25
        result = (
            f"Traceback (most recent call last):\nKeyError: '{column}'"
            if bad
            else f"{column}  mean {random.uniform(0, 99):.2f}  max {random.randrange(999)}  null {random.randrange(99)}"
        )
        t.run(
            f"python -c \"import pandas as p; d = p.read_parquet('d'); print(d['{column}'].describe())\"",
            result,
            failed=bad,
        )
    t.say(answer(random, 6))


def ten_releases(t: Transcript, random: Random) -> None:
    """The same five commands for one package after another."""
    t.prompt("Release all packages that have changed")
    for package in random.sample(NOUNS, random.randrange(7, 12)):
        t.run(f"cd packages/{package} && npm version patch", "v1.0.1")
        t.run(f"cd packages/{package} && npm test", "ok")
        t.run(f"cd packages/{package} && npm run build", "done")
        t.run(f"git tag {package}-v1.0.1", "")
        t.run(f"cd packages/{package} && npm publish", "+ published")
    t.say("Released.")


def audit_that_finds_little(t: Transcript, random: Random) -> None:
    t.prompt("Check the code for unsafe calls and secrets, and report")
    for each in random.sample(
        [
            "eval\\(",
            "exec\\(",
            "pickle",
            "yaml.load\\(",
            "md5",
            "shell=True",
            "verify=False",
            "AKIA",
            "BEGIN RSA",
            "password =",
            "innerHTML",
            "os.system",
            "tempfile.mktemp",
            "assert ",
            "http://",
            "random\\(",
        ],
        14,
    ):
        t.call(
            "Grep",
            {"pattern": each, "path": "."},
            random.choice(
                ["No matches found", "No matches found", f"src/{noun(random)}.py:{random.randrange(99)}: {each}"]
            ),
        )
    t.say(answer(random, 7))


KINDS: tuple[Kind, ...] = (
    migration_of_many_files,
    one_hypothesis_after_another,
    checks_watched_as_asked,
    one_name_in_forty_places,
    questions_about_the_code,
    review_of_a_change,
    tutoring,
    triage_of_a_log,
    forty_strings,
    sweep_of_parameters,
    how_often_does_it_fail,
    warnings_one_by_one,
    form_of_many_pages,
    questions_to_a_database,
    as_the_person_likes_it,
    tests_in_the_background,
    pages_with_limits,
    which_is_fastest,
    looking_into_data,
    ten_releases,
    audit_that_finds_little,
)
