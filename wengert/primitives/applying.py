"""Functions applied to parts of an array, and parts put in, taken off, or ordered.

Faces only. Where a condition or a zero decides how many elements there are, that number
is a guard.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, normalize_axes
from wengert.primitives.indexing import ARRAY, Index, scatter_add_

__all__: list[str] = []


# ----- functions applied to parts -----


def _conditions(x: Any, condlist: Any) -> list[Any]:
    """Give each condition as a vector; what is no list of arrays is one condition."""
    if np.isscalar(condlist) or (
        x.ndim != 0 and not (isinstance(condlist[0], list) or np.ndim(condlist[0]))
    ):
        condlist = [condlist]
    conditions = []
    for condition in condlist:
        condition = as_array(condition).astype(bool)
        if condition.shape != x.shape:
            raise ShapeError(
                f"piecewise: a condition of shape {condition.shape} for x of shape "
                f"{x.shape}"
            )
        conditions.append(np.ravel(condition))
    return conditions


@answers(np.piecewise)
def piecewise(
    x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any
) -> Any:
    """Apply to each part of x, where a condition holds, a function of its own.

    Parameters
    ----------
    x : array, any shape
    condlist : list of boolean arrays like x; where several hold, the last one counts
    funclist : list of functions, of a vector, or numbers; one more for all the rest
    """
    x = as_array(x)
    flat, conditions = np.ravel(x), _conditions(x, condlist)
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(np.stack(conditions), axis=0))
    elif len(funclist) != len(conditions):
        n = len(conditions)
        raise ValueError(
            f"with {n} condition(s), either {n} or {n + 1} functions are expected"
        )
    y: Any = np.zeros(flat.shape, x.dtype)
    for condition, function in zip(conditions, funclist, strict=True):
        part = function
        if callable(function):
            places = np.flatnonzero(condition)
            if not places.size:
                continue
            values = as_array(function(flat[places], *args, **kw)).astype(x.dtype)
            part = scatter_add_(
                np.broadcast_to(values, places.shape), places,
                index=Index((ARRAY,)), shape=flat.shape, unique=True,
            )  # fmt: skip
        y = np.where(condition, as_array(part).astype(x.dtype), y)
    return np.reshape(y, x.shape)


@answers(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    """Apply a function of vectors to all vectors along an axis, one after another."""
    arr = as_array(arr)
    (axis,) = normalize_axes(operator.index(axis), arr.ndim)
    moved = np.moveaxis(arr, axis, -1)
    outer = moved.shape[:-1]
    if 0 in outer:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    parts = [
        as_array(func1d(moved[place], *args, **kwargs)) for place in np.ndindex(*outer)
    ]
    inner, dtype = parts[0].shape, parts[0].dtype
    y = np.stack([np.broadcast_to(part, inner).astype(dtype) for part in parts])
    n, m = len(outer), len(inner)
    order = (*range(axis), *range(n, n + m), *range(axis, n))
    return np.transpose(np.reshape(y, (*outer, *inner)), order)


@answers(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """Apply a function of array and axis, over several axes one after another."""
    a = as_array(a)
    for axis in np.ravel(axes).tolist():
        axis = axis + a.ndim if axis < 0 else axis
        y = func(a, axis)
        if y.ndim != a.ndim:
            y = np.expand_dims(y, axis)
        if y.ndim != a.ndim:
            raise ValueError("function is not returning an array of the correct shape")
        a = y
    return a


# ----- parts put in, taken off, ordered -----


@answers(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Put values in along an axis, before an index, a slice or a list of indices."""
    arr, values = as_array(arr), as_array(values)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    (axis,) = normalize_axes(axis, arr.ndim)
    n = arr.shape[axis]
    if isinstance(obj, slice):
        obj = np.arange(*obj.indices(n))
    places = np.asarray(obj)
    places = np.flatnonzero(places) if places.dtype == bool else places
    count = places.size
    if count == 1:
        missing = max(arr.ndim - values.ndim, 0)
        values = np.reshape(values, (1,) * missing + values.shape)
        if places.ndim == 0:
            values = np.moveaxis(values, 0, axis)
        count = values.shape[axis]
    shape = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    values = np.broadcast_to(values.astype(arr.dtype), shape)
    order = np.insert(np.arange(n), obj, np.arange(n, n + count))
    return np.take(np.concatenate([arr, values], axis=axis), order, axis=axis)


@answers(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Take zeros off the front, the back, or both, of a vector or along axes."""
    filt, trim = as_array(filt), trim.lower()
    if trim not in ("fb", "bf", "f", "b"):
        raise ValueError(f"unexpected character(s) in `trim`: {trim!r}")
    places = np.nonzero(filt)
    index = [slice(None)] * filt.ndim
    for i in normalize_axes(axis, filt.ndim):
        if not places[i].size:
            index[i] = slice(0, 0)
            continue
        start = operator.index(np.min(places[i])) if "f" in trim else None
        stop = operator.index(np.max(places[i])) + 1 if "b" in trim else None
        index[i] = slice(start, stop)
    return filt[tuple(index)]


@answers(np.ix_)
def ix_(*args: Any) -> tuple[Any, ...]:
    """Turn vectors of indices, or masks, into indices of all their combinations."""
    indices = []
    for k, index in enumerate(map(as_array, args)):
        if index.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if index.size == 0:
            index = index.astype(np.intp)
        if index.dtype == bool:
            index = np.flatnonzero(index)
        shape = (1,) * k + (index.size,) + (1,) * (len(args) - k - 1)
        indices.append(np.reshape(index, shape))
    return tuple(indices)


@answers(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """Sort along the last axis, by real parts first; always complex."""
    y = np.sort(as_array(a))
    if y.dtype.kind == "c":
        return y
    short = {"b": np.complex64, "h": np.complex64, "g": np.clongdouble}
    return y.astype(short.get(y.dtype.char.lower(), np.complex128))
