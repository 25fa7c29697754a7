"""Windows that move over height and width: what convolution and pooling share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError

__all__ = ["Padding", "Pair", "as_pair", "padded", "window_places", "window_slices"]

# Of larger windows the slices would be many equations, and long to compile.
_SLICES = 30

Pair = int | tuple[int, int]
Padding = str | int | Sequence[Any]


def as_pair(layer: str, name: str, value: Pair, least: int = 1) -> tuple[int, int]:
    """Read a number for height and width, or one for each.

    Raises
    ------
    ArgumentError
        If it is neither, or less than `least`.
    """
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or min(pair) < least:
        raise ArgumentError(
            f"{layer}: {name}={value!r} must be an integer of at least {least}, or two "
            "of them, for height and width"
        )
    return pair


def padded(
    layer: str,
    x: Any,
    padding: Padding,
    size: tuple[int, int],
    stride: tuple[int, int],
    value: float = 0.0,
) -> Any:
    """Put a border around images.

    Parameters
    ----------
    layer : str
    x : array (batch, height, width, channels)
    padding : "valid", "same", int, (int, int), or ((int, int), (int, int))
    size, stride : (int, int)
        Of the window, which "same" goes by: so many places as height/stride, rounded
        up, the odd row at the end.
    value : float
        What the border holds.

    Raises
    ------
    ArgumentError
    """
    widths = _widths(layer, padding, x.shape[1:3], size, stride)
    if widths == ((0, 0), (0, 0)):
        return x
    return np.pad(x, ((0, 0), *widths, (0, 0)), constant_values=value)


def _widths(
    layer: str, padding: Padding, lengths: Any, size: Any, stride: Any
) -> tuple[tuple[int, int], ...]:
    if padding == "valid":
        return ((0, 0), (0, 0))
    if padding == "same":
        missing = [
            max(0, (-(-n // s) - 1) * s + k - n)
            for n, k, s in zip(lengths, size, stride, strict=True)
        ]
        return tuple((m // 2, m - m // 2) for m in missing)
    if isinstance(padding, str):
        raise ArgumentError(
            f"{layer}: padding={padding!r} is none of 'valid', 'same', or numbers"
        )
    sides: Any = (padding, padding) if isinstance(padding, int) else padding
    first, second = (as_pair(layer, "padding", side, least=0) for side in sides)
    return first, second


def window_slices(
    x: Any, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int] = (1, 1)
) -> list[Any]:
    """Give, for each place in the window, what the moving window sees there.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    size, stride, dilation : (int, int)

    Returns
    -------
    list of arrays (batch, rows, columns, channels)
        In the order of the window's rows; each a slice of x.
    """
    (spans, n, s) = zip(
        *(
            [[d * i for i in range(k)], (length - d * (k - 1) - 1) // s + 1, s]
            for length, k, s, d in zip(
                x.shape[1:3], size, stride, dilation, strict=True
            )
        ),
        strict=True,
    )
    return [
        x[:, i : i + s[0] * (n[0] - 1) + 1 : s[0], j : j + s[1] * (n[1] - 1) + 1 : s[1]]
        for i in spans[0]
        for j in spans[1]
    ]


def window_places(
    x: Any, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int] = (1, 1)
) -> Any:
    """Give what the moving window sees, its places beside each other as channels.

    Parameters
    ----------
    x : array (batch, height, width, channels)
    size, stride, dilation : (int, int)

    Returns
    -------
    array (batch, rows, columns, places·channels)
    """
    if math.prod(size) <= _SLICES:
        seen = window_slices(x, size, stride, dilation)
        return seen[0] if len(seen) == 1 else np.concatenate(seen, axis=-1)
    places = [
        np.arange(0, n - d * (k - 1), s)[:, None] + d * np.arange(k)
        for n, k, s, d in zip(x.shape[1:3], size, stride, dilation, strict=True)
    ]
    x = np.take(np.take(x, places[0], axis=1), places[1], axis=3)
    x = np.moveaxis(x, 2, 3)
    return np.reshape(x, (*x.shape[:3], -1))
