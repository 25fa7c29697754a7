"""Least squares: a polynomial of m coefficients through n values of a sign function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.gradbench.case import Case, eager
from benchmarks.programs import Native, Program

__all__ = ["SIZES", "case"]

SIZES = ((64, 16), (1024, 128), (16_384, 128))


def case(n: int, m: int) -> Case:
    """Make the program for n observations and m coefficients."""
    write = writer(n, m)

    def symbolic(ca: Any, m: int) -> tuple[Any, Any]:
        x, t = ca.SX.sym("x", m), ca.SX.sym("t")
        total, power = ca.sign(t), 1.0
        for j in range(m):
            total, power = total - x[j] * power, power * t
        one = ca.Function("one", [x, t], [0.5 * total**2])
        all_of_them = one.map("all", "serial", n, [0], [0])
        x = ca.MX.sym("x", m)
        return x, all_of_them(x, np.linspace(-1.0, 1.0, n)[None, :])

    native = Native("llsq.cpp", sizes=(n, m))
    program = Program(write, eager(write), symbolic=symbolic, native=native)
    x = np.random.default_rng(n).normal(size=m)
    return Case(f"n = {n:,}, m = {m}", program, x)


def writer(n: int, m: int) -> Callable[[Any], Callable[[Any], Any]]:
    """Make f(x) = ½ Σᵢ (sgn tᵢ − Σⱼ xⱼ tᵢʲ)², t evenly spaced in [−1, 1]."""

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            t = np.linspace(-1.0, 1.0, n)
            powers = np.vander(t, m, increasing=True)
            residual = xp.asarray(np.sign(t)) - xp.asarray(powers) @ x
            return 0.5 * xp.sum(residual**2)

        return f

    return write
