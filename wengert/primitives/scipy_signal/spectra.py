"""Estimates of spectra: segments, detrended and windowed, transformed and averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal

from wengert.graph.primitive import answers
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_signal.convolution import floats
from wengert.primitives.scipy_signal.resampling import trend_free

__all__: list[str] = []


def _windows(window: Any, nperseg: Any, n: int) -> tuple[Any, int]:
    """Give a window and its length."""
    if isinstance(window, str | tuple):
        length = min(256 if nperseg is None else int(nperseg), n)
        return scipy.signal.get_window(window, length), length
    window = np.asarray(window)
    if window.shape[0] > n:
        raise ValueError("window is longer than input signal")
    return window, window.shape[0]


def _densities(
    x: Any, y: Any, fs: float, window: Any, nperseg: Any, noverlap: Any, nfft: Any,
    detrend: Any, return_onesided: bool, scaling: str,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Give frequencies, times, and conj(X)·Y of each segment, in the last two axes."""
    n = x.shape[-1]
    window, length = _windows(window, nperseg, n)
    step = length - (length // 2 if noverlap is None else int(noverlap))
    nfft = length if nfft is None else int(nfft)
    if nfft < length or step < 1:
        raise ValueError("nfft must be at least nperseg, and noverlap less")
    one_sided = return_onesided and x.dtype.kind == y.dtype.kind == "f"
    starts = np.arange((n - length) // step + 1) * step
    places = starts[:, None] + np.arange(length)
    power = np.sum(window**2) * fs if scaling == "density" else np.sum(window) ** 2
    window = window.astype(np.zeros((), x.dtype).real.dtype)

    def transformed(x: Any) -> Any:
        pieces = x[..., places]
        if callable(detrend):
            pieces = detrend(pieces)
        elif detrend:
            pieces = trend_free(pieces, detrend)
        transform = np.fft.rfft if one_sided else np.fft.fft
        return transform(pieces * window, nfft)

    first = transformed(x)
    second = first if y is x else transformed(y)
    weights = np.full(first.shape[-1], 1 / power)
    if one_sided:  # each frequency stands for its negative too, if it has one
        weights[1 : None if nfft % 2 else -1] *= 2
    density = np.conjugate(first) * second * weights.astype(window.dtype)
    density = np.moveaxis(density, -2, -1)
    f = np.fft.rfftfreq(nfft, 1 / fs) if one_sided else np.fft.fftfreq(nfft, 1 / fs)
    return f, (starts + length / 2) / fs, density


def _averaged(density: Any, average: str) -> Any:
    if average != "mean":
        raise undefined(
            f"scipy.signal.welch(average={average!r})", "its bias is not written",
            "take the mean",
        )  # fmt: skip
    return np.mean(density, axis=-1)


@answers(scipy.signal.csd)
def csd(
    x: Any, y: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = None,
    noverlap: Any = None, nfft: Any = None, detrend: Any = "constant",
    return_onesided: bool = True, scaling: str = "density", axis: int = -1,
    average: str = "mean",
) -> Any:  # fmt: skip
    """Estimate the cross spectral density of signals of one length."""
    x, y = (np.moveaxis(floats(v), axis, -1) for v in (x, y))
    if x.shape[-1] != y.shape[-1]:
        raise undefined("scipy.signal.csd", "signals of two lengths", "cut the longer")
    f, _, density = _densities(x, y, fs, window, nperseg, noverlap, nfft, detrend,
                               return_onesided, scaling)  # fmt: skip
    return f, np.moveaxis(_averaged(density, average), -1, axis)


@answers(scipy.signal.welch)
def welch(
    x: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = None,
    noverlap: Any = None, nfft: Any = None, detrend: Any = "constant",
    return_onesided: bool = True, scaling: str = "density", axis: int = -1,
    average: str = "mean",
) -> Any:  # fmt: skip
    """Estimate the power spectral density by averaging over segments."""
    x = np.moveaxis(floats(x), axis, -1)
    f, _, density = _densities(x, x, fs, window, nperseg, noverlap, nfft, detrend,
                               return_onesided, scaling)  # fmt: skip
    return f, np.moveaxis(_averaged(np.real(density), average), -1, axis)


@answers(scipy.signal.periodogram)
def periodogram(
    x: Any, fs: float = 1.0, window: Any = "boxcar", nfft: Any = None,
    detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1,
) -> Any:  # fmt: skip
    """Estimate the power spectral density by one segment."""
    x = np.moveaxis(floats(x), axis, -1)
    n = x.shape[-1]
    if nfft is not None and nfft < n:
        x, n, nfft = x[..., :nfft], nfft, None
    window = "boxcar" if window is None else window
    f, _, density = _densities(x, x, fs, window, n, 0, nfft, detrend, return_onesided,
                               scaling)  # fmt: skip
    return f, np.moveaxis(np.real(density)[..., 0], -1, axis)


@answers(scipy.signal.spectrogram)
def spectrogram(
    x: Any, fs: float = 1.0, window: Any = ("tukey_periodic", 0.25),
    nperseg: Any = None, noverlap: Any = None, nfft: Any = None,
    detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1, mode: str = "psd",
) -> Any:  # fmt: skip
    """Estimate the power spectral density of each of consecutive segments."""
    x = floats(x)
    if mode != "psd" or axis not in (-1, x.ndim - 1):
        raise undefined(
            f"scipy.signal.spectrogram(axis={axis}, mode={mode!r})",
            "of its kinds, power densities along the last axis have a rule",
            "move the axis, and take mode='psd'",
        )  # fmt: skip
    if noverlap is None:
        noverlap = _windows(window, nperseg, x.shape[-1])[1] // 8
    f, t, density = _densities(x, x, fs, window, nperseg, noverlap, nfft, detrend,
                               return_onesided, scaling)  # fmt: skip
    return f, t, np.real(density)
