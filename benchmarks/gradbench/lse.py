"""The logarithm of a sum of exponentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.gradbench.case import Case, eager
from benchmarks.programs import Native, Program

__all__ = ["SIZES", "case"]

SIZES = ((1000,), (320_000,), (3_200_000,))


def case(n: int) -> Case:
    """Make the program for n numbers."""

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        x = ca.MX.sym("x", n)
        return x, ca.logsumexp(x)

    native = Native("lse.cpp", sizes=(n,))
    program = Program(write, eager(write), symbolic=symbolic, native=native)
    return Case(f"n = {n:,}", program, np.random.default_rng(n).normal(size=n))


def write(xp: Any) -> Callable[[Any], Any]:
    """Write f(x) = log Σ exp xᵢ, safe from overflow."""

    def f(x: Any) -> Any:
        top = xp.amax(x)
        return top + xp.log(xp.sum(xp.exp(x - top)))

    return f
