"""Sparse matrices made of parts: diagonals, blocks, Kronecker products."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse

from wengert.primitives.axes import as_array, refuse
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer, wrap
from wengert.scipy.sparse.arrays import ours
from wengert.scipy.sparse.entries import Entries, entries_of

__all__ = [
    "block_diag",
    "diags",
    "diags_array",
    "eye",
    "eye_array",
    "hstack",
    "identity",
    "issparse",
    "kron",
    "random",
    "random_array",
    "vstack",
]


def _answered(original: Any) -> Callable[..., Any]:
    """Answer a function of SciPy by this one, where something is traced."""

    def decorate(face: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            if holds_tracer(args) or holds_tracer(kwargs):
                return face(*args, **kwargs)
            return ours(original(*args, **kwargs))

        return call

    return decorate


def _plainly(original: Any) -> Callable[..., Any]:
    wrapped = wrap(original)
    return functools.wraps(original)(lambda *a, **k: ours(wrapped(*a, **k)))


eye, eye_array, identity, random, random_array = map(
    _plainly,
    (
        scipy.sparse.eye,
        scipy.sparse.eye_array,
        scipy.sparse.identity,
        scipy.sparse.random,
        scipy.sparse.random_array,
    ),
)


def issparse(x: Any) -> bool:
    """Tell whether a matrix is sparse, SciPy's or of traced entries."""
    return isinstance(x, Entries) or bool(scipy.sparse.issparse(x))


def _diagonals(
    diagonals: Any, offsets: Any, shape: Any, format: Any, dtype: Any, is_array: bool
) -> Entries:
    if np.ndim(offsets) == 0:
        offsets = [int(offsets)]
        one = len(diagonals) == 1 and np.ndim(diagonals[0]) == 1
        diagonals = diagonals if one else [diagonals]
    diagonals = [np.atleast_1d(as_array(d)) for d in diagonals]
    if shape is None:
        size = diagonals[0].shape[0] + abs(int(offsets[0]))
        shape = (size, size)
    rows, cols, data = [], [], []
    for diagonal, k in zip(diagonals, offsets, strict=True):
        length = max(min(shape[0] + min(k, 0), shape[1] - max(k, 0)), 0)
        if diagonal.shape[0] not in (1, length):
            raise ValueError(
                f"Diagonal length ({diagonal.shape[0]} at {k}) does not agree with "
                f"array size {tuple(shape)}."
            )
        data.append(np.broadcast_to(diagonal, (length,)))
        rows.append(np.arange(length) - min(k, 0))
        cols.append(np.arange(length) + max(k, 0))
    flat = np.concatenate(data)
    flat = flat if dtype is None else flat.astype(dtype)
    format = format if format in ("csr", "csc") else "coo"
    return Entries(
        flat, np.concatenate(rows), np.concatenate(cols), shape, format, is_array
    )


@_answered(scipy.sparse.diags)
def diags(
    diagonals: Any, offsets: Any = 0, shape: Any = None, format: Any = None,
    dtype: Any = None,
) -> Entries:  # fmt: skip
    """Make a matrix of its diagonals."""
    return _diagonals(diagonals, offsets, shape, format, dtype, False)


@_answered(scipy.sparse.diags_array)
def diags_array(
    diagonals: Any, /, *, offsets: Any = 0, shape: Any = None, format: Any = None,
    dtype: Any = None,
) -> Entries:  # fmt: skip
    """Make an array of its diagonals."""
    return _diagonals(diagonals, offsets, shape, format, dtype, True)


def _placed(blocks: list[Entries], corners: Any, shape: Any, format: Any) -> Entries:
    """Put matrices into one, each with its upper left corner."""
    some = next(b for b in blocks if holds_tracer(b))
    return Entries(
        np.concatenate([b.data for b in blocks]),
        np.concatenate([b.rows + i for b, (i, _) in zip(blocks, corners, strict=True)]),
        np.concatenate([b.cols + j for b, (_, j) in zip(blocks, corners, strict=True)]),
        shape, format if format in ("csr", "csc") else "coo", some.is_array,
    )  # fmt: skip


def _stacked(blocks: Any, axis: int, format: Any) -> Entries:
    blocks = [entries_of(b) for b in blocks]
    if len({b.shape[1 - axis] for b in blocks}) > 1:
        raise ValueError("blocks have incompatible dimensions")
    ends = np.cumsum([0] + [b.shape[axis] for b in blocks])
    corners = [(int(e), 0) if axis == 0 else (0, int(e)) for e in ends[:-1]]
    shape = [0, 0]
    shape[axis], shape[1 - axis] = int(ends[-1]), blocks[0].shape[1 - axis]
    return _placed(blocks, corners, shape, format)


@_answered(scipy.sparse.vstack)
def vstack(blocks: Any, format: Any = None, dtype: Any = None) -> Entries:
    """Stack matrices below each other."""
    refuse("scipy.sparse.vstack", dtype=dtype)
    return _stacked(blocks, 0, format)


@_answered(scipy.sparse.hstack)
def hstack(blocks: Any, format: Any = None, dtype: Any = None) -> Entries:
    """Stack matrices side by side."""
    refuse("scipy.sparse.hstack", dtype=dtype)
    return _stacked(blocks, 1, format)


@_answered(scipy.sparse.block_diag)
def block_diag(mats: Any, format: Any = None, dtype: Any = None) -> Entries:
    """Put matrices along the diagonal."""
    refuse("scipy.sparse.block_diag", dtype=dtype)
    blocks = [entries_of(b) for b in mats]
    ends = np.cumsum([(0, 0), *(b.shape for b in blocks)], axis=0)
    return _placed(blocks, ends[:-1], tuple(map(int, ends[-1])), format)


@_answered(scipy.sparse.kron)
def kron(A: Any, B: Any, format: Any = None) -> Entries:
    """Give the Kronecker product."""
    if format not in (None, "csr", "csc", "coo"):
        raise undefined("scipy.sparse.kron", f"format {format!r}", "take 'csr'")
    a, b = entries_of(A), entries_of(B)
    data = np.ravel(a.data[:, None] * b.data)
    rows = (a.rows[:, None] * b.shape[0] + b.rows).ravel()
    cols = (a.cols[:, None] * b.shape[1] + b.cols).ravel()
    shape = (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
    return Entries(data, rows, cols, shape, format or "coo", a.is_array or b.is_array)
