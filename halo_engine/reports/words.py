"""A report in two sentences: what is worse than before, and what is better; the figures stand beneath."""

from __future__ import annotations

from collections.abc import Sequence

from halo_engine.reports.queries import Figure

NAMED = 5
"""Figures that a sentence names; the rest is counted."""
SPARKS = "▁▂▃▄▅▆▇█"


def words(figures: Sequence[Figure], period: str) -> str:
    """What is worse, and what is better, than in the `period` before (`day`, `week`); in the order of the figures."""
    told = [each for each in figures if not each.title.startswith(" ")]
    if all(is_quiet(each) for each in told):
        return "Nothing happened in all this time."
    said = [
        _sentence(f"{kind} than the {period} before", [each for each in told if judged(each) == kind.lower()])
        for kind in ("Worse", "Better")
    ]
    return " ".join(filter(None, said)) or f"As good as the {period} before."


def _sentence(begin: str, found: list[Figure]) -> str:
    if not found:
        return ""
    named = [f"{each.title.lower()} {shown(each.value, each.unit)} ({shown(each.before, each.unit)})" for each in found]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return f"{begin}: {', '.join(named[:NAMED])}{more}."


def is_quiet(figure: Figure) -> bool:
    """Whether there was nothing to count in the period, nor in any before it that is shown."""
    return not any(figure.history)


def shown(value: float | None, unit: str) -> str:
    """`1,234`, `$6.40`, `2.5 h`, `83%`; a dash for none."""
    if value is None:
        return "-"
    if unit == "$":
        return f"${value:,.2f}"
    if unit == "%":
        return f"{value:.0f}%"
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.1f}"
    return f"{text} {unit}".rstrip()


def change(figure: Figure) -> str:
    """`+25%` beside the period before, `+7 pp` (points of percent), `new` where there was nothing, `same`."""
    if figure.value is None or figure.before is None:
        return ""
    if figure.value == figure.before:
        return "same"
    if figure.unit == "%":
        return f"{figure.value - figure.before:+.0f} pp"
    return "new" if figure.change is None else f"{figure.change:+.0%}"


def judged(figure: Figure) -> str:
    """`better` or `worse` where more, or less, is good."""
    if not figure.better or figure.value is None or figure.before is None or figure.value == figure.before:
        return ""
    return "better" if (figure.value > figure.before) == (figure.better == "more") else "worse"


def sparkline(values: Sequence[float | None]) -> str:
    """A line of blocks, the highest for the greatest; a dot where there is no value."""
    top = max((value for value in values if value is not None), default=0) or 1
    return "".join("·" if value is None else SPARKS[min(7, max(0, int(value / top * 8)))] for value in values)
