"""Triage of 10,000 mails: what the rules take for one, and whole commands against Debian's dovecot.

The peer reads all headers with imap-tools in one go, and does nothing with them.
"""

from __future__ import annotations

import sys

import msgspec

from benchmarks.measure import BIN, HERE, Figure, Ran, beside, child, median, mib, rate, scratch, timed, under
from halo_engine.mail.deciding import decide
from halo_engine.mail.messages import Mail, mail_of
from halo_engine.mail.rules import Rule
from halo_engine.workspace import Workspace
from tests.mail.conftest import furnish, letter
from tests.mail.server import DOVECOT, PASSWORD, dovecot

COUNT = 10_000
RULES = 50
MEMORY = 160 * 2**20
MATCHING = 5
"""Of so many mails one matches a rule: the last."""


def run(*, quick: bool) -> list[Figure]:
    count = COUNT // 10 if quick else COUNT
    rules = msgspec.convert([rule(number) for number in range(RULES)], list[Rule])
    mails = [mail(number) for number in range(count)]
    seconds = median([timed(lambda: [decide(rules, each, "Archive") for each in mails]) for _ in range(3)])
    figures = [Figure(f"mail: {RULES} rules on a message", rate(seconds / count))]
    if DOVECOT:
        figures += whole(count)
    return figures


def rule(number: int) -> dict[str, object]:
    matches = {"domain": f"{number}.example"} if number % 2 else {"subject": f"topic {number}"}
    return {"name": f"rule {number}", "match": matches, "action": "archive"}


def raw(number: int) -> bytes:
    sender = f"ci@{RULES - 1}.example" if number % MATCHING == 0 else "mum@example.com"
    return letter(number, sender=sender, subject=f"number {number}")


def mail(number: int) -> Mail:
    head = raw(number).partition(b"\n\n")[0]
    return mail_of("home", {"UID": b"%d" % number, "BODY[HEADER]<0>": head})


def whole(count: int) -> list[Figure]:
    with dovecot() as server, scratch() as folder:
        place = folder / "workspace"
        child([BIN / "halo-engine", "init", place])
        furnish(
            Workspace(place), server.account(), msgspec.yaml.encode({"rules": [rule(n) for n in range(RULES)]}).decode()
        )
        for number in range(count):
            server.deliver(raw(number))
        command = [BIN / "halo-engine", "mail"]

        def halo(*words: str) -> Ran:
            return child([*command, *words, "--workspace", place], HALO_TEST_MAIL=PASSWORD)

        reader = [sys.executable, HERE / "peers" / "bulk_fetch.py", str(server.port)]
        child(reader, HALO_TEST_MAIL=PASSWORD)  # the server makes its index
        peer = child(reader, HALO_TEST_MAIL=PASSWORD)
        ran = {
            "proposed": halo("triage"),
            "proposed again": halo("triage"),
            "accepted": halo("accept", "--all"),
            "taken back": halo("undo", "--last"),
            "the rest, with --execute": halo("triage", "--execute"),
            "with nothing new": halo("triage", "--execute"),
        }
    first = ran.pop("proposed")
    figures = [beside(f"mail: {count:,} mails read, sorted and proposed", first.seconds, peer.seconds, seconds)]
    figures += [Figure(f"mail: {count:,} mails, {how}", seconds(each.seconds)) for how, each in ran.items()]
    most = max(first.peak, *(each.peak for each in ran.values()))
    return [*figures, under("mail: memory at most", most, MEMORY, mib, mib(peer.peak))]


def seconds(count: float) -> str:
    return f"{count:.2f} s"
