"""Does a chain of 10⁶ operations differentiate, in time and memory linear in it?"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.table import NONE, Table, number

__all__ = ["measure"]


def measure(setting: Setting) -> Table:
    """Differentiate chains of 10⁵ and 10⁶ operations, each in a process of its own."""
    short, long = (10**3, 10**4) if setting.effort.quick else (10**5, 10**6)
    turns = 1 if setting.effort.quick else 2
    # JAX traces a Python loop into one program: 10⁶ operations would compile for hours.
    asked = [name for name in ("wengert", "autograd", "torch", "jax")
             if name in setting.modules]  # fmt: skip
    able: list[str] = [
        name for name in asked if name in setting.present and name != "jax"
    ]
    found: dict[tuple[str, int], list[tuple[float, int]]] = {}
    for _ in range(turns):
        for module in able:
            for length in (short, long):
                found.setdefault((module, length), []).append(fresh(module, length))

    table = Table(
        "Value and gradient of long chains on 8 doubles, in a process of its own",
        [
            "", f"{short:,} operations, s", f"{long:,} operations, s", "growth",
            "ratio", f"{short:,}: peak, MiB", f"{long:,}: peak, MiB",
            "growth", "bytes an operation", "ratio",
        ],
    )  # fmt: skip
    _, our_seconds, _, our_bytes = best(found, "wengert", short, long)
    for module in asked:
        title = setting.titles[module]
        if module not in able:
            why = "not run" if module in setting.present else NOT_INSTALLED
            table.rows.append([title, why, *[NONE] * (len(table.head) - 2)])
            continue
        seconds, seconds_long, size, size_long = best(found, module, short, long)
        table.rows.append(
            [
                title,
                number(seconds),
                number(seconds_long),
                number(seconds_long / seconds),
                number(seconds_long / our_seconds),
                number(size / 2**20),
                number(size_long / 2**20),
                number(size_long / size),
                number(size_long / long),
                number(size_long / our_bytes),
            ]
        )
    table.notes.append(
        f"The best of {turns}. The peak is that of the process, beyond what it held "
        "before the gradient. Growth is ten where time or memory is linear. Python's "
        "garbage collector runs. JAX would compile the chain as one program, for hours."
    )
    return table


def fresh(module: str, length: int) -> tuple[float, int]:
    """Differentiate one chain in a fresh process; give seconds and peak bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peak", module, str(length)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, size = json.loads(done.stdout)
    return seconds, size


def best(
    found: dict[tuple[str, int], list[tuple[float, int]]],
    module: str,
    short: int,
    long: int,
) -> tuple[float, float, int, int]:
    """Give the least seconds and bytes of a library, for both lengths."""
    (seconds, sizes), (seconds_long, sizes_long) = (
        zip(*found[module, length], strict=True) for length in (short, long)
    )
    return min(seconds), min(seconds_long), min(sizes), min(sizes_long)
