"""Linear filters: an image continued beyond its borders, and correlated.

All are made of the rows of `scipy_signal/convolution.py`, so that weights may be traced
too, and the width of a Gaussian.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import scipy.ndimage

from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array, normalize_axes, refuse
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_signal.convolution import (
    convolve_valid,
    flipped,
    floats,
)

__all__ = ["continued", "sequence"]

_BORDERS = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect",
    "nearest": "edge", "wrap": "wrap", "grid-wrap": "wrap", "constant": "constant",
    "grid-constant": "constant",
}  # fmt: skip


def sequence(value: Any, count: int) -> list[Any]:
    """Give one value for each axis."""
    if isinstance(value, str) or np.ndim(value) == 0:
        return [value] * count
    if len(value) != count:
        raise RuntimeError("sequence argument must have length equal to input rank")
    return list(value)


def continued(x: Any, widths: Any, mode: Any, cval: Any) -> Any:
    """Continue an image over its borders, by widths for each axis."""
    modes = sequence(mode, x.ndim)
    for name in modes:
        if name not in _BORDERS:
            raise RuntimeError("boundary mode not supported")
    if len(set(modes)) > 1:
        for axis, name in enumerate(modes):
            one = [w if k == axis else (0, 0) for k, w in enumerate(widths)]
            x = continued(x, one, name, cval)
        return x
    extra: Any = {"constant_values": cval} if _BORDERS[modes[0]] == "constant" else {}
    # NumPy's reflection of a single element is that element.
    border: Any = _BORDERS[modes[0]]
    return np.pad(x, widths, mode=border, **extra)


def spans(size: Any, origin: Any) -> list[tuple[int, int]]:
    """Give how far a window reaches to either side."""
    found = []
    for n, shift in zip(size, origin, strict=True):
        left = n // 2 + shift
        if not 0 <= left < n:
            raise ValueError("invalid origin")
        found.append((left, n - 1 - left))
    return found


def _options(name: str, output: Any, axes: Any = None) -> None:
    refuse(f"scipy.ndimage.{name}", output=output, axes=axes)


def _correlated(x: Any, w: Any, mode: Any, cval: Any, origin: Any) -> Any:
    if w.ndim != x.ndim:
        raise RuntimeError(f"weights.ndim ({w.ndim}) must match input.ndim ({x.ndim})")
    wide = spans(w.shape, sequence(origin, x.ndim))
    padded = continued(x, wide, mode, cval)
    if w.dtype.kind == x.dtype.kind:
        w = w.astype(x.dtype)
    return convolve_valid(padded, flipped(w), method="direct")


def _line(x: Any, w: Any, axis: int, mode: Any, cval: Any, origin: Any) -> Any:
    """Correlate along one axis."""
    (axis,) = normalize_axes(axis, x.ndim)
    shape = [1] * x.ndim
    shape[axis] = w.shape[0]
    origins = [0] * x.ndim
    origins[axis] = origin
    return _correlated(x, np.reshape(w, shape), mode, cval, origins)


@answers(scipy.ndimage.correlate)
def correlate(
    input: Any, weights: Any, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
) -> Any:  # fmt: skip
    """Correlate an image with weights."""
    _options("correlate", output, axes)
    return _correlated(floats(input), floats(weights), mode, cval, origin)


@answers(scipy.ndimage.convolve)
def convolve(
    input: Any, weights: Any, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
) -> Any:  # fmt: skip
    """Convolve an image with weights."""
    _options("convolve", output, axes)
    w = floats(weights)
    # The middle of an even length is another one, seen from the other side.
    origins = [
        -shift - (n % 2 == 0)
        for n, shift in zip(w.shape, sequence(origin, w.ndim), strict=True)
    ]
    return _correlated(floats(input), flipped(w), mode, cval, origins)


@answers(scipy.ndimage.correlate1d)
def correlate1d(
    input: Any, weights: Any, axis: int = -1, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, origin: int = 0,
) -> Any:  # fmt: skip
    """Correlate an image with weights along an axis."""
    _options("correlate1d", output)
    return _line(floats(input), floats(weights), axis, mode, cval, origin)


@answers(scipy.ndimage.convolve1d)
def convolve1d(
    input: Any, weights: Any, axis: int = -1, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, origin: int = 0,
) -> Any:  # fmt: skip
    """Convolve an image with weights along an axis."""
    _options("convolve1d", output)
    w = floats(weights)[::-1]
    origin = -origin - (w.shape[0] % 2 == 0)
    return _line(floats(input), w, axis, mode, cval, origin)


# ----- Gaussians -----


def _gaussian(sigma: Any, order: int, radius: int) -> Any:
    """Give the weights of a Gaussian, or of its derivative of an order."""
    x = np.arange(-radius, radius + 1)
    square = sigma * sigma
    phi = np.exp(-0.5 / square * x**2)
    phi = phi / np.sum(phi)
    # Of q(x) φ(x), the derivative is (q′ − x q/σ²) φ.
    q: list[Any] = [1.0]
    for _ in range(order):
        slope = [(k + 1) * q[k + 1] for k in range(len(q) - 1)] + [0.0, 0.0]
        lower = [0.0, *(-value / square for value in q)]
        q = [a + b for a, b in zip(slope, lower, strict=True)]
    return sum(value * x**k for k, value in enumerate(q)) * phi


@answers(scipy.ndimage.gaussian_filter1d)
def gaussian_filter1d(
    input: Any, sigma: Any, axis: int = -1, order: int = 0, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0, truncate: float = 4.0, *,
    radius: Any = None,
) -> Any:  # fmt: skip
    """Filter by a Gaussian along an axis; its reach does not vary with sigma."""
    _options("gaussian_filter1d", output)
    if radius is None:
        radius = int(truncate * sigma + 0.5)
    w = as_array(_gaussian(sigma, order, int(radius)))
    return _line(floats(input), w[::-1], axis, mode, cval, 0)


@answers(scipy.ndimage.gaussian_filter)
def gaussian_filter(
    input: Any, sigma: Any, order: Any = 0, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, truncate: float = 4.0, *, radius: Any = None, axes: Any = None,
) -> Any:  # fmt: skip
    """Filter by Gaussians along some axes, all of them by default."""
    _options("gaussian_filter", output)
    x = floats(input)
    along = normalize_axes(axes, x.ndim)
    listed = [sequence(v, len(along)) for v in (sigma, order, mode, radius)]
    for axis, width, degree, border, reach in zip(along, *listed, strict=True):
        if width > 1e-15:
            x = gaussian_filter1d(x, width, axis, degree, None, border, cval, truncate,
                                  radius=reach)  # fmt: skip
    return x


@answers(scipy.ndimage.gaussian_laplace)
def gaussian_laplace(
    input: Any, sigma: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
    *, axes: Any = None, **keywords: Any,
) -> Any:  # fmt: skip
    """Sum the second derivatives along all axes of an image, smoothed."""
    _options("gaussian_laplace", output, axes)
    x = floats(input)
    return sum(
        gaussian_filter(x, sigma, order, None, mode, cval, **keywords)
        for order in np.diag([2] * x.ndim).tolist()
    )


@answers(scipy.ndimage.gaussian_gradient_magnitude)
def gaussian_gradient_magnitude(
    input: Any, sigma: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
    *, axes: Any = None, **keywords: Any,
) -> Any:  # fmt: skip
    """Give the length of the gradient of an image, smoothed."""
    _options("gaussian_gradient_magnitude", output, axes)
    x = floats(input)
    total: Any = 0.0
    for order in np.eye(x.ndim, dtype=int).tolist():
        slope = gaussian_filter(x, sigma, order, None, mode, cval, **keywords)
        total = total + slope * slope
    return np.sqrt(total)


# ----- windows of fixed weights -----


@answers(scipy.ndimage.uniform_filter1d)
def uniform_filter1d(
    input: Any, size: int, axis: int = -1, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, origin: int = 0,
) -> Any:  # fmt: skip
    """Give the means of windows along an axis."""
    _options("uniform_filter1d", output)
    return _line(floats(input), np.full(size, 1 / size), axis, mode, cval, origin)


@answers(scipy.ndimage.uniform_filter)
def uniform_filter(
    input: Any, size: Any = 3, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
) -> Any:  # fmt: skip
    """Give the means of windows."""
    _options("uniform_filter", output)
    x = floats(input)
    along = normalize_axes(axes, x.ndim)
    listed = [sequence(v, len(along)) for v in (size, mode, origin)]
    for axis, n, border, shift in zip(along, *listed, strict=True):
        if n > 1:
            x = uniform_filter1d(x, int(n), axis, None, border, cval, shift)
    return x


def _slopes(x: Any, axis: int, others: Any, mode: Any, cval: Any) -> Any:
    (axis,) = normalize_axes(axis, x.ndim)
    modes = sequence(mode, x.ndim)
    y = _line(x, np.array([-1.0, 0.0, 1.0]), axis, modes[axis], cval, 0)
    for k in range(x.ndim):
        if k != axis:
            y = _line(y, np.array(others), k, modes[k], cval, 0)
    return y


@answers(scipy.ndimage.sobel)
def sobel(
    input: Any, axis: int = -1, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0,
) -> Any:  # fmt: skip
    """Give differences along an axis, smoothed along the others by 1, 2, 1."""
    _options("sobel", output)
    return _slopes(floats(input), axis, [1.0, 2.0, 1.0], mode, cval)


@answers(scipy.ndimage.prewitt)
def prewitt(
    input: Any, axis: int = -1, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0,
) -> Any:  # fmt: skip
    """Give differences along an axis, smoothed along the others by 1, 1, 1."""
    _options("prewitt", output)
    return _slopes(floats(input), axis, [1.0, 1.0, 1.0], mode, cval)


@answers(scipy.ndimage.laplace)
def laplace(
    input: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, *,
    axes: Any = None,
) -> Any:  # fmt: skip
    """Sum the second differences along all axes."""
    _options("laplace", output, axes)
    x = floats(input)
    modes = sequence(mode, x.ndim)
    w = np.array([1.0, -2.0, 1.0])
    return sum(_line(x, w, k, modes[k], cval, 0) for k in range(x.ndim))


# ----- sums over labels -----


@answers(scipy.ndimage.sum_labels, scipy.ndimage.sum)
def sum_labels(input: Any, labels: Any = None, index: Any = None) -> Any:
    """Sum the elements that have a label."""
    x = floats(input)
    if labels is None:
        return np.sum(x)
    if hasattr(type(labels), "__wengert_bind__"):
        raise undefined("scipy.ndimage.sum_labels", "labels that vary", "fix them")
    if index is None:
        return np.sum(np.where(np.asarray(labels) > 0, x, 0))
    if isinstance(index, numbers.Integral):
        return np.sum(np.where(np.asarray(labels) == index, x, 0))
    return np.stack([np.sum(np.where(np.asarray(labels) == k, x, 0)) for k in index])


@answers(scipy.ndimage.mean)
def mean(input: Any, labels: Any = None, index: Any = None) -> Any:
    """Give the mean of the elements that have a label."""
    x = floats(input)
    counts = scipy.ndimage.sum_labels(np.ones(x.shape), labels, index)
    return sum_labels(x, labels, index) / counts
