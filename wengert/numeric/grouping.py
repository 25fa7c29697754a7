"""Groups of columns that share no row, so that one difference shows them all.

Where each row of a sparse Jacobian has an entry in one column of a group at most, the
difference along the sum of the group's coordinates tells the entries apart. A column
joins the first group that has none of its rows: a band of width w takes w groups,
however many columns there are.

References
----------
.. [1] A. R. Curtis, M. J. D. Powell and J. K. Reid (1974), On the estimation of sparse
   Jacobian matrices, IMA Journal of Applied Mathematics 13(1), 117–119.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.numeric.schemes import Array

__all__ = ["entries_of", "group_columns"]


def group_columns(sparsity: Any) -> Array:
    """Put the columns of a pattern into groups, no two of which share a row.

    Known elsewhere as scipy.optimize._numdiff.group_columns; colouring.

    Parameters
    ----------
    sparsity : array (m, n) or SciPy sparse matrix (m, n)
        What is not zero may have a derivative.

    Returns
    -------
    array (n,) of int
        The group of each column, from 0.

    Raises
    ------
    ArgumentError
        For what is no matrix.

    Cost
    ----
    Some 0.3 µs an entry; no evaluation of f. The number of groups is at least that of
    the entries in the fullest row, and the least there is only by luck.

    Examples
    --------
    >>> group_columns(np.eye(4) + np.eye(4, k=1))
    array([1, 0, 1, 0])
    """
    rows, columns, (m, n) = entries_of(sparsity)
    by_column = np.argsort(columns, kind="stable")
    ends = np.cumsum(np.bincount(columns, minlength=n))
    parts = np.split(rows[by_column], ends[:-1]) if n else []
    # Bit k of a row: whether group k has it.
    taken = [0] * m
    groups = np.zeros(n, dtype=int)
    for j in sorted(range(n), key=lambda j: -len(parts[j])):
        mine = parts[j].tolist()
        forbidden = 0
        for i in mine:
            forbidden |= taken[i]
        bit = ~forbidden & (forbidden + 1)  # the lowest that is free
        groups[j] = bit.bit_length() - 1
        for i in mine:
            taken[i] |= bit
    return groups


def entries_of(sparsity: Any) -> tuple[Array, Array, tuple[int, int]]:
    """List the places of a pattern that are not zero: rows, columns, and its shape.

    Raises
    ------
    ArgumentError
        For what is no matrix.
    """
    if hasattr(sparsity, "tocoo"):
        coo = sparsity.tocoo()
        if coo.ndim == 2:
            kept = np.asarray(coo.data) != 0
            m, n = coo.shape
            # A place may be given twice.
            flat = np.unique(np.asarray(coo.row[kept], int) * n + coo.col[kept])
            return flat // max(n, 1), flat % max(n, 1), (m, n)
    elif np.ndim(sparsity) == 2 and np.asarray(sparsity).dtype.kind in "biuf":
        matrix = np.asarray(sparsity)
        rows, columns = np.nonzero(matrix)
        return rows, columns, (matrix.shape[0], matrix.shape[1])
    raise ArgumentError(
        "a sparsity pattern is an array or a SciPy sparse matrix of shape (m, n), not "
        f"{type(sparsity).__name__} of shape {np.shape(sparsity)}"
    )
