"""`autograd.scipy.signal.convolve`: along some axes, with sums over others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.primitives.axes import as_array

__all__ = ["convolve"]


def convolve(
    A: Any, B: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full"
) -> Any:
    """Convolve along pairs of axes, and contract others.

    Parameters
    ----------
    A, B : array
    axes : pair of sequences of int
        The axes of A and of B to convolve along; all, if not given.
    dot_axes : pair of sequences of int
        The axes of A and of B to sum the products over.
    mode : "full", "valid" or "same"

    Returns
    -------
    array
        Its axes: those of A that are left, those of B, and those convolved.

    Notes
    -----
    Cost: a product of B with as many windows of A as the output has places, which are
    laid out in memory. SciPy's FFT is faster where both are long.
    """
    if mode not in ("full", "valid", "same"):
        raise AssertionError(f"mode {mode!r} is not full, valid or same")
    A, B = as_array(A), as_array(B)
    if axes is None:
        axes = (range(A.ndim), range(B.ndim))
    conv, dot = [list(map(list, pair)) for pair in (axes, dot_axes)]
    A, left = _arranged(A, dot[0], conv[0])
    B, right = _arranged(B, dot[1], conv[1])
    n, k = len(conv[0]), len(dot[0])
    long, short = A.shape[A.ndim - n :], B.shape[B.ndim - n :]
    flipped = B[(..., *(slice(None, None, -1),) * n)]
    windows = A
    for i, (size, width) in enumerate(zip(long, short, strict=True)):
        windows = _windows(windows, left + k + i, size, width, mode)
    # Letters: a, b what is left of A and B; d summed over; o places, w within windows.
    a, b, d, o, w = _letters(left, right, k, n, n)
    return np.einsum(f"{a}{d}{o}{w},{b}{d}{w}->{a}{b}{o}", windows, flipped)


def _arranged(x: Any, dot: Sequence[int], conv: Sequence[int]) -> tuple[Any, int]:
    """Put the axes that are left first, then those summed over, then the convolved."""
    left = [i for i in range(x.ndim) if i not in dot and i not in conv]
    return np.transpose(x, (*left, *dot, *conv)), len(left)


def _windows(x: Any, axis: int, size: int, width: int, mode: str) -> Any:
    """Replace an axis by places, and add one within the windows at the end."""
    first = 0
    if mode == "full":
        first, count = 1 - width, size + width - 1
    elif mode == "same":
        first, count = (width - 1) // 2 - (width - 1), size
    else:
        # Where the window is longer, it is the array that moves.
        first, count = min(size - width, 0), abs(size - width) + 1
    before = max(-first, 0)
    after = max(first + count - 1 + width - size, 0)
    padding = [(0, 0)] * x.ndim
    padding[axis] = (before, after)
    padded = np.pad(x, padding)
    places = np.arange(count)[:, None] + np.arange(width) + first + before
    taken = np.take(padded, places, axis=axis)
    return np.moveaxis(taken, axis + 1, -1)


def _letters(*counts: int) -> list[str]:
    alphabet = iter("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return ["".join(next(alphabet) for _ in range(count)) for count in counts]
