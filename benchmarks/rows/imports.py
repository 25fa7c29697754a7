"""How long does a program wait for the import, and for its first gradient?

Each library is imported by fresh processes, after NumPy, which counts for none of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.table import NONE, Table, cell, number, ratio, verdict
from benchmarks.timing import Timing

__all__ = ["measure"]

GOAL = 0.05  # s
# What `import wengert` is to leave for the first use.
SLOW = ["scipy", "llvmlite", "optree", "rich", "sympy", "matplotlib", "fast_sugiyama"]

# Library → what a program writes to have it, and to take its first gradient.
STATEMENTS = {
    "wengert": ("import wengert", "wengert.grad(lambda x: np.sum(x * np.sin(x)))(x)"),
    "autograd": (
        "import autograd, autograd.numpy as anp",
        "autograd.grad(lambda x: anp.sum(x * anp.sin(x)))(x)",
    ),
    "torch": (
        "import torch",
        "t = torch.from_numpy(x).requires_grad_(); "
        "torch.autograd.grad(torch.sum(t * torch.sin(t)), t)",
    ),
    "jax": (
        "import jax, jax.numpy as jnp",
        "jax.jit(jax.grad(lambda x: jnp.sum(x * jnp.sin(x))))(x).block_until_ready()",
    ),
}

CHILD = """
import json, sys
from time import perf_counter as now
start = now()
import numpy as np
numpy, x, start = now() - start, np.ones(3), now()
{load}
load, loaded = now() - start, [m for m in {slow} if m in sys.modules]
{first}
print(json.dumps([numpy, load, now() - start, loaded]))
"""


def measure(setting: Setting) -> Table:
    """Time imports in fresh processes, in turns, the best of several."""
    numpy: list[float] = []
    present = [module for module in STATEMENTS if module in setting.present]
    loads: dict[str, list[float]] = {module: [] for module in present}
    firsts: dict[str, list[float]] = {module: [] for module in present}
    loaded: dict[str, list[str]] = {}
    # Once more than is counted: the first time, Python compiles, and files are cold.
    turns = 2 if setting.effort.quick else 9
    for turn in range(turns):
        for module in present:
            alone, load_s, first_s, loaded[module] = fresh(module)
            if turn:
                numpy.append(alone)
                loads[module].append(load_s)
                firsts[module].append(first_s)

    table = Table(
        "Import, beyond NumPy's: s",
        ["", "import", "ratio", "import and first gradient", "ratio"],
    )
    for module in STATEMENTS:
        if module not in setting.titles:
            continue
        title = setting.titles[module]
        if module not in present:
            table.rows.append([title, NOT_INSTALLED, NONE, NONE, NONE])
            continue
        load, first = Timing.of(loads[module]), Timing.of(firsts[module])
        table.rows.append(
            [
                title,
                cell(load, 1),
                ratio(load, Timing.of(loads["wengert"])),
                cell(first, 1),
                ratio(first, Timing.of(firsts["wengert"])),
            ]
        )
    reached = verdict(min(loads["wengert"]), GOAL)
    table.rows.append(["goal for wengert", reached, "", "", ""])
    table.notes.append(
        f"The best of {turns - 1} in fresh processes. NumPy's own import takes "
        f"{number(min(numpy))} s. Of {', '.join(SLOW)}, `import wengert` loads "
        f"{', '.join(loaded['wengert']) or 'none'}."
    )
    return table


def fresh(module: str) -> tuple[float, float, float, list[str]]:
    """Import a library in a fresh process.

    Returns
    -------
    tuple
        Seconds for NumPy, for the library, for the library and its first gradient; and
        which of the slow libraries were loaded by then.
    """
    load, first = STATEMENTS[module]
    code = CHILD.format(load=load, first=first, slow=SLOW)
    # What pip installs is compiled; a checkout is, once Python may keep its bytecode.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=kept,
    )
    numpy, load_s, first_s, loaded = json.loads(done.stdout)
    return numpy, load_s, first_s, loaded
