"""Frequency responses, and the analytic signal."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal

from wengert.graph.primitive import answers
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_signal.convolution import floats

__all__: list[str] = []


def _frequencies(
    name: str, worN: Any, whole: bool, plot: Any, fs: Any, ends: bool
) -> Any:
    """Let SciPy choose the frequencies: in its unit, and as angles."""
    if plot is not None:
        raise undefined(
            f"scipy.signal.{name}(plot=…)", "it draws", "plot what it returns"
        )
    if hasattr(type(worN), "__wengert_bind__"):
        w = floats(worN)
    else:
        w, _ = scipy.signal.freqz(
            [1.0], 1, worN, whole, fs=fs, include_nyquist=ends
        )  # fmt: skip
    return w, 2 * np.pi * w / fs


def _polynomial(b: Any, angles: Any) -> Any:
    """Sum bₖ exp(−i k ω)."""
    b = np.atleast_1d(floats(b))
    if b.ndim != 1:
        raise undefined(
            "scipy.signal.freqz",
            f"coefficients of shape {b.shape}",
            "take them in turn",
        )
    return np.exp(-1j * (angles[..., None] * np.arange(b.shape[0]))) @ (b + 0j)


@answers(scipy.signal.freqz)
def freqz(
    b: Any, a: Any = 1, worN: Any = 512, whole: bool = False, plot: Any = None,
    fs: Any = 2 * np.pi, include_nyquist: bool = False,
) -> Any:  # fmt: skip
    """Give the frequency response of a digital filter."""
    w, angles = _frequencies("freqz", worN, whole, plot, fs, include_nyquist)
    return w, _polynomial(b, angles) / _polynomial(a, angles)


@answers(scipy.signal.sosfreqz, scipy.signal.freqz_sos)
def freqz_sos(
    sos: Any, worN: Any = 512, whole: bool = False, fs: Any = 2 * np.pi
) -> Any:
    """Give the frequency response of second-order sections."""
    w, angles = _frequencies("freqz_sos", worN, whole, None, fs, False)
    sos = np.atleast_2d(floats(sos))
    h: Any = 1.0
    for k in range(sos.shape[0]):
        numerator = _polynomial(sos[k, :3], angles)
        h = h * (numerator / _polynomial(sos[k, 3:], angles))
    return w, h


@answers(scipy.signal.hilbert)
def hilbert(x: Any, N: Any = None, axis: int = -1) -> Any:
    """Give the analytic signal: frequencies above zero doubled, below it none."""
    x = floats(x)
    if x.dtype.kind == "c":
        raise ValueError("x must be real.")
    n = x.shape[axis] if N is None else N
    if n <= 0:
        raise ValueError("N must be positive.")
    k = np.arange(n)
    weights = np.where((k == 0) | (2 * k == n), 1.0, np.where(2 * k < n, 2.0, 0.0))
    shape = [1] * x.ndim
    shape[axis] = n
    spectrum = np.fft.fft(x, n, axis=axis) * weights.reshape(shape).astype(x.dtype)
    return np.fft.ifft(spectrum, axis=axis)
