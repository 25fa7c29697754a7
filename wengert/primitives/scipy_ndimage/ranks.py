"""Filters that select: the derivative goes to the element that was selected."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
import scipy.signal

from wengert.graph.primitive import answers
from wengert.primitives.axes import refuse
from wengert.primitives.scipy_ndimage.filters import continued, sequence, spans
from wengert.primitives.scipy_signal.convolution import floats

__all__: list[str] = []


def _windows(
    name: str, x: Any, size: Any, footprint: Any, output: Any, mode: Any, cval: Any,
    origin: Any, axes: Any,
) -> Any:  # fmt: skip
    """Give the elements of each window in a last axis: memory grows with the window."""
    refuse(f"scipy.ndimage.{name}", output=output, axes=axes)
    if footprint is None:
        if size is None:
            raise RuntimeError("no footprint or filter size provided")
        footprint = np.ones([int(n) for n in sequence(size, x.ndim)], dtype=bool)
    footprint = np.asarray(footprint, dtype=bool)
    if footprint.ndim != x.ndim:
        raise RuntimeError(
            f"footprint.ndim ({footprint.ndim}) must match input.ndim ({x.ndim})"
        )
    wide = spans(footprint.shape, sequence(origin, x.ndim))
    padded = continued(x, wide, mode, cval)
    parts = [
        padded[tuple(slice(k, k + n) for k, n in zip(place, x.shape, strict=True))]
        for place in np.argwhere(footprint).tolist()
    ]
    return np.stack(parts, axis=-1)


def _ranked(windows: Any, rank: int) -> Any:
    n = windows.shape[-1]
    rank = rank + n if rank < 0 else rank
    if not 0 <= rank < n:
        raise RuntimeError("rank not within filter footprint size")
    return np.sort(windows, axis=-1)[..., rank]


def _filter(original: Any, select: Any) -> None:
    """Answer a filter by a face with its signature, from windows to what it selects."""
    name = original.__name__

    def face(
        input: Any, size: Any = None, footprint: Any = None, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
    ) -> Any:  # fmt: skip
        return select(_windows(name, floats(input), size, footprint, output, mode, cval,
                               origin, axes))  # fmt: skip

    face.__name__ = face.__qualname__ = name
    answers(original)(face)


_filter(scipy.ndimage.median_filter, lambda w: _ranked(w, w.shape[-1] // 2))


def _extreme_line(original: Any, select: Any) -> None:
    name = original.__name__

    def face(
        input: Any, size: int, axis: int = -1, output: Any = None,
        mode: Any = "reflect", cval: Any = 0.0, origin: int = 0,
    ) -> Any:  # fmt: skip
        x = np.moveaxis(floats(input), axis, -1)
        ones = (1,) * (x.ndim - 1)
        windows = _windows(name, x, (*ones, size), None, output, mode, cval,
                           (*(0,) * (x.ndim - 1), origin), None)  # fmt: skip
        return np.moveaxis(select(windows), -1, axis)

    face.__name__ = face.__qualname__ = name
    answers(original)(face)


def _largest(windows: Any) -> Any:
    return np.max(windows, axis=-1)


def _smallest(windows: Any) -> Any:
    return np.min(windows, axis=-1)


_filter(scipy.ndimage.maximum_filter, _largest)
_filter(scipy.ndimage.minimum_filter, _smallest)
_extreme_line(scipy.ndimage.maximum_filter1d, _largest)
_extreme_line(scipy.ndimage.minimum_filter1d, _smallest)


@answers(scipy.ndimage.rank_filter)
def rank_filter(
    input: Any, rank: int, size: Any = None, footprint: Any = None, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *, axes: Any = None,
) -> Any:  # fmt: skip
    """Select the element of a rank from each window."""
    windows = _windows("rank_filter", floats(input), size, footprint, output, mode,
                       cval, origin, axes)  # fmt: skip
    return _ranked(windows, rank)


@answers(scipy.ndimage.percentile_filter)
def percentile_filter(
    input: Any, percentile: float, size: Any = None, footprint: Any = None,
    output: Any = None, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0, *,
    axes: Any = None,
) -> Any:  # fmt: skip
    """Select the element of a percentile from each window."""
    windows = _windows("percentile_filter", floats(input), size, footprint, output,
                       mode, cval, origin, axes)  # fmt: skip
    percentile = percentile + 100 if percentile < 0 else percentile
    n = windows.shape[-1]
    return _ranked(windows, n - 1 if percentile == 100 else int(n * percentile / 100))


@answers(scipy.signal.medfilt)
def medfilt(volume: Any, kernel_size: Any = None) -> Any:
    """Select the median of each window; beyond the border lie zeros."""
    x = floats(volume)
    size = sequence(3 if kernel_size is None else kernel_size, x.ndim)
    if any(int(n) % 2 == 0 for n in size):
        raise ValueError("Each element of kernel_size should be odd.")
    windows = _windows("medfilt", x, size, None, None, "constant", 0.0, 0, None)
    return _ranked(windows, windows.shape[-1] // 2)
