"""Getting to an IMAP server and past its door: TLS that is checked, passwords and OAuth2 tokens."""

from __future__ import annotations

import imaplib
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

from halo_engine.errors import BadConfig, NotAllowed, Unavailable
from halo_engine.mail.accounts import Place
from halo_engine.mail.config import PORTS

HOST_MISMATCH, EXPIRED, NOT_YET_VALID = 62, 10, 9
"""What OpenSSL calls these faults of a certificate."""
UNTRUSTED = frozenset({18, 19, 20, 21})


def opened(place: Place) -> Any:
    """A connection, not logged in yet.

    Raises Unavailable, BadConfig.
    """
    where = f"{place.host}:{place.port}"
    try:
        return _opened(place)
    except ssl.SSLCertVerificationError as error:
        words, hint = _of_certificate(place, error)
        raise Unavailable(f"{where} is not trusted: {words}", hint) from error
    except ssl.SSLError as error:
        hint = f"is it `tls: starttls`, or another port? `tls: {place.tls}` is what account {place.name} says"
        raise Unavailable(f"{where} does not speak TLS: {error.reason or error}", hint) from error
    except lost() as error:
        if place.tls == "starttls" and "TLS not supported" in str(error):
            hint = f"`tls: tls` where the server has port {PORTS['tls']}; else the password could be read on the way"
            raise Unavailable(f"{where} offers no STARTTLS", hint) from error
        hint = f"check host and port of account {place.name} in mailctl.yaml"
        raise Unavailable(f"{where} cannot be reached: {error}", hint) from error
    except refused() as error:
        raise Unavailable(f"{where} does not take connections: {words_of(error)}", "try again later") from error


def _opened(place: Place) -> Any:
    from imap_tools import MailBox, MailBoxUnencrypted

    if place.tls == "tls":
        return MailBox(place.host, place.port, place.timeout, ssl_context=_context(place))
    if place.tls == "none":
        return MailBoxUnencrypted(place.host, place.port, place.timeout)
    if place.port == PORTS["tls"]:
        hint = f"port {place.port} goes with `tls: tls`, {PORTS['starttls']} with starttls"
        raise BadConfig(f"account {place.name}: nobody says STARTTLS at port {place.port}", hint)
    context = _context(place)
    box = MailBoxUnencrypted(place.host, place.port, place.timeout)
    try:
        box.client.starttls(context)
    except (*lost(), *refused()):
        with suppress(OSError):
            box.client.shutdown()
        raise
    return box


def _context(place: Place) -> ssl.SSLContext:
    """The system's authorities, and the account's own."""
    context = ssl.create_default_context()
    if place.ca:
        path = Path(place.ca).expanduser()
        try:
            context.load_verify_locations(path)
        except OSError as error:  # also ssl.SSLError: no certificate in it
            why = "no certificate in PEM is in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise BadConfig(f"account {place.name}: ca: {path}: {why}", "name a file of certificates in PEM") from error
    return context


def _of_certificate(place: Place, error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """What is wrong with a certificate, and what to do about it."""
    code, said = error.verify_code, str(error.verify_message).rstrip(".")
    if code == HOST_MISMATCH:
        return (
            f"its certificate is for another name ({said})",
            "write the name that the server is certified for as host",
        )
    if code in {EXPIRED, NOT_YET_VALID}:
        return (
            f"its certificate is not valid now ({said})",
            "whoever runs the server renews it; is the clock here right?",
        )
    if code in UNTRUSTED:
        hint = f"where it is your own: `ca: /PATH/authority.pem` in account {place.name}; else somebody may listen in"
        return f"nobody known here vouches for its certificate ({said})", hint
    return said, "whoever runs the server should look at its certificate"


def log_in(box: Any, place: Place, secret: str) -> frozenset[str]:
    """Say who we are; what the server can do for us then, in capitals.

    Raises NotAllowed when the server refuses, Unavailable when it hangs up, BadConfig for what cannot be sent.
    """
    try:
        _say_who(box, place, secret)
        return _able(box.client)
    except lost() as error:
        raise Unavailable(f"{place.host} hung up while logging in: {words_of(error, secret)}", "try again") from None
    except refused() as error:
        hint = f"check user and password of account {place.name}"
        if place.oauth:
            hint = f"a token lives for an hour or so: let `token` of account {place.name} name what prints a fresh one"
        raise NotAllowed(f"{place.host} refuses {place.user}: {words_of(error, secret)}", hint) from None


def _say_who(box: Any, place: Place, secret: str) -> None:
    client, able = box.client, box.client.capabilities
    if place.oauth:
        bearer = "AUTH=OAUTHBEARER" in able and "AUTH=XOAUTH2" not in able
        _with_token(client, place, secret, "OAUTHBEARER" if bearer else "XOAUTH2")
    elif "LOGINDISABLED" in able:
        raise Unavailable(f"{place.host} takes no password without encryption", f"`tls: starttls` in {place.name}")
    elif "AUTH=PLAIN" in able:
        box.login_utf8(place.user, secret, initial_folder=None)
    elif secret.isascii() and secret.isprintable():
        box.login(place.user, secret, initial_folder=None)
    else:
        raise BadConfig(f"the password of {place.name} has characters that {place.host} cannot take")


def _able(client: Any) -> frozenset[str]:
    """What a server tells when it knows who asks; of one that does not tell, what it told everybody."""
    try:
        told = client.capability()[1][-1]
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        told = None
    return frozenset(told.decode("ascii", "replace").upper().split() if told else client.capabilities)


def _with_token(client: Any, place: Place, token: str, mechanism: str) -> None:
    """XOAUTH2, as Google and Microsoft have it, or OAUTHBEARER of RFC 7628. What is wrong with a token the server says
    in a challenge, to which nothing is answered.
    """
    if not (token.isascii() and token.isprintable()):
        raise BadConfig(f"the token of account {place.name} has characters that no token has")
    known = (
        f"user={place.user}" if mechanism == "XOAUTH2" else f"n,a={place.user},\1host={place.host}\1port={place.port}"
    )
    said: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        if challenge:
            said.append(challenge)
            return b"" if mechanism == "XOAUTH2" else b"\1"
        return f"{known}\1auth=Bearer {token}\1\1".encode()

    try:
        client.authenticate(mechanism, answer)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        told = b" ".join(said).decode("utf-8", "replace")
        raise imaplib.IMAP4.error(f"{error} {told}".strip()) from error


def lost() -> tuple[type[Exception], ...]:
    """What says that the connection is gone."""
    return (imaplib.IMAP4.abort, OSError)


def refused() -> tuple[type[Exception], ...]:
    """What says that the server answered no."""
    from imap_tools.errors import UnexpectedCommandStatusError

    return (UnexpectedCommandStatusError, imaplib.IMAP4.error)


def words_of(error: Exception, secret: str = "") -> str:
    """What a server said, without the secret."""
    from halo_engine.secrets import redact

    result = getattr(error, "command_result", None)
    said = result[1][0] if result and result[1] else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return redact(text, [secret])[:200]
