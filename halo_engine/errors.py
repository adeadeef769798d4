"""What can go wrong, each kind with the exit code that a caller can rely on."""

from __future__ import annotations

from typing import ClassVar


class HaloError(Exception):
    """Something the user can act on: what happened, to what (`message`), and what to do next (`hint`)."""

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Failed(HaloError):
    """The answer is no: a check failed, or something was found."""

    kind = "failed"
    exit_code = 1


class Usage(HaloError):
    """The command line itself does not make sense."""

    kind = "usage"
    exit_code = 2


class NotFound(HaloError):
    """Nothing has that name or id."""

    kind = "not_found"
    exit_code = 3


class NotAllowed(HaloError):
    """It exists, but this cannot be done to it now; the message lists what can."""

    kind = "not_allowed"
    exit_code = 4


class Conflict(NotAllowed):
    """Someone else wrote to the same stream first. Read again and retry."""

    kind = "conflict"


class Unavailable(HaloError):
    """Something Halo needs does not answer: a disk, a server, a program."""

    kind = "unavailable"
    exit_code = 5


class BadConfig(HaloError):
    """A configuration file is wrong; the message names file, line and key."""

    kind = "bad_config"
    exit_code = 6


class BadData(HaloError):
    """Input or stored data is not what it must be."""

    kind = "bad_data"
    exit_code = 7


class Damaged(BadData):
    """The event log cannot be read in full. It is never replaced by a new one."""

    kind = "damaged"


FINAL = frozenset({NotAllowed.exit_code, BadConfig.exit_code, BadData.exit_code})
"""Exit codes after which another start would end like this one, until somebody has put something right."""
