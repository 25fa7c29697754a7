"""What colours mean: seeds for sweeps, and for each entry the place to read it from.

All forward sweeps together give an array (forward sweeps, m), all reverse ones one of
(reverse sweeps, n). Raveled, one after the other, they are the buffer; an entry (i, j)
stands in it at row `colour of j`, place i, or at row `colour of i`, place j, if no
other entry of its colour is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.analysis.coloring import TwoSided, color_star, color_two_sided
from wengert.errors import WengertError

__all__ = ["Block", "Compression", "compress", "compress_symmetric"]


class Block(NamedTuple):
    """The part of a matrix that belongs to one output and one argument.

    Attributes
    ----------
    shape : tuple of two ints
    indices, indptr : array of int
        As of a csr_array, sorted.
    places : array of int
        Where in the buffer its entries stand.
    """

    shape: tuple[int, int]
    indices: Any
    indptr: Any
    places: Any

    @property
    def rows(self) -> Any:
        """The row of each entry."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))


_BYTE = 127


class Compression(NamedTuple):
    """A pattern, its colours, and where entries are read from.

    Attributes
    ----------
    pattern : csr_array of bool (m, n)
    colors : TwoSided
    places : array (nnz,) of int
    """

    pattern: Any
    colors: TwoSided
    places: Any

    @property
    def sweeps(self) -> int:
        """The number of sweeps."""
        return self.colors.forward + self.colors.reverse

    def seeds(
        self,
        likes: Sequence[Any],
        reverse: bool,
        traced: Callable[[Any], Any] = lambda colors: colors,
    ) -> list[list[Any]]:
        """Make a seed for each colour: ones in its columns, or rows.

        Parameters
        ----------
        likes : sequence
            Of the shapes and dtypes of the seeds.
        reverse : bool
            Whether for rows.
        traced : callable
            Makes a Tracer of an array: a compiled program then reads colours, a byte
            each, and not a vector of floats for each seed.
        """
        colors = self.colors.rows if reverse else self.colors.columns
        count = self.colors.reverse if reverse else self.colors.forward
        small = colors.astype(np.int8 if count < _BYTE else np.int64)
        parts = [traced(part) for part in _split(small, likes)]
        return [
            [
                np.equal(part, c).astype(like.dtype).reshape(like.shape)[()]
                for part, like in zip(parts, likes, strict=True)
            ]
            for c in range(count)
        ]

    def blocks(self, ys: Sequence[Any], xs: Sequence[Any]) -> list[list[Block]]:
        """Part the matrix: a list for each output, in it a block for each argument."""
        if len(ys) == len(xs) == 1:
            whole = self.pattern.shape, self.pattern.indices, self.pattern.indptr
            return [[Block(*whole, self.places)]]
        rows, columns = _entries(self.pattern)
        row_ends = np.cumsum([0, *(y.size for y in ys)])
        column_ends = np.cumsum([0, *(x.size for x in xs)])
        return [
            [
                _part(rows, columns, self.places, top, bottom, left, right)
                for left, right in zip(column_ends[:-1], column_ends[1:], strict=True)
            ]
            for top, bottom in zip(row_ends[:-1], row_ends[1:], strict=True)
        ]


def compress(pattern: Any, mode: str = "auto") -> Compression:
    """Colour the pattern of a Jacobian; `mode` as of `color_two_sided`."""
    pattern = _narrow(pattern)
    colors = color_two_sided(pattern, mode)
    rows, columns = _entries(pattern)
    m, n = pattern.shape
    places, alone = _read(rows, colors.columns[columns], m)
    other, other_alone = _read(columns, colors.rows[rows], n)
    places = np.where(alone, places, colors.forward * m + other)
    _check(alone | other_alone)
    return Compression(pattern, colors, places)


def compress_symmetric(pattern: Any) -> Compression:
    """Colour the pattern of a Hessian, united with its transpose."""
    pattern = _narrow((pattern + pattern.T.tocsr()).tocsr())
    pattern.sort_indices()
    n = pattern.shape[0]
    colors = TwoSided(color_star(pattern), np.full(n, -1))
    rows, columns = _entries(pattern)
    places, alone = _read(rows, colors.columns[columns], n)
    other, other_alone = _read(columns, colors.columns[rows], n)
    _check(alone | other_alone)
    return Compression(pattern, colors, np.where(alone, places, other))


def _narrow(pattern: Any) -> Any:
    """Give the indices the dtype that SciPy takes: 32 bits, where they are enough."""
    m, n = pattern.shape
    if max(m, n, pattern.nnz) <= np.iinfo(np.int32).max:
        pattern.indices = pattern.indices.astype(np.int32)
        pattern.indptr = pattern.indptr.astype(np.int32)
    return pattern


def _read(places: Any, colors: Any, size: int) -> tuple[Any, Any]:
    """Give where entries would be read, and which of them are alone there."""
    found = colors.astype(np.int64) * size + places
    seen = np.where(colors < 0, 0, found)
    met = np.bincount(seen[colors >= 0], minlength=int(seen.max(initial=0)) + 1)
    return found, (colors >= 0) & (met[seen] == 1)


def _check(read: Any) -> None:
    if not read.all():
        raise WengertError(
            f"{int((~read).sum())} entries cannot be read from any sweep: this is an "
            "error of wengert's colouring. Please report it; sparse=False works."
        )


def _entries(pattern: Any) -> tuple[Any, Any]:
    rows = np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))
    return rows, pattern.indices


def _part(
    rows: Any, columns: Any, places: Any, top: int, bottom: int, left: int, right: int
) -> Block:
    inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    shape = (int(bottom - top), int(right - left))
    return _block(shape, rows[inside] - top, columns[inside] - left, places[inside])


def _block(shape: tuple[int, int], rows: Any, columns: Any, places: Any) -> Block:
    counts = np.bincount(rows, minlength=shape[0])
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return Block(shape, columns, indptr.astype(columns.dtype), places)


def _split(values: Any, likes: Sequence[Any]) -> list[Any]:
    ends = np.cumsum([like.size for like in likes])
    return np.split(values, ends[:-1])
