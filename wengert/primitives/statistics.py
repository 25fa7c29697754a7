"""Statistics: mean, variance, average and range; and those that leave NaN out.

Faces only, made of sums, extrema and `where`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.graph.primitive import answers
from wengert.primitives.axes import (
    as_array,
    given,
    normalize_axes,
    refuse,
    result_dtype,
)

__all__: list[str] = []


def _flag(keepdims: Any) -> bool:
    return given(keepdims) and bool(keepdims)


def _count(a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    """Count what goes into each result: a number, unless `where` is given."""
    if where is True or not given(where):
        return math.prod(a.shape[i] for i in normalize_axes(axis, a.ndim))
    where = np.broadcast_to(where, a.shape)
    return np.count_nonzero(where, axis=axis, keepdims=keepdims)


def _divided(total: Any, count: Any) -> Any:
    """Divide by a count, an integer, which is not to widen float32 to float64."""
    if hasattr(count, "dtype"):
        count = count.astype(result_dtype(total, 1.0))
    return total / count


def _converted(name: str, a: Any, dtype: Any, out: Any) -> Any:
    refuse(name, out=out)
    a = as_array(a)
    return a.astype(dtype) if given(dtype) else a


# ----- mean, variance, average, range -----


@answers(np.mean)
def mean_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = False, *, where: Any = True,
) -> Any:  # fmt: skip
    """Give the arithmetic mean over axes."""
    a, keepdims = _converted("mean", a, dtype, out), _flag(keepdims)
    if a.dtype.kind in "iub":
        a = a.astype(float)  # as NumPy adds them: a sum of int64 may overflow
    count = _count(a, axis, keepdims, where)
    return _divided(np.sum(a, axis=axis, keepdims=keepdims, where=where), count)


@answers(np.var)
def var_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None,
    correction: Any = None,
) -> Any:  # fmt: skip
    """Give the variance over axes: the mean of |a − mean|², with n − ddof for n."""
    a, keepdims = _converted("var", a, dtype, out), _flag(keepdims)
    ddof = correction if given(correction) else ddof
    if not given(mean):
        mean = mean_face(a, axis, keepdims=True, where=where)
    apart = a - mean
    if apart.dtype.kind == "c":
        squares = np.real(apart) ** 2 + np.imag(apart) ** 2
    else:
        squares = apart * apart
    freedom = _count(a, axis, keepdims, where) - ddof
    total = np.sum(squares, axis=axis, keepdims=keepdims, where=where)
    freedom = np.maximum(freedom, 0) if hasattr(freedom, "dtype") else max(freedom, 0)
    return _divided(total, freedom)


@answers(np.std)
def std_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None,
    correction: Any = None,
) -> Any:  # fmt: skip
    """Give the standard deviation over axes: the square root of the variance."""
    a = _converted("std", a, dtype, out)
    return np.sqrt(
        var_face(a, axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean,
                 correction=correction)
    )  # fmt: skip


@answers(np.average)
def average_face(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = False,
    *, keepdims: Any = False,
) -> Any:  # fmt: skip
    """Give the mean over axes, weighted if weights are given."""
    a, keepdims = as_array(a), _flag(keepdims)
    if weights is None:
        total = _count(a, axis, keepdims, True)
        y = mean_face(a, axis, keepdims=keepdims)
        return (y, np.full_like(y, total)) if returned else y
    weights = as_array(weights)
    if weights.shape != a.shape:
        axes = normalize_axes(axis, a.ndim)
        if axis is None:
            raise TypeError("axis is needed: weights and `a` differ in shape")
        if weights.shape != tuple(a.shape[i] for i in axes):
            raise ValueError("weights need the shape of `a`, or of `a` along axis")
        shape = [n if i in axes else 1 for i, n in enumerate(a.shape)]
        weights = np.reshape(weights, shape)
    total = np.sum(np.broadcast_to(weights, a.shape), axis=axis, keepdims=keepdims)
    y = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (y, total) if returned else y


@answers(np.ptp)
def ptp_face(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Give the range over axes: maximum minus minimum."""
    a = _converted("ptp", a, None, out)
    keepdims = _flag(keepdims)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(
        a, axis=axis, keepdims=keepdims
    )


# ----- the same, without NaN -----


def _numbers(a: Any, where: Any) -> Any:
    """Tell which elements are numbers, and wanted."""
    numbers = ~np.isnan(a)
    return numbers if where is True or not given(where) else numbers & where


@answers(np.nansum)
def nansum_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Add the elements that are not NaN."""
    a = _converted("nansum", a, dtype, out)
    return np.sum(
        np.where(np.isnan(a), 0, a),
        axis=axis, keepdims=_flag(keepdims), initial=initial, where=where,
    )  # fmt: skip


@answers(np.nanprod)
def nanprod_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Multiply the elements that are not NaN."""
    a = _converted("nanprod", a, dtype, out)
    return np.prod(
        np.where(np.isnan(a), 1, a),
        axis=axis, keepdims=_flag(keepdims), initial=initial, where=where,
    )  # fmt: skip


@answers(np.nanmax)
def nanmax_face(
    a: Any, axis: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Give the greatest element that is not NaN; NaN if there is none."""
    return _extremum("nanmax", np.max, -np.inf, a, axis, out, keepdims, initial, where)


@answers(np.nanmin)
def nanmin_face(
    a: Any, axis: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Give the least element that is not NaN; NaN if there is none."""
    return _extremum("nanmin", np.min, np.inf, a, axis, out, keepdims, initial, where)


def _extremum(
    name: str, face: Any, neutral: float, a: Any, axis: Any, out: Any,
    keepdims: Any, initial: Any, where: Any,
) -> Any:  # fmt: skip
    a, keepdims = _converted(name, a, None, out), _flag(keepdims)
    if a.dtype.kind != "f":
        return face(a, axis=axis, keepdims=keepdims, initial=initial, where=where)
    numbers = _numbers(a, where)
    y = face(np.where(numbers, a, neutral), axis=axis, keepdims=keepdims)
    if given(initial):
        return (np.maximum if face is np.max else np.minimum)(y, initial)
    return np.where(np.any(numbers, axis=axis, keepdims=keepdims), y, np.nan)


@answers(np.nanmean)
def nanmean_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = False, *, where: Any = True,
) -> Any:  # fmt: skip
    """Give the mean of the elements that are not NaN."""
    a = _converted("nanmean", a, dtype, out)
    return mean_face(a, axis, keepdims=keepdims, where=_numbers(a, where))


@answers(np.nanvar)
def nanvar_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None,
    correction: Any = None,
) -> Any:  # fmt: skip
    """Give the variance of the elements that are not NaN."""
    a = _converted("nanvar", a, dtype, out)
    numbers = _numbers(a, where)
    y = var_face(
        np.where(numbers, a, 0), axis, ddof=ddof, keepdims=keepdims, where=numbers,
        mean=mean, correction=correction,
    )  # fmt: skip
    ddof = correction if given(correction) else ddof
    count = np.count_nonzero(numbers, axis=axis, keepdims=_flag(keepdims))
    return np.where(count > ddof, y, np.nan)


@answers(np.nanstd)
def nanstd_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None,
    correction: Any = None,
) -> Any:  # fmt: skip
    """Give the standard deviation of the elements that are not NaN."""
    a = _converted("nanstd", a, dtype, out)
    return np.sqrt(
        nanvar_face(a, axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean,
                    correction=correction)
    )  # fmt: skip
