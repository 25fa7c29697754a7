"""Integrals of sampled functions: trapezoids, Simpson's parabolas, Romberg's scheme.

Faces only: each is linear in the samples and rational in the points, in plain NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.integrate

from wengert.errors import ShapeError
from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, refuse

__all__: list[str] = []


def _last(y: Any, axis: int) -> Any:
    """Move an axis to the end, of an array of floats."""
    y = as_array(y)
    return np.moveaxis(y if y.dtype.kind in "fc" else y.astype(float), axis, -1)


def _widths(name: str, y: Any, x: Any, dx: Any, axis: int) -> Any:
    """Give the widths between samples, broadcast against those along the last axis."""
    if x is None:
        dx = as_array(dx)
        return np.moveaxis(dx, axis, -1) if dx.ndim > 1 else dx
    x = as_array(x)
    if x.ndim > 1:
        x = np.moveaxis(x, axis, -1)
    if x.shape[-1] != y.shape[-1]:
        raise ShapeError(
            f"{name}: {x.shape[-1]} points for {y.shape[-1]} samples along the axis"
        )
    return x[..., 1:] - x[..., :-1]


@answers(scipy.integrate.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Sum the trapezoids under samples."""
    y = _last(y, axis)
    widths = _widths("trapezoid", y, x, dx, axis)
    return np.sum(widths * (y[..., 1:] + y[..., :-1]) * 0.5, axis=-1)


@answers(scipy.integrate.cumulative_trapezoid)
def cumulative_trapezoid(
    y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None
) -> Any:
    """Sum the trapezoids under samples, up to each of them."""
    y = _last(y, axis)
    widths = _widths("cumulative_trapezoid", y, x, dx, axis)
    if initial not in (None, 0):
        raise ValueError("`initial` must be `None` or `0`.")
    sums = np.cumsum(widths * (y[..., 1:] + y[..., :-1]) * 0.5, axis=-1)
    if initial is not None:
        sums = np.concatenate([np.zeros((*sums.shape[:-1], 1), sums.dtype), sums], -1)
    return np.moveaxis(sums, -1, axis)


@answers(scipy.integrate.simpson)
def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """Sum the parabolas through three samples each.

    Of an even number of samples, the last interval lies under a parabola too, the one
    through the last three samples.
    """
    y = _last(y, axis)
    n = y.shape[-1]
    widths = np.broadcast_to(
        _widths("simpson", y, x, dx, axis), (*y.shape[:-1], max(n - 1, 0))
    )
    if n < 3:
        return np.sum(widths * (y[..., 1:] + y[..., :-1]) * 0.5, axis=-1)
    odd = n - 1 + n % 2
    first, second = _halves(y[..., :odd], widths[..., : odd - 1], step=2)
    total = np.sum(first + second, axis=-1)
    if odd < n:
        total = total + _halves(y[..., -3:], widths[..., -2:], step=2)[1][..., 0]
    return total


def _halves(y: Any, widths: Any, step: int) -> tuple[Any, Any]:
    """Integrate the parabola through each three neighbours: its two intervals."""
    a, b, c = y[..., :-2:step], y[..., 1:-1:step], y[..., 2::step]
    h, k = widths[..., :-1:step], widths[..., 1::step]
    # Newton's form on the first interval: the mean of its ends, and less the part of
    # the second difference.
    bend = ((c - b) / k - (b - a) / h) / (h + k)
    first = h * (a + b) * 0.5 - bend * h * h * h / 6
    return first, k * (b + c) * 0.5 - bend * k * k * k / 6


@answers(scipy.integrate.cumulative_simpson)
def cumulative_simpson(
    y: Any, *, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None
) -> Any:
    """Sum the parabolas through three samples each, up to each sample."""
    y = _last(y, axis)
    n = y.shape[-1]
    if n < 3:
        sums = cumulative_trapezoid(
            y, None if x is None else np.moveaxis(as_array(x), axis, -1), dx
        )
    else:
        widths = np.broadcast_to(
            _widths("cumulative_simpson", y, x, dx, axis), (*y.shape[:-1], n - 1)
        )
        if np.any(widths <= 0):
            raise ValueError("Input x must be strictly increasing.")
        first, second = _halves(y, widths, step=1)
        # Interval j is the first of its parabola where j is even, but for the last.
        even = np.arange(n - 2) % 2 == 0
        odd = np.concatenate([np.zeros((*y.shape[:-1], 1), y.dtype), second], -1)
        parts = np.where(even, first, odd[..., :-1])
        sums = np.cumsum(np.concatenate([parts, second[..., -1:]], -1), axis=-1)
    if initial is not None:
        initial = as_array(initial)
        start = np.moveaxis(initial, axis, -1) if initial.ndim else initial
        sums = sums + start
        start = np.broadcast_to(start, (*sums.shape[:-1], 1))
        sums = np.concatenate([start, sums], -1)
    return np.moveaxis(sums, -1, axis)


@answers(scipy.integrate.romb)
def romb(y: Any, dx: Any = 1.0, axis: int = -1, show: bool = False) -> Any:
    """Extrapolate from trapezoids of 2ᵏ + 1 samples."""
    refuse("scipy.integrate.romb", show=show or None)
    y = _last(y, axis)
    intervals = y.shape[-1] - 1
    levels = intervals.bit_length() - 1
    if intervals != 1 << levels:
        raise ValueError("Number of samples must be one plus a non-negative power of 2")
    column: list[Any] = []
    for k in range(levels + 1):
        step = intervals >> k
        some = y[..., ::step]
        column.append(dx * step * np.sum(some[..., 1:] + some[..., :-1], -1) * 0.5)
    for order in range(1, levels + 1):
        column = [
            fine + (fine - coarse) / (4**order - 1)
            for coarse, fine in zip(column, column[1:], strict=False)
        ]
    return column[0]
