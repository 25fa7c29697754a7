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
    "Native",
    "Program",
    "chain",
    "elementwise",
    "griewank",
    "rosenbrock",
    "rosenbrock_hessian",
    "scalar_chain",
]


@dataclass(frozen=True)
class Native:
    """Value and gradient written by hand in C++.

    Attributes
    ----------
    source : str
        The file in handwritten/. It defines `double gradient(const double *x, double
        *x_bar, const double *const *data, const long *sizes)`, which returns the value.
    data : tuple of arrays
        Float64, C order.
    sizes : tuple of int
    """

    source: str
    data: tuple[Any, ...] = ()
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Program:
    """A real scalar function of one array or float.

    Attributes
    ----------
    write : callable
        `write(namespace)` gives f, written with that namespace's functions.
    by_hand : callable
        `by_hand(x)` gives (value, gradient), in plain NumPy. For programs too long to
        derive by hand, wengert's eager gradient, which the tests hold against others.
    operations : int
        How many operations f runs: calls of ufuncs, slices and sums.
    symbolic : callable, optional
        `symbolic(casadi, n)` gives the symbols x, of length n, and the expression f(x).
    native : Native, optional
        The same in C++.
    rowwise : callable, optional
        Of a function from rows to rows: `rowwise(namespace)` gives the function of one
        row and of one row of each constant, and the constants.
    """

    write: Callable[[Any], Callable[..., Any]]
    by_hand: Callable[[Any], Any]
    operations: int = 0
    symbolic: Callable[[Any, int], tuple[Any, Any]] | None = None
    native: Native | None = None
    rowwise: Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]] | None = None


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

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        start = x = ca.MX.sym("x", n)
        for _ in range(pairs):
            x = ca.sin(x) * factor
        return start, ca.sum1(x)

    return Program(write, by_hand, 2 * pairs, symbolic)


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

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        # Scalar by scalar where the code stays short, else by whole vectors.
        x = (ca.SX if n <= 100 else ca.MX).sym("x", n)
        miss, rest = x[1:] - x[:-1] ** 2, 1.0 - x[:-1]
        return x, 100.0 * ca.sumsqr(miss) + ca.sumsqr(rest)

    # Three slices, three powers, two differences, a multiple, a sum of two, a sum.
    return Program(write, by_hand, 11, symbolic, Native("rosenbrock.cpp"))


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

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        x = ca.MX.sym("x", n)
        y = ca.exp(-(x**2)) * ca.sin(3.0 * x) + ca.log(1.0 + x**2) * ca.tanh(x)
        return x, ca.sum1(y)

    return Program(write, by_hand, 13, symbolic, Native("elementwise.cpp"))


def griewank() -> Program:
    """Make the example that opens Griewank & Walther (2008), ch. 1, of two numbers."""

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            quotient = x[0] / x[1]
            difference = quotient - xp.exp(x[1])
            return (xp.sin(quotient) + difference) * difference

        return f

    def by_hand(x: Any) -> tuple[Any, Any]:
        quotient, growth = x[0] / x[1], np.exp(x[1])
        difference = quotient - growth
        total = np.sin(quotient) + difference
        quotient_bar = difference * np.cos(quotient) + total + difference
        head = quotient_bar / x[1]
        tail = -head * quotient - (total + difference) * growth
        return total * difference, np.array([head, tail])

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        x = ca.SX.sym("x", n)
        return x, write(ca)(x)

    # Three reads of x, six operations.
    return Program(write, by_hand, 9, symbolic, Native("griewank.cpp"))
