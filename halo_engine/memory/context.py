"""What an assistant should read before it answers: the notes for a question, with their links, within a budget."""

from __future__ import annotations

import math

import msgspec

from halo_engine.memory import queries
from halo_engine.memory.finding import search
from halo_engine.memory.finding.search import Hit, Search
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace

PER_TOKEN = 3.5
"""Characters of English in a token, rather too few; a character of another script is taken for one."""
BETWEEN = "\n\n"
LOOKED_AT = 50
"""Notes that are taken, if there is room."""
SHARE = 0.25
"""A note whose score is a smaller part of the best one's is left out."""


class Excerpt(msgspec.Struct, frozen=True):
    """A note as an assistant reads it."""

    id: str
    title: str
    text: str
    """Markdown: a heading with id and title, what kind of claim it is, the body, its links."""
    tokens: int


class Context(msgspec.Struct, frozen=True):
    """The notes that fit."""

    tokens: int
    notes: list[Excerpt]
    left_out: int
    """Notes that answer too, and did not fit."""

    @property
    def text(self) -> str:
        return BETWEEN.join(note.text for note in self.notes)


def context(workspace: Workspace, what: Search, tokens: int) -> tuple[Context, list[Hit]]:
    """The best notes for a question, whole, in order, as many as fit into so many tokens; of a first note that alone is
    too long, as much as fits. With the hits that they are.
    """
    with looked(workspace) as index:
        wanted = msgspec.structs.replace(what, limit=LOOKED_AT)
        hits, _ = search.found(workspace, index, wanted)
        hits = [hit for hit in hits if hit.score >= SHARE * hits[0].score]
        taken: list[Excerpt] = []
        room = tokens
        for hit in hits:
            made = _excerpt(index, hit, room if not taken else 0)
            if made.tokens <= room:
                taken.append(made)
                room -= made.tokens
        ids = {each.id for each in taken}
        return Context(tokens - room, taken, len(hits) - len(taken)), [hit for hit in hits if hit.note.id in ids]


def _excerpt(index: Index, hit: Hit, cut: int) -> Excerpt:
    """A note as text; with `cut` at most so many tokens of it."""
    row = hit.note
    about = [row.type, row.created[:10], *(f"#{tag}" for tag in row.tags)]
    about += [f"confidence {row.confidence}"] * bool(row.confidence) + [f"source {row.source}"] * bool(row.source)
    about += [hit.state.upper()] * (hit.state != "current") + [f"WRONG: {row.fault}"] * bool(row.fault)
    lines = [f"## [{row.id}] {name_of(row)}", ", ".join(filter(None, about)), row.body.strip()]
    links = {
        each.id: each.title for each in (*queries.links(index, row.row), *queries.backlinks(index, row.row)) if each.id
    }
    if links:
        lines.append("Links: " + "; ".join(f"[{note_id}] {title}".strip() for note_id, title in links.items()))
    text = "\n".join(filter(None, lines))
    while cut and (spare := tokens_in(text) - cut) > 0:
        text = f"{text[: -spare - 1].removesuffix('…')}…" if len(text) > spare + 1 else ""
    return Excerpt(row.id, row.title, text, tokens_in(text))


def tokens_in(text: str) -> int:
    """How many tokens a text is, and the line between it and the next: rather too many than too few."""
    plain = sum(each < "\x80" for each in text)
    return math.ceil((plain + len(BETWEEN)) / PER_TOKEN) + len(text) - plain


def name_of(row: NoteRow) -> str:
    """A note's title; of one without, its first line."""
    return row.title or next((line.strip() for line in row.body.splitlines() if line.strip()), "")[:80]
