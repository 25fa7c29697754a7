"""Colours of columns by a formula: for bands, and for neighbours on a grid.

The entries of a band, or of a stencil on a grid, lie on a few diagonals. With the
places (i, j, …) of a column on the grid, its colour is (i + a·j + …) modulo k, for the
least k, and some a, for which the columns of no row share a colour. So five colours do
for five points on a grid, where colouring one by one often takes seven.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["color_grid"]

_MOST_DIAGONALS = 64
_MOST_STRIDES = 3
_MOST_FACTORS = 9  # with more colours, factors are not searched for


def color_grid(pattern: Any) -> Any:
    """Colour columns by a formula.

    Parameters
    ----------
    pattern : csr_array (m, n)

    Returns
    -------
    array (n,) of int, or None
        None where the entries lie on many diagonals, or no formula was found.

    Notes
    -----
    Cost: a few passes over the entries.

    Examples
    --------
    >>> import scipy.sparse
    >>> line = abs(np.subtract.outer(np.arange(30), np.arange(30))) <= 1
    >>> grid = np.kron(line, np.eye(30)) + np.kron(np.eye(30), line)
    >>> int(color_grid(scipy.sparse.csr_array(grid)).max()) + 1
    5
    """
    rows = np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))
    shift = pattern.shape[0]
    met = np.bincount(pattern.indices - rows + shift, minlength=1)
    offsets = np.flatnonzero(met) - shift
    fewest = int(np.diff(pattern.indptr).max(initial=0))
    # Rows of a stencil have an entry on nearly each diagonal; others are not looked at.
    if not 0 < len(offsets) <= min(_MOST_DIAGONALS, 2 * fewest):
        return None
    columns = np.arange(pattern.shape[1])
    for k in range(fewest, 2 * len(offsets) + 2):
        for strides, factors in _formulas(offsets, k):
            colors = _places(columns, strides) @ factors % k
            if _is_valid(rows, pattern.indices, colors, k):
                return colors
    return None


def _formulas(offsets: Any, k: int) -> Iterator[tuple[list[int], Any]]:
    """List formulas that keep the diagonals apart, if lines of the grid never end."""
    steps = [int(d) for d in offsets if d > 1]
    # A stride divides the next: s, s·t. Neighbours of it are corners of a stencil.
    most = min(len(steps), _MOST_STRIDES - 1) if k <= _MOST_FACTORS else 0
    for count in range(most + 1):
        for strides in itertools.islice(itertools.combinations(steps, count), 6):
            if any(b % a for a, b in itertools.pairwise(strides)):
                continue
            places = _places(offsets, [1, *strides])
            for factors in itertools.product(range(k), repeat=count):
                weights = np.array([1, *factors])
                if len(np.unique(places @ weights % k)) == len(offsets):
                    yield [1, *strides], weights
                    break


def _places(numbers: Any, strides: Sequence[int]) -> Any:
    """Give the place of a number along each axis; the nearest, of a difference."""
    places, rest = [], numbers
    for stride in reversed(strides[1:]):
        place = (rest + stride // 2) // stride if rest.min() < 0 else rest // stride
        places.append(place)
        rest = rest - place * stride
    return np.stack([rest, *reversed(places)], axis=1)


def _is_valid(rows: Any, columns: Any, colors: Any, k: int) -> bool:
    met = np.bincount(rows * k + colors[columns])
    return int(met.max(initial=0)) <= 1
