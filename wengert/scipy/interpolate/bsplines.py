"""B-splines: differentiable in points, coefficients and knots."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.interpolate
import scipy.linalg

import wengert.primitives.scipy_linalg  # noqa: F401  (registers solve_banded)
from wengert.graph.primitive import FACES
from wengert.primitives.axes import as_array
from wengert.primitives.gathering import gathered
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer
from wengert.scipy.interpolate.cubics import nodes
from wengert.scipy.interpolate.piecewise import (
    Part,
    column,
    interval,
    placed,
    points,
    wrapped,
)

__all__ = ["BSpline", "make_interp_spline"]


def evaluated(t: Any, c: Any, k: int, x: Any) -> Any:
    """Evaluate by de Boor's recursion; the outermost pieces reach beyond the knots."""
    n = t.shape[0] - k - 1
    i = interval(t, x, k, n - 1)
    d = [gathered(c, i - k + j) for j in range(k + 1)]
    for r in range(1, k + 1):
        for j in range(k, r - 1, -1):
            low, high = gathered(t, i - k + j), gathered(t, i + 1 - r + j)
            share = column((x - low) / (high - low), d[j])
            d[j] = (1 - share) * d[j - 1] + share * d[j]
    return d[k]


def derived(t: Any, c: Any, k: int) -> tuple[Any, Any, int]:
    """Differentiate a spline: differences of its coefficients."""
    if k == 0:
        return t, c * 0.0, 0
    widths = t[k + 1 : -1] - t[1 : -k - 1]
    empty = widths == 0
    scale = np.where(empty, 0, k / np.where(empty, 1, widths))
    return t[1:-1], (c[1:] - c[:-1]) * column(scale, c), k - 1


def integrated(t: Any, c: Any, k: int) -> tuple[Any, Any, int]:
    """Integrate a spline from its first knot: sums of its coefficients."""
    steps = c * column((t[k + 1 :] - t[: -k - 1]) / (k + 1), c)
    zero = np.zeros((1, *c.shape[1:]), c.dtype)
    sums = np.concatenate([zero, np.cumsum(steps, axis=0)])
    return np.concatenate([t[:1], t, t[-1:]]), sums, k + 1


class BSpline(scipy.interpolate.BSpline):  # type: ignore[misc]
    """SciPy's `BSpline`, differentiable in points, coefficients and knots."""

    t = Part()
    c = Part()

    def __init__(
        self, t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0
    ) -> None:
        if not holds_tracer((t, c)):
            super().__init__(t, c, k, extrapolate, axis)
            return
        t, c = as_array(t), as_array(c)
        if t.ndim != 1 or t.shape[0] < 2 * k + 2 or not np.all(t[1:] >= t[:-1]):
            raise ValueError(
                "Knots must be in a non-decreasing order, 2k + 2 at least."
            )
        axis = axis % c.ndim
        self._take(t, np.moveaxis(c, axis, 0), int(k), extrapolate, axis)

    def _take(self, t: Any, c: Any, k: int, extrapolate: Any, axis: int) -> None:
        own: dict[str, Any] = self.__dict__
        own.update(own_t=t, own_c=c[: t.shape[0] - k - 1])
        self.k = k
        self.extrapolate, self.axis = extrapolate, axis

    def _made(self, parts: tuple[Any, Any, int]) -> Any:
        made = object.__new__(BSpline)
        t, c, k = parts
        made._take(t, c, k, self.extrapolate, self.axis)
        return made

    def __wengert_holds__(self) -> bool:
        return holds_tracer((self.t, self.c))

    def _parts(self) -> tuple[Any, Any, int]:
        return self.t, self.c[: self.t.shape[0] - self.k - 1], self.k

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Evaluate the spline, or its derivative of an order."""
        if not holds_tracer((self, x)):
            return super().__call__(x, nu, extrapolate)
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        x, (t, c, k) = points(x), self._parts()
        shape, x = x.shape, np.ravel(x)
        start, stop = t[k], t[t.shape[0] - k - 1]
        if extrapolate == "periodic":
            x = wrapped(x, start, stop)
        for _ in range(nu):
            t, c, k = derived(t, c, k)
        y = evaluated(t, c, k, x)
        if extrapolate is False or extrapolate == 0:
            y = np.where(column((x >= start) & (x <= stop), y), y, np.nan)
        return placed(np.reshape(y, shape + c.shape[1:]), len(shape), self.axis)

    def derivative(self, nu: int = 1) -> Any:
        """Give the derivative, a spline of a lower degree."""
        parts = self._parts()
        for _ in range(nu):
            parts = derived(*parts)
        return (
            self._made(parts) if holds_tracer(self) else _ours(super().derivative(nu))
        )

    def antiderivative(self, nu: int = 1) -> Any:
        """Give the integral from the first knot."""
        if not holds_tracer(self):
            return _ours(super().antiderivative(nu))
        parts = self._parts()
        for _ in range(nu):
            parts = integrated(*parts)
        made = self._made(parts)
        if self.extrapolate == "periodic":
            made.extrapolate = False
        return made

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """Integrate from a to b."""
        if not holds_tracer((self, a, b)):
            return super().integrate(a, b, extrapolate)
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        if extrapolate == "periodic":
            raise undefined(
                "scipy.interpolate.BSpline.integrate(extrapolate='periodic')",
                "none is written", "integrate within one period, and over all of it",
            )  # fmt: skip
        a, b = points(a), points(b)
        t, c, k = integrated(*self._parts())
        if not extrapolate:
            start, stop = self.t[self.k], self.t[self.t.shape[0] - self.k - 1]
            a, b = np.clip(a, start, stop), np.clip(b, start, stop)
        high, low = (evaluated(t, c, k, np.reshape(v, (1,)))[0] for v in (b, a))
        return high - low


def _ours(spline: Any) -> Any:
    return BSpline.construct_fast(
        spline.t, spline.c, spline.k, spline.extrapolate, spline.axis
    )


def basis(t: Any, k: int, x: Any, i: Any) -> list[Any]:
    """Give the k + 1 splines that do not vanish on piece i, at each point."""
    values: list[Any] = [np.ones(x.shape, x.dtype)]
    for r in range(1, k + 1):
        carried: Any = 0.0
        higher = []
        for j in range(r):
            right = gathered(t, i + j + 1) - x
            left = x - gathered(t, i + 1 - r + j)
            part = values[j] / (right + left)
            higher.append(carried + right * part)
            carried = left * part
        values = [*higher, carried]
    return values


def interpolating(x: Any, y: Any, k: int, t: Any = None) -> tuple[Any, Any, int]:
    """Give knots and coefficients of the spline through values, by a banded system."""
    n = x.shape[0]
    if t is None:
        if k == 0:
            return np.concatenate([x, x[-1:]]), y, 0
        if k % 2:
            inner = x[(k + 1) // 2 : n - (k + 1) // 2]
        else:
            middles = 0.5 * (x[1:] + x[:-1])
            inner = middles[k // 2 : n - 1 - k // 2]
        ends = [np.broadcast_to(x[e], (k + 1,)) for e in (0, -1)]
        t = np.concatenate([ends[0], inner, ends[1]])
    t = as_array(t)
    if k == 1:
        return t, y, 1
    i = interval(t, x, k, n - 1)
    values = np.stack(basis(t, k, x, i), 1)
    # Band r of column j holds row r − k + j, whose splines start at i − k.
    band, j = np.indices((2 * k + 1, n))
    row = band - k + j
    there = (row >= 0) & (row < n)
    row = np.where(there, row, 0)
    place = j - gathered(i, row) + k
    there = there & (place >= 0) & (place <= k)
    bands = np.where(there, gathered(values, row, np.where(there, place, 0)), 0)
    flat = np.reshape(y, (n, -1))
    c = FACES[scipy.linalg.solve_banded]((k, k), bands, flat)
    return t, np.reshape(c, y.shape), k


@functools.wraps(scipy.interpolate.make_interp_spline)
def make_interp_spline(
    x: Any, y: Any, k: int = 3, t: Any = None, bc_type: Any = None, axis: int = 0,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    """Give the spline through values: SciPy's `make_interp_spline`, differentiable.

    Raises
    ------
    MissingRuleError
        If something is traced and conditions at the ends are given.
    """
    if not holds_tracer((x, y, t, bc_type)):
        return _ours(
            scipy.interpolate.make_interp_spline(
                x, y, k, t, bc_type, axis, check_finite
            )
        )
    if bc_type not in (None, "not-a-knot", (None, None)):
        raise undefined(
            "scipy.interpolate.make_interp_spline(bc_type=…)", "none is written",
            "use CubicSpline, or leave bc_type out",
        )  # fmt: skip
    x, y, axis = nodes("make_interp_spline", x, y, axis)
    if x.shape[0] < k + 1:
        raise ValueError(f"{k + 1} nodes are needed at least, not {x.shape[0]}")
    made = object.__new__(BSpline)
    t, c, k = interpolating(x, y, int(k), t)
    made._take(t, c, k, True, axis)
    return made
