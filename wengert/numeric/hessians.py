"""Hessians by differences: of a function, or better of its gradient.

Differencing a difference divides the rounding error by the step twice, so that the best
error is about u^(1/2) for the central scheme where one difference has u^(2/3). The
second derivatives are symmetric, what differences give is so only nearly; the result is
½(H + Hᵀ).

The Hessian times a vector is one difference of gradients, (∇f(x + δv) − ∇f(x))/δ, or
the mixed derivative of values along v and along each coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, NotScalarError, ShapeError
from wengert.numeric.differences import differentiate, line_through
from wengert.numeric.extrapolation import extrapolate
from wengert.numeric.fan import Fan, sizes_of, value_of_one
from wengert.numeric.jacobians import (
    blocks,
    jacobian_matrix,
    require_number,
    shown_shapes,
)
from wengert.numeric.points import Point, Values
from wengert.numeric.schemes import SCHEMES, Array, Scheme, difference, find_scheme
from wengert.numeric.steps import Step, power_of_two, starting_step, valid_step

__all__ = ["hessian", "hessian_of_gradient", "hvp", "hvp_of_gradient"]


def hessian(
    f: Callable[[Any], Any],
    x: Any,
    scheme: str = "central",
    step: float | None = None,
    *,
    vectorized: bool = False,
) -> Any:
    """Differentiate twice by every pair of coordinates, symmetrised to ½(H + Hᵀ).

    The scheme is applied along one coordinate to its own result along the other; with
    "complex", a central difference to the complex step. Two divisions by the step
    leave fewer digits than one: about 8 by "ridders", 6 by "complex", 5 by "central".
    From an exact gradient, `hessian_of_gradient` does better.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of real or complex numbers.
    x : tree of floats or arrays, real floating
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float or None
        The step; None chooses by scheme, dtype and the size of x.
    vectorized : bool
        See `jacobian`.

    Returns
    -------
    array y.shape + x.shape + x.shape
        Where x is a tree, a tree like x of trees like x of such arrays; where f(x) is
        a tree, a tree like f(x) of those.

    Raises
    ------
    ArgumentError
        For complex x, and as `estimate`.
    NanError
        Where f returns one number, which is NaN at x or beside it.
    ShapeError
        Where the shape of f's output changes with x, or f is not `vectorized`.

    Cost
    ----
    ½n(n + 1) times the square of the points of the scheme: central 2n(n + 1).

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1], np.array([3.0, 2.0])).round(4)
    array([[4., 6.],
           [6., 0.]])
    """
    found, length = find_scheme(scheme), _fixed(step)
    with np.errstate(all="ignore"):
        point, values = _real_point(f, x, found, vectorized)
        rows, columns = np.tril_indices(point.size)
        sizes = np.diag(sizes_of(point, length))
        # Views: there are ½n(n + 1) pairs of n numbers each.
        firsts, seconds = [sizes[i] for i in rows], [sizes[j] for j in columns]
        pairs = _second(f, point, values, found, length, firsts, seconds, vectorized)
        if found.imaginary:
            # Its two halves are alike only to rounding; other schemes take the same
            # points either way.
            other = _second(
                f, point, values, found, length, seconds, firsts, vectorized
            )
            pairs = (pairs + other) / 2
        lengths = sizes.diagonal()
        pairs = pairs / (lengths[rows] * lengths[columns])[:, None]
        cube = np.empty((values.size, point.size, point.size), values.wide)
        cube[:, rows, columns] = cube[:, columns, rows] = pairs.T
    if values.shapes == [()]:
        require_number(pairs, values)
    return blocks(cube, values, [point, point])


def hessian_of_gradient(
    f_gradient: Callable[[Any], Any],
    x: Any,
    scheme: str = "central",
    step: Step = None,
) -> Any:
    """Differentiate a gradient, and symmetrise: ½(H + Hᵀ).

    Parameters
    ----------
    f_gradient : callable
        From a tree like x to a tree like x, the gradient of a scalar function.
    x : tree of floats or arrays, real floating
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.

    Returns
    -------
    array x.shape + x.shape
        Where x is a tree, a tree like x of trees like x of such arrays.

    Raises
    ------
    ShapeError
        Where the gradient has not the structure and shapes of x.
    ArgumentError
        For complex x, and as `estimate`.

    Cost
    ----
    1 + n times the points of the scheme, in evaluations of the gradient.

    Examples
    --------
    >>> A = np.array([[2.0, 1.0], [3.0, 4.0]])
    >>> hessian_of_gradient(lambda x: (A + A.T) @ x, np.ones(2)).round(6)
    array([[4., 4.],
           [4., 8.]])
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        point = Point(x, near=found.extrapolated)
        values = Values(f_gradient(point.at({})), "f_gradient(x)")
        _require_gradient(values, point)
        matrix = jacobian_matrix(f_gradient, point, values, found, length, False)
    return blocks((matrix + matrix.T) / 2, point, [point])


def hvp(
    f: Callable[[Any], Any],
    x: Any,
    v: Any,
    scheme: str = "central",
    step: float | None = None,
    *,
    vectorized: bool = False,
) -> Any:
    """Differentiate a scalar function along v and by each coordinate: H·v.

    From an exact gradient, `hvp_of_gradient` does better, at two gradients.

    Parameters
    ----------
    f : callable
        From a tree like x to one real number.
    x : tree of floats or arrays, real floating
    v : tree like x
        The direction.
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float or None
        See `hessian`.
    vectorized : bool
        See `jacobian`.

    Returns
    -------
    tree like x

    Raises
    ------
    NotScalarError
        Where f returns more than one number.
    NanError
        Where f is NaN at x or beside it.
    ArgumentError, ShapeError
        As `hessian`; and where v has another structure or shape than x.

    Cost
    ----
    n times the square of the points of the scheme: central 4n.

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([3.0, 2.0]), np.ones(2)).round(4)
    array([10.,  6.])
    """
    found, length = find_scheme(scheme), _fixed(step)
    with np.errstate(all="ignore"):
        point, values = _real_point(f, x, found, vectorized)
        if values.shapes != [()]:
            raise NotScalarError(
                f"f returned {shown_shapes(values)}; hvp needs a scalar. Perhaps you "
                "meant hessian(f, x)?"
            )
        direction = point.direction(v)
        reach = power_of_two(point.reach_along(direction)) if length is None else 1.0
        parts = [np.ravel(part) for part in direction if part is not None]
        along = np.concatenate(parts).astype(float) * reach
        sizes = sizes_of(point, length)
        firsts, seconds = list(np.diag(sizes)), [along] * point.size
        flat = _second(f, point, values, found, length, firsts, seconds, vectorized)
        product = flat[:, 0] / (sizes * reach)
    require_number(product, values)
    form = Values(point.at({}))
    return form.unpack(product)


def hvp_of_gradient(
    f_gradient: Callable[[Any], Any],
    x: Any,
    v: Any,
    scheme: str = "central",
    step: Step = None,
) -> Any:
    """Differentiate a gradient along v: H·v = (∇f(x + δv) − ∇f(x − δv)) / 2δ.

    Parameters
    ----------
    f_gradient : callable
        From a tree like x to a tree like x, the gradient of a scalar function.
    x : tree of floats or arrays, real floating
    v : tree like x
    scheme : str
        A name of `SCHEMES`; "forward" takes one more gradient where that at x is known.
    step : float, "automatic" or None
        See `estimate`.

    Returns
    -------
    tree like x

    Raises
    ------
    ShapeError
        Where the gradient, or v, has not the structure and shapes of x.
    ArgumentError
        For complex x, and as `estimate`.

    Cost
    ----
    1 + the points of the scheme, in evaluations of the gradient: central 3.

    Examples
    --------
    >>> hvp_of_gradient(lambda x: 3 * x**2, np.array([1.0, 2.0]), np.ones(2)).round(6)
    array([ 6., 12.])
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        line = line_through(f_gradient, x, v, found)
        point = Point(x)
        _require_gradient(line.values, point)
        return line.values.unpack(differentiate(line, found, length, judge=False).value)


def _real_point(
    f: Callable[[Any], Any], x: Any, scheme: Scheme, vectorized: bool
) -> tuple[Point, Values]:
    point = Point(x, near=scheme.extrapolated)
    if point.is_complex():
        raise ArgumentError(
            "a Hessian needs real x; give real and imaginary parts as two arguments"
        )
    return point, value_of_one(f, point) if vectorized else Values(f(point.at({})))


def _require_gradient(values: Values, point: Point) -> None:
    if point.is_complex():
        raise ArgumentError("f_gradient needs real x; give real and imaginary parts")
    if values.structure != point.structure or values.shapes != point.shapes:
        raise ShapeError(
            f"f_gradient returned {shown_shapes(values)}; x has "
            f"{', '.join(f'shape {shape}' for shape in point.shapes)}"
        )


def _fixed(step: Step) -> float | None:
    length = valid_step(step)
    if isinstance(length, str):
        raise ArgumentError(
            "second derivatives have no automatic step; use scheme='ridders'"
        )
    return length


def _second(
    f: Callable[[Any], Any],
    point: Point,
    values: Values,
    scheme: Scheme,
    step: float | None,
    firsts: Sequence[Array],
    seconds: Sequence[Array],
    vectorized: bool,
) -> Array:
    """Give ∂²f(x + s·a + t·b)/∂s∂t at 0 for pairs a, b of directions, as (k, m).

    Parameters
    ----------
    firsts, seconds : k arrays (n,)
        The directions a and b, so long that they move x by its own size.
    """

    def differentiated(sample: Surface, origin: Array) -> Array:
        roundoff = max(point.roundoff, values.roundoff)
        return _mixed(sample, origin, scheme, step, roundoff)

    if vectorized:
        a, b = np.array(firsts), np.array(seconds)
        fan = Fan(f, point, values, a)
        flat = differentiated(lambda s, t: fan.at(s * a + t * b), fan.origin)
        return flat.reshape(len(firsts), values.size)

    def surface(a: Array, b: Array) -> Surface:
        def sample(s: float, t: complex) -> Array:
            y = f(point.moved(s * a + t * b))
            return values.pack(y, complex_step=isinstance(t, complex))

        return sample

    found = [
        differentiated(surface(a, b), values.origin)
        for a, b in zip(firsts, seconds, strict=True)
    ]
    return np.array(found).reshape(len(firsts), values.size)


Surface = Callable[[float, complex], Array]


def _mixed(
    sample: Surface,
    origin: Array,
    scheme: Scheme,
    step: float | None,
    roundoff: float,
) -> Array:
    """Difference a surface by s, and what is found by t; the scheme stays the same but
    for the complex step, which knows imaginary t only."""
    outer = SCHEMES["central"] if scheme.imaginary else scheme
    start = starting_step(outer, roundoff, derivative=2) if step is None else step

    def mixed(h: float) -> Array:
        length = starting_step(scheme, roundoff) if scheme.imaginary else h

        def inner(s: complex) -> Array:
            return difference(lambda t: sample(s.real, t), scheme, length)

        return difference(inner, outer, h)

    if not scheme.extrapolated:
        return mixed(start)
    rounding = outer.amplification**2 * roundoff * np.abs(origin)
    return extrapolate(mixed, scheme, start, rounding, roundoff, derivative=2).value
