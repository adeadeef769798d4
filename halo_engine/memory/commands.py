"""The write side: one function a verb, the same name as on the command line.

A verb whose effect is there already changes nothing and says so. References are ids, paths, file names, titles or
aliases; all raise NotFound for one that means no note, or several.
"""

from __future__ import annotations

import msgspec

from halo_engine import clock
from halo_engine.errors import Conflict, NotAllowed, Usage
from halo_engine.memory import archiving, claims, queries, scanning, stamps, using
from halo_engine.memory import context as reading
from halo_engine.memory.config import folder, memory_settings
from halo_engine.memory.context import Context
from halo_engine.memory.events import NoteWritten
from halo_engine.memory.finding import search as finding
from halo_engine.memory.finding.search import Hit, Search
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.notes import Document
from halo_engine.memory.queries import Card
from halo_engine.memory.sync import looked, sync
from halo_engine.memory.wikilinks import name_key, wiki
from halo_engine.memory.writing import NOTES, Changed, Editing, changing, editing, find, save
from halo_engine.workspace import Workspace

ATTEMPTS = 100
UNDO = "undo"


class Draft(msgspec.Struct, frozen=True):
    """A note that is to be written."""

    title: str = ""
    body: str = ""
    type: str = ""
    tags: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """References to notes."""
    confidence: str = ""
    expires: str = ""
    """A `Timestamp`, or a day."""
    source: str = ""
    supersedes: tuple[str, ...] = ()


def new(workspace: Workspace, draft: Draft, *, force: bool = False) -> Changed:
    """Write a note. The same claim again returns the note that is there.

    Raises NotAllowed for a claim that is nearly the same as one that is there, unless `force`d or superseding it; Usage
    for a type that `memctl.yaml` does not know, or a note that says nothing.
    """
    draft = checked(workspace, draft)
    with changing(workspace) as index:
        there = claims.same(index, draft.title, draft.body)
        if there:
            return Changed(there, [], f"{there.id} says that already")
        links = tuple(find(workspace, index, each).id for each in draft.links)
        older = tuple(find(workspace, index, each).id for each in draft.supersedes)
        near = [] if force else [each for each in claims.near(index, draft.title, draft.body) if each.id not in older]
        if near:
            shown = "; ".join(f"{each.id} {each.title[:60]}" for each in near)
            raise NotAllowed(
                f"that is nearly what is there already: {shown}", f"--supersedes {near[0].id}, or --force to keep both"
            )
        return _allotted(workspace, index, msgspec.structs.replace(draft, links=links, supersedes=older))


def _allotted(workspace: Workspace, index: Index, draft: Draft) -> Changed:
    """Write it under the next number that nobody has."""
    number = index.fact("number", 0)
    for _ in range(ATTEMPTS):
        number += 1
        note_id = f"note-{number}"
        path = f"{NOTES}{note_id}.md"
        if (folder(workspace) / path).exists():
            continue
        try:
            made = save(
                workspace, index, note_id, path, document(note_id, draft), did="new", fact="created", expected=0
            )
        except Conflict:
            continue
        index.state("number", number)
        return made
    raise Conflict("too many others are writing notes at this moment", "repeat the command")


def document(note_id: str, draft: Draft, *, created: str = "", modified: str = "") -> Document:
    """The file of a new note: keys that say nothing are left out."""
    lists = {"tags": draft.tags, "entities": draft.entities, "aliases": draft.aliases}
    lists["links"] = tuple(f"[[{each}]]" for each in draft.links)
    lists["supersedes"] = tuple(f"[[{each}]]" for each in draft.supersedes)
    texts = {"confidence": draft.confidence, "source": draft.source}
    times = {"created": created or _now(), "modified": modified, "expires": draft.expires}
    fields: list[tuple[str, str | list[str]]] = [("id", note_id), ("title", draft.title), ("type", draft.type)]
    fields += [(key, list(value)) for key, value in lists.items() if value]
    fields += [(key, value) for key, value in {**texts, **times}.items() if value]
    return Document.made(fields, draft.body)


def checked(workspace: Workspace, draft: Draft) -> Draft:
    """The draft with its title and type.

    Raises Usage.
    """
    title = draft.title.strip() or claims.title_of(draft.body)
    if not title:
        raise Usage("a note needs a title or a body", "memctl new --title TITLE --body BODY")
    known = memory_settings(workspace).types
    kind = draft.type or ("fact" if "fact" in known else known[0])
    if kind not in known:
        raise Usage(f"no type `{kind}`", f"types in memctl.yaml: {', '.join(known)}")
    return msgspec.structs.replace(draft, title=title, type=kind)


class Edit(msgspec.Struct, frozen=True):
    """What is to be changed in a note; None leaves it, an empty text or list takes it away."""

    title: str | None = None
    body: str | None = None
    type: str | None = None
    confidence: str | None = None
    expires: str | None = None
    source: str | None = None
    pinned: bool | None = None
    tags: tuple[str, ...] | None = None
    entities: tuple[str, ...] | None = None
    aliases: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()


def edit(workspace: Workspace, reference: str, what: Edit, *, did: str = "edit") -> Changed:
    """Change what a note says; everything else in its file stays as it is.

    Raises NotAllowed for a note whose file has something wrong in it, BadData where its frontmatter cannot be changed
    at that place alone.
    """
    if what.type is not None and what.type not in memory_settings(workspace).types:
        raise Usage(f"no type `{what.type}`", f"types in memctl.yaml: {', '.join(memory_settings(workspace).types)}")
    with changing(workspace) as index:
        with editing(workspace, index, reference, did) as note:
            before = note.document
            for key in ("title", "type", "confidence", "expires", "source"):
                value = getattr(what, key)
                if value is not None:
                    note.set(key, value or (None if key != "title" else ""))
            if what.pinned is not None:
                note.set("pinned", "true" if what.pinned else None)
            for key, values in _lists(note.row, what).items():
                note.set(key, list(values) or None)
            if what.body is not None:
                note.document = note.document.with_body(what.body)
            if note.document != before:
                note.set("modified", _now())
        return note.changed


def _lists(row: NoteRow, what: Edit) -> dict[str, tuple[str, ...]]:
    """The lists that change, as they will be."""
    wanted = {key: value for key in ("tags", "entities", "aliases") if (value := getattr(what, key)) is not None}
    if what.add_tags or what.drop_tags:
        tags = wanted.get("tags", row.tags)
        wanted["tags"] = tuple(dict.fromkeys(each for each in (*tags, *what.add_tags) if each not in what.drop_tags))
    return {key: value for key, value in wanted.items() if value != getattr(row, key)}


def link(workspace: Workspace, source: str, target: str) -> Changed:
    """Link a note to another: its name in the frontmatter's `links`. `modified` stays as it is.

    Raises Usage for a note and itself.
    """
    with changing(workspace) as index:
        to = find(workspace, index, target)
        with editing(workspace, index, source, "link") as note:
            if note.row.id == to.id:
                raise Usage(f"{to.id} cannot be linked to itself")
            there = index.one("SELECT 1 FROM link WHERE source = ? AND target = ?", (note.row.row, to.row))
            if there:
                note.changed = Changed(note.row, [], f"{note.row.id} links to {to.id} already")
            else:
                note.set("links", [*_names(note, "links"), f"[[{to.id}]]"])
        return note.changed


def unlink(workspace: Workspace, source: str, target: str) -> Changed:
    """Take a link out of the frontmatter again.

    Raises NotAllowed for a link in the body: that is a person's sentence.
    """
    with changing(workspace) as index:
        to = find(workspace, index, target)
        with editing(workspace, index, source, "unlink") as note:
            found = index.all("SELECT key, kind FROM link WHERE source = ? AND target = ?", (note.row.row, to.row))
            keys = {key for key, kind in found if kind == "field"}
            names = _names(note, "links")
            kept = [each for each in names if _key(each) not in keys]
            if len(kept) < len(names):
                note.set("links", kept or None)
            elif found:
                raise NotAllowed(f"the link is in the text of {note.row.path}", f"memctl edit {note.row.id} --body ...")
            else:
                note.changed = Changed(note.row, [], f"{note.row.id} does not link to {to.id}")
        return note.changed


def supersede(workspace: Workspace, old: str, newer: str) -> Changed:
    """Say that a note stands in the place of another, which search then leaves out. Returns the newer note.

    Raises Usage for a note and itself, NotAllowed where the older one supersedes the newer.
    """
    with changing(workspace) as index:
        older = find(workspace, index, old)
        with editing(workspace, index, newer, "supersede") as note:
            if note.row.id == older.id:
                raise Usage(f"{older.id} cannot supersede itself")
            sql = "SELECT 1 FROM link WHERE source = ? AND target = ? AND kind = 'supersedes'"
            if index.one(sql, (older.row, note.row.row)):
                raise NotAllowed(f"{older.id} supersedes {note.row.id} already", f"memctl edit {older.id}")
            if index.one(sql, (note.row.row, older.row)):
                note.changed = Changed(note.row, [], f"{note.row.id} supersedes {older.id} already")
            else:
                note.set("supersedes", [*_names(note, "supersedes"), f"[[{older.id}]]"])
        return note.changed


def get(workspace: Workspace, reference: str) -> Card:
    """Everything about a note; counts as a use of it."""
    found = queries.card(workspace, reference)
    note = found.note
    if not workspace.dry_run and scanning.is_stale(folder(workspace) / note.path, note.changed, note.size):
        sync(workspace)
        found = queries.card(workspace, note.id)
    using.used(workspace, [(found.note, 1.0)])
    return found


def search(workspace: Workspace, what: Search) -> tuple[list[Hit], int]:
    """The best notes for a query, and how many more there are; the first few count as used, each less than the one
    before.
    """
    hits, more = finding.search(workspace, what)
    using.used(workspace, using.shares(hits) if what.text else [])
    return hits, more


def context(workspace: Workspace, what: Search, tokens: int) -> Context:
    """What an assistant should read for a question; counts as used, as in a search."""
    found, hits = reading.context(workspace, what, tokens)
    using.used(workspace, using.shares(hits))
    return found


def split(workspace: Workspace, draft: Draft, *, force: bool = False) -> list[Changed]:
    """A note for each claim of a body that holds several, all linked to one that has the title and the rest. That is
    the note which has the whole body, where one is there.
    """
    claimed = claims.parts(draft.body)
    if not claimed:
        return [new(workspace, draft, force=force)]
    rest = claims.rest(draft.body)
    with looked(workspace) as index:
        whole = claims.same(index, checked(workspace, draft).title, draft.body)
    if whole:
        first = edit(workspace, whole.id, Edit(body=rest), did="split")
    else:
        first = new(workspace, msgspec.structs.replace(draft, body=rest), force=force)
    if workspace.dry_run:
        return [first]
    about = msgspec.structs.replace(draft, title="", links=(first.note.id,), aliases=(), supersedes=())
    each = [msgspec.structs.replace(about, title=claims.title_of(text), body=text) for text in claimed]
    return [first, *(new(workspace, one, force=force) for one in each)]


def merge(workspace: Workspace, kept: str, other: str) -> Changed:
    """Put what another note says into one, and the other into the archive, superseded.

    Raises Usage for a note and itself.
    """
    with changing(workspace) as index:
        from_ = find(workspace, index, other)
        with editing(workspace, index, kept, "merge") as note:
            if note.row.id == from_.id:
                raise Usage(f"{from_.id} cannot be merged with itself")
            if from_.archived:
                note.changed = Changed(note.row, [], f"{from_.id} is in the archive already")
            else:
                _absorb(note, from_)
        if from_.archived:
            return note.changed
        moved = archiving.archive(workspace, index, from_, reason=f"merged into {note.row.id}")
        return msgspec.structs.replace(note.changed, events=[*note.changed.events, *moved])


def _absorb(note: Editing, other: NoteRow) -> None:
    body = note.document.body
    if other.body.strip() and other.body.strip() not in body:
        note.document = note.document.with_body("\n\n".join(filter(None, (body.rstrip(), other.body.strip()))))
    for key in ("tags", "entities"):
        mine = getattr(note.row, key)
        note.set(key, list(dict.fromkeys((*mine, *getattr(other, key)))) or None)
    names = [each for each in (other.title, *other.aliases) if each and name_key(each) != name_key(note.row.title)]
    note.set("aliases", list(dict.fromkeys((*note.row.aliases, *names))) or None)
    note.set("supersedes", [*_names(note, "supersedes"), f"[[{other.id}]]"])
    note.set("modified", _now())


def undo(workspace: Workspace, reference: str) -> Changed:
    """Take back the last change that a command made to a note's text.

    Raises NotAllowed where the text before it is not known: a person's editor made it, or it was large.
    """
    with changing(workspace) as index:
        row = find(workspace, index, reference)
        texts = [(each, each.data()) for each in workspace.log.stream(f"note/{row.id}")]
        written = [data for _, data in texts if isinstance(data, NoteWritten)]
        before = _before_last(written)
        if before is None or written[-1].hash != row.hash:
            raise NotAllowed(f"what {row.id} said before is not known", f"memctl history {row.id}; git log {row.path}")
        return save(workspace, index, row.id, row.path, Document.of(before.text), did=UNDO)


def _before_last(written: list[NoteWritten]) -> NoteWritten | None:
    """What stood before the last change that has not been taken back; None where that is not known."""
    standing: list[NoteWritten] = []
    for each in written:
        if each.did == UNDO and len(standing) > 1:
            standing.pop()
        else:
            standing.append(each)
    return standing[-2] if len(standing) > 1 and standing[-2].text else None


def _now() -> str:
    return stamps.written(f"{clock.stamp()[:19]}.000000Z")


def _names(note: Editing, key: str) -> list[str]:
    """The names in a list of the frontmatter, as they are written."""
    value = note.document.fields().get(key) or []
    return [value] if isinstance(value, str) else list(value)


def _key(name: str) -> str:
    return next((link.key for link in wiki(name)), name_key(name))
