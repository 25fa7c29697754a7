"""Minima by SciPy's solvers, with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert.errors import ArgumentError
from wengert.operators.arguments import check_callable, name_of
from wengert.optimize.constraints import Filling, filled
from wengert.optimize.measured import Compile, check_compile
from wengert.optimize.objective import Objective
from wengert.optimize.progress import Progress
from wengert.optimize.report import Report
from wengert.optimize.runs import finish, run, users_callback
from wengert.optimize.unknowns import Unknowns, box

__all__ = ["minimize"]

_WITHOUT_GRADIENT = {"nelder-mead", "powell", "cobyla", "cobyqa"}
_WITH_GRADIENT = {"bfgs", "cg", "l-bfgs-b", "tnc", "slsqp"}
_WITH_PRODUCTS = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}
_WITH_HESSIAN = {"trust-exact", "dogleg"}
_METHODS = _WITHOUT_GRADIENT | _WITH_GRADIENT | _WITH_PRODUCTS | _WITH_HESSIAN
_SPARSE = {"newton-cg", "trust-constr"}
_FAR = 1e20


def minimize(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: str | None = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    *,
    compile: Compile = "auto",
    sparse: bool = False,
    progress: bool = True,
) -> Any:
    """Minimise a function by a solver of SciPy's, its derivatives exact.

    Parameters
    ----------
    fun : callable
        `(x, *args)` → a real scalar.
    x0 : pytree of numbers and inexact arrays
        Where to start; x has its form. A list of numbers is an array, as SciPy says.
    args : tuple
    method : str, optional
        One of SciPy's; by default BFGS, with bounds L-BFGS-B, with constraints SLSQP.
        Newton-CG, trust-ncg, trust-krylov and trust-constr get exact products with the
        Hessian, trust-exact and dogleg the exact Hessian.
    jac, hess, hessp : optional
        The user's own: of x in its form, `jac` gives the gradient in that form, `hess`
        an array (n, n), `hessp(x, p)` a vector, p and the leaves of x in one line.
        `jac=True`: fun gives (value, gradient). Strings ("2-point") are SciPy's.
    bounds : sequence of (min, max), Bounds, or (lower, upper)
        For an x0 that is one array what SciPy takes; for others two pytrees like x0,
        numbers, or None.
    constraints : dict, LinearConstraint, NonlinearConstraint, or a sequence of these
        With exact Jacobians, and Hessians for trust-constr, in the place of
        differences. Their functions take x in its form and give pytrees.
    tol : float, optional
    callback : callable, optional
        `callback(x)`, or `callback(intermediate_result)`.
    options : dict, optional
        As SciPy's.
    compile : bool or "auto"
        Whether functions are compiled; "auto": when they are called often. See `jit` of
        what that asks of fun.
    sparse : bool
        Whether Hessians and constraints' Jacobians are sparse: for Newton-CG and
        trust-constr.
    progress : bool
        Whether a run of more than a second shows a bar, in a terminal.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As SciPy's, `x` and `jac` in the form of x0; besides
        `report` (a table of evaluations and times) and `interrupted`: after Ctrl-C x is
        the best so far.

    Raises
    ------
    NanError
        If fun is nan at x0, or its gradient where fun is finite: it names the
        operation. Where a step meets a nan, fun counts as inf, so that the step is cut,
        and the report says so.
    NotScalarError
        If fun does not return a real scalar.
    ArgumentError, ShapeError
        If a method is unknown, or bounds do not fit.

    Notes
    -----
    Cost: value and gradient together a small multiple of fun; a product with the
    Hessian a few times that.

    References
    ----------
    Nocedal & Wright (2006), Numerical Optimization.

    Examples
    --------
    >>> rosenbrock = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> result = minimize(rosenbrock, [-1.2, 1.0], method="trust-exact")
    >>> print(np.round(result.x, 6), result.report.calls("Hessian") > 10)
    [1. 1.] True
    >>> f = lambda p: (p["a"] - 1) ** 2 + np.sum((p["b"] - p["a"]) ** 2)
    >>> x = minimize(f, {"a": 0.0, "b": np.zeros(2)}).x
    >>> round(x["a"], 5), np.round(x["b"], 5)
    (1.0, array([1., 1.]))
    """
    check_callable("minimize", fun)
    check_compile(compile)
    unknowns = Unknowns("minimize", x0)
    name = _method(method, bounds, constraints)
    _check_sparse(name, sparse)
    args = args if isinstance(args, tuple) else (args,)
    report = Report(f"minimize {name_of(fun)} by {name}")
    with Progress(f"minimize {name_of(fun)}", on=progress) as bar:
        own = jac if jac is True or callable(jac) else None
        objective = Objective(unknowns, fun, args, own, report, compile, sparse, bar)
        second = name.lower() == "trust-constr"
        filling = Filling(unknowns, report, compile, sparse, second)
        constrained = filled(constraints, filling)
        given = _derivatives(name.lower(), objective, unknowns, args, jac, hess, hessp)
        result = run(
            report,
            lambda: scipy.optimize.minimize(
                x0=unknowns.start,
                method=name,
                bounds=_bounds(unknowns, bounds),
                constraints=constrained,
                tol=tol,
                callback=users_callback(unknowns, callback),
                options=options,
                **given,
            ),
            lambda: objective.best,
        )
    _remark(report, objective)
    report.counts = {k: count for k, count in report.counts.items() if count.calls}
    return finish(unknowns, result)


def _method(method: Any, bounds: Any, constraints: Any) -> str:
    if method is None:
        none = isinstance(constraints, tuple | list) and not constraints
        if not none:
            return "SLSQP"
        return "BFGS" if bounds is None else "L-BFGS-B"
    if not isinstance(method, str) or method.lower() not in _METHODS:
        raise ArgumentError(
            f"minimize: method={method!r}; it is one of {', '.join(sorted(_METHODS))}"
        )
    return method


def _check_sparse(name: str, sparse: bool) -> None:
    if sparse and name.lower() not in _SPARSE:
        raise ArgumentError(
            f"minimize: {name} takes no sparse Hessians; Newton-CG and trust-constr do"
        )


def _derivatives(
    name: str,
    objective: Objective,
    unknowns: Unknowns,
    args: tuple[Any, ...],
    jac: Any,
    hess: Any,
    hessp: Any,
) -> dict[str, Any]:
    """Say what SciPy is given: the user's own, else what is exact."""
    if name in _WITHOUT_GRADIENT:
        return {"fun": objective.value}
    if isinstance(jac, str):
        given: dict[str, Any] = {"fun": objective.value, "jac": jac}
    else:
        given = {"fun": objective.value_with_gradient, "jac": objective.gradient}
    if name in _WITH_GRADIENT:
        return given
    if callable(hess) and not isinstance(hess, scipy.optimize.HessianUpdateStrategy):
        given["hess"] = lambda v: hess(unknowns.tree(v), *args)
    elif hess is not None:
        given["hess"] = hess
    elif hessp is not None:
        given["hessp"] = lambda v, p: hessp(unknowns.tree(v), p, *args)
    elif name in _WITH_HESSIAN or objective.sparse:
        given["hess"] = objective.hessian
    else:
        given["hessp"] = objective.product
    return given


def _bounds(unknowns: Unknowns, bounds: Any) -> Any:
    if bounds is None:
        return None
    pairs = isinstance(unknowns.x0, np.ndarray) and not isinstance(
        bounds, scipy.optimize.Bounds
    )
    if pairs:
        if np.shape(bounds) != (unknowns.start.size, 2):
            raise ArgumentError(
                f"minimize: bounds of the shape {np.shape(bounds)} for "
                f"{unknowns.start.size} unknowns: give (min, max) for each, or "
                "scipy.optimize.Bounds(lower, upper)"
            )
        bounds = tuple(zip(*bounds, strict=True))
    lower, upper = box(unknowns, bounds)
    keep = getattr(bounds, "keep_feasible", False)
    return scipy.optimize.Bounds(lower, upper, keep)


def _remark(report: Report, objective: Objective) -> None:
    if objective.nans:
        report.remarks.append(
            f"f was nan at {objective.nans} of the points that were tried; "
            "they counted as inf"
        )
    if objective.best[1] < -_FAR:
        report.remarks.append(
            "f falls without end: it has no minimum there, or its sign is wrong"
        )
