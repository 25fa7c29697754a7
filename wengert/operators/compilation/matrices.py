"""Sparse matrices among the results: entries that are computed, in places that stay.

A plain run gives SciPy's csr_array, a traced run the `Entries` that stand for it. Both
are `data` and the same `Places`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.lazily import opener

__all__ = ["Places", "matrix_parts"]

# SciPy is there as soon as a matrix is; without one, nobody waits for it.
_opened = opener(
    __name__,
    {"csr_array": "scipy.sparse", "Entries": "wengert.scipy.sparse.entries"},
)


class Places:
    """Where the entries of a csr_array stand. Equal to the same places."""

    def __init__(self, shape: tuple[int, int], indices: Any, indptr: Any) -> None:
        self._shape, self._indices, self._indptr = shape, indices, indptr

    def matrix(self, data: Any) -> Any:
        """Make the matrix of entries, plain or traced."""
        if hasattr(type(data), "__wengert_bind__"):
            rows = np.repeat(np.arange(self._shape[0]), np.diff(self._indptr))
            return _opened("Entries")(data, rows, self._indices, self._shape)
        # Copies: SciPy's methods may change them in place, as eliminate_zeros does.
        parts = data, self._indices.copy(), self._indptr.copy()
        return _opened("csr_array")(parts, shape=self._shape)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Places)
            and self._shape == other._shape
            and np.array_equal(self._indptr, other._indptr)
            and np.array_equal(self._indices, other._indices)
        )

    def __hash__(self) -> int:
        return hash((self._shape, len(self._indices)))


def matrix_parts(x: Any) -> tuple[Any, Places] | None:
    """Give the entries of a csr_array and their places; None for anything else."""
    kind = type(x)
    if kind.__name__ == "csr_array" and kind.__module__ == "scipy.sparse._csr":
        if x.ndim != 2:
            return None
        return x.data, Places(x.shape, x.indices.copy(), x.indptr.copy())
    if hasattr(kind, "__wengert_holds__") and getattr(x, "format", None) == "csr":
        counts = np.bincount(x.rows, minlength=x.shape[0])
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return x.data, Places(x.shape, x.cols, indptr)
    return None
