"""When a call has failed, of what, and whether another failed of the same."""

from __future__ import annotations

import re

from halo_engine.agents.spin.text import loose, overlap, roots, similarity
from halo_engine.agents.spin.tools import Kind

SAME_ERROR = 0.7
"""Similarity from which two errors are the same."""
SAME_AIM = 0.5
"""The share of words from which two calls are after the same."""
FAILS = re.compile(
    r"\b(?:\w*error|errors|\w*exception|traceback|fail|failed|failing|failure|fatal|panic|denied|refused|not found|"
    r"no such|cannot|"
    r"can't|undefined|unresolved|timed? ?out|timeout|unauthorized|forbidden|invalid|abort(?:ed|ing)?|unreachable|"
    r"conflict)\b",
    re.IGNORECASE,
)
REFUSES = re.compile(
    r"[\"'](?:ok|success|succeeded)[\"']\s*:\s*(?:false|0)\b|[\"']err(?:or)?[\"']\s*:\s*[\"']\w", re.IGNORECASE
)
"""A structured answer that says no."""
PASSES = re.compile(r"\b(?:0|no) (?:errors?|failures?|failed|problems?|issues?)\b", re.IGNORECASE)
COUNTED = re.compile(r"\b[1-9]\d* (?:failed|errors?|failures?|failing)\b", re.IGNORECASE)
NOTHING = re.compile(
    r"^\s*(?:no (?:matches|files|results|such|matching)\b.*|found 0\b.*|0 (?:matches|results)\b.*|\[\]|"
    r"\(?(?:empty|none|nothing found)\)?)?\s*$",
    re.IGNORECASE,
)
ABSENT = re.compile(
    r"no such(?! tool)|(?<!tool )not found|does(?:n't| not) exist|no matches|no files|\b404\b", re.IGNORECASE
)
SILENT = re.compile(r"\W*(?:(?:process )?exit(?:ed)?(?: with)?(?: code| status)?\W*\d+\W*)?", re.IGNORECASE)
TRACEBACK = re.compile(r"^\s*(?:Traceback \(most recent|File \"|at \S+ \(|goroutine \d+)")
PATHS = re.compile(r"(?<!\w)[~.]{0,2}/?(?:[\w.@-]+/)+[\w.@-]*|\b[\w-]+\.[a-z]{1,5}\b")
PARTS = re.compile(r"[^\s\"',;()\[\]{}=&?]+")
SORTS = {
    name: re.compile("|".join(patterns.split("  ")), re.IGNORECASE)
    for name, patterns in {
        "denied": r"permission denied  not permitted  EACCES  EPERM  unauthori[sz]ed  forbidden  "
        r"password is required  \b40[13]\b",
        "line": r"ECONN\w+  connection (?:refused|reset|closed)  hang up  unreachable  bad gateway  \b50[23]\b  "
        r"unavailable  resolve host  EPIPE  fetch failed",
        "late": r"timed? ?out  ETIMEDOUT  deadline exceeded  \b504\b",
        "syntax": r"syntax ?error  unexpected (?:token|EOF|end|character|INVALID)  unterminated  unmatched  "
        r"parse error  compile error",
        "busy": r"\blocked\b  EBUSY  in use  already (?:running|exists)",
        "full": r"ENOSPC  no space left  out of memory  quota  rate limit  \b429\b",
    }.items()
}
"""Sorts of failure that every program has its own words for."""
OF_ALL = "full"
"""The sort that is the machine's, whatever is tried on it."""


def fails(text: str, kind: Kind) -> bool:
    """Whether a result is a failure by its own words, where the source does not say. A file that is read, and what a
    sub-agent reports, may hold any.
    """
    if kind in {Kind.OTHER, Kind.RUN} and REFUSES.search(text[:2000]):
        return True
    if kind is Kind.OTHER:
        return bool(FAILS.match(text.lstrip(" \n\t{[(\"'<")[:200]))
    if kind not in {Kind.RUN, Kind.WAIT}:
        return False
    if COUNTED.search(text):
        return True
    head = "\n".join([*text.splitlines()[:3], *text.splitlines()[-3:]])
    return bool(FAILS.search(PASSES.sub("", head)))


def is_nothing(kind: Kind, text: str) -> bool:
    """Whether a search came back empty."""
    return kind is Kind.LOOK and bool(NOTHING.match(text))


def is_absent(kind: Kind, text: str) -> bool:
    """Whether a failure says no more than that something is not there: a place has been tried, and that is work."""
    return bool(SILENT.fullmatch(text) or (kind in {Kind.LOOK, Kind.OTHER} and ABSENT.search(text)))


def signature(text: str, call: str) -> str:
    """What went wrong, so that the same error from another call is the same: without numbers, paths, and what the call
    itself said. What else it names is news.
    """
    lines = [line for line in text.splitlines() if not TRACEBACK.match(line)]
    wrong = [line for line in lines if FAILS.search(line)][:3] or lines[-2:]
    plain = PATHS.sub("P", loose("\n".join(wrong)))
    said = {word for word in re.findall(r"\w+", call.lower()) if not FAILS.fullmatch(word)}
    return " ".join(word for word in re.findall(r"\w+", plain.lower()) if word not in said)[:300] or "nothing"


def sort_of(text: str) -> str:
    """Of which sort a failure is; empty for one of its own."""
    head = text[:2000]
    return next((name for name, pattern in SORTS.items() if pattern.search(head)), "")


def are_same(one: str, other: str) -> bool:
    """Whether two signatures are of the same error."""
    return bool(one and other) and (one == other or similarity(one, other) >= SAME_ERROR)


def have_same_roots(one: str, other: str) -> bool:
    """Whether two searches are after the same in other words."""
    left, right = roots(one), roots(other)
    return bool(left & right) and len(left & right) >= SAME_AIM * min(len(left), len(right))


def is_variant(one: str, other: str) -> bool:
    """Whether two calls ask for the same in another form; those of one form are pieces of a batch."""
    left, right = PARTS.findall(one), PARTS.findall(other)
    return len(left) != len(right) and have_same_aim(one, other)


def have_same_aim(one: str, other: str) -> bool:
    """Whether two calls, as text, are after the same."""
    return overlap(one, other) >= SAME_AIM
