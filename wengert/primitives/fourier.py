"""Discrete Fourier transforms, and the shifts of their results.

Three rows transform along one axis: `fft` either way, `rfft` from real numbers to half
of a spectrum, `irfft` back. All others are made of them.

The matrix of `fft` is symmetric, so with the pairing Σ ȳ·ẏ, without conjugation, `fft`
is its own transpose. Half a spectrum stands for a whole one, whose elements come in
conjugate pairs, but for the first one and, where n is even, the last: so the transpose
of `irfft` is a conjugated `rfft` with the weights 1, 2, …, 2, 1, which the transpose of
`rfft` divides by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import Linear, Sample, answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array, normalize_axes, refuse
from wengert.primitives.batches import along_axes
from wengert.primitives.forms import linear
from wengert.primitives.indexing import Index, getitem_, scatter_
from wengert.primitives.samplers import arrays

__all__: list[str] = []

_REF = "Cooley & Tukey (1965), doi:10.1090/S0025-5718-1965-0178586-1"
# Of a transform and of its inverse, the same factor goes by two names.
_OPPOSITE = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def _complex_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.result_type(dtype, np.complex64)


def _real_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.zeros((), dtype).real.dtype


def _with_length(shape: tuple[int, ...], axis: int, n: int) -> tuple[int, ...]:
    return (*shape[:axis], n, *shape[axis + 1 :])


def _weights(n: int, shape: tuple[int, ...], axis: int, dtype: np.dtype[Any]) -> Any:
    """Tell how often each element of half a spectrum stands in the whole, of n."""
    k = np.arange(n // 2 + 1)
    once = (k == 0) | (2 * k == n)
    column = (-1,) + (1,) * (len(shape) - axis - 1)
    return np.where(once, 1, 2).astype(_real_dtype(dtype)).reshape(column)


# ----- rows: along one axis, of all its elements -----


def _fft_flops(types: Any, y: ArrayType, axis: int, **_: Any) -> int:
    # A Cooley–Tukey transform takes about 5 n log₂ n.
    n = int(max(types[0].shape[axis], y.shape[axis], 1))
    return 5 * max(int(types[0].size), y.size) * n.bit_length()


def _fft_impl(x: Any, *, axis: int, inverse: bool, norm: Any) -> Any:
    transform = np.fft.ifft if inverse else np.fft.fft
    return transform(x, axis=axis, norm=norm)


def fft_transpose(
    x: tuple[Any, ...], y_bar: Any, *, axis: int, inverse: bool, norm: str
) -> Any:
    """Transpose a transform: a symmetric matrix is its own transpose."""
    x_bar = fft_(y_bar, axis=axis, inverse=inverse, norm=norm)
    return x_bar if x[0].dtype.kind == "c" else np.real(x_bar)


def rfft_transpose(x: tuple[Any, ...], y_bar: Any, *, axis: int, norm: str) -> Any:
    """Transpose the transform of real numbers: x̄ⱼ = Re Σₖ ȳₖ ωʲᵏ."""
    n = x[0].shape[axis]
    halves = np.conjugate(y_bar) / _weights(n, y_bar.shape, axis, y_bar.dtype)
    return irfft_(halves, n=n, axis=axis, norm=_OPPOSITE[norm])


def irfft_transpose(
    x: tuple[Any, ...], y_bar: Any, *, n: int, axis: int, norm: str
) -> Any:
    """Transpose the way back: x̄ₖ = wₖ Σⱼ ȳⱼ ω⁻ʲᵏ, with the weights wₖ."""
    spectrum = rfft_(y_bar, axis=axis, norm=_OPPOSITE[norm])
    x_bar = np.conjugate(spectrum) * _weights(n, x[0].shape, axis, x[0].dtype)
    return x_bar if x[0].dtype.kind == "c" else np.real(x_bar)


_PLACES = (((4,), 0), ((5,), 0), ((1,), 0), ((2, 3), 1), ((3, 2), 0), ((2, 0, 3), 2))


def _fft_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for k, (shape, axis) in enumerate(_PLACES):
        norm = list(_OPPOSITE)[k % 3]
        for inverse in (False, True):
            params = {"axis": axis, "inverse": inverse, "norm": norm}
            yield Sample((arrays(rng, dtype, shape),), params)


def _rfft_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for k, (shape, axis) in enumerate(_PLACES):
        norm = list(_OPPOSITE)[k % 3]
        yield Sample((arrays(rng, dtype, shape),), {"axis": axis, "norm": norm})


def _irfft_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for k, (shape, axis) in enumerate(_PLACES):
        n = shape[axis]
        params = {"n": n, "axis": axis, "norm": list(_OPPOSITE)[k % 3]}
        half = _with_length(shape, axis, n // 2 + 1)
        yield Sample((arrays(rng, dtype, half),), params)


fft_: Linear = linear(
    "fft", (),
    impl=_fft_impl,
    type=lambda x, axis, inverse, norm: ArrayType(x.shape, _complex_dtype(x.dtype)),
    transpose=fft_transpose,
    batch=along_axes,
    cost=_fft_flops, sample=_fft_samples, ref=_REF,
)  # fmt: skip
rfft_: Linear = linear(
    "rfft", (), dtypes="f",
    impl=lambda x, axis, norm: np.fft.rfft(x, axis=axis, norm=norm),
    type=lambda x, axis, norm: ArrayType(
        _with_length(x.shape, axis, x.shape[axis] // 2 + 1), _complex_dtype(x.dtype)
    ),
    transpose=rfft_transpose,
    batch=along_axes,
    cost=_fft_flops, sample=_rfft_samples, ref=_REF,
)  # fmt: skip
irfft_: Linear = linear(
    "irfft", (),
    impl=lambda x, n, axis, norm: np.fft.irfft(x, n, axis, norm),
    type=lambda x, n, axis, norm: ArrayType(
        _with_length(x.shape, axis, n), _real_dtype(x.dtype)
    ),
    transpose=irfft_transpose,
    batch=along_axes,
    cost=_fft_flops, sample=_irfft_samples, ref=_REF,
)  # fmt: skip

# ----- what faces share -----


def _inexact(a: Any) -> Any:
    a = as_array(a)
    return a if a.dtype.kind in "fc" else a.astype(np.float64)


def _norm(norm: str | None) -> str:
    norm = "backward" if norm is None else norm
    if norm not in _OPPOSITE:
        raise ValueError(
            f"Invalid norm value {norm}; should be 'backward', 'ortho' or 'forward'."
        )
    return norm


def _swapped(norm: str | None) -> str:
    return _OPPOSITE[_norm(norm)]


def _resized(a: Any, n: int, axis: int) -> Any:
    """Cut an axis to a length, or fill it up with zeros."""
    length = a.shape[axis]
    if n == length:
        return a
    index = Index((slice(None),) * axis + (slice(0, min(n, length)),))
    if n < length:
        return getitem_(a, index=index)
    return scatter_(a, index=index, shape=_with_length(a.shape, axis, n))


def _prepared(a: Any, n: int | None, axis: int) -> tuple[Any, int]:
    (axis,) = normalize_axes(axis, a.ndim)
    n = a.shape[axis] if n is None else n
    if n < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    return _resized(a, n, axis), axis


def _transform(a: Any, n: Any, axis: int, norm: str | None, inverse: bool) -> Any:
    a, axis = _prepared(_inexact(a), n, axis)
    return fft_(a, axis=axis, inverse=inverse, norm=_norm(norm))


def _half(a: Any, n: Any, axis: int, norm: str | None) -> Any:
    a = _inexact(a)
    if a.dtype.kind == "c":
        raise TypeError(f"rfft takes real numbers, not {a.dtype}; fft takes complex")
    a, axis = _prepared(a, n, axis)
    return rfft_(a, axis=axis, norm=_norm(norm))


def _whole(a: Any, n: Any, axis: int, norm: str | None) -> Any:
    a = _inexact(a)
    n = 2 * (a.shape[axis] - 1) if n is None else n
    if n < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    a, axis = _prepared(a, n // 2 + 1, axis)
    return irfft_(a, n=n, axis=axis, norm=_norm(norm))


def _lengths(a: Any, s: Any, axes: Any) -> list[tuple[int | None, int]]:
    """Pair the length and the axis of each transform; None for an axis as it is."""
    if s is None:
        axes = tuple(range(a.ndim)) if axes is None else tuple(axes)
        return [(None, axis) for axis in axes]
    axes = tuple(range(-len(s), 0)) if axes is None else tuple(axes)
    if len(s) != len(axes):
        raise ShapeError(f"fft: {len(s)} lengths for {len(axes)} axes")
    # A length of −1 means the whole axis, of half a spectrum too.
    return [
        (a.shape[axis] if n == -1 else n, axis) for n, axis in zip(s, axes, strict=True)
    ]


# ----- faces along one axis -----


@answers(np.fft.fft)
def fft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: Any = None
) -> Any:
    """Transform along an axis: yₖ = Σⱼ aⱼ exp(−2πi jk/n), for a : array, any dtype."""
    refuse("fft.fft", out=out)
    return _transform(a, n, axis, norm, inverse=False)


@answers(np.fft.ifft)
def ifft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: Any = None
) -> Any:
    """Transform back along an axis."""
    refuse("fft.ifft", out=out)
    return _transform(a, n, axis, norm, inverse=True)


@answers(np.fft.rfft)
def rfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: Any = None
) -> Any:
    """Transform n real numbers along an axis: the first n//2 + 1 of the spectrum."""
    refuse("fft.rfft", out=out)
    return _half(a, n, axis, norm)


@answers(np.fft.irfft)
def irfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: Any = None
) -> Any:
    """Transform n//2 + 1 elements of a spectrum back to n real numbers."""
    refuse("fft.irfft", out=out)
    return _whole(a, n, axis, norm)


@answers(np.fft.hfft)
def hfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: Any = None
) -> Any:
    """Transform half of a signal that is its own reversed conjugate: real numbers."""
    refuse("fft.hfft", out=out)
    return _whole(np.conjugate(as_array(a)), n, axis, _swapped(norm))


@answers(np.fft.ihfft)
def ihfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: Any = None
) -> Any:
    """Transform real numbers back to half of the signal."""
    refuse("fft.ihfft", out=out)
    return np.conjugate(_half(a, n, axis, _swapped(norm)))


# ----- faces along several axes -----


def _transform_all(a: Any, s: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    a = _inexact(a)
    for n, axis in reversed(_lengths(a, s, axes)):
        a = _transform(a, n, axis, norm, inverse)
    return a


def _half_all(a: Any, s: Any, axes: Any, norm: Any) -> Any:
    a = _inexact(a)
    *others, (n, axis) = _lengths(a, s, axes)
    a = _half(a, n, axis, norm)
    for n, axis in reversed(others):
        a = _transform(a, n, axis, norm, inverse=False)
    return a


def _whole_all(a: Any, s: Any, axes: Any, norm: Any) -> Any:
    a = _inexact(a)
    *others, (last, end) = _lengths(a, s, axes)
    for n, axis in others:
        a = _transform(a, n, axis, norm, inverse=True)
    return _whole(a, last, end, norm)


@answers(np.fft.fft2)
def fft2(
    a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None
) -> Any:
    """Transform along two axes."""
    refuse("fft.fft2", out=out)
    return _transform_all(a, s, axes, norm, inverse=False)


@answers(np.fft.ifft2)
def ifft2(
    a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None
) -> Any:
    """Transform back along two axes."""
    refuse("fft.ifft2", out=out)
    return _transform_all(a, s, axes, norm, inverse=True)


@answers(np.fft.fftn)
def fftn(
    a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None
) -> Any:
    """Transform along several axes, all of them by default."""
    refuse("fft.fftn", out=out)
    return _transform_all(a, s, axes, norm, inverse=False)


@answers(np.fft.ifftn)
def ifftn(
    a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None
) -> Any:
    """Transform back along several axes, all of them by default."""
    refuse("fft.ifftn", out=out)
    return _transform_all(a, s, axes, norm, inverse=True)


@answers(np.fft.rfft2)
def rfft2(
    a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None
) -> Any:
    """Transform real numbers along two axes; the last one is halved."""
    refuse("fft.rfft2", out=out)
    return _half_all(a, s, axes, norm)


@answers(np.fft.rfftn)
def rfftn(
    a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None
) -> Any:
    """Transform real numbers along several axes; the last one is halved."""
    refuse("fft.rfftn", out=out)
    return _half_all(a, s, axes, norm)


@answers(np.fft.irfft2)
def irfft2(
    a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None
) -> Any:
    """Transform a spectrum, halved along the last of two axes, to real numbers."""
    refuse("fft.irfft2", out=out)
    return _whole_all(a, s, axes, norm)


@answers(np.fft.irfftn)
def irfftn(
    a: Any, s: Any = None, axes: Any = None, norm: Any = None, out: Any = None
) -> Any:
    """Transform a spectrum, halved along the last axis, back to real numbers."""
    refuse("fft.irfftn", out=out)
    return _whole_all(a, s, axes, norm)


# ----- shifts -----


def _shifted(x: Any, axes: Any, back: bool) -> Any:
    x = as_array(x)
    axes = normalize_axes(axes, x.ndim)
    shift = tuple(-(x.shape[i] // 2) if back else x.shape[i] // 2 for i in axes)
    return np.roll(x, shift, axes)


@answers(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """Move the frequency zero to the middle."""
    return _shifted(x, axes, back=False)


@answers(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """Move the frequency zero from the middle back to the start."""
    return _shifted(x, axes, back=True)
