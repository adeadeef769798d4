"""`mail/rules.yaml`: rules as data, read strictly. The first that matches a message decides."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from halo_engine.errors import BadConfig, Usage
from halo_engine.events.model import New
from halo_engine.mail.config import Name
from halo_engine.mail.covering import contradiction, covers
from halo_engine.mail.events import RuleAdded
from halo_engine.mail.patterns import Match
from halo_engine.workspace import Workspace, replace, writing

FILE = "mail/rules.yaml"
Action = Literal["surface", "label", "archive", "skip"]
HINT = (
    "action: surface, label (with label:), archive (folder:) or skip; "
    "match: from, to, domain, list, subject, body, attachment, header"
)


class Rule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is done with the messages that match."""

    name: Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,60}$")]
    action: Action
    match: Match
    label: Annotated[str, Meta(pattern=r"^[A-Za-z0-9$_.-]{1,60}$")] | None = None
    """The IMAP keyword of the action `label`."""
    folder: Name | None = None
    """Where the action `archive` moves it, instead of the account's archive."""
    reason: str = ""
    """Kept with each decision, beside what matched."""

    def __post_init__(self) -> None:
        if (self.action == "label") != (self.label is not None):
            raise ValueError("label: the action `label` needs one, and no other has one")
        if self.folder is not None and self.action != "archive":
            raise ValueError("folder: only the action `archive` has one")
        if fault := contradiction(self.match):
            raise ValueError(f"match: can never match: {fault}")


class RuleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`mail/rules.yaml`."""

    rules: tuple[Rule, ...] = ()
    """In order: the first that matches decides; what none matches is surfaced."""


def load(workspace: Workspace) -> tuple[Rule, ...]:
    """The rules, in order.

    Raises BadConfig naming file, line and key of what is wrong, also of a rule that never gets its turn.
    """
    try:
        rules = workspace.config(RuleFile, FILE).rules
    except BadConfig as error:
        raise BadConfig(error.message, HINT) from error
    for place, rule in enumerate(rules):
        for earlier in rules[:place]:
            if earlier.name == rule.name:
                raise _fault(workspace, place, f"there is a rule {rule.name!r} already")
            if covers(earlier.match, rule.match):
                raise _fault(
                    workspace, place, f"can never match: {earlier.name!r} before it takes all that {rule.name!r} would"
                )
    return rules


def fingerprint(rules: Sequence[Rule], archive: str) -> str:
    """What changes when the rules do: what they said before may be something else now."""
    return hashlib.sha256(msgspec.json.encode((rules, archive))).hexdigest()[:12]


def refuse_loops(workspace: Workspace, rules: Sequence[Rule], source: str) -> None:
    """Raises BadConfig for a rule that archives into the folder that is triaged: it would find its own mail again."""
    for place, rule in enumerate(rules):
        if rule.folder is not None and _same(rule.folder, source):
            raise _fault(workspace, place, f"folder: it loops: {rule.folder} is the folder that is triaged")


def _same(one: str, other: str) -> bool:
    return one == other or one.upper() == other.upper() == "INBOX"


def _fault(workspace: Workspace, place: int, what: str) -> BadConfig:
    path = workspace.root / FILE
    line = _lines(path.read_text(encoding="utf-8"))[place]
    return BadConfig(f"{path}:{line}: rules.{place}: {what}", "`mailctl rules list` shows them in order")


def _lines(text: str) -> list[int]:
    import yaml

    root = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    return next([each.start_mark.line + 1 for each in value.value] for key, value in root.value if key.value == "rules")


def add(workspace: Workspace, rule: dict[str, Any], *, first: bool = False) -> Rule:
    """Write a rule into the file, at its end or first; comments and the rest of the file stay.

    Raises Usage for one that is not valid or never gets its turn, BadConfig when the file is wrong already.
    """
    before = load(workspace)
    try:
        made = msgspec.convert(rule, Rule)
    except msgspec.ValidationError as error:
        raise Usage(str(error), "mailctl rules add --help") from error
    if made in before:
        return made
    for each in before:
        if each.name == made.name:
            raise Usage(f"there is a rule {made.name!r} already", "give it another --name")
        upper, lower = (made, each) if first else (each, made)
        if covers(upper.match, lower.match):
            raise Usage(f"{lower.name!r} could never match after {upper.name!r}", "name more, or see --first")
    text = _with(workspace, rule, first=first)
    workspace.log.append([New("mail/@rules", "mail.rule.added", RuleAdded(made.name, text))])
    return made


def _with(workspace: Workspace, rule: dict[str, Any], *, first: bool) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    path = workspace.root / FILE
    data = (yaml.load(path.read_text(encoding="utf-8")) if path.exists() else None) or CommentedMap()
    listed = data.get("rules") or []
    listed.insert(0 if first else len(listed), rule)
    data["rules"] = listed
    out = io.StringIO()
    yaml.dump(data, out)
    if not workspace.dry_run:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, out.getvalue())
    alone = io.StringIO()
    yaml.dump([rule], alone)
    return alone.getvalue()
