"""`mailctl.yaml`: accounts, and how triage goes about its work."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from halo_engine.workspace import Workspace

FILE = "mailctl.yaml"
Tls = Literal["tls", "starttls", "none"]
PORTS: dict[Tls, int] = {"tls": 993, "starttls": 143, "none": 143}
"""Where a server listens unless it is said."""
Name = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]+$")]
"""What goes to the server in a command: nothing in it may end the line."""


class Account(Struct, frozen=True, forbid_unknown_fields=True):
    """One mailbox on an IMAP server."""

    host: Name
    user: Name
    password: str = ""
    """A reference of the secret: `env:NAME`, `file:/PATH`, `keyring:SERVICE/USER`, `command:...`."""
    token: str = ""
    """Instead of a password: the reference of an OAuth2 access token (XOAUTH2, OAUTHBEARER)."""
    tls: Tls = "tls"
    ca: str = ""
    """A file of certificates in PEM: the authorities that may vouch for the server, beside the system's."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """0: that of `PORTS`."""
    folder: Name = "INBOX"
    """What is triaged."""
    archive: Name = "Archive"

    def __post_init__(self) -> None:
        if bool(self.password) == bool(self.token):
            raise ValueError("give either password or token, each as a reference (env:NAME, file:/PATH, ...)")
        if self.ca and self.tls == "none":
            raise ValueError("ca: without TLS nobody vouches for anything")


class MailSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`mailctl.yaml`."""

    accounts: dict[str, Account] = {}
    """Name -> account; the first is meant where none is named."""
    himalaya: str = "~/.config/himalaya/config.toml"
    """The account file of himalaya, whose accounts are known too, where it exists."""
    timeout: Annotated[float, Meta(gt=0, le=600)] = 30
    """Seconds that the server may take to answer."""
    opinion: bool = False
    """Ask the language model about mail that no rule matches; it can only add a label."""
    opinion_labels: tuple[Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$")], ...] = (
        "urgent",
        "reply",
        "read",
        "noise",
    )
    """The words that it may answer with; the label is `halo-WORD`."""
    opinion_most: Annotated[int, Meta(ge=0)] = 50
    """Mails that it is asked about in one triage."""

    def __post_init__(self) -> None:
        if "all" in self.accounts:
            raise ValueError("no account can be called `all`: that means every one")


def mail_settings(workspace: Workspace) -> MailSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(MailSettings, FILE)
