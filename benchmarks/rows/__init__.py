"""What is measured: one file a question, each gives its table."""

from collections.abc import Callable

from benchmarks.rows import (
    chain,
    elementwise,
    gaussian_process,
    imports,
    memory,
    rosenbrock,
    second_order,
    written,
)
from benchmarks.setting import Setting
from benchmarks.table import Table

__all__ = ["ROWS"]

ROWS: dict[str, Callable[[Setting], Table]] = {
    "chain": chain.measure,
    "rosenbrock": rosenbrock.measure,
    "elementwise": elementwise.measure,
    "written": written.measure,
    "gaussian-process": gaussian_process.measure,
    "second-order": second_order.measure,
    "import": imports.measure,
    "memory": memory.measure,
}
