"""Repeats in a sequence of integers: maximal stretches of some period.

A stretch [start, stop) has the period p if s[i] = s[i + p] within it. Candidates for p
are the distances between equal windows of 1, 2, 4, … numbers: windows are numbered by
their two halves, as in the building of a suffix array by doubling (Manber & Myers
1993, Suffix arrays, SIAM J. Comput. 22), and all the work is done by NumPy's sorting.

Cost: O(n log² n) for n numbers, and O(n) for each candidate, of which there are few:
one that is seen less often than it is long cannot repeat four times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Stretch", "repeats"]

Ints = np.ndarray[Any, Any]


class Stretch(NamedTuple):
    """A stretch of a sequence, and its period."""

    period: int
    start: int
    stop: int


def repeats(sequence: Ints, *, shortest: int, steps: int) -> Iterator[Stretch]:
    """Find the maximal stretches of `steps` periods and `shortest` numbers, or more.

    By their periods, the shortest first; those of one period, in order. Stretches of
    different periods overlap.

    Examples
    --------
    >>> import numpy as np
    >>> list(repeats(np.array([9, 1, 2, 1, 2, 1, 2, 7]), shortest=4, steps=3))
    [Stretch(period=2, start=1, stop=7)]
    """
    for period in _periods(sequence, shortest, steps):
        same = sequence[period:] == sequence[:-period]
        edges = np.concatenate(([0], np.flatnonzero(np.diff(same)) + 1, [len(same)]))
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            length = stop - start + period
            if same[start] and length >= max(shortest, steps * period):
                yield Stretch(period, start, stop + period)


def _periods(sequence: Ints, shortest: int, steps: int) -> list[int]:
    found: set[int] = set()
    ranks = sequence
    window = 1
    while len(ranks) > 1:
        order = np.argsort(ranks, kind="stable")
        same = ranks[order][1:] == ranks[order][:-1]
        distances = np.diff(order)[same]
        if not len(distances):
            break
        counts = np.bincount(distances)
        # Of a stretch all distances but those of three periods are seen, at least.
        length = np.arange(len(counts))
        fewest = np.maximum(np.maximum(shortest, steps * length) - 3 * length, 1)
        seen = np.flatnonzero(counts >= fewest)
        found.update(p for p in seen.tolist() if p and p * steps <= len(sequence))
        # Windows twice as long, numbered by what their halves are numbered.
        if len(ranks) <= window:
            break
        pairs = ranks[:-window] * (int(ranks.max()) + 1) + ranks[window:]
        ranks = np.unique(pairs, return_inverse=True)[1]
        window *= 2
    return sorted(found)
