"""Pooling: the maximum or the mean of what a moving window sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.nn.shapes import check_fit, check_rank
from wengert.nn.windows import Padding, Pair, as_pair, padded, window_slices

__all__ = ["average_pool", "max_pool"]


def max_pool(
    x: Any, size: Pair, stride: Pair | None = None, padding: Padding = "valid"
) -> Any:
    """Give the maximum in each window.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    size : int or (int, int)
    stride : int or (int, int), optional
        The size, if left out.
    padding : as for `conv2d`
        The border counts as −∞.

    Returns
    -------
    array (batch, new height, new width, channels)
        What does not fill a window, at the end, is left out.

    Raises
    ------
    ShapeError
    ArgumentError

    Notes
    -----
    Ties share the cotangent evenly, as in `np.max`; PyTorch and JAX give all of it to
    the first.

    Examples
    --------
    >>> max_pool(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return np.max(_windows("max_pool", x, size, stride, padding, -np.inf), axis=0)


def average_pool(
    x: Any, size: Pair, stride: Pair | None = None, padding: Padding = "valid"
) -> Any:
    """Give the mean in each window, in which the border does not count.

    Parameters and errors are those of `max_pool`.

    Examples
    --------
    >>> average_pool(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    windows = _windows("average_pool", x, size, stride, padding, 0.0)
    if padding == "valid":
        return np.mean(windows, axis=0)
    inside = np.ones((1, *x.shape[1:3], 1))
    count = np.sum(_windows("average_pool", inside, size, stride, padding, 0.0), axis=0)
    return np.sum(windows, axis=0) / count.astype(x.dtype)


def _windows(
    layer: str, x: Any, size: Pair, stride: Pair | None, padding: Padding, border: float
) -> Any:
    """Stack what the window sees, place by place."""
    check_rank(layer, "x", x, "batch, height, width, channels")
    extent = as_pair(layer, "size", size)
    steps = extent if stride is None else as_pair(layer, "stride", stride)
    x = padded(layer, x, padding, extent, steps, border)
    check_fit(
        layer,
        x.shape[1] >= extent[0] and x.shape[2] >= extent[1],
        x=x,
        window=np.empty(extent),
    )
    return np.stack(window_slices(x, extent, steps))
