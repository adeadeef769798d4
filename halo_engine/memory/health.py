"""How the memory is: figures (`stats`), and what wants a person's hand (`doctor`). Both only read."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict

import msgspec

from halo_engine import clock
from halo_engine.memory import decay, keeping, queries
from halo_engine.memory.config import folder, memory_settings
from halo_engine.memory.contradictions import contradictions
from halo_engine.memory.exchange import importing
from halo_engine.memory.index import Index
from halo_engine.memory.proposing import near
from halo_engine.memory.sync import looked
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

SHOWN = 10
MONTHS = 12
STEPS = 10
"""Of the distribution of scores."""
QUIET = 180
"""Days after which a tag on whose notes nothing happened is stale."""


class Stats(msgspec.Struct, frozen=True):
    """Figures of a memory. Lists are cut to the first few; counts are whole."""

    notes: int
    """That hold now."""
    archived: int
    types: dict[str, int]
    links: int
    growth: dict[str, int]
    """Month -> notes made in it; the latest last."""
    decay: list[int]
    """Notes by score: 0 to 0.1, 0.1 to 0.2, ... 0.9 to 1."""
    prunable: int
    """Below `prune_below`."""
    orphans: int
    """Notes without any link, in either direction."""
    some_orphans: list[str]
    hubs: dict[str, int]
    """The notes that most others link -> how many."""
    stale_tags: dict[str, str]
    """Tag -> the day something last happened to one of its notes, the oldest first."""


def stats(workspace: Workspace) -> Stats:
    """The figures now."""
    with looked(workspace) as index:
        counts, edges, scores = queries.counts(index), queries.edges(index), decay.scores(workspace, index)
        live = dict(index.all(f"SELECT row, id FROM note WHERE {queries.CURRENT}", {"now": clock.stamp()}))
        stale = _stale_tags(index)
        months = Counter(
            dict(index.all("SELECT substr(created, 1, 7), count(*) FROM note WHERE created <> '' GROUP BY 1"))
        )
    linked = {row for edge in edges for row in edge}
    orphans = [note for row, note in live.items() if row not in linked]
    behind = Counter(target for _, target in edges if target in live)
    found = [scores[note] for note in live.values()]
    below = memory_settings(workspace).prune_below
    return Stats(
        notes=counts["current"],
        archived=counts["archived"],
        types={name.removeprefix("type:"): count for name, count in counts.items() if name.startswith("type:")},
        links=len(edges),
        growth=dict(sorted(months.items())[-MONTHS:]),
        decay=[sum(min(int(score * STEPS), STEPS - 1) == step for score in found) for step in range(STEPS)],
        prunable=sum(score < below for score in found),
        orphans=len(orphans),
        some_orphans=orphans[:SHOWN],
        hubs={live[row]: count for row, count in behind.most_common(SHOWN)},
        stale_tags=dict(stale[:SHOWN]),
    )


def _stale_tags(index: Index) -> list[tuple[str, str]]:
    limit = clock.stamp(clock.now() - QUIET * decay.DAY)[:10]
    return index.all(
        "SELECT tag, substr(max(max(created, modified)), 1, 10) AS last FROM tag JOIN note ON note.row = tag.note "
        "WHERE NOT archived GROUP BY tag HAVING last < ? AND last <> '' ORDER BY last, tag",
        (limit,),
    )


def doctor(workspace: Workspace) -> list[Check]:
    """What is wrong with notes, links and index, a line each; `wrong` must be mended, `note` is worth a look."""
    with looked(workspace) as index:
        files = {name.casefold() for _, name in importing.attachments(folder(workspace))}
        checks = [_faults(index), *_links(index, files), _drift(keeping.verify(workspace))]
        alike = near.duplicates(workspace, index)
        against = contradictions(index)
    pairs = [f"{each.one} {each.other} ({each.alike:.2f})" for each in alike]
    checks.append(_check("duplicates", "note", pairs, "memctl merge NOTE OTHER, or memctl supersede OLD NEW"))
    said = [f"{each.one} “{each.says}” but {each.other} “{each.but}” ({each.why})" for each in against]
    checks.append(_check("contradictions", "note", said, "memctl supersede OLD NEW, when you know which holds"))
    return checks


def _check(name: str, state: str, found: list[str], hint: str) -> Check:
    if not found:
        return Check(name, "ok", "none")
    more = f"; and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    return Check(
        name, "wrong" if state == "wrong" else "note", f"{len(found):,}: {'; '.join(found[:SHOWN])}{more}", hint
    )


def _faults(index: Index) -> Check:
    found = [
        f"{path}: {fault}" for path, fault in index.all("SELECT path, fault FROM note WHERE fault <> '' ORDER BY path")
    ]
    return _check("files", "wrong", found, "open them in an editor")


def _links(index: Index, files: set[str]) -> list[Check]:
    """Paths that lead nowhere are broken; a name that nothing has yet may be a note to come, or a picture's that is
    among the `files`.
    """
    files = files | {posixpath.basename(name) for name in files}
    rows = index.all(
        "SELECT note.id, link.text, link.kind, link.key FROM link JOIN note ON note.row = link.source "
        "WHERE link.target IS NULL AND NOT note.archived ORDER BY note.sort"
    )
    broken = [f"{note} -> {text}" for note, text, kind, _ in rows if kind in {"markdown", "field", "supersedes"}]
    coming: dict[str, list[str]] = defaultdict(list)
    for note, text, kind, key in rows:
        if kind == "wiki" and key.partition("#")[0].strip() not in files:
            coming[text].append(note)
    wanted = [
        f"{name} (in {', '.join(notes[:3])})" for name, notes in sorted(coming.items(), key=lambda each: -len(each[1]))
    ]
    return [
        _check("broken links", "note", broken, "memctl edit NOTE"),
        _check("notes to come", "note", wanted, "memctl new --title NAME"),
    ]


def _drift(verified: keeping.Verified) -> Check:
    found = [f"{label} {path}" for label in ("drift", "missing", "orphan") for path in getattr(verified, label)]
    return _check("index", "note", found, "memctl sync")
