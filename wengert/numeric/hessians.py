"""Hessians by differences: of a function, or better of its gradient.

Differencing a difference divides the rounding error by the step twice, so that the best
error is about u^(1/2) for the central scheme where one difference has u^(2/3). The
second derivatives are symmetric, what differences give is so only nearly; the result is
½(H + Hᵀ).

The Hessian times a vector is one difference of gradients,
(∇f(x + δv) − ∇f(x))/δ: `directional(f_gradient, x, v, "forward")`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric.extrapolation import extrapolate
from wengert.numeric.jacobians import blocks, jacobian_matrix, shown_shapes
from wengert.numeric.points import Point, Values
from wengert.numeric.schemes import SCHEMES, Array, Scheme, difference, find_scheme
from wengert.numeric.steps import Step, power_of_two, starting_step, valid_step

__all__ = ["hessian", "hessian_of_gradient"]


def hessian(
    f: Callable[[Any], Any],
    x: Any,
    scheme: str = "central",
    step: float | None = None,
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

    Returns
    -------
    array y.shape + x.shape + x.shape
        Where x is a tree, a tree like x of trees like x of such arrays; where f(x) is
        a tree, a tree like f(x) of those.

    Raises
    ------
    ArgumentError
        For complex x, and as `estimate`.
    ShapeError
        Where the shape of f's output changes with x.

    Cost
    ----
    ½n(n + 1) times the square of the points of the scheme: central 2n(n + 1).

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1], np.array([3.0, 2.0])).round(4)
    array([[4., 6.],
           [6., 0.]])
    """
    found, length = find_scheme(scheme), valid_step(step)
    if isinstance(length, str):
        raise ArgumentError("hessian has no automatic step; use scheme='ridders'")
    with np.errstate(all="ignore"):
        point = Point(x, near=found.extrapolated)
        if point.is_complex():
            raise ArgumentError(
                "hessian needs real x; give real and imaginary parts as two arguments"
            )
        values = Values(f(point.at({})))
        cube = _second(f, point, values, found, length)
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
        if point.is_complex():
            raise ArgumentError(
                "hessian_of_gradient needs real x; give real and imaginary parts"
            )
        values = Values(f_gradient(point.at({})), "f_gradient(x)")
        if values.structure != point.structure or values.shapes != point.shapes:
            raise ShapeError(
                f"f_gradient returned {shown_shapes(values)}; x has "
                f"{', '.join(f'shape {shape}' for shape in point.shapes)}"
            )
        matrix = jacobian_matrix(f_gradient, point, values, found, length, False)
    return blocks((matrix + matrix.T) / 2, point, [point])


def _second(
    f: Callable[[Any], Any],
    point: Point,
    values: Values,
    scheme: Scheme,
    step: float | None,
) -> Array:
    """Give all second derivatives as an array (m, n, n)."""
    roundoff = max(point.roundoff, values.roundoff)
    outer = SCHEMES["central"] if scheme.imaginary else scheme
    start = starting_step(outer, roundoff, derivative=2) if step is None else step
    imaginary_start = starting_step(scheme, roundoff)
    rounding = outer.amplification**2 * roundoff * np.abs(values.origin)

    def entry(i: int, j: int) -> Array:
        reach_i, reach_j = (
            power_of_two(point.reach(k)) if step is None else 1.0 for k in (i, j)
        )

        def mixed(h: float) -> Array:
            def inner(s: complex) -> Array:
                def value(t: complex) -> Array:
                    # On the diagonal both displacements fall on the same coordinate.
                    both = {i: s + t} if i == j else {i: s, j: t}
                    y = f(point.at(both))
                    return values.pack(y, complex_step=isinstance(t, complex))

                length = imaginary_start if scheme.imaginary else h
                return difference(value, scheme, length * reach_j)

            return difference(inner, outer, h * reach_i)

        if scheme.extrapolated:
            reach = reach_i * reach_j
            limit = extrapolate(
                mixed, scheme, start, rounding / reach, roundoff, derivative=2
            )
            return limit.value
        return mixed(start)

    cube = np.empty((values.size, point.size, point.size), values.wide)
    for i in range(point.size):
        for j in range(i + 1):
            # Equal to its mirror image: both orders take the same points, except for
            # the complex step, whose two halves are alike only to rounding.
            cube[:, i, j] = entry(i, j)
            if scheme.imaginary and i != j:
                cube[:, i, j] = (cube[:, i, j] + entry(j, i)) / 2
            cube[:, j, i] = cube[:, i, j]
    return cube
