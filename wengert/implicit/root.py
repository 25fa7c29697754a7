"""Roots of systems of equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert.implicit.answers import answer, check_method, solved
from wengert.implicit.linear_solvers import DENSE
from wengert.implicit.newton import newton
from wengert.implicit.theorem import Equations
from wengert.implicit.vectors import Form
from wengert.operators.arguments import check_callable

__all__ = ["root"]

_METHODS = (
    "hybr", "lm", "broyden1", "broyden2", "anderson", "linearmixing", "diagbroyden",
    "excitingmixing", "krylov", "df-sane",
)  # fmt: skip


def root(
    f: Callable[..., Any],
    x0: Any,
    *theta: Any,
    solver: str | Callable[..., Any] | None = None,
    linear_solver: str | Callable[..., Any] | None = None,
    tol: float | None = None,
) -> Any:
    """Solve f(x, *theta) = 0 for x, differentiable in theta.

    Parameters
    ----------
    f : callable
        `(x, *theta)` → equations, alike in structure and shapes to x. Traced values
        that it captures count as parameters too.
    x0 : pytree of floats and inexact arrays
        Where to start. The root does not vary with it.
    *theta
        Parameters: pytrees of arrays and floats, and of constants.
    solver : str or callable, optional
        "newton", a method of `scipy.optimize.root`, or any function `(g, x0) → x` that
        finds a root of `g(x) = f(x, *theta)` on plain arrays; it may return SciPy's
        result object. Default: "hybr" with the exact Jacobian, "newton" beyond 200
        unknowns, and Newton's steps at the end.
    linear_solver : str or callable, optional
        For systems with ∂f/∂x: "dense", "gmres", "bicgstab", "cg", "minres", "lsqr", or
        `(matvec, b) → x`. Default: dense up to 200 unknowns, then "gmres".
    tol : float, optional
        The residual allowed, relative to the terms of f: 1e-8; 1e-5 for a solver of
        your own.

    Returns
    -------
    pytree
        x, like x0.

    Raises
    ------
    ConvergenceError
        If the residual is not small at what was found.
    SingularError
        If ∂f/∂x is singular there, when a derivative is asked for.
    ShapeError
        If f does not return one equation for each unknown.
    ArgumentError
        If x0 holds what is no number, or f uses a traced value that cannot be found.

    Notes
    -----
    Cost: of a derivative, one product with a derivative of f and one linear system with
    ∂f/∂x, whatever the solver did. Derivatives are of the root that was found.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 15.

    Examples
    --------
    >>> from wengert import grad, implicit
    >>> grad(lambda a: implicit.root(lambda x, a: x**2 - a, 1.0, a))(4.0)
    0.25
    """
    check_callable("root", f)
    form = Form("root", "x0", x0)

    def residual(functions: Any, v: Any, theta: Any) -> Any:
        return form.vector(functions[0](form.tree(v), *theta), "the output of f")

    def find(functions: Any, v0: Any, theta: Any, equations: Equations) -> Any:
        if callable(functions[1]):
            g = lambda x: functions[0](x, *theta)
            return solved(form, functions[1](g, form.tree(v0)))
        return _found(functions[1], v0, equations)

    check_method("root", solver, ("newton", *_METHODS))
    v0, functions = form.vector(x0), (f, solver)
    return form.result(
        answer("root", functions, residual, find, v0, theta, linear_solver, tol)
    )


def _found(method: str | None, v0: Any, equations: Equations) -> Any:
    """Find a root by a method of SciPy's, then by Newton's."""
    if method == "newton" or (method is None and v0.size > DENSE):
        return newton(equations, v0, 100)
    jac = equations.jacobian if method in (None, "hybr", "lm") else None
    with np.errstate(all="ignore"):
        result = scipy.optimize.root(equations, v0, method=method or "hybr", jac=jac)
    v = result.x.astype(v0.dtype)
    return newton(equations, v if np.isfinite(v).all() else v0, 20)
