"""What the usage of a file comes to: its replies, and what it says of each session."""

from __future__ import annotations

from bisect import bisect_left

import msgspec

from halo_engine.agents.records import AnyRecord, Call, Malformed, Prompt, Result, Spent
from halo_engine.agents.replies import BANDS, Replies, Reply, hashed, milliseconds, request_of
from halo_engine.agents.sources.source import About


class Facts(msgspec.Struct, gc=False, omit_defaults=True):
    """What a file says of one session, beside its replies. Facts of several files add up."""

    first: str = ""
    last: str = ""
    prompts: int = 0
    calls: int = 0
    failures: int = 0
    agents: set[str] = set()
    about: About = msgspec.field(default_factory=About)

    def at(self, time: str) -> None:
        """Something happened then."""
        if time:
            self.last = max(self.last, time)
            self.first = min(self.first or time, time)

    def add(self, other: Facts) -> None:
        """Take in what a later part of the file, or another file, says."""
        self.at(other.first)
        self.at(other.last)
        self.prompts += other.prompts
        self.calls += other.calls
        self.failures += other.failures
        self.agents |= other.agents
        for name in About.__struct_fields__:
            setattr(self.about, name, getattr(self.about, name) or getattr(other.about, name))


class Tally:
    """Adds records up."""

    def __init__(self) -> None:
        self.replies = Replies()
        self.sessions: dict[str, Facts] = {}
        self.damaged = 0

    def of(self, session: str) -> Facts:
        facts = self.sessions.get(session)
        if facts is None:
            facts = self.sessions[session] = Facts()
        return facts

    def add(self, record: AnyRecord) -> None:
        if isinstance(record, Malformed):
            self.damaged += 1
            return
        facts = self.of(record.session)
        facts.at(record.time)
        if record.agent:
            facts.agents.add(record.agent)
        if isinstance(record, Spent):
            self.replies.put(reply_of(record, facts.last))
        elif isinstance(record, Prompt):
            facts.prompts += not record.sidechain
        elif isinstance(record, Call):
            facts.calls += 1
        elif isinstance(record, Result):
            facts.failures += record.failed


def reply_of(spent: Spent, before: str = "") -> Reply:
    """A reply in the form in which it is counted; one without a time was made when the last thing `before` it was."""
    tokens, time = spent.tokens, spent.time or before
    written = tokens.cache_write_5m + tokens.cache_write_1h
    identity = spent.message or f"{spent.session}/{time}/{spent.model}/{tokens.total}"
    return Reply(
        id=hashed(identity),
        request=request_of(spent.request, tokens.input, tokens.cache_read, written) if spent.message else 0,
        session=spent.session,
        time=milliseconds(time),
        model=spent.model,
        side=int(spent.sidechain),
        tier="" if spent.tier == "standard" else spent.tier,
        input=tokens.input,
        output=tokens.output,
        cache_read=tokens.cache_read,
        cache_write_5m=tokens.cache_write_5m,
        cache_write_1h=tokens.cache_write_1h,
        cost=spent.cost,
    )


def band_of(reply: Reply) -> int:
    """The largest of `BANDS` that a reply's context goes beyond; 0 for none."""
    place = bisect_left(BANDS, reply.context)
    return BANDS[place - 1] if place else 0
