"""Made-up sessions of many kinds, with labels: `python -m benchmarks.spin.generate FOLDER --seed 1 --each 4`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random

from benchmarks.spin.lots import NAMES, lot
from benchmarks.spin.transcript import Transcript


def generate(folder: Path, seed: int, each: int, which: str = "first") -> Path:
    """Write `each` sessions of every kind of a lot and their labels; returns the labels' file."""
    labels = {}
    for is_stuck, kinds in zip((True, False), lot(which), strict=True):
        for kind, make in kinds.items():
            for number in range(each):
                random = Random(f"{seed}/{kind}/{number}")
                made = Transcript(random)
                make(made, random)
                labels[made.session] = {
                    "stuck": is_stuck,
                    "kind": kind,
                    "why": (make.__doc__ or kind.replace("_", " ")).strip(),
                    "stuck_from_line": made.stuck_from,
                    "path": made.save(folder),
                }
    place = folder / "labels.json"
    place.write_text(json.dumps(labels, indent=1), encoding="utf-8")
    return place


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--lot", choices=NAMES, default="first")
    options = parser.parse_args()
    generate(options.folder, options.seed, options.each, options.lot)
