"""Convolution and correlation along all axes.

Two rows, each of which is the other's transpose: `convolve_full` slides one array over
another as far as they touch, `convolve_valid` as far as one lies within the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.signal

from wengert.errors import ShapeError
from wengert.graph.primitive import Multilinear, Sample, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import as_array, normalize_axes
from wengert.primitives.batches import looped
from wengert.primitives.forms import multilinear
from wengert.primitives.products import conjugate
from wengert.primitives.refusal import undefined
from wengert.primitives.samplers import arrays

__all__ = ["convolve_full", "convolve_valid", "flipped", "floats"]


def floats(x: Any) -> Any:
    """Make an array of floats or complex numbers."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def flipped(x: Any) -> Any:
    """Reverse all axes."""
    return x[(slice(None, None, -1),) * x.ndim]


def _impl(mode: str) -> Any:
    def convolve(x: Any, k: Any, *, method: str) -> Any:
        y = scipy.signal.convolve(x, k, mode, method)
        return y.astype(np.result_type(x, k), copy=False)

    return convolve


def _valid_type(x: Any, k: Any, *, method: str) -> ArrayType:
    shape = tuple(n - m + 1 for n, m in zip(x.shape, k.shape, strict=True))
    if min(shape) < 1:
        raise ShapeError(f"convolve: {k.shape} does not lie within {x.shape}")
    return ArrayType(shape, promote(x, k))


def full_transpose(i: int, x: Any, y_bar: Any, *, method: str) -> Any:
    """Transpose the full convolution: correlate the cotangent with the other factor."""
    return convolve_valid(y_bar, flipped(x[1 - i]), method=method)


def valid_transpose(i: int, x: Any, y_bar: Any, *, method: str) -> Any:
    """Transpose the valid convolution: the full one for x, the valid one for k."""
    if i == 0:
        return convolve_full(y_bar, flipped(x[1]), method=method)
    return flipped(convolve_valid(x[0], flipped(y_bar), method=method))


def _cost(types: Any, y: Any, *, method: str) -> int:
    return 2 * int(types[0].size) * int(types[1].size)


def _samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for x, k in (((5,), (3,)), ((4,), (1,)), ((3, 4), (2, 3)), ((2, 3, 2), (1, 2, 2))):
        for method in ("direct", "fft"):
            inputs = arrays(rng, dtype, x), arrays(rng, dtype, k)
            yield Sample(inputs, {"method": method})


convolve_full: Multilinear = multilinear(
    "convolve_full", (),
    impl=_impl("full"),
    type=lambda x, k, *, method: ArrayType(
        tuple(n + m - 1 for n, m in zip(x.shape, k.shape, strict=True)), promote(x, k)
    ),
    transpose=full_transpose,
    batch=looped,
    cost=_cost, sample=_samples, ref="yᵢ = Σⱼ xⱼ kᵢ₋ⱼ",
)  # fmt: skip
convolve_valid: Multilinear = multilinear(
    "convolve_valid", (),
    impl=_impl("valid"), type=_valid_type, transpose=valid_transpose,
    batch=looped,
    cost=_cost, sample=_samples, ref="yᵢ = Σⱼ xⱼ kᵢ₋ⱼ where all of k meets x",
)  # fmt: skip

# ----- faces -----


def _convolved(name: str, x: Any, k: Any, mode: str, method: str) -> Any:
    """Convolve, and take the part that a mode names."""
    if x.ndim != k.ndim:
        raise ValueError("in1 and in2 should have the same dimensionality")
    if x.ndim == 0:
        return x * k
    pairs = list(zip(x.shape, k.shape, strict=True))
    if mode == "valid":
        if all(n >= m for n, m in pairs):
            return convolve_valid(x, k, method=method)
        if all(n <= m for n, m in pairs):
            return convolve_valid(k, x, method=method)
        raise ValueError(
            f"{name}: for 'valid' mode, one must be at least as large as the other in "
            "every dimension"
        )
    y = convolve_full(x, k, method=method)
    if mode == "full":
        return y
    if mode != "same":
        raise ValueError("acceptable mode flags are 'valid', 'same', or 'full'")
    return _centered(y, x.shape)


def _centered(y: Any, shape: tuple[int, ...]) -> Any:
    """Take a part of a shape out of the middle."""
    starts = [(m - n) // 2 for m, n in zip(y.shape, shape, strict=True)]
    return y[tuple(slice(s, s + n) for s, n in zip(starts, shape, strict=True))]


@answers(scipy.signal.convolve)
def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Convolve arrays along all axes."""
    return _convolved("convolve", floats(in1), floats(in2), mode, method)


@answers(scipy.signal.correlate)
def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Correlate arrays along all axes; the second one is conjugated."""
    kernel = flipped(conjugate(floats(in2)))
    return _convolved("correlate", floats(in1), kernel, mode, method)


def _along(name: str, in1: Any, in2: Any, mode: str, axes: Any) -> Any:
    x, k = floats(in1), floats(in2)
    if x.ndim != k.ndim:
        raise ValueError("in1 and in2 should have the same dimensionality")
    along = normalize_axes(axes, x.ndim)
    for axis in range(x.ndim):
        lengths = x.shape[axis], k.shape[axis]
        if axis not in along and 1 not in lengths:
            raise undefined(
                f"scipy.signal.{name}(axes={axes})",
                f"axis {axis} is paired, of lengths {lengths[0]} and {lengths[1]}",
                "convolve the pairs one by one, and np.stack what comes out",
            )
    return _convolved(name, x, k, mode, "fft")


@answers(scipy.signal.fftconvolve)
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """Convolve by Fourier transforms."""
    return _along("fftconvolve", in1, in2, mode, axes)


@answers(scipy.signal.oaconvolve)
def oaconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """Convolve by Fourier transforms of pieces."""
    return _along("oaconvolve", in1, in2, mode, axes)


_BORDERS = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}


@answers(scipy.signal.convolve2d)
def convolve2d(
    in1: Any,
    in2: Any,
    mode: str = "full",
    boundary: str = "fill",
    fillvalue: Any = 0,
) -> Any:
    """Convolve matrices, with what lies beyond the border."""
    x, k = floats(in1), floats(in2)
    if x.ndim != 2 or k.ndim != 2:
        raise ValueError("convolve2d inputs must both be 2-D arrays")
    if boundary not in _BORDERS:
        raise ValueError(
            "Acceptable boundary flags are 'fill', 'circular' (or 'wrap'), "
            "and 'symmetric' (or 'symm')."
        )
    if mode == "valid" or (boundary == "fill" and not np.any(fillvalue)):
        return _convolved("convolve2d", x, k, mode, "direct")
    widths = [(m - 1, m - 1) for m in k.shape]
    extra: Any = {"constant_values": fillvalue} if boundary == "fill" else {}
    border: Any = _BORDERS[boundary]
    padded = np.pad(x, widths, mode=border, **extra)
    y = convolve_valid(padded, k, method="direct")
    return y if mode == "full" else _centered(y, x.shape)


@answers(scipy.signal.correlate2d)
def correlate2d(
    in1: Any,
    in2: Any,
    mode: str = "full",
    boundary: str = "fill",
    fillvalue: Any = 0,
) -> Any:
    """Correlate matrices, with what lies beyond the border."""
    kernel = flipped(conjugate(floats(in2)))
    if mode == "same" and any(n % 2 == 0 for n in kernel.shape):
        # Of an even length SciPy takes the other one of two middles.
        y = convolve2d(in1, kernel, "full", boundary, fillvalue)
        starts = [m // 2 for m in kernel.shape]
        shape = np.shape(in1)
        return y[tuple(slice(s, s + n) for s, n in zip(starts, shape, strict=True))]
    return convolve2d(in1, kernel, mode, boundary, fillvalue)
