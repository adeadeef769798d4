"""Zstandard files: frames one after another are one file, and one that was cut says so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_engine.unpacking import ZstFile


@given(st.lists(st.binary(max_size=300), max_size=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_frames_are_one_file(tmp_path: Path, parts: list[bytes]) -> None:
    path = tmp_path / "a.zst"
    path.write_bytes(b"".join(map(zstandard.compress, parts)))
    with io.BufferedReader(ZstFile(path)) as file:
        assert file.read() == b"".join(parts)


@pytest.mark.parametrize(("cut", "error"), [(slice(0, -5), EOFError), (slice(3, None), zstandard.ZstdError)])
def test_damage_is_told(tmp_path: Path, cut: slice, error: type[Exception]) -> None:
    path = tmp_path / "a.zst"
    path.write_bytes(zstandard.compress(b"a line\n" * 1000)[cut])
    with io.BufferedReader(ZstFile(path)) as file, pytest.raises(error):
        file.read()
