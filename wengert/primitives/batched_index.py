"""Indexing of a batch: the members' index, behind a slice or an index of the batch.

Law: as for all rules of `primitives/batches.py`. Where index arrays differ between
members, `x[i]` of each becomes `x[k, i]` with k = 0, 1, …, so that one call reads or
writes for all.

NumPy puts the axes of index arrays where the first of them stood if nothing parts them,
and first otherwise; the batch axis may part them, or come behind them. So what is
selected is moved after reading, and back before writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.primitives.batches import batch_first, length, spread, widened
from wengert.primitives.index import ARRAY, Index, indexed_shape

__all__ = [
    "batched_gather",
    "batched_getitem",
    "batched_scatter",
    "batched_scatter_add",
    "batched_update",
    "update_parts",
]

Inputs = Sequence[Any]
Mapped = Sequence[bool]


def _behind(index: tuple[Any, ...]) -> Index:
    """Let an index stand behind a slice of all members."""
    return Index((slice(None), *index))


class _Batched(NamedTuple):
    """An index of a batch, and how what it selects lies.

    Attributes
    ----------
    source, destination : tuple of int
        The axes that are moved, and where to, so that the batch comes first and the
        axes of a member follow in their order.
    """

    key: Index
    indices: list[Any]
    source: tuple[int, ...]
    destination: tuple[int, ...]

    def read(self, y: Any) -> Any:
        """Put what was read into the members' order."""
        if not self.source:
            return y
        return batch_first(np.moveaxis(y, self.source, self.destination), 0)

    def written(self, v: Any) -> Any:
        """Put what is to be written into NumPy's order."""
        return np.moveaxis(v, self.destination, self.source) if self.source else v


def _batched(
    ndim: int, index: tuple[Any, ...], indices: Inputs, mapped: Mapped, size: int | None
) -> _Batched:
    """Make the index of a batch.

    Parameters
    ----------
    ndim : int
        Of a member.
    mapped : sequence of bool
        Which of the index arrays are.
    size : int or None
        The number of members of the array; None where it is not mapped.
    """
    if not indices:
        return _Batched(_behind(index), [], (), ())
    before, together = _start(ndim, index)
    pairs = list(zip(indices, mapped, strict=True))
    rank = max(np.ndim(i) - m for i, m in pairs)
    wide = [widened(i, rank) if m else i for i, m in pairs]
    if size is None:
        start = before if together else 0
        return _Batched(Index(index), wide, (start,) * (start > 0), (0,) * (start > 0))
    if not any(mapped):
        source = () if together or not rank else (rank,)
        return _Batched(_behind(index), wide, source, (0,) * len(source))
    members = np.reshape(np.arange(size), (size, *(1,) * rank))
    block = range(1, rank + 1) if together and before else ()
    return _Batched(
        Index((ARRAY, *index)),
        [members, *wide],
        tuple(block),
        tuple(i + before for i in block),
    )


def _start(ndim: int, index: tuple[Any, ...]) -> tuple[int, bool]:
    """Tell how many axes stand before the index arrays, ints among them, and whether
    nothing parts these."""
    consumed = sum(p is not None and p is not Ellipsis for p in index)
    advanced: list[int] = []
    axes = before = 0
    for place, part in enumerate(index):
        if part is Ellipsis:
            axes += ndim - consumed
        elif part is None or type(part) is slice:
            axes += 1
        else:
            before = before if advanced else axes
            advanced.append(place)
    return before, advanced[-1] - advanced[0] == len(advanced) - 1


def batched_getitem(row: Any, x: Inputs, mapped: Mapped, *, index: Index) -> Any:
    """Read the same of all members."""
    return row(x[0], index=_behind(index))


def batched_scatter(
    row: Any, x: Inputs, mapped: Mapped, *, index: Index, shape: tuple[int, ...]
) -> Any:
    """Write to the same places of all members."""
    return row(x[0], index=_behind(index), shape=(len(x[0]), *shape))


def batched_gather(
    row: Any, x: Inputs, mapped: Mapped, *, index: Index, unique: bool
) -> Any:
    """Read from each member, or from one array for all, what its index arrays name."""
    array, *indices = x
    size = length(x, mapped) if mapped[0] else None
    made = _batched(np.ndim(array) - mapped[0], index, indices, mapped[1:], size)
    # Two members may read the same place of one array.
    unique = unique and mapped[0]
    return made.read(row(array, *made.indices, index=made.key, unique=unique))


def batched_scatter_add(
    row: Any,
    x: Inputs,
    mapped: Mapped,
    *,
    index: Index,
    shape: tuple[int, ...],
    unique: bool,
) -> Any:
    """Add to the places of each member that its index arrays name."""
    v, *indices = x
    size = length(x, mapped)
    made = _batched(len(shape), index, indices, mapped[1:], size)
    v = made.written(spread(v, mapped[0], size))
    params = {"index": made.key, "shape": (size, *shape), "unique": unique}
    return row(v, *made.indices, **params)


def batched_update(
    row: Any, x: Inputs, mapped: Mapped, *, index: Index, unique: bool
) -> Any:
    """Write to each member what is its own, or the same for all."""
    size = length(x, mapped)
    array = spread(x[0], mapped[0], size)
    v, made, indices = update_parts(array.shape, x[1:], mapped[1:], index)
    return row(array, v, *indices, index=made, unique=unique)


def update_parts(
    shape: tuple[int, ...], x: Inputs, mapped: Mapped, index: Index
) -> tuple[Any, Index, list[Any]]:
    """Say what is written to a batch, and where.

    Parameters
    ----------
    shape : tuple of int
        Of the batch.
    x, mapped : sequences
        The value to write, and the index arrays.

    Returns
    -------
    v, index, indices
        With which `y[index] = v` writes to all members.
    """
    v, *indices = x
    size, *member = shape
    made = _batched(len(member), index, indices, mapped[1:], size)
    if not np.ndim(v):
        return v, made.key, made.indices
    shapes = [
        np.shape(i)[1:] if m else np.shape(i)
        for i, m in zip(indices, mapped[1:], strict=True)
    ]
    ndim = len(indexed_shape(tuple(member), index, shapes))
    own = v.shape[1:] if mapped[0] else v.shape
    own = own[max(0, len(own) - ndim) :]  # what is left out has the length 1
    wide = (size if mapped[0] else 1, *(1,) * (ndim - len(own)), *own)
    v = v if v.shape == wide else np.reshape(v, wide)
    return made.written(v), made.key, made.indices
