"""One column or one entry of a Jacobian, where the whole is not wanted.

    ∂f/∂xⱼ = J·eⱼ,        ∂fᵢ/∂xⱼ = eᵢᵀ·J·eⱼ

A column takes the evaluations of one direction, and so does an entry of it.
`directional` gives J·v for any other v.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.numeric.differences import differentiate
from wengert.numeric.points import Line, Point, Values
from wengert.numeric.schemes import Array, find_scheme
from wengert.numeric.steps import Step, valid_step

__all__ = ["Index", "column", "entry"]

Index = int | tuple[int, ...]
"""A coordinate: its place in the array, or its number, all leaves counted in a row."""


def column(
    f: Callable[[Any], Any],
    x: Any,
    j: Index,
    scheme: str = "central",
    step: Step = None,
) -> Any:
    """Differentiate every output by one coordinate of x: a column of the Jacobian.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real floating
    j : int or tuple of int
        Of the coordinate: its number among all of x, or its index in an array x.
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.

    Returns
    -------
    tree like f(x)

    Raises
    ------
    ArgumentError
        Where x has no such coordinate, for complex x, and as `estimate`.
    ShapeError
        Where the shape of f's output changes with x.

    Cost
    ----
    1 + the points of the scheme: central 3 evaluations of f.

    Examples
    --------
    >>> def f(x):
    ...     return np.array([x[0] * x[1], x[1] ** 2])
    >>> column(f, np.array([3.0, 2.0]), 1).round(6)
    array([3., 4.])
    """
    with np.errstate(all="ignore"):
        flat, values = _column(f, x, j, scheme, step)
    return values.unpack(flat)


def entry(
    f: Callable[[Any], Any],
    x: Any,
    i: Index,
    j: Index,
    scheme: str = "central",
    step: Step = None,
) -> Any:
    """Differentiate one output by one coordinate of x: an entry of the Jacobian.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real floating
    i, j : int or tuple of int
        Of the output and of the coordinate: their numbers among all, or their indices
        where f(x), or x, is an array.
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.

    Returns
    -------
    NumPy scalar

    Raises
    ------
    ArgumentError
        Where there is no such output or coordinate, and as `column`.
    ShapeError
        Where the shape of f's output changes with x.

    Cost
    ----
    As `column`.

    Examples
    --------
    >>> def f(x):
    ...     return np.array([x[0] * x[1], x[1] ** 2])
    >>> entry(f, np.array([3.0, 2.0]), 1, 1).round(6)
    np.float64(4.0)
    """
    with np.errstate(all="ignore"):
        flat, values = _column(f, x, j, scheme, step)
    return flat[_number(i, values.shapes, "f(x)")]


def _column(
    f: Callable[[Any], Any], x: Any, j: Index, scheme: str, step: Step
) -> tuple[Array, Values]:
    found, length = find_scheme(scheme), valid_step(step)
    point = Point(x, near=found.extrapolated)
    if point.is_complex():
        raise ArgumentError("a column needs real x; perhaps you meant jacobian(f, x)?")
    number = _number(j, point.shapes, "x")
    values = Values(f(point.at({})))
    roundoff = max(point.roundoff, values.roundoff)
    line = Line(
        f, lambda t: point.at({number: t}), values, point.reach(number), roundoff
    )
    return differentiate(line, found, length, judge=False).value, values


def _number(index: Any, shapes: Sequence[tuple[int, ...]], name: str) -> int:
    """Give the number of a coordinate.

    Raises
    ------
    ArgumentError
        Where there is none.
    """
    size = sum(int(np.prod(shape)) for shape in shapes)
    whole = shapes[0] if len(shapes) == 1 else (size,)
    place, shape = (index, whole) if isinstance(index, tuple) else ((index,), (size,))
    fits = len(place) == len(shape) and all(
        isinstance(k, (int, np.integer)) and not isinstance(k, bool) and -n <= k < n
        for k, n in zip(place, shape, strict=True)
    )
    if not fits:
        raise ArgumentError(
            f"{name} has no coordinate {index!r}: give a number below {size}"
            + (f", or an index into the shape {whole}" if len(shapes) == 1 else "")
        )
    wrapped = [k % n for k, n in zip(place, shape, strict=True)]
    return int(np.ravel_multi_index(wrapped, shape)) if wrapped else 0
