"""What may leave a transcript as evidence: a sentence, without the secrets that can be known here."""

from __future__ import annotations

from collections.abc import Callable

from halo_engine.secrets import Redactor, known
from halo_engine.workspace import Workspace

LENGTH = 300


def cleaner(workspace: Workspace) -> Callable[[str], str]:
    """A function that takes secrets out of a text and cuts it to what evidence needs."""
    redact = Redactor(known(workspace.root))

    def clean(text: str) -> str:
        shown = redact(text)
        return shown if len(shown) <= LENGTH else shown[: LENGTH - 3] + "..."

    return clean
