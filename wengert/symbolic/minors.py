"""Cofactors of small matrices of symbols, by minors.

As a row of its own, the matrix of cofactors has a derivative by singular values, which
are no formulas; written out in products and sums it has one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["cofactors", "is_small"]

_LARGEST = 4  # n! products


def is_small(shape: tuple[int, ...]) -> bool:
    """Tell whether a matrix is small enough to be written out."""
    return len(shape) == 2 and 1 <= shape[0] <= _LARGEST


def cofactors(matrix: Any) -> Any:
    """Give the matrix of cofactors: ∂ det A / ∂A.

    Examples
    --------
    >>> cofactors(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[ 4., -3.],
           [-2.,  1.]])
    """
    n = matrix.shape[0]
    rows = [[matrix[i, j] for j in range(n)] for i in range(n)]
    return np.stack(
        [
            np.stack([(-1.0) ** (i + j) * _det(_minor(rows, i, j)) for j in range(n)])
            for i in range(n)
        ]
    )


def _det(rows: list[list[Any]]) -> Any:
    if not rows:
        return np.float64(1.0)
    terms = [
        (-1.0) ** j * entry * _det(_minor(rows, 0, j))
        for j, entry in enumerate(rows[0])
    ]
    return sum(terms[1:], start=terms[0])


def _minor(rows: list[list[Any]], i: int, j: int) -> list[list[Any]]:
    return [row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i]
