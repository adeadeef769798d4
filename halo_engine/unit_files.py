"""How systemd wants words in its unit files."""

from __future__ import annotations


def quoted(word: str) -> str:
    """A word as a unit file writes it: systemd's own quotes, `%` and `$` standing for themselves."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%").replace("$", "$$")
    return f'"{word}"'
