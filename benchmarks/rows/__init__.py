"""What is measured: one file a question, each gives its table."""

import functools
from collections.abc import Callable

from benchmarks.gradbench import PROGRAMS
from benchmarks.rows import (
    batches,
    chain,
    checkpointing,
    differences,
    elementwise,
    elimination,
    epochs,
    first_call,
    gaussian_process,
    gradbench,
    imperative,
    imports,
    memory,
    ode_solvers,
    optimize,
    peaks,
    rosenbrock,
    second_order,
    small_call,
    sparse,
    taylor,
    training,
    written,
)
from benchmarks.setting import Setting
from benchmarks.table import Table

__all__ = ["ROWS"]

ROWS: dict[str, Callable[[Setting], Table]] = {
    "chain": chain.measure,
    "rosenbrock": rosenbrock.measure,
    "small-call": small_call.measure,
    "compile": first_call.compiling,
    "loop": first_call.looping,
    "elementwise": elementwise.measure,
    "written": written.measure,
    "gaussian-process": gaussian_process.measure,
    "training": training.measure,
    "epochs": epochs.measure,
    "second-order": second_order.measure,
    "batches": batches.measure,
    "taylor": taylor.measure,
    "elimination": elimination.measure,
    "sparse": sparse.measure,
    **{name: functools.partial(gradbench.measure, name=name) for name in PROGRAMS},
    "ode-solvers": ode_solvers.measure,
    "imperative": imperative.measure,
    "differences": differences.measure,
    "optimize": optimize.measure,
    "import": imports.measure,
    "memory": memory.measure,
    "checkpointing": checkpointing.measure,
    "peak": peaks.measure,
}
