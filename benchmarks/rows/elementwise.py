"""How many times its own function does a gradient cost, at size?

Theory allows a small multiple, at most four or five (Griewank & Walther, 2008, ch. 4).
"""

from __future__ import annotations

import numpy as np

from benchmarks.library import Call, Unable
from benchmarks.programs import elementwise
from benchmarks.setting import Setting
from benchmarks.table import NONE, Table, cell, ratio
from benchmarks.timing import Timing, interleaved
from benchmarks.verify import verify

__all__ = ["measure"]


def measure(setting: Setting) -> Table:
    """Time f alone and with its gradient, at 10⁶ elements."""
    program = elementwise()
    n = 10**4 if setting.effort.quick else 10**6
    x = np.random.default_rng(0).uniform(-2.0, 2.0, n)
    f, by_hand = program.write(np), program.by_hand
    right = by_hand(x)
    calls: dict[tuple[str, str], Call] = {
        ("numpy", "value"): lambda: f(x),
        ("hand", "both"): lambda: by_hand(x),
    }
    for module, library in setting.libraries.items():
        for key, ask, expected in (
            ("value", library.value, right[0]),
            ("both", library.gradient, right),
        ):
            try:
                calls[module, key] = ask(program, x)
            except Unable:
                continue
            verify(module, calls[module, key](), expected)
    times = interleaved(calls, setting.effort)
    for module, absent in setting.absent.items():
        times[module, "value"] = times[module, "both"] = absent

    table = Table(
        f"Gradient over its primal, {n:,} elements",
        [
            "", "f alone, ms", "value and gradient, ms", "over f alone",
            "over NumPy's f", "ratio",
        ],
    )  # fmt: skip
    none = Timing(why=NONE)
    plain, ours = times["numpy", "value"], times[setting.ours, "both"]
    for name, title in {"numpy": "NumPy", "hand": "by hand", **setting.titles}.items():
        alone, pair = (times.get((name, key), none) for key in ("value", "both"))
        table.rows.append(
            [
                title, cell(alone, 1e-3), cell(pair, 1e-3), ratio(pair, alone),
                ratio(pair, plain), ratio(pair, ours),
            ]
        )  # fmt: skip
    table.notes.append(
        "f = Σ exp(−x²)·sin 3x + log(1 + x²)·tanh x. wengert's f alone is NumPy's, "
        "timed a second time. “By hand” shares what value and gradient have in common; "
        "in C++ it calls the C library for one number at a time."
    )
    return table
