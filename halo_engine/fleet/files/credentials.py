"""Files that are credentials by their name and place: not wanted in a tree, and in a backup only when asked for."""

from __future__ import annotations

import re
from pathlib import PurePath

NAMED = re.compile(
    r"\.env(\..*)?|\.?credentials(\.json)?|\.netrc|\.npmrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|p12|pfx|key)|"
    r"auth\.json|tokens?\.json|service[-_]account.*\.json",
    re.IGNORECASE,
)
HARMLESS = re.compile(r"\.env\.(example|sample|template)", re.IGNORECASE)
CHANNEL = re.compile(r"store/(auth|.*[-_]auth)[^/]*(/|$)", re.IGNORECASE)
"""Where a tree keeps the keys of its chat channels. Brought back from a backup, some of them do harm."""


def is_credential(path: PurePath) -> bool:
    """Whether a file of a tree is named like a credential; the path is below the tree's root."""
    if HARMLESS.fullmatch(path.name):
        return False
    return bool(NAMED.fullmatch(path.name))


def is_channel_key(path: PurePath) -> bool:
    """Whether it lies where a tree keeps the keys of its channels."""
    return bool(CHANNEL.match(path.as_posix()))
