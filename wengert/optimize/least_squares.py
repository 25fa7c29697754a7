"""Least squares by SciPy's solvers, with exact Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert.errors import ArgumentError
from wengert.operators.arguments import check_callable, name_of
from wengert.optimize.measured import Compile, check_compile
from wengert.optimize.progress import Progress
from wengert.optimize.report import Report
from wengert.optimize.residuals import Residuals
from wengert.optimize.runs import finish, run, users_callback
from wengert.optimize.unknowns import Unknowns, box

__all__ = ["least_squares"]

_DIFFERENCES = ("2-point", "3-point", "cs")


def least_squares(
    fun: Callable[..., Any],
    x0: Any,
    jac: Any = None,
    bounds: Any = (-np.inf, np.inf),
    method: str = "trf",
    ftol: float | None = 1e-8,
    xtol: float | None = 1e-8,
    gtol: float | None = 1e-8,
    x_scale: Any = None,
    loss: Any = "linear",
    f_scale: float = 1.0,
    diff_step: Any = None,
    tr_solver: str | None = None,
    tr_options: dict[str, Any] | None = None,
    jac_sparsity: Any = None,
    max_nfev: int | None = None,
    verbose: int = 0,
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    callback: Callable[..., Any] | None = None,
    *,
    compile: Compile = "auto",
    sparse: bool = False,
    progress: bool = True,
) -> Any:
    """Minimise the sum of squares of residuals by SciPy's solvers, Jacobians exact.

    Parameters
    ----------
    fun : callable
        `(x, *args, **kwargs)` → residuals: a pytree of real arrays, m in all.
    x0 : pytree of numbers and inexact arrays
        Where to start; x has its form. A list of numbers is an array.
    jac : optional
        By default exact and dense. "sparse" as with `sparse`; "operator": never formed,
        only its products, for "trf" and "dogbox" with many unknowns; a function of x
        that gives an array (m, n); SciPy's "2-point", "3-point", "cs".
    bounds : (lower, upper) or Bounds
        Each like x0, or a part of its outer structure, or one number, or None.
    method : {"trf", "dogbox", "lm"}
    x_scale : number, "jac", or pytree like x0, optional
        "jac", by the columns of the Jacobian, is the default of "lm"; 1 of the others.
    sparse : bool
        Whether the Jacobian is a sparse matrix; its pattern is found. So it is with
        `jac_sparsity`, whose pattern is not needed. Not for "lm".
    compile, progress
        As for `minimize`.
    ftol, xtol, gtol, loss, f_scale, diff_step, tr_solver, tr_options, max_nfev, verbose
        As SciPy's.
    callback : callable, optional
        As for `minimize`.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As SciPy's, `x` and `grad` in the form of x0; besides `report` and
        `interrupted`. `fun`, `jac` and `active_mask` are flat.

    Raises
    ------
    NanError
        If residuals are not finite at x0, or the Jacobian anywhere.
    ArgumentError, ShapeError

    Notes
    -----
    With "trf", a start on a bound is moved inside by 0.001 (of |x|, if that is larger).

    Cost of a dense Jacobian: min(m, n) times a small multiple of fun; of a sparse one,
    a sweep for each colour.

    References
    ----------
    Nocedal & Wright (2006), Numerical Optimization, ch. 10.

    Examples
    --------
    >>> t = np.linspace(0.0, 2.0, 20)
    >>> y = 3.0 * np.exp(-1.5 * t)
    >>> r = lambda p: p["a"] * np.exp(-p["k"] * t) - y
    >>> x = least_squares(r, {"a": 1.0, "k": 1.0}).x
    >>> round(x["a"], 6), round(x["k"], 6)
    (3.0, 1.5)
    """
    check_callable("least_squares", fun)
    check_compile(compile)
    unknowns = Unknowns("least_squares", x0)
    start = unknowns.start
    differences = isinstance(jac, str) and jac in _DIFFERENCES
    kind = _kind(jac, sparse or (jac_sparsity is not None and not differences), method)
    keywords = kwargs or {}
    own = (lambda x: jac(x, *args, **keywords)) if callable(jac) else kind
    report = Report(f"least_squares of {name_of(fun)} by {method}")

    def r(x: Any) -> Any:
        return fun(x, *args, **keywords)

    r.__name__ = name_of(fun)
    with Progress(f"least squares of {name_of(fun)}", on=progress) as bar:
        residuals = Residuals(
            unknowns, r, "dense" if differences else own, report, compile, bar
        )
        options: dict[str, Any] = {
            "method": method, "ftol": ftol, "xtol": xtol, "gtol": gtol, "loss": loss,
            "f_scale": f_scale, "tr_solver": tr_solver, "max_nfev": max_nfev,
            "tr_options": tr_options or {}, "verbose": verbose,
            "x_scale": _scale(unknowns, x_scale, method),
        }  # fmt: skip
        if method != "lm":  # which takes neither
            options["bounds"] = lower, upper = box(unknowns, bounds)
            if method == "trf":
                start = _inside(start, lower, upper)
            options["callback"] = users_callback(unknowns, callback)
        elif callback is not None or not _is_free(unknowns, bounds):
            raise ArgumentError('method="lm" takes neither bounds nor callbacks')
        if differences:
            options |= {"diff_step": diff_step, "jac_sparsity": jac_sparsity}
        result = run(
            report,
            lambda: scipy.optimize.least_squares(
                residuals.value,
                start,
                jac=jac if differences else residuals.jacobian,
                **options,
            ),
            lambda: residuals.best,
        )
    report.counts = {k: count for k, count in report.counts.items() if count.calls}
    if "cost" not in result:  # interrupted
        result.cost = 0.5 * float(np.sum(result.fun**2))
    return finish(unknowns, result)


def _kind(jac: Any, sparse: bool, method: str) -> Any:
    if method not in ("trf", "dogbox", "lm"):
        raise ArgumentError(f'method={method!r}; it is "trf", "dogbox" or "lm"')
    kind = "sparse" if sparse else "dense" if jac is None else jac
    if method == "lm" and kind in ("sparse", "operator"):
        raise ArgumentError(
            f'method="lm" needs a dense Jacobian, not one that is {kind}; '
            '"trf" and "dogbox" take it'
        )
    return kind


def _inside(start: Any, lower: Any, upper: Any) -> Any:
    """Move a start off its bounds, where SciPy's trf begins with a radius of 1e-10 (of
    the norm of x) and takes its first step, however short, for convergence."""
    room = np.minimum(1e-3 * np.maximum(1.0, np.abs(start)), (upper - lower) / 4)
    return np.where(
        start == lower, start + room, np.where(start == upper, start - room, start)
    )


def _scale(unknowns: Unknowns, scale: Any, method: str) -> Any:
    if scale is None:
        return "jac" if method == "lm" else 1.0
    if isinstance(scale, str):
        return scale
    if isinstance(unknowns.x0, np.ndarray):
        scale = np.asarray(scale, float)
    return unknowns.spread("x_scale", scale)


def _is_free(unknowns: Unknowns, bounds: Any) -> bool:
    lower, upper = box(unknowns, bounds)
    return bool(np.isneginf(lower).all() and np.isposinf(upper).all())
