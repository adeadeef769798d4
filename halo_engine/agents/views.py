"""What a person sees of sessions and usage on the command line. Loads rich when called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from halo_engine import clock, console, times
from halo_engine.agents.blocks import Block
from halo_engine.agents.found import Found
from halo_engine.agents.prices import Price, Table
from halo_engine.agents.queries import TIMES, Report, Spent
from halo_engine.agents.timeline import Entry

SPARKS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉"
BAR = 16
"""Columns of the longest bar."""
MARKS = {"prompt": "❯", "thought": "…", "said": "●", "call": "→", "result": "←", "mark": "◆"}


def sparkline(values: Sequence[float]) -> str:
    """A line of blocks, the highest for the greatest value; nothing at all is a blank."""
    top = max(values, default=0) or 1
    return "".join(SPARKS[min(7, int(value / top * 8))] if value > 0 else " " for value in values)


def bar(value: float, top: float, width: int = BAR) -> str:
    """A bar to the eighth of a column."""
    eighths = round(value / top * width * 8) if top else 0
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()


def short(count: float) -> str:
    """A number in at most four characters and a unit: `950`, `12.3k`, `4.5M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            amount = count / size
            return f"{amount:.0f}{unit}" if amount >= 100 else f"{amount:.1f}{unit}"
    return f"{count:.0f}"


def dollars(cost: float | None, *, partly: bool = False) -> str:
    """`$12.34`; `?` for what has no price, `$12.34+?` for what has one in part."""
    if cost is None or (partly and not cost):
        return "?"
    return f"${cost:,.2f}" + ("+?" if partly else "")


def sessions(found: list[Spent]) -> None:
    """One line a session."""
    if not found:
        console.note("no such sessions; agentctl sources says where they are looked for")
        return
    now = clock.now()
    console.table(
        ("SESSION", "SOURCE", "PROJECT", "LAST", "TOOK", "PROMPTS", "CALLS", "TOKENS", "COST", "MODEL"),
        [
            (
                each.session.id[:13],
                each.session.source,
                _end(each.session.instance or each.session.project, 24),
                times.ago(clock.instant(each.session.last), now),
                times.span(_seconds(each.session.first, each.session.last)),
                each.session.prompts,
                each.session.calls,
                short(each.usage.tokens),
                dollars(each.usage.cost, partly=bool(each.usage.unpriced)),
                ", ".join(each.usage.models),
            )
            for each in found
        ],
        right=(4, 5, 6, 7, 8),
    )


def _end(text: str, width: int) -> str:
    return text if len(text) <= width else "…" + text[1 - width :]


def _seconds(first: str, last: str) -> float:
    return (clock.instant(last) - clock.instant(first)).total_seconds()


def usage(report: Report | list[Block]) -> None:
    """One line a day, model, ... or window; a sparkline above it where the lines are days, and a bar in each."""
    if isinstance(report, list):
        blocks(report)
        return
    if not report.rows:
        console.note("nothing was used; agentctl sources says where sessions are looked for")
        return
    top = max(row.cost or row.tokens / 1e9 for row in report.rows)
    if report.by in TIMES:
        console.line(f"{sparkline(spaced(report))}  {dollars(report.total.cost)}\n")
    console.table(
        (report.by.upper(), "REPLIES", "INPUT", "OUTPUT", "CACHE READ", "WRITE 5M", "WRITE 1H", "TOKENS", "COST", ""),
        [
            (
                row.name,
                row.replies,
                *(
                    short(each)
                    for each in (row.input, row.output, row.cache_read, row.cache_write_5m, row.cache_write_1h)
                ),
                short(row.tokens),
                dollars(row.cost, partly=bool(row.unpriced)),
                "" if row is report.total else bar(row.cost, top),
            )
            for row in (*report.rows, report.total)
        ],
        right=tuple(range(1, 9)),
    )
    unpriced(report.unknown, report.prices)


def spaced(report: Report) -> list[float]:
    """The cost of each row, and nothing for the days between on which nothing was used."""
    costs = {row.name: row.cost for row in report.rows}
    if report.by != "day":
        return list(costs.values())
    first, last = (date.fromisoformat(report.rows[place].name) for place in (0, -1))
    days = (first + timedelta(days=each) for each in range((last - first).days + 1))
    return [costs.get(day.isoformat(), 0.0) for day in days]


def unpriced(models: Sequence[str], date: str) -> None:
    """Name what has no price."""
    if models:
        console.note(f"no price for {', '.join(models)} in the table of {date}: agentctl prices --update FILE")


def blocks(found: list[Block]) -> None:
    """One line a window."""
    if not found:
        console.note("nothing was used; agentctl sources says where sessions are looked for")
        return
    top = max(block.cost for block in found)
    console.table(
        (console.heading("FROM"), "TO", "REPLIES", "TOKENS", "A MINUTE", "COST", "", "MODELS"),
        [
            (
                console.local(block.start)[:16],
                "active" if block.active else console.local(block.end)[11:16],
                block.replies,
                short(block.tokens),
                short(block.per_minute),
                dollars(block.cost, partly=bool(block.unknown)),
                bar(block.cost, top),
                ", ".join(block.models),
            )
            for block in found
        ],
        right=(2, 3, 4, 5),
    )
    for block in found:
        if block.active:
            tokens, cost = short(block.projected_tokens), dollars(block.projected_cost)
            console.line(f"\nby {console.moment(block.end)}, going on so: {tokens} tokens, {cost}")


def session(found: dict[str, Any]) -> None:
    """A session's facts, and one line for each thing that happened."""
    spent: Spent = found["spent"]
    row, used = spent.session, spent.usage
    facts = (
        ("source", row.source),
        ("project", row.project),
        ("folder", row.cwd),
        ("branch", row.branch),
        ("instance", row.instance),
        ("from", f"{console.moment(row.first)}, {times.span(_seconds(row.first, row.last))}"),
        ("models", ", ".join(used.models)),
        ("replies", f"{row.replies}, {row.side_replies} of {row.agents} sub-agents" if row.agents else row.replies),
        ("tokens", f"{used.tokens:,} ({short(row.side_tokens)} beside the main conversation)"),
        ("cost", dollars(used.cost, partly=bool(used.unpriced))),
        ("file", row.path),
    )
    console.table((row.id, ""), [(name, value) for name, value in facts if value])
    console.line()
    console.table(
        ("LINE", console.heading(), "", "WHAT", "TOKENS", "COST", "CHANGE", "TEXT"),
        [_entry(entry) for entry in found["timeline"]],
        right=(0, 4, 5),
    )


def _entry(entry: Entry) -> tuple[Any, ...]:
    changed = f"+{entry.added} -{entry.removed}" if entry.files else ""
    what = entry.tool or ("failed" if entry.failed else entry.kind)
    return (
        entry.line,
        console.local(entry.time)[11:19],
        MARKS[entry.kind],
        f"{what} ({entry.agent[:6]})" if entry.agent else what,
        short(entry.tokens) if entry.tokens else "",
        f"${entry.cost:.4f}" if entry.cost is not None else "",
        changed,
        entry.text,
    )


def sources(found: list[Found]) -> None:
    """One line a source, and below it what could not be read."""
    console.table(
        ("SOURCE", "FILES", "MB", "LINES", "DAMAGED", "LOOKED FOR IN"),
        [
            (
                each.title,
                each.files,
                f"{each.bytes / 1e6:.1f}",
                each.lines,
                each.damaged,
                ", ".join(each.there) or "not found: " + (", ".join(each.folders) or "turned off"),
            )
            for each in found
        ],
        right=(1, 2, 3, 4),
    )
    for each in found:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in each.unknown.items())
        if kinds:
            console.note(f"{each.title}: lines of types that are not known: {kinds}")
        for path, why in each.faults.items():
            console.note(f"{path} could not be read: {why}")


def prices(table: Table) -> None:
    """One line a model."""
    console.line(f"{table.unit}, as of {table.date} ({table.source})\n")
    console.table(
        ("MODEL", "INPUT", "OUTPUT", "CACHE READ", "WRITE 5M", "WRITE 1H", "MORE"),
        [
            (name, *(f"{rate * 1e6:g}" for rate in price.rates(0, "")), "; ".join(_more(price, table)))
            for name, price in table.models.items()
        ],
        right=(1, 2, 3, 4, 5),
    )


def _more(price: Price, table: Table) -> Iterator[str]:
    """What else there is to a price: what input costs beyond a length, factors of tiers, and where it is from."""
    for step, at in price.above.items():
        yield f"{at.get('input', price.input):g} beyond {int(step) // 1000}k"
    for tier, factor in price.factors.items():
        yield f"{tier} x{factor:g}"
    yield price.source or table.source
