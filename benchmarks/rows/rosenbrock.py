"""What does a gradient of a small program cost, and of the same program at size?"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.library import Call, Library
from benchmarks.programs import Program, rosenbrock
from benchmarks.setting import Setting
from benchmarks.table import Table, compared, number

__all__ = ["measure"]

SIZES = {"n = 2": 2, "n = 10": 10, "n = 100": 100, "n = 10⁴": 10**4, "n = 10⁶": 10**6}
GOAL = 2.5  # µs an operation, where arrays are so small that all is overhead
TINY = 10


def measure(setting: Setting) -> Table:
    """Time value and gradient of Rosenbrock's function, a call."""
    program = rosenbrock()
    f, by_hand = program.write(np), program.by_hand
    sizes = {
        label: n for label, n in SIZES.items() if n <= 100 or not setting.effort.quick
    }
    times = {}
    for label, n in sizes.items():
        x = np.random.default_rng(n).uniform(-1.0, 1.5, n)
        times[label] = setting.measure(
            functools.partial(gradient, program=program, x=x),
            by_hand(x),
            {"value": functools.partial(f, x), "hand": functools.partial(by_hand, x)},
        )
    table = compared(
        "Value and gradient of Rosenbrock's function with slices: µs a call",
        {"value": "NumPy, value alone", "hand": "by hand", **setting.titles},
        times,
        1e-6,
        {label: GOAL * program.operations for label, n in sizes.items() if n <= TINY},
        setting.ours,
    )
    each = times["n = 10"]["wengert"].per(program.operations)
    table.notes.append(
        f"The function runs {program.operations} operations. The goal is {GOAL} µs for "
        f"each of them on tiny arrays; at n = 10 it is {number(each.best * 1e6)} µs. "
        "“By hand” is value and gradient written out in plain NumPy. CasADi and C++ "
        "write into arrays that stand ready, the others make new ones; C++ is called "
        "by ctypes, which is most of its time for small n."
    )
    return table


def gradient(library: Library, program: Program, x: Any) -> Call:
    """Ask a library for value and gradient."""
    return library.gradient(program, x)
