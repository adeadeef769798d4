"""What somebody means who says `stop`, `rm` or `ls` to a program whose verbs have other names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

ALIKE = (
    "list ls all index inbox",
    "show get view cat info describe inspect display open read",
    "search find grep query lookup",
    "add new create make",
    "edit change modify set update rename",
    "cancel delete remove rm drop discard abort kill",
    "prune clean gc tidy purge delete remove rm archive",
    "undo revert rollback",
    "history events audit timeline",
    "log logs output",
    "run start execute exec launch",
    "done finish finished complete close",
    "block pause hold stop",
    "defer postpone snooze later",
    "disable pause stop off",
    "enable resume on unpause",
    "ack acknowledge seen",
    "mute silence snooze quiet",
    "resolve close fix done",
    "tail follow watch stream",
    "stats statistics count summary",
    "export dump save print",
    "import load",
    "sync refresh reindex rebuild",
    "validate check verify lint test",
    "doctor check diagnose",
    "status state health",
    "generate make print build",
    "install apply setup",
    "uninstall remove delete",
    "usage cost costs tokens spend",
    "send mail post deliver",
    "graph tree map deps",
    "link connect relate",
    "unlink disconnect",
    "init new create setup",
)
"""Words that mean nearly the same, a line each. What an app names in its own `words` counts before these."""


def meant(word: str, verbs: Collection[str], own: Mapping[str, str]) -> list[str]:
    """Those of the verbs that a word may mean; `own`: verb -> the words that people say for it."""
    said = [verb for verb, words in own.items() if verb in verbs and word in words.split()]
    alike = (group.split() for group in ALIKE)
    return said or list(dict.fromkeys(each for group in alike if word in group for each in group if each in verbs))
