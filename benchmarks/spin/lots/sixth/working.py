"""Kinds of sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought


def invoices(t: Transcript, random: Random) -> None:
    t.prompt("Book each invoice in the folder")
    for number in range(random.randrange(14, 26)):
        t.call(
            "read_pdf",
            {"path": f"/in/{number}.pdf"},
            f"Invoice {random.randrange(9999)}\n{noun(random)} {random.randrange(999)}.00 EUR\nTotal {random.randrange(999)}.00 EUR",
        )
        t.call("mcp__books__create_entry", {"amount": random.randrange(999), "text": noun(random)}, "entry created")
    t.say("All invoices are booked.")


def slow_queue(t: Transcript, random: Random) -> None:
    t.prompt("Render the video and tell me when it is done")
    t.call("render_start", {"project": "a"}, "job 7 queued")
    for number in range(random.randrange(8, 16)):
        t.pause(20)
        t.call("render_status", {"job": 7}, "queued" if number < 5 else f"rendering {number * 6}%")
    t.call("render_status", {"job": 7}, "done")
    t.say("The video is done.")


def recipes(t: Transcript, random: Random) -> None:
    for _ in range(random.randrange(6, 11)):
        t.prompt(random.choice(["something else please", "another one", "no, too long", "next", "and with rice?"]))
        t.call(
            "mcp__recipes__search",
            {"query": noun(random), "limit": 3},
            "\n".join(f"{name(random)}: {answer(random, 1)}" for _ in range(3)),
        )
        t.say(answer(random, 2))


def bug_found_by_printing(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 6)
    t.read(file)
    spots = [line for line in t.files[file].splitlines() if "total" in line]
    for number, spot in enumerate(spots[: random.randrange(3, 6)]):
        t.edit(file, spot, f"{spot}\n    print('{number}', {noun(random)})")
        t.run(
            "python app.py", f"{number} {noun(random)}={random.randrange(999)}\nKeyError: '{noun(random)}'", failed=True
        )
        t.think(thought(random))
    t.edit(file, spots[0], f"    total = {name(random)}({noun(random)}.get('x', 0))")
    t.run("python app.py", "ok")
    t.say("It was a missing key.")


def config_by_trial(t: Transcript, random: Random) -> None:
    """The server says what is wrong with its file, one thing at a time."""
    t.prompt("Get nginx to start with the new configuration")
    file = "/home/kit/nginx.conf"
    t.files[file] = "".join(f"{each} on;\n" for each in NOUNS[:12])
    for each in random.sample(NOUNS[:12], random.randrange(5, 9)):
        t.run(
            "nginx -t",
            f'nginx: [emerg] unknown directive "{each}" in {file}:{random.randrange(40)}\nnginx: configuration file {file} test failed',
            failed=True,
        )
        t.edit(file, f"{each} on;\n", "")
    t.run("nginx -t", "syntax is ok\ntest is successful")
    t.say("It starts.")


def comparing_models(t: Transcript, random: Random) -> None:
    t.prompt("Train with each of the learning rates and report the loss")
    for rate in ("1e-2", "3e-3", "1e-3", "3e-4", "1e-4", "3e-5"):
        t.run(
            f"python train.py --lr {rate}",
            f"epoch 1 loss {random.uniform(0, 3):.3f}\nepoch 2 loss {random.uniform(0, 3):.3f}",
            took=60,
        )
    t.say(answer(random, 3))


def smart_home_report(t: Transcript, random: Random) -> None:
    for _ in range(random.randrange(8, 14)):
        t.pause(3600)
        t.prompt("Hourly check: report the temperature if it is above 25")
        t.call("mcp__home__state", {"entity": "sensor.living_room"}, f"{random.uniform(19, 24):.1f} C")
        t.say("All is fine.")


def reading_the_manual(t: Transcript, random: Random) -> None:
    t.prompt("Read the manual and tell me how to change the filter")
    for page in range(1, random.randrange(14, 30)):
        t.call("read_page", {"file": "manual.pdf", "page": page}, "\n".join(answer(random, 1) for _ in range(5)))
    t.say(answer(random, 6))


KINDS: tuple[Kind, ...] = (
    invoices,
    slow_queue,
    recipes,
    bug_found_by_printing,
    config_by_trial,
    comparing_models,
    smart_home_report,
    reading_the_manual,
)
