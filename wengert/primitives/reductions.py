"""Reductions over axes: sum, product, maximum, minimum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import Kink, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.arithmetic import scale
from wengert.primitives.axes import (
    as_array,
    expand_like,
    given,
    normalize_axes,
    reduced_shape,
    refuse,
)
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import general, linear
from wengert.primitives.running import cumprod, delayed, widened
from wengert.primitives.samplers import cases

__all__: list[str] = []

_LINEAR = "Griewank & Walther (2008), ch. 3"
_KINKS = "Griewank & Walther (2008), ch. 14"

_some_axes = cases(
    ([()], {"axes": (), "keepdims": False}),
    ([(3,)], {"axes": (0,), "keepdims": False}),
    ([(3,)], {"axes": (0,), "keepdims": True}),
    ([(2, 3)], {"axes": (), "keepdims": False}),
    ([(2, 3)], {"axes": (0, 1), "keepdims": False}),
    ([(2, 3)], {"axes": (1,), "keepdims": True}),
    ([(2, 3, 2)], {"axes": (0, 2), "keepdims": False}),
    ([(2, 3, 2)], {"axes": (1,), "keepdims": False}),
    ([(0, 2)], {"axes": (1,), "keepdims": False}),
)
_some_or_none = cases(
    ([(0,)], {"axes": (0,), "keepdims": False}),
    ([(2, 0)], {"axes": (1,), "keepdims": True}),
)


def _with_empty(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    yield from _some_axes(rng, dtype)
    yield from _some_or_none(rng, dtype)


def _with_zeros(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
    # Where a product has zero factors, a division by them would end in NaN.
    yield from _with_empty(rng, dtype)
    for row in ([2, 0, 3], [0, 2, 0], [0, 0, 0]):
        x = np.array([row, [1, 2, 3]], dtype)
        yield Sample((x,), {"axes": (1,), "keepdims": False})
        yield Sample((x,), {"axes": (0, 1), "keepdims": True})


def _total_type(x: ArrayType, axes: tuple[int, ...], keepdims: bool) -> ArrayType:
    return ArrayType(reduced_shape(x.shape, axes, keepdims), widened(x.dtype))


def _extremum_type(x: ArrayType, axes: tuple[int, ...], keepdims: bool) -> ArrayType:
    return ArrayType(reduced_shape(x.shape, axes, keepdims), x.dtype)


def _flops(types: Any, y: ArrayType, **_: Any) -> int:
    return int(types[0].size)


# ----- sums -----

sum_ = linear(
    "sum", (),
    impl=lambda x, axes, keepdims: np.add.reduce(x, axis=axes, keepdims=keepdims),
    type=_total_type,
    transpose=lambda x, y_bar, axes, keepdims: (
        expand_like(y_bar, x[0].shape, axes, keepdims)
    ),
    batch=along_axes,
    sample=_with_empty, ref=_LINEAR, cost=_flops, symbol="Σ",
)  # fmt: skip


# ----- extrema: ties share the derivative evenly -----


def _shares(y: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    ties = (x == expand_like(y, x.shape, axes, keepdims)).astype(x.dtype)
    return ties / sum_(ties, axes=axes, keepdims=True)


def extremum_jvp(
    y: Any, x: Any, x_dot: Any, axes: tuple[int, ...], keepdims: bool
) -> Any:
    """Push a tangent forward: the mean over the places where the extremum is taken."""
    shares = _shares(y, x[0], axes, keepdims)
    return sum_(shares * x_dot[0], axes=axes, keepdims=keepdims)


def extremum_vjp(
    y: Any, x: Any, y_bar: Any, axes: tuple[int, ...], keepdims: bool
) -> Any:
    """Pull a cotangent back: shared among the places where the extremum is taken."""
    shares = _shares(y, x[0], axes, keepdims)
    return (scale(expand_like(y_bar, x[0].shape, axes, keepdims), shares),)


_tie = {"axes": (0,), "keepdims": False}
max_ = general(
    "max", (),
    impl=lambda x, axes, keepdims: np.maximum.reduce(x, axis=axes, keepdims=keepdims),
    type=_extremum_type, jvp=extremum_jvp, vjp=extremum_vjp,
    kinks=[Kink((np.array([1.0, 0.0, 1.0]),), (np.array([0.5, 0.0, 0.5]),), _tie)],
    batch=along_axes,
    sample=_some_axes, ref=_KINKS, cost=_flops, dtypes="f",
)  # fmt: skip
min_ = general(
    "min", (),
    impl=lambda x, axes, keepdims: np.minimum.reduce(x, axis=axes, keepdims=keepdims),
    type=_extremum_type, jvp=extremum_jvp, vjp=extremum_vjp,
    kinks=[Kink((np.array([1.0, 2.0, 1.0]),), (np.array([0.5, 0.0, 0.5]),), _tie)],
    batch=along_axes,
    sample=_some_axes, ref=_KINKS, cost=_flops, dtypes="f",
)  # fmt: skip


# ----- products, right where factors are zero: nothing is divided -----


def product_of_others(x: Any, axes: tuple[int, ...]) -> Any:
    """Give, for each element, the product over axes of all elements but itself."""
    kept = tuple(i for i in range(x.ndim) if i not in axes)
    order = kept + axes
    moved = np.transpose(x, order)
    shape = moved.shape
    n = int(np.prod(shape[len(kept) :], dtype=int))
    line = np.reshape(moved, (*shape[: len(kept)], n))
    axis = len(kept)
    before = delayed(cumprod(line, axis=axis), axis, 1)
    after = np.flip(delayed(cumprod(np.flip(line, axis), axis=axis), axis, 1), axis)
    inverse = tuple(order.index(i) for i in range(x.ndim))
    return np.transpose(np.reshape(before * after, shape), inverse)


def prod_jvp(y: Any, x: Any, x_dot: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Push a tangent forward: Σᵢ ẋᵢ·Πⱼ≠ᵢ xⱼ."""
    others = product_of_others(x[0], axes)
    return sum_(others * x_dot[0], axes=axes, keepdims=keepdims)


def prod_vjp(y: Any, x: Any, y_bar: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Pull a cotangent back: x̄ᵢ = ȳ·Πⱼ≠ᵢ xⱼ."""
    others = product_of_others(x[0], axes)
    return (scale(expand_like(y_bar, x[0].shape, axes, keepdims), others),)


prod = general(
    "prod", (),
    impl=lambda x, axes, keepdims: np.multiply.reduce(x, axis=axes, keepdims=keepdims),
    type=_total_type, jvp=prod_jvp, vjp=prod_vjp,
    batch=along_axes,
    sample=_with_zeros, ref="Griewank & Walther (2008), ch. 3", cost=_flops, symbol="Π",
)  # fmt: skip


# ----- faces -----


def _prepared(name: str, a: Any, dtype: Any, out: Any, where: Any, fill: Any) -> Any:
    refuse(name, out=out)
    a = as_array(a)
    if given(dtype):
        a = a.astype(dtype)
    return a if where is True or not given(where) else np.where(where, a, fill)


def _apply(row: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    keepdims = given(keepdims) and bool(keepdims)
    return row(a, axes=normalize_axes(axis, a.ndim), keepdims=keepdims)


@answers(np.sum)
def sum_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Add the elements over axes."""
    y = _apply(sum_, _prepared("sum", a, dtype, out, where, 0), axis, keepdims)
    return y + initial if given(initial) else y


@answers(np.prod)
def prod_face(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Multiply the elements over axes."""
    y = _apply(prod, _prepared("prod", a, dtype, out, where, 1), axis, keepdims)
    return y * initial if given(initial) else y


@answers(np.max, np.amax)
def max_face(
    a: Any, axis: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Give the greatest element over axes."""
    return _extremum("max", np.maximum, max_, a, axis, out, keepdims, initial, where)


@answers(np.min, np.amin)
def min_face(
    a: Any, axis: Any = None, out: Any = None,
    keepdims: Any = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """Give the least element over axes."""
    return _extremum("min", np.minimum, min_, a, axis, out, keepdims, initial, where)


def _extremum(
    name: str, ufunc: Any, row: Any, a: Any, axis: Any, out: Any,
    keepdims: Any, initial: Any, where: Any,
) -> Any:  # fmt: skip
    a = _prepared(name, a, None, out, where, initial)
    if not given(initial):
        return _apply(row, a, axis, keepdims)
    axes = normalize_axes(axis, a.ndim)
    if 0 in (a.shape[i] for i in axes):  # then `initial` is all there is
        keepdims = given(keepdims) and bool(keepdims)
        return np.broadcast_to(initial, reduced_shape(a.shape, axes, keepdims))
    return ufunc(_apply(row, a, axis, keepdims), initial)
