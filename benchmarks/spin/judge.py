"""The detector on made-up sessions, by kind, and how far its figures hang on its thresholds.

`python -m benchmarks.spin.judge --each 6` writes the sessions to a temporary folder, judges them with every limit
scaled by several factors, and leaves one kind out at a time: the factor is chosen on the other kinds, and the kind
that was left out is judged with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.spin.generate import generate
from benchmarks.spin.lots import NAMES
from halo_engine.agents.spin.evaluate import Judged, judge, read, scored
from halo_engine.agents.spin.settings import SpinSettings

FACTORS = (0.6, 0.8, 1.0, 1.25, 1.6)


def scaled(factor: float) -> SpinSettings:
    """The settings with every limit multiplied."""
    settings = SpinSettings()
    limits = {name: value for name, value in msgspec.structs.asdict(settings).items() if name.endswith("_limit")}
    return msgspec.structs.replace(settings, **{name: max(2, round(value * factor)) for name, value in limits.items()})


def all_judged(labels: Iterable[Path], settings: SpinSettings) -> list[Judged]:
    return [judge(name, label, file.parent, settings) for file in labels for name, label in read(file).items()]


def line(title: str, judged: list[Judged]) -> str:
    score = scored(judged, lambda each: each.verdict.flagged)
    shares = (score.precision, score.recall, score.specificity, score.f1)
    figures = "  ".join("   - " if each is None else f"{each:.3f}" for each in shares)
    return f"{title:<34} {score.sessions:>5}  {figures}  {'' if score.onset_error is None else score.onset_error}"


def leave_one_out(runs: dict[float, list[Judged]]) -> list[Judged]:
    """Each kind judged with the factor that is best on all the others; of equals the one nearest to 1."""
    kept = []
    for kind in sorted({each.label.kind for each in runs[1.0]}):

        def worth(factor: float, kind: str = kind) -> tuple[float, float]:
            others = [each for each in runs[factor] if each.label.kind != kind]
            return scored(others, lambda each: each.verdict.flagged).f1 or 0.0, -abs(factor - 1)

        best = max(FACTORS, key=worth)
        kept += [each for each in runs[best] if each.label.kind == kind]
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=6)
    parser.add_argument("--lot", choices=[*NAMES, "all"], default="all")
    options = parser.parse_args()
    wanted = NAMES if options.lot == "all" else [options.lot]
    with TemporaryDirectory() as folder:
        labels = [generate(Path(folder) / name, options.seed, options.each, name) for name in wanted]
        runs = {factor: all_judged(labels, scaled(factor)) for factor in FACTORS}
    print(f"{'':<34} {'':>5}  precis  recall specif  F1     onset")
    for kind in sorted({each.label.kind for each in runs[1.0]}):
        print(line(kind, [each for each in runs[1.0] if each.label.kind == kind]))
    for factor in FACTORS:
        print(line(f"all, limits times {factor}", runs[factor]))
    print(line("all, one kind left out at a time", leave_one_out(runs)))


if __name__ == "__main__":
    main()
