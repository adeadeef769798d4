"""Triage of 10,000 mails: what the rules take for one, and the whole command against Debian's dovecot."""

from __future__ import annotations

import msgspec

from benchmarks.measure import BIN, Figure, child, median, rate, scratch, timed
from halo_engine.mail.deciding import decide
from halo_engine.mail.messages import Mail, mail_of
from halo_engine.mail.rules import Rule
from halo_engine.workspace import Workspace
from tests.mail.conftest import furnish, letter
from tests.mail.server import DOVECOT, PASSWORD, dovecot

COUNT = 10_000
RULES = 50
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
        command = [BIN / "halo-engine", "mail", "triage", "--workspace", place]
        dry, done, again = (
            child([*command, *more], HALO_TEST_MAIL=PASSWORD) for more in ((), ("--execute",), ("--execute",))
        )
    named = {"dry": dry, "with --execute": done, "again, with nothing new": again}
    return [Figure(f"mail: triage of {count:,} mails, {how}", f"{ran.seconds:.2f} s") for how, ran in named.items()]
