"""Kinds that go nowhere in words: plans, orders to sub-agents, thoughts, and looks that lead to more of them."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import code, goal, name, noun, path, thought
from benchmarks.spin.work import muse, work


def redelegation(t: Transcript, random: Random) -> None:
    work(t, random)
    thing = name(random)
    forms = ("Find out why {0} returns nothing and report the cause", "Investigate {0}: it returns nothing, report the cause",
             "Please find the cause why {0} returns nothing", "Look into why {0} returns nothing; report what causes it")  # fmt: skip
    outcomes = ("I could not determine the cause from the code available.", "The cause could not be determined from the available code.",
                "From the code available I was not able to determine a cause.")  # fmt: skip
    t.mark()
    for number in range(random.randrange(5, 11)):
        muse(t, random)
        order = {
            "description": f"Investigate {number}",
            "subagent_type": "general-purpose",
            "prompt": forms[number % 4].format(thing),
        }
        t.call("Task", order, outcomes[number % 3], took=60)


def plans_only(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    items = [f"{random.choice(['Review', 'Update', 'Check', 'Refactor'])} {name(random)}" for _ in range(5)]
    t.mark()
    for number in range(random.randrange(6, 14)):
        random.shuffle(items)
        wording = [item.replace("Review", random.choice(["Review", "Look over", "Go through"])) for item in items]
        todos = [
            {"content": item, "status": "in_progress" if place == 0 else "pending", "activeForm": item}
            for place, item in enumerate(wording)
        ]
        t.think(
            random.choice(
                [
                    "The plan needs a better order.",
                    "Before I start, the list should be clearer.",
                    "Let me restructure this.",
                ]
            )
        )
        t.call("TodoWrite", {"todos": todos}, "Todos have been modified successfully.")
        if number % 4 == 1:
            file = path(random)
            t.files[file] = code(random, 3)
            t.read(file)


def plan_files(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    steps = [
        f"{place}. {random.choice(['Change', 'Extend', 'Test'])} {name(random)} for the {noun(random)}"
        for place in range(1, 9)
    ]
    t.mark()
    for number in range(random.randrange(7, 13)):
        random.shuffle(steps)
        t.write(
            f"/home/kit/code/PLAN{'' if number % 2 else '_v' + str(number)}.md",
            f"# Plan, revision {number}\n\n" + "\n".join(steps) + f"\n\nRisk: {noun(random)}\n",
        )
        muse(t, random)


def monologue(t: Transcript, random: Random) -> None:
    work(t, random)
    thing, other = name(random), noun(random)
    forms = ("I should verify {0} before touching the {1}.", "Before I touch the {1} I should verify {0} first.",
             "The {1} depends on {0}, so {0} must be verified.", "Verifying {0} is the safe thing before any {1} change.",
             "So first {0} has to be verified, then the {1} can be touched.")  # fmt: skip
    t.mark()
    for number in range(random.randrange(7, 20)):
        (t.think if number % 3 else t.say)(forms[number % 5].format(thing, other))


def musing_with_looks(t: Transcript, random: Random) -> None:
    files = work(t, random, 2)
    t.read(files[0])
    thing, other = name(random), noun(random)
    forms = ("Maybe the {1} is the reason that {0} fails, I should make sure.", "I want to make sure the {1} is not the reason {0} fails.",
             "Could {0} fail for the reason of the {1}? I should make sure.", "It might be the {1}: {0} fails maybe for that reason.")  # fmt: skip
    t.mark()
    for number in range(random.randrange(9, 16)):
        t.think(forms[number % 4].format(thing, other))
        if number % 2:
            t.read(random.choice(files))


def looping_reply(t: Transcript, random: Random) -> None:
    work(t, random)
    sentence = f"Now {name(random)} checks the {noun(random)} and the {noun(random)} calls {name(random)} again"
    glue = random.choice([". ", ", then ", "\n", " ... "])
    t.mark()
    (t.think if random.random() < 0.5 else t.say)(glue.join([sentence] * random.randrange(12, 60)))


def same_prompt_loop(t: Transcript, random: Random) -> None:
    work(t, random)
    order = f"Continue until {name(random)} passes. Do not stop."
    t.mark()
    for _ in range(random.randrange(7, 14)):
        t.prompt(order)
        t.say(
            random.choice(["I am still working on it.", "I will continue with that now.", "Continuing with the task."])
        )


def compaction_loop(t: Transcript, random: Random) -> None:
    """Reads, is compacted, reads the same again, is compacted again."""
    t.prompt(goal(random))
    files = [path(random) for _ in range(3)]
    for file in files:
        t.files[file] = code(random, 20)
    for number in range(random.randrange(6, 9)):
        for file in files:
            muse(t, random)
            t.read(file)
        t.compact()
        if number == 0:
            t.mark()


def endless_looking(t: Transcript, random: Random) -> None:
    """Asked for a change, reads on and on, always something else."""
    t.prompt(f"Add a {noun(random)} option to {name(random)}")
    t.mark()
    for _ in range(random.randrange(45, 90)):
        file = path(random)
        t.files.setdefault(file, code(random, 5))
        if random.random() < 0.4:
            t.think(thought(random))
        t.read(file)


def analysis_again(t: Transcript, random: Random) -> None:
    """Long analyses that say the same in other words, with a look now and then."""
    files = work(t, random, 1)
    t.read(files[0])
    one, two, three = name(random), noun(random), name(random)
    parts = [f"the {two} is shared between {one} and {three}", f"{one} could race with {three}", f"a lock around the {two} may be needed",
             f"I have to understand how {three} uses the {two}", f"the order of {one} and {three} is unclear"]  # fmt: skip
    openings = [
        "Let me think about this more carefully:",
        "Thinking again,",
        "On reflection,",
        "Hmm, wait.",
        "Reconsidering:",
    ]
    t.mark()
    for number in range(random.randrange(9, 16)):
        random.shuffle(parts)
        t.think(random.choice(openings) + " " + ", and ".join(parts[:4]) + ".")
        if number % 3 == 2:
            t.read(files[0])


KINDS: tuple[Kind, ...] = (
    redelegation,
    plans_only,
    plan_files,
    monologue,
    musing_with_looks,
    looping_reply,
    same_prompt_loop,
    compaction_loop,
    endless_looking,
    analysis_again,
)
