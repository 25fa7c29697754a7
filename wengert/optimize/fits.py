"""Fits of models to data, and how sure they are, by exact Jacobians."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.stats

from wengert import tree
from wengert.errors import ArgumentError, ConvergenceError, ShapeError
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.jacobian import jacobian
from wengert.optimize.least_squares import least_squares
from wengert.optimize.measured import Compile
from wengert.optimize.report import Report
from wengert.optimize.unknowns import Unknowns, as_vector

__all__ = ["Fit", "curve_fit", "fit"]

# As curve_fit of SciPy's, whose solver for problems without bounds is MINPACK's.
_TOLERANCE = 1.49012e-8


@dataclass(frozen=True, eq=False)
class Fit:
    """A model fitted to data. Prints as a table.

    Attributes
    ----------
    params : pytree
        As p0.
    covariance : array (p, p)
        Of the leaves of params, one after the other; inf where data do not determine
        them.
    residuals : array (m,)
        Model minus data, over sigma.
    freedom : int
        Observations less parameters.
    result : OptimizeResult
        Of `least_squares`.
    """

    params: Any
    covariance: Any
    residuals: Any
    freedom: int
    result: Any
    _model: Callable[[Any, Any], Any]
    _unknowns: Unknowns

    @property
    def standard_errors(self) -> Any:
        """Standard errors in the form of params."""
        return self._unknowns.result(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> Any:
        """Correlations of parameters, an array (p, p)."""
        deviations = np.sqrt(np.diag(self.covariance))
        with np.errstate(all="ignore"):
            ratios: Any = self.covariance / np.outer(deviations, deviations)
        return ratios

    @property
    def sum_of_squares(self) -> float:
        """Of the residuals: χ² where sigma was given."""
        return float(np.sum(self.residuals**2))

    @property
    def deviation(self) -> float:
        """The residual standard deviation, √(sum of squares / freedom)."""
        return float(np.sqrt(self.sum_of_squares / max(self.freedom, 1)))

    @property
    def report(self) -> Report:
        """What was evaluated."""
        return self.result.report  # type: ignore[no-any-return]

    def intervals(self, level: float = 0.95) -> tuple[Any, Any]:
        """Give the ends of confidence intervals, by Student's t.

        Returns
        -------
        lower, upper : pytrees
            As params.
        """
        v = np.asarray(self._unknowns.form.vector(self.params))
        half = self._quantile(level) * np.sqrt(np.diag(self.covariance))
        return self._unknowns.result(v - half), self._unknowns.result(v + half)

    def band(self, x: Any, level: float = 0.95) -> tuple[Any, Any]:
        """Give the model at x, and half the width of its confidence band there.

        Linear in the parameters near the fit: J Σ Jᵀ, with the exact Jacobian.

        Returns
        -------
        value, half : arrays
        """
        unknowns = self._unknowns
        v = np.asarray(unknowns.form.vector(self.params))

        def flat(v: Any) -> Any:
            return as_vector(self._model(x, unknowns.tree(v)))

        value, slopes = np.asarray(flat(v)), jacobian(flat)(v)
        variance = np.einsum("ij,jk,ik->i", slopes, self.covariance, slopes)
        return value, self._quantile(level) * np.sqrt(variance)

    def _quantile(self, level: float) -> Any:
        if not 0 < level < 1:
            raise ArgumentError(f"level={level!r}; it lies between 0 and 1")
        return scipy.stats.t.ppf(0.5 + level / 2, max(self.freedom, 1))

    def __str__(self) -> str:
        paths = tree.paths(self.params, "p")
        names = [
            name if np.ndim(leaf) == 0 else f"{name}.flat[{i}]"
            for name, leaf in zip(paths, tree.flatten(self.params)[0], strict=True)
            for i in range(np.size(leaf))
        ]
        v = np.asarray(self._unknowns.form.vector(self.params))
        errors = np.sqrt(np.diag(self.covariance))
        width = max(map(len, names))
        lines = [f"{'':{width}}  {'value':>14}  {'standard error':>14}"]
        lines += [
            f"{name:{width}}  {value:14.8g}  {error:14.4g}"
            for name, value, error in zip(names, v, errors, strict=True)
        ]
        lines.append(
            f"sum of squares {self.sum_of_squares:.8g}, {self.freedom} degrees of "
            f"freedom, residual standard deviation {self.deviation:.6g}"
        )
        return "\n".join(lines)


def fit(
    model: Callable[[Any, Any], Any],
    xdata: Any,
    ydata: Any,
    p0: Any,
    sigma: Any = None,
    absolute_sigma: bool = False,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    **options: Any,
) -> Fit:
    """Fit a model to data by least squares; parameters are a pytree.

    Parameters
    ----------
    model : callable
        `(x, params)` → like ydata.
    xdata : any
        Handed to the model.
    ydata : pytree of arrays
        m numbers in all.
    p0 : pytree
        Where to start.
    sigma : number, array or pytree like ydata, or array (m, m), optional
        Standard deviations of the data, or their covariance.
    absolute_sigma : bool
        Whether sigma is meant as it stands, and not only in its proportions.
    bounds : (lower, upper)
        As for `least_squares`.
    method : str, optional
        "lm", or "trf" where there are bounds or less data than parameters.
    **options
        To `least_squares`.

    Returns
    -------
    Fit
        Parameters, covariance, standard errors, intervals, report.

    Raises
    ------
    ConvergenceError
        If the solver does not converge.
    NanError
        If data or the model at p0 are not finite.
    ShapeError
        If the model gives another number of values than there are data.

    References
    ----------
    Bates & Watts (1988), Nonlinear regression analysis and its applications.

    Examples
    --------
    >>> x = np.linspace(0.0, 4.0, 50)
    >>> y = 2.5 * np.exp(-1.3 * x) + 0.01 * np.sin(40 * x)
    >>> decay = lambda x, p: p["a"] * np.exp(-p["k"] * x)
    >>> found = fit(decay, x, y, {"a": 1.0, "k": 1.0})
    >>> round(found.params["k"], 2), found.standard_errors["k"] < 0.02
    (1.3, True)
    """
    check_callable("fit", model)
    unknowns = Unknowns("fit", p0)
    y = np.asarray(as_vector(tree.map_leaves(np.asarray, ydata)), float)
    weigh = _weights(sigma, y)
    differences = _residuals(model, xdata, y, weigh)
    result = least_squares(
        differences, unknowns.x0, bounds=bounds,
        method=method or _method(bounds, y.size, unknowns.start.size),
        **{"ftol": _TOLERANCE, "xtol": _TOLERANCE, "gtol": _TOLERANCE, **options},
    )  # fmt: skip
    if not (result.success or result.interrupted):
        raise ConvergenceError(
            f"fit of {name_of(model)} has not converged: {result.message} "
            f"Start nearer, or allow more: max_nfev=, xtol=.\n{result.report}"
        )
    freedom = y.size - unknowns.start.size
    if result.interrupted:
        result.jac = jacobian(lambda v: as_vector(differences(unknowns.tree(v))))(
            np.asarray(unknowns.form.vector(result.x))
        )
    covariance = _covariance(result.jac)
    if not absolute_sigma:
        if freedom > 0:
            covariance = covariance * (np.sum(result.fun**2) / freedom)
        else:
            covariance = np.full_like(covariance, np.inf)
    return Fit(result.x, covariance, result.fun, freedom, result, model, unknowns)


def curve_fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    compile: Compile = "auto",
    **kwargs: Any,
) -> Any:
    """Fit `f(x, *params)` to data, as SciPy's function does, by exact Jacobians.

    Parameters
    ----------
    f : callable
        `(x, a, b, …)` → values like ydata. With a pytree for p0, `(x, params)`.
    xdata, ydata : arrays
    p0 : sequence of numbers, or pytree, optional
        Where to start: 1 for each parameter of f by default.
    sigma, absolute_sigma, bounds, method
        As for `fit`.
    check_finite : bool, optional
        Data that are not finite are refused, unless it is False.
    jac : optional
        `jac(x, *params)` → array (m, p), or SciPy's "2-point", "3-point", "cs".
    full_output : bool
        Whether the Fit comes too.
    nan_policy : {None, "raise", "omit"}
        "omit" leaves out data that are nan.
    compile : bool or "auto"
    **kwargs
        To `least_squares`.

    Returns
    -------
    popt : array (p,) or pytree
    pcov : array (p, p)
    fit : Fit
        With full_output only, in the place of SciPy's dict and messages.

    Raises
    ------
    ConvergenceError
        If the solver does not converge; it is a RuntimeError, as SciPy's.
    ArgumentError, ShapeError, NanError

    Warns
    -----
    scipy.optimize.OptimizeWarning
        If data do not determine the parameters.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 5)
    >>> popt, pcov = curve_fit(lambda x, a, b: a + b * x, x, 1 + 2 * x)
    >>> print(np.round(popt, 6))
    [1. 2.]
    """
    check_callable("curve_fit", f)
    if p0 is None:
        p0 = np.ones(_number_of_parameters(f))
    unknowns = Unknowns("curve_fit", p0)
    x, y, sigma = _finite(xdata, ydata, sigma, check_finite, nan_policy)
    flat = isinstance(unknowns.x0, np.ndarray) and unknowns.x0.ndim == 1

    def model(x: Any, p: Any) -> Any:
        return f(x, *p) if flat else f(x, p)

    model.__name__ = name_of(f)
    if callable(jac):
        kwargs["jac"] = _users_jacobian(jac, x, y, sigma, flat)
    elif jac is not None:
        kwargs["jac"] = jac
    if "maxfev" in kwargs:
        kwargs["max_nfev"] = kwargs.pop("maxfev")
    found = fit(
        model, x, y, unknowns.x0, sigma, absolute_sigma, bounds, method,
        compile=compile, **kwargs,
    )  # fmt: skip
    if np.isinf(found.covariance).any():
        warnings.warn(
            "the data do not determine the parameters: their covariance is infinite",
            scipy.optimize.OptimizeWarning,
            stacklevel=2,
        )
    pair = found.params, found.covariance
    return (*pair, found) if full_output else pair


# ----- of what they are made -----


def _residuals(
    model: Callable[[Any, Any], Any], x: Any, y: Any, weigh: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    def differences(params: Any) -> Any:
        values = as_vector(model(x, params))
        if values.shape != y.shape:
            raise ShapeError(
                f"fit: {name_of(model)} gives {values.size} values for {y.size} data"
            )
        return weigh(values - y)

    differences.__name__ = name_of(model)
    return differences


def _weights(sigma: Any, y: Any) -> Callable[[Any], Any]:
    """Make the function that divides by sigma, or by a factor of a covariance."""
    if sigma is None:
        return lambda r: r
    if isinstance(sigma, np.ndarray) and sigma.shape == (y.size, y.size) != (1, 1):
        try:
            lower = scipy.linalg.cholesky(sigma, lower=True)
        except (np.linalg.LinAlgError, ValueError):
            raise ArgumentError("the covariance sigma is not positive definite") from (
                None
            )
        inverse = scipy.linalg.solve_triangular(lower, np.eye(y.size), lower=True)
        return lambda r: inverse @ r
    deviations = np.asarray(as_vector(tree.map_leaves(np.asarray, sigma)), float)
    if deviations.size not in (1, y.size):
        raise ShapeError(f"{deviations.size} sigmas for {y.size} data")
    if not (deviations > 0).all():
        raise ArgumentError("sigma must be positive")
    return lambda r: r / deviations


def _method(bounds: Any, data: int, parameters: int) -> str:
    lower, upper = (
        (bounds.lb, bounds.ub) if isinstance(bounds, scipy.optimize.Bounds) else bounds
    )
    free = all(
        np.isinf(np.asarray(leaf, float)).all()
        for leaf in tree.flatten((lower, upper))[0]
    )
    return "lm" if free and data >= parameters else "trf"


def _covariance(slopes: Any) -> Any:
    """Invert JᵀJ by the singular values of J; columns scaled, as units differ."""
    slopes = slopes.toarray() if hasattr(slopes, "toarray") else slopes
    if not isinstance(slopes, np.ndarray):  # a LinearOperator
        slopes = slopes @ np.eye(slopes.shape[1])
    scales = np.linalg.norm(slopes, axis=0)
    if (scales == 0).any() or slopes.shape[0] < slopes.shape[1]:
        return np.full((slopes.shape[1],) * 2, np.inf)
    _, s, vt = scipy.linalg.svd(slopes / scales, full_matrices=False)
    if s[-1] <= np.finfo(float).eps * max(slopes.shape) * s[0]:
        return np.full((slopes.shape[1],) * 2, np.inf)
    half = vt.T / s / scales[:, None]
    return half @ half.T


def _number_of_parameters(f: Callable[..., Any]) -> int:
    parameters = list(inspect.signature(f).parameters.values())
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    count = sum(p.kind in plain for p in parameters)
    if count < 2:
        raise ArgumentError(
            f"curve_fit cannot tell the number of parameters of {name_of(f)}: give p0"
        )
    return count - 1


def _finite(
    x: Any, y: Any, sigma: Any, check: bool | None, policy: str | None
) -> tuple[Any, Any, Any]:
    if policy not in (None, "raise", "omit"):
        raise ArgumentError(f'nan_policy={policy!r}; it is None, "raise" or "omit"')
    x = np.asarray(x, float) if isinstance(x, list | tuple) else x
    y = np.asarray(y, float)
    if y.size == 0:
        raise ArgumentError("ydata must not be empty")
    if policy == "omit":
        x = np.asarray(x, float)
        keep = ~(np.isnan(y) | np.isnan(x).any(axis=tuple(range(x.ndim - 1))))
        sigma = None if sigma is None else np.asarray(sigma)
        if sigma is not None and sigma.ndim:
            sigma = sigma[np.ix_(*[keep] * sigma.ndim)]
        return x[..., keep], y[keep], sigma
    arrays = [leaf for leaf in tree.flatten(x)[0] if isinstance(leaf, np.ndarray)]
    if check is not False:
        for name, values in [("xdata", v) for v in arrays] + [("ydata", y)]:
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise ArgumentError(
                    f"{name} holds nan or inf; leave these data out, or "
                    'nan_policy="omit"'
                )
    return x, y, None if sigma is None else np.asarray(sigma, float)


def _users_jacobian(
    jac: Callable[..., Any], x: Any, y: Any, sigma: Any, flat: bool
) -> Callable[[Any], Any]:
    weigh = _weights(sigma, y)

    def slopes(p: Any) -> Any:
        columns = np.asarray(jac(x, *p) if flat else jac(x, p), float)
        return np.stack([weigh(column) for column in columns.T], axis=1)

    return slopes
