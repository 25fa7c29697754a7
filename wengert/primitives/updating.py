"""Updating: an array with some of its elements replaced, as a new array.

`x[key] = v` means for the derivative that x goes on as `update(x, v)`: linear in the
old elements and in the new ones together. Where the key names a place twice, the last
value stays, and only that one has a derivative.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from wengert.graph.primitive import Linear, Sample
from wengert.graph.types import ArrayType
from wengert.primitives.axes import unbroadcast
from wengert.primitives.batched_index import batched_update
from wengert.primitives.forms import linear
from wengert.primitives.index import indexed_shape
from wengert.primitives.indexing import ARRAY, Index, filled, gather_, getitem_
from wengert.primitives.samplers import arrays

__all__ = ["last_writes", "update_"]


def _update(x: Any, v: Any, *indices: Any, index: Any, unique: bool) -> Any:
    y = np.array(x)
    y[filled(index, indices)] = v
    return y


def _update_transpose(
    x: tuple[Any, ...], y_bar: Any, index: Any, unique: bool
) -> tuple[Any, Any]:
    indices = x[2:]
    zero = np.zeros((), y_bar.dtype)[()]
    x_bar = update_(y_bar, zero, *indices, index=index, unique=unique)
    if indices:
        v_bar = gather_(y_bar, *indices, index=index, unique=unique)
        lasting = None if unique else last_writes(y_bar.shape, index, indices)
        if lasting is not None:
            v_bar = np.where(lasting, v_bar, 0)
    else:
        v_bar = getitem_(y_bar, index=index)
    return x_bar, unbroadcast(v_bar, x[1].shape)


def last_writes(
    shape: tuple[int, ...], index: tuple[Any, ...], indices: Sequence[Any]
) -> Any:
    """Mark, in the shape that the key selects, the writes that stay: of several to one
    place, the last. None where no place is written twice.

    In the body of a loop, where indices have no values, the marks are traced.
    """
    if not all(map(_is_known, indices)):
        params = {"index": index, "unique": False}
        selected = indexed_shape(shape, index, [i.shape for i in indices])
        order = np.arange(math.prod(selected)).reshape(selected)
        last = update_(np.zeros(shape, order.dtype), order, *indices, **params)
        return gather_(last, *indices, **params) == order
    key = filled(index, list(map(_plain, indices)))
    size = int(np.prod(shape))
    places = np.arange(size).reshape(shape)[key]
    order = np.arange(places.size).reshape(places.shape)
    last = np.empty(size, order.dtype)
    last[places] = order
    lasting = last[places] == order
    return None if lasting.all() else lasting


def _is_known(index: Any) -> bool:
    level = getattr(index, "level", None)
    return level is None or level.has_values or level.has_examples


def _plain(index: Any) -> Any:
    level = getattr(index, "level", None)
    if level is not None and level.has_examples:
        index = level.agreed(index, "which write to a place stays depends on a value")
    return np.asarray(getattr(index, "value", index))


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    rows = np.array([2, 0])
    for shape, v_shape, indices, index, unique in (
        ((4,), (), [], (1,), True),
        ((5,), (3,), [], (slice(None, None, -2),), True),
        ((3, 4), (4,), [], (slice(0, 2),), True),
        ((3, 4), (1, 1, 4), [], (slice(0, 2),), True),
        ((2, 3), (2, 1), [], (Ellipsis,), True),
        ((3, 4), (2, 4), [rows], (ARRAY,), True),
        ((3, 4), (2,), [rows, np.array([1, 1])], (ARRAY, ARRAY), True),
        ((3,), (4,), [np.array([0, 2, 0, -1])], (ARRAY,), False),
    ):
        params = {"index": Index(index), "unique": unique}
        x, v = arrays(rng, dtype, shape), arrays(rng, dtype, v_shape)
        yield Sample((x, v, *indices), params)


update_: Linear = linear(
    "update", (), linear_in=(0, 1),
    impl=_update,
    type=lambda x, *_, **__: ArrayType(x.shape, x.dtype),
    transpose=_update_transpose,
    batch=batched_update,
    sample=_samples, ref="NumPy, assignment to x[key]",
)  # fmt: skip
