"""Reading what is new: from transcripts to the ledger, and from there, session by session, to the event log."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from halo_engine.agents import ledger
from halo_engine.agents.config import AgentSettings, agent_settings
from halo_engine.agents.finding import Change, changes, found
from halo_engine.agents.ledger import Ledger
from halo_engine.agents.observing import observations
from halo_engine.agents.projection import agents
from halo_engine.agents.replies import Replies
from halo_engine.agents.scanning import Scan, scan_all
from halo_engine.console import counted
from halo_engine.events import store
from halo_engine.workspace import Workspace

BATCH = 4_000
"""Replies that are gathered before they are written."""


class Report(msgspec.Struct):
    """What an ingest did."""

    files: int = 0
    """That were looked at."""
    read: int = 0
    """That had something new."""
    bytes: int = 0
    lines: int = 0
    damaged: int = 0
    """Lines that could not be read."""
    unknown: dict[str, int] = {}
    """Types of lines that are not known."""
    sessions: int = 0
    """That have changed."""
    events: int = 0
    faults: dict[str, str] = {}
    """Files that could not be read at all, and why."""

    def summary(self) -> str:
        """In a line."""
        said = f"{self.read:,} of {counted(self.files, 'file')}, {counted(self.lines, 'line')}, "
        said += f"{self.bytes / 1e6:.1f} MB: {counted(self.sessions, 'session')} changed"
        more = [counted(self.damaged, "damaged line")] * bool(self.damaged)
        more += [f"{counted(sum(self.unknown.values()), 'line')} of unknown type"] * bool(self.unknown)
        more += [f"{counted(len(self.faults), 'file')} unreadable"] * bool(self.faults)
        return said + "".join(f"; {each}" for each in more)


def ingest(workspace: Workspace, paths: Sequence[Path] = ()) -> Report:
    """Read what is new below `paths`, or where the tools keep their sessions, and record what sessions have become.

    Doing it again changes nothing. Sessions whose files are gone stay as they were.

    Raises NotFound for a path that does not exist, BadData for a file of no tool that is known.
    """
    settings = agent_settings(workspace)
    present = list(found(workspace, settings, paths))
    with ledger.opened(workspace) as book:
        new = list(changes(book.files(), present))
        report = Report(files=len(present), read=len(new), bytes=sum(each.job.size - each.job.offset for each in new))
        if new:
            touched = _take_in(book, new, report)
            _observe(workspace, book, settings, touched, report)
        return report


def refresh(workspace: Workspace) -> None:
    """Before a report: read what is new, where that can be done."""
    writable = os.access(workspace.store if workspace.store.exists() else workspace.root, os.W_OK)
    if workspace.moment is None and not workspace.dry_run and writable:
        ingest(workspace)


def _take_in(book: Ledger, new: list[Change], report: Report) -> set[str]:
    """Read, and write what was read to the ledger as it comes; returns the sessions that it is about."""
    replies, fresh = Replies(), book.is_empty()
    touched: set[str] = set()
    for change, scan in zip(new, scan_all([change.job for change in new]), strict=True):
        if not fresh:
            replies.learn(book.known(replies.strange(scan.replies)))
        for reply in scan.replies:
            replies.put(reply)
        if not fresh and len(replies.changed) > BATCH:
            book.keep_replies(replies)
        touched |= _keep(book, change, scan)
        report.lines += scan.lines
        report.damaged += scan.damaged
        report.unknown = dict(Counter(report.unknown) + Counter(scan.unknown))
        if scan.fault:
            report.faults[scan.path] = scan.fault
    keep = book.keep_first_replies if fresh else book.keep_replies
    keep(replies)
    return touched | replies.touched


def _keep(book: Ledger, change: Change, scan: Scan) -> set[str]:
    """A file as it stands now; returns the sessions that it is about, or was."""
    file, path = change.file, change.file.path
    if change.moved_from:
        book.move(change.moved_from, path)
    before = book.parts(path)
    if change.afresh:
        book.forget_parts(path)
    parts = scan.sessions
    for session, facts in () if change.afresh else before.items():
        if session in parts:
            facts.add(parts[session])
            facts.about = parts[session].about
            parts[session] = facts
    book.keep_parts(path, parts)
    file.offset, file.mark, file.carry, file.fault = scan.offset, scan.mark, scan.carry, scan.fault
    file.lines += scan.lines
    file.damaged += scan.damaged
    unknown = Counter(msgspec.json.decode(file.unknown, type=dict[str, int])) + Counter(scan.unknown)
    file.unknown = msgspec.json.encode(dict(unknown)).decode()
    book.keep(file)
    return set(parts) | set(before)


def _observe(workspace: Workspace, book: Ledger, settings: AgentSettings, touched: set[str], report: Report) -> None:
    with store.opened(workspace, agents) as rows:
        events = list(observations(book, rows, settings, sorted(touched)))
    if events:
        workspace.log.append(events)
    report.sessions, report.events = len({event.stream for event in events}), len(events)
