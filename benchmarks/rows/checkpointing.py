"""What does a gradient cost that keeps few states: beside theory, and in memory?"""

from __future__ import annotations

import tracemalloc
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.setting import Setting
from benchmarks.table import NONE, Table, number
from wengert import grad, jit, scan, trace
from wengert.engines import NumpyEngine
from wengert.transforms.revolve import forward_steps, repetitions

__all__ = ["measure"]

SNAPSHOTS = (10, 20, 45, 200)


def measure(setting: Setting) -> Table:
    """Differentiate a scan with ever more snapshots, by the schedule and compiled."""
    length, compiled_length = (50, 200) if setting.effort.quick else (1000, 10_000)
    turns = 1 if setting.effort.quick else 3
    c = np.linspace(0.1, 1.0, 1000)
    table = Table(
        f"Gradient of a scan over 1000 doubles: eager, {length:,} steps; compiled, "
        f"{compiled_length:,} steps",
        [
            "snapshots", "r", "theory: t(l, c) / l", "eager: the same", "eager: × loop",
            "eager: peak, MB", "compiled: µs a step", "compiled: memory, MB",
        ],
    )  # fmt: skip
    forward = NumpyEngine().compile(trace(program(length, None), c))
    loop = best_of(turns, lambda: forward(c))
    least = best_of(turns, lambda: grad(program(length, length))(c))
    for snapshots in (*(k for k in SNAPSHOTS if k < length), None):
        gradient = grad(program(length, snapshots))
        seconds = best_of(turns, lambda gradient=gradient: gradient(c))
        theory = [NONE] * 3
        if snapshots is not None:
            theory = [
                str(repetitions(length, snapshots)),
                number(forward_steps(length, snapshots) / length),
                number(1 + (seconds - least) / loop),
            ]
        row = [str(snapshots or "all traces"), *theory, number(seconds / loop)]
        row.append(number(peak(gradient, c) / 1e6))
        table.rows.append([*row, *compiled(compiled_length, snapshots, turns, c)])
    table.notes.append(
        "r is how often a step is done at most, besides in the sweep itself; t(l, c), "
        "the least number of such steps (Griewank & Walther, 2000). Measured, it is "
        "the time beyond that with all states kept, in multiples of the plain loop. "
        "Compiled, scans inside each other take the place of the schedule."
    )
    return table


def compiled(length: int, snapshots: int | None, turns: int, c: Any) -> list[str]:
    """Measure the compiled gradient: time of a step, and memory."""
    run = jit(grad(program(length, snapshots))).compile(c)
    (path,) = run.report(c).paths
    assert path.inspection is not None
    memory = sum(stage.scratch for stage in path.inspection.stages)
    seconds = best_of(turns, lambda: run(c))
    return [number(seconds / length * 1e6), number(memory / 1e6)]


def program(length: int, checkpoint: int | None) -> Any:
    """Make the loss: many small steps of an explicit method."""

    def f(c: Any) -> Any:
        last, _ = scan(
            lambda c, _: (c - 0.001 * c * c * c, None), c, None, length,
            checkpoint=checkpoint,
        )  # fmt: skip
        return (last * last).sum()

    return f


def best_of(turns: int, call: Any) -> float:
    """Give the least seconds of a few calls."""
    seconds = []
    for _ in range(turns):
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
    return min(seconds)


def peak(f: Any, *args: Any) -> int:
    """Measure what a call allocates at its worst moment."""
    tracemalloc.start()
    start, _ = tracemalloc.get_traced_memory()
    f(*args)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most - start
