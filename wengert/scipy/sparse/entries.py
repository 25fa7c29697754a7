"""Entries: a sparse matrix whose data may be traced, in plain places."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from wengert.errors import ShapeError
from wengert.primitives.axes import as_array
from wengert.primitives.refusal import undefined
from wengert.primitives.scipy_sparse.products import sparse_matmul
from wengert.scipy.dropin import holds_tracer, plain

__all__ = ["Entries", "entries_of"]


class Entries:
    """Be a sparse matrix: `data`, and the row and column of each entry.

    Attributes
    ----------
    data : array (nnz,), which may be traced
    rows, cols : array (nnz,), integers
        Sorted by rows, or by columns for "csc"; no place is named twice.
    shape : tuple of two ints
    format : str
        Of SciPy's class that this stands for.
    is_array : bool
        Whether `*` is elementwise, as of SciPy's arrays, or the product of matrices.
    """

    __array_ufunc__ = None
    ndim = 2

    def __init__(
        self, data: Any, rows: Any, cols: Any, shape: tuple[int, ...],
        format: str = "csr", is_array: bool = True,
    ) -> None:  # fmt: skip
        self.shape = (int(shape[0]), int(shape[1]))
        self.format = format
        self.is_array = is_array
        rows, cols = np.asarray(rows), np.asarray(cols)
        if data.shape != rows.shape or rows.shape != cols.shape or rows.ndim != 1:
            raise ShapeError(
                f"sparse matrix: {data.shape} entries in {rows.shape} rows and "
                f"{cols.shape} columns"
            )
        if format != "coo":
            data, rows, cols = merged(data, rows, cols, self.shape, format == "csc")
        self.data, self.rows, self.cols = data, rows, cols

    def __wengert_holds__(self) -> bool:
        return True

    def like(
        self, data: Any, rows: Any, cols: Any, shape: Any = None, format: Any = None
    ) -> Entries:
        """Make another matrix of this kind."""
        return Entries(
            data, rows, cols, shape or self.shape, format or self.format, self.is_array
        )

    @property
    def dtype(self) -> Any:
        """The dtype of the entries."""
        return self.data.dtype

    @property
    def nnz(self) -> int:
        """The number of entries."""
        return int(self.rows.shape[0])

    @property
    def T(self) -> Entries:
        """The transposed matrix."""
        turned = {"csr": "csc", "csc": "csr"}.get(self.format, self.format)
        return self.like(self.data, self.cols, self.rows, self.shape[::-1], turned)

    def transpose(self) -> Entries:
        """Exchange rows and columns."""
        return self.T

    def conj(self) -> Entries:
        """Conjugate the entries."""
        return self.like(np.conjugate(self.data), self.rows, self.cols)

    def copy(self) -> Entries:
        """Give the matrix itself, which nothing can change."""
        return self

    def tocsr(self) -> Entries:
        """Sort the entries by rows."""
        return self.like(self.data, self.rows, self.cols, format="csr")

    def tocsc(self) -> Entries:
        """Sort the entries by columns."""
        return self.like(self.data, self.rows, self.cols, format="csc")

    def tocoo(self) -> Entries:
        """Give the entries in any order."""
        return self.like(self.data, self.rows, self.cols, format="coo")

    def toarray(self) -> Any:
        """Give the dense matrix."""
        return summed_at(
            self.data, self.rows * self.shape[1] + self.cols, self.shape
        )  # fmt: skip

    todense = toarray

    def diagonal(self, k: int = 0) -> Any:
        """Give a diagonal."""
        length = min(self.shape[0] + min(k, 0), self.shape[1] - max(k, 0))
        there = np.flatnonzero(self.cols - self.rows == k)
        places = self.rows[there] + min(k, 0)
        return summed_at(self.data[there], places, (max(length, 0),))

    def trace(self, offset: int = 0) -> Any:
        """Sum a diagonal."""
        return np.sum(self.diagonal(offset))

    def sum(self, axis: Any = None) -> Any:
        """Sum all entries, or those of each row or column."""
        if axis is None:
            return np.sum(self.data)
        if axis in (0, -2):
            return summed_at(self.data, self.cols, (self.shape[1],))
        return summed_at(self.data, self.rows, (self.shape[0],))

    def mean(self, axis: Any = None) -> Any:
        """Give the mean of all elements, or of those of each row or column."""
        total = self.sum(axis)
        return total / (self.shape[0] * self.shape[1] // total.size)

    # ----- products -----

    def __matmul__(self, other: Any) -> Any:
        if is_sparse(other):
            return self._times(entries_of(other))
        other = as_array(other)
        if other.ndim not in (1, 2) or other.shape[0] != self.shape[1]:
            raise ShapeError(f"matmul: {self.shape} and {other.shape} do not fit")
        columns = other if other.ndim == 2 else other[:, None]
        y = sparse_matmul(self.data, self.rows, self.cols, columns, shape=self.shape)
        return y if other.ndim == 2 else y[:, 0]

    def __rmatmul__(self, other: Any) -> Any:
        if is_sparse(other):
            return entries_of(other) @ self
        other = as_array(other)
        return (self.T @ other.T).T if other.ndim == 2 else self.T @ other

    def dot(self, other: Any) -> Any:
        """Multiply with a vector, a matrix or a number."""
        return self * other if _is_number(other) else self @ other

    def _times(self, other: Entries) -> Entries:
        if self.shape[1] != other.shape[0]:
            raise ShapeError(f"matmul: {self.shape} and {other.shape} do not fit")
        other = other.tocsr()
        counts = np.bincount(other.rows, minlength=other.shape[0])
        starts = np.cumsum(counts) - counts
        # Each entry meets the row of the other that its column names.
        times = counts[self.cols]
        left = np.repeat(np.arange(self.nnz), times)
        within = np.arange(left.shape[0]) - np.repeat(np.cumsum(times) - times, times)
        right = np.repeat(starts[self.cols], times) + within
        shape = (self.shape[0], other.shape[1])
        data = self.data[left] * other.data[right]
        return self.like(data, self.rows[left], other.cols[right], shape, "csr")

    def multiply(self, other: Any) -> Entries:
        """Multiply element by element with a number, a dense or a sparse matrix."""
        if _is_number(other):
            return self.like(self.data * other, self.rows, self.cols)
        if is_sparse(other):
            other = entries_of(other).tocsr()
            mine, theirs = self.tocsr(), other
            keys: Any = [m.rows * self.shape[1] + m.cols for m in (mine, theirs)]
            common: Any = np.intersect1d
            _, p, q = common(*keys, assume_unique=True, return_indices=True)
            data = mine.data[p] * theirs.data[q]
            return self.like(data, mine.rows[p], mine.cols[p])
        dense = np.broadcast_to(as_array(other), self.shape)
        data = self.data * dense[self.rows, self.cols]
        return self.like(data, self.rows, self.cols)

    def __mul__(self, other: Any) -> Any:
        if _is_number(other) or self.is_array:
            return self.multiply(other)
        return self @ other

    def __rmul__(self, other: Any) -> Any:
        if _is_number(other) or self.is_array:
            return self.multiply(other)
        return other @ self

    def __truediv__(self, other: Any) -> Entries:
        if is_sparse(other):
            raise undefined("a sparse matrix / another", "0/0", "divide their data")
        return self.multiply(1 / as_array(other))

    # ----- sums -----

    def __neg__(self) -> Entries:
        return self.like(-self.data, self.rows, self.cols)

    def __add__(self, other: Any) -> Any:
        if not is_sparse(other):
            return self.toarray() + other
        other = entries_of(other)
        if other.shape != self.shape:
            raise ShapeError(f"sum: {self.shape} and {other.shape} do not fit")
        return self.like(
            np.concatenate([self.data, other.data]),
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.cols, other.cols]),
        )

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __pow__(self, power: Any) -> Entries:
        """Raise each element to a power, or multiply a matrix with itself."""
        if self.is_array:
            if not plain(power) > 0:
                raise undefined(
                    "a sparse matrix ** power", "zeros take no such power", "use .data"
                )
            return self.like(self.data**power, self.rows, self.cols)
        result = self
        if int(power) < 1:
            raise undefined("a sparse matrix ** power", "power < 1", "use spsolve")
        for _ in range(int(power) - 1):
            result = result @ self
        return result

    def __getattr__(self, name: str) -> Any:
        if hasattr(scipy.sparse.csr_array, name) and not name.startswith("_"):
            raise undefined(f"a sparse matrix's .{name}", "none is written",
                            "use .toarray(), or .data")  # fmt: skip
        raise AttributeError(f"a sparse matrix has no attribute {name!r}")

    def __getitem__(self, key: Any) -> Any:
        raise undefined(
            "an index of a sparse matrix", "none is written", "use .toarray()"
        )

    def __repr__(self) -> str:
        return f"<{self.format} matrix {self.shape}, {self.nnz} entries {self.data!r}>"


def _is_number(x: Any) -> bool:
    return not is_sparse(x) and np.ndim(x) == 0


def is_sparse(x: Any) -> bool:
    """Tell sparse matrices, SciPy's or ours, from all else."""
    return isinstance(x, Entries) or scipy.sparse.issparse(x)


def entries_of(matrix: Any) -> Entries:
    """Take the entries of a matrix, SciPy's or ours."""
    if isinstance(matrix, Entries):
        return matrix
    if not scipy.sparse.issparse(matrix):
        dense = as_array(matrix)
        if dense.ndim != 2:
            raise ShapeError(f"a matrix is needed, not shape {dense.shape}")
        # All places, those that hold a zero too, since it may vary.
        rows, cols = (index.ravel() for index in np.indices(dense.shape))
        return Entries(np.ravel(dense), rows, cols, dense.shape)
    if matrix.ndim != 2:
        raise undefined("a sparse vector", "none is written", "use a matrix")
    coo = matrix.tocoo()
    format = matrix.format if matrix.format in ("csr", "csc") else "coo"
    is_array = isinstance(matrix, scipy.sparse.sparray)
    return Entries(coo.data, coo.row, coo.col, coo.shape, format, is_array)


def summed_at(data: Any, places: Any, shape: tuple[int, ...]) -> Any:
    """Put data into zeros, in places of the raveled array; those of one add up."""
    size = int(np.prod(shape, dtype=int))
    if not holds_tracer(data):
        flat = np.zeros(size, data.dtype)
        np.add.at(flat, places, data)
        return flat.reshape(shape)
    zeros = np.zeros(data.shape[0], dtype=int)
    y = sparse_matmul(np.ones(data.shape[0], data.dtype), places,
                      np.arange(data.shape[0]), data[:, None],
                      shape=(size, zeros.shape[0]))  # fmt: skip
    return np.reshape(y, shape)


def merged(
    data: Any, rows: Any, cols: Any, shape: tuple[int, int], by_columns: bool
) -> tuple[Any, Any, Any]:
    """Sort entries, and add up those of one place."""
    keys = cols * shape[0] + rows if by_columns else rows * shape[1] + cols
    if np.all(keys[1:] > keys[:-1]):
        return data, rows, cols
    places, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    if places.size == keys.size:
        return data[first], rows[first], cols[first]
    return summed_at(data, inverse, places.shape), rows[first], cols[first]
