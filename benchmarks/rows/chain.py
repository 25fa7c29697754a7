"""What does an operation cost, beyond its arithmetic?

A chain of 200 ufunc calls on so little data that the time is all overhead: of NumPy,
and of what records the operation and later pulls its adjoint back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.programs import Program, chain, scalar_chain
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.timing import Timing

__all__ = ["measure"]

GOAL = 2.5  # µs an operation


def measure(setting: Setting) -> Table:
    """Time value and gradient of the chain, for each operation in it."""
    length = 20 if setting.effort.quick else 200
    vector, scalar = chain(length), scalar_chain(length)
    tiny = np.linspace(0.5, 1.5, 8)
    times = {
        "8 doubles": timed(setting, vector, tiny),
        "collector on": timed(setting, vector, tiny, collecting=True),
        "one float": timed(setting, scalar, 0.5),
    }
    table = compared(
        f"Value and gradient of a chain of {length} ufunc calls: µs an operation",
        {"value": "NumPy, value alone", **setting.titles},
        times,
        1e-6,
        dict.fromkeys(times, GOAL),
    )
    table.notes.append(
        "x ← sin(x)·1.01, time and again, then Σx. Python's garbage collector rests "
        "while the clock runs, as with `timeit`, except in the second pair of columns. "
        "JAX compiles the chain to one loop; the others run it operation by operation."
    )
    return table


def timed(
    setting: Setting, program: Program, x: Any, collecting: bool = False
) -> dict[str, Timing]:
    """Time a program on all libraries, for each of its operations."""
    f = program.write(np)
    found = setting.measure(
        lambda library: library.gradient(program, x),
        program.by_hand(x),
        {"value": lambda: f(x)},
        collecting,
    )
    return {name: time.per(program.operations) for name, time in found.items()}
