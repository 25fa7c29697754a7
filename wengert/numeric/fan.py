"""All coordinates at once, where f takes many points in one call.

    φ(t) = (f(x + t·r₁·e₁), …, f(x + t·rₙ·eₙ)),        rⱼ the size of coordinate j

is one curve to `differentiate`, which judges each component by itself; a call of f then
evaluates n points, and a central difference takes two calls in all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric.points import Point, Values
from wengert.numeric.schemes import Array
from wengert.numeric.steps import Step, power_of_two
from wengert.tree import LEAF

__all__ = ["Fan", "sizes_of", "value_of_one"]


def value_of_one(f: Callable[[Any], Any], point: Point) -> Values:
    """Evaluate a vectorised f at x alone, as one point of one.

    Raises
    ------
    ArgumentError
        Unless x is one real array.
    ShapeError
        Unless f returns one array whose first axis numbers the points.
    """
    if point.structure is not LEAF or point.is_complex():
        raise ArgumentError("vectorized=True needs x to be one array of real numbers")
    y = f(point.arrays[0][None].copy())
    if np.ndim(y) < 1 or np.shape(y)[0] != 1:
        raise ShapeError(_expected(1, point, np.shape(y)))
    return Values(np.asarray(y)[0])


def sizes_of(point: Point, step: Step) -> Array:
    """Give how far each coordinate moves at t = 1: its own size, or 1 if a step is
    given.
    """
    if isinstance(step, float):
        return np.ones(point.size)
    return np.array([power_of_two(point.reach(i)) for i in range(point.size)])


class Fan:
    """The curves t ↦ f(x + t·r·e) for many displacements e, as one.

    Parameters
    ----------
    f : callable
        From points (k, *x.shape) to values (k, *y.shape).
    point : Point
        One real array.
    values : Values
        Of f(x), by `value_of_one`.
    directions : array (k, n)
        A row for each curve: r·e.

    Raises
    ------
    ShapeError
        Where f returns another shape.
    ArgumentError
        Where a value depends on the other points of the call.
    """

    def __init__(
        self,
        f: Callable[[Any], Any],
        point: Point,
        values: Values,
        directions: Array,
    ) -> None:
        self.f, self.point, self.directions = f, point, directions
        self.count, self.shape = len(directions), values.shapes[0]
        full = np.broadcast_to(np.asarray(values.leaves[0]), (self.count, *self.shape))
        self.values = Values(np.array(full))
        self.reach, self.roundoff = 1.0, max(point.roundoff, values.roundoff)
        self.tested = False

    @property
    def origin(self) -> Array:
        """Give φ(0)."""
        return self.values.origin

    def __call__(self, t: complex) -> Array:
        """Evaluate φ(t), in one call of f; imaginary t is a complex step."""
        return self.at(t * self.directions)

    def at(self, displacements: Array) -> Array:
        """Evaluate f at displaced points (k, n), flat."""
        if not np.any(displacements):
            return self.origin
        x = self.point.arrays[0]
        points = (x.reshape(-1) + displacements).reshape(-1, *x.shape)
        if points.dtype.kind != "c":
            points = points.astype(x.dtype, copy=False)
        y = self._call(points)
        if not self.tested:
            self._test(points, y)
        return self.values.pack(y, complex_step=np.iscomplexobj(displacements))

    def _call(self, points: Array) -> Array:
        # A copy, as f may write into its argument.
        y = np.asarray(self.f(points.copy()))
        if y.shape != (len(points), *self.shape):
            raise ShapeError(_expected(len(points), self.point, y.shape, self.shape))
        return y

    def _test(self, points: Array, together: Array) -> None:
        self.tested = True
        alone, beside = self._call(points[:1]).ravel(), together[:1].ravel()
        # Sums of another length may round otherwise.
        near = np.abs(alone - beside) <= _NEAR * self.roundoff**0.5 * np.abs(alone)
        if not np.all(near | (np.isnan(alone) & np.isnan(beside)) | (alone == beside)):
            raise ArgumentError(
                "with vectorized=True each value must depend on its own point alone, "
                "but f(points)[0] changes with the others. Perhaps a sum lacks axis=-1?"
            )


_NEAR = 1e-3  # far from any rounding, far below a step's effect on other points


def _expected(
    count: int, point: Point, found: Any, shape: tuple[int, ...] | None = None
) -> str:
    points = (count, *point.shapes[0])
    wanted = f"({count}, …)" if shape is None else str((count, *shape))
    return (
        f"with vectorized=True f must map points of shape {points} to values of shape "
        f"{wanted}, one for each point; it returned shape {found}"
    )
