"""What happened in a session, in order: read from its files, since contents stay there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from halo_engine.agents import ledger, sources
from halo_engine.agents.prices import Prices, prices
from halo_engine.agents.queries import Sum
from halo_engine.agents.records import AnyRecord, Call, Malformed, Mark, Prompt, Result, Said, Spent, Thought
from halo_engine.agents.sources import SOURCES
from halo_engine.agents.store import Session
from halo_engine.agents.tally import band_of, reply_of
from halo_engine.clock import Timestamp
from halo_engine.console import cut
from halo_engine.errors import NotFound
from halo_engine.secrets import Redactor, known
from halo_engine.workspace import Workspace

LONG = 200
"""Characters of a text that an entry holds."""
LOOKED_AT = 8_000
"""Characters of it that are looked at: a secret must not be cut before it is found."""
TELLING = ("command", "file_path", "path", "pattern", "query", "url", "description", "prompt", "input")
"""Arguments that say best what a call is about, the best first."""


class Entry(msgspec.Struct):
    """One thing that happened."""

    time: Timestamp
    kind: str
    """`prompt`, `thought`, `said`, `call`, `result`, `mark`."""
    text: str
    """Its beginning, on one line."""
    line: int
    """Of the file, from 1."""
    path: str
    tool: str = ""
    agent: str = ""
    failed: bool = False
    added: int = 0
    """Lines of files; likewise `removed`."""
    removed: int = 0
    files: list[str] = []
    model: str = ""
    tokens: int = 0
    """Of the reply that ends here."""
    cost: float | None = None
    """US dollars; None where the reply does not end here, or its model is not known."""


def files_of(workspace: Workspace, session: Session) -> list[Path]:
    """The files that are left of a session, sub-agents' included."""
    with ledger.read(workspace) as book:
        known = [Path(path) for path, _ in book.parts_of(session.id)]
    return [path for path in known or [Path(session.path)] if path.exists()]


def records(workspace: Workspace, session: Session) -> Iterator[tuple[Path, AnyRecord]]:
    """The records of a session, file by file, with the file that each is from.

    Raises NotFound when none of its files is there any more.
    """
    paths = files_of(workspace, session)
    if not paths:
        raise NotFound(f"the transcript {session.path} is not there any more", "its usage is kept: agentctl usage")
    for path in paths:
        for record in sources.read(path, SOURCES[session.source]):
            if record.session == session.id:
                yield path, record


def timeline(workspace: Workspace, session: Session) -> list[Entry]:
    """What happened in a session, by time, without secrets; each reply's tokens and cost stand at its last entry.

    Raises NotFound when none of its files is there any more.
    """
    clean = Redactor(known(workspace.root))
    made = list(entries(records(workspace, session), prices(workspace), clean))
    made.sort(key=lambda entry: entry.time)
    return made


def entries(found: Iterable[tuple[Path, AnyRecord]], table: Prices, clean: Callable[[str], str]) -> Iterator[Entry]:
    """Records as entries, with what each reply came to at its last."""
    best: dict[str, Spent] = {}
    last: dict[str, Entry] = {}
    latest: Entry | None = None
    made: list[Entry] = []
    for path, record in found:
        if isinstance(record, Spent):
            key = record.message or f"{path}:{record.line}"
            if key not in best or record.tokens.total > best[key].tokens.total:
                best[key] = record
            if latest is not None:
                last.setdefault(key, latest)
        elif not isinstance(record, Malformed):
            latest = entry(path, record, clean)
            made.append(latest)
            message = getattr(record, "message", "")
            if message:
                last[message] = latest
    for key, spent in best.items():
        if key in last:
            charge(last[key], spent, table)
    yield from made


def charge(entry: Entry, spent: Spent, table: Prices) -> None:
    """Put a reply's tokens and cost to an entry."""
    reply = reply_of(spent)
    counts = (reply.input, reply.output, reply.cache_read, reply.cache_write_5m, reply.cache_write_1h)
    paid = spent.cost is not None
    cost = table.cost(Sum("", spent.model, reply.tier, band_of(reply), paid, spent.cost or 0.0, 1, *counts))
    entry.model = spent.model
    entry.tokens += spent.tokens.total
    entry.cost = cost if entry.cost is None else entry.cost + (cost or 0.0)


def entry(path: Path, record: Prompt | Thought | Said | Call | Result | Mark, clean: Callable[[str], str]) -> Entry:
    """A record as an entry."""
    made = Entry(record.time, type(record).__name__.lower(), "", record.line, str(path), agent=record.agent)
    if isinstance(record, Call):
        made.tool, made.text = record.tool, cut(clean(telling(record)[:LOOKED_AT]), LONG)
    elif isinstance(record, Mark):
        made.text = cut(clean(f"{record.what} {record.text}"[:LOOKED_AT]), LONG)
    else:
        made.text = cut(clean(record.text[:LOOKED_AT]), LONG)
    if isinstance(record, Result):
        made.failed = record.failed
        made.files = [change.path for change in record.changes]
        made.added = sum(len(change.added) for change in record.changes)
        made.removed = sum(len(change.removed) for change in record.changes)
    return made


def telling(call: Call) -> str:
    """The argument that says best what a call is about."""
    for name in TELLING:
        value = call.arguments.get(name)
        if isinstance(value, list):
            value = " ".join(map(str, value))
        if isinstance(value, str) and value:
            return value
    return msgspec.json.encode(call.arguments).decode() if call.arguments else ""
