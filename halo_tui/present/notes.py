"""Notes as rows of a list, and one of them opened: what it says, what is linked, how it decays, what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from halo_engine.memory.index import NoteRow
from halo_engine.memory.queries import Mention
from halo_tui.present import markdown
from halo_tui.present.bars import bars
from halo_tui.present.columns import Cells, Column
from halo_tui.present.graph import GLYPHS, TONES
from halo_tui.present.ink import Line, clean, cut, cut_line, ends, flow, wrap
from halo_tui.present.when import When

if TYPE_CHECKING:
    from halo_engine.memory.proposing.proposals import Proposal
    from halo_tui.memory_reading import Opened

COLUMNS = (
    Column("", 1),
    Column("id", 9, priority=3),
    Column("title", 16, share=1),
    Column("type", 10, priority=2),
    Column("age", 4, priority=1, align="right"),
)
NAMED = {"wiki": "", "markdown": "", "field": "", "embed": "embeds", "supersedes": "supersedes"}


def row(note: NoteRow, state: str, when: When) -> Cells:
    """One row of the list; what does not hold any more is grey and says so."""
    held = state == "current"
    return (
        (GLYPHS.get(note.type, "●"), TONES.get(note.type, "muted") if held else "faint"),
        (clean(note.id), "faint"),
        (clean(note.title) + ("" if held else f" ({state})"), "plain" if held else "muted"),
        (clean(note.type), "muted"),
        (when.age(note.modified or note.created) if note.modified or note.created else "", "faint"),
    )


def nothing(filtered: bool, keys: tuple[str, str], _: int) -> list[Line]:
    """What the empty list says; `keys` are those of the search and of the prompt."""
    if filtered:
        return [[("nothing was found", "muted")], [], [("esc", "key"), (" shows the latest again", "faint")]]
    return [
        [("there are no notes yet", "muted")],
        [],
        [(keys[1], "key"), (' memctl new --title "..."', "plain")],
        [(keys[1], "key"), (" memctl import FOLDER", "plain"), ("  a vault of yours", "faint")],
    ]


def page(found: Opened, proposals: Sequence[Proposal], chosen: int, when: When, columns: int) -> list[Line]:
    """The note in lines of at most that many columns; `chosen` is the proposed link that keys are about."""
    card, note = found.card, found.card.note
    lines: list[Line] = [*wrap(note.title, columns, "strong"), *_head(found, when, columns), []]
    lines += markdown.lines(note.body, columns) or [[("nothing more is said", "faint")]]
    lines += _mentions("links to", card.links, columns)
    lines += _mentions("linked from", card.backlinks, columns)
    lines += _proposed(note.id, proposals, chosen, columns)
    return lines


def _head(found: Opened, when: When, columns: int) -> list[Line]:
    note = found.card.note
    parts: list[Line] = [[(f"{GLYPHS.get(note.type, '●')} {clean(note.type)}", TONES.get(note.type, "muted"))]]
    parts += [[(f"#{clean(tag)}", "faint")] for tag in note.tags]
    for word, time in (("made", note.created), ("changed", note.modified), ("until", note.expires)):
        if time and (word != "changed" or time != note.created):
            parts.append([(f"{word} {when.age(time)}", "faint")])
    if note.source:
        parts.append([(f"says {clean(note.source)}", "faint")])
    lines = flow(parts, columns)
    if found.card.superseded_by:
        lines.append([(f"▲ superseded by {', '.join(map(clean, found.card.superseded_by))}", "warning")])
    if note.fault:
        lines += wrap(f"▲ {note.fault}", columns, "warning")
    drawn = bars(found.decay, 1, 1.0)[0]
    pin = "  pinned" if note.pinned else ""
    lines.append(cut_line([("decay ", "faint"), (drawn, "accent"), (f" {found.freshness:.0%}{pin}", "muted")], columns))
    return lines


def _mentions(title: str, mentions: Sequence[Mention], columns: int) -> list[Line]:
    if not mentions:
        return []
    lines: list[Line] = [[], [(title, "title")]]
    for each in mentions:
        there = bool(each.id)
        said = each.title if there else each.text
        glyph = GLYPHS.get(each.type, "●") if there else "○"
        how = NAMED.get(each.kind, each.kind) or ("" if there else "not there yet")
        left: Line = [(f"{glyph} ", TONES.get(each.type, "muted") if there else "faint")]
        left.append((clean(said), "muted" if each.archived or not there else "plain"))
        lines.append(ends(left, [(f"  {how}", "faint")] if how else [], columns))
    return lines


def other_end(note: str, proposal: Proposal) -> tuple[str, str]:
    """Id and title of the note at the other end of a proposed link."""
    if proposal.source == note:
        return proposal.target, proposal.target_title
    return proposal.source, proposal.source_title


def _proposed(note: str, proposals: Sequence[Proposal], chosen: int, columns: int) -> list[Line]:
    if not proposals:
        return []
    lines: list[Line] = [[], [("proposed links", "title")]]
    for place, each in enumerate(proposals):
        mark = "▸ " if place == chosen else "  "
        left: Line = [(mark, "key"), (cut(clean(other_end(note, each)[1]), columns - 8), "plain")]
        lines.append(ends(left, [(f" {each.score:.0%}", "accent" if place == chosen else "muted")], columns))
        lines.append([(f"    {cut(clean(each.reason), columns - 4)}", "faint")])
    return lines
