"""Shape: the same elements under other axes, broadcast, in another dtype, or copied.

All are linear, and each transpose puts the elements back; what was repeated is summed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from wengert.errors import MissingRuleError, ShapeError, user_source
from wengert.graph.primitive import Linear, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array, unbroadcast
from wengert.primitives.batches import aligned, reshaped
from wengert.primitives.forms import constant, linear
from wengert.primitives.samplers import arrays, cases

__all__ = [
    "as_shape",
    "broadcast_to",
    "cast",
    "ravel",
    "reshape",
    "swapaxes",
    "transpose",
]

Shape = tuple[int, ...]

# ----- other axes -----


def _reshape_type(x: Any, *, shape: Shape) -> ArrayType:
    if math.prod(shape) != x.size:
        raise ShapeError(f"reshape: {x.shape} has not as many elements as {shape}")
    return ArrayType(shape, x.dtype)


def _transpose_type(x: Any, *, axes: Shape) -> ArrayType:
    if sorted(axes) != list(range(x.ndim)):
        raise ShapeError(f"transpose: {axes} does not permute the axes of {x.shape}")
    return ArrayType(tuple(x.shape[i] for i in axes), x.dtype)


def _inverse(axes: Shape) -> Shape:
    return tuple(axes.index(i) for i in range(len(axes)))


def _broadcast_to(x: Any, *, shape: Shape) -> Any:
    if math.prod(shape) > 1000:
        return np.broadcast_to(x, shape)
    # Seven times as fast, where the copy is small.
    y = np.empty(shape, x.dtype)
    y[...] = x
    return y


def _broadcast_to_type(x: Any, *, shape: Shape) -> ArrayType:
    try:
        np.broadcast_shapes(x.shape, shape)
    except ValueError:
        pass
    else:
        if len(x.shape) <= len(shape) and np.broadcast_shapes(x.shape, shape) == shape:
            return ArrayType(shape, x.dtype)
    raise ShapeError(f"broadcast_to: {x.shape} does not broadcast to {shape}")


def _batched_transpose(row: Any, x: Any, mapped: Any, *, axes: Shape) -> Any:
    return row(x[0], axes=(0, *(i + 1 for i in axes)))


reshape_: Linear = linear(
    "reshape", (),
    impl=lambda x, shape: x.reshape(shape),
    type=_reshape_type,
    transpose=lambda x, y_bar, shape: reshape_(y_bar, shape=x[0].shape),
    batch=reshaped,
    sample=cases(([(6,)], {"shape": (2, 3)}), ([()], {"shape": (1, 1)}),
                 ([(2, 0)], {"shape": (0,)}), ([(1,)], {"shape": ()})),
    ref="NumPy, reshape in C order",
)  # fmt: skip
transpose_: Linear = linear(
    "transpose", (),
    impl=lambda x, axes: x.transpose(axes),
    type=_transpose_type,
    transpose=lambda x, y_bar, axes: transpose_(y_bar, axes=_inverse(axes)),
    batch=_batched_transpose,
    sample=cases(([(2, 3)], {"axes": (1, 0)}), ([(2, 3, 4)], {"axes": (2, 0, 1)})),
    ref="NumPy, transpose",
)  # fmt: skip
broadcast_to_: Linear = linear(
    "broadcast_to", (),
    impl=_broadcast_to,
    type=_broadcast_to_type,
    transpose=lambda x, y_bar, shape: unbroadcast(y_bar, x[0].shape),
    batch=reshaped,
    sample=cases(([()], {"shape": (2, 3)}), ([(3,)], {"shape": (2, 3)}),
                 ([(2, 1, 3)], {"shape": (4, 2, 2, 3)}), ([(1,)], {"shape": (0,)})),
    ref="NumPy, broadcast_to",
)  # fmt: skip

# ----- in another dtype, or once more -----


def _cast(x: Any, *, dtype: Any) -> Any:
    # Complex to real drops the imaginary part, here as asked for, without a warning.
    return (x.real if dtype.kind != "c" else x).astype(dtype)


def _cast_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for to in (np.dtype(np.float64), np.dtype(np.complex128), np.dtype(dtype)):
        if to.kind == "c" or np.dtype(dtype).kind != "c":
            yield Sample((arrays(rng, dtype, (3,)),), {"dtype": to})


cast_: Linear = linear(
    "cast", (),
    impl=_cast,
    type=lambda x, dtype: ArrayType(x.shape, dtype),
    transpose=lambda x, y_bar, dtype: cast_(y_bar, dtype=x[0].dtype),
    batch=aligned,
    sample=_cast_samples, ref="NumPy, astype between inexact dtypes",
)  # fmt: skip
discretize_ = constant(
    "discretize", (),
    impl=lambda x, dtype: x.astype(dtype),
    type=lambda x, dtype: ArrayType(x.shape, dtype),
    sample=cases(([(3,)], {"dtype": np.dtype(np.int64)}),
                 ([(3,)], {"dtype": np.dtype(bool)})),
    why="integers and booleans do not vary",
)  # fmt: skip
copy_ = linear(
    "copy", (),
    impl=lambda x: x.copy(),
    type=lambda x: x,
    transpose=lambda x, y_bar: y_bar,
    batch=aligned,
    sample=cases(([()], {}), ([(2, 3)], {})), ref="NumPy, copy",
)  # fmt: skip


# ----- faces: other axes -----


@answers(np.reshape)
def reshape(
    a: Any,
    /,
    shape: Any = None,
    order: str = "C",
    *,
    newshape: Any = None,
    copy: bool | None = None,
) -> Any:
    """Give the elements, in C or F order, a new shape; -1 is what is left over."""
    a = as_array(a)
    shape = _full_shape(a, newshape if shape is None else shape)
    if order == "C":
        return reshape_(a, shape=shape)
    _check_order("reshape", order)
    return transpose(reshape_(transpose(a), shape=shape[::-1]))


def _full_shape(a: Any, shape: Any) -> Shape:
    full = as_shape(shape)
    if full.count(-1) == 1:
        known = -math.prod(full)
        if known and a.size % known == 0:
            return tuple(a.size // known if n == -1 else n for n in full)
    elif math.prod(full) == a.size:
        return full
    raise ShapeError(f"reshape: {a.shape} has not as many elements as {full}")


def as_shape(shape: Any) -> Shape:
    """Give a shape as a tuple of ints, from an int or a sequence; traced ones guard."""
    if hasattr(shape, "__index__") and np.ndim(shape) == 0:
        return (operator.index(shape),)
    return tuple(map(operator.index, shape))


def _check_order(name: str, order: str) -> None:
    if order not in ("C", "F"):
        raise MissingRuleError(
            f"{name}(order={order!r}) follows the layout in memory, which a traced "
            f"value does not have (at {user_source()}). Instead, give order 'C' or 'F'."
        )


@answers(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """Give the elements as a vector."""
    a = as_array(a)
    return reshape(a, (a.size,), "C" if order == "K" and a.ndim < 2 else order)


@answers(np.transpose)
def transpose(a: Any, axes: Any = None) -> Any:
    """Permute the axes, or reverse them."""
    a = as_array(a)
    if axes is None:
        axes = tuple(range(a.ndim))[::-1]
    return transpose_(a, axes=normalize_axis_tuple(axes, a.ndim))


@answers(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """Exchange the last two axes."""
    return swapaxes(x, -1, -2)


@answers(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes."""
    a = as_array(a)
    axes = list(range(a.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return transpose_(a, axes=tuple(axes))


@answers(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Move axes to other places; the others keep their order."""
    a = as_array(a)
    sources = normalize_axis_tuple(source, a.ndim, "source")
    places = normalize_axis_tuple(destination, a.ndim, "destination")
    axes = [i for i in range(a.ndim) if i not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        axes.insert(place, axis)
    return transpose_(a, axes=tuple(axes))


@answers(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """Move an axis back until it stands before `start`."""
    a = as_array(a)
    axis = normalize_axis_index(axis, a.ndim)
    start += a.ndim if start < 0 else 0
    return moveaxis(a, axis, start - (axis < start))


@answers(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """Drop axes of length 1."""
    a = as_array(a)
    if axis is None:
        axes = tuple(i for i, n in enumerate(a.shape) if n == 1)
    else:
        axes = normalize_axis_tuple(axis, a.ndim)
        if any(a.shape[i] != 1 for i in axes):
            raise ShapeError(f"squeeze: an axis {axes} of {a.shape} is longer than 1")
    return reshape_(a, shape=tuple(n for i, n in enumerate(a.shape) if i not in axes))


@answers(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """Insert axes of length 1."""
    a = as_array(a)
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    ndim = a.ndim + len(axes)
    axes = normalize_axis_tuple(axes, ndim)
    rest = iter(a.shape)
    return reshape_(a, shape=tuple(1 if i in axes else next(rest) for i in range(ndim)))


def _at_least_3d(shape: Shape) -> Shape:
    # A vector stands along the middle axis.
    shape = (1, *shape) if len(shape) < 2 else shape
    return shape + (1,) * (3 - len(shape))


def _atleast(function: Any, widen: Any) -> None:
    @answers(function)
    def face(*arys: Any) -> Any:
        wide = tuple(reshape_(a, shape=widen(a.shape)) for a in map(as_array, arys))
        return wide[0] if len(wide) == 1 else wide


_atleast(np.atleast_1d, lambda shape: shape or (1,))
_atleast(np.atleast_2d, lambda shape: (1,) * (2 - len(shape)) + shape)
_atleast(np.atleast_3d, _at_least_3d)


# ----- faces: broadcast -----


@answers(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """Repeat an array, along new axes and axes of length 1, up to a shape."""
    array, shape = as_array(array), as_shape(shape)
    return array if array.shape == shape else broadcast_to_(array, shape=shape)


@answers(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """Repeat arrays up to their common shape."""
    arrays = tuple(map(as_array, args))
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(np.broadcast_to(a, shape) for a in arrays)


@answers(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """Fill an array like `a` with a value, perhaps a traced one."""
    a = as_array(a)
    shape = a.shape if shape is None else shape
    fill = cast(as_array(fill_value), a.dtype if dtype is None else dtype)
    return broadcast_to(fill, shape)


def _constant_like(function: Any, make: Any) -> None:
    @answers(function)
    def face(
        a: Any,
        dtype: Any = None,
        order: str = "K",
        subok: bool = True,
        shape: Any = None,
        *,
        device: Any = None,
    ) -> Any:
        a = as_array(a)
        shape = a.shape if shape is None else shape
        return make(shape, a.dtype if dtype is None else dtype)


_constant_like(np.zeros_like, np.zeros)
_constant_like(np.ones_like, np.ones)
_constant_like(np.empty_like, np.empty)


# ----- faces: in another dtype, or once more -----


def cast(x: Any, dtype: Any) -> Any:
    """Convert to another dtype; to integers or booleans, the derivative ends."""
    dtype = np.dtype(dtype)
    if x.dtype == dtype:
        return copy_(x)
    return (cast_ if dtype.kind in "fc" else discretize_)(x, dtype=dtype)


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """Convert to another dtype."""
    x = as_array(x)
    return x if not copy and x.dtype == np.dtype(dtype) else cast(x, dtype)


if hasattr(np, "astype"):  # since NumPy 2.1
    answers(np.astype)(astype)


@answers(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """Copy an array."""
    return copy_(as_array(a))
