"""Places: what a basic index names, as a form and the integers that vary by steps.

`x[3, 1:5]` has the form (an integer, a slice of 4 in steps of 1) and the integers 3
and 1: where it starts on each axis. Indices of one form can be told for many steps at
once, by a slice over the steps where they are in equal distances, by index arrays else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from wengert.primitives.indexing import ARRAY, Index

__all__ = [
    "Form",
    "Spread",
    "columns",
    "index_of",
    "is_told",
    "place_of",
    "plain_index",
    "spread",
]

# For each part of an index: None for a new axis, () for an integer, and the length and
# the step for a slice.
Form = tuple[Any, ...]
Ints = np.ndarray[Any, Any]


class Spread(NamedTuple):
    """An index for all steps at once: the axis of the steps stands at `axis`.

    `at` is the index, `indices` are constant arrays that fill it, empty for basic
    indices, and `unique` tells whether no place is named twice.
    """

    at: Index
    indices: tuple[Any, ...]
    axis: int
    unique: bool


def place_of(index: Any, shape: tuple[int, ...]) -> tuple[Form, tuple[int, ...]]:
    """Take a basic index apart: its form, and an integer for each axis.

    Examples
    --------
    >>> place_of((-1, slice(1, None)), (4, 5))
    (((), (4, 1)), (3, 1))
    """
    consumed = sum(part is not None and part is not Ellipsis for part in index)
    if not any(part is Ellipsis for part in index):
        index = (*index, Ellipsis)
    form: list[Any] = []
    starts: list[int] = []
    axis = 0
    for part in index:
        if part is None:
            form.append(None)
            continue
        rest = len(shape) - consumed if part is Ellipsis else 1
        for n in shape[axis : axis + rest]:
            if isinstance(part, slice) or part is Ellipsis:
                whole = slice(None) if part is Ellipsis else part
                places = range(*whole.indices(n))
                form.append((len(places), places.step))
                starts.append(places.start)
            else:
                form.append(())
                starts.append(part + n if part < 0 else part)
        axis += rest
    return tuple(form), tuple(starts)


def plain_index(form: Form, starts: Any) -> Index:
    """Put an index together again: the inverse of `place_of`."""
    following = iter(starts)
    return Index(
        None if part is None else _part(part, int(next(following))) for part in form
    )


def _part(part: tuple[int, ...], start: int) -> int | slice:
    if not part:
        return start
    length, step = part
    if length == 0:
        return slice(0, 0)
    stop = start + length * step
    return slice(start, stop if stop >= 0 else None, step if step != 1 else None)


def is_told(form: Form, starts: Ints) -> bool:
    """Tell whether an index that differs from step to step can be told by arrays.

    A slice that moves can, if it does so alone, beside no integers: an array in its
    place gives the same axis in the same place.
    """
    moving = [axis for axis in range(starts.shape[1]) if np.ptp(starts[:, axis])]
    taken = [part for part in form if part is not None]
    slides = any(taken[axis] for axis in moving)
    return not slides or (len(moving) == 1 and () not in taken)


def columns(form: Form, starts: Ints) -> Iterator[tuple[Ints, bool]]:
    """Give what is told by arrays: what names places in each step, and if it moves.

    All integers are, and a slice that moves.
    """
    taken = [part for part in form if part is not None]
    for axis, part in enumerate(taken):
        column = np.ascontiguousarray(starts[:, axis])
        moves = bool(np.ptp(column))
        if part == ():
            yield column, moves
        elif moves:
            length, step = part
            yield column[:, None] + step * np.arange(length), True


def index_of(form: Form, starts: Ints) -> Index:
    """Make the index of one step that is filled by `columns`."""
    moving = np.ptp(starts, axis=0).tolist()
    parts: list[Any] = list(plain_index(form, starts[0]))
    given = [i for i, part in enumerate(form) if part is not None]
    for axis, i in enumerate(given):
        if form[i] == () or moving[axis]:
            parts[i] = ARRAY
    return Index(parts)


def spread(form: Form, starts: Ints) -> Spread:
    """Make the index of all steps, from an array (steps, axes) of integers."""
    taken = [part for part in form if part is not None]
    moving = [axis for axis in range(len(taken)) if np.ptp(starts[:, axis])]
    if len(moving) == 1 and taken[moving[0]] == ():
        steps = _even(starts[:, moving[0]])
        if steps is not None:
            return _by_slice(form, starts, moving[0], steps)
    return _by_arrays(form, starts)


def _even(starts: Ints) -> slice | None:
    step = int(starts[1] - starts[0])
    if step == 0 or (np.diff(starts) != step).any():
        return None
    part = _part((len(starts), step), int(starts[0]))
    assert isinstance(part, slice)
    return part


def _by_slice(form: Form, starts: Ints, moving: int, steps: slice) -> Spread:
    parts: list[Any] = list(plain_index(form, starts[0]))
    place = [i for i, part in enumerate(form) if part is not None][moving]
    parts[place] = steps
    axis = sum(form[i] != () for i in range(place))
    return Spread(Index(parts), (), axis, True)


def _by_arrays(form: Form, starts: Ints) -> Spread:
    """Tell every integer, or the slice that moves, by an array, step by step.

    The axis of the steps stands where the first array stood, or in front of all if the
    arrays are parted: NumPy's rule for advanced indices.
    """
    index = index_of(form, starts)
    arrays = [column for column, _ in columns(form, starts)]
    places = [i for i, part in enumerate(index) if type(part) is str]
    together = places[-1] - places[0] == len(arrays) - 1
    axis = sum(part != () for part in form[: places[0]]) if together else 0
    rows = np.stack([array.reshape(-1) for array in arrays], axis=1)
    unique = len(np.unique(rows, axis=0)) == len(rows)
    return Spread(index, tuple(arrays), axis, unique)
