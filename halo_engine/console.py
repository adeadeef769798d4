"""How a command answers: the answer on stdout, all else on stderr. Nothing else in the engine writes to either."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from halo_engine.clock import Timestamp, instant, now

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from halo_engine.errors import HaloError

SCHEMA_VERSION = 1
PLAIN_WIDTH = 160
"""Columns of a table when stdout is not a terminal."""
_zone: Callable[[], tzinfo] | None = None
VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}
VISIBLE |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
"""Characters that would steer a terminal, as signs that stand for them."""


def prepare() -> None:
    """Make both streams fit for any text: UTF-8 into a pipe or a file, what a terminal cannot show escaped."""
    streams: dict[str, TextIO | None] = {"stdout": sys.stdout, "stderr": sys.stderr}
    for name, stream in streams.items():
        if stream is None:  # closed by whoever started this
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (for good)
        elif isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def abandon() -> None:
    """Write no more to stdout: who reads it has gone, or the disk that it goes to is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def visible(text: str) -> str:
    """The text with nothing in it that would steer a terminal; as many characters as before."""
    return text.translate(VISIBLE)


def note(text: str) -> None:
    """A word beside the answer: progress, a warning, a hint."""
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()


def line(text: str = "") -> None:
    """A line of the answer, for a person."""
    sys.stdout.write(visible(text) + "\n")


def raw(text: str) -> None:
    """A line of the answer, for a program, as it is."""
    sys.stdout.write(text + "\n")


def flush() -> None:
    sys.stdout.flush()


def save(path: Path, lines: Iterable[str]) -> int:
    """An answer to a file instead, whole or not at all; returns how many lines. Through a link to the file that
    it means; into what is no file, a pipe or a device, line by line.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as file:
            return sum(bool(file.write(text + "\n")) for text in lines)
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("w", encoding="utf-8") as file:
            count = sum(bool(file.write(text + "\n")) for text in lines)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def record(value: Any) -> None:
    """One JSON object of a stream, on a line of its own, at once."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def envelope(data: Any, more: int = 0, **extra: Any) -> None:
    """The whole answer for a program: `{"schema_version": 1, "data": ..., "more": N}`, `more` counting what was cut."""
    answer = {"schema_version": SCHEMA_VERSION, "data": data, "more": more, **extra}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n")


def error(problem: HaloError, *, as_json: bool) -> None:
    """A problem: in words on stderr, or as JSON on stdout."""
    if as_json:
        fault = {"kind": problem.kind, "message": _unicode(problem.message), "hint": _unicode(problem.hint)}
        sys.stdout.write(msgspec.json.encode({"error": fault}).decode() + "\n")
        return
    note(f"error: {problem.message}")
    if problem.hint:
        note(f"hint: {problem.hint}")


def _unicode(text: str) -> str:
    """The text with what was no Unicode on the command line spelled out."""
    return text.encode(errors="backslashreplace").decode()


def render(*parts: RenderableType) -> None:
    """Rich text, tables and the like, at the terminal's width and in its colours."""
    terminal = screen()
    for part in parts:
        terminal.print(part)


def cell(value: Any, *, cut: bool = False) -> Text:
    """Anything as rich text that says what it says: no markup, nothing that steers the terminal; with `cut`, a line."""
    from rich.text import Text

    made = value if isinstance(value, Text) else Text(str(value))
    made.plain = visible(made.plain)
    made.no_wrap = cut or None
    return made


def screen() -> Console:
    """The terminal as rich sees it; loads rich."""
    from rich.console import Console

    columns = os.environ.get("COLUMNS", "")
    width = None if sys.stdout.isatty() else int(columns) if columns.isdecimal() else PLAIN_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


@contextmanager
def times_in(zone: Callable[[], tzinfo]) -> Iterator[None]:
    """Show instants in that zone, for as long as a command answers; it is asked for only when there is one to show."""
    global _zone
    before, _zone = _zone, zone
    try:
        yield
    finally:
        _zone = before


def local(time: Timestamp) -> str:
    """An instant for a person, in the operator's zone: `2026-11-20 14:30:05`; as it is where no command answers."""
    return f"{instant(time).astimezone(_zone()):%Y-%m-%d %H:%M:%S}" if time and _zone else time


def moment(time: Timestamp | None) -> str:
    """The same beside text, with its zone: `2026-11-20 14:30:05 EET`; empty for none, UTC where no command answers."""
    if not time:
        return ""
    return f"{local(time)} {instant(time).astimezone(_zone()):%Z}" if _zone else f"{time[:19]}Z"


def counted(number: int, what: str) -> str:
    """`1 note`, `2 notes`, `2 entries`."""
    if number != 1:
        what = f"{what[:-1]}ies" if what.endswith("y") and what[-2:-1] not in "aeiou" else f"{what}s"
    return f"{number:,} {what}"


def cut(text: str, most: int) -> str:
    """At most that many characters of a text, on one line, with an ellipsis where something is left out."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def heading(word: str = "TIME") -> str:
    """Of a column of instants: names the zone, once: `TIME (EET)`."""
    return f"{word} ({now().astimezone(_zone()):%Z})" if _zone else word


def width() -> int:
    """Columns that an answer may use."""
    import shutil

    return shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    right: Sequence[int] = (),
    cut: bool = False,
    whole: Sequence[int] = (),
) -> None:
    """A table for a person, without a frame. `right`: places of columns of numbers.

    What does not fit into the last column goes on below. With `cut` a row is a line: the widest columns give way, but
    not the `whole` ones, and end in a sign that they do.
    """
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, header in enumerate(headers):
        last = place == len(headers) - 1
        made.add_column(
            cell(header, cut=cut),
            justify="right" if place in right else "left",
            no_wrap=place in whole if cut else not last,  # those that may wrap, rich narrows first, the widest of them
            overflow="fold" if last and not cut else "ellipsis",
        )
    for row in rows:
        made.add_row(*(cell(each, cut=cut) for each in row))
    render(made)


def progress(total: int, what: str) -> Callable[[int], None]:
    """A function that shows how far a long piece of work is, on stderr; silent when nobody watches."""
    if not sys.stderr.isatty():
        return lambda _: None

    def show(done: int) -> None:
        sys.stderr.write(f"\r{what} {done:,} of {total:,}" + ("\n" if done >= total else ""))
        sys.stderr.flush()

    return show
