"""Selection: where, select and choose; triangles and diagonals of matrices.

The side that a choice does not take has an exactly zero cotangent, even where the other
side's is inf or nan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import Sample, answers
from wengert.graph.types import ArrayType, broadcast, promote
from wengert.primitives.axes import as_array, refuse, result_dtype, unbroadcast
from wengert.primitives.batches import aligned
from wengert.primitives.forms import linear
from wengert.primitives.indexing import ARRAY, Index, gather_, nonzero, scatter_add_
from wengert.primitives.samplers import arrays

__all__ = ["diagonal"]

_NUMBERS = (int, float, complex)
_LAST_TWO = Index((Ellipsis, ARRAY, ARRAY))


# ----- the row -----


def _where_type(condition: Any, x: Any, y: Any) -> ArrayType:
    return ArrayType(broadcast(condition, x, y), promote(x, y))


def _where_transpose(x: tuple[Any, ...], y_bar: Any) -> tuple[Any, Any]:
    # Not by multiplication with the mask: the side not taken gets 0 even from inf, nan.
    condition, a, b = x
    zero = y_bar.dtype.type(0)
    return (
        unbroadcast(np.where(condition, y_bar, zero), a.shape),
        unbroadcast(np.where(condition, zero, y_bar), b.shape),
    )


def _where_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    for mask, a, b in (
        ((4,), (4,), (4,)),
        ((2, 3), (3,), ()),
        ((3,), (2, 1), (2, 3)),
        ((), (2,), (2,)),
        ((2, 1), (), ()),
    ):
        condition = rng.uniform(size=mask) < 0.5
        yield Sample((condition, arrays(rng, dtype, a), arrays(rng, dtype, b)))


where_ = linear(
    "where", (), linear_in=(1, 2),
    impl=np.where,
    type=_where_type,
    transpose=_where_transpose,
    batch=aligned,
    sample=_where_samples, ref="NumPy, where",
)  # fmt: skip


# ----- choices -----


@answers(np.where)
def where(condition: Any, x: Any = np._NoValue, y: Any = np._NoValue, /) -> Any:
    """Take from x where a condition holds and from y elsewhere; alone, its nonzeros."""
    if x is np._NoValue and y is np._NoValue:
        return nonzero(condition)
    if not (hasattr(x, "dtype") and hasattr(y, "dtype")):
        # Lists become arrays; a Python number takes the dtype of the other side.
        x, y = (v if isinstance(v, _NUMBERS) else as_array(v) for v in (x, y))
        dtype = result_dtype(x, y)
        x, y = (v if hasattr(v, "dtype") else dtype.type(v) for v in (x, y))
    return where_(as_array(condition), x, y)


@answers(np.select)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Take from the first choice whose condition holds, else the default."""
    if len(condlist) != len(choicelist):
        raise ShapeError(
            f"select: {len(condlist)} conditions for {len(choicelist)} choices"
        )
    choices = [as_array(choice) for choice in choicelist]
    chosen = default
    for condition, choice in zip(condlist[::-1], choices[::-1], strict=True):
        chosen = where(condition, choice, chosen)
    return chosen


@answers(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """Take each element from the choice whose number stands in `a`."""
    refuse("choose", out=out)
    a = as_array(a)
    pile = np.stack(np.broadcast_arrays(*map(as_array, choices)))
    count, *shape = pile.shape
    if mode == "wrap":
        a = a % count
    elif mode == "clip":
        a = np.clip(a, 0, count - 1)
    final = np.broadcast_shapes(a.shape, tuple(shape))
    pile = np.reshape(pile, (count, *(1,) * (len(final) - len(shape)), *shape))
    shape = list(final)
    pile = np.broadcast_to(pile, (count, *shape))
    index = Index((ARRAY,) * (1 + len(shape)))
    return gather_(pile, a, *np.ogrid[*map(slice, shape)], index=index, unique=True)


# ----- triangles and diagonals -----


@answers(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """Keep the lower triangles of matrices, up to the k-th diagonal."""
    m = as_array(m)
    return where(_below(m.shape, k), m, 0)


@answers(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """Keep the upper triangles of matrices, from the k-th diagonal."""
    m = as_array(m)
    return where(_below(m.shape, k - 1), 0, m)


@answers(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Read the diagonals of the matrices that two axes span, as the last axis."""
    a = np.moveaxis(as_array(a), (axis1, axis2), (-2, -1))
    rows, columns = _diagonal(a.shape[-2], a.shape[-1], offset)
    return gather_(a, rows, columns, index=_LAST_TWO, unique=True)


@answers(np.linalg.diagonal)
def linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """Read the diagonals of stacked matrices."""
    return diagonal(x, offset, -2, -1)


@answers(np.trace)
def trace(
    a: Any,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: Any = None,
    out: Any = None,
) -> Any:
    """Sum the diagonals of the matrices that two axes span."""
    refuse("trace", out=out)
    return np.sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@answers(np.linalg.trace)
def linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Sum the diagonals of stacked matrices."""
    return trace(x, offset, -2, -1, dtype)


@answers(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """Make a diagonal matrix of a vector, or read the diagonal of a matrix."""
    v = as_array(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(f"diag: a vector or a matrix is needed, not shape {v.shape}")
    n = v.shape[0] + abs(k)
    rows, columns = _diagonal(n, n, k)
    index = Index((ARRAY, ARRAY))
    return scatter_add_(v, rows, columns, index=index, shape=(n, n), unique=True)


@answers(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """Make a diagonal matrix of the entries of an array."""
    return diag(np.ravel(as_array(v)), k)


@answers(np.diag_indices_from)
def diag_indices_from(arr: Any) -> tuple[Any, ...]:
    """Give the indices of the main diagonal of an array with axes of one length."""
    return np.diag_indices_from(np.empty(arr.shape, bool))


@answers(np.tril_indices_from)
def tril_indices_from(arr: Any, k: int = 0) -> tuple[Any, ...]:
    """Give the indices of the lower triangle of a matrix."""
    return np.tril_indices(arr.shape[-2], k, arr.shape[-1])


@answers(np.triu_indices_from)
def triu_indices_from(arr: Any, k: int = 0) -> tuple[Any, ...]:
    """Give the indices of the upper triangle of a matrix."""
    return np.triu_indices(arr.shape[-2], k, arr.shape[-1])


def _below(shape: tuple[int, ...], k: int) -> Any:
    return np.tri(shape[-min(2, len(shape))], shape[-1], k, dtype=bool)


def _diagonal(m: int, n: int, k: int) -> tuple[Any, Any]:
    first = np.arange(max(0, min(m + min(k, 0), n - max(k, 0))))
    return (first, first) if k == 0 else (first + max(-k, 0), first + max(k, 0))
