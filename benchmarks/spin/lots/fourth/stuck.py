"""Kinds of sessions that go nowhere: one function a kind. Each works for a while, marks, and is stuck from there on."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import muse, snapshot, work


def browser_behind_a_dialog(t: Transcript, random: Random) -> None:
    """Clicks and scrolls on a page whose dialog covers everything; nothing ever changes but the references."""
    t.prompt(f"Book the {noun(random)} on the portal")
    t.call("mcp__browser__navigate", {"url": f"https://portal.example/{noun(random)}"}, "Navigated")
    page = [
        "heading Portal",
        "dialog We value your privacy",
        f"button {noun(random)}",
        "link Sign in",
        f"text {answer(random, 1)}",
    ]
    t.mark()
    for number in range(random.randrange(5, 9)):
        t.call("mcp__browser__snapshot", {}, snapshot(random, page))
        muse(t, random)
        if number % 2:
            t.call("mcp__browser__scroll", {"direction": "down", "amount": random.randrange(200, 900)}, "Scrolled")
        t.call("mcp__browser__click", {"element": "Book", "ref": f"e{random.randrange(10, 999)}"}, "Clicked on element")


def denied_by_every_road(t: Transcript, random: Random) -> None:
    """One file that may not be written, tried by other programs, each of which says so in its own words."""
    work(t, random)
    place = f"/etc/{noun(random)}.d/{noun(random)}.conf"
    roads = [
        (f"echo x | tee {place}", f"tee: {place}: Permission denied"), (f"sudo tee {place}", "sudo: a password is required"),
        (f"python3 -c \"open('{place}','w')\"", f"PermissionError: [Errno 13] Permission denied: '{place}'"),
        (f"chmod u+w {place}", f"chmod: changing permissions of '{place}': Operation not permitted"),
        (f"cp /tmp/x {place}", f"cp: cannot create regular file '{place}': Permission denied"),
        (f"install -m 644 /tmp/x {place}", f"install: cannot create regular file '{place}': Permission denied"),
        (f"sed -i s/a/b/ {place}", f"sed: couldn't open temporary file {place}.tmp: Permission denied"),
        (f"touch {place}", f"touch: cannot touch '{place}': Permission denied"), (f"echo x > {place}", f"bash: {place}: Permission denied"),
    ]  # fmt: skip
    t.mark()
    for number in range(random.randrange(9, 17)):
        muse(t, random)
        command, result = roads[number % len(roads)] if number < len(roads) else random.choice(roads)
        t.run(command, result, failed=True)


def server_with_many_excuses(t: Transcript, random: Random) -> None:
    """A tool server that fails each time, each time for another reason it gives."""
    t.prompt(f"Put the {noun(random)} into the tracker")
    excuses = ["upstream request timeout", "socket hang up", "502 Bad Gateway", "connection reset by peer", "MCP error -32000: Connection closed",
               "fetch failed", "503 Service Unavailable", "read ECONNRESET"]  # fmt: skip
    title = f"{name(random)} {noun(random)}"
    t.mark()
    for _ in range(random.randrange(10, 18)):
        words = random.choice([title, title.title(), f"{title}.", f"New: {title}"])
        t.call("mcp__tracker__create_issue", {"title": words, "labels": ["bug"]}, random.choice(excuses), failed=True)
        if random.random() < 0.3:
            t.say(random.choice(["The server failed. Trying again.", "Let me retry this.", "Once more."]))


def three_files_in_a_ring(t: Transcript, random: Random) -> None:
    """A fix in one file breaks the test of the next, round and round; the files come back to what they were."""
    t.prompt(goal(random))
    files = []
    while len(files) < 3:
        file = path(random)
        if file not in t.files:
            t.files[file] = code(random, 3)
            files.append(file)
            t.read(file)
    lines = [next(line for line in t.files[file].splitlines() if "total" in line) for file in files]
    others = [line.replace("total", f"{noun(random)}_total", 1) for line in lines]
    t.mark()
    for number in range(random.randrange(9, 16)):
        turn = number % 3
        forth = (number // 3) % 2 == 0
        t.edit(files[turn], *((lines[turn], others[turn]) if forth else (others[turn], lines[turn])))
        t.run(
            "pytest -q",
            f"FAILED tests/test_{turn}.py::test_{turn} - AssertionError\n1 failed, 40 passed in {random.uniform(1, 4):.2f}s",
            failed=True,
        )
        muse(t, random)


def begins_again_after_each_summary(t: Transcript, random: Random) -> None:
    """Reads, plans, makes an edit that is there already, is summarised, and begins again."""
    files = work(t, random, 4)
    items = [f"Change {name(random)}", f"Test {noun(random)}", "Run all tests"]
    t.mark()
    for _ in range(random.randrange(4, 7)):
        for file in files:
            t.read(file)
        t.call(
            "TodoWrite",
            {"todos": [{"content": each, "status": "pending"} for each in items]},
            "Todos have been modified",
        )
        t.call("Edit", {"file_path": files[0], "old_string": "x = 1", "new_string": "x = 1"},
               "No changes to make: old_string and new_string are exactly the same.", failed=True)  # fmt: skip
        t.compact()
        t.say(f"From the summary: I have to {items[0].lower()}. Let me look at the files first.")


def scouts_that_report_the_same(t: Transcript, random: Random) -> None:
    """Sends one sub-agent after another with the same question in other words; each says the same in other words."""
    t.prompt(goal(random))
    thing, place = name(random), path(random)
    asks = ["Find out where {0} is defined and why it fails", "Locate the definition of {0}, explain the failure", "Investigate why {0} fails and where it lives",
            "Search the code for {0} and tell me why it is failing"]  # fmt: skip
    says = ["{0} is defined in {1}. I could not find why it fails.", "The definition of {0} is in {1}; the reason for the failure is unclear.",
            "I found {0} in {1}, but not the cause of its failure."]  # fmt: skip
    t.mark()
    for _ in range(random.randrange(6, 10)):
        t.call("Task", {"subagent_type": "general-purpose", "description": f"look at {thing}", "prompt": random.choice(asks).format(thing)},
               random.choice(says).format(thing, place), took=40)  # fmt: skip
        muse(t, random)


def waits_for_nobody(t: Transcript, random: Random) -> None:
    """Sleeps and looks in two ways whether a worker has come up; nobody has started it."""
    work(t, random)
    t.mark()
    for number in range(random.randrange(16, 30)):
        if number % 2:
            t.run("sleep 5 && docker ps --filter name=worker", "CONTAINER ID   IMAGE   COMMAND   STATUS", took=6)
        else:
            t.run("sleep 5; curl -s localhost:8811/ready || echo no", "no", took=6)


def once_more_to_be_sure(t: Transcript, random: Random) -> None:
    """The work is done and the tests pass; it is verified over and over in many ways."""
    files = work(t, random)
    t.run("pytest -q", "44 passed in 2.10s")
    checks = [("pytest -q", "44 passed in {:.2f}s"), ("python -m pytest", "44 passed in {:.2f}s"), ("git diff --stat", " 1 file changed, 1 insertion(+), 1 deletion(-)"),
              ("git status --short", f" M {files[0]}"), ("ruff check .", "All checks passed!"), ("pytest -q --tb=short", "44 passed in {:.2f}s")]  # fmt: skip
    t.mark()
    for _ in range(random.randrange(14, 24)):
        command, result = random.choice(checks)
        if random.random() < 0.6:
            t.say(
                random.choice(
                    [
                        "Let me verify once more.",
                        "To be sure, one final check.",
                        "Let me double-check everything.",
                        "A last verification.",
                    ]
                )
            )
        t.run(command, result.format(random.uniform(1, 4)))


def installs_again(t: Transcript, random: Random) -> None:
    """Whatever is wrong, everything is installed again, one way or another."""
    work(t, random)
    ways = [
        "npm install",
        "rm -rf node_modules && npm install",
        "npm ci",
        "npm cache clean --force && npm install",
        "rm -rf node_modules package-lock.json && npm i",
        "npm install --legacy-peer-deps",
    ]
    failure = f"> build\n> tsc -p .\n\nsrc/{noun(random)}.ts(41,7): error TS2345: Argument of type 'string' is not assignable to parameter of type '{noun(random).title()}'."
    t.mark()
    for number in range(random.randrange(5, 10)):
        t.run(
            ways[number % len(ways)],
            f"added {random.randrange(800, 830)} packages in {random.randrange(9, 40)}s",
            took=30,
        )
        t.run("npm run build", failure, failed=True, took=8)
        muse(t, random)


def prints_without_end(t: Transcript, random: Random) -> None:
    """Another print in another place each time, and never a thought of what they say."""
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 9)
    t.read(file)
    spots = [line for line in t.files[file].splitlines() if "total" in line]
    failure = f"ValueError: {noun(random)} missing in {name(random)}"
    t.mark()
    for number in range(random.randrange(12, 20)):
        spot = spots[number % len(spots)]
        t.edit(file, spot, f"{spot}\n    print('DEBUG {number}', {noun(random)})")
        t.run(
            "python main.py",
            "\n".join(f"DEBUG {each} None" for each in range(number + 1)) + f"\n{failure}",
            failed=True,
        )


def one_version_after_another(t: Transcript, random: Random) -> None:
    """Pins a dependency to one version after another; the error does not care."""
    t.prompt(goal(random))
    file, package = "/home/kit/code/requirements.txt", noun(random)
    t.files[file] = f"requests==2.31.0\n{package}==0.1.0\n"
    failure = f"ImportError: cannot import name '{name(random)}' from 'core.{noun(random)}'"
    current = "0.1.0"
    t.mark()
    for _ in range(random.randrange(8, 14)):
        new = f"{random.randrange(1, 9)}.{random.randrange(9)}.{random.randrange(9)}"
        t.edit(file, f"{package}=={current}", f"{package}=={new}")
        current = new
        t.run("pip install -q -r requirements.txt", "")
        t.run("python -m app", failure, failed=True)


def pixels_to_and_fro(t: Transcript, random: Random) -> None:
    """A margin made larger and smaller, a picture taken each time, and it is never right."""
    t.prompt("The button in the header is not aligned, please fix it")
    file = "/home/kit/code/web/header.css"
    t.files[file] = ".header { display: flex; }\n.button { margin-top: 4px; }\n"
    t.read(file)
    current = "4px"
    t.mark()
    for _ in range(random.randrange(10, 18)):
        new = f"{random.choice([2, 4, 6, 8, 10])}px"
        if new == current:
            continue
        t.edit(file, f"margin-top: {current}", f"margin-top: {new}")
        current = new
        t.call("mcp__browser__screenshot", {"selector": ".header"}, "Screenshot taken")
        t.say(random.choice(["The button is still not aligned.", "Still a bit off.", "Not aligned yet."]))


def searches_for_what_is_not_there(t: Transcript, random: Random) -> None:
    """One synonym after another is searched for; there is nothing."""
    t.prompt(f"Rename the {noun(random)} setting to {noun(random)}")
    thing = noun(random)
    t.mark()
    for number in range(random.randrange(14, 26)):
        forms = [
            f"{thing}_{random.choice(NOUNS)}",
            f"{thing.title()}{random.choice(NOUNS).title()}",
            f"get_{thing}",
            f"{thing}s?_{random.choice(NOUNS)}",
            f"{thing}.*{random.choice(NOUNS)}",
        ]
        t.call("Grep", {"pattern": forms[number % 5], "path": "/home/kit/code"}, "No matches found")
        muse(t, random)


def quotes_within_quotes(t: Transcript, random: Random) -> None:
    """One line of shell, quoted in one way after another; each fails in another way."""
    work(t, random)
    field = noun(random)
    errors = ["bash: -c: line 1: unexpected EOF while looking for matching `\"'", "bash: syntax error near unexpected token `('", "SyntaxError: unterminated string literal (detected at line 1)",
              "jq: error: syntax error, unexpected INVALID_CHARACTER", "bash: !d: event not found", "SyntaxError: invalid syntax", "jq: 1 compile error"]  # fmt: skip
    t.mark()
    for number in range(random.randrange(10, 18)):
        quote = ["'", '"', "\\'", '\\"', "'\\''", '"\\""'][number % 6]
        t.run(
            f"ssh box {quote}jq .[] | select(.{field} == {quote}x{quote}) data.json{quote}",
            random.choice(errors),
            failed=True,
        )


def rebase_and_abort(t: Transcript, random: Random) -> None:
    """Rebases, meets the conflict, aborts, rebases."""
    t.prompt("Bring the branch up to date with main")
    file = f"src/{noun(random)}.py"
    conflict = f"Auto-merging {file}\nCONFLICT (content): Merge conflict in {file}\nerror: could not apply {random.getrandbits(28):07x}... {name(random)}"
    t.mark()
    for _ in range(random.randrange(5, 9)):
        t.run("git rebase main", conflict, failed=True)
        if random.random() < 0.5:
            t.run("git status", f"rebase in progress\nboth modified: {file}")
        muse(t, random)
        t.run("git rebase --abort", "")


def longer_and_longer_timeouts(t: Transcript, random: Random) -> None:
    """A command that never ends, given more time each time."""
    work(t, random)
    t.mark()
    for number in range(random.randrange(6, 11)):
        seconds = 30 * (number + 1)
        t.call("Bash", {"command": f"timeout {seconds} make e2e", "timeout": seconds * 1000},
               f"Command timed out after {seconds}s", failed=True, took=seconds)  # fmt: skip
        t.say(random.choice(["It needs more time.", "Let me raise the timeout.", "Perhaps a longer timeout helps."]))


def keeps_a_diary(t: Transcript, random: Random) -> None:
    """Writes down how the work goes, and does none."""
    t.prompt(goal(random))
    file = "/home/kit/code/PROGRESS.md"
    thing, other = name(random), noun(random)
    t.mark()
    for number in range(random.randrange(9, 16)):
        t.think(
            random.choice(
                [
                    f"I should record the state of {thing} before going on.",
                    f"Let me note where {thing} stands.",
                    "An update of the progress file is due.",
                ]
            )
        )
        state = random.choice(["in progress", "about to start", "being analysed", "next"])
        t.write(
            file,
            f"# Progress, {t.clock:%H:%M}\n\n- {thing}: {state}\n- {other}: to do\n- tests: to do\n\nUpdate {number}: {random.choice(['going on with', 'continuing', 'working on', 'preparing'])} {thing}.\n",
        )


def guessed_addresses(t: Transcript, random: Random) -> None:
    """Addresses of a page are guessed, none exists."""
    t.prompt(f"Use the new {noun(random)} option of the library")
    t.mark()
    for _ in range(random.randrange(10, 16)):
        place = f"https://docs.{random.choice(NOUNS)}.dev/{random.choice(['latest', 'stable', 'v2', 'api', 'guide'])}/{random.choice(NOUNS)}"
        t.call("WebFetch", {"url": place, "prompt": "the option"}, "Request failed with status code 404", failed=True)
        if random.random() < 0.3:
            t.think(thought(random))


KINDS: tuple[Kind, ...] = (
    browser_behind_a_dialog,
    denied_by_every_road,
    server_with_many_excuses,
    three_files_in_a_ring,
    begins_again_after_each_summary,
    scouts_that_report_the_same,
    waits_for_nobody,
    once_more_to_be_sure,
    installs_again,
    prints_without_end,
    one_version_after_another,
    pixels_to_and_fro,
    searches_for_what_is_not_there,
    quotes_within_quotes,
    rebase_and_abort,
    longer_and_longer_timeouts,
    keeps_a_diary,
    guessed_addresses,
)
