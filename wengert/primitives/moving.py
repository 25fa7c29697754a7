"""Moving: the same elements at other places of the same axes: roll, flip, rot90."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from wengert.graph.primitive import Linear, answers
from wengert.primitives.axes import as_array, normalize_axes
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import linear
from wengert.primitives.samplers import cases
from wengert.primitives.shaping import as_shape, ravel, reshape_, swapaxes

__all__: list[str] = []

Shape = tuple[int, ...]


# ----- rows -----


def _roll(x: Any, *, shift: Shape, axis: Shape) -> Any:
    for s, i in zip(shift, axis, strict=True):
        n = x.shape[i]
        if n and s % n:
            before = (slice(None),) * i
            parts = x[(*before, slice(n - s % n, n))], x[(*before, slice(0, n - s % n))]
            x = np.concatenate(parts, i)
    return x


def _flip(x: Any, *, axis: Shape) -> Any:
    back = slice(None, None, -1)
    return x[tuple(back if i in axis else slice(None) for i in range(x.ndim))]


roll_: Linear = linear(
    "roll", (),
    impl=_roll,
    type=lambda x, shift, axis: x,
    transpose=lambda x, y_bar, shift, axis: roll_(
        y_bar, shift=tuple(-s for s in shift), axis=axis
    ),
    batch=along_axes,
    sample=cases(([(5,)], {"shift": (2,), "axis": (0,)}),
                 ([(3, 4)], {"shift": (1, -6), "axis": (0, 1)}),
                 ([(3,)], {"shift": (1, 1), "axis": (0, 0)}),
                 ([(0,)], {"shift": (1,), "axis": (0,)})),
    ref="NumPy, roll",
)  # fmt: skip
flip_: Linear = linear(
    "flip", (),
    impl=_flip,
    type=lambda x, axis: x,
    transpose=lambda x, y_bar, axis: flip_(y_bar, axis=axis),
    batch=along_axes,
    sample=cases(([(4,)], {"axis": (0,)}), ([(2, 3)], {"axis": (0, 1)}),
                 ([(2, 3)], {"axis": (1,)})),
    ref="NumPy, flip",
)  # fmt: skip

# ----- faces -----


@answers(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Move elements along axes; what leaves at the end comes in at the start."""
    a = as_array(a)
    if axis is None and a.ndim != 1:
        return reshape_(roll(ravel(a), shift, 0), shape=a.shape)
    axis = 0 if axis is None else axis
    if type(shift) is int and type(axis) is int and -a.ndim <= axis < a.ndim:
        return roll_(a, shift=(shift,), axis=(axis % a.ndim,))
    axes = normalize_axis_tuple(axis, a.ndim, allow_duplicate=True)
    pairs = np.broadcast(as_shape(shift), axes)
    shifts, axes = zip(*((int(s), int(i)) for s, i in pairs), strict=True)
    return roll_(a, shift=shifts, axis=axes)


@answers(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """Reverse the order of the elements along axes, all of them by default."""
    m = as_array(m)
    return flip_(m, axis=normalize_axes(axis, m.ndim))


@answers(np.fliplr)
def fliplr(m: Any) -> Any:
    """Reverse the order along axis 1."""
    return flip(m, 1)


@answers(np.flipud)
def flipud(m: Any) -> Any:
    """Reverse the order along axis 0."""
    return flip(m, 0)


@answers(np.rot90)
def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turn by k right angles in the plane of two axes."""
    first, second = axes
    match k % 4:
        case 1:
            return swapaxes(flip(m, second), first, second)
        case 2:
            return flip(m, (first, second))
        case 3:
            return flip(swapaxes(m, first, second), second)
        case _:
            return m[...]  # a view, as from the others
