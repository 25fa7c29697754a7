"""What does an operation cost, beyond its arithmetic, where one says `backward()`?

The chain of chain.py, written with tensors: its graph grows line by line, and is freed
as it is swept.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from benchmarks.library import Call
from benchmarks.programs import chain
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.timing import Timing, interleaved
from benchmarks.verify import verify
from wengert import value_and_grad
from wengert.imperative import tensor

__all__ = ["measure"]


def measure(setting: Setting) -> Table:
    """Time run, `backward()` and the reading of `grad`, for each operation."""
    length = 20 if setting.effort.quick else 200
    program, x = chain(length), np.linspace(0.5, 1.5, 8)
    f = program.write(np)
    right = program.by_hand(x)
    calls: dict[str, Call] = {
        "value": lambda: f(x),
        "tensor": lambda: backward(f, tensor(x, requires_grad=True)),
        "grad": lambda: value_and_grad(f)(x),
    }
    titles = {
        "value": "NumPy, value alone",
        "tensor": "wengert tensors",
        "grad": "wengert grad",
    }
    if "torch" in setting.present:
        torch: Any = importlib.import_module("torch")
        g = program.write(torch)
        calls["torch"] = lambda: backward(g, torch.tensor(x, requires_grad=True))
        titles["torch"] = "PyTorch"
    for name, call in calls.items():
        if name != "value":
            verify(name, call(), right)
    times = {
        name: t.per(length) for name, t in interleaved(calls, setting.effort).items()
    }
    found: dict[str, dict[str, Timing]] = {"8 doubles": times}
    table = compared(
        f"backward() of a chain of {length} calls: µs an operation",
        titles,
        found,
        1e-6,
        ours="tensor",
    )
    table.notes.append("x ← sin(x)·1.01, time and again, then Σx.")
    return table


def backward(f: Any, x: Any) -> tuple[float, Any]:
    """Give the value and the gradient of a function of tensors."""
    y = f(x)
    y.backward()
    return y.item(), x.grad.numpy()
