"""A memory folder to write in as a person does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from halo_engine.memory import config


@pytest.fixture
def write(workspace) -> Callable[[str, str], None]:
    """`write("notes/a.md", "...")` puts a file there, without Halo."""

    def put(path: str, text: str) -> None:
        place = config.folder(workspace) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")

    return put


@pytest.fixture
def memctl(halo):
    """`memctl("new", "--title", "...")`."""
    return lambda *words: halo("memory", *words)
