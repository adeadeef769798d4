"""What made-up sessions talk about."""

from __future__ import annotations

from random import Random

NOUNS = [
    "invoice",
    "parser",
    "session",
    "cache",
    "router",
    "widget",
    "ledger",
    "token",
    "queue",
    "worker",
    "schema",
    "index",
    "buffer",
    "socket",
    "batch",
    "report",
    "cursor",
    "profile",
    "tenant",
    "upload",
    "webhook",
    "digest",
    "quota",
    "replica",
    "shard",
    "basket",
    "coupon",
    "voyage",
    "sensor",
    "pump",
    "valve",
    "turbine",
    "recipe",
]
VERBS = [
    "load",
    "merge",
    "flush",
    "resolve",
    "split",
    "render",
    "encode",
    "decode",
    "rotate",
    "verify",
    "collect",
    "publish",
    "reserve",
    "refund",
    "trim",
    "pack",
]
SUFFIX = ("py", "ts", "go", "rs", "java")


def noun(random: Random) -> str:
    return random.choice(NOUNS)


def name(random: Random) -> str:
    return f"{random.choice(VERBS)}_{random.choice(NOUNS)}"


def path(random: Random) -> str:
    folder = random.choice(["src", "lib", "app", "core", "server", "pkg/store"])
    return f"/home/kit/code/{folder}/{noun(random)}_{noun(random)}.{random.choice(SUFFIX)}"


def code(random: Random, functions: int = 6) -> str:
    """A file of made-up functions."""
    parts = []
    for _ in range(functions):
        one, two = name(random), noun(random)
        parts.append(
            f"def {one}({two}, limit={random.randrange(9, 999)}):\n"
            f"    if not {two}.{noun(random)}:\n"
            f"        raise ValueError('{noun(random)} missing in {one}')\n"
            f"    total = {two}.{noun(random)} * {random.randrange(2, 77)} + {name(random)}({two})\n"
            f"    return total - limit\n"
        )
    return "\n".join(parts)


def answer(random: Random, sentences: int = 9) -> str:
    """A report that says something in each sentence."""
    forms = (
        "{0} is called by {1} when the {2} closes.",
        "The {2} keeps a {3}, which {0} reads before {1} runs.",
        "Nothing outside {1} touches the {3}; {0} only copies it.",
        "I would move {0} next to the {2} because {1} already depends on the {3}.",
        "A missing {3} makes {1} skip the {2}, so {0} never sees it.",
    )
    return " ".join(
        random.choice(forms).format(name(random), name(random), noun(random), noun(random)) for _ in range(sentences)
    )


def thought(random: Random) -> str:
    forms = (
        "{0} takes the {2} before {1} does, so the order matters here.",
        "That explains why the {2} is empty: {0} returns early.",
        "Now {1}, which has another caller in the {2} module.",
        "The {2} looks fine. Next the caller of {0}.",
        "So {0} and {1} share the {2}; I can change one without the other.",
    )
    return random.choice(forms).format(name(random), name(random), noun(random))


def goal(random: Random) -> str:
    return random.choice(
        (
            f"Fix the crash in {name(random)} when the {noun(random)} is empty",
            f"Add a {noun(random)} option to {name(random)}",
            f"{name(random)} is slow for a large {noun(random)}, please make it faster",
            f"The {noun(random)} tests fail since the last merge, can you look",
        )
    )
