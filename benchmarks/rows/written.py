"""What do loops cost that write into an array?"""

from __future__ import annotations

import functools

import numpy as np

from benchmarks.programs import Program
from benchmarks.rows.rosenbrock import gradient
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.written import filling, heat

__all__ = ["measure"]


def measure(setting: Setting) -> Table:
    """Time value and gradient of a filled array and of a heat equation, a call."""
    quick = setting.effort.quick
    length, cells, steps = (100, 50, 10) if quick else (10**4, 10**3, 10**3)
    times = {}
    programs: dict[str, tuple[Program, int]] = {
        f"fill {length:,}": (filling(length), length),
        f"heat, {cells:,} cells × {steps:,} steps": (heat(steps), cells),
    }
    for label, (program, n) in programs.items():
        x = np.random.default_rng(0).uniform(-1.0, 1.0, n)
        f, by_hand = program.write(np), program.by_hand
        times[label] = setting.measure(
            functools.partial(gradient, program=program, x=x),
            by_hand(x),
            {"value": functools.partial(f, x), "hand": functools.partial(by_hand, x)},
            most_rounds=5,
        )
    table = compared(
        "Value and gradient of loops that write into arrays: ms a call",
        {"value": "NumPy, value alone", "hand": "by hand", **setting.titles},
        times,
        1e-3,
    )
    table.notes.append(
        "NumPy and PyTorch write in place. For autograd, which cannot, the programs "
        "collect a list and join slices; for JAX they are `scan` and `fori_loop`, "
        "compiled. A float at a time, NumPy's own loop is what a gradient follows."
    )
    return table
