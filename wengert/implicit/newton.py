"""Newton's method with exact derivatives, and steps cut until the residual falls."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import ConvergenceError, SingularError
from wengert.implicit.theorem import Equations

__all__ = ["newton"]

_HALVINGS = 30
_ROUNDING = 64  # a step of so many roundings of x is the last


def newton(equations: Equations, v: Any, steps: int) -> Any:
    """Improve a solution as long as the residual falls.

    Parameters
    ----------
    equations : Equations
    v : array (n,)
        Where to start.
    steps : int
        At most.

    Returns
    -------
    array (n,)
        Never worse than v. Whether it is good, the caller asks.

    References
    ----------
    Nocedal & Wright (2006), Numerical Optimization, ch. 11.
    """
    with np.errstate(all="ignore"):
        residual = equations(v)
        for _ in range(steps):
            size = np.linalg.norm(residual)
            if not 0 < size < np.inf:
                break
            try:
                step = equations.step(v, residual)
            except (SingularError, ConvergenceError):
                break
            better = _along(equations, v, step, size)
            if better is None:
                break
            v, residual = better
            if np.linalg.norm(step) <= _ROUNDING * np.finfo(v.dtype).eps * (
                np.linalg.norm(v)
            ):
                break
    return v


def _along(equations: Equations, v: Any, step: Any, size: Any) -> Any:
    """Search along the step for a smaller residual; None if there is none."""
    factor = 1.0
    for _ in range(_HALVINGS):
        moved = v - factor * step
        if np.array_equal(moved, v):
            return None
        residual = equations(moved)
        if np.linalg.norm(residual) < (1 - 1e-4 * factor) * size:
            return moved, residual
        factor /= 2
    return None
