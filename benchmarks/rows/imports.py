"""How long does a program wait for the import, and for its first gradient?

Each library is imported by fresh processes, after NumPy, which counts for none of them.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from benchmarks.session import NOT_INSTALLED, Session
from benchmarks.table import NONE, Table, number, verdict

__all__ = ["measure"]

GOAL = 0.05  # s
# What `import wengert` leaves for the first use.
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
from time import perf_counter as now
start = now()
import numpy as np
numpy = now() - start
x = np.ones(3)
start = now()
{load}
load = now() - start
{first}
first = now() - start
import sys
print([numpy, load, first, [m for m in {slow!r} if m in before] + sorted(
    m for m in {slow!r} if m in sys.modules and m not in before)])
"""
