"""Ridders' method: differences of ever shorter steps, extrapolated to step zero.

A difference with step h has an error series in powers of h: h², h⁴, … where the points
lie symmetrically, h, h², … where they lie on one side. Halving the step and combining
two differences removes the first power, combining two such combinations the next:

    T[k, 0] = D(h₀/2ᵏ)
    T[k, m] = T[k, m−1] + (T[k, m−1] − T[k−1, m−1]) / (2^(p + (m−1)s) − 1)

with p the order of D and s the spacing of powers. Each entry is judged by its distance
from the two entries it was made of, and the best entry wins; for each component of the
output by itself, so that one component near a kink does not spoil its neighbours. An
entry made from a value outside the domain of f is NaN and never wins: the table finds
its way to steps that are short enough. Where successive differences move apart,
steadily and by more than rounding explains, the steps are still too long (|x| at 10⁻³,
log beside 0), and whatever looked like convergence before is forgotten.

References
----------
.. [1] C. J. F. Ridders (1982), Accurate computation of F'(x) and F'(x)F''(x), Advances
   in Engineering Software 4(2), 75–76.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wengert.numeric.schemes import Array, Scheme

__all__ = ["Extrapolated", "extrapolate"]

_LEVELS = 21  # from 2⁻³ to 2⁻²³: beyond lies nothing but rounding error
_DEPTH = 8  # combinations of higher order only amplify rounding
_PATIENCE = 3  # rows without progress in any component before the table is left
_WITNESSES = 1  # the same where no progress is possible


class Extrapolated(NamedTuple):
    """A limit of differences, per component: values, error estimates, steps."""

    value: Array
    error: Array
    step: Array


def extrapolate(
    sample: Callable[[float], Array],
    scheme: Scheme,
    start: float,
    rounding: Array,
    roundoff: float,
    derivative: int = 1,
    rounded: bool = True,
) -> Extrapolated:
    """Extrapolate D(h) to h = 0.

    Parameters
    ----------
    sample : callable
        D, from a step to an array (m,).
    scheme : Scheme
        Its order and symmetry say which powers of h to remove.
    start : float
        h₀, the longest step.
    rounding : array (m,)
        W·u|f|, which an error estimate cannot fall below after division by h.
    roundoff : float
        u.
    derivative : int
        The power of h that divides rounding errors.
    rounded : bool
        Whether f may be a staircase, of rounded values: differences that become exactly
        zero are no limit then. Otherwise a longer step has crossed a kink.

    Returns
    -------
    Extrapolated
        Arrays (m,). Where D is finite at no two steps in a row, the value is that of
        the shortest step and the error is infinite.

    Cost
    ----
    One call of `sample` per row: 4 to 10 for smooth functions, 21 at most.

    Examples
    --------
    >>> from wengert.numeric.schemes import find_scheme
    >>> def sample(h):
    ...     return np.array([np.exp(h) - np.exp(-h)]) / (2 * h)
    >>> limit = extrapolate(sample, find_scheme("ridders"), 0.5, np.ones(1) * 1e-16,
    ...                     1e-16)
    >>> bool(abs(limit.value[0] - 1) <= limit.error[0] < 1e-12)
    True
    """
    root = roundoff**0.5
    best = _Best(sample(start), start)
    previous, moves, step = [best.value], list[Array](), start
    moved = best.value != 0
    for _ in range(1, _LEVELS):
        step /= 2.0
        noise = rounding / step**derivative
        row = [sample(step)]
        factor = 2.0**scheme.order
        for above in previous[:_DEPTH]:
            before = row[-1]
            row.append(before + (before - above) / (factor - 1.0))
            factor *= 2.0**scheme.stride
        table, above = np.array(row), np.array(previous[:_DEPTH])
        entries, before = table[1:], table[:-1]
        distance = np.maximum(np.abs(entries - before), np.abs(entries - above))
        # The entry itself is rounded, and so is what it stands for.
        estimates = distance + noise + 2 * roundoff * np.abs(entries)
        # Values that differed and now are equal stand on one step of a staircase.
        stuck = (row[0] == 0) & moved & rounded
        best.consider(entries, np.where(stuck, np.inf, estimates), step)
        moved = moved | (row[0] != 0)
        moves = [*moves[-2:], row[0] - previous[0]]
        best.end_row(row[0], step, derivative, _moving_apart(moves, noise))
        previous = row
        if not best.stale.any():
            continue
        # Shorter steps can only be worse; but see some noise before believing it.
        hopeless = (2.0**derivative * noise >= best.error) & (best.stale >= _WITNESSES)
        # An error of that size may as well be an oscillation not resolved yet.
        rough = (
            best.error > root * np.abs(best.value) + rounding / root / start**derivative
        )
        if np.all(hopeless | ((best.stale >= _PATIENCE) & ~rough)):
            break
    return best.result(derivative)


class _Best:
    """The best entries so far, one per component."""

    def __init__(self, value: Array, step: float) -> None:
        shape = value.shape
        self.value, self.error = value, np.full(shape, np.inf)
        self.step = np.full(shape, step)
        # Rows since the last progress, and the noise that they showed.
        self.stale, self.noise = np.zeros(shape, dtype=int), np.zeros(shape)
        self.streak = np.zeros(shape, dtype=int)
        self.columns = np.arange(value.size)

    def consider(self, entries: Array, estimates: Array, step: float) -> None:
        # NaN never wins.
        estimates = np.where(np.isnan(estimates), np.inf, estimates)
        first = estimates.argmin(axis=0)
        self.least = np.min(estimates, axis=0)
        better = self.improved = self.least < self.error
        self.value = np.where(better, entries[first, self.columns], self.value)
        self.error = np.where(better, self.least, self.error)
        self.step = np.where(better, step, self.step)

    def end_row(
        self, difference: Array, step: float, derivative: int, apart: Array
    ) -> None:
        self.error = np.where(apart, np.inf, self.error)
        lost = np.isinf(self.error)
        if lost.any():
            self.value = np.where(lost, difference, self.value)
            self.step = np.where(lost, step, self.step)
        self.stale = np.where(self.improved | lost, 0, self.stale + 1)
        self.streak = np.where(self.improved, self.streak + 1, 0)
        # One better row among noisy ones is luck, two in a row are convergence.
        self.noise = np.where(self.streak > 1, 0.0, self.noise)
        if self.stale.any():
            seen = np.where(np.isfinite(self.least), self.least, 0.0) * step**derivative
            noisy = np.maximum(self.noise, seen)
            self.noise = np.where(self.stale > 0, noisy, self.noise)

    def result(self, derivative: int) -> Extrapolated:
        # The least of many distances may be least by luck. Rows below the best one
        # show what noise there is, which the step of the best one divides.
        error = np.maximum(self.error, self.noise / self.step**derivative)
        return Extrapolated(self.value, error, self.step)


def _moving_apart(moves: list[Array], floor: Array) -> Array:
    """Tell where the last three changes from row to row grow by a steady factor.

    Noise also grows as steps shrink, but changes sign and size at random.
    """
    if len(moves) < 3:
        return np.zeros(floor.shape, dtype=bool)
    apart = np.abs(moves[-1]) > 16 * floor
    for before, after in zip(moves, moves[1:], strict=False):
        ratio = (after / before).real
        apart = apart & (ratio > 1.1) & (ratio < 5)
    return apart
