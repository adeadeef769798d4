"""The facts that memory records. Streams are `note/ID`, one a note. The note is its file; these say what happened."""

from __future__ import annotations

from halo_engine.events.model import Payload, fact

TEXT_LIMIT = 8_192
"""Bytes of a file whose text goes into its event; of a larger one only the hash does."""


@fact("note.item.created", "note.item.changed", "note.item.found")
class NoteWritten(Payload, frozen=True, omit_defaults=True):
    """A file as it is now: made or changed by a command, or `found` so: made or changed by hand, or brought in many
    at once.
    """

    path: str
    """Relative to the memory folder."""
    hash: str
    """SHA-256 of the file, hex."""
    title: str = ""
    type: str = ""
    did: str = ""
    """The verb: `new`, `edit`, `link`, `supersede`, `undo`, `import`, ...; empty for a person's editor."""
    text: str = ""
    """The file, where it is small and a command wrote it: what `undo` goes back to."""


@fact("note.item.archived")
class NoteArchived(Payload, frozen=True, omit_defaults=True):
    path: str
    """Where it is now."""
    reason: str = ""
    score: float = 0.0


@fact("note.item.restored")
class NoteRestored(Payload, frozen=True, omit_defaults=True):
    path: str


@fact("note.item.gone")
class NoteGone(Payload, frozen=True, omit_defaults=True):
    """Its file is not there any more."""

    path: str


@fact("note.item.used")
class NoteUsed(Payload, frozen=True, omit_defaults=True):
    """Somebody read it; see `decay`."""

    weight: float = 1.0
    """1 for a note that was asked for; less the further down it stood in a list."""
    half_life: float = 30.0
    """Days, as they were for its type at this moment."""


@fact("note.proposal.accepted", "note.proposal.refused")
class ProposalDecided(Payload, frozen=True, omit_defaults=True):
    """What became of a proposed link from this note, for ever."""

    target: str
    score: float = 0.0
    reason: str = ""
