"""What does a step of training a small network cost, weights updated?"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.library import Call, Unable
from benchmarks.network import classifier, weights
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.timing import Timing, interleaved
from benchmarks.verify import verify

__all__ = ["measure"]

RATE = 1e-3
NETWORKS = {
    "784-100-10, batch 128": ((784, 100, 10), 128),
    "4 × 512, batch 1,024": ((512, 512, 512, 512, 512), 1024),
}
QUICK = {"8-5-3, batch 4": ((8, 5, 3), 4)}


def measure(setting: Setting) -> Table:
    """Time value, gradient and update of two networks, a step."""
    networks = QUICK if setting.effort.quick else NETWORKS
    times = {label: timed(setting, *sizes) for label, sizes in networks.items()}
    table = compared(
        "A step of training a network: ms",
        {"value": "NumPy, value alone", **setting.titles},
        times,
        1e-3,
        ours=setting.ours,
    )
    table.notes.append(
        "Dense layers with tanh between them, cross-entropy, steepest descent, double "
        "precision. The weights stay in each library's own arrays from step to step; "
        "PyTorch updates them in place (`SGD`), JAX is given their memory for the new."
    )
    return table


def timed(setting: Setting, sizes: tuple[int, ...], batch: int) -> dict[str, Timing]:
    """Time one network on all libraries."""
    program, start = classifier(sizes, batch), weights(sizes)
    loss, slopes = program.by_hand(start)
    right = [w - RATE * s for w, s in zip(start, slopes, strict=True)]
    f = program.write(np)
    calls: dict[str, Call] = {"value": functools.partial(f, start)}
    found: dict[str, Timing] = dict(setting.absent)
    for name, library in setting.libraries.items():
        try:
            step, after = library.training(program, start, RATE)
        except Unable as unable:
            found[name] = Timing(why=str(unable))
            continue
        verify(name, step(), loss)
        verify(name, moved(after(), start), moved(right, start))
        calls[name] = step
    return {**found, **interleaved(calls, setting.effort)}


def moved(now: list[Any], start: list[Any]) -> tuple[Any, ...]:
    """Give the change of the weights: the weights themselves hardly differ."""
    return tuple(b - a for a, b in zip(start, now, strict=True))
