"""Kinds of sessions that go nowhere: one function a kind. Each works for a while, marks, and is stuck from there on."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import answer, code, goal, name, noun, path
from benchmarks.spin.work import muse, work


def nonce_in_result(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    command = f"curl -s http://localhost:{random.randrange(3000, 9000)}/health"
    for _ in range(random.randrange(7, 25)):
        muse(t, random)
        t.run(
            command, f'{{"status":"starting","request":"{random.getrandbits(64):016x}","at":"{t.clock.isoformat()}"}}'
        )


def small_nonce(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    for _ in range(random.randrange(9, 20)):
        muse(t, random)
        t.run("make status", f"worker {random.randrange(100, 999)} says: not ready (code {random.randrange(10, 99)})")


def cycle_of_several(t: Transcript, random: Random) -> None:
    files = work(t, random, 2)
    size = random.choice([3, 4, 5])
    for file in files:
        t.read(file)
    others = [
        (f"grep -rn {name(random)} src", f"src/{noun(random)}.py:{random.randrange(99)}: {name(random)}()")
        for _ in range(5)
    ]
    t.mark()
    for _ in range(random.randrange(4, 8)):
        for command, result in others[:size]:
            muse(t, random)
            t.run(command, result)


def varied_calls_same_error(t: Transcript, random: Random) -> None:
    work(t, random)
    host, user = f"{noun(random)}.internal", noun(random)
    t.mark()
    for number in range(random.randrange(8, 20)):
        muse(t, random)
        flags = random.choice(
            ["-v", "-o StrictHostKeyChecking=no", f"-p {22 + number}", f"-i ~/.ssh/key{number}", "-4", "-6"]
        )
        t.run(
            f"ssh {flags} {user}@{host} uptime {number}", f"{user}@{host}: Permission denied (publickey).", failed=True
        )


def missing_module(t: Transcript, random: Random) -> None:
    work(t, random)
    module = noun(random)
    forms = ["python -m {0}", "python3 -c 'import {0}'", "PYTHONPATH=. python main.py --{0}", "python run.py {0}",
             "cd app && python -m {0}.cli", "python -X dev -m {0}", "poetry run python -m {0}", "uv run -m {0}"]  # fmt: skip
    t.mark()
    for number in range(random.randrange(8, 16)):
        muse(t, random)
        t.run(forms[number % len(forms)].format(module) + (f" --try{number}" if number >= 8 else ""),
              f"Traceback (most recent call last):\n  File \"x.py\", line {number}\nModuleNotFoundError: No module named '{module}'",
              failed=random.random() < 0.5)  # fmt: skip


def cosmetic_edits(t: Transcript, random: Random) -> None:
    work(t, random)
    file = path(random)
    t.files[file] = code(random)
    t.read(file)
    failure = f"FAILED tests/test_{noun(random)}.py::test_{name(random)} - KeyError: '{noun(random)}'\n1 failed, 41 passed in "
    t.run("pytest -q", failure + "3.10s")
    t.mark()
    for number in range(random.randrange(6, 12)):
        muse(t, random)
        old = random.choice([line for line in t.files[file].splitlines() if line.strip() and "#" not in line])
        new = random.choice(
            [
                f"{old}  # round {number}",
                f"{old} ",
                f"    # see {noun(random)} {number}\n{old}",
                f"{old}  # noqa: {number}",
            ]
        )
        t.edit(file, old, new)
        t.run("pytest -q", f"{failure}{random.uniform(1, 9):.2f}s")


def renamed_variables(t: Transcript, random: Random) -> None:
    work(t, random)
    file = path(random)
    t.files[file] = code(random, 3)
    failure = f"error[E0382]: use of moved value: `{noun(random)}`\n  --> {file}:14:9\nerror: could not compile"
    t.mark()
    current = t.files[file].splitlines()[3]
    for number in range(random.randrange(7, 13)):
        new = current.replace(current.split("=")[0].strip(), f"value_{number}", 1)
        t.edit(file, current, new)
        current = new
        muse(t, random)
        t.run("cargo build", failure, failed=True)


def flip_flop(t: Transcript, random: Random) -> None:
    work(t, random)
    file = path(random)
    t.files[file] = code(random)
    t.read(file)
    one = random.choice([line for line in t.files[file].splitlines() if "raise" in line])
    two = one.replace("raise ValueError", "return default  # was")
    t.mark()
    for number in range(random.randrange(8, 18)):
        muse(t, random)
        t.edit(file, *((one, two) if number % 2 == 0 else (two, one)))
        if random.random() < 0.5:
            t.run(
                "npm test",
                f"✗ {noun(random)} renders\n2 failing" if number % 2 else "✗ rejects empty\n1 failing",
                failed=True,
            )


def rewrites_in_turn(t: Transcript, random: Random) -> None:
    work(t, random)
    file = path(random)
    versions = [code(random, 4) for _ in range(random.choice([2, 3]))]
    t.mark()
    for number in range(random.randrange(9, 16)):
        muse(t, random)
        t.write(file, versions[number % len(versions)])


def rereading(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    files = [path(random) for _ in range(random.randrange(2, 5))]
    for file in files:
        t.files[file] = code(random, 12)
        t.read(file)
    t.mark()
    for _ in range(random.randrange(12, 24)):
        muse(t, random)
        t.read(random.choice(files))


def overlapping_ranges(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 30)
    t.read(file)
    t.mark()
    for _ in range(random.randrange(12, 24)):
        muse(t, random)
        t.read(file, random.randrange(0, 100), random.randrange(20, 60))


def searches_with_the_same_hits(t: Transcript, random: Random) -> None:
    work(t, random)
    word = name(random)
    hits = "\n".join(f"src/{noun(random)}.go:{random.randrange(500)}: {word}({noun(random)})" for _ in range(6))
    t.call("Grep", {"pattern": word, "output_mode": "content"}, hits)
    t.mark()
    for number in range(random.randrange(11, 20)):
        muse(t, random)
        pattern = random.choice([f"{word}\\(", f"\\b{word}", f"{word}.*", f"({word})", f"{word[:-1]}."]) + "?" * (
            number % 3
        )
        t.call(
            "Grep", {"pattern": pattern, "path": random.choice(["src", ".", "./src"]), "output_mode": "content"}, hits
        )


def poll_without_pause(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    for _ in range(random.randrange(12, 40)):
        t.call("BashOutput", {"bash_id": "b1"}, "<status>running</status>\n\n<stdout></stdout>", took=1)


def wrong_argument(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    file = path(random)
    for number in range(random.randrange(7, 14)):
        muse(t, random)
        old = f"    value = {name(random)}({noun(random)})"
        t.call("Edit", {"file_path": file, "old_string": old, "new_string": old + f"  or {number}"},
               f"<tool_use_error>String to replace not found in file.\nString: {old}</tool_use_error>", failed=True)  # fmt: skip


def fixes_that_miss(t: Transcript, random: Random) -> None:
    """The same lines rewritten and rewritten, the same failure each time."""
    work(t, random)
    file = path(random)
    t.files[file] = code(random)
    t.read(file)
    failure = f"AssertionError: expected {noun(random)} to be {noun(random)}\n    at {name(random)}\nTests: 1 failed, 12 passed"
    t.run("npx jest", failure, failed=True)
    current = random.choice([line for line in t.files[file].splitlines() if "total" in line])
    t.mark()
    for _ in range(random.randrange(9, 15)):
        new = f"    total = {name(random)}({noun(random)}) or {name(random)}({noun(random)})"
        t.edit(file, current, new)
        current = new
        t.run("npx jest", failure, failed=True)


def status_and_listing(t: Transcript, random: Random) -> None:
    """Whatever comes to mind, over and over: nothing in it is new."""
    work(t, random)
    calls = [("git status", "On branch main\nnothing to commit, working tree clean"), ("ls", "README.md\nsrc\ntests"),
             ("git log --oneline -3", f"{random.getrandbits(28):07x} Fix {noun(random)}"), ("pwd", "/home/kit/code"),
             ("git diff --stat", ""), ("cat README.md", answer(random, 3)), ("ls src", f"{noun(random)}.py\n{noun(random)}.py")]  # fmt: skip
    for command, result in calls:
        t.run(command, result)
    t.mark()
    for _ in range(random.randrange(16, 30)):
        muse(t, random)
        t.run(*random.choice(calls))


def scratch_files(t: Transcript, random: Random) -> None:
    """Another little file each time, the same failure each time."""
    work(t, random)
    wrong = f"requests.exceptions.ConnectionError: HTTPConnectionPool(host='{noun(random)}', port=8080): Max retries exceeded"
    t.mark()
    for number in range(random.randrange(9, 16)):
        t.write(f"/tmp/try_{number}.py", f"import requests\nprint(requests.get('http://{noun(random)}/{number}'))\n")
        t.run(
            f"python /tmp/try_{number}.py",
            f'Traceback (most recent call last):\n  File "/tmp/try_{number}.py", line 2\n{wrong}',
            failed=True,
        )


def restart_and_look(t: Transcript, random: Random) -> None:
    work(t, random)
    service = noun(random)
    t.mark()
    for _ in range(random.randrange(6, 14)):
        muse(t, random)
        t.run(f"docker restart {service}", service)
        t.run(f"docker logs --tail 5 {service}", f"{t.clock.isoformat()} ERROR cannot bind to port: address in use")


def long_poll_of_nothing(t: Transcript, random: Random) -> None:
    """Nobody asked to wait, and nothing ever changes."""
    work(t, random)
    t.mark()
    for _ in range(random.randrange(40, 90)):
        t.run("sleep 10; cat result.txt", "cat: result.txt: No such file or directory", took=11)


def tool_that_is_not_there(t: Transcript, random: Random) -> None:
    work(t, random)
    t.mark()
    for number in range(random.randrange(7, 15)):
        muse(t, random)
        t.call(
            "mcp__browser__navigate",
            {"url": f"https://{noun(random)}.example/{number}"},
            "MCP error -32000: Connection closed",
            failed=True,
        )


KINDS: tuple[Kind, ...] = (
    nonce_in_result,
    small_nonce,
    cycle_of_several,
    varied_calls_same_error,
    missing_module,
    cosmetic_edits,
    renamed_variables,
    flip_flop,
    rewrites_in_turn,
    rereading,
    overlapping_ranges,
    searches_with_the_same_hits,
    poll_without_pause,
    wrong_argument,
    fixes_that_miss,
    status_and_listing,
    scratch_files,
    restart_and_look,
    long_poll_of_nothing,
    tool_that_is_not_there,
)
