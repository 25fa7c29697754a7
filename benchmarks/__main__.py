"""Measure and write the tables. Start it by run.py, which sees to one thread."""

from __future__ import annotations

import argparse
import datetime
import gc
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.building import told
from benchmarks.machine import busy, machine, versions
from benchmarks.rows import ROWS
from benchmarks.setting import SLOW, Setting
from benchmarks.timing import Effort
from benchmarks.verify import EACH, TOLERANCE, WrongResult

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"


def main(argv: list[str] | None = None) -> int:
    """Run the rows that the command line names; give the exit status."""
    options = parser().parse_args(argv)
    effort = Effort(rounds=3, turn=0.001, quick=True) if options.quick else Effort()
    setting = Setting(effort, not options.without_peers, options.full)
    whole = not (options.quick or options.only or options.without_peers)
    output = options.output or (RESULTS if whole else None)

    page = head(setting, options.quick)
    print(page)
    start = perf_counter()
    for name in options.only or ROWS:
        try:
            table = ROWS[name](setting)
        except WrongResult as wrong:
            print(f"{name} is not timed: a result is wrong. {wrong}", file=sys.stderr)
            return 1
        print(table.markdown(), flush=True)
        page += "\n" + table.markdown()
        gc.collect()
    print(f"Measured in {perf_counter() - start:.0f} s.")
    if output:
        output.write_text(page, encoding="utf-8")
        print(f"Written to {output}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """Make the reader of the command line."""
    made = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        description="Measure wengert beside autograd, PyTorch, JAX, CasADi and C++ by "
        "hand: one run, one thread, best of several. Peers that are not installed are "
        f"left out. A whole run writes {RESULTS.name}.",
    )
    made.add_argument(
        "--only",
        action="append",
        choices=ROWS,
        metavar="ROW",
        help=f"measure this row; may be given again: {', '.join(ROWS)}",
    )
    made.add_argument(
        "--quick", action="store_true", help="try that all runs; the numbers are noise"
    )
    made.add_argument(
        "--full", action="store_true", help="with what takes minutes to compile"
    )
    made.add_argument(
        "--without-peers", action="store_true", help="measure wengert alone"
    )
    made.add_argument(
        "--output", type=Path, metavar="FILE", help="write the tables to this file"
    )
    return made


def head(setting: Setting, quick: bool) -> str:
    """Say what was measured, when, and on what."""
    effort = setting.effort
    lines = [
        "# wengert beside its peers",
        "",
        "Written by `make bench`. One run, one thread on one core, float64. Each "
        "result is first held against the derivative by hand, or for longer programs "
        f"wengert's eager one (relative error at most {TOLERANCE:g}, of each entry "
        f"{EACH:g}); then all are timed in turns, {effort.rounds} rounds, or as many "
        f"as go into {effort.patience:g} s. A cell gives the best round, and how far "
        f"the median round lies above it; what takes over {SLOW:g} s is timed once. "
        "NumPy arrays go in and come out everywhere, conversions included; what is "
        "compiled before or on the first call is not counted. A ratio is a time over "
        "that of the row where it is 1: above 1, wengert is faster.",
        "",
        f"* {datetime.date.today().isoformat()}, {machine()}",
        f"* {versions(['numpy', *setting.distributions])}",
    ]
    if setting.compiled:
        lines.append(f"* C and C++: {told()}")
    if busy() > 0.5:
        lines.append(
            f"* The machine was not idle before: {busy():.1f} processes were running."
        )
    if quick:
        lines.append("* A smoke test (`--quick`): the numbers mean nothing.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
