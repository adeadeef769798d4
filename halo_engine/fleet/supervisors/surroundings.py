"""The environment that an instance gets: what any program needs, and its own secrets; nobody else's."""

from __future__ import annotations

import os
import re

from halo_engine.fleet.presence.home import MACHINE
from halo_engine.fleet.supervisors.launching import Launch
from halo_engine.workspace import Workspace

COMMON = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TMPDIR|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|"
    r"(?:HTTPS?|ALL|NO)_PROXY|(?:https?|all|no)_proxy|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS|ANTHROPIC_BASE_URL|" + MACHINE
)
"""Variables that are anybody's. A token of another instance is none of them."""


def passed(workspace: Workspace, launch: Launch) -> list[str]:
    """The variables with secrets that the instance gets: by name, whether they are set or not."""
    kind, _, name = workspace.settings.llm.api_key.partition(":")
    return [*launch.passed, *([name.strip()] if kind == "env" else [])]


def imported(workspace: Workspace, launch: Launch) -> list[str]:
    """The variables that a supervisor with an environment of its own is to take from here: by name."""
    return [*passed(workspace, launch), *([MACHINE] if MACHINE in os.environ else [])]


def surroundings(workspace: Workspace, launch: Launch) -> dict[str, str]:
    """The whole environment of an instance that is started now."""
    named = passed(workspace, launch)
    inherited = {name: value for name, value in os.environ.items() if COMMON.fullmatch(name) or name in named}
    return inherited | launch.env
