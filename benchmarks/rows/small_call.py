"""What does a call of a compiled gradient cost from Python, beyond its arithmetic?"""

from __future__ import annotations

import numpy as np

from benchmarks.programs import griewank
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.verify import verify

__all__ = ["measure"]

GOAL = 0.25  # µs a call of what is compiled


def measure(setting: Setting) -> Table:
    """Time value and gradient of Griewank and Walther's first example, a call."""
    program, x = griewank(), np.array([1.5, 0.5])
    f, label = program.write(np), "value and gradient"
    others = {"value": lambda: f(x), "hand": lambda: program.by_hand(x)}
    titles = {"value": "NumPy, value alone", "hand": "by hand", **setting.titles}
    if "jax" in setting.present:
        others["own"] = setting.libraries["jax"].own_arrays(program, x)
        verify("jax", others["own"](), program.by_hand(x))
        titles["own"] = "JAX jit, JAX's own arrays"
    times = {
        label: setting.measure(
            lambda library: library.gradient(program, x), program.by_hand(x), others
        )
    }
    table = compared(
        "A function of two numbers: µs a call",
        titles,
        times,
        1e-6,
        {label: GOAL} if setting.ours == "wengert jit" else None,
        setting.ours,
        setting.ours,
    )
    table.notes.append(
        "The example of Griewank & Walther (2008), ch. 1: "
        "(sin(x₀/x₁) + x₀/x₁ − exp x₁) · (x₀/x₁ − exp x₁). CasADi and C++ are called "
        "with pointers that stand ready, and write into an array that is there; the "
        "others read an array and make one. Of C++'s time, most is that of ctypes."
    )
    return table
