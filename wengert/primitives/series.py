"""Power series about 0, for functions whose closed form cancels there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["about_zero", "horner"]


def horner(coefficients: Sequence[float], x: Any) -> Any:
    """Give Σ cₖ·xᵏ.

    Examples
    --------
    >>> horner([1, 2, 3], 10)
    321
    """
    total: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def about_zero(
    x: Any,
    radius: float,
    coefficients: Sequence[float],
    elsewhere: Callable[[Any], Any],
) -> Any:
    """Give Σ cₖ·xᵏ where |x| < radius, and a function of x elsewhere; both keep to
    where they hold, so that a derivative may pass through."""
    small = np.absolute(x) < radius
    near, far = np.where(small, x, 0), np.where(small, radius, x)
    return np.where(small, horner(coefficients, near), elsewhere(far))
