"""What a person asked for, as far as it tells work from going nowhere: to wait, to repeat, to change, to do many."""

from __future__ import annotations

import re

import msgspec

WATCH = re.compile(
    r"\b(?:wait|until|monitor|watch|poll|keep (?:an eye|checking|trying|polling)|let me know when|tell me when|"
    r"as soon as|check (?:every|back)|repeatedly|in a loop|every (?:\d+ )?(?:second|minute|hour)s?|report when|"
    r"ping me|once (?:it|the))\b",
    re.IGNORECASE,
)
_COUNTS = {
    "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
    "thousand": 1000,
}  # fmt: skip
TIMES = re.compile(
    rf"\b(\d{{1,4}}|{'|'.join(_COUNTS)})\s*(?:times|x\b|runs|rounds|iterations|repeats|"
    r"repetitions|samples|measurements|readings|trials|tries|attempts|passes)|\b(twice)\b",
    re.IGNORECASE,
)
OFTEN = re.compile(
    r"\b(?:how often|flak\w+|reproduc\w+|stress|soak|hammer|fails? (?:sometimes|now and then|at random|intermittently)|"
    r"intermittent\w*|sporadic\w*|over and over|again and again|several times|a few times|many times)\b",
    re.IGNORECASE,
)
REPRODUCED = 30
"""Times that something may be run where the person wants to know how often it happens."""
CHANGE = re.compile(
    r"\b(?:fix|mend|correct|handle|rewrite|introduce|enable|disable|install|deploy|adapt|adjust|add|implement|change|"
    r"refactor|update|rename|remove|delete|migrate|replace|build|create|make|upgrade|port|optimi[sz]e|clean|convert|"
    r"extend|support|move|split|merge|improve|write|repair|resolve)\b",
    re.IGNORECASE,
)
REPORT = re.compile(
    r"\b(?:explain|report|summar\w+|describe|list|review|analy[sz]e|find out|no changes?|don't change|"
    r"only (?:look|read|need)|why|how|what|where|which|audit|research|investigate)\b",
    re.IGNORECASE,
)
EACH = re.compile(r"\b(?:each|every|all|everywhere|one (?:at a time|by one)|batches|sweep|any)\b", re.IGNORECASE)


COMPLAINT = re.compile(
    r"\b(?:still|(?:the|exactly) same|same (?:thing|problem|error|result|as before)|nope|wrong|broken|no change|"
    r"not? (?:better|fixed|working|right)|(?:did|does|do|is|was|has)(?:n't| not|nt) "
    r"(?:work|help|change|fix|right|it))\b|^no\b",
    re.IGNORECASE,
)
URGE = re.compile(
    r"\b(?:yes|yep|ok|okay|sure|go|start|do it|proceed|continue|begin|agreed|please|fine|ahead|now)\b", re.IGNORECASE
)
ROUTINE = re.compile(r"\b(?:if|when(?:ever)?|in case|any|new|today|daily|hourly|check)\b", re.IGNORECASE)
"""What is looked after time and again, and may be found in order."""
UNDO = re.compile(
    r"\b(?:undo|revert|roll(?:ed)? back|back out|take (?:it|that|this|them|everything|all)\b.{0,30}\b(?:back|out)|"
    r"put (?:it|that|this|them|everything|all)\b.{0,30}\bback|(?:as|where|how) (?:it|they|things) (?:was|were)|"
    r"discard|throw (?:it|that|this|them|everything|all)\b.{0,30}\baway|start over)\b",
    re.IGNORECASE,
)
LONGEST_URGE = 7
LONGEST_COMPLAINT = 12
"""Words; what is longer says something new."""


class Asked(msgspec.Struct, frozen=True):
    """A request."""

    wait: bool = False
    """To wait for something, or to watch it."""
    times: int = 0
    """How often to do it."""
    change: bool = False
    """To change something, and not to report."""
    each: bool = False
    """To do it to many things."""
    urges: bool = False
    """No more than to begin, or to go on."""
    routine: bool = False
    """To see whether there is anything to do."""
    again: bool = False
    """What the prompt before asked for, in other words."""
    undo: bool = False
    """To take back what was done."""
    complains: bool = False
    """That what was done has changed nothing."""


def understood(text: str) -> Asked:
    """What a prompt asks for, by its words."""
    wait, often, length = bool(WATCH.search(text)), times(text), len(text.split())
    asks = bool(CHANGE.search(text) or REPORT.search(text))
    return Asked(
        wait=wait,
        times=often,
        change=bool(CHANGE.search(text)) and not REPORT.search(text),
        each=bool(EACH.search(text)),
        urges=length <= LONGEST_URGE and bool(URGE.search(text)) and not (wait or often or asks),
        routine=bool(ROUTINE.search(text)),
        undo=bool(UNDO.search(text)),
        complains=length <= LONGEST_COMPLAINT and bool(COMPLAINT.search(text)),
    )


def times(text: str) -> int:
    """How often something is to be done; 0 where nothing is said."""
    found = TIMES.search(text)
    if found is None:
        return REPRODUCED if OFTEN.search(text) else 0
    word = (found[1] or found[2]).lower()
    return min(1000, int(word) if word.isdigit() else _COUNTS[word])
