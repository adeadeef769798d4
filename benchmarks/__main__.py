"""Run the benchmarks that are named, or all; leave with 1 when a bar is missed."""

from __future__ import annotations

import argparse
import compileall
import importlib
import os
import platform
import re
import sys
from pathlib import Path

import halo_engine
from benchmarks.measure import Figure, markdown

NAMES = (
    "append",
    "writers",
    "rebuild",
    "items",
    "workstation",
    "follow",
    "transcripts",
    "logs",
    "fleet",
    "schedules",
    "mornings",
    "memory_links",
    "memory",
    "mail",
)
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer: to see that it works, not to quote")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this page, between its marks")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return given


def main() -> int:
    given = arguments()
    compileall.compile_dir(halo_engine.__path__[0], quiet=1)
    figures: list[Figure] = []
    missed: list[str] = []
    for name in given.names or NAMES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = importlib.import_module(f"benchmarks.{name}").run(quick=given.quick)
        print(markdown(found), flush=True)
        figures += found
        missed += [f"{name}: {each.what} ({each.halo} beside {each.peer})" for each in found if each.met is False]
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        place = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores."
        table = f"{place}\n\n{markdown(figures)}\n"
        given.write.write_text(FIGURES.sub(lambda _: table, page), encoding="utf-8")
    for what in missed:
        print(f"missed: {what}", file=sys.stderr)
    return 1 if missed else 0


sys.exit(main())
