"""Which states a backward sweep keeps, and how it comes by the others.

With c states kept and each step run again at most r times, binom(c + r, c) steps can be
reversed, and no schedule reverses more: Griewank & Walther (2008), ch. 12.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["backwards", "kept_positions"]


def split(length: int, checkpoints: int) -> int:
    """Tell after how many steps the next state is kept, of all that may be."""
    repeats = 0
    while math.comb(checkpoints + repeats, checkpoints) < length:
        repeats += 1
    return min(math.comb(checkpoints + repeats - 1, checkpoints), length - 1)


def kept_positions(length: int, checkpoints: int | None) -> list[int]:
    """Give the steps before which the state is kept in a forward run; all for None."""
    if checkpoints is None or checkpoints >= length:
        return list(range(length))
    positions = [0]
    for left in range(checkpoints, 1, -1):
        if length - positions[-1] < 2:
            break
        positions.append(positions[-1] + split(length - positions[-1], left))
    return positions


def backwards(
    advance: Callable[[int, Any], Any], low: int, high: int, y: Any, checkpoints: int
) -> Iterator[tuple[int, Any]]:
    """Give n and the state before step n, for n = high − 1, …, low.

    Parameters
    ----------
    advance : callable
        `(n, y)` → the state after step n.
    y
        The state before step `low`.
    checkpoints : int
        How many states may be kept, this one included.
    """
    while high > low:
        middle = low + split(high - low, checkpoints)
        if middle == low:
            yield low, y
            return
        state = y
        for n in range(low, middle):
            state = advance(n, state)
        left = max(checkpoints - 1, 1)
        yield from backwards(advance, middle, high, state, left)
        high = middle
