"""What cron finds around a job before it adds its own variables: the system's files of variables, as pam_env reads them
for Debian's cron. So a run by hand has the locale of the machine, not that of whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

FILES = (Path("/etc/environment"), Path("/etc/default/locale"))
LINE = re.compile(r"\s*(?:export )?([A-Za-z0-9_]+)=([^#\n]*)")


def of_the_system() -> dict[str, str]:
    """The variables that the system gives to every session; of a file that is not there, none."""
    found: dict[str, str] = {}
    for path in FILES:
        try:
            found |= variables(path.read_text(encoding="utf-8", errors="replace").splitlines())
        except OSError:
            continue
    return found


def variables(lines: Iterable[str]) -> dict[str, str]:
    """`NAME=value` a line, in quotes or not; what comes after `#` is left out, and so is what cannot be read."""
    matched = (LINE.match(line) for line in lines)
    return {each[1]: _unquoted(each[2].rstrip()) for each in matched if each}


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    return value[1:-1] if quoted else value
