"""Discrete cosine and sine transforms, of the types I to IV.

One row. Without scaling, the matrices of type IV, and of the sine's type I, are
symmetric; those of types II and III are each other's transposes but for the weight of
one element, as the cosine's type I is its own but for two. Orthogonal ones are
transposed by the inverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.fft

from wengert.graph.primitive import Linear, Sample, answers
from wengert.primitives.axes import as_array, normalize_axes
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import linear
from wengert.primitives.refusal import undefined
from wengert.primitives.samplers import arrays

__all__: list[str] = []

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}


def _impl(x: Any, *, sine: bool, type: int, ortho: bool, axis: int) -> Any:
    transform = scipy.fft.dst if sine else scipy.fft.dct
    return transform(x, type, axis=axis, norm="ortho" if ortho else "backward")


def _weights(sine: bool, type: int, n: int, x: Any, axis: int) -> Any:
    """Give the weights of the elements in which a transform is not symmetric."""
    w = np.ones(n, np.zeros((), x.dtype).real.dtype)
    if type in (2, 3):
        w[-1 if sine else 0] = 2
    elif not sine:
        w[1:-1] = 2
    return w.reshape((-1,) + (1,) * (len(x.shape) - axis - 1))


def trigonometric_transpose(
    x: Any, y_bar: Any, *, sine: bool, type: int, ortho: bool, axis: int
) -> Any:
    """Transpose a transform: the inverse's type, and its weights."""
    params = {"sine": sine, "type": _INVERSE[type], "ortho": ortho, "axis": axis}
    if ortho or type == 4 or (sine and type == 1):
        return trigonometric_(y_bar, **params)
    w = _weights(sine, type, x[0].shape[axis], x[0], axis)
    if type == 2:
        return trigonometric_(y_bar * w, **params)
    if type == 3:
        return trigonometric_(y_bar, **params) / w
    return trigonometric_(y_bar / w, **params) * w


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for sine in (False, True):
        for type in _INVERSE:
            for ortho in (False, True):
                shape, axis = ((2, 4), 1) if ortho else ((3, 2), 0)
                params = {"sine": sine, "type": type, "ortho": ortho, "axis": axis}
                yield Sample((arrays(rng, dtype, shape),), params)


trigonometric_: Linear = linear(
    "trigonometric_transform", (),
    impl=_impl,
    type=lambda x, **_: x,
    transpose=trigonometric_transpose,
    cost=lambda types, y, **_: 5 * y.size * int(max(y.shape, default=1)).bit_length(),
    batch=along_axes,
    sample=_samples, ref="sums of cosines and sines, written as matrices",
)  # fmt: skip


def _transformed(
    x: Any, type: int, n: Any, axis: int, norm: Any, orthogonalize: Any, sine: bool,
    inverse: bool,
) -> Any:  # fmt: skip
    x = as_array(x)
    x = x if x.dtype.kind in "fc" else x.astype(np.float64)
    name = f"scipy.fft.{'i' * inverse}d{'s' if sine else 'c'}t"
    norm = "backward" if norm is None else norm
    if norm not in ("backward", "forward", "ortho"):
        raise ValueError(f"Invalid norm value {norm!r}")
    if orthogonalize is not None and bool(orthogonalize) != (norm == "ortho"):
        raise undefined(
            f"{name}(norm={norm!r}, orthogonalize={orthogonalize})", "none is written",
            "leave orthogonalize out",
        )  # fmt: skip
    if type not in _INVERSE:
        raise ValueError("invalid trigonometric transform type")
    (axis,) = normalize_axes(axis, x.ndim)
    if n is not None and n != x.shape[axis]:
        if n < 1:
            raise ValueError(f"invalid number of data points ({n}) specified")
        x = x[(slice(None),) * axis + (slice(0, n),)]
        widths = [(0, 0)] * x.ndim
        widths[axis] = (0, n - x.shape[axis])
        x = np.pad(x, widths)
    length = x.shape[axis]
    y = trigonometric_(x, sine=sine, type=_INVERSE[type] if inverse else type,
                       ortho=norm == "ortho", axis=axis)  # fmt: skip
    if norm == ("backward" if inverse else "forward"):
        ends = (1 if sine else -1) if type == 1 else 0
        y = y / (2 * (length + ends))
    return y


def _one(sine: bool, inverse: bool) -> None:
    name = f"{'i' * inverse}d{'s' if sine else 'c'}t"

    def face(
        x: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None,
        overwrite_x: bool = False, workers: Any = None, orthogonalize: Any = None,
    ) -> Any:  # fmt: skip
        return _transformed(x, type, n, axis, norm, orthogonalize, sine, inverse)

    face.__name__ = face.__qualname__ = name
    answers(getattr(scipy.fft, name))(face)


def _many(sine: bool, inverse: bool) -> None:
    name = f"{'i' * inverse}d{'s' if sine else 'c'}tn"

    def face(
        x: Any, type: int = 2, s: Any = None, axes: Any = None, norm: Any = None,
        overwrite_x: bool = False, workers: Any = None, *, orthogonalize: Any = None,
    ) -> Any:  # fmt: skip
        x = as_array(x)
        s = None if s is None else np.atleast_1d(s).tolist()
        if axes is None:
            axes = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
        axes = np.atleast_1d(list(axes) if np.ndim(axes) else axes).tolist()
        lengths = [None] * len(axes) if s is None else s
        for n, axis in zip(lengths, axes, strict=True):
            n = None if n == -1 else n
            x = _transformed(x, type, n, axis, norm, orthogonalize, sine, inverse)
        return x

    face.__name__ = face.__qualname__ = name
    answers(getattr(scipy.fft, name))(face)


for _sine in (False, True):
    for _back in (False, True):
        _one(_sine, _back)
        _many(_sine, _back)
