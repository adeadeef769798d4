"""Mail that triage proposes something about: as rows, and one message opened."""

from __future__ import annotations

from halo_engine.errors import HaloError
from halo_engine.mail.reading import Letter
from halo_engine.mail.store import Message, State
from halo_tui.mail_reading import Queue
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import Line, Tone, clean, cut_line, fit, wrap
from halo_tui.present.when import When

COLUMNS = (
    Column("", 1),
    Column("from", 12, share=1),
    Column("subject", 26, share=6),
    Column("proposed", 15, priority=1),
    Column("rule", 10, priority=3),
    Column("reason", 16, share=2, priority=4),
    Column("state", 7, priority=2),
    Column("age", 4, priority=1, align="right"),
)
STATES: dict[State, tuple[str, Tone]] = {
    "waiting": ("◆", "accent"),
    "decided": ("●", "warning"),
    "undoing": ("●", "warning"),
    "missed": ("▲", "alert"),
    "done": ("✓", "ok"),
    "undone": ("↶", "muted"),
    "refused": ("✗", "muted"),
}
WORDS = {"waiting": "waits", "decided": "begun", "undoing": "begun"}
LABEL = 10
LONGEST = 32_000
"""Characters of a text that show."""
LONG = 2_000
"""Characters of one line that are broken at once."""


def row(message: Message, when: When, *, under_way: bool = False) -> Cells:
    """One row of the queue; what no longer waits is grey."""
    glyph, tone = ("●", "warning") if under_way else STATES.get(message.state, ("?", "muted"))
    waits = message.state == "waiting"
    plain: Tone = "plain" if waits else "muted"
    return (
        (glyph, tone),
        (clean(_name(message.sender)), plain),
        (clean(message.subject or "(no subject)"), plain),
        (clean(_proposed(message)), plain),
        (clean(message.rule or "-"), "muted" if waits else "faint"),
        (clean(message.reason), "faint"),
        ("…" if under_way else WORDS.get(message.state, message.state), tone),
        (when.age(message.date), "faint"),
    )


def _name(sender: str) -> str:
    """`Ana <ana@example.com>` -> `Ana`, where there is a name; the address shows when the message is opened."""
    return sender.partition("<")[0].strip(' "') or sender


def _proposed(message: Message) -> str:
    return f"{message.action} {message.target}".rstrip()


def nothing(found: Queue, _: int) -> list[Line]:
    """What the empty queue says; `steps` says what to do about it."""
    if found.fault is not None:
        return [[("▲ ", "alert"), ("accounts or rules cannot be read", "alert")]]
    if not found.accounts:
        return [[("no mail account is known yet", "muted")]]
    if not found.rules:
        return [[("there are no rules yet: everything is surfaced", "muted")]]
    return [[("● ", "ok"), ("nothing waits for your word", "muted")]]


def steps(found: Queue, look: str, columns: int) -> list[Line]:
    """What to do where the queue is empty."""
    if found.fault is not None:
        return [*wrap(f"▲ {found.fault.message}", columns, "alert"), [], *wrap(found.fault.hint, columns, "muted")]
    if not found.accounts:
        example: list[Line] = [[(line, "accent")] for line in EXAMPLE]
        more = "docs/mail.md says more. An account of himalaya is known as it is."
        return [
            [("Write an account into mailctl.yaml in the workspace:", "plain")],
            [],
            *example,
            [],
            *wrap(more, columns),
        ]
    if not found.rules:
        line = "mailctl rules add forge --domain forge.example --action archive"
        return [[("Rules say what is done with which mail:", "plain")], [], [(":", "key"), (f" {line}", "accent")]]
    return [[(look, "key"), (" looks for new mail", "muted")]]


EXAMPLE = (
    "accounts:",
    "  home:",
    "    host: imap.example.com",
    "    user: ana@example.com",
    "    password: command:pass show mail",
)


def page(
    message: Message,
    letter: Letter | HaloError | None,
    when: When,
    columns: int,
    keys: dict[str, str],
    *,
    reading: bool,
) -> list[Line]:
    """A message: what is proposed and why, then its text, or why that is not there."""
    lines: list[Line] = [*wrap(message.subject or "(no subject)", columns, "strong"), []]
    facts = {
        "from": message.sender,
        "received": f"{when.full(message.date)}  {when.age(message.date)}",
        "mailbox": f"{message.account}  {message.folder}",
        "proposed": _proposed(message),
        "because": f"{message.rule}: {message.reason}" if message.rule else message.reason,
        "state": f"{WORDS.get(message.state, message.state)}  {message.why}".rstrip(),
    }
    for name, value in facts.items():
        for place, body in enumerate(wrap(value, max(10, columns - LABEL))):
            lines.append([(fit("" if place else name, LABEL), "faint"), *body])
    offered = [([(key, "key"), (f" {word}  ", "faint")]) for word, key in keys.items()]
    lines += [[], [run for each in offered for run in each], []]
    if isinstance(letter, HaloError):
        lines += [*wrap(f"▲ {letter.message}", columns, "warning"), *wrap(letter.hint, columns, "muted")]
    elif letter is not None:
        lines += _text(letter, columns)
    elif reading:
        lines.append([("reading…", "faint")])
    return [cut_line(line, columns) for line in lines]


def _text(letter: Letter, columns: int) -> list[Line]:
    """The message itself; nothing that a sender writes reaches the terminal but as plain signs."""
    lines: list[Line] = [
        [("attached  ", "faint"), (clean(each.name), "plain"), (f"  {clean(each.kind)}  {each.size:,} B", "faint")]
        for each in letter.attachments
    ]
    lines += [[]] if lines else []
    for paragraph in letter.text[:LONGEST].split("\n"):
        for start in range(0, max(1, len(paragraph)), LONG):
            lines += wrap(paragraph[start : start + LONG].expandtabs(4), columns) if paragraph.strip() else [[]]
    if not letter.text.strip():
        lines.append([("it has no text", "muted")])
    if letter.cut or len(letter.text) > LONGEST:
        lines += [[], [("there is more; this is the beginning", "faint")]]
    return lines
