"""Patterns: which elements of a value depend on which elements of a vector.

A pattern is a boolean `csr_array`: a row for each element of a value, raveled, and a
column for each independent. What is done to patterns is done to whole arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from wengert.errors import DensePatternError

__all__ = [
    "MOST_ENTRIES",
    "Groups",
    "Pattern",
    "Transfer",
    "block_rows",
    "carry",
    "empty",
    "identity",
    "matrix",
    "stacked",
    "take",
    "union",
]

Pattern = Any  # csr_array of bool
# More entries than this are no sparse matrix, and would fill the memory.
MOST_ENTRIES = 30_000_000


class Groups(NamedTuple):
    """Every element of the output depends on every element of the input of its group.

    Attributes
    ----------
    outputs, inputs : array of int
        The group of each element.
    number : int
    """

    outputs: Any
    inputs: Any
    number: int


# How one value depends on another: for each element of the output the one of the input,
# or -1; or by groups; or a pattern of outputs by inputs; or not at all.
Transfer = Any


def empty(rows: int, columns: int) -> Pattern:
    """Make the pattern of what does not depend on anything."""
    return scipy.sparse.csr_array((rows, columns), dtype=bool)


def identity(size: int, start: int, columns: int) -> Pattern:
    """Make the pattern of independents: element k is column start + k."""
    return _made(start + np.arange(size), np.arange(size + 1), columns)


def matrix(rows: Any, columns: Any, shape: tuple[int, int]) -> Pattern:
    """Make a pattern of places; one may be named many times."""
    ones = np.ones(len(rows), bool)
    return scipy.sparse.csr_array((ones, (rows, columns)), shape=shape)


def take(pattern: Pattern, rows: Any, limit: int = MOST_ENTRIES) -> Pattern:
    """Pick rows; -1 is a row without entries."""
    lengths = np.diff(pattern.indptr, append=pattern.indptr[-1])  # the last one for -1
    counts = lengths[rows]
    indptr = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    _check(int(indptr[-1]), limit)
    shift = np.repeat(pattern.indptr[rows] - indptr[:-1], counts)
    indices = pattern.indices[np.arange(indptr[-1]) + shift]
    return _made(indices, indptr, pattern.shape[1])


def union(parts: Sequence[Pattern], limit: int = MOST_ENTRIES) -> Pattern:
    """Unite patterns of one shape."""
    total = parts[0]
    for part in parts[1:]:
        if part is not total:
            total = total + part
            _check(total.nnz, limit)
    return total


def carry(transfer: Transfer, pattern: Pattern, limit: int = MOST_ENTRIES) -> Pattern:
    """Give the pattern of an output that depends so on what has this pattern.

    Raises
    ------
    DensePatternError
        If it has more entries than the limit.
    """
    if isinstance(transfer, Groups):
        members = matrix(
            transfer.inputs,
            np.arange(len(transfer.inputs)),
            (transfer.number, len(transfer.inputs)),
        )
        return take(_product(members, pattern, limit), transfer.outputs, limit)
    if isinstance(transfer, np.ndarray):
        same = len(transfer) == pattern.shape[0]
        if same and np.array_equal(transfer, np.arange(len(transfer))):
            return pattern
        return take(pattern, transfer, limit)
    return _product(transfer, pattern, limit)


def stacked(parts: Sequence[Pattern]) -> Pattern:
    """Put the rows of patterns below each other."""
    return scipy.sparse.vstack(parts, format="csr", dtype=bool)


def block_rows(pattern: Pattern, blocks: int) -> Pattern:
    """Unite blocks of rows: row k with row k + rows/blocks, and so on."""
    rows = pattern.shape[0] // max(blocks, 1)
    inputs = np.tile(np.arange(rows), blocks)
    return carry(Groups(np.arange(rows), inputs, rows), pattern)


def _product(left: Pattern, right: Pattern, limit: int) -> Pattern:
    lengths = np.diff(right.indptr)
    # Entries may meet in one place; that many times is still a bound of the work.
    _check(int(lengths[left.indices].sum(dtype=np.int64)), 4 * limit)
    found = left @ right
    _check(found.nnz, limit)
    return found


def _made(indices: Any, indptr: Any, columns: int) -> Pattern:
    ones = np.ones(len(indices), bool)
    return scipy.sparse.csr_array(
        (ones, indices, indptr), shape=(len(indptr) - 1, columns)
    )


def _check(entries: int, limit: int) -> None:
    if entries > limit:
        raise DensePatternError(
            f"a pattern has {entries:,} entries or more, and {limit:,} are the most: "
            "something couples all elements. Use jvp, vjp or hvp, which need no matrix."
        )
