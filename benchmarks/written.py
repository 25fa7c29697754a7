"""Programs that write into arrays, each in the words that a library's users choose.

NumPy and PyTorch write in place. autograd cannot: its users collect a list, or join
slices. JAX compiles a loop, with its functional `x.at[i].add(v)`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.programs import Program

__all__ = ["filling", "heat"]

_DECAY, _RATE = 0.5, 0.1


def filling(length: int) -> Program:
    """Make Σy, with y filled in a loop: yᵢ = yᵢ₋₁/2 + xᵢ²."""

    def in_place(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            y = xp.zeros(length, dtype=xp.float64)
            y[0] = x[0]
            for i in range(1, length):
                y[i] = _DECAY * y[i - 1] + x[i] * x[i]
            return xp.sum(y)

        return f

    def collected(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            y = [x[0]]
            for i in range(1, length):
                y.append(_DECAY * y[-1] + x[i] * x[i])
            return xp.sum(xp.array(y))

        return f

    def compiled(xp: Any) -> Callable[[Any], Any]:
        scan = importlib.import_module("jax").lax.scan

        def f(x: Any) -> Any:
            def step(y: Any, x_i: Any) -> Any:
                y = _DECAY * y + x_i * x_i
                return y, y

            return x[0] + xp.sum(scan(step, x[0], x[1:])[1])

        return f

    def by_hand(x: Any) -> tuple[Any, Any]:
        y, y_bar = np.empty(length), np.empty(length)
        y[0], y_bar[-1] = x[0], 1.0
        for i in range(1, length):
            y[i] = _DECAY * y[i - 1] + x[i] * x[i]
            y_bar[-1 - i] = 1.0 + _DECAY * y_bar[-i]
        gradient = 2.0 * x * y_bar
        gradient[0] = y_bar[0]
        return np.sum(y), gradient

    # Reads, products and sums of one element, and the write.
    operations = 7 * length
    return Program(_by_library(in_place, collected, compiled), by_hand, operations)


def heat(steps: int) -> Program:
    """Make Σu² after explicit steps of the heat equation on a line, ends held."""

    def in_place(_: Any) -> Callable[[Any], Any]:
        def f(u: Any) -> Any:
            u = u * 1.0
            for _ in range(steps):
                u[1:-1] += _RATE * (u[2:] - 2.0 * u[1:-1] + u[:-2])
            return (u * u).sum()

        return f

    def joined(xp: Any) -> Callable[[Any], Any]:
        def f(u: Any) -> Any:
            for _ in range(steps):
                inner = u[1:-1] + _RATE * (u[2:] - 2.0 * u[1:-1] + u[:-2])
                u = xp.concatenate((u[:1], inner, u[-1:]))
            return xp.sum(u * u)

        return f

    def compiled(xp: Any) -> Callable[[Any], Any]:
        loop = importlib.import_module("jax").lax.fori_loop

        def step(_: Any, u: Any) -> Any:
            return u.at[1:-1].add(_RATE * (u[2:] - 2.0 * u[1:-1] + u[:-2]))

        def f(u: Any) -> Any:
            u = loop(0, steps, step, u)
            return xp.sum(u * u)

        return f

    def by_hand(u: Any) -> tuple[Any, Any]:
        u = u * 1.0
        for _ in range(steps):
            u[1:-1] += _RATE * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u_bar = 2.0 * u
        for _ in range(steps):
            change = _RATE * u_bar[1:-1]
            u_bar[1:-1] -= 2.0 * change
            u_bar[2:] += change
            u_bar[:-2] += change
        return np.sum(u * u), u_bar

    # Four slices, two differences or sums, two products, an update; a square, a sum.
    return Program(_by_library(in_place, joined, compiled), by_hand, 10 * steps + 3)


def _by_library(
    in_place: Callable[[Any], Any],
    without_writes: Callable[[Any], Any],
    compiled: Callable[[Any], Any],
) -> Callable[[Any], Callable[[Any], Any]]:
    def write(xp: Any) -> Callable[[Any], Any]:
        library = xp.__name__.partition(".")[0]
        ways = {"autograd": without_writes, "jax": compiled}
        return ways.get(library, in_place)(xp)  # type: ignore[no-any-return]

    return write
