"""What does a gradient through the solution of a differential equation cost?"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import approx_fprime

from benchmarks.library import Call
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.timing import Timing, interleaved
from wengert import jit, ode, value_and_grad

__all__ = ["measure"]

TOLERANCE = 1e-8
# Adaptive steps differ between libraries, and gradients by the tolerances.
AGREEMENT = 1e-4
TITLES = {
    "SciPy": "SciPy RK45, value alone",
    "differences": "SciPy RK45, finite differences",
    "wengert": "wengert dopri5",
    "wengert jit": "wengert jit dopri5",
    "wengert jit rk4": "wengert jit rk4, fixed steps",
    "jax": "JAX jit odeint (dopri5, continuous adjoint)",
}


@dataclass(frozen=True)
class Fit:
    """A sum of squares over a solution, as a function of parameters.

    Attributes
    ----------
    write : callable
        From a module such as NumPy to f(t, y, p).
    start, times, parameters : arrays
    steps : int
        Of rk4 between two times.
    """

    write: Callable[[Any], Callable[[Any, Any, Any], Any]]
    start: Any
    times: Any
    parameters: Any
    steps: int


def measure(setting: Setting) -> Table:
    """Time value and gradient of two fits, a call."""
    fits = {"Lotka–Volterra, 4 parameters": predators()}
    if not setting.effort.quick:
        fits["Lorenz-96, n = 40, 40 parameters"] = lorenz(40)
    times = {label: timed(setting, fit) for label, fit in fits.items()}
    table = compared(
        "Value and gradient through a differential equation: ms a call",
        TITLES, times, 1e-3, ours="wengert jit",
    )  # fmt: skip
    table.notes.append(
        f"Ten times of output, relative and absolute tolerance {TOLERANCE:g}, summed "
        "squares. Finite differences run the solver once more for each parameter. The "
        "steps of rk4 are chosen for errors of about the same size."
    )
    return table


def timed(setting: Setting, fit: Fit) -> dict[str, Timing]:
    """Time one fit in all ways, each held against wengert's plain run."""
    f, p = fit.write(np), fit.parameters
    ours = loss(functools.partial(ode.solve, rtol=TOLERANCE, atol=TOLERANCE), f, fit)
    fixed = loss(functools.partial(ode.solve, method="rk4", steps=fit.steps), f, fit)
    plainly = value_and_grad(ours)
    compiled, steady = jit(plainly), jit(value_and_grad(fixed))
    calls: dict[str, Call] = {
        "SciPy": lambda: value(f, fit, p),
        "differences": lambda: approx_fprime(p, lambda p: value(f, fit, p), 1e-6),
        "wengert": lambda: plainly(p),
        "wengert jit": lambda: compiled(p),
        "wengert jit rk4": lambda: steady(p),
    }
    found: dict[str, Timing] = {"jax": Timing(why="not installed")}
    if "jax" in setting.present:
        calls["jax"] = by_jax(fit)
    right = plainly(p)[1]
    for name in calls:
        calls[name]()
        if name not in ("SciPy", "differences"):
            slope = calls[name]()[1]
            assert np.allclose(slope, right, AGREEMENT, AGREEMENT * np.max(abs(right)))
    return {**found, **interleaved(calls, setting.effort)}


def loss(solve: Any, f: Any, fit: Fit) -> Callable[[Any], Any]:
    """Make the function that is differentiated."""
    return lambda p: (solve(f, fit.start, fit.times, p) ** 2).sum()


def value(f: Any, fit: Fit, p: Any) -> float:
    """Compute it with SciPy."""
    done = solve_ivp(
        f, (fit.times[0], fit.times[-1]), fit.start, args=(p,), t_eval=fit.times,
        rtol=TOLERANCE, atol=TOLERANCE,
    )  # fmt: skip
    return float((done.y**2).sum())


def by_jax(fit: Fit) -> Call:
    """Compute value and gradient with `jax.experimental.ode`."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    odeint = importlib.import_module("jax.experimental.ode").odeint
    f = fit.write(jax.numpy)

    def solve(f: Any, y0: Any, t: Any, p: Any) -> Any:
        return odeint(
            lambda y, t, p: f(t, y, p), y0, t, p, rtol=TOLERANCE, atol=TOLERANCE
        )

    both = jax.jit(jax.value_and_grad(loss(solve, f, fit)))

    def call() -> Any:
        y, p_bar = both(fit.parameters)
        return float(y), np.asarray(p_bar)

    return call


def predators() -> Fit:
    """Make the fit of Lotka and Volterra's equations."""

    def write(xp: Any) -> Callable[[Any, Any, Any], Any]:
        def f(t: Any, y: Any, p: Any) -> Any:  # noqa: ARG001
            met = y[0] * y[1]
            return xp.stack([p[0] * y[0] - p[1] * met, p[3] * met - p[2] * y[1]])

        return f

    times = np.linspace(0.0, 10.0, 11)
    return Fit(
        write, np.array([10.0, 5.0]), times, np.array([1.5, 1.0, 3.0, 1.0]), steps=500
    )


def lorenz(n: int) -> Fit:
    """Make the fit of Lorenz' model of 1996, with a forcing for each place."""

    def write(xp: Any) -> Callable[[Any, Any, Any], Any]:
        def f(t: Any, y: Any, p: Any) -> Any:  # noqa: ARG001
            return (xp.roll(y, -1) - xp.roll(y, 2)) * xp.roll(y, 1) - y + p

        return f

    random = np.random.default_rng(n)
    start = 8.0 + random.normal(size=n)
    times = np.linspace(0.0, 1.0, 11)
    return Fit(write, start, times, np.full(n, 8.0), steps=20)
