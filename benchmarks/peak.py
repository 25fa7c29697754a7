"""Differentiate one program in this process, and say what it took.

Run by rows/memory.py and rows/peaks.py, once for each library and size: `python -m
benchmarks.peak wengert 1000000` prints seconds for a chain of so many operations, and
bytes at the peak beyond those before; `… wengert gmm 2` for the third size of a program
of GradBench, or null if the library cannot.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.gradbench import PROGRAMS
from benchmarks.library import Library, Unable
from benchmarks.peers import load
from benchmarks.programs import chain
from benchmarks.rows.gradbench import QUESTIONS, question
from benchmarks.verify import verify

__all__ = ["of_chain", "of_program", "peak_bytes"]

SMALL = np.linspace(0.5, 1.5, 8)
STATUS = Path("/proc/self/status")


def peak_bytes() -> int:
    """Give the most memory that this process has held, in bytes."""
    if STATUS.exists():
        # Not getrusage: a child of a large process starts with its parent's peak.
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Measure as the command line says."""
    name, what, *size = sys.argv[1:]
    library = load(name)
    library.gradient(chain(100), SMALL)()  # what is loaded on first use is loaded
    if not size:
        print(json.dumps(of_chain(name, library, int(what))))
        return
    try:
        print(json.dumps(of_program(library, what, int(size[0]))))
    except Unable:
        print("null")


def of_chain(name: str, library: Library, length: int) -> tuple[float, int]:
    """Differentiate a long chain."""
    # Not 1.01, as elsewhere: the derivative would underflow after so many steps.
    program = chain(length, factor=1.0)
    call, before = library.gradient(program, SMALL), peak_bytes()
    start = perf_counter()
    result = call()
    seconds = perf_counter() - start
    peak = peak_bytes() - before
    verify(name, result, program.by_hand(SMALL))
    return seconds, peak


def of_program(library: Library, program: str, size: int) -> tuple[float, int]:
    """Differentiate a program of GradBench; its data does not count."""
    module = PROGRAMS[program]
    ask = QUESTIONS.get(program, question)
    ask(library, module.case(*module.SIZES[0]))()
    case = module.case(*module.SIZES[size])
    start, before = perf_counter(), peak_bytes()
    ask(library, case)()
    return perf_counter() - start, peak_bytes() - before


if __name__ == "__main__":
    main()
