"""NumPy's objects and classes that turn what they get into plain arrays: r_, c_,
vectorize, ndenumerate."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, user_source
from wengert.primitives.axes import as_array, holds_tracer
from wengert.trace.levels import running

__all__ = ["c_", "ndenumerate", "nditer", "r_", "vectorize"]


class _Joined:
    """`np.r_` and `np.c_`, where what stands in the brackets may be traced."""

    def __init__(self, original: Any, columns: bool) -> None:
        self._original, self._columns = original, columns

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(map(_holds, parts)):
            return self._original[key]
        if isinstance(parts[0], str):
            return self._directed(parts[0], parts[1:])
        return self._joined(parts, 0, 2 if self._columns else 1, -1)

    def __len__(self) -> int:
        return 0

    def _directed(self, directive: str, parts: tuple[Any, ...]) -> Any:
        numbers = [int(n) for n in directive.split(",")]  # "rc" has no number
        axis, ndim, place = (*numbers, *(1, -1)[len(numbers) - 1 :])
        return self._joined(parts, axis, ndim, place)

    def _joined(self, parts: Any, axis: int, ndim: int, place: int) -> Any:
        if self._columns:
            axis, place = -1, 0
        return np.concatenate([_raised(p, ndim, place) for p in parts], axis)


def _raised(part: Any, ndim: int, place: int) -> Any:
    if isinstance(part, slice):
        bounds = [None if b is None else b for b in (part.start, part.stop, part.step)]
        x = np.r_[slice(*bounds)]
    else:
        x = as_array(part)
    missing = ndim - x.ndim
    if missing <= 0:
        return x
    # The axes of x begin at `place` among the ndim, the last possible one if it is −1.
    before = missing if place == -1 else min(place, missing)
    return x[(None,) * before + (...,) + (None,) * (missing - before)]


def _holds(part: Any) -> bool:
    if isinstance(part, slice):
        return any(map(holds_tracer, (part.start, part.stop, part.step)))
    return holds_tracer(part)


r_ = _Joined(np.r_, columns=False)
c_ = _Joined(np.c_, columns=True)


class vectorize(np.vectorize):
    """`np.vectorize`: traced arguments are taken apart, element by element."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function on each element of the broadcast arguments."""
        # While a run is traced, the function may close over traced values.
        if not running.depth or self.signature and not holds_tracer(args):
            return super().__call__(*args, **kwargs)
        return vectorized(self, args, kwargs)


def vectorized(
    outer: np.vectorize, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Do what a call of np.vectorize does, without object arrays."""
    if outer.signature is not None:
        raise NotImplementedError("np.vectorize with a signature cannot be traced")
    excluded = outer.excluded
    names = [name for name in kwargs if name not in excluded]
    varied = [as_array(x) for i, x in enumerate(args) if i not in excluded]
    varied += [as_array(kwargs[name]) for name in names]
    spread = np.broadcast_arrays(*varied)
    shape = spread[0].shape
    results: list[Any] = []
    for place in np.ndindex(shape):
        parts = iter([x[place] for x in spread])
        at = [x if i in excluded else next(parts) for i, x in enumerate(args)]
        named = {**kwargs, **{name: next(parts) for name in names}}
        results.append(outer.pyfunc(*at, **named))
    if not results:
        raise ValueError("cannot call `vectorize` on size 0 inputs")
    if isinstance(results[0], tuple):
        columns = [list(column) for column in zip(*results, strict=True)]
    else:
        columns = [results]
    kinds = outer.otypes or [None] * len(columns)
    arrays = [
        np.reshape(_gathered(column, kind), shape)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    return tuple(arrays) if isinstance(results[0], tuple) else arrays[0]


def _gathered(values: list[Any], kind: str | None) -> Any:
    if not holds_tracer(values):
        return np.asarray(values, kind or np.asarray(values[0]).dtype)
    y = as_array(values)
    return y if kind is None or y.dtype.char == kind else y.astype(kind)


def nditer(op: Any, *args: Any, **kwargs: Any) -> Any:
    """Be np.nditer, which cannot take traced arrays."""
    if holds_tracer(op):
        raise MissingRuleError(
            f"np.nditer takes no traced arrays (at {user_source()}). Write `for i in "
            "np.ndindex(x.shape)`, or `for i, v in np.ndenumerate(x)`."
        )
    return np.nditer(op, *args, **kwargs)


@functools.wraps(np.ndenumerate)
def ndenumerate(arr: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yield places and elements."""
    if not holds_tracer(arr):
        return np.ndenumerate(arr)
    arr = as_array(arr)
    return ((place, arr[place]) for place in np.ndindex(arr.shape))
