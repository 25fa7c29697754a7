"""Other rates of samples, trends taken away, polynomials fitted to windows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.signal

from wengert.graph.primitive import answers
from wengert.primitives.axes import refuse
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_signal.convolution import (
    convolve_full,
    convolve_valid,
    floats,
)
from wengert.primitives.scipy_signal.filters import sosfiltfilt

__all__ = ["trend_free"]


def _line(h: Any, ndim: int) -> Any:
    return np.reshape(h, (1,) * (ndim - 1) + h.shape)


def _applied(matrix: Any, x: Any) -> Any:
    """Multiply a matrix with the last axis."""
    return x @ matrix.T.astype(x.dtype)


@answers(scipy.signal.upfirdn)
def upfirdn(
    h: Any, x: Any, up: int = 1, down: int = 1, axis: int = -1, mode: str = "constant",
    cval: float = 0,
) -> Any:  # fmt: skip
    """Put zeros between samples, convolve, and leave samples out."""
    if mode != "constant" or cval != 0:
        raise undefined(
            f"scipy.signal.upfirdn(mode={mode!r}, cval={cval})", "its ends have none",
            "extend the signal by np.pad",
        )  # fmt: skip
    x, h = np.moveaxis(floats(x), axis, -1), floats(h)
    if up > 1:
        zeros = np.zeros((*x.shape, up - 1), x.dtype)
        x = np.concatenate([x[..., None], zeros], -1)
        x = np.reshape(x, (*x.shape[:-2], -1))[..., : 1 - up]
    y = convolve_full(x, _line(h, x.ndim), method="direct")[..., ::down]
    return np.moveaxis(y, -1, axis)


@answers(scipy.signal.resample_poly)
def resample_poly(
    x: Any, up: int, down: int, axis: int = 0, window: Any = ("kaiser", 5.0),
    padtype: str = "constant", cval: Any = None,
) -> Any:  # fmt: skip
    """Resample by a filter between zeros put in and samples left out."""
    if padtype != "constant" or cval is not None:
        raise undefined(
            "scipy.signal.resample_poly(padtype=…, cval=…)", "its ends have none",
            "extend the signal by np.pad",
        )  # fmt: skip
    x = np.moveaxis(floats(x), axis, -1)
    common = math.gcd(up, down)
    up, down = up // common, down // common
    if up == down == 1:
        return np.moveaxis(x, -1, axis)
    n_out = -(-x.shape[-1] * up // down)
    if isinstance(window, str | tuple):
        rate = max(up, down)
        half = 10 * rate
        h: Any = scipy.signal.firwin(2 * half + 1, 1 / rate, window=window)
        h = h.astype(x.dtype)
    else:
        h = floats(window)
        half = (h.shape[0] - 1) // 2
    before = down - half % down
    start = (half + before) // down
    # Long enough for the last sample that is wanted.
    length = (n_out + start - 1) * down + 1
    after = max(length - (before + h.shape[0] + (x.shape[-1] - 1) * up), 0)
    h = np.concatenate([np.zeros(before, h.dtype), h * up, np.zeros(after, h.dtype)])
    y = upfirdn(h, x, up, down)[..., start : start + n_out]
    return np.moveaxis(y, -1, axis)


@answers(scipy.signal.decimate)
def decimate(
    x: Any, q: int, n: Any = None, ftype: Any = "iir", axis: int = -1,
    zero_phase: bool = True,
) -> Any:  # fmt: skip
    """Filter, and leave samples out."""
    x = floats(x)
    if not zero_phase or ftype not in ("iir", "fir"):
        raise undefined(
            "scipy.signal.decimate", "only its two filters of zero phase have one",
            "filter by lfilter or sosfilt, and take every q-th sample",
        )  # fmt: skip
    if ftype == "fir":
        b = scipy.signal.firwin((20 * q if n is None else n) + 1, 1.0 / q)
        return resample_poly(x, 1, q, axis=axis, window=b.astype(x.dtype))
    sos = scipy.signal.cheby1(8 if n is None else n, 0.05, 0.8 / q, output="sos")
    y = np.moveaxis(sosfiltfilt(sos.astype(x.dtype), x, axis=axis), axis, -1)
    return np.moveaxis(y[..., ::q], -1, axis)


@answers(scipy.signal.resample)
def resample(
    x: Any, num: int, t: Any = None, axis: int = 0, window: Any = None,
    domain: str = "time",
) -> Any:  # fmt: skip
    """Resample a periodic signal by its spectrum."""
    refuse("scipy.signal.resample", window=window)
    x = np.moveaxis(floats(x), axis, -1)
    if domain != "time" or x.dtype.kind == "c":
        raise undefined(
            "scipy.signal.resample", "a rule for spectra and complex signals is not "
            "written", "resample real and imaginary part",
        )  # fmt: skip
    n = x.shape[-1]
    shorter = min(num, n)
    spectrum = np.fft.rfft(x)[..., : shorter // 2 + 1]
    if shorter % 2 == 0 and num != n:
        # The middle frequency stands for two, or becomes two.
        factor = np.ones(shorter // 2 + 1, x.dtype)
        factor[-1] = 2.0 if num < n else 0.5
        spectrum = spectrum * factor
    y = np.moveaxis(np.fft.irfft(spectrum, num) * (num / n), -1, axis)
    if t is None:
        return y
    return y, np.arange(num) * (t[1] - t[0]) * n / num + t[0]


def trend_free(x: Any, kind: Any, breaks: Any = 0) -> Any:
    """Take means, or lines, of pieces of the last axis away."""
    n = x.shape[-1]
    if kind in ("constant", "c"):
        return x - np.mean(x, axis=-1, keepdims=True)
    if kind not in ("linear", "l"):
        raise ValueError("Trend type must be 'linear' or 'constant'.")
    ends = np.unique([0, *np.atleast_1d(breaks), n]).astype(int)
    parts = []
    for start, stop in zip(ends[:-1], ends[1:], strict=True):
        count = stop - start
        basis = np.stack([np.ones(count), np.arange(1, count + 1) / count], 1)
        # The projector, by its two factors.
        part = x[..., start:stop]
        fit = _applied(basis, _applied(np.linalg.pinv(basis), part))
        parts.append(part - fit)
    return np.concatenate(parts, axis=-1)


@answers(scipy.signal.detrend)
def detrend(
    data: Any, axis: int = -1, type: str = "linear", bp: Any = 0,
    overwrite_data: bool = False,
) -> Any:  # fmt: skip
    """Take the mean or the best lines away."""
    x = np.moveaxis(floats(data), axis, -1)
    return np.moveaxis(trend_free(x, type, bp), -1, axis)


_BORDERS = {"mirror": "reflect", "nearest": "edge", "wrap": "wrap",
            "constant": "constant"}  # fmt: skip


@answers(scipy.signal.savgol_filter)
def savgol_filter(
    x: Any, window_length: int, polyorder: int, deriv: int = 0, delta: float = 1.0,
    axis: int = -1, mode: str = "interp", cval: Any = 0.0,
) -> Any:  # fmt: skip
    """Fit polynomials to windows, and evaluate them, or derivatives, in the middle."""
    x = np.moveaxis(floats(x), axis, -1)
    options = {"deriv": deriv, "delta": delta}
    if mode == "interp" and window_length > x.shape[-1]:
        raise ValueError(
            "If mode is 'interp', window_length must be less than or equal to the size "
            "of x."
        )
    h = scipy.signal.savgol_coeffs(window_length, polyorder, **options)
    line = _line(h.astype(x.dtype), x.ndim)
    half = window_length // 2
    if mode == "interp":
        # At the ends, the polynomial of the outermost window.
        edges = scipy.signal.savgol_filter(
            np.eye(window_length), window_length, polyorder, axis=0, **options
        )
        middle = convolve_valid(x, line, method="direct")
        first = _applied(edges[:half], x[..., :window_length])
        last = _applied(edges[-half:], x[..., -window_length:])
        if window_length % 2 == 0:
            raise undefined(
                "scipy.signal.savgol_filter", "a window of even length at ends",
                "take an odd one",
            )  # fmt: skip
        y = np.concatenate([first, middle, last][0 if half else 1 :], -1)
        y = y if half else middle
    else:
        if mode not in _BORDERS:
            raise ValueError("mode must be 'mirror', 'constant', 'nearest' 'wrap' or "
                             "'interp'.")  # fmt: skip
        widths = [(0, 0)] * (x.ndim - 1) + [(window_length - 1 - half, half)]
        extra: Any = {"constant_values": cval} if mode == "constant" else {}
        border: Any = _BORDERS[mode]
        padded = np.pad(x, widths, mode=border, **extra)
        y = convolve_valid(padded, line, method="direct")
    return np.moveaxis(y, -1, axis)
