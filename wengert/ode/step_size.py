"""How large a step may be: error norm, growth, the first step.

The formulas are those of SciPy's `solve_ivp`, so that with the same method and
tolerances both go by the same steps. All runs on numbers, and on Tracers in a Graph.

Reference: Hairer, Nørsett & Wanner (1993), Solving Ordinary Differential Equations I,
ch. II.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.ode.runge_kutta import Slope

__all__ = ["GROW", "SMALLEST", "Control"]

SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0
# A step is too small where it is less than so many spacings of floats at t.
SMALLEST = 10


@dataclass(frozen=True)
class Control:
    """What is asked of the steps.

    Attributes
    ----------
    rtol : float
    atol : float or array (n,)
    first_step : float or None
    max_step : float
    max_steps : int
        How many may be tried.
    """

    rtol: float
    atol: Any
    first_step: float | None
    max_step: float
    max_steps: int

    def norm(self, error: Any, y: Any, after: Any) -> Any:
        """Compare an error with what is tolerated: less than 1 is; never nan."""
        scale = self.atol + self.rtol * np.maximum(np.abs(y), np.abs(after))
        norm = _root_mean_square(error / scale)
        return np.where(np.isfinite(norm), norm, np.inf)

    def factor(self, norm: Any, estimate: int, ceiling: Any = GROW) -> Any:
        """By how much the next step is longer than one of this norm."""
        power = np.maximum(norm, 1e-30) ** (-1 / (estimate + 1))
        return np.clip(SAFETY * power, SHRINK, ceiling)

    def first(self, f: Slope, t0: Any, y0: Any, slope: Any, t1: Any, order: int) -> Any:
        """Choose the first step's length, without its sign, by one more evaluation."""
        span = np.abs(t1 - t0)
        if self.first_step is not None:
            return np.minimum(self.first_step, span)
        scale = self.atol + self.rtol * np.abs(y0)
        d0, d1 = _root_mean_square(y0 / scale), _root_mean_square(slope / scale)
        small = (d0 < 1e-5) | (d1 < 1e-5)
        h0 = np.where(small, 1e-6, 0.01 * d0 / np.where(small, 1.0, d1))
        h0 = np.minimum(h0, span) + np.where(span == 0, 1.0, 0.0)
        signed = h0 * np.sign(t1 - t0)
        change = f(t0 + signed, y0 + signed * slope) - slope
        steepest = np.maximum(d1, _root_mean_square(change / scale) / h0)
        flat = steepest <= 1e-15
        h1 = np.where(
            flat,
            np.maximum(1e-6, h0 * 1e-3),
            (0.01 / np.where(flat, 1.0, steepest)) ** (1 / (order + 1)),
        )
        return np.minimum(np.minimum(100 * h0, h1), np.minimum(span, self.max_step))


def _root_mean_square(x: Any) -> Any:
    magnitude = np.abs(x)
    return np.sqrt(np.sum(magnitude * magnitude) / max(x.size, 1))
