"""The dense layer: an affine map of the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.nn.initializers import Initializer, glorot_uniform
from wengert.nn.shapes import check_fit

__all__ = ["dense", "dense_params"]


def dense(x: Any, w: Any, b: Any = None) -> Any:
    """Give x·w + b.

    Parameters
    ----------
    x : array (…, n)
    w : array (n, m)
    b : array (m,), optional

    Returns
    -------
    array (…, m)

    Raises
    ------
    ShapeError

    Notes
    -----
    Cost: one matrix product, whatever the number of axes; its gradient two more.

    Examples
    --------
    >>> params = dense_params(np.random.default_rng(0), 4, 3)
    >>> dense(np.ones((10, 4)), **params).shape
    (10, 3)
    """
    check_fit("dense", w.ndim == 2 and x.shape[-1:] == w.shape[:1], x=x, w=w)
    check_fit("dense", b is None or b.shape == w.shape[1:], b=b, w=w)
    # np.matmul would take the matrices of a stack one by one.
    rows = x if x.ndim <= 2 else np.reshape(x, (-1, x.shape[-1]))
    y = rows @ w
    y = y if b is None else y + b
    return y if x.ndim <= 2 else np.reshape(y, (*x.shape[:-1], w.shape[1]))


def dense_params(
    rng: np.random.Generator, n: int, m: int, initializer: Initializer = glorot_uniform
) -> dict[str, Any]:
    """Draw `{"w": array (n, m), "b": zeros (m,)}` for `dense`.

    Parameters
    ----------
    rng : np.random.Generator
    n, m : int
        How many values go in and come out.
    initializer : callable
        From rng and a shape to an array.
    """
    return {"w": initializer(rng, (n, m)), "b": np.zeros(m)}
