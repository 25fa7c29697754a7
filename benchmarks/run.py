"""Start the benchmarks with one thread: `make bench`, or `python benchmarks/run.py -h`.

Numerical libraries read the number of their threads from the environment when they are
loaded. So this file sets it, binds the process to one core, and becomes the process
that measures, `python -m benchmarks`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
    # The order of sets, and so of what is imported first, alike in every process.
    "PYTHONHASHSEED": "0",
}


def main() -> None:
    """Become the process that measures."""
    if hasattr(os, "sched_setaffinity"):
        # The last core: the system itself prefers the first.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": path}
    command = [sys.executable, "-m", "benchmarks", *sys.argv[1:]]
    os.execve(sys.executable, command, environment)


if __name__ == "__main__":
    main()
