"""The read side. Every function returns typed rows of a store that is caught up with the log."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound, Usage
from halo_engine.events.store import opened
from halo_engine.mail.projection import mail
from halo_engine.mail.store import Message, State
from halo_engine.workspace import Workspace

NO_LIMIT = -1
SHORTEST = 4


class Count(msgspec.Struct, frozen=True):
    """What a rule did."""

    rule: str
    """Empty: no rule matched."""
    action: str
    messages: int
    undone: int
    last: Timestamp


class Summary(msgspec.Struct, frozen=True):
    """What triage did."""

    messages: int
    counts: list[Count]
    latest: list[Message]


def message(workspace: Workspace, reference: str) -> Message:
    """The message that an id, or its beginning of at least 4 characters, means.

    Raises NotFound; Usage for a beginning that several have.
    """
    begin = reference.strip().lower()
    found: list[Message] = []
    if len(begin) >= SHORTEST:
        with opened(workspace, mail) as store:
            found = store.select(Message, "WHERE substr(id, 1, length(?)) = ? LIMIT 2", [begin, begin])
    if not found:
        raise NotFound(f"triage has seen no message {reference[:60]}", "`mailctl summary` shows the latest")
    if len(found) > 1:
        raise Usage(f"several messages begin with {begin}", f"{', '.join(row.id for row in found)}, ...")
    return found[0]


def known(workspace: Workspace, ids: Sequence[str]) -> dict[str, Message]:
    """Those of the messages that triage has seen."""
    marks = ", ".join("?" * len(ids))
    with opened(workspace, mail) as store:
        return {row.id: row for row in store.select(Message, f"WHERE id IN ({marks})", ids)}


def uids(workspace: Workspace, account: str, folder: str, uidvalidity: int) -> set[int]:
    """The messages of a folder that were seen to."""
    sql = (
        "SELECT uid FROM mail_message WHERE account = ? AND folder = ? AND uidvalidity = ?"
        " AND state NOT IN ('waiting', 'gone')"
    )
    with opened(workspace, mail) as store:
        return {row[0] for row in store.all(sql, [account, folder, uidvalidity])}


def proposed(workspace: Workspace, account: str, folder: str) -> list[Message]:
    """What waits for a word of the operator, of one folder, in the order of the folder."""
    sql = "WHERE state = 'waiting' AND account = ? AND origin = ? ORDER BY uid"
    with opened(workspace, mail) as store:
        return store.select(Message, sql, [account, folder])


def queue(
    workspace: Workspace, account: str = "", states: Sequence[State] = ("waiting",), limit: int = 0
) -> tuple[list[Message], int]:
    """Messages about which something is to be done, or was, the latest first, and how many more there are.

    Empty account: of all; limit 0: all.
    """
    marks = ", ".join("?" * len(states))
    where = f"WHERE state IN ({marks}) AND target != ''{' AND account = ?' if account else ''}"
    given = [*states, account] if account else list(states)
    with opened(workspace, mail) as store:
        order = " ORDER BY state != 'waiting', date DESC, id LIMIT ?"
        rows = store.select(Message, where + order, [*given, limit or NO_LIMIT])
        (total,) = store.all(f"SELECT count(*) FROM mail_message {where}", given)[0]
    return rows, total - len(rows)


def waiting(workspace: Workspace) -> int:
    """How many messages wait for a word of the operator."""
    with opened(workspace, mail) as store:
        sql = "SELECT count(*) FROM mail_message WHERE state = 'waiting' AND target != ''"
        return int(store.all(sql)[0][0])


def cut_off(workspace: Workspace) -> int:
    """How many messages a command that was cut off has left half done."""
    with opened(workspace, mail) as store:
        return int(store.all("SELECT count(*) FROM mail_message WHERE state IN ('decided', 'undoing')")[0][0])


def pending(workspace: Workspace, account: str, state: State) -> list[Message]:
    """What was cut off in between: `decided` and not done, or `undoing` and not taken back."""
    with opened(workspace, mail) as store:
        few = "WHERE state IN ('decided', 'undoing')"  # in the words of their index, so that it is used
        return store.select(Message, f"{few} AND state = ? AND account = ? ORDER BY origin, uid", [state, account])


def of_run(workspace: Workspace, run: str = "") -> list[Message]:
    """The messages of a triage, or of one acceptance; empty: of the last."""
    last = "(SELECT run FROM mail_message WHERE run != '' ORDER BY decided DESC, id LIMIT 1)"
    with opened(workspace, mail) as store:
        return store.select(Message, f"WHERE run = {'?' if run else last} ORDER BY uid", [run] if run else [])


def between(workspace: Workspace, since: Timestamp, until: Timestamp) -> list[Message]:
    """What triage saw to, or has proposed, in `since <= decided < until`, the latest first."""
    where = "WHERE decided >= ? AND decided < ? AND (run != '' OR state = 'waiting') ORDER BY decided DESC, id"
    with opened(workspace, mail) as store:
        return store.select(Message, where, [since, until])


def summary(workspace: Workspace, since: Timestamp = "", limit: int = 0) -> tuple[Summary, int]:
    """What each rule did since then, with the latest messages, and how many more there are (limit 0: all)."""
    sql = (
        "SELECT rule, action, count(*), total(state = 'undone'), max(decided) FROM mail_message"
        " WHERE decided >= ? AND run != '' GROUP BY rule, action ORDER BY count(*) DESC, rule, action"
    )
    with opened(workspace, mail) as store:
        counts = [Count(row[0], row[1], row[2], int(row[3]), row[4]) for row in store.all(sql, [since])]
        latest = store.select(
            Message,
            "WHERE decided >= ? AND run != '' ORDER BY decided DESC, id LIMIT ?",
            [since, limit or NO_LIMIT],
        )
    total = sum(each.messages for each in counts)
    return Summary(total, counts, latest), total - len(latest)
