"""The write side: writing a day's briefing, and sending it."""

from __future__ import annotations

from datetime import date

import msgspec

from halo_engine import clock, console, times
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.states import Severity
from halo_engine.briefings import gathering, queries, voice
from halo_engine.briefings.config import Channel, briefing_settings
from halo_engine.briefings.delivery import deliver
from halo_engine.briefings.events import BriefingSent, BriefingWritten, DeliveryFailed, PartSent
from halo_engine.briefings.projection import briefings
from halo_engine.briefings.rendering import lines
from halo_engine.briefings.store import Briefing
from halo_engine.channels.text import as_text
from halo_engine.clock import Timestamp
from halo_engine.errors import HaloError
from halo_engine.events.model import New, Payload
from halo_engine.events.projection import Fold
from halo_engine.events.store import opened
from halo_engine.workspace import Workspace

ALERT = "briefing"


class Sent(msgspec.Struct, frozen=True):
    """What sending came to."""

    briefing: Briefing | None
    """None: there is none of today yet."""
    channel: str
    parts: int
    """Messages that went out now."""
    note: str = ""


def generate(workspace: Workspace, day: date, *, ai: bool = True) -> Briefing:
    """A day's briefing, written now: as things stand for today, as they stood at `at` for a day that is over.

    An event, unless the facts and the words are those of the last one.

    Raises Usage for a day to come.
    """
    settings = briefing_settings(workspace)
    window = gathering.window(workspace, day, settings)
    sections = gathering.gather(workspace, window, settings.sections)
    row = queries.found(workspace, day)
    digest = gathering.hash_of(sections)
    ai = ai and settings.ai
    if row is not None and row.hash == digest and bool(row.model) is ai:
        return row
    local = clock.instant(window.until).astimezone(times.zone(workspace.settings.timezone or ""))
    draft = Briefing(day.isoformat(), 0, window.until, "", sections, digest, since=window.since)
    facts = as_text(list(lines(draft)))  # by no template: one that is wrong must not keep the briefing from being sent
    prose, model = voice.prose(workspace, facts, sections, local, ai=ai and not workspace.dry_run)
    if row is not None and (row.hash, row.prose) == (digest, prose):
        return row
    written = BriefingWritten(window.until, prose, sections, digest, model, window.since)
    return _record(workspace, day, row, written, "day.written")


def send(
    workspace: Workspace, channel: Channel | None = None, *, again: bool = False, ai: bool = True, due: Timestamp = ""
) -> Sent:
    """Write today's briefing and send it, once a day and channel; with `again` once more.

    `due`: when it should have been sent. A morning that was slept through is not made up for in the night after it:
    for a day that is over nothing is sent, since the next briefing at its own time looks back as far.

    One that was cut off in the middle goes on where it stopped, with the words that it began with. What cannot be
    delivered raises an alert, which the next delivery resolves.

    Raises BadConfig, NotAllowed, Unavailable.
    """
    settings = briefing_settings(workspace)
    where: Channel = channel or settings.channel
    day = queries.today(workspace)
    row = queries.found(workspace, day)
    if due and not again and (missed := queries.day_of(workspace, due)) < day:
        return Sent(row, where, 0, f"that of {missed} was missed; the next one tells of that day too")
    if row is not None and where in row.sent and not again:
        already = f"sent by {where} already at {console.moment(row.sent[where])}; --again sends it once more"
        return Sent(row, where, 0, already)
    begun = 0 if row is None or again else row.parts.get(where, 0)
    if row is None or not begun:
        row = generate(workspace, day, ai=ai)
    try:
        parts = 0
        for part, total in deliver(settings, where, list(lines(row)), begun, dry_run=workspace.dry_run):
            row = _record(workspace, day, row, PartSent(where, part, total), "part.sent")
            parts += 1
    except HaloError as error:
        _record(workspace, day, row, DeliveryFailed(where, error.message), "day.not_sent")
        _raise(workspace, where, error)
        raise
    alerts.settle(workspace, ALERT, where, "delivered")
    return Sent(_record(workspace, day, row, BriefingSent(where, parts + begun), "day.sent"), where, parts)


def _raise(workspace: Workspace, channel: str, error: HaloError) -> None:
    what = f"the briefing was not delivered by {channel}: {error.message}"
    alerts.raise_(
        workspace, Raising(ALERT, channel, what[:200], Severity.WARNING, hint=error.hint or "hal-briefing send")
    )


def _record(workspace: Workspace, day: date, row: Briefing | None, payload: Payload, what: str) -> Briefing:
    new = New(f"briefing/{day}", f"briefing.{what}", payload, expected=row.version if row else 0)
    events = workspace.log.append([new])
    if not workspace.dry_run:
        with opened(workspace, briefings):
            pass
    fold = Fold(briefings, lambda *_: row)
    fold.apply(events)
    after = fold.row(new.stream)
    assert isinstance(after, Briefing)
    return after
