"""Certificates for the length of a test, from an authority of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.mail.server import Tls

OPENSSL = shutil.which("openssl") or ""
needs_openssl = pytest.mark.skipif(not OPENSSL, reason="needs openssl (apt install openssl)")
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """Its certificate is `pem`; it vouches for whoever asks."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._count = 0
        self.pem = folder / "authority.pem"
        self._key = folder / "authority.key"
        _run("req", "-x509", *KEY, "-keyout", self._key, "-out", self.pem, "-subj", "/CN=Test authority", "-days", "2")

    def vouch(self, name: str = "DNS:localhost,IP:127.0.0.1", *, days: int = 1) -> Tls:
        """A certificate for a name; of yesterday with `days` -1."""
        self._count += 1
        place = self._folder / str(self._count)
        place.mkdir()
        key, asked, extensions, made = (place / each for each in ("key", "asked", "extensions", "pem"))
        extensions.write_text(f"subjectAltName={name}\n")
        _run("req", *KEY, "-keyout", key, "-out", asked, "-subj", "/CN=test")
        signed = ["-CA", self.pem, "-CAkey", self._key, "-CAcreateserial", "-days", str(days), "-extfile", extensions]
        _run("x509", "-req", "-in", asked, *signed, "-out", made)
        return Tls(made, key)


def _run(*words: str | Path) -> None:
    subprocess.run([OPENSSL, *words], check=True, capture_output=True, timeout=30)
