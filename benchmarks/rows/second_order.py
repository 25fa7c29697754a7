"""What do second derivatives of a small program cost?"""

from __future__ import annotations

import numpy as np

from benchmarks.programs import rosenbrock, rosenbrock_hessian
from benchmarks.setting import Setting
from benchmarks.table import Table, compared

__all__ = ["measure"]


def measure(setting: Setting) -> Table:
    """Time H·p and H of Rosenbrock's function, a call."""
    program, n = rosenbrock(), 10
    random = np.random.default_rng(n)
    x, p = random.uniform(-1.0, 1.5, n), random.normal(size=n)
    hessian = rosenbrock_hessian(x)
    times = {
        "Hessian times vector": setting.measure(
            lambda library: library.product(program, x, p), hessian @ p
        ),
        "Hessian": setting.measure(
            lambda library: library.hessian(program, x), hessian
        ),
    }
    return compared(
        f"Second derivatives of Rosenbrock's function, n = {n}: µs a call",
        setting.titles,
        times,
        1e-6,
    )
