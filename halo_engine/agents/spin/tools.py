"""What a tool is for, whatever the agent calls it, and what a shell command is."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

import msgspec

from halo_engine.agents.spin.text import timeless


class Kind(Enum):
    """What a call is for."""

    LOOK = "look"
    """Reads or searches; changes nothing."""
    EDIT = "edit"
    RUN = "run"
    PLAN = "plan"
    DELEGATE = "delegate"
    WAIT = "wait"
    OTHER = "other"


NAMES: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"todo|update_plan|plan_mode|planmode|^plan$|write_plan|task_?(create|update|list)$", Kind.PLAN),
        (r"^(bash|task|agent|shell)_?output$|wait|write_stdin|sleep|monitor|^poll", Kind.WAIT),
        (r"^(task|agent|subagent|delegate|spawn_agent|dispatch_agent|invoke_agent)", Kind.DELEGATE),
        (r"edit|write|patch|replace|create_file|insert", Kind.EDIT),
        (r"bash|shell|exec|command|terminal|python|(?:^|_)run(?:$|_)", Kind.RUN),
        (
            r"(?:^|_)(?:click|type|press|fill|scroll|hover|drag|submit|tap|swipe|switch)(?:$|_)",
            Kind.OTHER,
        ),
        (
            r"read|grep|glob|search|fetch|list|^ls$|view|find|browse(?!r)|open|cat|^get$|get_|query|look|snapshot|screenshot|navigate|goto",
            Kind.LOOK,
        ),
    )
)
VISITS = re.compile(r"(?:^|_)(?:navigate|goto|open|open_url|visit|reload|refresh)(?:$|_)", re.IGNORECASE)
"""Tools that go to a page, to be looked at with another."""
THINKS = re.compile(r"(?:^|[_-])(?:(?:sequential[_-]?)?think(?:ing)?|reflect(?:ion)?|reason(?:ing)?)$", re.IGNORECASE)
"""Tools that do nothing but hold what the model thinks."""
REWORDED = frozenset({"description", "timeout", "timeout_ms", "reason", "explanation", "justification", "thought"})
"""Arguments that the model words anew each time and that change nothing."""
LOOKS = re.compile(
    r"^\s*(?:cat|head|tail|less|ls|ll|find|grep|rg|ag|awk|wc|stat|file|which|whereis|type|echo|pwd|env|printenv|date|ps|"
    r"df|du|tree|diff|sort|uniq|sed\s+-n|git\s+(?:status|log|diff|show|branch|blame|grep|ls-files|remote|rev-parse)|"
    r"docker\s+(?:ps|logs|inspect|images)|kubectl\s+(?:get|describe|logs)|gh\s+(?:run|pr|issue)\s+(?:view|list|status)|"
    r"systemctl\s+status|journalctl|curl(?!.*\s(?:-X\s*(?:POST|PUT|DELETE|PATCH)|-[a-zA-Z]*O\b|--remote-name|"
    r"(?:-[a-zA-Z]*o|--output)\s+(?!/dev/null)|-d\b|--data|--json|-F\b|--form|-T\b|--upload))|ping|dig|nslookup|jq|whoami|id|hostname)\b"
)
MUTATES = re.compile(
    r"(?:^|[;&|]\s*)(?:sudo\s+)?(?:rm|mv|cp|mkdir|touch|chmod|chown|ln|tee|sed\s+-i|git\s+(?:add|commit|push|checkout|merge|"
    r"rebase|reset|restore|switch|revert|bisect|stash|apply|tag|mv|rm)|apt|brew|make\s+install|docker\s+(?:build|restart|start|stop|"
    r"run|push|compose)|kubectl\s+(?:apply|delete|create|scale|rollout)|kill|pkill|systemctl\s+(?:re)?(?:start|stop)|psql|sqlite3|alembic)\b|(?<![0-9&])>{1,2}\s*(?!/dev/null|&)\S"
)
CHECKS = re.compile(
    r"\b(?:pytest|unittest|tox|nox|jest|vitest|mocha|rspec|phpunit|ctest|mypy|pyright|ruff|eslint|tsc|flake8|clippy|lint)\b|"
    r"\b(?:cargo|go|npm|yarn|pnpm|mvn|gradle|dotnet|make|bazel|mix|rake|swift|sbt|deno|bun)\b.*\b(?:test|check|build|vet|lint|run)\b|"
    r"\b(?:make|gcc|g\+\+|cmake|javac|terraform\s+(?:plan|validate)|helm\s+lint)\b"
)
INSTALLS = re.compile(
    r"\b(?:npm|pnpm|yarn|bun|pip|pipx|uv|poetry|cargo|go|gem|bundle|apt|apt-get|brew|conda)\s+(?:i|install|ci|add|get|remove|"
    r"uninstall|up|update|upgrade)\b"
)
"""Commands that set something up, and are no check even where they name a linter."""
IDLE = re.compile(r"(?:\s|#[^\n]*(?:\n|$)|(?:true|:)(?=\s|;|&|$)|;|&&)+$")
"""Commands that do nothing: comments, and `true`."""
SLEEPS = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)(m|h)?\b")
ONLY_SLEEPS = re.compile(r"\s*sleep\s+[\d.]+[smh]?\s*$")
WAITS = re.compile(r"--(?:wait|watch)\b|\bwait(?:-for)?\b|\bwatch\b|\brollout\s+status\b")
REVERTS = re.compile(r"\bgit\s+(?:checkout|restore|reset\s+--hard|stash(?!\s+(?:pop|apply|list|show)))\b")
FILLER = re.compile(
    r"\s*2>&1|\s*\|\s*(?:head|tail)(?:\s+-n?\s*\d+|\s+-\d+)?\s*$|^\s*cd\s+/\S+\s*&&\s*|^\s*sleep\s+[\d.]+[smh]?\s*(?:;|&&)\s*|^(?:bash|sh|zsh)\s+-l?c\s+"
)
PLAN_FILE = re.compile(
    r"(?:^|[/_.-])(?:plan|todo|roadmap|checklist|next[-_]?steps|strategy)s?[^/]*\.(?:md|txt|rst|org)$", re.IGNORECASE
)
NOTES = re.compile(
    r"(?:^|[/_.-])(?:progress|status|notes?|journal|diary|scratch(?:pad)?|handoff|memory|summary|analysis|findings|"
    r"report|completed?|completion|verification|results?|changes)"
    r"s?[^/]*\.(?:md|txt|rst|org)$",
    re.IGNORECASE,
)
"""Papers about the work, which are not the work."""
MEASURES = re.compile(
    r"\b(?:bench\w*|hyperfine|perf|time|timeit|wrk|ab|pgbench|iperf3?|k6|criterion|profil\w+|measure\w*|load[-_]?test)\b",
    re.IGNORECASE,
)
"""Commands whose numbers are what is asked for."""
REWRITES = re.compile(r"update|draft|rewrite|revise|set_(?:body|content|text)", re.IGNORECASE)
"""Tools that write a text elsewhere anew."""
PATCHES = re.compile(r"\bapply_patch\b.*\*\*\* Begin Patch", re.DOTALL)
"""Edits that go through a shell, as Codex makes them."""
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
SWITCHED = re.compile(r"\b(?:Switched to|Already on|Note: switching)\b")
REMOVES = re.compile(r"(?:^|[;&|]\s*)(?:sudo\s+)?(?:git\s+)?rm\b")
REDOES = re.compile(r"\bgit\s+commit\b.*--amend\b")
"""Commands that put another in the place of the last."""
DONE = re.compile(r'"status":\s*"(?:completed|done)"|\[x\]', re.IGNORECASE)


def kind_of(tool: str, arguments: dict[str, Any]) -> Kind:
    """What this call is for."""
    name = tool.rpartition("__")[2]  # of a server's tool: `mcp__outlook__move` does not look
    kind = next((kind for pattern, kind in NAMES if pattern.search(name)), Kind.OTHER)
    if kind is Kind.EDIT and (PLAN_FILE.search(path_of(arguments)) or is_note(arguments)):
        return Kind.PLAN
    if kind is Kind.OTHER and REWRITES.search(name) and text_of(arguments):
        return Kind.EDIT
    command = command_of(arguments)
    if command and PATCHES.search(command):
        return Kind.EDIT
    if command and kind in {Kind.RUN, Kind.OTHER}:
        return Kind.LOOK if LOOKS.match(bare(command)) and not MUTATES.search(command) else Kind.RUN
    return kind


def is_note(arguments: dict[str, Any]) -> bool:
    """Whether a call is about a paper on how the work goes."""
    return bool(NOTES.search(path_of(arguments)))


def reverts(command: str, result: str) -> bool:
    """Whether a command threw edits away; one that goes to another branch does not."""
    return bool(REVERTS.search(command)) and not SWITCHED.search(result)


def items_done(arguments: dict[str, Any]) -> int:
    """How many items of a plan are done."""
    return len(DONE.findall(msgspec.json.encode(arguments).decode()))


def command_of(arguments: dict[str, Any]) -> str:
    """The shell command of a call; empty when it is none."""
    found = arguments.get("command") or arguments.get("cmd") or ""
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)


def path_of(arguments: dict[str, Any]) -> str:
    """The file or folder that a call is about; empty when it names none."""
    for name in ("file_path", "path", "filePath", "absolute_path", "notebook_path", "filename", "file"):
        if isinstance(arguments.get(name), str):
            return str(arguments[name])
    return ""


def text_of(arguments: dict[str, Any]) -> str | None:
    """The text that a call writes as a whole; None when it writes none."""
    found = (arguments.get(name) for name in ("content", "new_source", "body", "text", "markdown", "html"))
    return next((each for each in found if isinstance(each, str)), None)


def bare(command: str) -> str:
    """A command without what does not change what it does: when and where it starts, how much is shown."""
    before = None
    while before != command:
        before, command = command, FILLER.sub("", command).strip()
    return command


def sought(arguments: dict[str, Any]) -> str:
    """What a search is after: the pattern, the question, or what a command has in quotes."""
    for name in ("pattern", "query", "q", "regex", "search", "symbol", "name"):
        if isinstance(arguments.get(name), str):
            return str(arguments[name])
    command = command_of(arguments)
    return " ".join("".join(each) for each in QUOTED.findall(command)) or command


def call_text(tool: str, arguments: dict[str, Any]) -> str:
    """A call as text to compare by: name and arguments, without what the model words anew and without nonces."""
    kept = {name: value for name, value in sorted(arguments.items()) if name not in REWORDED}
    command = command_of(arguments)
    if command:
        kept = {name: value for name, value in kept.items() if name not in {"command", "cmd"}} | {"": bare(command)}
    return f"{tool} {timeless(msgspec.json.encode(kept).decode())}"


def seconds_slept(arguments: dict[str, Any]) -> float:
    """How long a command waits by its own words."""
    command = command_of(arguments)
    return sum(float(size) * {"m": 60, "h": 3600}.get(unit, 1) for size, unit in SLEEPS.findall(command)) or (
        30.0 if command and WAITS.search(command) else 0.0
    )
