"""How far a rule and a difference may lie apart: the one place that says so.

    |got − expected| ≤ rtol·size + atol + min(10·error, cap·scale)

`error` is the difference's own estimate, which is trusted up to `cap`: a difference
that is worse than that (at a kink, a jump, a singularity) acquits nobody, and the check
fails and says so. `scale` is the size of f: of its value, of its derivative, and of its
change along the longest step, whichever is largest.

    u is the unit roundoff, k the order of the derivative

    rtol = 4ᵏ √(2u)      float64 6e-8, 2e-7, …    float32 1.4e-3, 5.5e-3, …
    atol = 4ᵏ · 128 u    float64 6e-14, …         float32 3e-5, …
    cap  = (2u)^¼        float64 1.2e-4           float32 1.9e-2
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wengert.numeric.schemes import Array

__all__ = ["Comparison", "Tolerance", "compare", "tolerance_for"]

# Elements that are small beside the others carry rounding errors of the larger ones.
_CANCELLATION = 1e-4
_TRUST = 10.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Relative and absolute tolerance, and the trust in error estimates."""

    rtol: float
    atol: float
    cap: float

    def trusted(self, error: Array, scale: float) -> Array:
        """Give what the error estimates of a difference excuse."""
        return np.minimum(_TRUST * error, self.cap * scale)

    def elementwise(self, expected: Array, excused: Array) -> Array:
        """Give the tolerance of each element of an array (m,)."""
        size = np.abs(expected)
        largest = np.max(size, initial=0.0, where=np.isfinite(size))
        allowed: Array = (
            self.rtol * np.maximum(size, _CANCELLATION * largest) + self.atol + excused
        )
        return allowed

    def of_sum(self, size: float, excused: float) -> float:
        """Give the tolerance of a sum whose terms have this size altogether."""
        return self.rtol * size + self.atol + excused


def tolerance_for(
    roundoff: float, order: int, rtol: float | None, atol: float | None
) -> Tolerance:
    """Choose tolerances from the unit roundoff and the order of the derivative.

    Parameters
    ----------
    roundoff : float
        u, the worst among arguments and outputs.
    order : int
        1 for first derivatives, and so on: each order loses some digits.
    rtol, atol : float or None
        What the caller insists on, at every order.
    """
    growth = 4.0**order
    return Tolerance(
        growth * (2 * roundoff) ** 0.5 if rtol is None else rtol,
        growth * 128 * roundoff if atol is None else atol,
        (2 * roundoff) ** 0.25,
    )


class Comparison(NamedTuple):
    """The outcome of comparing two arrays (m,)."""

    passed: bool
    at: int
    """The worst element."""
    error: float
    """Of the worst element."""
    both_nan: int
    """How many elements are NaN in both."""


def compare(expected: Array, got: Array, allowed: Array) -> Comparison:
    """Compare two arrays element by element, and find the worst.

    Equal infinities agree, as NaN does with NaN; what is not finite on one side alone
    is wrong, whatever the tolerance.

    Parameters
    ----------
    expected, got : array (m,), m > 0
    allowed : array (m,), real

    Examples
    --------
    >>> compare(np.array([1.0, 2.0]), np.array([1.0, 2.5]), np.array([0.1, 0.1]))
    Comparison(passed=False, at=1, error=0.5, both_nan=0)
    >>> compare(np.array([np.nan]), np.array([1.0]), np.array([np.inf])).passed
    False
    """
    with np.errstate(all="ignore"):
        both_nan = np.isnan(got) & np.isnan(expected)
        same = both_nan | (got == expected)
        errors = np.where(same, 0.0, np.abs(got - expected))
        right = same | (np.isfinite(errors) & (errors <= allowed))
        ratios = np.where(same, 0.0, errors / allowed)
        severity = np.where(right | np.isfinite(ratios), ratios, np.inf)
    at = int(np.argmax(severity))
    return Comparison(bool(np.all(right)), at, float(errors[at]), int(np.sum(both_nan)))
