"""The continuous adjoint: in reverse mode, another differential equation is solved.

With a(t) = ∂L/∂y(t), going back from the last time to t0,

    da/dt = −aᵀ ∂f/∂y,    dθ̄/dt = −aᵀ ∂f/∂θ,

and at each time of output its cotangent is added to a. y is integrated back beside
them, from the output where each interval ends, so that no step need be kept. What comes
out differs from the derivative of the steps by an error of the order of the tolerances;
and where y decays fast, going back is unstable.

Reference: Chen, Rubanova, Bettencourt & Duvenaud (2018), Neural Ordinary Differential
Equations, appendix B.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np

from wengert.ode.integration import Problem
from wengert.ode.marching import Active
from wengert.ode.state import newest
from wengert.operators.custom_vjp import custom_vjp
from wengert.operators.loops import scan
from wengert.operators.products import vjp
from wengert.transforms.reverse import Tape

__all__ = ["with_continuous_adjoint"]


def with_continuous_adjoint(problem: Problem, y0: Any, t: Any, args: Any) -> Any:
    """Give the solution (k, n) at t (k,), for which reverse mode solves the adjoint."""
    if not isinstance(newest((y0, t, args)), Tape):
        return problem.solve(y0, t, args)
    active = Active(args)

    @custom_vjp
    def solved(y0: Any, t: Any, leaves: Any) -> Any:
        return problem.solve(y0, t, active.fill(leaves))

    def forward(y0: Any, t: Any, leaves: Any) -> Any:
        ys = with_continuous_adjoint(problem, y0, t, active.fill(leaves))
        return ys, (ys, t, leaves)

    def backward(residuals: Any, ys_bar: Any) -> Any:
        ys, t, leaves = residuals
        return _backwards(problem, active, ys, t, leaves, ys_bar)

    solved.defvjp(forward, backward)
    return solved(y0, t, active.leaves)


def _backwards(
    problem: Problem, active: Active, ys: Any, t: Any, leaves: Any, ys_bar: Any
) -> tuple[Any, Any, Any]:
    sizes = [int(np.prod(x.shape)) for x in leaves]
    n, total = ys.shape[1], sum(sizes)
    augmented = dataclasses.replace(
        problem,
        f=lambda t, z, leaves: _augmented(problem, active, n, t, z, leaves),
        control=_extended(problem, n, total),
    )

    def slope(time: Any, y: Any) -> Any:
        return problem.f(time, y, active.fill(leaves))

    def interval(carry: Any, given: Any) -> Any:
        (a, theta), (start, end, y, bar) = carry, given
        a = a + bar
        z = np.concatenate([y, a, theta])
        times = np.stack([end, start])
        z = with_continuous_adjoint(augmented, z, times, leaves)[1]
        return (z[n : 2 * n], z[2 * n :]), np.sum(bar * slope(end, y))

    (a, theta), late = scan(
        interval,
        (np.zeros(n), np.zeros(total)),
        (t[:-1], t[1:], ys[1:], ys_bar[1:]),
        reverse=True,
    )
    early = -np.sum(a * slope(t[0], ys[0]))
    bounds = itertools.pairwise(itertools.accumulate(sizes, initial=0))
    theta_bar = [
        theta[low:high].reshape(x.shape)
        for (low, high), x in zip(bounds, leaves, strict=True)
    ]
    t_bar = np.concatenate([early[None], late])
    return a + ys_bar[0], t_bar, theta_bar


def _augmented(
    problem: Problem, active: Active, n: int, t: Any, z: Any, leaves: Any
) -> Any:
    """Give the slopes of y, of its cotangent, and of those of the parameters."""
    slope, pull = vjp(
        lambda y, leaves: problem.f(t, y, active.fill(leaves)), z[:n], leaves
    )
    y_bar, leaves_bar = pull(z[n : 2 * n])
    return np.concatenate([slope, -y_bar, *(-x.reshape(-1) for x in leaves_bar)])


def _extended(problem: Problem, n: int, total: int) -> Any:
    """Ask of cotangents what is asked of y where it is asked most."""
    atol = problem.control.atol
    if np.ndim(atol):
        atol = np.concatenate([atol, np.full(n + total, np.min(atol))])
    return dataclasses.replace(problem.control, atol=atol)
