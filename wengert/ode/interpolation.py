"""The solution within a step, a polynomial of degree 4 at most.

With s = (τ − t)/h it is, in the form that Hairer's DOPRI5 gave it,

    y(τ) = c₀ + s·(c₁ + (1 − s)·(c₂ + s·(c₃ + (1 − s)·c₄))),

where c₀ = y(t) and c₁ = y(t + h) − y(t). With c₂ and c₃ from the slopes at both ends,
and c₄ = 0, that is Hermite's cubic.
"""

from __future__ import annotations

from typing import Any

__all__ = ["hermite", "interpolated"]


def hermite(y: Any, after: Any, first: Any, last: Any) -> list[Any]:
    """Give c₀ … c₃ from values, and from slopes times h, at both ends."""
    change = after - y
    turn = first - change
    return [y, change, turn, change - last - turn]


def interpolated(c: Any, s: Any) -> Any:
    """Evaluate at s, in 0 … 1 from one end to the other; both may have a first axis."""
    rest = 1.0 - s
    return c[0] + s * (c[1] + rest * (c[2] + s * (c[3] + rest * c[4])))
