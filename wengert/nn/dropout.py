"""Dropout: values set to zero at random.

The mask is drawn outside of what is differentiated and compiled, and passed in: a
compiled function draws nothing (see docs/jit.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.nn.shapes import check_fit

__all__ = ["dropout", "dropout_mask"]


def dropout(x: Any, mask: Any) -> Any:
    """Give x·mask.

    Parameters
    ----------
    x : array (…)
    mask : array, or None
        As `dropout_mask` draws it, of the shape of x or of its last axes. None leaves
        x as it is, for evaluation.

    Returns
    -------
    array (…)

    Raises
    ------
    ShapeError

    Examples
    --------
    >>> mask = dropout_mask(np.random.default_rng(0), (4,), 0.5)
    >>> dropout(np.ones(4), mask), dropout(np.ones(4), None)
    (array([2., 0., 0., 0.]), array([1., 1., 1., 1.]))
    """
    if mask is None:
        return x
    fits = mask.ndim <= x.ndim and x.shape[x.ndim - mask.ndim :] == mask.shape
    check_fit("dropout", fits, x=x, mask=mask)
    return x * mask


def dropout_mask(rng: np.random.Generator, shape: Sequence[int], rate: float) -> Any:
    """Draw a mask: 0 with probability `rate`, elsewhere 1/(1 − rate).

    Parameters
    ----------
    rng : np.random.Generator
    shape : sequence of int
    rate : float
        At least 0, below 1.

    Returns
    -------
    array of the shape, whose mean is 1 on average

    Raises
    ------
    ArgumentError

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov (2014), Dropout.
    """
    if not 0 <= rate < 1:
        raise ArgumentError(f"dropout_mask: rate={rate!r} is not in [0, 1)")
    return (rng.random(tuple(shape)) >= rate) / (1 - rate)
