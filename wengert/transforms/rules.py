"""One equation's pushforward and pullback, for every kind of row.

The law: `<ȳ, push(ẋ)> = <pull(ȳ), ẋ>`, with the bilinear pairing Σ ȳ·ẏ (its real part,
where complex).

`product` multiplies a seed by a partial derivative: plainly, or by the row `scale`, in
which a zero wins over inf and nan. So the gradient of `np.where(x > 0, np.sqrt(x), 0)`
is 0 at 0: the untaken branch gets a zero cotangent, and keeps it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.graph.dependence import active_inputs
from wengert.graph.primitive import (
    Constant,
    Elementwise,
    General,
    Linear,
    Missing,
    Multilinear,
    Primitive,
    Structured,
)
from wengert.primitives.arithmetic import scale
from wengert.primitives.axes import unbroadcast
from wengert.transforms.structured import push_structured, record_structured

__all__ = [
    "fit",
    "or_zeros",
    "pullback",
    "pushforward",
    "rescue",
    "spread",
    "zero_where_all_is",
]

Product = Callable[[Any, Any], Any]
# Gives the pullback of a row that states a pushforward only (transforms/reverse.py).
Transposer = Callable[[General], Callable[..., tuple[Any, ...]]]


def fit(value: Any, like: Any) -> Any:
    """Bring a seed to the shape and dtype of a primal: the transpose of broadcasting,
    of promotion, and of the embedding of the reals in the complex numbers."""
    if value.shape != like.shape:
        value = unbroadcast(value, like.shape)
    if value.dtype != like.dtype:
        if value.dtype.kind == "c" and like.dtype.kind != "c":
            value = value.real
        value = value.astype(like.dtype)
    return value


def pushforward(
    row: Primitive,
    x: tuple[Any, ...],
    y: Any,
    x_dot: Sequence[Any],
    params: Mapping[str, Any],
    product: Product,
    slopes: dict[int, Any] | None = None,
) -> Any:
    """Push tangents through one equation.

    Parameters
    ----------
    x, y : inputs and output (a tuple, where the row has several)
    x_dot : sequence
        A tangent for each input, or None for zero.
    slopes : dict, optional
        Keeps an elementwise row's partial derivatives between directions.

    Returns
    -------
    y_dot : like y, or None for zero
    """
    active = [i for i in active_inputs(row, len(x)) if x_dot[i] is not None]
    if not active:
        return None
    match row:
        case Elementwise():
            slopes = {} if slopes is None else slopes
            for i in active:
                if i not in slopes:
                    slopes[i] = _slope(row.partials[i], y, x)
            terms = [_times(x_dot[i], slopes[i], product) for i in active]
            return spread(_total(terms), y)
        case Linear():
            linear = set(active_inputs(row, len(x)))
            seeds = [
                or_zeros(x_dot[i], v) if i in linear else v for i, v in enumerate(x)
            ]
            return row(*seeds, **params)
        case Multilinear():
            terms = [row(*x[:i], x_dot[i], *x[i + 1 :], **params) for i in active]
            return _total(terms)
        case General():
            return row.jvp(y, x, tuple(x_dot), **params)
        case Structured():
            y, (y_dot,) = push_structured(row, x, [x_dot], params)
            return tuple(map(or_zeros, y_dot, y))
        case _:
            raise AssertionError(row)


def pullback(
    row: Primitive,
    x: tuple[Any, ...],
    y: Any,
    y_bar: Any,
    params: Mapping[str, Any],
    wanted: Sequence[int],
    product: Product,
    transpose: Transposer,
) -> list[Any]:
    """Pull a cotangent through one equation.

    Parameters
    ----------
    x, y : inputs and output; types stand for the values that are not needed
    y_bar : cotangent of y; a tuple with None for zeros where there are several outputs
    wanted : the inputs whose cotangents are asked for

    Returns
    -------
    x_bars : list
        Aligned with `wanted`; None for zero.
    """
    match row:
        case Elementwise():
            return [
                fit(_times(y_bar, _slope(row.partials[i], y, x), product), x[i])
                for i in wanted
            ]
        case Linear():
            x_bar = row.transpose(x, y_bar, **params)
            linear = list(active_inputs(row, len(x)))
            if len(linear) == 1 and not isinstance(x_bar, tuple):
                x_bar = (x_bar,)
            return [_fit_dtype(x_bar[linear.index(i)], x[i]) for i in wanted]
        case Multilinear():
            pull = _strong(row) if product is rescue else row.transpose
            return [_fit_dtype(pull(i, x, y_bar, **params), x[i]) for i in wanted]
        case General():
            if row.is_tuple:
                y_bar = tuple(map(or_zeros, y_bar, y))
            pull = transpose(row) if isinstance(row.vjp, Missing) else row.vjp
            x_bars = pull(y, x, y_bar, **params)
            if product is rescue:
                x_bars = zero_where_all_is(y_bar, x_bars)
            return [_fit_dtype(x_bars[row.active.index(i)], x[i]) for i in wanted]
        case Structured():
            moving = [i in wanted for i in range(len(x))]
            x_bars = record_structured(row, x, moving, params).pull(y_bar)
            return [x_bars[i] for i in wanted]
        case Constant():
            return [None for _ in wanted]
        case _:
            raise AssertionError(row)


def rescue(seed: Any, partial: Any) -> Any:
    """Multiply so that a zero wins, in a sweep that repeats one that gave a NaN.

    In that sweep contractions and general rows take care of zeros too. In a Graph they
    do not: there `scale` alone stands, since their care would triple the cost.
    """
    return scale(seed, partial)


def _strong(row: Multilinear) -> Callable[..., Any]:
    """Transpose so that a zero of ȳ, or of a factor, wins over inf and nan of the
    others."""

    def pull(i: int, x: tuple[Any, ...], y_bar: Any, **params: Any) -> Any:
        others = [j for j in range(len(x)) if j != i]

        def transpose(values: dict[int, Any], seed: Any) -> Any:
            filled = tuple(values.get(j, v) for j, v in enumerate(x))
            return row.transpose(i, filled, seed, **params)

        finite = {j: np.where(np.isfinite(x[j]), x[j], 0) for j in others}
        x_bar = transpose(finite, np.where(np.isfinite(y_bar), y_bar, 0))
        # Where all that meets is not zero, and not all of it finite, the plain product
        # is the answer.
        dtype = y_bar.dtype
        nonzero = {j: (x[j] != 0).astype(dtype) for j in others}
        met = transpose(nonzero, (~np.isfinite(y_bar)).astype(dtype)).real
        for k in others:
            marks = {**nonzero, k: (~np.isfinite(x[k])).astype(dtype)}
            met = met + transpose(marks, (y_bar != 0).astype(dtype)).real
        return np.where(met > 0, row.transpose(i, x, y_bar, **params), x_bar)

    return pull


def zero_where_all_is(y_bar: Any, x_bars: Sequence[Any]) -> tuple[Any, ...]:
    """Put zeros for the cotangents of inputs where those of all outputs are zero."""
    parts = y_bar if type(y_bar) is tuple else (y_bar,)
    zero = functools.reduce(operator.and_, (np.all(part == 0) for part in parts))
    return tuple(x if x is None else np.where(zero, 0, x) for x in x_bars)


def _slope(partial: Any, y: Any, x: tuple[Any, ...]) -> Any:
    return partial(y, *x) if callable(partial) else partial


def _times(seed: Any, slope: Any, product: Product) -> Any:
    if type(slope) in (int, float):
        return seed if slope == 1 else -seed if slope == -1 else seed * slope
    return product(seed, slope)


def _total(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def spread(y_dot: Any, y: Any) -> Any:
    """Bring a tangent to the shape and dtype of its primal."""
    if type(y_dot) is complex:  # of 1j * np.float64(1): Python's operator came first
        y_dot = np.complex128(y_dot)
    if y_dot.dtype != y.dtype:
        if y_dot.dtype.kind == "c" and y.dtype.kind != "c":
            y_dot = y_dot.real
        y_dot = y_dot.astype(y.dtype)
    return y_dot if y_dot.shape == y.shape else np.broadcast_to(y_dot, y.shape)


def _fit_dtype(x_bar: Any, x: Any) -> Any:
    return x_bar if x_bar is None or x_bar.dtype == x.dtype else fit(x_bar, x)


def or_zeros(seed: Any, like: Any) -> Any:
    """Put zeros of the shape and dtype of a primal for a seed of None."""
    return np.zeros(like.shape, like.dtype)[()] if seed is None else seed
