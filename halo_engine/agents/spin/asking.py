"""What a person asked for, as far as it tells work from going nowhere: to wait, to repeat, to change, to do many."""

from __future__ import annotations

import re

import msgspec

from halo_engine.agents.spin.tongues import TIMES as TIMES_ELSEWHERE
from halo_engine.agents.spin.tongues import UNSPACED_TIMES, said

INTERJECTION = re.compile(r"^\W*(?:(?:no|oh|hey|ok|but|hm+)\W+)?wait\s*[-,.!?…—]+\s*(?=\w)", re.IGNORECASE)
"""`Wait, that is wrong` asks for no waiting."""
WATCH = re.compile(
    said(
        "wait",
        r"wait|until|till|monitor(?:ing)?|watch(?:ing)?|poll|keep (?:an eye|checking|trying|polling|looking)|"
        r"(?:let me know|tell me) when|as soon as|check (?:every|back)|repeatedly|in a loop|"
        r"every (?:\d+ )?(?:second|minute|hour)s?|report when|ping me|once (?:it|the)|stay on|check on|"
        r"(?:check|look)\b.{0,30}\b(?:now and then|from time to time|regularly)|look after|(?:alert|notify|warn) me",
    ),
    re.IGNORECASE,
)
ENDS = re.compile(
    r"\b(?:stop|end|finish|report) (?:when|once|as soon as|if|after)\b[^.;\n]*",
    re.IGNORECASE,
)
"""Says when the work is over, and asks for no waiting."""
_COUNTS = {
    "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
    "thousand": 1000,
}  # fmt: skip
TIMES = re.compile(
    rf"\b(\d{{1,4}}|{'|'.join(_COUNTS)})[\s-]*(?:times|x\b|runs|rounds|iterations|repeats|"
    rf"repetitions|samples|measurements|readings|trials|tries|attempts|passes|{TIMES_ELSEWHERE})\b|\b(twice)\b|"
    rf"{UNSPACED_TIMES}",
    re.IGNORECASE,
)
OFTEN = re.compile(
    said(
        "often",
        r"how often|flak\w+|reproduc\w+|stress|soak|hammer|fuzz\w*|load[- ]?test\w*|"
        r"fails? (?:sometimes|now and then|at random|intermittently)|"
        r"intermittent\w*|sporadic\w*|over and over|again and again|several times|a few times|many times|"
        r"in a loop|loop|repeatedly|as often as|as many times|(?:couple|few|several) (?:of )?dozen|"
        r"repeat (?:it|this|that|them|the)|once in (?:a while|\d+)|(?:every )?now and (?:then|again)|from time to time|"
        r"(?:until|till)\b.{0,40}\b(?:fail\w*|break\w*|crash\w*|hang\w*|happens?|see|catch|stable|enough)",
    ),
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"(?<![\w.,:/#-])(\d{1,3})\s+(?=[^\W\d]{4})(?!(?:sec\w*|min\w*|hours?|days?|weeks?|months?|years?|percent|"
    r"degrees?|grad\w*|degr[ée]s|graus|euros?|dollars?|pounds|people|person\w*)\b)",
    re.IGNORECASE,
)
"""How many of something: `20 requests`, `12 mesures`; no time, no size, no version."""
REPRODUCED = 60
"""Times that something may be run where the person wants to know how often it happens."""
REPORT = re.compile(
    said(
        "report",
        r"explain|report|summar\w+|describe|list|review|analy[sz]e|find out|no changes?|don't change|"
        r"only (?:look|read|need)|audit|research|investigate",
    ),
    re.IGNORECASE,
)
QUESTION = re.compile(r"\b(?:why|how|what|where|which)\b", re.IGNORECASE)
ASKS = re.compile(
    r"^\W*(?:who|whose|when|(?:do|have|should) (?:i|you|we|they)|(?:is|are|was|were|does|did|has) [a-z]+)\b|"
    r"^(?!.*\b(?:can|could|would|will) you\b).*\?\s*$",
    re.IGNORECASE | re.DOTALL,
)
"""A question by its form; `can you fix it?` is none."""
_BEGIN = r"\W*(?:(?:please|now|next|then|ok|okay|so|can you|could you|go and)\W+)*"
_CHANGE = (
    "fix|mend|correct|handle|rewrite|introduce|enable|disable|install|deploy|adapt|adjust|add|implement|change|"
    "refactor|rename|remove|delete|migrate|replace|upgrade|port|optimi[sz]e|convert|extend|move|split|merge|improve|"
    "repair|resolve|speed up|shorten|simplify|reduce|prevent|allow"
)
ORDER = re.compile(rf"{_BEGIN}(?:{_CHANGE})\b", re.IGNORECASE)
"""How a prompt begins that wants something changed: the `where` and `which` in it only say what."""
CHANGE = re.compile(said("change", rf"{_CHANGE}|update|build|create|make|clean|support|write"), re.IGNORECASE)
NAMED = re.compile(
    r"(?P<writes>\b(?:write|make|create|give|prepare|produce|draft|compile|send|provide|want|need)\s+(?:(?:me|us)\s+)?)?"
    r"\b(?:the|an?|this|that|our|my|your|its|each|every|fix|mend|rewrite|add|implement|change|refactor|rename|remove)\s+"
    r"(?:(?!and\b|then\b|to\b|or\b)[\w-]+\s+){0,2}?(?:list|report|review|audit|research)\b"
    r"(?P<more>\s+(?!of|on|about|for|with|that|which|and|or|to|from|in|by|what|how|why|where|whether|as|please)\w)?",
    re.IGNORECASE,
)
"""A list or report that is spoken of. One that is to be written is asked for; `write the list view` is not one."""
EACH = re.compile(
    said(
        "each",
        r"each|every|all|everywhere|one (?:at a time|by one)|batches|in (?:\w+ )?(?:chunks|portions|pieces)|bit by bit|"
        r"sweep|any|at a time|until (?:nothing|none) |to the end|in (?:small )?steps|"
        r"(?:row|page|file|line) by (?:row|page|file|line)|per (?:round|batch|chunk|run|page|row|go)",
    ),
    re.IGNORECASE,
)


_STILL = r"still(?! (?:running|waiting|going|there|on\b|working|pending|open|in progress|building|have|need|want|to\b))"
COMPLAINT = re.compile(
    said(
        "complaint",
        rf"{_STILL}|(?:the|exactly) same|same (?:thing|problem|error|result|as before)|nope|wrong|broken|no change|"
        r"not? (?:better|fixed|working|right)|nothing (?:has |is |was )?(?:changed|happen\w*|different)|"
        r"(?:changed?|did|does|fixed) nothing|(?:did|does|do|is|was|has)(?:n't| not|nt) "
        r"(?:work|help|change|fix|right|it)",
    )
    + r"|^no\b(?! (?:problem|worries|need|rush|hurry))",
    re.IGNORECASE,
)
STILL = re.compile(
    rf"\b(?:{_STILL}|nope|no change|nothing (?:has )?(?:changed|happened)|(?:changed|did|fixed) nothing|"
    r"(?:did|does|has)(?:n't| not) (?:work|help|change)\w*)\b|^no\b",
    re.IGNORECASE,
)
NEW = re.compile(
    rf"{_BEGIN}(?:{_CHANGE}|make|write|create|build|update|clean|check|look|find|see|tell|show|explain|list|review|run|"
    r"why|how|what|where|which|who|when)\b",
    re.IGNORECASE,
)
"""How an order or a question begins: `fix the broken link` complains of nothing, `why is it still broken` does."""
URGE = re.compile(
    said("urge", r"yes|yep|ok|okay|sure|go|start|do it|proceed|continue|begin|agreed|please|fine|ahead|now"),
    re.IGNORECASE,
)
ROUTINE = re.compile(r"\b(?:if|when(?:ever)?|in case|any|new|today|daily|hourly|check)\b", re.IGNORECASE)
"""What is looked after time and again, and may be found in order."""
ONCE_MORE = re.compile(r"\b(?:again|(?:once|one) more|another|re-?run|repeat)\b", re.IGNORECASE)
UNDO = re.compile(
    r"\b(?:(?<!\bthe )(?<!\ban )(?<!\badd )(?:undo|revert)|roll(?:ed)? back|back out|discard|start over|"
    r"take (?:it|that|this|them|everything|all)\b.{0,30}\b(?:back|out)|"
    r"(?:put|roll|bring|change|set|turn) (?:it|that|this|them|everything|all)\b.{0,30}\bback|"
    r"throw (?:it|that|this|them|everything|all)\b.{0,30}\baway|"
    r"(?:put|make|bring|leave|restore)\b.{0,30}\b(?:as|where|how|what) (?:it|they|that|things) (?:was|were))\b",
    re.IGNORECASE,
)
ALTERNATE = re.compile(
    r"\balternat\w*|\bback and forth\b|\bto and fro\b|\bon\W+(?:and\W+)?off\b|\ba\W?/\W?b\b|\binterleav\w*|"
    r"\babwechselnd\b|\bhin und her\b|\baltern(?:ance|ando|ativamente|er)\b|\bbeurtelings\b",
    re.IGNORECASE,
)
"""Asks for two things in turn: what is taken back is set again on purpose."""
AS_BEFORE = re.compile(r"\b(?:as|where|how) (?:it|they|things) (?:was|were)\b", re.IGNORECASE)
"""Asks for it to be undone, but in a complaint, which says that nothing has changed."""
DO = re.compile(r"\b(?:try|run|rerun|repeat|do|execute|call|test|measure)\b", re.IGNORECASE)
"""What a number of times in a complaint stands with where it is an order: `I said so three times` is none."""
LONGEST = 20_000
"""Characters of a prompt that are read; what is longer was pasted."""
LONGEST_URGE = 7
LONGEST_COMPLAINT = 12
"""Words; what is longer says something new."""


class Asked(msgspec.Struct, frozen=True):
    """A request."""

    wait: bool = False
    """To wait for something, or to watch it."""
    times: int = 0
    """How often to do it."""
    number: int = 0
    """A number of somethings that it speaks of: what succeeds may be done as often."""
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
    once_more: bool = False
    """To do what was done before: that it is done is all that was wanted."""
    undo: bool = False
    """To take back what was done."""
    complains: bool = False
    """That what was done has changed nothing."""


def understood(text: str) -> Asked:
    """What a prompt asks for, by its words."""
    text = INTERJECTION.sub("", text[:LONGEST])
    length = len(text.split())
    complains = length <= LONGEST_COMPLAINT and bool((STILL if NEW.match(text) else COMPLAINT).search(text))
    often = times(text) if not complains or (DO.search(text) and TIMES.search(text)) else 0
    endless = ENDS.sub("", text)
    wait, back = bool(WATCH.search(endless)), not complains and (AS_BEFORE.search(text) or ALTERNATE.search(text))
    undo = bool(UNDO.search(text) or back)
    told = bool(wait or often or undo)
    changes, reports = bool(CHANGE.search(text)), wants_report(text)
    return Asked(
        wait=wait,
        times=often,
        number=0 if changes or often else max(map(int, NUMBER.findall(text)), default=0),
        change=changes and not reports,
        each=bool(EACH.search(text)),
        urges=length <= LONGEST_URGE and bool(URGE.search(text)) and not (told or changes or reports),
        routine=bool(ROUTINE.search(endless)),
        once_more=length <= LONGEST_URGE and bool(ONCE_MORE.search(text)),
        undo=undo,
        complains=complains and not told,
    )


def wants_report(text: str) -> bool:
    """Whether a prompt asks to be told something."""
    if not ORDER.match(text) and (QUESTION.search(text) or ASKS.search(text)):
        return True
    return bool(REPORT.search(NAMED.sub(lambda found: found[0] if found["writes"] and not found["more"] else "", text)))


def times(text: str) -> int:
    """How often something is to be done; 0 where nothing is said."""
    found, often = TIMES.search(text), REPRODUCED if OFTEN.search(text) else 0
    if found is None:
        return often
    word = next(each for each in found.groups() if each).lower()
    return max(often, min(1000, int(word) if word.isdigit() else _COUNTS[word]))
