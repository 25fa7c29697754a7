"""Fixed points of maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert.implicit.answers import answer, check_method, solved
from wengert.implicit.newton import newton
from wengert.implicit.theorem import Equations
from wengert.implicit.vectors import Form
from wengert.operators.arguments import check_callable

__all__ = ["fixed_point"]

_STEPS = {None: 100, "iteration": 100_000, "newton": 0}


def fixed_point(
    g: Callable[..., Any],
    x0: Any,
    *theta: Any,
    solver: str | Callable[..., Any] | None = None,
    linear_solver: str | Callable[..., Any] | None = None,
    tol: float | None = None,
) -> Any:
    """Solve x = g(x, *theta) for x, differentiable in theta.

    Parameters
    ----------
    g : callable
        `(x, *theta)` → x, alike in structure and shapes. Traced values that it captures
        count as parameters too.
    x0 : pytree of floats and inexact arrays
        Where to start. The fixed point does not vary with it.
    *theta
        Parameters: pytrees of arrays and floats, and of constants.
    solver : str or callable, optional
        "iteration" of g, "anderson" (SciPy's), "newton", or any function `(h, x0) → x`
        that finds a fixed point of `h(x) = g(x, *theta)` on plain arrays. Default: up
        to 100 steps of iteration, then Newton's, which g need not contract for.
    linear_solver, tol
        As for `root`, with `f = x − g(x)`.

    Returns
    -------
    pytree
        x, like x0.

    Raises
    ------
    ConvergenceError, SingularError, ShapeError, ArgumentError
        As `root` does.

    Notes
    -----
    Cost: of a derivative, one linear system with I − ∂g/∂x; beyond 200 unknowns by
    products with it alone. Memory does not grow with the iterations.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 15.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad, implicit
    >>> f = lambda a: implicit.fixed_point(lambda x, a: np.cos(a * x), 1.0, a)
    >>> round(f(1.0), 6), round(grad(f)(1.0), 6)
    (0.739085, -0.297474)
    """
    check_callable("fixed_point", g)
    check_method("fixed_point", solver, ("iteration", "anderson", "newton"))
    form = Form("fixed_point", "x0", x0)

    def step(g: Any, v: Any, theta: Any) -> Any:
        return form.vector(g(form.tree(v), *theta), "the output of g")

    def residual(functions: Any, v: Any, theta: Any) -> Any:
        return v - step(functions[0], v, theta)

    def find(functions: Any, v0: Any, theta: Any, equations: Equations) -> Any:
        g, solver = functions
        if callable(solver):
            h = lambda x: g(x, *theta)
            return solved(form, solver(h, form.tree(v0)))
        if solver == "anderson":
            with np.errstate(all="ignore"):
                found = scipy.optimize.root(equations, v0, method="anderson")
            return found.x.astype(v0.dtype)
        v = _iterated(equations, v0, _STEPS[solver])
        return v if solver == "iteration" else newton(equations, v, 50)

    v0, functions = form.vector(x0), (g, solver)
    return form.result(
        answer("fixed_point", functions, residual, find, v0, theta, linear_solver, tol)
    )


def _iterated(equations: Equations, v: Any, steps: int) -> Any:
    """Iterate until nothing moves any more, and give the point that moved least."""
    best, least = v, np.inf
    digits = 4 * np.finfo(v.dtype).eps
    with np.errstate(all="ignore"):
        for _ in range(steps):
            residual = equations(v)
            moved = float(np.linalg.norm(residual))
            if moved < least:
                best, least = v, moved
            if not moved < 1e6 * least or moved <= digits * np.linalg.norm(v):
                break
            v = v - residual
    return best
