"""Logs to read: `written` makes a file of lines, `logctl` runs the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from halo_engine.logs import queries
from halo_engine.logs.sources import Source

DATA = Path(__file__).parent / "data"


@pytest.fixture
def logctl(halo: Callable[..., Any]) -> Callable[..., Any]:
    """`logctl("search", "app.log")`: the command, in this process."""
    return lambda *words: halo("logs", *map(str, words))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """`written(b"one", b"two", name="app.log")`: a file of those lines."""

    def write(*lines: bytes, name: str = "app.log") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write


@pytest.fixture
def source(workspace: Any) -> Callable[..., Source]:
    """The source that some files are."""
    return lambda *paths: queries.sources(workspace, paths)[0]
