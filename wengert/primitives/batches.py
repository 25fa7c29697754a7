"""Batches: an operation on many members at once, by one call of its row.

Law: `batch(row, x, mapped, **params)[k] = row(*xₖ, **params)`, where xₖ is what member
k has: `x[i][k]` of the inputs that are mapped, `x[i]` itself of the others.

Inputs that are mapped have the batch as their first axis. A rule moves what the
parameters say of axes by one, or lets shapes meet that would broadcast wrongly; it is
plain NumPy and calls of rows, so it runs on Tracers as on arrays. Rules that several
families share stand here, others in the family's file.

Worked example, x + y for x (n, 3) mapped and y (2, 3) not: `aligned` makes x (n, 1, 3),
and the sum is (n, 2, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.graph.types import ArrayType

__all__ = [
    "aligned",
    "along_axes",
    "batch_first",
    "length",
    "looped",
    "one_first",
    "over_first",
    "reshaped",
    "spread",
    "stacked",
    "systems",
    "widened",
]

Inputs = Sequence[Any]
Mapped = Sequence[bool]


def length(x: Inputs, mapped: Mapped) -> int:
    """Give the number of members."""
    return int(next(v.shape[0] for v, m in zip(x, mapped, strict=True) if m))


def widened(x: Any, ndim: int) -> Any:
    """Insert axes of length 1 after the batch, until a member has this many."""
    missing = ndim + 1 - x.ndim
    if missing <= 0:
        return x
    return np.reshape(x, (x.shape[0], *(1,) * missing, *x.shape[1:]))


def spread(x: Any, is_mapped: bool, size: int) -> Any:
    """Repeat what is not mapped for each member."""
    return x if is_mapped else np.broadcast_to(x, (size, *np.shape(x)))


def batch_first(x: Any, axis: int) -> Any:
    """Bring the batch to the first axis, and each member into C order, as what NumPy
    computes is: then reshaping gives a view of it."""
    moved = np.moveaxis(x, axis, 0)
    traced = hasattr(type(x), "__wengert_bind__")
    return np.copy(moved) if traced else np.ascontiguousarray(moved)


# ----- rules -----


def aligned(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
    """Batch an operation whose inputs broadcast: the members' axes are aligned."""
    ndim = max(np.ndim(v) - m for v, m in zip(x, mapped, strict=True))
    pairs = zip(x, mapped, strict=True)
    return row(*(widened(v, ndim) if m else v for v, m in pairs), **params)


def along_axes(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
    """Batch an operation along the axes that `axis` or `axes` names: all go up by
    one."""
    size = length(x, mapped)
    for name in ("axis", "axes"):
        if name in params:
            axes = params[name]
            params[name] = (
                tuple(i + 1 for i in axes) if isinstance(axes, tuple) else axes + 1
            )
    pairs = zip(x, mapped, strict=True)
    return row(*(spread(v, m, size) for v, m in pairs), **params)


def reshaped(row: Any, x: Inputs, mapped: Mapped, *, shape: tuple[int, ...]) -> Any:
    """Batch an operation that gives an array of this shape: the batch comes first."""
    (value,) = x
    return row(widened(value, len(shape)), shape=(value.shape[0], *shape))


def looped(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
    """Batch an operation that takes one member only, by a loop: a call for each."""
    size = length(x, mapped)
    pairs = list(zip(x, mapped, strict=True))
    if not size:
        return _empty(row, pairs, params)
    results = [
        row(*(v[k] if m else v for v, m in pairs), **params) for k in range(size)
    ]
    if row.is_tuple:
        return tuple(map(np.stack, zip(*results, strict=True)))
    return np.stack(results)


def _empty(row: Any, pairs: Sequence[tuple[Any, bool]], params: Any) -> Any:
    """Give what a batch without members comes to; only the types tell its shape."""
    types = [ArrayType.of(v) for v, _ in pairs]
    members = [
        t._replace(shape=t.shape[1:]) if m else t
        for t, (_, m) in zip(types, pairs, strict=True)
    ]
    y = row.type(*members, **params)
    if row.is_tuple:
        return tuple(np.zeros((0, *t.shape), t.dtype) for t in y)
    return np.zeros((0, *y.shape), y.dtype)


def over_first(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
    """Batch an operation on each element of its first input, for which the others are
    tables; a loop where a table is mapped."""
    if any(mapped[1:]):
        return looped(row, x, mapped, **params)
    return row(*x, **params)


def one_first(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
    """Batch an operation on each element of its second input, for which the first is a
    table; a loop where the table is mapped."""
    return looped(row, x, mapped, **params) if mapped[0] else row(*x, **params)


def stacked(*cores: int) -> Callable[..., Any]:
    """Make the rule of an operation that takes stacks: so many axes at the end of each
    input, 2 by default, are a matrix or vector, and those before them broadcast."""

    def rule(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
        own = cores or (2,) * len(x)
        triples = list(zip(x, mapped, own, strict=True))
        stack = max(v.ndim - m - core for v, m, core in triples)
        return row(
            *(widened(v, stack + core) if m else v for v, m, core in triples), **params
        )

    return rule


def systems(*cores: int) -> Callable[..., Any]:
    """Make the rule of an operation that solves systems with the columns of its last
    input: where only these are mapped, one call solves for those of all members."""
    apart = stacked(*cores) if cores else looped

    def rule(row: Any, x: Inputs, mapped: Mapped, **params: Any) -> Any:
        b = x[-1]
        single = not cores or all(
            v.ndim == core for v, core in zip(x[:-1], cores[:-1], strict=True)
        )
        if any(mapped[:-1]) or b.ndim != 3 or not single:
            return apart(row, x, mapped, **params)
        size, rows, columns = b.shape
        wide = np.reshape(np.moveaxis(b, 0, 1), (rows, size * columns))
        y = row(*x[:-1], wide, **params)
        return batch_first(np.reshape(y, (y.shape[0], size, columns)), 1)

    rule.__name__ = "systems" if cores else "columns"
    return rule
