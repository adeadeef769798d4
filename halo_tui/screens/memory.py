"""The Memory screen: the graph, search as you type, and the note that is focused."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from halo_engine.errors import HaloError
from halo_engine.memory import commands
from halo_engine.memory.proposing import proposals
from halo_engine.memory.proposing.proposals import Proposal
from halo_tui import memory_reading as reading
from halo_tui.actions import BY_ID
from halo_tui.actions.action import command_line
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.memory_reading import Listed, Opened
from halo_tui.panes.memory_graph import MemoryGraph
from halo_tui.present import notes
from halo_tui.present.graph import Around, Sky
from halo_tui.screens.page import Page, framed
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView, inset

WIDE = 112
"""Columns from which on the graph stands beside the list and the note."""


class MemoryScreen(Page):
    """One note is in focus: the list, the graph and the page follow each other."""

    DEFAULT_CSS = """
    MemoryScreen { grid-rows: 6 1fr 1fr; }
    MemoryScreen.-wide { grid-size: 2; grid-columns: 3fr 2fr; grid-rows: 1fr 2fr; }
    MemoryScreen.-wide #graph { row-span: 2; }
    """
    MAIN: ClassVar = "notes"
    BINDINGS: ClassVar = bindings("memory")
    HINTS: ClassVar = {
        "graph": ("graph.left", "graph.right", "graph.farther", "graph.closer", "graph.fit", "memory.filter"),
        "": ("memory.filter", "memory.accept", "memory.refuse", "memory.next_proposal", "memory.edit"),
    }
    ARRANGED: ClassVar = {"-wide": lambda columns, _: columns >= WIDE}
    WORDS: ClassVar = 'words, "a phrase", pre*, tag:x type:decision entity:ben since:7d'
    TYPED: ClassVar = 0.05
    SETTLE: ClassVar = 0.08
    THINK: ClassVar = 0.25
    """Seconds after the last key when the links are looked for that are proposed for the note in focus."""
    REST: ClassVar = 2.0
    """Seconds after the last key when it is looked whether files were changed by hand meanwhile."""

    def __init__(self) -> None:
        super().__init__(id="memory")
        self.found = Listed({}, {}, 0)
        self.opened: Opened | None = None
        self.proposed: list[Proposal] = []
        self.chosen = 0
        """Of the proposed links."""

    def compose(self) -> ComposeResult:
        if self.app.size.width >= WIDE:
            yield framed(MemoryGraph(id="graph"), "Graph")
        yield framed(RowTable[str](notes.COLUMNS, id="notes"))
        if self.app.size.width < WIDE:
            yield framed(MemoryGraph(id="graph"), "Graph")
        yield framed(TextView(id="note"), "Note")

    def on_mount(self) -> None:
        super().on_mount()
        self.refresh_view()

    @property
    def table(self) -> RowTable[str]:
        return self.query_one("#notes", RowTable)

    @property
    def graph(self) -> MemoryGraph:
        return self.query_one(MemoryGraph)

    @property
    def page(self) -> TextView:
        return self.query_one("#note", TextView)

    @property
    def note(self) -> str:  # type: ignore[override]
        """The id of the note in focus."""
        return self.graph.note

    def focus_first(self) -> None:
        self.table.focus()

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        self.drop("rest")
        work = partial(reading.listed, self.station.workspace, self.filter)
        self.read("notes", work, self._listed, self.failed)

    def _listed(self, found: Listed) -> None:
        self.found = found
        keys = self.station.keys
        self.table.empty = partial(notes.nothing, bool(self.filter), (keys.of("memory.filter"), keys.of("app.prompt")))
        when = self.station.when
        self.table.show(
            list(found.notes),
            lambda wanted: {
                each: notes.row(found.notes[each], found.states[each], when) for each in wanted if each in found.notes
            },
        )
        self.dim(False)
        self.table.border_title = f"Notes {len(found.notes) + found.more:,}"
        self.table.border_subtitle = Content(f"/ {self.filter}").markup if self.filter else ""
        if self.graph.note:
            self._read_note(anew=True)
        elif found.notes:
            self._focus(next(iter(found.notes)))

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if message.key is not None and (message.by_hand or self.filter):
            self.later("settle", self.SETTLE, partial(self._focus, message.key))

    @on(RowTable.Opened)
    def _open(self, message: RowTable.Opened) -> None:
        message.stop()
        self.graph.focus()

    def _focus(self, name: str) -> None:
        self.graph.go_to(name)
        self.chosen = 0
        self._read_note()
        self.later("rest", self.REST, self.refresh_view)

    @on(MemoryGraph.Wanted)
    def _wanted(self, message: MemoryGraph.Wanted) -> None:
        message.stop()
        if message.walked:
            self.chosen = 0
            if message.note in self.found.notes:
                self.table.go_to(message.note)
        self._read_note()
        self.later("rest", self.REST, self.refresh_view)

    def _read_note(self, *, anew: bool = False) -> None:
        """Everything about the note in focus; `anew`: the notes around it may have changed too."""
        name, level = self.graph.note, self.graph.level
        work = partial(reading.around, self.station.workspace, name, far=level == "far")
        self.read("graph", work, self._near, self._lost)
        if level == "all" and (anew or not self.graph.has_sky):
            self.read("sky", partial(reading.sky, self.station.workspace), self._sky, self._lost)
        self.read("note", partial(reading.opened, self.station.workspace, name), self._told, self._lost)
        self.later("think", self.THINK, partial(self._propose, name))

    def _propose(self, name: str) -> None:
        work = partial(reading.proposed, self.station.workspace, name)
        self.read("proposed", work, partial(self._thought, name), self._lost)

    def _near(self, found: Around) -> None:
        if found.focus.id == self.graph.note:
            self.graph.dim(False)
            self.graph.tell(found)

    def _sky(self, found: Sky) -> None:
        self.graph.tell(self.graph.around, found)

    def _told(self, found: Opened) -> None:
        fresh = self.opened is None or self.opened.card.note.id != found.card.note.id
        self.opened = found
        self.proposed = [] if fresh else self.proposed
        self.page.border_title = Content(f"Note {found.card.note.id}").markup
        self._draw(top=fresh)

    def _thought(self, name: str, found: list[Proposal]) -> None:
        if name == self.note and found != self.proposed:
            self.proposed, self.chosen = found, min(self.chosen, max(0, len(found) - 1))
            self._draw()

    def _draw(self, *, top: bool = False) -> None:
        found, when, proposed, chosen = self.opened, self.station.when, self.proposed, self.chosen
        if found is not None:
            self.page.dim(False)
            self.page.show(inset(lambda columns: notes.page(found, proposed, chosen, when, columns)), top=top)

    def _lost(self, error: HaloError) -> None:
        self.page.fault(error)

    # Actions

    def filter_command(self, text: str) -> str:
        return command_line(BY_ID["memory.filter"], filter=text)

    def bring_up(self, key: Any) -> None:
        self._focus(key)

    def action_choose(self, steps: int) -> None:
        if self.proposed:
            self.chosen = (self.chosen + steps) % len(self.proposed)
            self._draw()

    def action_accept(self) -> None:
        self._decide("memory.accept", accepted=True)

    def action_refuse(self) -> None:
        self._decide("memory.refuse", accepted=False)

    def _decide(self, action: str, *, accepted: bool) -> None:
        if self.refused(action, about="" if self.proposed else "no link is proposed here"):
            return
        note = self.note
        other, _ = notes.other_end(note, self.proposed[self.chosen])
        line = command_line(BY_ID[action], note=note, other=other)
        decide = proposals.accept if accepted else proposals.refuse
        work = partial(decide, self.station.workspace, note, other)
        self.station.perform(line, work, lambda _: self.refresh_view())

    def action_edit(self) -> None:
        if not self.refused("memory.edit", about="" if self.note else "no note is in focus"):
            self.station.echo(f"$EDITOR {self.opened.card.note.path if self.opened else self.note}")
            self.station.outside(partial(reading.edited, self.station.workspace, self.note))
            self.refresh_view()

    def action_undo(self) -> None:
        if not self.refused("memory.undo", about="" if self.note else "no note is in focus"):
            line = command_line(BY_ID["memory.undo"], note=self.note)
            self.station.perform(
                line, partial(commands.undo, self.station.workspace, self.note), lambda _: self.refresh_view()
            )

    def clear(self) -> bool:
        if not self.table.has_focus:
            self.table.focus()
            return True
        return super().clear()

    def row_text(self) -> str:
        note = self.opened.card.note if self.opened is not None else None
        return f"[[{note.title}]]" if note is not None else ""
