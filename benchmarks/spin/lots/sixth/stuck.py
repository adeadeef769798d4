"""Kinds of sessions that go nowhere: one function a kind. Each works for a while, marks, and is stuck from there on."""
# ruff: noqa: E501 (what is said in a session is as long as it is)

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Kind, Transcript
from benchmarks.spin.words import NOUNS, answer, code, goal, name, noun, path
from benchmarks.spin.work import muse, work


def wrong_branch_again(t: Transcript, random: Random) -> None:
    """Pushes, is refused, pulls, is refused, stashes, pushes."""
    work(t, random)
    steps = [("git push", "! [rejected] main -> main (non-fast-forward)", True), ("git pull --ff-only", "fatal: Not possible to fast-forward, aborting.", True),
             ("git stash", "No local changes to save", False), ("git fetch", "", False)]  # fmt: skip
    t.mark()
    for _ in range(random.randrange(4, 7)):
        for command, result, bad in steps:
            t.run(command, result, failed=bad)
        muse(t, random)


def table_that_is_not_there(t: Transcript, random: Random) -> None:
    t.prompt(goal(random))
    t.mark()
    for each in random.sample(NOUNS, random.randrange(9, 14)):
        t.run(
            f'psql -c "select * from {each}s limit 1"',
            f'ERROR:  relation "{each}s" does not exist\nLINE 1: select * from {each}s limit 1',
            failed=True,
        )
        muse(t, random)


def one_more_idea(t: Transcript, random: Random) -> None:
    """Long considerations of a design, each like the others, and nothing is touched."""
    t.prompt(f"Move the {noun(random)} code into a package of its own")
    one, two = name(random), noun(random)
    t.mark()
    for _ in range(random.randrange(8, 12)):
        t.think(
            f"The package needs {one} and the {two}. {random.choice(['If', 'When', 'Should'])} {one} move, the {two} has to follow; {random.choice(['that is a cycle.', 'there is the cycle again.', 'a cycle.'])} Perhaps an interface for the {two}?"
        )
        t.say(
            random.choice(
                [
                    "Let me think about the package layout.",
                    "I am considering the layout of the package.",
                    "Thinking about how to lay out the package.",
                ]
            )
        )


def screenshot_after_screenshot(t: Transcript, random: Random) -> None:
    t.prompt("Why does the chart not show? Fix it")
    t.mark()
    for _ in range(random.randrange(8, 13)):
        t.call("browser_reload", {}, "reloaded")
        t.call("browser_screenshot", {"full": random.random() < 0.5}, "[image 1280x720]")
        muse(t, random)


def same_answer_from_the_oracle(t: Transcript, random: Random) -> None:
    """Asks another model in other words, which says the same."""
    t.prompt(goal(random))
    thing, said = name(random), answer(random, 3)
    t.mark()
    for _ in range(random.randrange(7, 11)):
        t.call(
            "mcp__oracle__ask",
            {
                "question": f"{random.choice(['Why', 'How come', 'For what reason', 'Tell me why'])} {thing} {random.choice(['fails', 'breaks', 'does not work'])}{random.choice(['?', ', please', ' here?'])}"
            },
            said,
        )
        t.say("Let me ask about this from another angle.")


def edits_that_never_arrive(t: Transcript, random: Random) -> None:
    """Writes with sed what is not in the file, looks, writes."""
    t.prompt(goal(random))
    file = path(random)
    t.files[file] = code(random, 2)
    t.mark()
    for _ in range(random.randrange(6, 10)):
        t.run(f"sed -i 's/{noun(random)}_max = [0-9]*/{noun(random)}_max = {random.randrange(9)}/' {file}", "")
        t.run(f"grep -n {noun(random)}_max {file}", "", failed=True)
        t.run("make check", "check: limit is not set\nmake: *** [check] Error 1", failed=True)


def ready_to_help(t: Transcript, random: Random) -> None:
    """Nobody answers; it offers its help again and again."""
    work(t, random)
    t.mark()
    for _ in range(random.randrange(6, 10)):
        t.say(
            random.choice(
                [
                    "Is there anything else I can do for you?",
                    "Let me know if there is anything else I can do.",
                    "I am happy to do anything else you need.",
                    "Anything else? I am ready.",
                ]
            )
        )


KINDS: tuple[Kind, ...] = (
    wrong_branch_again,
    table_that_is_not_there,
    one_more_idea,
    screenshot_after_screenshot,
    same_answer_from_the_oracle,
    edits_that_never_arrive,
    ready_to_help,
)
