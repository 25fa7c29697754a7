"""How much memory do the large programs of GradBench take?"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.gradbench import PROGRAMS
from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.table import NONE, Table, number

__all__ = ["measure"]

LARGE = ("gmm", "lstm", "ba", "lse")
LIBRARIES = ("wengert", "wengert jit", "torch", "jax")


def measure(setting: Setting) -> Table:
    """Differentiate each program in a process of its own, for each library."""
    size = 0 if setting.effort.quick else -1
    names = [name for name in LIBRARIES if name in setting.modules]
    found = {
        (name, program): fresh(name, program, size)
        for program in LARGE
        for name in names
        if name in setting.present
    }
    labels = [f"{p}, {PROGRAMS[p].case(*PROGRAMS[p].SIZES[size]).label}" for p in LARGE]
    head = ["", *(text for label in labels for text in (label, "ratio"))]
    table = Table("Memory for a gradient, compiling included: MiB at the peak", head)
    for name in names:
        cells = [setting.titles[name]]
        for program in LARGE:
            if name not in setting.present:
                cells += [NOT_INSTALLED, NONE]
                continue
            cells += written(found[name, program], found[setting.ours, program])
        table.rows.append(cells)
    table.notes.append(
        "The peak of the process, beyond what it held with its data before the "
        "gradient. The same gradient at the least size ran before."
    )
    return table


def written(size: int | None, ours: int | None) -> list[str]:
    """Write bytes, and what multiple of ours they are."""
    if size is None:
        return ["not run", NONE]
    return [number(size / 2**20), number(size / ours) if ours else NONE]


def fresh(name: str, program: str, size: int) -> int | None:
    """Differentiate in a fresh process; give the peak's bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peak", name, program, str(size)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return None if found is None else found[1]
