"""Samplers: valid inputs of a primitive, kinks excluded, for the conformance tests.

A sampler is `(rng, dtype) → iterable of Sample`. Those of elementwise rows cover
scalars, vectors, matrices and, for two inputs, each way of broadcasting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.graph.primitive import Sample

__all__ = ["Sampler", "arrays", "away", "cases", "mixed", "reals"]

# Quoted: to name numpy.random is to load it, for 12 ms.
Sampler: TypeAlias = "Callable[[np.random.Generator, np.dtype[Any]], Iterator[Sample]]"

_SHAPES: dict[int, tuple[tuple[tuple[int, ...], ...], ...]] = {
    1: (((),), ((3,),), ((2, 3),), ((0,),)),
    2: (
        ((), ()),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((), (2, 2)),
        ((3,), ()),
    ),
}


def arrays(
    rng: np.random.Generator,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    low: float = -2.0,
    high: float = 2.0,
) -> Any:
    """Draw an array uniform in [low, high]; both parts of it, if dtype is complex."""
    x = rng.uniform(low, high, shape)
    if np.dtype(dtype).kind == "c":
        x = x + 1j * rng.uniform(low, high, shape)
    return np.asarray(x, dtype)[()]


def reals(*ranges: Any) -> Sampler:
    """Sample elementwise inputs: `reals(-3, 3)`, for two `reals((0, 1), (-2, 2))`."""
    if not isinstance(ranges[0], tuple):
        ranges = (ranges,)

    def samples(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
        for shapes in _SHAPES[len(ranges)]:
            yield Sample(
                tuple(
                    arrays(rng, dtype, shape, low, high)
                    for shape, (low, high) in zip(shapes, ranges, strict=True)
                )
            )

    return samples


def mixed(*examples: tuple[Any, ...]) -> Sampler:
    """Sample elementwise inputs of which some are plain numbers, and so constants:
    `mixed((2, (0, 1)))` is the number 2 beside an array in [0, 1]."""

    def samples(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
        for example in examples:
            for shape in ((), (3,)):
                yield Sample(
                    tuple(
                        arrays(rng, dtype, shape, *x) if isinstance(x, tuple) else x
                        for x in example
                    )
                )

    return samples


def away(sampler: Sampler, apart: float = 0.1) -> Sampler:
    """Keep two inputs at least `apart` from equality, where a tie would be a kink."""

    def samples(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
        for (x, y), params in sampler(rng, dtype):
            gap = x - y
            y = np.where(abs(gap) < apart, y - np.where(gap < 0, -apart, apart), y)
            yield Sample((x, y.astype(dtype)[()]), params)

    return samples


def cases(
    *examples: tuple[Sequence[tuple[int, ...]], dict[str, Any]],
    low: float = -2.0,
    high: float = 2.0,
) -> Sampler:
    """Sample arrays of given shapes and params: `cases(([(2, 3)], {"axis": 0}))`."""

    def samples(rng: np.random.Generator, dtype: np.dtype[Any]) -> Iterator[Sample]:
        for shapes, params in examples:
            yield Sample(
                tuple(arrays(rng, dtype, shape, low, high) for shape in shapes), params
            )

    return samples
