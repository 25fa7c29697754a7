"""Indexing: reading by slices, integers, index arrays and masks.

Reading is linear in the array, and its transpose writes into zeros: `getitem` (slices
and integers) and `scatter` are each other's transpose, and so are `gather` (index
arrays, which are inputs of their own) and `scatter_add`, where a place that was read
twice collects both cotangents. A boolean mask becomes the index arrays of its nonzeros.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import ControlFlowError, MissingRuleError, ShapeError, user_source
from wengert.graph.primitive import Linear, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array, normalize_axes, refuse
from wengert.primitives.batched_index import (
    batched_gather,
    batched_getitem,
    batched_scatter,
    batched_scatter_add,
)
from wengert.primitives.batches import looped
from wengert.primitives.forms import constant, linear
from wengert.primitives.index import ARRAY, Index, filled, indexed_shape
from wengert.primitives.samplers import Sampler, arrays

__all__ = [
    "ARRAY",
    "Index",
    "along_axis",
    "filled",
    "getitem",
    "indexed_shape",
    "resolve",
    "scatter_add_",
    "take",
]

_BASIC = frozenset({int, slice, type(None), type(Ellipsis)})


def _getitem_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for shape, index in (
        ((5,), (2,)),
        ((5,), (slice(None, None, -2),)),
        ((3, 4), (Ellipsis, -1)),
        ((3, 4), (None, 1, slice(0, 3, 2), None)),
        ((2, 3, 4), (slice(1, None), 0)),
        ((3,), (slice(2, 2),)),
        ((), (None,)),
    ):
        yield Sample((arrays(rng, dtype, shape),), {"index": Index(index)})


def _gather_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    column, row = np.array([[0], [2]]), np.array([1, 1, -1])
    for shape, indices, index, unique in (
        ((5,), [np.array([0, 3, 3, -1])], (ARRAY,), False),
        ((5,), [np.array([[0, 3], [2, 4]])], (ARRAY,), True),
        ((5,), [np.int64(3)], (ARRAY,), True),
        ((3, 4), [row], (slice(None), ARRAY), False),
        ((3, 4), [column, row], (ARRAY, ARRAY), False),
        ((3, 2, 4), [column, row], (ARRAY, slice(None), ARRAY), False),
        ((3, 2, 4), [row], (1, slice(None), ARRAY), False),
        ((3, 4), [row], (Ellipsis, None, ARRAY), False),
        ((3,), [np.zeros(0, np.int64)], (ARRAY,), True),
    ):
        params = {"index": Index(index), "unique": unique}
        yield Sample((arrays(rng, dtype, shape), *indices), params)


def _transposed_samples(samples: Sampler) -> Sampler:
    def transposed(rng: Any, dtype: Any) -> Iterator[Sample]:
        for (x, *indices), params in samples(rng, dtype):
            shape = indexed_shape(x.shape, params["index"], [i.shape for i in indices])
            inputs = (arrays(rng, dtype, shape), *indices)
            yield Sample(inputs, {**params, "shape": np.shape(x)})

    return transposed


# ----- rows -----


def _scatter(x: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    y = np.zeros(shape, x.dtype)
    y[index] = x
    return y


def _scatter_add(
    x: Any, *indices: Any, index: Any, shape: tuple[int, ...], unique: bool
) -> Any:
    y = np.zeros(shape, x.dtype)
    key = filled(index, indices)
    if unique:
        y[key] = x
    elif len(index) == len(shape) == 1:
        np.add.at(y, key, x)
    else:
        # np.add.at is five times as fast on flat arrays, with flat indices.
        places = np.arange(y.size).reshape(shape)[key]
        np.add.at(
            y.reshape(-1), places.ravel(), np.broadcast_to(x, places.shape).ravel()
        )
    return y


def _scatter_type(x: Any, *_: Any, shape: tuple[int, ...], **__: Any) -> ArrayType:
    return ArrayType(shape, x.dtype)


getitem_: Linear = linear(
    "getitem", (),
    impl=lambda x, index: x[index],
    type=lambda x, index: ArrayType(indexed_shape(x.shape, index), x.dtype),
    transpose=lambda x, y_bar, index: scatter_(y_bar, index=index, shape=x[0].shape),
    batch=batched_getitem,
    sample=_getitem_samples, ref="NumPy, basic indexing",
)  # fmt: skip
scatter_: Linear = linear(
    "scatter", (),
    impl=_scatter,
    type=_scatter_type,
    transpose=lambda x, y_bar, index, shape: getitem_(y_bar, index=index),
    batch=batched_scatter,
    sample=_transposed_samples(_getitem_samples), ref="transpose of getitem",
)  # fmt: skip
gather_: Linear = linear(
    "gather", (), linear_in=(0,),
    impl=lambda x, *indices, index, unique: x[filled(index, indices)],
    type=lambda x, *indices, index, unique: ArrayType(
        indexed_shape(x.shape, index, [i.shape for i in indices]), x.dtype
    ),
    transpose=lambda x, y_bar, index, unique: scatter_add_(
        y_bar, *x[1:], index=index, shape=x[0].shape, unique=unique
    ),
    batch=batched_gather,
    sample=_gather_samples, ref="NumPy, advanced indexing",
)  # fmt: skip
scatter_add_: Linear = linear(
    "scatter_add", (), linear_in=(0,),
    impl=_scatter_add,
    type=_scatter_type,
    transpose=lambda x, y_bar, index, shape, unique: gather_(
        y_bar, *x[1:], index=index, unique=unique
    ),
    batch=batched_scatter_add,
    sample=_transposed_samples(_gather_samples), ref="transpose of gather",
    cost=lambda types, y, **_: types[0].size,
)  # fmt: skip


def _argwhere_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    yield Sample((np.array([True, False, True]),), {"size": 2})
    yield Sample((np.array([[0.0, 1.5], [2.0, 0.0]], dtype),), {"size": 2})


def _argwhere(x: Any, *, size: int) -> Any:
    places = np.argwhere(x)
    if len(places) != size:
        raise ShapeError(f"argwhere: {len(places)} nonzeros where the Graph has {size}")
    return places


argwhere_ = constant(
    "argwhere", (),
    impl=_argwhere, why="an integer: where the nonzeros stand",
    type=lambda x, size: ArrayType((size, x.ndim), np.dtype(np.int64)),
    batch=looped,
    sample=_argwhere_samples,
)  # fmt: skip


# ----- reading -----


def getitem(x: Any, key: Any) -> Any:
    """Be `x[key]`: slices, integers, None, Ellipsis, index arrays, boolean masks."""
    index, indices, unique = resolve(x.shape, key)
    if not indices:
        return getitem_(x, index=index)
    return gather_(x, *indices, index=index, unique=unique)


def resolve(shape: tuple[int, ...], key: Any) -> tuple[Index, list[Any], bool]:
    """Turn what stands between the brackets of `x[...]` into an Index, the index arrays
    that fill it, and whether these surely name no place twice."""
    parts = key if isinstance(key, tuple) else (key,)
    if not _BASIC.issuperset(map(type, parts)):
        return _advanced(shape, parts)
    for part in parts:
        if type(part) is slice and not _BASIC.issuperset(
            (type(part.start), type(part.stop), type(part.step))
        ):
            parts = tuple(map(_plain, parts))
            break
    return Index(parts), [], True


def _has_value(part: Any) -> bool:
    """Tell whether Python may ask for an integer: not in the body of a loop, where it
    is another one at each step. There it is an index array without axes."""
    level = getattr(part, "level", None)
    return level is None or level.has_values


def _plain(part: Any) -> Any:
    """Turn the bounds of a slice into ints; a traced one becomes a guard."""
    if not isinstance(part, slice):
        return part
    bounds = (part.start, part.stop, part.step)
    return slice(*(None if b is None else operator.index(b) for b in bounds))


def _advanced(
    shape: tuple[int, ...], parts: tuple[Any, ...]
) -> tuple[Index, list[Any], bool]:
    index: list[Any] = []
    indices: list[Any] = []
    masks: list[tuple[int, tuple[int, ...]]] = []
    unique = True
    for part in map(_plain, parts):
        if type(part) in _BASIC:
            index.append(part)
        elif isinstance(part, np.integer) and _has_value(part):
            index.append(operator.index(part))
        else:
            array = as_array(part)
            if isinstance(part, list) and array.size == 0:
                array = array.astype(np.intp)
            if array.dtype == bool and array.ndim == 0:
                raise MissingRuleError(
                    f"x[True] and x[False] cannot be traced (at {user_source()}). "
                    "Instead, write x[None] or x[:0]."
                )
            elif array.dtype == bool:
                masks.append((len(index), array.shape))
                index += [ARRAY] * array.ndim
                indices += nonzero(array)
            elif array.dtype.kind in "iu":
                unique = unique and array.size == 1
                index.append(ARRAY)
                indices.append(array)
            else:
                raise IndexError(
                    f"an index of dtype {array.dtype} is neither an "
                    "integer nor a boolean mask"
                )
    _check_masks(shape, index, masks)
    return Index(index), indices, unique


def _check_masks(
    shape: tuple[int, ...], index: list[Any], masks: list[tuple[int, tuple[int, ...]]]
) -> None:
    rest = len(shape) - sum(p is not None and p is not Ellipsis for p in index)
    for place, mask in masks:
        before = index[:place]
        axis = sum(p is not None and p is not Ellipsis for p in before)
        axis += rest if Ellipsis in before else 0
        if shape[axis : axis + len(mask)] != mask:
            raise IndexError(
                f"a boolean mask of shape {mask} does not fit an array of shape {shape}"
            )


@answers(np.take)
def take(
    a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise"
) -> Any:
    """Read entries along an axis, of the flattened array by default."""
    refuse("take", out=out)
    a, indices = as_array(a), as_array(indices)
    if axis is None:
        a, axis = np.ravel(a), 0
    (axis,) = normalize_axes(axis, a.ndim)
    if mode == "wrap":
        indices = indices % a.shape[axis]
    elif mode == "clip":
        indices = np.clip(indices, 0, a.shape[axis] - 1)
    index = Index((slice(None),) * axis + (ARRAY,))
    return gather_(a, indices, index=index, unique=indices.size == 1)


@answers(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Read along an axis what argsort, argmax (keepdims) and the like point at."""
    arr, indices = as_array(arr), as_array(indices)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    (axis,) = normalize_axes(axis, arr.ndim)
    if indices.ndim != arr.ndim:
        raise ShapeError(
            f"take_along_axis: indices {indices.shape} and array {arr.shape} "
            "have different numbers of axes"
        )
    key = along_axis(arr.shape, indices, axis)
    return gather_(arr, *key, index=Index((ARRAY,) * arr.ndim), unique=False)


def along_axis(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """Make the index arrays for which `x[key]` reads `indices` along an axis."""
    key: list[Any] = [
        np.arange(n).reshape([-1 if j == i else 1 for j in range(len(shape))])
        for i, n in enumerate(shape)
    ]
    key[axis] = indices
    return tuple(key)


@answers(np.nonzero)
def nonzero(a: Any) -> tuple[Any, ...]:
    """Give the indices of the nonzeros, axis by axis; how many they are is a guard."""
    a = as_array(a)
    if type(a) is np.ndarray:
        return np.nonzero(a)
    places = argwhere(a)
    return tuple(places[:, i] for i in range(a.ndim))


@answers(np.argwhere)
def argwhere(a: Any) -> Any:
    """Give the indices of the nonzeros, a row for each."""
    a = as_array(a)
    if not (_has_value(a) or a.level.has_examples):
        raise ControlFlowError(
            f"how many places a mask names (at {user_source()}) is another number at "
            "each step of a loop, and for each branch. Write "
            "np.where(mask, value, x) for x[mask] = value, and "
            "np.sum(np.where(mask, x, 0)) for x[mask].sum()."
        )
    size = operator.index(np.sum(a if a.dtype == bool else np.not_equal(a, 0)))
    return argwhere_(a, size=size)


@answers(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """Give the indices of the nonzeros of the flattened array."""
    return nonzero(np.ravel(as_array(a)))[0]


@answers(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """Read the slices along an axis for which a vector of conditions holds."""
    refuse("compress", out=out)
    return take(a, flatnonzero(condition), axis)


@answers(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """Read the entries, in a vector, for which a condition holds."""
    return take(arr, flatnonzero(condition))


@answers(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Leave out the entries that an index, a slice or a list of indices names."""
    arr = as_array(arr)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    return take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis)
