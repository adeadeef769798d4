"""Kinds of sessions that go nowhere: one function a kind. Each works for a while, marks, and is stuck from there on."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought
from benchmarks.spin.work import muse, work


def captcha(t: Transcript, random: Random) -> None:
    t.prompt(f"Log in to the {noun(random)} site and fetch my invoices")
    t.mark()
    for number in range(random.randrange(4, 8)):
        t.call(
            "browser_goto",
            {"url": "https://site.example/login"},
            f"Login - {noun(random)}\nPlease complete the captcha to go on",
        )
        t.call("browser_fill", {"selector": "#user", "value": "kit"}, "filled")
        t.call("browser_fill", {"selector": "#password", "value": "***"}, "filled")
        t.call("browser_press", {"key": "Enter", "wait": 500 + 100 * number}, "Please complete the captcha to go on")
        muse(t, random)


def one_mail_after_all(t: Transcript, random: Random) -> None:
    """Searches the mail in other words; the same three mails come back, and are read again."""
    t.prompt(f"Find the mail with the contract for the {noun(random)}")
    mails = "\n".join(
        f"{random.randrange(100, 999)}  {name(random)}@{noun(random)}.example  {answer(random, 1)}" for _ in range(3)
    )
    body = answer(random, 5)
    t.mark()
    for _ in range(random.randrange(7, 12)):
        query = " ".join(
            random.sample(["contract", "agreement", "signed", "pdf", "attachment", "offer", "deal", noun(random)], 3)
        )
        t.call("mcp__mail__search", {"query": query}, mails)
        if random.random() < 0.5:
            t.call("mcp__mail__read", {"id": mails[:3]}, body)
        muse(t, random)


def slots_all_taken(t: Transcript, random: Random) -> None:
    """Tries the same few times of day in the calendar over and over."""
    t.prompt("Set up a meeting with Ina on Tuesday")
    slots = ["09:00", "10:00", "11:00", "13:00"]
    t.mark()
    for number in range(random.randrange(11, 18)):
        slot = slots[number % 4]
        t.call("mcp__calendar__create_event", {"title": random.choice(["Ina", "Meeting with Ina", "Ina / Kit"]), "start": f"2026-10-06T{slot}"},
               f"conflict: {slot} is taken by {random.choice(['Standup', 'Review', 'Lunch'])}", failed=True)  # fmt: skip


def token_refreshed_in_vain(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    for _ in range(random.randrange(5, 9)):
        t.run("http GET https://api.example/v1/me", 'HTTP/1.1 401 Unauthorized\n{"error":"invalid_token"}', failed=True)
        t.run("./refresh-token.sh", f"token refreshed: {random.getrandbits(160):040x}")
        muse(t, random)


def locked_database(t: Transcript, random: Random) -> None:
    work(t, random)
    table = noun(random)
    ways = [(f"sqlite3 app.db 'select count(*) from {table}'", "Error: database is locked"), (f"python -c \"import sqlite3; sqlite3.connect('app.db').execute('select 1 from {table}')\"", "sqlite3.OperationalError: database is locked"),
            (f"sqlite3 -cmd '.timeout 5000' app.db 'select * from {table}'", "Runtime error near line 1: database is locked (5)"), ("alembic upgrade head", "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked")]  # fmt: skip
    t.mark()
    for number in range(random.randrange(8, 14)):
        command, result = ways[number % 4]
        t.run(command, result, failed=True)
        muse(t, random)


def import_moved_up_and_down(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    file, thing = path(random), noun(random)
    t.files[file] = f"from app import {thing}\n\n" + code(random, 3)
    t.read(file)
    one, two = f"from app import {thing}\n\n", f"\n\ndef _late():\n    from app import {thing}\n\n"
    t.mark()
    for number in range(random.randrange(8, 13)):
        if number % 2 == 0:
            t.edit(file, one, two)
            t.run(
                "pytest -q",
                f"NameError: name '{thing}' is not defined\n1 failed in {random.uniform(1, 3):.2f}s",
                failed=True,
            )
        else:
            t.edit(file, two, one)
            t.run(
                "pytest -q",
                f"ImportError: cannot import name '{thing}' (most likely due to a circular import)\n1 failed in {random.uniform(1, 3):.2f}s",
                failed=True,
            )


def ignores_on_and_off(t: Transcript, random: Random) -> None:
    t.prompt("Make the type checker pass")
    file = path(random)
    t.files[file] = code(random, 3)
    t.read(file)
    line = next(each for each in t.files[file].splitlines() if "total" in each)
    other = line + "  # type: ignore"
    t.mark()
    for number in range(random.randrange(8, 14)):
        if number % 2 == 0:
            t.edit(file, line, other)
            t.run(
                "mypy .",
                f'{file}:4: error: Unused "type: ignore" comment  [unused-ignore]\nFound 1 error in 1 file',
                failed=True,
            )
        else:
            t.edit(file, other, line)
            t.run(
                "mypy .",
                f"{file}:4: error: Unsupported operand types  [operator]\nFound 1 error in 1 file",
                failed=True,
            )


def image_that_does_not_build(t: Transcript, random: Random) -> None:
    """Built with one flag after another; the same step fails at the end of a long output."""
    work(t, random)
    flags = [
        "",
        "--no-cache",
        "--pull",
        "--progress=plain",
        "--no-cache --pull",
        "--network=host",
        "--progress=plain --no-cache",
    ]
    step = noun(random)
    t.mark()
    for number in range(random.randrange(6, 10)):
        steps = "\n".join(
            f"#{each} [{each}/9] RUN make {step}-{each}\n#{each} DONE {random.uniform(0, 9):.1f}s"
            for each in range(1, 9)
        )
        t.run(
            f"docker build {flags[number % 7]} -t app .",
            f"{steps}\n#9 [9/9] RUN make {step}\n#9 {random.uniform(1, 9):.3f} make: *** No rule to make target '{step}'. Stop.\nERROR: failed to solve: exit code: 2",
            failed=True,
            took=40,
        )
        muse(t, random)


def either_or(t: Transcript, random: Random) -> None:
    """Weighs two ways against each other without end, and does neither."""
    t.prompt(goal(random))
    one, two = name(random), name(random)
    turns = ["Option A would put the check into {0}. But then {1} has to know of it. So option B, in {1}?", "With option B the check is in {1}, which {0} calls. Hmm, then {0} would check twice. Option A is better after all.",
             "Wait. In option A, {0} has the check and {1} does not. That leaves {1} open. Option B it is.", "Let me think about A and B again: {0} or {1}? {0} is called first, {1} is the one that knows."]  # fmt: skip
    t.mark()
    for number in range(random.randrange(9, 15)):
        t.think(
            turns[number % 4].format(one, two)
            + " "
            + random.choice(
                ["So which one?", "I am going round in circles.", "There must be a better way.", "Both have merit."]
            )
        )
        if number % 5 == 4:
            t.call("Grep", {"pattern": one}, f"src/a.py:12:def {one}(x):")


def asks_an_empty_room(t: Transcript, random: Random) -> None:
    """Asks whether it may, and is told by a program to go on, and asks."""
    t.prompt(goal(random))
    t.say(answer(random, 3))
    t.mark()
    for _ in range(random.randrange(7, 12)):
        t.prompt("You are running autonomously. Continue working on the task.")
        t.say(
            random.choice(
                [
                    "Shall I go ahead with the change?",
                    "Would you like me to start with the change now?",
                    "I am ready to make the change. Should I proceed?",
                    "Please tell me whether I may make the change.",
                ]
            )
        )


def patch_that_never_fits(t: Transcript, random: Random) -> None:
    """A patch whose context is wrong, made again with other context; a look at some part of the file in between."""
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 10)
    t.read(file)
    t.mark()
    for number in range(random.randrange(7, 12)):
        patch = f"*** Begin Patch\n*** Update File: {file}\n@@ def {name(random)}\n-    total = {noun(random)}\n+    total = checked({noun(random)})\n*** End Patch"
        t.call(
            "apply_patch",
            {"input": patch},
            f"apply_patch verification failed: Failed to find expected lines in {file}:\n    total = {noun(random)}",
            failed=True,
        )
        if number % 2:
            t.read(file, start=random.randrange(20), count=random.randrange(10, 30))


def server_up_and_down(t: Transcript, random: Random) -> None:
    """Starts a server in the background, cannot reach it, kills it, starts it elsewhere."""
    work(t, random)
    t.mark()
    for number in range(random.randrange(6, 10)):
        port = 8000 + number
        t.run(f"nohup python -m app --port {port} > server.log 2>&1 &", "")
        t.run(
            f"sleep 3; curl -sS localhost:{port}/",
            f"curl: (7) Failed to connect to localhost port {port}: Connection refused",
            failed=True,
            took=4,
        )
        t.run("pkill -f 'python -m app'", "")
        muse(t, random)


def reports_of_success(t: Transcript, random: Random) -> None:
    """The task is done or not; what is written is one report after another on it."""
    work(t, random)
    thing = name(random)
    names = [
        "SUMMARY",
        "FINAL_REPORT",
        "COMPLETION",
        "IMPLEMENTATION_SUMMARY",
        "CHANGES",
        "README_CHANGES",
        "TASK_COMPLETE",
        "VERIFICATION",
        "RESULTS",
    ]
    t.mark()
    for each in names[: random.randrange(7, 10)]:
        t.write(
            f"/home/kit/code/{each}.md",
            f"# {each.replace('_', ' ').title()}\n\n## Done\n- {thing} was changed\n- all tests pass\n\n## Next\n- review {thing}\n- merge\n\n{random.choice(['Complete.', 'All good.', 'Ready.', 'Finished.'])}\n",
        )


def is_it_done_yet(t: Transcript, random: Random) -> None:
    """Asks a sub-agent how far it is, which never says anything; nobody asked to wait."""
    work(t, random)
    t.call("spawn_agent", {"prompt": f"Refactor {name(random)}"}, "agent a7 started", took=2)
    t.mark()
    for _ in range(random.randrange(9, 16)):
        t.call("agent_status", {"id": "a7"}, random.choice(["a7: thinking", "a7: working"]), took=1)
        if random.random() < 0.3:
            t.say(random.choice(["It is still at it.", "Not done yet.", "Let me ask again."]))


def ten_links_shuffled(t: Transcript, random: Random) -> None:
    t.prompt(f"Which version of {noun(random)} added the {noun(random)} option? Then use it")
    links = [f"https://{noun(random)}.dev/{name(random)}: {answer(random, 1)}" for _ in range(8)]
    t.mark()
    for _ in range(random.randrange(9, 14)):
        random.shuffle(links)
        t.call(
            "WebSearch",
            {
                "query": " ".join(
                    [*random.sample(NOUNS, 2), "changelog", random.choice(["version", "release", "since", "option"])]
                )
            },
            "\n".join(links[:7]),
        )
        muse(t, random)


def constants_until_it_compiles(t: Transcript, random: Random) -> None:
    """Casts and brackets put around one expression, the compiler says the same of it each time."""
    t.prompt(goal(random))
    file = "/home/kit/code/src/lib.rs"
    t.files[file] = "fn f(n: &str) -> u32 {\n    n.len()\n}\n"
    t.read(file)
    forms = [
        "n.len()",
        "(n.len())",
        "n.len() as usize",
        "&n.len()",
        "*&n.len()",
        "n.len().clone()",
        "{ n.len() }",
        "n.chars().count()",
        "n.len() + 0",
        "n.bytes().len()",
    ]
    t.mark()
    current = forms[0]
    for _ in range(random.randrange(8, 14)):
        new = random.choice([each for each in forms if each != current])
        t.edit(file, f"    {current}\n", f"    {new}\n")
        current = new
        t.run(
            "cargo build",
            "error[E0308]: mismatched types\n --> src/lib.rs:2:5\n  |\n  | expected `u32`, found `usize`\nerror: could not compile `lib`",
            failed=True,
        )
        if random.random() < 0.3:
            t.think(thought(random))


KINDS: tuple[Kind, ...] = (
    captcha,
    one_mail_after_all,
    slots_all_taken,
    token_refreshed_in_vain,
    locked_database,
    import_moved_up_and_down,
    ignores_on_and_off,
    image_that_does_not_build,
    either_or,
    asks_an_empty_room,
    patch_that_never_fits,
    server_up_and_down,
    reports_of_success,
    is_it_done_yet,
    ten_links_shuffled,
    constants_until_it_compiles,
)
