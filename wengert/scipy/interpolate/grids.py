"""Interpolation on grids: along one axis, and of several variables."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from scipy import interpolate as original

from wengert.errors import ShapeError
from wengert.primitives.axes import as_array
from wengert.primitives.gathering import gathered
from wengert.primitives.refusal import undefined
from wengert.scipy.dropin import holds_tracer, plain
from wengert.scipy.interpolate.bsplines import evaluated, interpolating
from wengert.scipy.interpolate.cubics import nodes
from wengert.scipy.interpolate.piecewise import column, interval, placed, points

__all__ = ["RegularGridInterpolator", "interp1d", "interpn"]

_DEGREES = {"slinear": 1, "quadratic": 2, "cubic": 3}


class interp1d(original.interp1d):  # type: ignore[misc]  # noqa: N801
    """SciPy's `interp1d`, differentiable in points, values and nodes."""

    def __init__(
        self, x: Any, y: Any, kind: Any = "linear", axis: int = -1, copy: bool = True,
        bounds_error: Any = None, fill_value: Any = np.nan, assume_sorted: bool = False,
    ) -> None:  # fmt: skip
        if not holds_tracer((x, y, fill_value)):
            super().__init__(x, y, kind, axis, copy, bounds_error, fill_value,
                             assume_sorted)  # fmt: skip
        x, y = as_array(x), as_array(y)
        if not assume_sorted:
            order = np.argsort(plain(x), kind="mergesort")
            x, y = x[order], np.take(y, order, axis)
        self._nodes = nodes("interp1d", x, y, axis)
        self._kind = int(kind) if isinstance(kind, int) else kind
        self._fill, self._raises = fill_value, bounds_error

    def __wengert_holds__(self) -> bool:
        return holds_tracer((self._nodes, self._fill))

    def __call__(self, x: Any) -> Any:
        """Interpolate."""
        if not holds_tracer((self, x)):
            return super().__call__(x)
        knots, y, axis = self._nodes
        x = points(x)
        shape, x = x.shape, np.ravel(x)
        z = self._inside(knots, y, x)
        fill = self._fill
        if not (isinstance(fill, str) and fill == "extrapolate"):
            below, above = x < knots[0], x > knots[-1]
            both = isinstance(fill, tuple) and len(fill) == 2
            raises = self._raises
            if raises is None:
                raises = not holds_tracer(fill) and not both and np.all(np.isnan(fill))
            if raises and np.any(below | above):
                raise ValueError("A value in x_new is outside the interpolation range.")
            low, high = fill if both else (fill, fill)
            z = np.where(column(below, z), low, np.where(column(above, z), high, z))
        return placed(np.reshape(z, shape + y.shape[1:]), len(shape), axis)

    def _inside(self, knots: Any, y: Any, x: Any) -> Any:
        kind, n = self._kind, knots.shape[0]
        if kind in _DEGREES or isinstance(kind, int):
            degree: Any = _DEGREES[kind] if kind in _DEGREES else kind
            return evaluated(*interpolating(knots, y, degree), x)
        if kind == "linear":
            # As SciPy does, a node belongs to the interval on its left.
            i = np.clip(np.searchsorted(knots, x), 1, n - 1)
            low, high = gathered(y, i - 1), gathered(y, i)
            start = gathered(knots, i - 1)
            slope = (high - low) / column(gathered(knots, i) - start, high)
            return slope * column(x - start, high) + low
        if kind in ("nearest", "nearest-up"):
            middles = 0.5 * (knots[1:] + knots[:-1])
            side: Any = "left" if kind == "nearest" else "right"
            return gathered(y, np.searchsorted(middles, x, side=side))
        if kind in ("zero", "previous"):
            i = np.searchsorted(knots, x, side="right") - 1
            return gathered(y, np.clip(i, 0, n - 1))
        if kind == "next":
            return gathered(y, np.clip(np.searchsorted(knots, x), 0, n - 1))
        raise NotImplementedError(f"{kind} is unsupported")


class RegularGridInterpolator(original.RegularGridInterpolator):  # type: ignore[misc]
    """SciPy's `RegularGridInterpolator`, differentiable in points, values and grid.

    Of its methods, "linear" and "nearest" answer traced values.
    """

    def __init__(
        self, points: Any, values: Any, method: str = "linear",
        bounds_error: bool = True, fill_value: Any = np.nan, **options: Any,
    ) -> None:  # fmt: skip
        self._plain = not holds_tracer((points, values, fill_value))
        if self._plain:
            super().__init__(
                points, values, method, bounds_error, fill_value, **options
            )
            return
        self._points = tuple(as_array(p) for p in points)
        self._data = as_array(values)
        self.method, self.bounds_error = method, bounds_error
        self.fill_value = fill_value
        lengths = tuple(p.shape[0] for p in self._points)
        if self._data.shape[: len(lengths)] != lengths:
            raise ShapeError(
                f"RegularGridInterpolator: a grid of {lengths} for values of shape "
                f"{self._data.shape}"
            )
        if not all(np.all(p[1:] > p[:-1]) for p in self._points):
            raise ValueError("The points of the grid must be strictly ascending")

    def __wengert_holds__(self) -> bool:
        return not self._plain

    def __call__(self, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
        """Interpolate at points, whose coordinates stand in the last axis."""
        if not holds_tracer((self, xi)):
            return super().__call__(xi, method, nu=nu)
        method = self.method if method is None else method
        if method not in ("linear", "nearest") or nu is not None:
            raise undefined(
                f"scipy.interpolate.RegularGridInterpolator(method={method!r})",
                "of its methods, 'linear' and 'nearest' have one", "take one of these",
            )  # fmt: skip
        grid, values = (
            (self.grid, self.values) if self._plain else (self._points, self._data)
        )
        return on_grid(grid, values, xi, method, self.bounds_error, self.fill_value)


def on_grid(
    grid: Any, values: Any, xi: Any, method: str, bounds_error: Any, fill_value: Any
) -> Any:
    """Interpolate between the corners of the cell that a point lies in."""
    if isinstance(xi, tuple):
        xi = np.stack(np.broadcast_arrays(*map(as_array, xi)), -1)
    xi = points(xi)
    if xi.ndim == 1:
        xi = xi[None] if len(grid) > 1 or xi.shape[0] == 1 else xi[:, None]
    if xi.shape[-1] != len(grid):
        raise ValueError(
            f"The requested sample points xi have dimension {xi.shape[-1]} but this "
            f"RegularGridInterpolator has dimension {len(grid)}"
        )
    shape, xi = xi.shape[:-1], np.reshape(xi, (-1, len(grid)))
    cells, shares = [], []
    outside: Any = np.zeros(xi.shape[0], dtype=bool)
    for axis, knots in enumerate(map(as_array, grid)):
        x = xi[:, axis]
        i = interval(knots, x, 0, knots.shape[0] - 2)
        cells.append(i)
        low, high = gathered(knots, i), gathered(knots, i + 1)
        shares.append((x - low) / (high - low))
        outside = outside | (x < knots[0]) | (x > knots[-1])
    if bounds_error and np.any(outside):
        raise ValueError("One of the requested xi is out of bounds")
    if method == "nearest":
        nearest = [
            np.where(s <= 0.5, i, i + 1) for i, s in zip(cells, shares, strict=True)
        ]
        y = gathered(values, *nearest)
    else:
        y = 0.0
        for corner in itertools.product((0, 1), repeat=len(grid)):
            weight: Any = 1.0
            for share, side in zip(shares, corner, strict=True):
                weight = weight * (share if side else 1 - share)
            at = gathered(values, *(i + s for i, s in zip(cells, corner, strict=True)))
            y = y + at * column(weight, at)
    if not bounds_error and fill_value is not None:
        y = np.where(column(outside, y), fill_value, y)
    return np.reshape(y, shape + values.shape[len(grid) :])


@functools.wraps(original.interpn)
def interpn(
    points: Any, values: Any, xi: Any, method: str = "linear",
    bounds_error: bool = True, fill_value: Any = np.nan,
) -> Any:  # fmt: skip
    """Interpolate on a grid: SciPy's `interpn`, differentiable."""
    if not holds_tracer((points, values, xi, fill_value)):
        return original.interpn(points, values, xi, method, bounds_error, fill_value)
    if method not in ("linear", "nearest"):
        raise undefined(
            f"scipy.interpolate.interpn(method={method!r})",
            "of its methods, 'linear' and 'nearest' have one", "take one of these",
        )  # fmt: skip
    grid = tuple(as_array(p) for p in points)
    return on_grid(grid, as_array(values), xi, method, bounds_error, fill_value)
