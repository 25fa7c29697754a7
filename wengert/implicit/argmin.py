"""Minima, free or with bounds and equations as constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert import tree
from wengert.errors import ArgumentError, ConvergenceError, user_source
from wengert.implicit.answers import answer, check_method, solved
from wengert.implicit.linear_solvers import DENSE
from wengert.implicit.newton import newton
from wengert.implicit.theorem import Equations
from wengert.implicit.vectors import Form
from wengert.operators.arguments import check_callable
from wengert.operators.gradient import grad, value_and_grad
from wengert.operators.jacobian import jacobian
from wengert.operators.products import hvp
from wengert.trace.tracer import Tracer

__all__ = ["argmin"]

_METHODS = (
    "BFGS", "CG", "L-BFGS-B", "Newton-CG", "trust-ncg", "trust-krylov", "SLSQP",
    "Nelder-Mead", "Powell", "TNC", "trust-constr",
)  # fmt: skip
_WITH_PRODUCTS = ("Newton-CG", "trust-ncg", "trust-krylov", "trust-constr")
_WITHOUT_GRADIENT = ("Nelder-Mead", "Powell")


def argmin(
    f: Callable[..., Any],
    x0: Any,
    *theta: Any,
    bounds: tuple[Any, Any] | None = None,
    constraints: Callable[..., Any] | None = None,
    solver: str | Callable[..., Any] | None = None,
    linear_solver: str | Callable[..., Any] | None = None,
    tol: float | None = None,
) -> Any:
    """Minimise f(x, *theta) over x, differentiable in theta.

    Parameters
    ----------
    f : callable
        `(x, *theta)` → a real scalar. Traced values that it captures count as
        parameters too.
    x0 : pytree of floats and inexact arrays
        Where to start. The minimum does not vary with it.
    *theta
        Parameters: pytrees of arrays and floats, and of constants.
    bounds : (lower, upper), optional
        Each like x0, or one number, or None. The solution varies with them too.
    constraints : callable, optional
        `(x, *theta)` → pytree of what must be 0.
    solver : str or callable, optional
        A method of `scipy.optimize.minimize`, or any function `(h, x0) → x` that
        minimises `h(x) = f(x, *theta)` on plain arrays, within the bounds and
        constraints. Default: "trust-ncg" with exact products with the Hessian; with
        bounds "L-BFGS-B", with constraints "SLSQP"; and Newton's steps at the end.
    linear_solver : str or callable, optional
        For systems with the Hessian, as for `root`. Default: dense up to 200 unknowns,
        then "minres" ("gmres" with bounds).
    tol : float, optional
        The gradient allowed, relative to its terms; as for `root`.

    Returns
    -------
    pytree
        x, like x0.

    Raises
    ------
    ConvergenceError
        If the gradient is not small at what was found, or it is a saddle point.
    SingularError
        If the Hessian is singular there, when a derivative is asked for; with
        constraints, if these depend on each other.
    NotScalarError
        If f does not return a real scalar.
    ShapeError, ArgumentError
        If bounds or constraints do not fit.

    Notes
    -----
    The equations solved are `∇f = 0`; with constraints h those of Karush, Kuhn and
    Tucker, `∇f + λᵀ∇h = 0, h = 0`; with bounds `x = clip(x − ∇f, lower, upper)`. A
    derivative assumes that the bounds which hold do so nearby: where x lies on a bound
    and the gradient vanishes as well, there are two.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 15; Nocedal & Wright (2006),
    Numerical Optimization, ch. 12.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import implicit, jacobian
    >>> f = lambda x, a: np.sum((x - a) ** 2) + np.sum(x) ** 2
    >>> x = lambda a: implicit.argmin(f, np.zeros(2), a)
    >>> print(np.round(jacobian(x)(np.array([1.0, 2.0])), 6))
    [[ 0.666667 -0.333333]
     [-0.333333  0.666667]]
    """
    check_callable("argmin", f)
    if constraints is not None:
        check_callable("argmin", constraints)
    check_method("argmin", solver, _METHODS)
    form = Form("argmin", "x0", x0)
    box = None if bounds is None else _box(form, bounds)
    v0, functions = form.vector(x0), (f, solver, constraints)
    minimum = _Minimum(form, v0.size)
    if constraints is not None:
        v0 = np.concatenate([v0, np.zeros(_count(constraints, x0, theta), v0.dtype)])
    free = box is None and constraints is None and not callable(solver)
    z = answer(
        "argmin", functions, minimum.residual, minimum.find, v0, (theta, box),
        linear_solver, tol, symmetric=box is None,
        verify=_check_minimum if free else None,
    )  # fmt: skip
    return form.result(z[: form.size])


class _Minimum:
    """The equations of a minimum: unknowns are x, and a multiplier a constraint."""

    def __init__(self, form: Form, size: int) -> None:
        self._form, self._size = form, size

    def residual(self, functions: Any, z: Any, inputs: Any) -> Any:
        """Give the gradient of the Lagrangian, and the constraints."""
        f, _, constraints = functions
        theta, box = inputs
        v, multipliers = z[: self._size], z[self._size :]

        def lagrangian(v: Any) -> Any:
            y = f(self._form.tree(v), *theta)
            if constraints is None:
                return y
            return y + multipliers @ self.constraint(constraints, v, theta)

        slope = grad(lagrangian)(v)
        if box is not None:
            slope = v - np.minimum(np.maximum(v - slope, box[0]), box[1])
        if constraints is None:
            return slope
        return np.concatenate([slope, self.constraint(constraints, v, theta)])

    def constraint(self, constraints: Any, v: Any, theta: Any) -> Any:
        """Give the vector of what must be zero."""
        leaves, _ = tree.flatten(constraints(self._form.tree(v), *theta))
        return np.concatenate([np.reshape(leaf, (-1,)) for leaf in leaves])

    def find(self, functions: Any, z0: Any, inputs: Any, equations: Equations) -> Any:
        """Find a minimum by the user's solver, or SciPy's and then Newton's."""
        f, solver, constraints = functions
        theta, box = inputs
        v0 = z0[: self._size]
        h = lambda x: f(x, *theta)
        if callable(solver):
            v = solved(self._form, solver(h, self._form.tree(v0)))
            return self._with_multipliers(v, functions, inputs)
        v = self._minimised(h, v0, solver, constraints, theta, box).astype(v0.dtype)
        return newton(equations, self._with_multipliers(v, functions, inputs), 20)

    def _minimised(
        self, h: Any, v0: Any, method: Any, constraints: Any, theta: Any, box: Any
    ) -> Any:
        flat = lambda v: h(self._form.tree(v))
        options: dict[str, Any] = {}
        if box is not None:
            options["bounds"] = scipy.optimize.Bounds(*box)
            method = method or "L-BFGS-B"
        if constraints is not None:
            of = lambda v: self.constraint(constraints, v, theta)
            options["constraints"] = {"type": "eq", "fun": of, "jac": jacobian(of)}
            method = method if method == "trust-constr" else "SLSQP"
        method = method or "trust-ncg"
        if method in _WITH_PRODUCTS:
            options["hessp"] = hvp(flat)
        jac = method not in _WITHOUT_GRADIENT
        with np.errstate(all="ignore"):
            found = scipy.optimize.minimize(
                value_and_grad(flat) if jac else flat, v0, method=method, jac=jac,
                **options,
            )  # fmt: skip
        return found.x if np.isfinite(found.x).all() else v0

    def _with_multipliers(self, v: Any, functions: Any, inputs: Any) -> Any:
        """Append the multipliers that suit a point best, by least squares."""
        f, _, constraints = functions
        theta, box = inputs
        if constraints is None:
            return v
        slope = grad(lambda v: f(self._form.tree(v), *theta))(v)
        normals = jacobian(lambda v: self.constraint(constraints, v, theta))(v)
        free = np.ones(v.size, bool)
        if box is not None:
            free = (v > box[0] + 1e-9) & (v < box[1] - 1e-9)
        found = np.linalg.lstsq(normals[:, free].T, -slope[free], rcond=None)[0]
        return np.concatenate([v, found.astype(v.dtype)])


def _box(form: Form, bounds: Any) -> tuple[Any, Any]:
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise ArgumentError(
            f"argmin: bounds must be a pair (lower, upper), not {bounds!r} (at "
            f"{user_source()})."
        )
    ends = []
    for bound, limit in zip(bounds, (-np.inf, np.inf), strict=True):
        bound = limit if bound is None else bound
        leaves, structure = tree.flatten(bound)
        alone = structure is tree.LEAF and np.ndim(leaves[0]) == 0
        if alone:
            ends.append(bound + np.zeros(form.size, form.dtype))
        else:
            ends.append(form.vector(bound, "a bound"))
    plain = not any(isinstance(end, Tracer) for end in ends)
    if plain and not np.all(ends[0] <= ends[1]):
        raise ArgumentError(
            f"argmin: a lower bound is above its upper one (at {user_source()})."
        )
    return ends[0], ends[1]


def _count(constraints: Any, x0: Any, theta: Any) -> int:
    """Count the constraints, by a run."""
    leaves, _ = tree.flatten(constraints(x0, *theta))
    return sum(int(np.size(leaf)) for leaf in leaves)


def _check_minimum(v: Any, equations: Equations) -> None:
    """Raise ConvergenceError at a saddle point, where that can be afforded."""
    if not 0 < v.size <= DENSE:
        return
    values = np.linalg.eigvalsh(equations.jacobian(v))
    if values[0] < -1e-8 * max(values[-1], -values[0]):
        raise ConvergenceError(
            "argmin found a saddle point, no minimum: the Hessian has the eigenvalue "
            f"{values[0]:.2e} there (at {user_source()}). Start elsewhere."
        )
