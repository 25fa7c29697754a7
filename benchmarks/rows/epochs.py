"""What does an epoch of training cost, by `wengert.nn` and by others' layers?"""

from __future__ import annotations

import importlib.util

from benchmarks.learning import NETWORKS, Task, jax_epoch, torch_epoch, wengert_epoch
from benchmarks.library import Call
from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.table import Table, compared
from benchmarks.timing import Timing, interleaved
from benchmarks.verify import verify

__all__ = ["measure"]

STEPS = 40
TITLES = {
    "wengert": "wengert.nn, compiled steps",
    "jax": "JAX jit + optax",
    "torch": "PyTorch",
}
PEERS = {"jax": ("jax", "optax"), "torch": ("torch",)}
WRITTEN = {"jax": jax_epoch, "torch": torch_epoch}


def measure(setting: Setting) -> Table:
    """Time epochs of three networks."""
    quick = setting.effort.quick
    times = {
        label: timed(setting, draw(2 if quick else STEPS))
        for label, draw in NETWORKS.items()
    }
    table = compared(
        f"An epoch of training, {STEPS} steps: ms", TITLES, times, 1e-3, ours="wengert"
    )
    table.notes.append(
        "Batches of 32, cross-entropy, Adam, double precision, the same weights and "
        "batches; the mean losses of the epoch are compared first. Batches stand ready "
        "in each library's own arrays. PyTorch runs its layers as they are."
    )
    return table


def timed(setting: Setting, task: Task) -> dict[str, Timing]:
    """Time one network on all libraries."""
    calls: dict[str, Call] = {"wengert": wengert_epoch(task)}
    found: dict[str, Timing] = {}
    right = calls["wengert"]()
    for name, modules in PEERS.items():
        present = name in setting.modules and all(
            importlib.util.find_spec(module) for module in modules
        )
        if not present:
            found[name] = Timing(why=NOT_INSTALLED)
            continue
        calls[name] = WRITTEN[name](task)
        verify(name, calls[name](), right)
    return {**found, **interleaved(calls, setting.effort)}
