"""A chain of differential equations, by Runge and Kutta's classical method.

dy₀/dt = x₀, dyᵢ/dt = xᵢ yᵢ₋₁, y(0) = 0, s steps to t = 1. GradBench takes the last
component of y(1), which s steps leave at zero where n > 4 s, and its gradient too: so
here f is the sum of all, which costs the same, and xᵢ is near i + 1 as long as that is
small, where yᵢ is near 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.gradbench.case import Case, eager, for_jax
from benchmarks.programs import Native, Program

__all__ = ["SIZES", "case"]

SIZES = ((10, 10), (1000, 100), (10_000, 100))


def case(n: int, steps: int) -> Case:
    """Make the program for n equations."""
    write = writer(steps)

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        x, y = ca.MX.sym("x", n), ca.MX.sym("y", n)
        slope = lambda y: ca.vertcat(x[0], x[1:] * y[:-1])
        # One function for all steps: gcc compiles it once.
        step = ca.Function("step", [x, y], [advance(slope, y, 1.0 / steps)])
        now = ca.MX.zeros(n)
        for _ in range(steps):
            now = step(x, now)
        return x, ca.sum1(now)

    native = Native("ode.cpp", sizes=(n, steps))
    program = Program(write, eager(write), symbolic=symbolic, native=native)
    random = np.random.default_rng(n)
    x = np.minimum(np.arange(1.0, n + 1.0), 100.0) * random.uniform(0.9, 1.1, n)
    return Case(f"n = {n:,}, s = {steps}", program, x)


def writer(steps: int) -> Callable[[Any], Callable[[Any], Any]]:
    """Make f(x), in the words of each library."""

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            def slope(y: Any) -> Any:
                return xp.concatenate((x[:1], x[1:] * y[:-1]))

            return xp.sum(integrate(slope, xp.zeros_like(x), steps))

        return f

    def compiled(jax: Any) -> Callable[[Any], Any]:
        xp = jax.numpy

        def f(x: Any) -> Any:
            def step(y: Any, _: Any) -> Any:
                slope = lambda y: xp.concatenate((x[:1], x[1:] * y[:-1]))
                return advance(slope, y, 1.0 / steps), None

            y, _ = jax.lax.scan(step, xp.zeros_like(x), None, length=steps)
            return xp.sum(y)

        return f

    return for_jax(compiled, write)


def integrate(slope: Callable[[Any], Any], y: Any, steps: int) -> Any:
    """Go from t = 0 to t = 1."""
    for _ in range(steps):
        y = advance(slope, y, 1.0 / steps)
    return y


def advance(slope: Callable[[Any], Any], y: Any, h: float) -> Any:
    """Take one step."""
    k1 = slope(y)
    k2 = slope(y + h / 2 * k1)
    k3 = slope(y + h / 2 * k2)
    k4 = slope(y + h * k3)
    return y + h / 6 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
