"""What does a gradient of a small program cost, and of the same program at size?"""

from __future__ import annotations

import numpy as np

from benchmarks.programs import rosenbrock
from benchmarks.session import Session
from benchmarks.table import NONE, Table, compared, number, ratio, verdict

__all__ = ["measure"]

SIZES = {"n = 2": 2, "n = 10": 10, "n = 100": 100, "n = 10⁴": 10**4, "n = 10⁶": 10**6}
GOAL = 2.5  # µs an operation
TINY = 10  # up to this size the time is overhead, for which the goal is set


def measure(session: Session) -> Table:
    """Time value and gradient of Rosenbrock's function, a call."""
    program = rosenbrock()
    f, by_hand = program.write(np), program.by_hand
    sizes = {
        label: n for label, n in SIZES.items() if n <= 100 or not session.effort.quick
    }
    times = {}
    for label, n in sizes.items():
        x = np.random.default_rng(n).uniform(-1.0, 1.5, n)
        times[label] = session.measure(
            lambda library, x=x: library.gradient(program, x),
            by_hand(x),
            {"value": lambda x=x: f(x), "by hand": lambda x=x: by_hand(x)},
        )
    table = compared(
        "Value and gradient of Rosenbrock's function with slices: µs a call",
        {"value": "NumPy, value alone", "by hand": "by hand", **session.titles},
        times,
        1e-6,
    )
    found = times.values()
    each = [t["wengert"].per(program.operations).best * 1e6 for t in found]
    table.add_column(
        "wengert ÷ by hand", [ratio(t["wengert"], t["by hand"]) for t in found]
    )
    table.add_column("wengert, an operation", [number(time) for time in each])
    table.add_column(
        "goal for it",
        [
            verdict(time, GOAL) if n <= TINY else NONE
            for time, n in zip(each, sizes.values(), strict=True)
        ],
    )
    table.notes.append(
        f"f runs {program.operations} operations. “By hand” is value and gradient "
        "written out in plain NumPy."
    )
    return table
