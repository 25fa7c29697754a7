"""Any solver, differentiated by the equations that its solution satisfies."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from wengert.implicit.answers import answer, solved
from wengert.implicit.theorem import Equations
from wengert.implicit.vectors import Form
from wengert.operators.arguments import check_callable, name_of

__all__ = ["differentiate", "root_of"]


def differentiate(
    solver: Callable[..., Any],
    optimality: Callable[..., Any],
    linear_solver: str | Callable[..., Any] | None = None,
    tol: float | None = None,
) -> Callable[..., Any]:
    """Give a solver derivatives, by the equations that its solution satisfies.

    Parameters
    ----------
    solver : callable
        `(x0, *theta)` → x, like x0, or SciPy's result object. It is called with plain
        arrays and may do anything.
    optimality : callable
        `(x, *theta)` → F, alike in structure and shapes to x, and 0 at the solution.
    linear_solver : str or callable, optional
        For systems with ∂F/∂x; see `root`.
    tol : float, default 1e-5
        The residual allowed, relative to the terms of F.

    Returns
    -------
    callable
        `(x0, *theta)` → x, differentiable in theta and in what both functions capture.

    Raises
    ------
    ConvergenceError
        By a call, if F is not small at what the solver has returned.
    SingularError, ShapeError, ArgumentError
        As `root` does.

    Notes
    -----
    Known elsewhere as `custom_root`. Cost: as `root`; the solver is never
    differentiated.

    References
    ----------
    M. Blondel et al. (2022), "Efficient and modular implicit differentiation".

    Examples
    --------
    >>> import scipy.optimize
    >>> from wengert import grad, implicit
    >>> F = lambda x, a: x**3 - a
    >>> cube_root = implicit.differentiate(
    ...     lambda x0, a: scipy.optimize.brentq(F, 0.0, 10.0, args=(a,)), F
    ... )
    >>> round(grad(cube_root, argnums=1)(1.0, 8.0), 6)
    0.083333
    """
    check_callable("differentiate", solver)
    check_callable("differentiate", optimality)
    name = name_of(solver)

    @functools.wraps(solver, updated=())
    def solve(x0: Any, *theta: Any) -> Any:
        form = Form(name, "x0", x0)

        def residual(functions: Any, v: Any, theta: Any) -> Any:
            y = functions[0](form.tree(v), *theta)
            return form.vector(y, "the output of its optimality")

        def find(functions: Any, v0: Any, theta: Any, _: Equations) -> Any:
            return solved(form, functions[1](form.tree(v0), *theta))

        v0, functions = form.vector(x0), (optimality, solver)
        return form.result(
            answer(name, functions, residual, find, v0, theta, linear_solver, tol)
        )

    return solve


def root_of(
    optimality: Callable[..., Any],
    linear_solver: str | Callable[..., Any] | None = None,
    tol: float | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a solver with the equations that its solution satisfies.

    Parameters
    ----------
    optimality, linear_solver, tol
        As for `differentiate`.

    Returns
    -------
    callable
        A decorator: `differentiate` with these.

    Examples
    --------
    >>> from wengert import grad, implicit
    >>> @implicit.root_of(lambda x, a: x**2 - a)
    ... def square_root(x0, a):
    ...     return a**0.5
    >>> grad(square_root, argnums=1)(1.0, 4.0)
    0.25
    """
    return lambda solver: differentiate(solver, optimality, linear_solver, tol)
