"""Time several calls side by side: interleaved, the best of several rounds."""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, TypeVar

__all__ = ["Effort", "Timing", "interleaved"]

Call = Callable[[], Any]
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes
    ----------
    rounds : int
        How often each call has its turn.
    turn : float
        The seconds that a turn lasts at least: a fast call is repeated within it.
    patience : float
        The seconds after which rounds are left out; three are measured always.
    quick : bool
        Whether the run is a smoke test: smaller programs, numbers that mean nothing.
    """

    rounds: int = 25
    turn: float = 0.02
    patience: float = 8.0
    quick: bool = False


@dataclass(frozen=True)
class Timing:
    """What one call took, or why it was not timed.

    Attributes
    ----------
    best : float
        Seconds of a call in the best round.
    spread : float
        How far the median round lies above the best, as a part of it; NaN if there was
        one round only.
    why : str
        Empty, or the reason for which there is no time.
    """

    best: float = math.nan
    spread: float = math.nan
    why: str = ""

    @classmethod
    def of(cls, seconds: list[float]) -> Timing:
        """Summarise the rounds of one call."""
        best = min(seconds)
        return cls(best, statistics.median(seconds) / best - 1)

    def per(self, count: int) -> Timing:
        """Divide by the number of operations in the call."""
        return replace(self, best=self.best / count)


def interleaved(
    calls: Mapping[Name, Call], effort: Effort, collecting: bool = False
) -> dict[Name, Timing]:
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
    seconds: dict[Name, list[float]] = {name: [] for name in calls}
    was_enabled = gc.isenabled()
    gc.collect()
    # What the libraries loaded is set aside: none of them pays for another's objects.
    gc.freeze()
    try:
        start = perf_counter()
        for done in range(effort.rounds):
            if done >= 3 and perf_counter() - start > effort.patience:
                break
            for name, call in calls.items():
                gc.collect()
                (gc.enable if collecting else gc.disable)()
                seconds[name].append(_turn(call, repeats[name]))
    finally:
        gc.unfreeze()
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
        # Ten times more at most: the first calls are slower than those to come.
        factor = min(10.0, 1.2 * turn / seconds)
        repeats = max(repeats + 1, int(factor * repeats))
