"""Affine indices: where an element is read or written, as a loop moves on.

An `Affine` is `constant + Σ coefficients[k]·i[k]` over the counters i of a loop nest.
The index of an element is a tuple of these, one for each axis; so slices, transposes,
broadcasts and most reshapes cost nothing: they only change the index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "Affine",
    "Box",
    "Index",
    "broadcast_index",
    "fixed",
    "identity",
    "linear",
    "reach",
    "reshaped_index",
    "strides_of",
]

# The ranges [low, high) of the counters.
Box = tuple[tuple[int, int], ...]


class Affine(NamedTuple):
    """A whole number that moves with the counters of a loop nest."""

    constant: int
    coefficients: tuple[int, ...]

    def scaled(self, factor: int, offset: int = 0) -> Affine:
        """Give `offset + factor·self`."""
        return Affine(
            offset + factor * self.constant,
            tuple([factor * k for k in self.coefficients]),
        )

    def plus(self, other: Affine) -> Affine:
        """Give the sum."""
        return Affine(
            self.constant + other.constant,
            tuple(
                [
                    a + b
                    for a, b in zip(self.coefficients, other.coefficients, strict=True)
                ]
            ),
        )


Index = tuple[Affine, ...]


def fixed(value: int, rank: int) -> Affine:
    """Give an index that does not move."""
    return Affine(value, (0,) * rank)


def identity(rank: int) -> Index:
    """Give the index that is the counters themselves."""
    return tuple(
        Affine(0, tuple([int(j == k) for j in range(rank)])) for k in range(rank)
    )


def strides_of(shape: Sequence[int]) -> tuple[int, ...]:
    """Give the strides, in elements, of an array in C order."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def linear(index: Index, strides: Sequence[int], offset: int, rank: int) -> Affine:
    """Give the place in memory, in elements, of an index."""
    constant, coefficients = offset, [0] * rank
    for affine, stride in zip(index, strides, strict=True):
        constant += stride * affine.constant
        for k, coefficient in enumerate(affine.coefficients):
            if coefficient:
                coefficients[k] += stride * coefficient
    return Affine(constant, tuple(coefficients))


def reach(affine: Affine, box: Box) -> tuple[int, int]:
    """Give the least and the greatest value over a box that is not empty."""
    low = high = affine.constant
    for k, (first, end) in zip(affine.coefficients, box, strict=True):
        if k > 0:
            low, high = low + k * first, high + k * (end - 1)
        elif k < 0:
            low, high = low + k * (end - 1), high + k * first
    return low, high


def broadcast_index(index: Index, shape: tuple[int, ...]) -> Index:
    """Give the index into an array of this shape that is broadcast to more axes."""
    if not shape:
        return ()
    rank = len(index[0].coefficients)
    return tuple(
        fixed(0, rank) if n == 1 else affine
        for affine, n in zip(index[len(index) - len(shape) :], shape, strict=True)
    )


def reshaped_index(
    index: Index, shape: tuple[int, ...], old: tuple[int, ...], box: Box
) -> Index | None:
    """Give the index into `old` of what stands at an index into its reshape to `shape`.

    None where it is not affine: where a counter would have to be divided.
    """
    rank = len(box)
    flat = linear(index, strides_of(shape), 0, rank)
    result = []
    for n, stride in zip(old, strides_of(old), strict=True):
        if n == 1:
            result.append(fixed(0, rank))
            continue
        coefficients = tuple(
            [k // stride if k % stride == 0 else 0 for k in flat.coefficients]
        )
        rest = Affine(
            0,
            tuple([0 if k % stride == 0 else k for k in flat.coefficients]),
        )
        low, high = reach(rest, box)
        constant, remainder = divmod(flat.constant, stride)
        # The rest must stay below one step of this axis, wherever the counters are.
        if low + remainder < 0:
            constant, remainder = constant - 1, remainder + stride
        if not 0 <= low + remainder <= high + remainder < stride:
            return None
        axis = Affine(constant, coefficients)
        if not _within(axis, n, box):
            return None
        result.append(axis)
        flat = Affine(remainder, rest.coefficients)
    return tuple(result)


def _within(affine: Affine, n: int, box: Box) -> bool:
    if math.prod(high - low for low, high in box) == 0:
        return True
    low, high = reach(affine, box)
    return 0 <= low <= high < n
