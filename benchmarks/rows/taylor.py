"""What do derivatives of high order cost, and how does that grow with the order?"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.library import Call, Library
from benchmarks.programs import Program
from benchmarks.setting import Setting
from benchmarks.table import Table, compared, number
from benchmarks.timing import Timing

__all__ = ["measure", "wave"]

ORDERS = (1, 2, 5, 10, 20)
LENGTH = 100


def wave(order: int) -> Program:
    """Give exp(sin x) / √(1 + x²), element by element, and its derivatives."""

    def write(np: Any) -> Any:
        return lambda x: np.exp(np.sin(x)) / np.sqrt(1 + x * x)

    def by_hand(x: Any) -> Any:
        # Cauchy's integral over circles; the nearest singularities, ±i, are outside.
        points, radius = 1024, 0.85
        turns = np.exp(2j * np.pi * np.arange(points) / points)
        values = write(np)(x + radius * turns[:, None])
        coefficients = np.fft.fft(values, axis=0)[: order + 1].real / points
        k = np.arange(order + 1)
        factorials = np.cumprod(np.maximum(k, 1).astype(float))
        return coefficients * (factorials / radius**k)[:, None]

    return Program(write, by_hand, operations=6)


def measure(setting: Setting) -> Table:
    """Time Taylor mode to several orders, a call."""
    x = np.linspace(-1.0, 1.0, LENGTH)
    times: dict[str, dict[str, Timing]] = {}
    for order in ORDERS:
        program = wave(order)
        times[f"order {order}"] = setting.measure(
            functools.partial(series, program=program, x=x, order=order),
            program.by_hand(x),
        )
    table = compared(
        f"All derivatives of exp(sin x) / √(1 + x²), {LENGTH} elements: µs a call",
        setting.titles,
        times,
        1e-6,
        ours=setting.ours,
    )
    grown = {
        name: times["order 20"][name].best / times["order 10"][name].best
        for name in ("wengert", setting.ours)
    }
    each = ", ".join(
        f"{setting.titles[name]} {number(ratio)}" for name, ratio in grown.items()
    )
    table.notes.append(
        "JAX is asked through jax.experimental.jet. Order 20 takes, as a multiple of "
        f"order 10: {each}; quadratic growth would be 4."
    )
    return table


def series(library: Library, program: Program, x: Any, order: int) -> Call:
    """Ask a library for all derivatives up to an order."""
    return library.series(program, x, order)
