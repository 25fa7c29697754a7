"""FITPACK's functions of knots, coefficients and degree, and its classes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.interpolate

from wengert.primitives.axes import as_array
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer
from wengert.scipy.interpolate.bsplines import (
    BSpline,
    derived,
    evaluated,
    integrated,
    interpolating,
)
from wengert.scipy.interpolate.cubics import nodes
from wengert.scipy.interpolate.piecewise import points

__all__ = [
    "InterpolatedUnivariateSpline",
    "LSQUnivariateSpline",
    "UnivariateSpline",
    "splantider",
    "splder",
    "splev",
    "splint",
    "splrep",
]


def _padded(t: Any, c: Any) -> Any:
    """Give FITPACK's coefficients: as many as knots."""
    return np.concatenate([c, np.zeros(t.shape[0] - c.shape[0], c.dtype)])


def _read(tck: Any) -> tuple[Any, Any, int]:
    t, c, k = (tck.t, tck.c, tck.k) if isinstance(tck, BSpline) else tck
    if isinstance(c, list | tuple):
        raise undefined("a curve of several coordinates", "none is written",
                        "take each coordinate's coefficients")  # fmt: skip
    t, c = as_array(t), as_array(c)
    return t, c[: t.shape[0] - int(k) - 1], int(k)


@functools.wraps(scipy.interpolate.splrep)
def splrep(
    x: Any, y: Any, w: Any = None, xb: Any = None, xe: Any = None, k: int = 3,
    task: int = 0, s: Any = None, t: Any = None, full_output: Any = 0, per: Any = 0,
    quiet: Any = 1,
) -> Any:  # fmt: skip
    """Give knots and coefficients of the spline through values.

    Raises
    ------
    MissingRuleError
        If something is traced and the spline would be smoothed, whose knots FITPACK
        chooses, or periodic.
    """
    if not holds_tracer((x, y, w, s, t)):
        return scipy.interpolate.splrep(x, y, w, xb, xe, k, task, s, t, full_output,
                                        per, quiet)  # fmt: skip
    smooths = s not in (None, 0, 0.0) or w is not None
    if (
        smooths
        or t is not None
        or task
        or per
        or full_output
        or (xb, xe) != (None,) * 2
    ):
        raise undefined(
            "scipy.interpolate.splrep", "only interpolation (s=0) has one",
            "leave the other options out",
        )  # fmt: skip
    x, y, _ = nodes("splrep", x, y, 0)
    t, c, k = interpolating(x, y, k)
    return t, _padded(t, c), k


@functools.wraps(scipy.interpolate.splev)
def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
    """Evaluate a spline or its derivative: SciPy's `splev`, differentiable."""
    if not holds_tracer((x, tck)):
        return scipy.interpolate.splev(x, tck, der, ext)
    t, c, k = _read(tck)
    x = points(x)
    start, stop = t[k], t[t.shape[0] - k - 1]
    inside = (x >= start) & (x <= stop)
    if ext == 2 and not np.all(inside):
        raise ValueError("A point lies outside of the spline's knots.")
    if ext == 3:
        x = np.clip(x, start, stop)
    for _ in range(der):
        t, c, k = derived(t, c, k)
    y = np.reshape(evaluated(t, c, k, np.ravel(x)), x.shape)
    return np.where(inside, y, 0) if ext == 1 else y


@functools.wraps(scipy.interpolate.splint)
def splint(a: Any, b: Any, tck: Any, full_output: Any = 0) -> Any:
    """Integrate a spline: SciPy's `splint`, differentiable."""
    if not holds_tracer((a, b, tck)):
        return scipy.interpolate.splint(a, b, tck, full_output)
    if full_output:
        raise undefined("scipy.interpolate.splint(full_output=1)", "none is written",
                        "leave it out")  # fmt: skip
    return BSpline(*_read(tck), extrapolate=False).integrate(a, b)


def _changed(original: Any, change: Any) -> Any:
    @functools.wraps(original)
    def call(tck: Any, n: int = 1) -> Any:
        if not holds_tracer(tck):
            return original(tck, n)
        parts = _read(tck)
        for _ in range(n):
            parts = change(*parts)
        if isinstance(tck, BSpline):
            return BSpline(*parts)
        return parts[0], _padded(*parts[:2]), parts[2]

    return call


splder = _changed(scipy.interpolate.splder, derived)
splantider = _changed(scipy.interpolate.splantider, integrated)


class UnivariateSpline(scipy.interpolate.UnivariateSpline):  # type: ignore[misc]
    """SciPy's `UnivariateSpline`, differentiable in points, not in the values."""

    def __init__(self, x: Any, y: Any, *args: Any, **kwargs: Any) -> None:
        if holds_tracer((x, y, args, kwargs)):
            raise undefined(
                f"scipy.interpolate.{type(self).__name__} of traced values",
                "FITPACK chooses its knots by them",
                "interpolate by make_interp_spline, or with BSpline on knots of yours",
            )  # fmt: skip
        super().__init__(x, y, *args, **kwargs)

    def __call__(self, x: Any, nu: int = 0, ext: Any = None) -> Any:
        """Evaluate the spline, or its derivative of an order."""
        if not holds_tracer(x):
            return super().__call__(x, nu, ext)
        modes = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}
        ext = self.ext if ext is None else modes.get(ext, ext)
        return splev(x, self._eval_args, nu, ext)

    def integral(self, a: Any, b: Any) -> Any:
        """Integrate from a to b."""
        if not holds_tracer((a, b)):
            return super().integral(a, b)
        return splint(a, b, self._eval_args)


_Exact: Any = scipy.interpolate.InterpolatedUnivariateSpline
_Fitted: Any = scipy.interpolate.LSQUnivariateSpline


class InterpolatedUnivariateSpline(UnivariateSpline, _Exact):  # type: ignore[misc]
    """SciPy's `InterpolatedUnivariateSpline`, differentiable in points."""


class LSQUnivariateSpline(UnivariateSpline, _Fitted):  # type: ignore[misc]
    """SciPy's `LSQUnivariateSpline`, differentiable in points."""
