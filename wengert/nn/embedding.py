"""Embedding: a row of a table for each index."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import ArgumentError, user_source

__all__ = ["embedding", "embedding_params"]


def embedding(indices: Any, table: Any) -> Any:
    """Look up rows of a table.

    Parameters
    ----------
    indices : integer array (…)
    table : array (count, n)

    Returns
    -------
    array (…, n)

    Raises
    ------
    ArgumentError
        If the indices are no integers.
    IndexError
        If an index is no row's, or negative.

    Notes
    -----
    The gradient is of the table's size, and takes a pass over it.

    Examples
    --------
    >>> embedding(np.array([2, 0]), np.eye(3))
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    if getattr(indices, "dtype", None) is None or indices.dtype.kind not in "iu":
        raise ArgumentError(
            f"embedding: indices must be an array of integers (at {user_source()})"
        )
    # A negative index is a mistake here, and must not be the last rows'.
    return table[np.where(indices < 0, table.shape[0], indices)]


def embedding_params(rng: np.random.Generator, count: int, n: int) -> dict[str, Any]:
    """Draw `{"table": array (count, n)}`, normally, with variance 1."""
    return {"table": rng.normal(size=(count, n))}
