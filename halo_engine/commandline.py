"""What every command has in common: `--json`, `--workspace`, `--dry-run`, exit codes, errors in words.

app = App("nightctl", help="Track work.")

@app.verb(changes=True, view=card)
@click.argument("item")
def start(workspace: Workspace, item: str) -> Changed:
    \"\"\"Take an item in hand.\"\"\"
    return commands.start(workspace, item)
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from halo_engine import console, times
from halo_engine.errors import BadData, HaloError, Unavailable, Usage
from halo_engine.workspace import Workspace

View = Callable[[Any], None]
INTERRUPTED = 130
VERSION = click.version_option(package_name="halo-workstation", message="%(prog)s %(version)s")
"""`--version`, for each program; what it says is looked up when it is asked."""
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Answer(msgspec.Struct, frozen=True):
    """What a verb found or did."""

    data: Any
    more: int = 0
    """How many more there are than the limit let through."""
    note: str = ""
    """A word beside the answer, for stderr."""
    exit_code: int = 0
    shown: Any = None
    """What the view gets instead of `data`, where a person wants to see more."""
    would: str = ""
    """What a dry run says where more would happen than that events are recorded."""


class App(click.Group):
    """A group of verbs; also the main function of a console script.

    `sections` orders the help: title -> names of verbs. What is in none comes last. Those of the section `brief`
    stand in one line, without their summaries, and no options are listed: for a help that would not fit a screen.
    `words`: verb -> what people say for it; whoever says that is told the verb.
    """

    def __init__(
        self,
        name: str,
        *,
        sections: dict[str, str] | None = None,
        brief: str = "",
        words: dict[str, str] | None = None,
        **attributes: Any,
    ) -> None:
        attributes.setdefault("no_args_is_help", True)
        super().__init__(name, context_settings=SETTINGS, **attributes)
        VERSION(self)
        self.sections = sections or {}
        self.brief = brief
        self.words = words or {}

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises Usage, naming the verb that is meant, for a word that is none of ours but is known to mean one."""
        word = args[0]
        if self.get_command(context, word) is None and not context.resilient_parsing:
            from halo_engine.everyday import meant

            verbs = meant(word.lower(), self.list_commands(context), self.words)
            if verbs:
                said = " or ".join(f"'{verb}'" for verb in verbs)
                raise Usage(
                    f"No such command {word!r}. Did you mean {said}?", f"{context.command_path} {verbs[0]} --help"
                )
        return super().resolve_command(context, args)

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        if self.brief:
            self.format_commands(context, formatter)
        else:
            super().format_options(context, formatter)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        listed = [name for names in self.sections.values() for name in names.split()]
        known = [(name, self.get_command(context, name)) for name in self.list_commands(context)]
        rest = [name for name, each in known if name not in listed and each and not each.hidden]
        for title, names in {**self.sections, "Others" if listed else "Commands": " ".join(rest)}.items():
            found = [(name, self.get_command(context, name)) for name in names.split()]
            if title == self.brief:
                with formatter.section(title):
                    formatter.write_text(", ".join(names.split()))
            elif found:
                with formatter.section(title):
                    formatter.write_dl([(name, each.get_short_help_str(72)) for name, each in found if each])

    def verb(
        self,
        name: str | None = None,
        *,
        view: View | None = None,
        changes: bool = False,
        makes: bool = True,
        **attributes: Any,
    ) -> Callable[[Callable[..., Any]], click.Command]:
        """Make a function a command. It gets the workspace first, then its options; it returns an `Answer`, or just
        the data; nothing when it has written its answer itself (a stream).

        `view` shows the data to a person (default: as JSON). `changes` gives it `--dry-run`. `makes`: the workspace is
        made first where there is none.
        """

        def declare(function: Callable[..., Any]) -> click.Command:
            made = _with_common(function, view or console.envelope, changes=changes, makes=makes)
            verb_name = name or function.__name__.rstrip("_").replace("_", "-")
            return self.command(verb_name, context_settings=SETTINGS, **attributes)(made)

        return declare

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run, and leave with the exit code that `errors` documents."""
        words = list(sys.argv[1:] if args is None else args)
        sys.exit(run(self, words, prog_name or self.name or "halo-engine", **extra))


def as_json() -> bool:
    """Whether the command that runs was asked for JSON: for those that write a stream."""
    return bool(click.get_current_context().params["as_json"])


def run(app: click.Group, words: Sequence[str], name: str, **extra: Any) -> int:
    """Run a command line; returns its exit code. No traceback reaches a user for what they can mend."""
    console.prepare()
    try:
        code = click.Group.main(app, list(words), prog_name=name, standalone_mode=False, **extra)
        console.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as shown:
        console.note(shown.format_message())
        return Usage.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.note("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        console.abandon()
        return 0
    except (HaloError, click.ClickException, UnicodeEncodeError, OSError) as wrong:
        return _fail(_problem(wrong, name), as_json="--json" in words)


def _problem(wrong: Exception, name: str) -> HaloError:
    """What went wrong, as one of our kinds."""
    if isinstance(wrong, HaloError):
        return wrong
    if isinstance(wrong, click.ClickException):
        where = wrong.ctx.command_path if isinstance(wrong, click.UsageError) and wrong.ctx else name
        return Usage(wrong.format_message(), f"{where} --help")
    if isinstance(wrong, UnicodeEncodeError):
        spoilt = wrong.object[max(0, wrong.start - 10) : wrong.end + 10]
        return BadData(f"not valid Unicode: {spoilt!r}; nothing was changed")
    assert isinstance(wrong, OSError)
    return Unavailable(f"{wrong.filename or 'the answer'}: {wrong.strerror or wrong}", "see to it and repeat")


def _fail(problem: HaloError, *, as_json: bool) -> int:
    """Say what went wrong, in words where even that cannot be written to stdout; returns the exit code."""
    try:
        console.error(problem, as_json=as_json)
        console.flush()
    except OSError:
        console.abandon()
        console.error(problem, as_json=False)
    return problem.exit_code


def _with_common(function: Callable[..., Any], view: View, *, changes: bool, makes: bool) -> Callable[..., Any]:
    @functools.wraps(function)
    def verb(*, as_json: bool, workspace: Path | None, dry_run: bool = False, **options: Any) -> int:
        place = Workspace.find(workspace, dry_run=dry_run, make=makes)
        with console.times_in(lambda: times.zone(place.settings.timezone or "")):
            result = function(place, **options)
            if result is None:
                return 0
            answer = result if isinstance(result, Answer) else Answer(result)
            if answer.note:
                console.note(answer.note)
            planned = getattr(place.log, "planned", None) if dry_run else None
            _answer(answer, view, as_json=as_json, planned=planned)
            return answer.exit_code

    decorators = [
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON."),
        click.option("--workspace", type=click.Path(path_type=Path), metavar="FOLDER", help="Work in this workspace."),
    ]
    if changes:
        decorators.append(click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing."))
    for decorate in reversed(decorators):
        verb = decorate(verb)
    return verb


def _answer(answer: Answer, view: View, *, as_json: bool, planned: list[Any] | None) -> None:
    events = None if planned is None else [event.readable() for event in planned]
    if as_json:
        extra = {} if events is None else {"dry_run": True, "events": events}
        console.envelope(answer.data, answer.more, **extra)
        return
    if planned is not None:
        for event in planned:
            console.line(f"would record {event.type} on {event.stream}: {event.payload.decode()}")
        if answer.would:
            console.line(answer.would)
        elif not planned:
            console.note("nothing would change")
        return
    view(answer.data if answer.shown is None else answer.shown)
    if answer.more:
        console.note(f"{answer.more:,} more; --limit 0 shows all")
