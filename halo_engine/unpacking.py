"""Zstandard files as a stream of bytes: several frames as one, and one that ends too soon says so."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

BLOCK = 1 << 17
LARGEST_WINDOW = 1 << 31
"""Bytes that `zstd --long=31` looks back."""


class ZstFile(io.RawIOBase):
    """An open `.zst` file, to be read once, in order.

    Reading raises EOFError when the file ends within a frame, and zstandard.ZstdError when it is damaged otherwise.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._frame: Any = None
        self._packed = b""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        while not self._ready and self._more():
            pass
        taken = min(len(view), len(self._ready))
        view[:taken], self._ready = self._ready[:taken], self._ready[taken:]
        return taken

    def _more(self) -> bool:
        """Unpack the next block; False at the end."""
        import zstandard

        self._packed = self._packed or self._file.read(BLOCK)
        if not self._packed:
            if self._frame is not None:
                raise EOFError("it ends too soon")
            return False
        if self._frame is None:
            self._frame = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW).decompressobj()
        self._ready = self._frame.decompress(self._packed)
        self._packed = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = None
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
