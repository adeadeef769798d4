"""Kinds of sessions that only look as if they went nowhere: one function a kind."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path, thought


def inbox(t: Transcript, random: Random) -> None:
    t.prompt("Clear my inbox: read what is new, archive newsletters")
    t.call("mcp__mail__list", {"folder": "inbox"}, "\n".join(f"{each} {name(random)}" for each in range(100, 125)))
    for number in range(100, random.randrange(116, 125)):
        t.call("mcp__mail__read", {"id": number}, answer(random, 2))
        if random.random() < 0.6:
            t.call("mcp__mail__archive", {"id": number}, "archived")
    t.say(answer(random, 4))


def lights(t: Transcript, random: Random) -> None:
    """A person switches things, often the same."""
    for _ in range(random.randrange(9, 16)):
        room, state = random.choice(["kitchen", "hall"]), random.choice(["on", "off"])
        t.prompt(f"{room} light {state}")
        t.call("mcp__home__switch", {"entity": f"light.{room}", "state": state}, "ok")
        t.say("Done.")


def heartbeat(t: Transcript, random: Random) -> None:
    """A program asks every half hour whether there is anything; mostly there is nothing."""
    for _ in range(random.randrange(12, 25)):
        t.pause(1800)
        t.prompt("Heartbeat: check the inbox and the calendar. If nothing needs attention, reply HEARTBEAT_OK.")
        t.call("mcp__mail__unread", {}, "no unread mail")
        t.call("mcp__calendar__next", {"hours": 2}, "no events")
        t.say("HEARTBEAT_OK")


def compile_errors_go_down(t: Transcript, random: Random) -> None:
    t.prompt("The upgrade broke the build, please repair it")
    for left in range(random.randrange(10, 18), 0, -1):
        file = path(random)
        t.files.setdefault(file, code(random, 3))
        t.run(
            "go build ./...", f"{file}:{random.randrange(90)}:7: undefined: {name(random)}\n{left} errors", failed=True
        )
        old = next(each for each in t.files[file].splitlines() if "total" in each)
        t.edit(file, old, old.replace("total", f"{noun(random)}_sum", 1))
    t.run("go build ./...", "")
    t.say("It builds.")


def chapters(t: Transcript, random: Random) -> None:
    t.prompt("Write the handbook, a chapter a file")
    for number in range(random.randrange(8, 14)):
        t.write(
            f"/home/kit/code/handbook/{number:02}-{noun(random)}.md",
            f"# Chapter {number}\n\n" + "\n\n".join(answer(random, 4) for _ in range(4)),
        )
    t.say("The handbook is written.")


def project_from_a_spec(t: Transcript, random: Random) -> None:
    t.prompt("Build the service as in spec.md")
    t.files["/home/kit/code/spec.md"] = answer(random, 20)
    t.read("/home/kit/code/spec.md")
    for _ in range(random.randrange(16, 28)):
        t.write(path(random), code(random, 4))
    t.run("go vet ./...", "")
    t.say(answer(random, 3))


def errors_pasted_by_a_person(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 8)
    for _ in range(random.randrange(5, 10)):
        t.read(file)
        old = random.choice([each for each in t.files[file].splitlines() if "total" in each or "_n" in each])
        t.edit(file, old, old.replace("total", f"{noun(random)}_n", 1) + f"  # {noun(random)}")
        t.say("Try it again.")
        t.prompt(f"still: TypeError: {name(random)}() takes {random.randrange(4)} positional arguments")
    t.say("That was the last one.")


def backfill_in_batches(t: Transcript, random: Random) -> None:
    """The same command with the same answer, and each time a thousand rows are done."""
    t.prompt("Backfill the new column in batches of 1000 until nothing is left")
    for _ in range(random.randrange(12, 30)):
        t.run(
            "psql -c 'UPDATE orders SET total_cents = total * 100 WHERE id IN (SELECT id FROM orders WHERE total_cents IS NULL LIMIT 1000)'",
            "UPDATE 1000",
        )
    t.run(
        "psql -c 'UPDATE orders SET total_cents = total * 100 WHERE id IN (SELECT id FROM orders WHERE total_cents IS NULL LIMIT 1000)'",
        "UPDATE 0",
    )
    t.say("All rows are done.")


def shops_without_stock(t: Transcript, random: Random) -> None:
    t.prompt("Find a shop that has the red kettle in stock")
    for _ in range(random.randrange(9, 14)):
        t.call(
            "WebFetch",
            {"url": f"https://{random.choice(NOUNS)}-shop.example/kettle-red", "prompt": "in stock?"},
            random.choice(["Out of stock.", "Currently unavailable.", "Sold out."]),
        )
    t.call(
        "WebFetch",
        {"url": "https://kettles.example/red", "prompt": "in stock?"},
        "In stock, 3 left, 39.90 EUR, delivery in two days.",
    )
    t.say(
        "kettles.example has three of them for 39.90 EUR and delivers in two days. None of the other shops has it in stock now, some may get it again next month."
    )


def incident(t: Transcript, random: Random) -> None:
    t.prompt("Checkout is down! Find out why and bring it back")
    for number in range(random.randrange(4, 7)):
        t.run(
            "kubectl get pods -n shop",
            "\n".join(
                f"checkout-{each}   {random.choice(['Running', 'CrashLoopBackOff', 'Pending'])}   {number + each} restarts"
                for each in range(3)
            ),
        )
        t.run(f"kubectl logs -n shop checkout-{number} --tail=20", answer(random, 4))
        t.run(f"kubectl describe pod -n shop checkout-{number}", answer(random, 3))
        t.think(thought(random))
    t.run("kubectl rollout undo deploy/checkout -n shop", "deployment.apps/checkout rolled back")
    for number in range(4):
        t.run("sleep 10; kubectl get pods -n shop", f"checkout   {number}/3 ready", took=11)
    t.say(answer(random, 4))


def tests_that_pass_at_once(t: Transcript, random: Random) -> None:
    t.prompt("The module has no tests, write some")
    file = "/home/kit/code/tests/test_core.py"
    t.files[file] = "import core\n"
    for number in range(1, random.randrange(9, 16)):
        t.edit(
            file,
            "import core\n",
            f"import core\n\n\ndef test_{name(random)}():\n    assert core.{name(random)}({random.randrange(99)}) == {random.randrange(99)}\n",
        )
        t.run("pytest -q tests/test_core.py", f"{number} passed in 0.1s")
    t.say("The module has tests now.")


def tuning_for_speed(t: Transcript, random: Random) -> None:
    t.prompt("Make the import faster")
    file = path(random)
    t.files[file] = code(random, 12)
    t.read(file)
    took = random.uniform(20, 40)
    for old in [each for each in t.files[file].splitlines() if "total" in each][: random.randrange(7, 12)]:
        took *= random.uniform(0.75, 1.02)
        t.edit(file, old, f"    total = fast_{name(random)}({noun(random)})")
        t.run("time python import.py sample.csv", f"imported 50000 rows\nreal 0m{took:.2f}s")
    t.say(answer(random, 3))


def looks_right_now(t: Transcript, random: Random) -> None:
    """Many small visual changes in other places, a picture after each."""
    t.prompt("Make the page look like the design in design.png")
    file = "/home/kit/code/web/app.css"
    t.files[file] = "".join(f".{each} {{ margin: 0; color: black; }}\n" for each in NOUNS[:20])
    t.read(file)
    for each in random.sample(NOUNS[:20], random.randrange(9, 15)):
        t.edit(
            file,
            f".{each} {{ margin: 0; color: black; }}",
            f".{each} {{ margin: {random.randrange(1, 30)}px; color: #{random.getrandbits(24):06x}; }}",
        )
        t.call("take_screenshot", {"path": "/shot.png"}, "[image]")
    t.say("The page looks like the design now.")


def jobs_from_a_queue(t: Transcript, random: Random) -> None:
    """Looks for work, and does it when there is some."""
    t.prompt("Work off the queue until it says closed")
    for _ in range(random.randrange(8, 14)):
        for _ in range(random.randrange(0, 4)):
            t.pause(15)
            t.call("queue_next", {}, "empty")
        job = random.getrandbits(24)
        t.call("queue_next", {}, f"job {job}: resize {noun(random)}.png to {random.randrange(100, 999)}")
        t.run(f"convert {noun(random)}.png -resize {random.randrange(100, 999)} out/{job}.png", "")
        t.call("queue_done", {"job": job}, "ok")
    t.call("queue_next", {}, "closed")
    t.say("The queue is closed, all jobs are done.")


def a_scout_for_each_file(t: Transcript, random: Random) -> None:
    t.prompt("Have each module checked for unsafe calls")
    for _ in range(random.randrange(8, 13)):
        file = path(random)
        t.call(
            "Task",
            {
                "subagent_type": "general-purpose",
                "description": "check",
                "prompt": f"Check {file} for unsafe calls and report",
            },
            random.choice([f"{file}: no unsafe calls found.", f"{file}: one call of eval in {name(random)}."]),
            took=30,
        )
    t.say(answer(random, 4))


def what_the_server_wants(t: Transcript, random: Random) -> None:
    """Each refusal names another field; in the end it is accepted."""
    t.prompt("Create the customer in the billing system from customer.json")
    fields: dict[str, str] = {}
    for field in random.sample(NOUNS, random.randrange(5, 9)):
        t.call("mcp__billing__create_customer", dict(fields), f"422: missing field '{field}'", failed=True)
        fields[field] = name(random)
    t.call("mcp__billing__create_customer", dict(fields), '{"id": 8812, "status": "created"}')
    t.say("The customer has the number 8812.")


def learning_a_library(t: Transcript, random: Random) -> None:
    """Snippets that fail in another way each time, until one works."""
    t.prompt("Draw the graph in data.json with the plot library we have")
    for _ in range(random.randrange(5, 8)):
        error = random.choice(
            [
                f"AttributeError: module 'plot' has no attribute '{name(random)}'",
                f"TypeError: {name(random)}() got an unexpected keyword argument '{noun(random)}'",
                f"ValueError: {noun(random)} must be a list of {noun(random)}s",
            ]
        )
        t.run(
            f'python -c "import plot; plot.{name(random)}(data, {noun(random)}={random.randrange(9)})"',
            f'Traceback (most recent call last):\n  File "<string>", line 1\n{error}',
            failed=True,
        )
        if random.random() < 0.6:
            t.run(f'python -c "import plot; help(plot.{name(random)})"', answer(random, 3))
    t.run("python draw.py", "wrote graph.png")
    t.say("The graph is in graph.png.")


def proofreading(t: Transcript, random: Random) -> None:
    t.prompt("Proofread the docs")
    for _ in range(random.randrange(18, 30)):
        file = f"/home/kit/code/docs/{noun(random)}-{noun(random)}-{random.randrange(99)}.md"
        t.files[file] = "\n".join(answer(random, 2) for _ in range(5))
        t.read(file)
        if random.random() < 0.3:
            old = t.files[file].splitlines()[0]
            t.edit(file, old, old.replace("the", "each", 1) + " Indeed.")
    t.say(answer(random, 3))


def restarts_until_ready(t: Transcript, random: Random) -> None:
    """A device takes a few tries, as they do; then the work goes on."""
    t.prompt("Flash the firmware on the board and read the sensor")
    for _ in range(random.randrange(2, 4)):
        t.run(
            "esptool.py write_flash 0x0 fw.bin",
            "A fatal error occurred: Failed to connect: No serial data received.",
            failed=True,
        )
        t.run("uhubctl -a cycle -p 2", "Power cycled")
    t.run("esptool.py write_flash 0x0 fw.bin", "Hash of data verified.")
    for _ in range(random.randrange(5, 9)):
        t.run("python read_sensor.py", f"{random.uniform(18, 25):.1f} C  {random.randrange(30, 60)} %")
        t.pause(10)
    t.say("The sensor answers; it shows between 18 and 25 degrees and a humidity between 30 and 60 percent.")


KINDS: tuple[Kind, ...] = (
    inbox,
    lights,
    heartbeat,
    compile_errors_go_down,
    chapters,
    project_from_a_spec,
    errors_pasted_by_a_person,
    backfill_in_batches,
    shops_without_stock,
    incident,
    tests_that_pass_at_once,
    tuning_for_speed,
    looks_right_now,
    jobs_from_a_queue,
    a_scout_for_each_file,
    what_the_server_wants,
    learning_a_library,
    proofreading,
    restarts_until_ready,
)
