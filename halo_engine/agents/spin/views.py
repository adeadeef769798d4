"""What a person sees of verdicts on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from halo_engine import console
from halo_engine.agents.spin.checking import Checked
from halo_engine.agents.spin.evaluate import Evaluation, Score


def checked(found: list[Checked]) -> None:
    """One line a flagged session, the worst first."""
    bad = [each for each in found if each.verdict.flagged]
    if bad:
        console.table(
            ("SESSION", "PROJECT", "SCORE", "SINCE", "TOKENS", "RULE", "WHAT"),
            [row(each) for each in bad],
            right=(2, 3, 4),
        )
    console.line(f"{len(bad):,} of {len(found):,} sessions go nowhere" + ("" if bad else ": all is well"))


def row(each: Checked) -> tuple[str, ...]:
    verdict = each.verdict
    first = verdict.findings[0]
    name = f"{'↻' if verdict.recovered else '▲'} {each.session[:8]}"
    place = f"line {verdict.since}"
    return name, each.project[-28:], f"{verdict.score:.2f}", place, f"{verdict.wasted:,}", first.rule, first.says


def explained(found: list[Checked]) -> None:
    """Each session with every rule's part and its evidence."""
    for each in found:
        verdict = each.verdict
        state = "worked again after going nowhere" if verdict.recovered else "goes nowhere"
        word = f"{state} since line {verdict.since}" if verdict.flagged else "works"
        console.line(f"{each.session}  {word}: score {verdict.score:.2f}, {console.counted(verdict.steps, 'call')}")
        console.line(f"  {each.path}")
        for finding in verdict.findings:
            console.line(
                f"  {finding.part:>5.2f}  {finding.rule:<12} {finding.count:g} of {finding.limit:g}: {finding.says}"
            )
            lines = ", ".join(map(str, finding.lines))
            console.line(f"         from line {finding.since}; turns at lines {lines}; likeness {finding.likeness:.2f}")
    checked(found)


def line(each: Checked) -> None:
    """What has changed about a session, as it happens."""
    verdict = each.verdict
    what = verdict.findings[0].says if verdict.flagged and verdict.findings else "moves again"
    console.line(f"{each.session[:8]}  {'▲' if verdict.flagged else '●'} {verdict.score:.2f}  {each.project}  {what}")
    console.flush()


def evaluation(found: Evaluation) -> None:
    """The figures, in one table."""
    rows = [("overall", *cells(found.overall))]
    rows += [(f"kind {name}", *cells(score)) for name, score in found.kinds.items()]
    rows += [(f"rule {name}", *cells(score)) for name, score in found.rules.items()]
    heads = ("", "SESSIONS", "TP", "FP", "TN", "FN", "PRECISION", "RECALL", "SPECIFICITY", "F1", "ONSET")
    console.table(heads, rows, right=range(1, 11))
    for each in found.wrong:
        console.line(each)


def cells(score: Score) -> Iterable[str]:
    counts = (score.sessions, score.true_positive, score.false_positive, score.true_negative, score.false_negative)
    shares = (score.precision, score.recall, score.specificity, score.f1)
    onset = "" if score.onset_error is None else f"{score.onset_error:.1f}"
    return (*map(str, counts), *("" if each is None else f"{each:.3f}" for each in shares), onset)
