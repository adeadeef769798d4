"""What people write on the command line, as the types that commands take."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from halo_engine import clock, times
from halo_engine.errors import BadData, Usage
from halo_engine.memory.queries import NoteFilter
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMPLETED = 50
"""Notes that completion offers at most."""
QUESTIONS = ("query", "question", "text", "q")
NAMES = ("id", "qid", "query_id", "question_id", "_id")


def complete_note(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Notes by the beginning of their id; their titles beside them."""
    from click.shell_completion import CompletionItem

    from halo_engine.memory import index as indices

    workspace = Workspace.find(ctx.params.get("workspace"), make=False)
    if not workspace.exists():
        return []
    with indices.reading(workspace) as index:
        found = index.all(
            "SELECT id, title FROM note WHERE substr(id, 1, ?) = ? AND NOT archived ORDER BY sort DESC LIMIT ?",
            (len(incomplete), incomplete, COMPLETED),
        )
    return [CompletionItem(note_id, help=title) for note_id, title in found]


NOTE = click.argument("note", metavar="NOTE", shell_complete=complete_note)
LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=10, show_default=True, help="How many at the most; 0 for all."
)
TAGS = click.option("--tags", metavar="A,B", default="", help="Tags, with commas between.")
FILTERS = (
    click.option("--tags", metavar="A,B", default="", help="With all of these tags; `project/*` is all below."),
    click.option("--type", "types", metavar="A,B", default="", help="Of one of these types."),
    click.option("--entity", "entities", metavar="A,B", default="", help="About one of these."),
    click.option("--since", default="", help="Made or changed since: 7d, friday, 2026-11-20."),
    click.option("--linked-to", default="", metavar="NOTE", help="Linked with it, in either direction."),
    click.option("--all", "every", is_flag=True, help="Also what is archived, expired or superseded."),
)


def filtered(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a filter."""
    for option in reversed(FILTERS):
        verb = option(verb)
    return verb


def listed(text: str) -> tuple[str, ...]:
    """`a, b` as its parts, each once."""
    return tuple(dict.fromkeys(part for each in text.split(",") if (part := each.strip())))


def note_filter(
    workspace: Workspace, *, tags: str, types: str, entities: str, since: str, linked_to: str, every: bool
) -> NoteFilter:
    """The options of a filter as one.

    Raises Usage for a `since` that is no time.
    """
    zone = times.zone(workspace.settings.timezone or "")
    begun = clock.stamp(times.moment(since, clock.now(), zone, past=True)) if since else ""
    return NoteFilter(listed(tags), listed(types), listed(entities), begun, linked_to, every=every)


def expiry(workspace: Workspace, text: str) -> str:
    """When a claim stops to hold: `2026-12-24` as it is, `30d` as a day; empty for nothing.

    Raises Usage.
    """
    if not text:
        return ""
    zone = times.zone(workspace.settings.timezone or "")
    found = times.moment(text, clock.now(), zone, end=True)
    return text if len(text) == 10 and text[4] == "-" else f"{clock.stamp(found)[:19]}Z"


def body_of(body: str, source: str) -> str:
    """The body as given, or from a file, or with `-` from stdin.

    Raises Usage for both, BadData for what is no UTF-8.
    """
    if body and source:
        raise Usage("--body and --from say the same thing", "leave one of them out")
    if not source:
        return body
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadData(f"{'stdin' if source == '-' else source} is not UTF-8", "nothing was written") from error


class Question(msgspec.Struct, frozen=True):
    """A query of a batch."""

    id: Any
    text: str


def questions(text: str) -> list[Question]:
    """The queries of a batch: a JSON list, or a line each, JSON (with `query`, `question`, `text` or `q`, and maybe an
    `id`) or plain. One without an id has its number, from 1.
    """
    if text.lstrip().startswith("["):
        try:
            return [_question(each, number) for number, each in enumerate(msgspec.json.decode(text), 1)]
        except (msgspec.DecodeError, TypeError):
            pass
    return [_question(_decoded(line), number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _decoded(line: str) -> Any:
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        return line.strip()


def _question(said: Any, number: int) -> Question:
    if isinstance(said, dict):
        text = next((said[name] for name in QUESTIONS if isinstance(said.get(name), str)), "")
        return Question(next((said[name] for name in NAMES if said.get(name) is not None), number), text)
    return Question(number, said if isinstance(said, str) else str(said))
