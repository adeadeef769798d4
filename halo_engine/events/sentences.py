"""What happened, in the words of the module that it happened in: one line an event.

A module that has words for its facts keeps them in its `sentences.py`: `SENTENCES`, by payload.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from halo_engine.events.model import Event


def sentence(event: Event) -> str | None:
    """What an event says, on one line; None where there are no words for it.

    Raises BadData when the payload does not fit its type.
    """
    data = event.data()
    said = _words(type(data).__module__.rpartition(".")[0]).get(type(data)) if data is not None else None
    return " ".join(said(data).split()) if said else None


def says(event: Event) -> str:
    """The same; its payload, where there are no words for it or nothing to say."""
    return sentence(event) or event.payload.decode(errors="replace")


@cache
def _words(package: str) -> Mapping[type, Callable[[Any], str]]:
    home = f"{package}.sentences"
    found: Mapping[type, Callable[[Any], str]] = {}
    if importlib.util.find_spec(home) is not None:
        found = importlib.import_module(home).SENTENCES
    return found
