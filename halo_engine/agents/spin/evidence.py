"""What may leave a transcript as evidence: a sentence, without the secrets that Halo or its environment knows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress

from halo_engine.errors import HaloError
from halo_engine.secrets import redact, resolve
from halo_engine.workspace import Workspace

SECRET = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|CREDENTIAL|PRIVATE_?KEY", re.IGNORECASE)
"""What the name of a variable that holds a secret says."""
SHORTEST = 8
"""Characters from which such a value is taken for a secret: a shorter one may stand anywhere by chance."""
LENGTH = 300


def cleaner(workspace: Workspace) -> Callable[[str], str]:
    """A function that cuts a text to what evidence needs, its secrets redacted by exact value."""
    known = [value for name, value in os.environ.items() if SECRET.search(name) and len(value) >= SHORTEST]
    with suppress(HaloError):
        known.append(resolve(workspace.settings.llm.api_key))

    def clean(text: str) -> str:
        shown = redact(text, known)
        return shown if len(shown) <= LENGTH else shown[: LENGTH - 3] + "..."

    return clean
