"""The derivative of a function of one number, at many numbers at once.

A function that acts on each element by itself, as ufuncs do, has a diagonal Jacobian,
of which one direction shows all: each element is moved by its own size, and each has
its own step and error estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric.differences import Difference, differentiate
from wengert.numeric.points import Line, Point, Values
from wengert.numeric.schemes import Array, find_scheme
from wengert.numeric.steps import Step, valid_step

__all__ = ["derivative"]


def derivative(
    f: Callable[[Any], Any], x: Any, scheme: str = "ridders", step: Step = None
) -> Difference:
    """Differentiate a function of one number at each element of x, with error bars.

    Known elsewhere as scipy.differentiate.derivative.

    Parameters
    ----------
    f : callable
        Acts on each element by itself: from an array, or tree, to one of that shape.
    x : tree of floats or arrays, real floating
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.

    Returns
    -------
    Difference
        `.value` and `.error` have the form of f(x).

    Raises
    ------
    ShapeError
        Where f(x) has another structure or shape than x.
    ArgumentError
        Where one element of f(x) depends on another of x, for complex x, and as
        `estimate`.

    Cost
    ----
    Calls of f as for `estimate`, for all elements together; 1 more where there are
    several elements.

    Examples
    --------
    >>> d = derivative(np.sin, np.array([0.0, 1.0]))
    >>> bool(np.all(np.abs(d.value - np.cos([0.0, 1.0])) <= d.error))
    True
    >>> derivative(np.sqrt, 4.0).value.round(12)
    np.float64(0.25)
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        point = Point(x, near=True)
        if point.is_complex():
            raise ArgumentError("derivative needs real x; perhaps jacobian(f, x)?")
        values = Values(f(point.at({})))
        if values.structure != point.structure or values.shapes != point.shapes:
            raise ShapeError(
                f"f returned {values.shapes}, x has {point.shapes}; derivative needs "
                "one value for each number. Perhaps you meant jacobian(f, x)?"
            )
        sizes = _sizes(point, length)
        moves = np.split(sizes, point.starts[1:-1])
        forms = zip(moves, point.shapes, point.dtypes, strict=True)
        direction = [v.reshape(shape).astype(dtype) for v, shape, dtype in forms]
        roundoff = max(point.roundoff, values.roundoff)
        line = Line(f, lambda t: point.along(direction, t), values, 1.0, roundoff)
        _require_elementwise(f, point, values, sizes * roundoff**0.5)
        flat = differentiate(line, found, length)
        steps = flat.step * sizes
    return Difference(
        values.unpack(flat.value / sizes),
        values.unpack(flat.error / sizes, real=True),
        float(np.min(steps, initial=np.inf)),
        line.evaluations + 1 + (point.size > 1),
    )


# As in `extent`: that a number is tiny is mostly chance.
_LEAST = 2.0**-10


def _sizes(point: Point, step: Step) -> Array:
    """Give the size of each element, whatever stands beside it, as a power of two."""
    if isinstance(step, float):
        return np.ones(point.size)
    own = np.abs(np.concatenate([array.reshape(-1) for array in point.arrays]))
    own = np.where(np.isfinite(own) & (own > 0), own, 1.0).astype(float)
    return np.asarray(2.0 ** np.round(np.log2(np.maximum(own, _LEAST))))


def _require_elementwise(
    f: Callable[[Any], Any], point: Point, values: Values, moves: Array
) -> None:
    """Move every other element: the rest of the values must stay where they are."""
    if point.size < 2:
        return
    moved = {i: float(moves[i]) for i in range(0, point.size, 2)}
    rest = values.pack(f(point.at(moved)))[1::2]
    still = values.origin[1::2]
    if not np.all((rest == still) | np.isnan(still)):
        raise ArgumentError(
            "derivative needs f to act on each element by itself, but a value changed "
            "with another's argument. Perhaps you meant gradient(f, x) or "
            "jacobian(f, x)?"
        )
