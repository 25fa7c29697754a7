"""Schedules: the rate as a function of the number of steps taken.

A schedule is a plain function `count → rate`. `count` is a NumPy scalar, 0.0 at the
first step, or traced; so schedules branch by np.where, and `jit` compiles them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError

__all__ = [
    "Rate",
    "Schedule",
    "as_schedule",
    "constant",
    "cosine",
    "exponential",
    "join",
    "linear",
    "piecewise",
    "warmup_cosine",
]

Schedule = Callable[[Any], Any]
Rate = float | Schedule


def as_schedule(rate: Rate) -> Schedule:
    """Make a schedule of a rate that may be one already.

    Raises
    ------
    ArgumentError
        If the rate is no finite number and no function.
    """
    return rate if callable(rate) else constant(rate)


def constant(rate: float) -> Schedule:
    """Keep one rate.

    Raises
    ------
    ArgumentError
        If the rate is no finite number.
    """
    if not np.isscalar(rate) or not np.isfinite(rate):
        raise ArgumentError(
            f"the rate is {rate!r}; it is a finite number or a schedule"
        )
    return lambda count: rate


def linear(start: float, stop: float, steps: int) -> Schedule:
    """Go evenly from one rate to another, and stay there.

    Examples
    --------
    >>> rate = linear(1.0, 0.0, 4)
    >>> [float(rate(count)) for count in (0, 1, 4, 9)]
    [1.0, 0.75, 0.0, 0.0]
    """
    _check_steps("linear", steps)
    return lambda count: start + (stop - start) * np.minimum(count / steps, 1.0)


def exponential(
    start: float, factor: float, steps: int, whole: bool = False
) -> Schedule:
    """Multiply the rate by a factor in each so many steps.

    Parameters
    ----------
    start, factor : float
    steps : int
    whole : bool
        Whether the rate changes only once in so many steps, in stairs.

    Examples
    --------
    >>> float(exponential(1.0, 0.5, 10)(20))
    0.25
    """
    _check_steps("exponential", steps)
    fraction = np.floor if whole else lambda x: x
    return lambda count: start * np.exp(np.log(factor) * fraction(count / steps))


def cosine(start: float, steps: int, stop: float = 0.0) -> Schedule:
    """Go down by half a period of the cosine, and stay there.

    References
    ----------
    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts.

    Examples
    --------
    >>> rate = cosine(1.0, 10)
    >>> [round(float(rate(count)), 6) for count in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 0.0]
    """
    _check_steps("cosine", steps)

    def rate(count: Any) -> Any:
        angle = np.pi * np.minimum(count / steps, 1.0)
        return stop + (start - stop) * 0.5 * (1.0 + np.cos(angle))

    return rate


def warmup_cosine(
    peak: float, warmup: int, steps: int, start: float = 0.0, stop: float = 0.0
) -> Schedule:
    """Go up evenly for `warmup` steps, then down by a cosine until `steps`.

    Examples
    --------
    >>> rate = warmup_cosine(1.0, 10, 30)
    >>> [round(float(rate(count)), 6) for count in (0, 5, 10, 20, 30)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    falling = cosine(peak, steps - warmup, stop)
    return join([linear(start, peak, warmup), falling], [warmup])


def piecewise(start: float, factors: dict[int, float]) -> Schedule:
    """Multiply the rate by a factor at each of some steps.

    Parameters
    ----------
    start : float
    factors : dict
        Count → factor from that count on.

    Examples
    --------
    >>> rate = piecewise(1.0, {10: 0.5, 20: 0.5})
    >>> [float(rate(count)) for count in (9, 10, 20)]
    [1.0, 0.5, 0.25]
    """

    def rate(count: Any) -> Any:
        value: Any = start
        for boundary, factor in factors.items():
            value = value * np.where(count >= boundary, factor, 1.0)
        return value

    return rate


def join(schedules: Sequence[Schedule], boundaries: Sequence[int]) -> Schedule:
    """Follow one schedule after the other, each counted from its own beginning.

    Parameters
    ----------
    schedules : sequence of n + 1 schedules
    boundaries : sequence of n int
        The counts at which the next one begins, rising.

    Raises
    ------
    ArgumentError
        If the numbers do not fit, or boundaries do not rise.
    """
    if len(schedules) != len(boundaries) + 1:
        raise ArgumentError(
            f"{len(schedules)} schedules meet at {len(schedules) - 1} boundaries, "
            f"not {len(boundaries)}"
        )
    if any(a >= b for a, b in zip(boundaries, boundaries[1:], strict=False)):
        raise ArgumentError(f"the boundaries {list(boundaries)} must rise")

    def rate(count: Any) -> Any:
        value = schedules[0](count)
        for boundary, schedule in zip(boundaries, schedules[1:], strict=True):
            later = schedule(np.maximum(count - boundary, 0.0))
            value = np.where(count < boundary, value, later)
        return value

    return rate


def _check_steps(name: str, steps: int) -> None:
    if not steps > 0:
        raise ArgumentError(f"{name} needs a positive number of steps, not {steps!r}")
