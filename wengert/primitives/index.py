"""What stands between the brackets of `x[...]`: an Index, and what shape it selects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.errors import ShapeError

__all__ = ["ARRAY", "Index", "filled", "indexed_shape"]

# Stands in an Index where an index array, an input of its own, goes in.
ARRAY = "array"


class Index(tuple[Any, ...]):
    """Hold what stands between the brackets of `x[...]`, always as a tuple; hashable,
    which a slice becomes only with Python 3.12.

    Its parts are ints, slices of ints, None, Ellipsis and ARRAY.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(tuple(p.__reduce__() if type(p) is slice else p for p in self))


def filled(index: tuple[Any, ...], indices: Sequence[Any]) -> tuple[Any, ...]:
    """Put index arrays into the places that an Index keeps for them."""
    following = iter(indices)
    return tuple([next(following) if p is ARRAY or p == ARRAY else p for p in index])


def indexed_shape(
    shape: tuple[int, ...],
    index: tuple[Any, ...],
    indices: Sequence[tuple[int, ...]] = (),
) -> tuple[int, ...]:
    """Give the shape of `x[index]`: of x, and of the index arrays that are filled in.

    Examples
    --------
    >>> indexed_shape((4, 5, 6), (slice(1, None), ARRAY), [(2, 2)])
    (3, 2, 2, 6)
    """
    consumed = sum(p is not None and p is not Ellipsis for p in index)
    if consumed > len(shape):
        raise ShapeError(f"getitem: {consumed} indices for an array of shape {shape}")
    rest = len(shape) - consumed
    if Ellipsis not in index:
        index = (*index, Ellipsis)
    result: list[int] = []
    advanced: list[int] = []  # where in the index the arrays stand, ints among them
    axis = start = 0
    for place, part in enumerate(index):
        if part is Ellipsis:
            result += shape[axis : axis + rest]
            axis += rest
        elif part is None:
            result.append(1)
        else:
            n = shape[axis]
            axis += 1
            if type(part) is slice:
                result.append(len(range(*part.indices(n))))
                continue
            if part != ARRAY and not -n <= part < n:
                raise ShapeError(f"getitem: index {part} for an axis of length {n}")
            if indices:
                if not advanced:
                    start = len(result)
                advanced.append(place)
    if advanced:
        # Index arrays stand where the first of them stood, if nothing parts them.
        together = advanced[-1] - advanced[0] == len(advanced) - 1
        start = start if together else 0
        result[start:start] = np.broadcast_shapes(*indices)
    return tuple(result)
