"""Cubic interpolants: splines, and those whose slopes are chosen locally.

Each is determined by its slopes at the nodes. Those of a spline solve a tridiagonal
system, in O(n), and are differentiable in the nodes as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from scipy import interpolate as sp

import wengert.primitives.scipy_linalg  # noqa: F401  (registers solve_banded)
from wengert.errors import ShapeError
from wengert.graph.primitive import FACES
from wengert.primitives.axes import as_array
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer, plain
from wengert.scipy.interpolate.piecewise import Piecewise, column

__all__ = [
    "Akima1DInterpolator",
    "CubicHermiteSpline",
    "CubicSpline",
    "PchipInterpolator",
    "pchip_interpolate",
]


def nodes(name: str, x: Any, y: Any, axis: int) -> tuple[Any, Any, int]:
    """Check nodes and values; give the values with the nodes' axis first."""
    x, y = as_array(x), as_array(y)
    x, y = (v if v.dtype.kind in "fc" else v.astype(np.float64) for v in (x, y))
    axis = axis % y.ndim
    if x.ndim != 1 or x.shape[0] < 2 or y.shape[axis] != x.shape[0]:
        raise ShapeError(
            f"{name}: {x.shape} nodes for values of shape {y.shape}, axis {axis}"
        )
    if not np.all(x[1:] > x[:-1]):
        raise ValueError("`x` must be strictly increasing sequence.")
    return x, np.moveaxis(y, axis, 0), axis


def secants(x: Any, y: Any) -> tuple[Any, Any]:
    """Give the widths between nodes, as columns, and the slopes of the chords."""
    widths = column(x[1:] - x[:-1], y)
    return widths, (y[1:] - y[:-1]) / widths


def hermite(x: Any, y: Any, slopes: Any) -> Any:
    """Give the coefficients of the cubics that take values and slopes at the nodes."""
    widths, chords = secants(x, y)
    bend = (slopes[:-1] + slopes[1:] - 2 * chords) / widths
    return np.stack(
        [bend / widths, (chords - slopes[:-1]) / widths - bend, slopes[:-1], y[:-1]]
    )


def solved(lower: Any, middle: Any, upper: Any, b: Any) -> Any:
    """Solve a tridiagonal system for the first axis of b."""
    zero = np.zeros(1)
    bands = np.stack([
        np.concatenate([zero, upper]), middle, np.concatenate([lower, zero])
    ])  # fmt: skip
    flat = np.reshape(b, (b.shape[0], -1))
    y = FACES[scipy.linalg.solve_banded]((1, 1), bands, flat)
    return np.reshape(y, b.shape)


def _conditions(bc_type: Any, y: Any) -> list[Any]:
    """Read what holds at the two ends: "not-a-knot", or an order and a value."""
    ends = [bc_type, bc_type] if isinstance(bc_type, str) else list(bc_type)
    zero = np.zeros(y.shape[1:])
    names = {"natural": (2, zero), "clamped": (1, zero), "not-a-knot": "not-a-knot"}
    found = []
    for end in ends:
        if isinstance(end, str) and end not in names:
            raise ValueError(f"bc_type={end} is not allowed.")
        found.append(names[end] if isinstance(end, str) else end)
    if len(found) != 2 or any(e != "not-a-knot" and e[0] not in (1, 2) for e in found):
        raise ValueError("The specified derivative order must be 1 or 2.")
    return found


def spline_slopes(x: Any, y: Any, bc_type: Any) -> Any:
    """Give the slopes that make the second derivative continuous."""
    n = x.shape[0]
    widths, chords = secants(x, y)
    h = x[1:] - x[:-1]
    if isinstance(bc_type, str) and bc_type == "periodic":
        if not np.allclose(plain(y[0]), plain(y[-1]), rtol=1e-15, atol=1e-15):
            raise ValueError(
                "The first and last `y` point along axis 0 must be identical (within "
                "machine precision) when bc_type='periodic'."
            )
        return _periodic_slopes(h, widths, chords)
    start, end = _conditions(bc_type, y)
    if n == 2:
        start = (1, chords[0]) if start == "not-a-knot" else start
        end = (1, chords[0]) if end == "not-a-knot" else end
    if n == 3 and start == end == "not-a-knot":  # a parabola
        bend = (chords[1] - chords[0]) / (x[2] - x[0])
        ends = [chords[0] - bend * h[0], chords[0] + bend * h[0]]
        return np.stack([*ends, chords[1] + bend * h[1]])
    inner = 3 * (widths[1:] * chords[:-1] + widths[:-1] * chords[1:])
    first = _end(start, h, chords, 1)
    last = _end(end, h[::-1], chords[::-1], -1)
    one = np.reshape
    upper = np.concatenate([one(first[1], 1), h[:-1]])
    middle = np.concatenate([one(first[0], 1), 2 * (h[:-1] + h[1:]), one(last[0], 1)])
    lower = np.concatenate([h[1:], one(last[1], 1)])
    b = np.concatenate([first[2][None], inner, last[2][None]])
    return solved(lower, middle, upper, b)


def _end(condition: Any, h: Any, chords: Any, sign: int) -> tuple[Any, Any, Any]:
    """Give one end's equation: the factors of two slopes, and the right side.

    Seen from that end; second derivatives change their sign with the direction.
    """
    if isinstance(condition, str):
        span = h[0] + h[1]
        side = (h[0] + 2 * span) * h[1] * chords[0] + h[0] * h[0] * chords[1]
        return h[1], span, side / span
    order, value = condition
    value = as_array(value) + np.zeros(chords.shape[1:])
    if order == 1:
        return np.ones(()), np.zeros(()), value
    return 2 * h[0], h[0], 3 * h[0] * chords[0] - sign * 0.5 * h[0] * h[0] * value


def _periodic_slopes(h: Any, widths: Any, chords: Any) -> Any:
    """Solve the cyclic system: without its last unknown twice, then for that."""
    n = h.shape[0]
    if n == 1:
        return np.stack([chords[0], chords[0]]) * 0.0
    if n == 2:
        t = np.sum(chords / widths, axis=0) / np.sum(1 / widths, axis=0)
        return np.stack([t, t, t])
    before = np.roll(h, 1)
    middle = 2 * (before + h)
    b = 3 * (widths * np.roll(chords, 1, 0) + np.roll(widths, 1, 0) * chords)
    # Equation i: h[i] s[i−1] + middle[i] s[i] + h[i−1] s[i+1] = b[i].
    corner = np.zeros(n - 3) if n > 3 else np.zeros(0)
    other = np.concatenate([-h[:1], corner, -before[n - 2 : n - 1]])
    if n == 3:
        other = np.stack([-h[0], -before[1]])
    bands = (h[1 : n - 1], middle[: n - 1], before[: n - 2])
    v, w = solved(*bands, b[: n - 1]), solved(*bands, other)
    bottom = middle[-1] + h[-1] * w[-1] + before[-1] * w[0]
    z = (b[-1] - h[-1] * v[-1] - before[-1] * v[0]) / bottom
    s = v + column(w, v) * z
    return np.concatenate([s, z[None], s[:1]])


def pchip_slopes(x: Any, y: Any) -> Any:
    """Give slopes that keep the values monotonic: weighted harmonic means."""
    h, m = secants(x, y)
    if x.shape[0] == 2:
        return np.concatenate([m, m])
    left, right = m[:-1], m[1:]
    turning = (np.sign(left) != np.sign(right)) | (left == 0) | (right == 0)
    first, second = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    safe_left, safe_right = np.where(turning, 1, left), np.where(turning, 1, right)
    mean = (first + second) / (first / safe_left + second / safe_right)
    inner = np.where(turning, 0, mean)
    start = _pchip_end(h[0], h[1], m[0], m[1])
    end = _pchip_end(h[-1], h[-2], m[-1], m[-2])
    return np.concatenate([start[None], inner, end[None]])


def _pchip_end(h: Any, k: Any, near: Any, far: Any) -> Any:
    slope = ((2 * h + k) * near - h * far) / (h + k)
    flat = np.sign(slope) != np.sign(near)
    steep = (np.sign(near) != np.sign(far)) & (np.abs(slope) > 3 * np.abs(near))
    return np.where(flat, 0, np.where(steep, 3 * near, slope))


def akima_slopes(x: Any, y: Any, method: str) -> Any:
    """Give means of chords, weighted by how little those beyond them bend."""
    _, m = secants(x, y)
    if x.shape[0] == 2:
        return np.concatenate([m, m])
    for _ in range(2):
        start, end = 2 * m[:1] - m[1:2], 2 * m[-1:] - m[-2:-1]
        m = np.concatenate([start, m, end])
    weight = np.abs(m[1:] - m[:-1])
    if method == "makima":
        weight = weight + 0.5 * np.abs(m[1:] + m[:-1])
    first, second = weight[2:], weight[:-2]
    total = first + second
    enough = total > 1e-9 * np.max(total)
    safe = np.where(enough, total, 1)
    mean = (first * m[1:-2] + second * m[2:-1]) / safe
    return np.where(enough, mean, 0.5 * (m[3:] + m[:-3]))


class CubicHermiteSpline(Piecewise, sp.CubicHermiteSpline):  # type: ignore[misc]
    """SciPy's `CubicHermiteSpline`, differentiable in points, values, slopes, nodes."""

    def __init__(
        self, x: Any, y: Any, dydx: Any, axis: int = 0, extrapolate: Any = None
    ) -> None:
        if not holds_tracer((x, y, dydx)):
            super().__init__(x, y, dydx, axis, extrapolate)
            return
        x, y, axis = nodes("CubicHermiteSpline", x, y, axis)
        slopes = np.moveaxis(as_array(dydx), axis, 0)
        extrapolate = True if extrapolate is None else extrapolate
        self._own(hermite(x, y, slopes), x, extrapolate, axis)


class CubicSpline(Piecewise, sp.CubicSpline):  # type: ignore[misc]
    """SciPy's `CubicSpline`, differentiable in points, values and nodes."""

    def __init__(
        self, x: Any, y: Any, axis: int = 0, bc_type: Any = "not-a-knot",
        extrapolate: Any = None,
    ) -> None:  # fmt: skip
        if not holds_tracer((x, y, bc_type)):
            super().__init__(x, y, axis, bc_type, extrapolate)
            return
        x, y, axis = nodes("CubicSpline", x, y, axis)
        if extrapolate is None:
            periodic = isinstance(bc_type, str) and bc_type == "periodic"
            extrapolate = "periodic" if periodic else True
        self._own(hermite(x, y, spline_slopes(x, y, bc_type)), x, extrapolate, axis)


class PchipInterpolator(Piecewise, sp.PchipInterpolator):  # type: ignore[misc]
    """SciPy's `PchipInterpolator`, differentiable in points, values and nodes."""

    def __init__(self, x: Any, y: Any, axis: int = 0, extrapolate: Any = None) -> None:
        if not holds_tracer((x, y)):
            super().__init__(x, y, axis, extrapolate)
            return
        x, y, axis = nodes("PchipInterpolator", x, y, axis)
        extrapolate = True if extrapolate is None else extrapolate
        self._own(hermite(x, y, pchip_slopes(x, y)), x, extrapolate, axis)


class Akima1DInterpolator(Piecewise, sp.Akima1DInterpolator):  # type: ignore[misc]
    """SciPy's `Akima1DInterpolator`, differentiable in points, values and nodes."""

    def __init__(
        self, x: Any, y: Any, axis: int = 0, *, method: Any = "akima",
        extrapolate: Any = None,
    ) -> None:  # fmt: skip
        if not holds_tracer((x, y)):
            super().__init__(x, y, axis, method=method, extrapolate=extrapolate)
            return
        if method not in ("akima", "makima"):
            raise NotImplementedError(f"`method`={method} is unsupported.")
        x, y, axis = nodes("Akima1DInterpolator", x, y, axis)
        extrapolate = False if extrapolate is None else extrapolate
        self._own(hermite(x, y, akima_slopes(x, y, method)), x, extrapolate, axis)


def pchip_interpolate(xi: Any, yi: Any, x: Any, der: Any = 0, axis: int = 0) -> Any:
    """Be SciPy's `pchip_interpolate`, differentiable."""
    if not holds_tracer((xi, yi, x)):
        return sp.pchip_interpolate(xi, yi, x, der, axis)
    if np.ndim(der):
        raise undefined(
            "scipy.interpolate.pchip_interpolate(der=[…])", "none is written",
            "take one order at a time",
        )  # fmt: skip
    return PchipInterpolator(xi, yi, axis)(x, der)
