"""Roots by SciPy's solvers, with exact Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert.errors import ArgumentError, ShapeError
from wengert.operators.arguments import check_callable, name_of
from wengert.optimize.measured import Compile, check_compile
from wengert.optimize.progress import Progress
from wengert.optimize.report import Report
from wengert.optimize.residuals import Residuals
from wengert.optimize.runs import finish, run
from wengert.optimize.unknowns import Unknowns

__all__ = ["root"]

_WITH_JACOBIAN = ("hybr", "lm")
_WITHOUT = (
    "broyden1", "broyden2", "anderson", "linearmixing", "diagbroyden",
    "excitingmixing", "krylov", "df-sane",
)  # fmt: skip


def root(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: str = "hybr",
    jac: Any = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    *,
    compile: Compile = "auto",
    progress: bool = True,
) -> Any:
    """Solve fun(x) = 0 by a solver of SciPy's, the Jacobian exact.

    For a root that is to be differentiated in parameters see `wengert.implicit.root`;
    it also solves large and sparse systems by Newton's method.

    Parameters
    ----------
    fun : callable
        `(x, *args)` → pytree of n real numbers; with "lm", of n or more.
    x0 : pytree of numbers and inexact arrays
        n numbers; x has its form. A list of numbers is an array.
    args : tuple
    method : str
        One of SciPy's; "hybr" and "lm" use the Jacobian.
    jac : optional
        The user's own: of x, gives an array (n, n). True: fun gives (value, Jacobian).
        False: differences.
    tol : float, optional
    callback : callable, optional
        `callback(x, f)`, for methods without Jacobian.
    options : dict, optional
        As SciPy's.
    compile, progress
        As for `minimize`.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As SciPy's, `x` in the form of x0; besides `report` and `interrupted`.

    Raises
    ------
    NanError
        If fun is not finite at x0, or the Jacobian anywhere.
    ShapeError
        If there are not as many equations as unknowns.
    ArgumentError

    Notes
    -----
    Cost of a Jacobian: n times a small multiple of fun.

    Examples
    --------
    >>> f = lambda x: [x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1, x[1] + 0.5 * x[1] ** 3]
    >>> result = root(f, [0.0, 0.5])
    >>> print(np.round(result.x, 6), result.report.calls("Jacobian"))
    [0.770917 0.      ] 2
    """
    check_callable("root", fun)
    check_compile(compile)
    if method not in _WITH_JACOBIAN + _WITHOUT:
        known = ", ".join(_WITH_JACOBIAN + _WITHOUT)
        raise ArgumentError(f"root: method={method!r}; it is one of {known}")
    unknowns = Unknowns("root", x0)
    args = args if isinstance(args, tuple) else (args,)
    report = Report(f"root of {name_of(fun)} by {method}")

    def f(x: Any) -> Any:
        y = fun(x, *args)
        return y[0] if jac is True else y

    f.__name__ = name_of(fun)
    with Progress(f"root of {name_of(fun)}", on=progress) as bar:
        own = _own(jac, fun, args)
        residuals = Residuals(unknowns, f, own, report, compile, bar)
        given: dict[str, Any] = {}
        if method in _WITH_JACOBIAN:
            given["jac"] = False if jac is False else residuals.jacobian
        elif callback is not None:
            given["callback"] = lambda v, y: callback(unknowns.result(np.array(v)), y)

        def equations(v: Any) -> Any:
            values = residuals.value(v)
            if method != "lm" and values.size != unknowns.start.size:
                raise ShapeError(
                    f"root: {name_of(fun)} gives {values.size} equations for "
                    f"{unknowns.start.size} unknowns. Perhaps least_squares(f, x0)?"
                )
            return values

        result = run(
            report,
            lambda: scipy.optimize.root(
                equations, unknowns.start, method=method, tol=tol, options=options,
                **given,
            ),
            lambda: residuals.best,
        )  # fmt: skip
    report.counts = {k: count for k, count in report.counts.items() if count.calls}
    return finish(unknowns, result)


def _own(jac: Any, fun: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    if jac is True:
        return lambda x: np.asarray(fun(x, *args)[1])
    return (lambda x: jac(x, *args)) if callable(jac) else "dense"
