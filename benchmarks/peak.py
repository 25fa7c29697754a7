"""Differentiate one long chain in this process, and say what it took.

Run by rows/memory.py, once for each library and length: `python -m benchmarks.peak
wengert 1000000` prints seconds, and bytes at the peak beyond those before.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.peers import load
from benchmarks.programs import chain
from benchmarks.verify import verify

__all__ = ["peak_bytes"]

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
    module, length = sys.argv[1], int(sys.argv[2])
    library, x = load(module), np.linspace(0.5, 1.5, 8)
    library.gradient(chain(100), x)()  # what is loaded on first use is loaded
    # Not 1.01, as elsewhere: the derivative would underflow after so many steps.
    program = chain(length, factor=1.0)
    call, before = library.gradient(program, x), peak_bytes()
    start = perf_counter()
    result = call()
    seconds = perf_counter() - start
    peak = peak_bytes() - before
    verify(module, result, program.by_hand(x))
    print(json.dumps([seconds, peak]))


if __name__ == "__main__":
    main()
