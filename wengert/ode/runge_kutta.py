"""One step of an explicit Runge–Kutta method.

Written with plain operations, so that it runs on numbers, differentiates on Tracers,
and is a few fused loops in a Graph.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.ode.interpolation import hermite
from wengert.ode.tableaux import Tableau

__all__ = ["ExplicitStep"]

Slope = Callable[[Any, Any], Any]


class ExplicitStep:
    """The step from y at t to `after` at t + h; what else is asked is computed then.

    Parameters
    ----------
    tableau : Tableau
    f : callable
        `(t, y) → dy/dt`, on vectors.
    t, y, h
        May be Tracers.
    slope : array, optional
        f(t, y), where it is known.
    """

    def __init__(
        self, tableau: Tableau, f: Slope, t: Any, y: Any, h: Any, slope: Any = None
    ) -> None:
        self._tableau, self._f, self._t, self._y, self._h = tableau, f, t, y, h
        stages = [f(t, y) if slope is None else slope]
        for c, weights in zip(tableau.c[1:], tableau.a, strict=True):
            stages.append(f(t + c * h, y + h * weighted(weights, stages)))
        self._stages = stages
        self.after = y + h * weighted(tableau.b, stages)

    @functools.cached_property
    def slope(self) -> Any:
        """The slope at the end, with which the next step begins."""
        return self._f(self._t + self._h, self.after)

    @property
    def error(self) -> Any:
        """The estimated error of the step."""
        return self._h * weighted(self._tableau.error, [*self._stages, self.slope])

    def coefficients(self) -> list[Any]:
        """Give c₀ … c₄ of the polynomial within the step: see interpolation.py."""
        first, last = self._h * self._stages[0], self._h * self.slope
        c = hermite(self._y, self.after, first, last)
        if not self._tableau.bump:
            return [*c, np.zeros_like(self._y)]
        bump = weighted(self._tableau.bump, [*self._stages, self.slope])
        return [*c, self._h * bump]


def weighted(weights: Sequence[float], terms: Sequence[Any]) -> Any:
    """Sum the terms, each times its weight, if that is not 0."""
    parts = [w * x for w, x in zip(weights, terms, strict=True) if w]
    return functools.reduce(lambda total, part: total + part, parts)
