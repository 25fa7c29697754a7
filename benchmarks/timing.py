"""Time several calls side by side: interleaved, the best of several rounds."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

__all__ = ["Effort", "Timing", "interleaved"]

Call = Callable[[], Any]


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes
    ----------
    rounds : int
        How often each call has its turn.
    turn : float
        The seconds that a turn lasts at least: a fast call is repeated within it.
    quick : bool
        Whether the run is a smoke test: smaller programs, numbers that mean nothing.
    """

    rounds: int = 25
    turn: float = 0.02
    quick: bool = False


@dataclass(frozen=True)
class Timing:
    """What one call took.

    Attributes
    ----------
    best : float
        Seconds of a call in the best round.
    spread : float
        How far the median round lies above the best, as a part of it.
    """

    best: float
    spread: float

    @classmethod
    def of(cls, seconds: list[float]) -> Timing:
        """Summarise the rounds of one call."""
        best = min(seconds)
        return cls(best, statistics.median(seconds) / best - 1)

    def per(self, count: int) -> Timing:
        """Divide by the number of operations in the call."""
        return Timing(self.best / count, self.spread)


def interleaved(
    calls: Mapping[str, Call], effort: Effort, collecting: bool = False
) -> dict[str, Timing]:
    """Time calls in turns, A B C A B C …, so that a slow minute slows all of them.

    Parameters
    ----------
    calls : mapping of name to callable
        Each has run once before: what it compiles on first use is not timed.
    effort : Effort
    collecting : bool
        Whether Python's garbage collector runs meanwhile. As with `timeit`, it rests
        unless asked for.

    Returns
    -------
    dict of name to Timing
        Of one call each.
    """
    repeats = {name: _repeats(call, effort.turn) for name, call in calls.items()}
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    was_enabled = gc.isenabled()
    gc.collect()
    try:
        for _ in range(effort.rounds):
            for name, call in calls.items():
                gc.collect()
                (gc.enable if collecting else gc.disable)()
                seconds[name].append(_turn(call, repeats[name]))
    finally:
        (gc.enable if was_enabled else gc.disable)()
    return {name: Timing.of(found) for name, found in seconds.items()}


def _turn(call: Call, repeats: int) -> float:
    turns = range(repeats)
    start = perf_counter()
    for _ in turns:
        call()
    return (perf_counter() - start) / repeats


def _repeats(call: Call, turn: float) -> int:
    """Find how often a call must run to last a turn."""
    repeats = 1
    while True:
        seconds = _turn(call, repeats) * repeats
        if seconds >= turn:
            return repeats
        # Ten times at most: the first calls are slower than those to come.
        repeats = max(repeats + 1, min(10 * repeats, int(1.2 * repeats * turn / seconds)))
