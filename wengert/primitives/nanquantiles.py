"""Medians and quantiles that leave NaN out: sorting puts it last, a count leaves it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.graph.primitive import answers
from wengert.primitives.axes import (
    as_array,
    given,
    normalize_axes,
    reduced_shape,
    refuse,
)

__all__: list[str] = []


def _lines(a: Any, axis: Any, keepdims: Any) -> tuple[Any, Any, tuple[int, ...]]:
    """Sort all reduced axes as one, put last; count the numbers; give the result's
    shape."""
    axes = normalize_axes(axis, a.ndim)
    kept = tuple(i for i in range(a.ndim) if i not in axes)
    n = math.prod(a.shape[i] for i in axes)
    line = np.reshape(np.transpose(a, kept + axes), (*(a.shape[i] for i in kept), n))
    count = np.sum(~np.isnan(line), axis=-1, keepdims=True)
    shape = reduced_shape(a.shape, axes, given(keepdims) and bool(keepdims))
    return np.sort(line, axis=-1), count, shape


def _at(line: Any, place: Any) -> Any:
    # Of no numbers at all, there is a NaN at place 0.
    return np.take_along_axis(line, np.maximum(place, 0), axis=-1)


@answers(np.nanmedian)
def nanmedian(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """Give the middle one of the elements that are not NaN, or the mean of two."""
    refuse("nanmedian", out=out, overwrite_input=overwrite_input)
    a = as_array(a)
    if not a.size:
        return np.nanmean(a, axis, keepdims=given(keepdims) and bool(keepdims))
    line, count, shape = _lines(a, axis, keepdims)
    low, high = _at(line, (count - 1) // 2), _at(line, count // 2)
    return np.reshape((low + high) / 2, shape)


@answers(np.nanquantile)
def nanquantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False,
    method: Any = "linear", keepdims: Any = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """Give quantiles of the elements that are not NaN, linear between them."""
    refuse("nanquantile", out=out, overwrite_input=overwrite_input, weights=weights)
    if method != "linear":
        refuse("nanquantile", method=method)
    a = as_array(a)
    if a.dtype.kind == "c":
        raise TypeError("a must be an array of real numbers")
    like = a.dtype if isinstance(q, int | float) and a.dtype.kind == "f" else None
    q = np.asarray(q, like)
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    if not a.size:
        return np.nanmean(a, axis, keepdims=given(keepdims) and bool(keepdims))
    line, count, shape = _lines(a, axis, keepdims)
    place = np.ravel(q) * (count - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, count - 1)
    # From the nearer neighbour, as in np.quantile: that rounds least.
    part = (place - below).astype(q.dtype)
    to_low = part < 0.5
    low, high = _at(line, below), _at(line, above)
    y = np.where(to_low, low, high) + (high - low) * np.where(to_low, part, part - 1)
    return np.reshape(np.moveaxis(y, -1, 0), (*q.shape, *shape))


@answers(np.nanpercentile)
def nanpercentile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False,
    method: Any = "linear", keepdims: Any = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """Give percentiles of the elements that are not NaN: quantiles of q/100."""
    q = q / 100 if isinstance(q, int | float) else np.asarray(q) / 100
    return nanquantile(
        a, q, axis, out, overwrite_input, method, keepdims, weights=weights
    )
