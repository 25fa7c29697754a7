"""Joining: arrays side by side, cut apart, repeated, and framed.

`concatenate` and `stack` are linear in all their inputs together; their transposes cut
the cotangent apart again.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from wengert.errors import MissingRuleError, ShapeError, user_source
from wengert.graph.primitive import Linear, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import as_array, refuse
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import linear
from wengert.primitives.indexing import Index, getitem_, scatter_, take
from wengert.primitives.samplers import cases
from wengert.primitives.shaping import broadcast_to, ravel, reshape_

__all__ = ["concatenate", "stack"]

# ----- rows -----


def _concatenate_type(*x: Any, axis: int) -> ArrayType:
    first = x[0].shape
    for t in x:
        if (
            len(t.shape) != len(first)
            or not axis < len(first)
            or any(
                m != n
                for i, (m, n) in enumerate(zip(first, t.shape, strict=True))
                if i != axis
            )
        ):
            shapes = ", ".join(str(t.shape) for t in x)
            raise ShapeError(
                f"concatenate: shapes {shapes} do not join along axis {axis}"
            )
    total = sum(t.shape[axis] for t in x)
    return ArrayType((*first[:axis], total, *first[axis + 1 :]), promote(*x))


def _concatenate_transpose(x: Any, y_bar: Any, *, axis: int) -> tuple[Any, ...]:
    ends = itertools.accumulate(t.shape[axis] for t in x)
    before = (slice(None),) * axis
    return tuple(
        getitem_(y_bar, index=Index((*before, slice(end - t.shape[axis], end))))
        for t, end in zip(x, ends, strict=True)
    )


def _stack(*x: Any, axis: int) -> Any:
    if not x[0].ndim:
        return np.array(x)
    key = (slice(None),) * axis + (None,)
    return np.concatenate([v[key] for v in x], axis)


def _stack_type(*x: Any, axis: int) -> ArrayType:
    shape = x[0].shape
    if any(t.shape != shape for t in x):
        shapes = ", ".join(str(t.shape) for t in x)
        raise ShapeError(f"stack: shapes {shapes} are not equal")
    return ArrayType((*shape[:axis], len(x), *shape[axis:]), promote(*x))


def _stack_transpose(x: Any, y_bar: Any, *, axis: int) -> tuple[Any, ...]:
    before = (slice(None),) * axis
    return tuple(getitem_(y_bar, index=Index((*before, i))) for i in range(len(x)))


concatenate_: Linear = linear(
    "concatenate", (),
    impl=lambda *x, axis: np.concatenate(x, axis),
    type=_concatenate_type,
    transpose=_concatenate_transpose,
    batch=along_axes,
    sample=cases(([(2,), (3,)], {"axis": 0}), ([(2, 3), (2, 1), (2, 0)], {"axis": 1}),
                 ([(4,)], {"axis": 0})),
    ref="NumPy, concatenate",
)  # fmt: skip
stack_: Linear = linear(
    "stack", (),
    impl=_stack,
    type=_stack_type,
    transpose=_stack_transpose,
    batch=along_axes,
    sample=cases(([(), (), ()], {"axis": 0}), ([(2, 3), (2, 3)], {"axis": 1}),
                 ([(3,), (3,)], {"axis": 1})),
    ref="NumPy, stack",
)  # fmt: skip


# ----- joined -----


@answers(np.concatenate)
def concatenate(
    arrays: Any,
    /,
    axis: int | None = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Any:
    """Join arrays along an axis that they have; flattened ones, if axis is None."""
    if out is not None or dtype is not None:
        refuse("concatenate", out=out, dtype=dtype)
    parts = [as_array(a) for a in arrays]
    if not parts:
        raise ShapeError("concatenate: there is no array to join")
    if axis is None:
        parts, axis = [ravel(a) for a in parts], 0
    return concatenate_(*parts, axis=normalize_axis_index(axis, parts[0].ndim))


@answers(np.stack)
def stack(
    arrays: Any,
    axis: int = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Any:
    """Join arrays of one shape along a new axis."""
    if out is not None or dtype is not None:
        refuse("stack", out=out, dtype=dtype)
    parts = [as_array(a) for a in arrays]
    if not parts:
        raise ShapeError("stack: there is no array to join")
    return stack_(*parts, axis=normalize_axis_index(axis, parts[0].ndim + 1))


# np.row_stack is an alias, on its way out of NumPy.
@answers(*(getattr(np, name) for name in ("vstack", "row_stack") if hasattr(np, name)))
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Join rows, or arrays along axis 0."""
    parts = [np.atleast_2d(as_array(a)) for a in tup]
    return concatenate(parts, 0, dtype=dtype, casting=casting)


@answers(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """Join vectors, or arrays along axis 1."""
    parts = [np.atleast_1d(as_array(a)) for a in tup]
    axis = 0 if parts and parts[0].ndim == 1 else 1
    return concatenate(parts, axis, dtype=dtype, casting=casting)


@answers(np.dstack)
def dstack(tup: Any) -> Any:
    """Join arrays along axis 2."""
    return concatenate([np.atleast_3d(as_array(a)) for a in tup], 2)


@answers(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Join vectors as columns, or matrices side by side."""
    parts = [as_array(a) for a in tup]
    columns = [reshape_(a, shape=(a.size, 1)) if a.ndim < 2 else a for a in parts]
    return concatenate(columns, 1)


@answers(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Join values to the end of an array."""
    return concatenate([arr, values], axis)


@answers(np.block)
def block(arrays: Any) -> Any:
    """Put blocks together: nested lists, the innermost along the last axis."""
    depth = _depth(arrays)
    widest = max(depth, max(a.ndim for a in _leaves(arrays)))
    return _block(arrays, depth, widest)


def _depth(nested: Any) -> int:
    return 1 + max(map(_depth, nested)) if isinstance(nested, list) else 0


def _leaves(nested: Any) -> Iterator[Any]:
    if isinstance(nested, list):
        for part in nested:
            yield from _leaves(part)
    else:
        yield as_array(nested)


def _block(nested: Any, depth: int, ndim: int) -> Any:
    if not isinstance(nested, list):
        array = as_array(nested)
        return reshape_(array, shape=(1,) * (ndim - array.ndim) + array.shape)
    return concatenate([_block(part, depth - 1, ndim) for part in nested], -depth)


@answers(np.meshgrid)
def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Any, ...]:
    """Give the coordinates of the points of a grid, from those along each axis."""
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = [1, 0]
    grids = [
        np.reshape(as_array(x), [-1 if i == place else 1 for i in range(len(xi))])
        for place, x in zip(places, xi, strict=True)
    ]
    grids = grids if sparse else list(np.broadcast_arrays(*grids))
    return tuple(map(np.copy, grids) if copy else grids)


# ----- cut apart -----


@answers(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Cut an array along an axis, at given places or into parts as equal as can be."""
    ary = as_array(ary)
    axis = normalize_axis_index(axis, ary.ndim)
    n = ary.shape[axis]
    if hasattr(indices_or_sections, "__len__"):
        cuts = [0, *map(operator.index, indices_or_sections), n]
    else:
        size, longer = divmod(n, operator.index(indices_or_sections))
        cuts = [i * size + min(i, longer) for i in range(indices_or_sections + 1)]
    before = (slice(None),) * axis
    return [
        getitem_(ary, index=Index((*before, slice(start, stop))))
        for start, stop in itertools.pairwise(cuts)
    ]


@answers(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Cut an array along an axis, at given places or into equal parts."""
    ary = as_array(ary)
    if not hasattr(indices_or_sections, "__len__"):
        n = ary.shape[axis]
        if n % indices_or_sections:
            raise ShapeError(
                f"split: {indices_or_sections} equal parts of an axis of length {n}"
            )
    return array_split(ary, indices_or_sections, axis)


@answers(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Cut an array along axis 1, a vector along axis 0."""
    ary = as_array(ary)
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@answers(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Cut an array along axis 0."""
    return split(ary, indices_or_sections, 0)


@answers(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Cut an array along axis 2."""
    return split(ary, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """Cut an array into its entries along an axis."""
    x = np.moveaxis(as_array(x), axis, 0)
    return tuple(getitem_(x, index=Index((i,))) for i in range(x.shape[0]))


if hasattr(np, "unstack"):  # since NumPy 2.1
    answers(np.unstack)(unstack)


# ----- repeated and framed -----


@answers(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """Repeat an array as a whole along each axis."""
    A = as_array(A)
    reps = tuple(map(operator.index, reps)) if hasattr(reps, "__len__") else (reps,)
    ndim = max(A.ndim, len(reps))
    shape = (1,) * (ndim - A.ndim) + A.shape
    reps = (1,) * (ndim - len(reps)) + reps
    apart = tuple(m for n in shape for m in (1, n))
    spread = tuple(m for pair in zip(reps, shape, strict=True) for m in pair)
    final = tuple(r * n for r, n in zip(reps, shape, strict=True))
    return reshape_(broadcast_to(reshape_(A, shape=apart), spread), shape=final)


@answers(np.repeat)
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Repeat each entry along an axis, of the flattened array by default."""
    a = as_array(a)
    if axis is None:
        a, axis = ravel(a), 0
    axis = normalize_axis_index(axis, a.ndim)
    n = a.shape[axis]
    if np.size(repeats) != 1:
        return take(a, np.repeat(np.arange(n), repeats), axis)
    times = operator.index(np.ravel(repeats)[0])
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    apart = reshape_(a, shape=(*before, n, 1, *after))
    spread = broadcast_to(apart, (*before, n, times, *after))
    return reshape_(spread, shape=(*before, n * times, *after))


@answers(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """Fill a shape with the elements, over and over."""
    a = ravel(as_array(a))
    shape = tuple(new_shape) if hasattr(new_shape, "__len__") else (new_shape,)
    if a.size == 0:
        return np.zeros(shape, a.dtype)
    return take(a, np.resize(np.arange(a.size), shape))


@answers(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    """Frame an array with constants, or with entries of its own."""
    numpy_pad: Any = np.pad
    array = as_array(array)
    widths = _pad_widths(pad_width, array.ndim)
    if mode in ("constant", "empty"):
        inside = tuple(
            slice(before, before + n)
            for (before, _), n in zip(widths, array.shape, strict=True)
        )
        shape = tuple(
            before + n + after
            for (before, after), n in zip(widths, array.shape, strict=True)
        )
        padded = scatter_(array, index=Index(inside), shape=shape)
        if np.any(kwargs.get("constant_values", 0)):
            padded = padded + numpy_pad(
                np.zeros(array.shape, array.dtype), widths, **kwargs
            )
        return padded
    if mode not in ("edge", "reflect", "symmetric", "wrap") or "odd" in kwargs.values():
        raise MissingRuleError(
            f"pad(mode={mode!r}) has no rule with these arguments "
            f"(at {user_source()}). Instead, join the frame with np.concatenate."
        )
    for axis, width in enumerate(widths):
        if any(width):
            # NumPy itself says which entry stands where.
            places = numpy_pad(np.arange(array.shape[axis]), width, mode, **kwargs)
            array = take(array, places, axis)
    return array


def _pad_widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    if isinstance(pad_width, dict):
        by_axis = {axis % ndim: width for axis, width in pad_width.items()}
        pairs = [np.broadcast_to(by_axis.get(i, 0), 2) for i in range(ndim)]
    else:
        pairs = list(np.broadcast_to(pad_width, (ndim, 2)))
    return [(int(before), int(after)) for before, after in pairs]
