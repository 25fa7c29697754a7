"""The programs that every library differentiates, and their derivatives by hand.

A program is written once, for any namespace that has NumPy's names: `write(np)` gives
f. The derivatives by hand, in plain NumPy, are what every library's results are held
against before it is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "Program",
    "chain",
    "elementwise",
    "rosenbrock",
    "rosenbrock_hessian",
    "scalar_chain",
]


@dataclass(frozen=True)
class Program:
    """A real scalar function of one array or float.

    Attributes
    ----------
    write : callable
        `write(namespace)` gives f, written with that namespace's functions.
    by_hand : callable
        `by_hand(x)` gives (value, gradient), in plain NumPy.
    operations : int
        How many operations f runs: calls of ufuncs, slices and sums.
    """

    write: Callable[[Any], Callable[[Any], Any]]
    by_hand: Callable[[Any], tuple[Any, Any]]
    operations: int


def chain(length: int, factor: float = 1.01) -> Program:
    """Make a chain of `length` ufunc calls on an array: x ← sin(x)·factor, then Σx."""
    pairs = length // 2

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            for _ in range(pairs):
                x = xp.sin(x) * factor
            return xp.sum(x)

        return f

    def by_hand(x: Any) -> tuple[Any, Any]:
        value, gradient = _chain_by_hand(x, pairs, factor)
        return value.sum(), gradient

    return Program(write, by_hand, 2 * pairs)


def scalar_chain(length: int, factor: float = 1.01) -> Program:
    """Make the chain of one number."""
    pairs = length // 2

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            for _ in range(pairs):
                x = xp.sin(x) * factor
            return x

        return f

    return Program(write, lambda x: _chain_by_hand(x, pairs, factor), 2 * pairs)


def _chain_by_hand(x: Any, pairs: int, factor: float) -> tuple[Any, Any]:
    gradient = x * 0 + 1.0
    for _ in range(pairs):
        gradient = gradient * np.cos(x) * factor
        x = np.sin(x) * factor
    return x, gradient


def rosenbrock() -> Program:
    """Make Rosenbrock's function of a vector of any length, written with slices."""

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            return xp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

        return f

    def by_hand(x: Any) -> tuple[Any, Any]:
        head = x[:-1]
        miss, rest = x[1:] - head**2, 1.0 - head
        gradient = np.zeros_like(x)
        gradient[1:] = 200.0 * miss
        gradient[:-1] -= 400.0 * head * miss + 2.0 * rest
        return np.sum(100.0 * miss**2 + rest**2), gradient

    # Three slices, three powers, two differences, a multiple, a sum of two, a sum.
    return Program(write, by_hand, 11)


def rosenbrock_hessian(x: Any) -> Any:
    """Give the Hessian of Rosenbrock's function by hand: it has three diagonals."""
    diagonal = np.zeros_like(x)
    diagonal[:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    diagonal[1:] += 200.0
    beside = -400.0 * x[:-1]
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)


def elementwise() -> Program:
    """Make Σ exp(−x²)·sin 3x + log(1 + x²)·tanh x."""

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            y = xp.exp(-(x**2)) * xp.sin(3.0 * x) + xp.log(1.0 + x**2) * xp.tanh(x)
            return xp.sum(y)

        return f

    def by_hand(x: Any) -> tuple[Any, Any]:
        square = x**2
        bell, sine = np.exp(-square), np.sin(3.0 * x)
        logarithm, tanh = np.log(1.0 + square), np.tanh(x)
        gradient = bell * (3.0 * np.cos(3.0 * x) - 2.0 * x * sine)
        gradient += 2.0 * x / (1.0 + square) * tanh + logarithm * (1.0 - tanh**2)
        return np.sum(bell * sine + logarithm * tanh), gradient

    return Program(write, by_hand, 13)
