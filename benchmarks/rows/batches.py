"""What do the gradients of a function at many points cost, as one batch?"""

from __future__ import annotations

import numpy as np

from benchmarks.programs import elementwise, rosenbrock
from benchmarks.setting import Setting
from benchmarks.table import Table, compared

__all__ = ["measure"]

POINTS, LENGTH = 1000, 10


def measure(setting: Setting) -> Table:
    """Time the gradients at all points, a call."""
    random = np.random.default_rng(LENGTH)
    xs = random.uniform(-1.0, 1.5, (POINTS, LENGTH))
    times = {}
    for title, program in {
        "Rosenbrock": rosenbrock(),
        "elementwise": elementwise(),
    }.items():
        expected = np.stack([program.by_hand(x)[1] for x in xs])
        times[title] = setting.measure(
            lambda library, program=program: library.gradients(program, xs), expected
        )
    return compared(
        f"Gradients at {POINTS} points, n = {LENGTH}: µs a call",
        setting.titles,
        times,
        1e-6,
    )
