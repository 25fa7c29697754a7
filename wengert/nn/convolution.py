"""Convolution of images, as one matrix product.

What a window sees at each place is laid beside each other, channel by channel, and
multiplied by the kernels: (batch·rows·columns, window·channels) by (…, kernels). All
but the product are slices, which native code reads in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.nn.dense import dense
from wengert.nn.initializers import Initializer, he_normal
from wengert.nn.shapes import check_fit, check_rank
from wengert.nn.windows import Padding, Pair, as_pair, padded, window_places

__all__ = ["conv2d", "conv2d_params"]


def conv2d(
    x: Any,
    w: Any,
    b: Any = None,
    stride: Pair = 1,
    padding: Padding = "valid",
    dilation: Pair = 1,
) -> Any:
    """Correlate images with kernels: what networks call convolution.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    w : array (rows, columns, channels, kernels)
    b : array (kernels,), optional
    stride : int or (int, int)
        How far the window moves.
    padding : "valid", "same", int, (int, int), or ((int, int), (int, int))
        Zeros around the images: none; so many that height and width are those of x
        over the stride, rounded up; or given, before and after.
    dilation : int or (int, int)
        The distance of neighbours in the window.

    Returns
    -------
    array (batch, new height, new width, kernels)

    Raises
    ------
    ShapeError
    ArgumentError

    Notes
    -----
    Cost: one matrix product, and memory for rows·columns copies of x; the gradient two
    products more, and as much again.

    Examples
    --------
    >>> params = conv2d_params(np.random.default_rng(0), (3, 3), 1, 8)
    >>> conv2d(np.ones((5, 28, 28, 1)), **params, stride=2, padding="same").shape
    (5, 14, 14, 8)
    """
    check_rank("conv2d", "x", x, "batch, height, width, channels")
    check_rank("conv2d", "w", w, "rows, columns, channels, kernels")
    check_fit("conv2d", x.shape[3] == w.shape[2], x=x, w=w)
    check_fit("conv2d", b is None or b.shape == w.shape[3:], b=b, w=w)
    steps = as_pair("conv2d", "stride", stride)
    apart = as_pair("conv2d", "dilation", dilation)
    rows, columns = (d * (k - 1) + 1 for k, d in zip(w.shape[:2], apart, strict=True))
    x = padded("conv2d", x, padding, (rows, columns), steps)
    check_fit("conv2d", x.shape[1] >= rows and x.shape[2] >= columns, x=x, w=w)
    seen = window_places(x, w.shape[:2], steps, apart)
    return dense(seen, np.reshape(w, (-1, w.shape[3])), b)


def conv2d_params(
    rng: np.random.Generator,
    size: Pair,
    channels: int,
    kernels: int,
    initializer: Initializer = he_normal,
) -> dict[str, Any]:
    """Draw `{"w": (rows, columns, channels, kernels), "b": zeros}` for `conv2d`.

    Parameters
    ----------
    rng : np.random.Generator
    size : int or (int, int)
        Rows and columns of the window.
    channels, kernels : int
        How many channels go in and come out.
    initializer : callable
        From rng and a shape to an array.
    """
    shape = (*as_pair("conv2d_params", "size", size), channels, kernels)
    return {"w": initializer(rng, shape), "b": np.zeros(kernels)}
