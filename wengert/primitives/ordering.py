"""Ordering: sort, medians and quantiles; places and ranks, which are constant."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import Kink, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import (
    as_array,
    given,
    normalize_axes,
    reduced_shape,
    refuse,
)
from wengert.primitives.batches import along_axes, one_first, over_first
from wengert.primitives.forms import constant, general
from wengert.primitives.indexing import ARRAY, Index, along_axis, scatter_add_
from wengert.primitives.samplers import arrays, cases

__all__: list[str] = []

_lines = cases(
    ([(4,)], {"axis": 0}),
    ([(2, 3)], {"axis": 0}),
    ([(2, 3, 2)], {"axis": 1}),
    ([(2, 0)], {"axis": 1}),
)

_INDEX = np.dtype(np.intp)


def _reached(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    for shape, axis in (((3,), None), ((2, 3), None), ((2, 3), 1), ((2, 3, 2), 0)):
        for keepdims in (False, True):
            x = arrays(rng, dtype, shape)
            yield Sample((x,), {"axis": axis, "keepdims": keepdims})


def _place_type(x: ArrayType, axis: int | None, keepdims: bool) -> ArrayType:
    axes = normalize_axes(axis, x.ndim)
    return ArrayType(reduced_shape(x.shape, axes, keepdims), _INDEX)


def _sought(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    for shape in ((), (3,), (2, 3)):
        x = np.sort(arrays(rng, dtype, (4,)))
        yield Sample((x, arrays(rng, dtype, shape)), {"right": len(shape) == 1})


# ----- places and ranks -----

argsort = constant(
    # A stable order, so that ties are told apart in the same way everywhere.
    "argsort", (),
    impl=lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    type=lambda x, axis: ArrayType(x.shape, _INDEX),
    batch=along_axes,
    sample=_lines,
)  # fmt: skip


def _batched_extremum(
    row: Any, x: Any, mapped: Any, *, axis: int | None, keepdims: bool
) -> Any:
    (v,) = x
    if axis is not None:
        return row(v, axis=axis + 1, keepdims=keepdims)
    flat = np.reshape(v, (v.shape[0], math.prod(v.shape[1:])))
    y = row(flat, axis=1, keepdims=False)
    return np.reshape(y, (len(v), *(1,) * (v.ndim - 1))) if keepdims else y


argmax = constant(
    "argmax", (),
    impl=lambda x, axis, keepdims: np.argmax(x, axis, keepdims=keepdims),
    batch=_batched_extremum,
    type=_place_type, sample=_reached,
)  # fmt: skip
argmin = constant(
    "argmin", (),
    impl=lambda x, axis, keepdims: np.argmin(x, axis, keepdims=keepdims),
    batch=_batched_extremum,
    type=_place_type, sample=_reached,
)  # fmt: skip
searchsorted = constant(
    "searchsorted", (),
    impl=lambda x, v, right: np.searchsorted(x, v, "right" if right else "left"),
    type=lambda x, v, right: ArrayType(v.shape, _INDEX),
    batch=one_first,
    sample=_sought,
)  # fmt: skip
digitize = constant(
    "digitize", (),
    impl=lambda x, bins, right: np.digitize(x, bins, right),
    type=lambda x, bins, right: ArrayType(x.shape, _INDEX),
    batch=over_first,
    sample=lambda rng, dtype: (
        Sample((v, x), params) for (x, v), params in _sought(rng, dtype)
    ),
)  # fmt: skip
lexsort = constant(
    "lexsort", (),
    impl=lambda *keys, axis: np.lexsort(keys, axis),
    type=lambda *keys, axis: ArrayType(keys[0].shape, _INDEX),
    batch=along_axes,
    sample=cases(([(3,), (3,)], {"axis": 0}), ([(2, 3), (2, 3)], {"axis": 1})),
)  # fmt: skip

# ----- sort: a permutation, which is constant between ties -----


def sort_jvp(y: Any, x: Any, x_dot: Any, axis: int) -> Any:
    """Push a tangent forward: permuted as the values are."""
    return np.take_along_axis(x_dot[0], argsort(x[0], axis=axis), axis=axis)


def sort_vjp(y: Any, x: Any, y_bar: Any, axis: int) -> Any:
    """Pull a cotangent back: to the places where the values came from."""
    places = along_axis(x[0].shape, argsort(x[0], axis=axis), axis)
    index = Index((ARRAY,) * len(x[0].shape))
    shape = x[0].shape
    return (scatter_add_(y_bar, *places, index=index, shape=shape, unique=True),)


sort = general(
    "sort", (),
    impl=lambda x, axis: np.sort(x, axis=axis),
    type=lambda x, axis: x,
    jvp=sort_jvp, vjp=sort_vjp,
    # Σ sorted is smooth, at ties too.
    kinks=[Kink((np.array([2.0, 1.0, 2.0]),), (np.ones(3),), {"axis": 0})],
    batch=along_axes,
    sample=_lines, ref="Griewank & Walther (2008), ch. 14",
    cost=lambda types, y, **_: y.size * max(y.size, 1).bit_length(),
)  # fmt: skip


# ----- faces -----


def _lined(row: Any, a: Any, axis: Any) -> Any:
    a = as_array(a)
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    return row(a, axis=normalize_axes(operator.index(axis), a.ndim)[0])


@answers(np.sort)
def sort_face(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    """Sort along an axis; the values are the same by every kind of algorithm."""
    refuse("sort", order=order)
    return _lined(sort, a, axis)


@answers(np.argsort)
def argsort_face(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    """Give the indices that sort, stably, along an axis."""
    refuse("argsort", order=order)
    return _lined(argsort, a, axis)


@answers(np.partition)
def partition_face(
    a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    """Partition along an axis: by sorting, which does so at every place at once."""
    refuse("partition", order=order)
    return _lined(sort, a, axis)


@answers(np.argpartition)
def argpartition_face(
    a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    """Give the indices that partition along an axis, as those that sort do."""
    refuse("argpartition", order=order)
    return _lined(argsort, a, axis)


@answers(np.lexsort)
def lexsort_face(keys: Any, axis: Any = -1) -> Any:
    """Give the indices that sort by several keys, the last one first."""
    keys = [as_array(key) for key in keys]
    return lexsort(*keys, axis=normalize_axes(operator.index(axis), keys[0].ndim)[0])


@answers(np.argmax)
def argmax_face(
    a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False
) -> Any:
    """Give the place of the greatest element."""
    refuse("argmax", out=out)
    return _place(argmax, as_array(a), axis, keepdims)


@answers(np.argmin)
def argmin_face(
    a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False
) -> Any:
    """Give the place of the least element."""
    refuse("argmin", out=out)
    return _place(argmin, as_array(a), axis, keepdims)


@answers(np.nanargmax)
def nanargmax_face(
    a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False
) -> Any:
    """Give the place of the greatest element that is not NaN."""
    a = as_array(a)
    return argmax_face(np.where(np.isnan(a), -np.inf, a), axis, out, keepdims=keepdims)


@answers(np.nanargmin)
def nanargmin_face(
    a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False
) -> Any:
    """Give the place of the least element that is not NaN."""
    a = as_array(a)
    return argmin_face(np.where(np.isnan(a), np.inf, a), axis, out, keepdims=keepdims)


def _place(row: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    if axis is not None:
        axis = normalize_axes(operator.index(axis), a.ndim)[0]
    return row(a, axis=axis, keepdims=given(keepdims) and bool(keepdims))


@answers(np.searchsorted)
def searchsorted_face(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Give the places at which elements would keep a sorted vector sorted."""
    a = as_array(a)
    if sorter is not None:
        a = np.take(a, sorter)
    return searchsorted(a, as_array(v), right=side == "right")


@answers(np.digitize)
def digitize_face(x: Any, bins: Any, right: Any = False) -> Any:
    """Give the bins to which elements belong."""
    return digitize(as_array(x), as_array(bins), right=bool(right))


# ----- medians and quantiles -----


def _sorted_last(a: Any, axis: Any, keepdims: Any) -> tuple[Any, tuple[int, ...]]:
    """Sort all reduced axes as one, put last; and give the shape of the result."""
    axes = normalize_axes(axis, a.ndim)
    kept = tuple(i for i in range(a.ndim) if i not in axes)
    shape = tuple(a.shape[i] for i in kept)
    n = int(np.prod([a.shape[i] for i in axes], dtype=int))
    line = np.reshape(np.transpose(a, kept + axes), (*shape, n))
    flag = given(keepdims) and bool(keepdims)
    return sort(line, axis=len(shape)), reduced_shape(a.shape, axes, flag)


def _or_nan(line: Any, y: Any) -> Any:
    """Give NaN where there is one: sorting puts it last."""
    last = line[..., -1]
    last = np.reshape(last, (*last.shape, *(1,) * (y.ndim - last.ndim)))
    return y if y.dtype.kind not in "fc" else np.where(np.isnan(last), last, y)


@answers(np.median)
def median_face(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False,
    keepdims: Any = False,
) -> Any:  # fmt: skip
    """Give the middle element over axes, or the mean of the two in the middle."""
    refuse("median", out=out, overwrite_input=overwrite_input)
    line, shape = _sorted_last(as_array(a), axis, keepdims)
    n = line.shape[-1]
    if n == 0:
        return np.mean(line, axis=-1).reshape(shape)
    middle = np.mean(line[..., (n - 1) // 2 : n // 2 + 1], axis=-1)
    return np.reshape(_or_nan(line, middle), shape)


@answers(np.quantile)
def quantile_face(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False,
    method: Any = "linear", keepdims: Any = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """Give quantiles over axes, linear between the elements; those of q come first."""
    refuse("quantile", out=out, overwrite_input=overwrite_input, weights=weights)
    if method != "linear":
        refuse("quantile", method=method)
    a = as_array(a)
    like = a.dtype if isinstance(q, int | float) and a.dtype.kind == "f" else None
    q = np.asarray(q, like)
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    line, shape = _sorted_last(a, axis, keepdims)
    place = q * (line.shape[-1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, line.shape[-1] - 1)
    # From the nearer neighbour, as NumPy does: that rounds least.
    part = (place - below).astype(q.dtype)
    to_low = part < 0.5
    start = np.take(line, np.where(to_low, below, above), axis=-1)
    low, high = np.take(line, below, axis=-1), np.take(line, above, axis=-1)
    y = _or_nan(line, start + (high - low) * np.where(to_low, part, part - 1))
    kept = y.ndim - q.ndim
    y = np.transpose(y, (*range(kept, y.ndim), *range(kept)))
    return np.reshape(y, (*q.shape, *shape))


@answers(np.percentile)
def percentile_face(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False,
    method: Any = "linear", keepdims: Any = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """Give percentiles over axes: quantiles of q/100."""
    q = q / 100 if isinstance(q, int | float) else np.asarray(q) / 100
    return quantile_face(
        a, q, axis, out, overwrite_input, method, keepdims, weights=weights
    )
