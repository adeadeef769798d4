"""The thresholds: the `spin:` part of `agentctl.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=2, le=100_000)]
Share = Annotated[float, Meta(gt=0, le=1)]
RuleName = Literal[
    "repeat", "cycle", "same_error", "fruitless", "reread", "redelegate", "replan", "undone", "looping", "monologue",
    "musing", "asked_again", "exploring", "idle_tokens", "failing", "verifying", "stalled",
    "unheeded", "parroting",
]  # fmt: skip
Weight = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0)]


class SpinSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How much is too much. A rule counts nothing up to half of its limit, and its whole weight at the limit."""

    threshold: Annotated[float, Meta(gt=0)] = 0.8
    """The score from which a session is flagged."""
    window: Annotated[int, Meta(ge=6, le=1000)] = 24
    """How many of the latest steps the rules look at."""
    repeat_limit: Count = 5
    """The same call with the same result."""
    cycle_limit: Count = 3
    """Rounds of a cycle of 2 to 5 calls with unchanged results."""
    error_limit: Count = 5
    """The same error from calls that differ."""
    fruitless_limit: Count = 4
    """Failures that stay equal though something cosmetic was edited in between."""
    failing_limit: Count = 7
    """Failures in a row of like calls, whatever they say."""
    verifying_limit: Count = 7
    """Checks that pass, as they did before, with nothing changed since."""
    reread_limit: Count = 8
    """Looks at what has been seen."""
    delegate_limit: Count = 4
    """The same work handed to a sub-agent."""
    plan_limit: Count = 5
    """Plans or to-do lists written anew with nothing executed."""
    monologue_limit: Count = 5
    """Messages in a row that say the same and call nothing."""
    musing_limit: Count = 7
    """Thoughts that say what was thought before, while nothing changes."""
    sentence_limit: Count = 8
    """Times that one reply says the same sentence."""
    undone_limit: Count = 5
    """Edits that take back what was edited before."""
    explore_limit: Count = 40
    """Looks without a change or an answer, where a change was asked for."""
    stalled_limit: Count = 3
    """What a session may cost more than it brings, in steps."""
    idle_tokens: Annotated[int, Meta(ge=100)] = 20_000
    """Tokens written since anything new was seen or changed."""
    asked_limit: Count = 5
    """The same request again, by a program in a person's place, with nothing done in between."""
    unheeded_limit: Count = 4
    """Complaints in a row of a person with nothing changed in between."""
    parrot_limit: Count = 4
    """Replies in a row that say what was said before, each to a person who spoke."""
    alike: Share = 0.5
    """Similarity of shingles from which two texts say the same."""
    stale: Share = 0.1
    """A result is nothing new when no greater share of its lines is."""
    spaced: Seconds = 25
    """A pause from which a repeated look counts as polling."""
    patience: Annotated[float, Meta(ge=1)] = 4.0
    """How many times longer a spaced poll of something that stays the same is let go on."""
    patience_asked: Annotated[float, Meta(ge=1)] = 40.0
    """The same where a person asked to wait or to watch."""
    alert_hours: Annotated[float, Meta(ge=0)] = 24
    """A flagged session raises an alert if it was active within so many hours."""
    weights: dict[RuleName, Weight] = {}
    """Rule -> what it counts, instead of its own weight; 0 turns it off."""
