"""Directional derivatives by differences, with and without an error estimate.

    J(x)·v = φ'(0),        φ(t) = f(x + t·v)

Everything else in this package is made of it: a gradient is one direction per
coordinate, a Jacobian the same with more outputs.

Example: φ(t) = (1 + t)², so φ'(0) = 2. The forward difference with step ½ gives
(2.25 − 1)/½ = 2.5, the backward one (1 − 0.25)/½ = 1.5, and the central one their mean,
2, exactly, since its error only begins with the third derivative.

References
----------
.. [1] A. Griewank and A. Walther (2008), Evaluating Derivatives, 2nd ed., SIAM, ch. 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import ArgumentError
from wengert.numeric.extrapolation import Extrapolated, extrapolate
from wengert.numeric.points import Curve, Line, Point, Values
from wengert.numeric.schemes import Array, Scheme, difference, find_scheme
from wengert.numeric.steps import (
    Step,
    line_noise,
    power_of_two,
    starting_step,
    valid_step,
)

__all__ = [
    "Difference",
    "differentiate",
    "directional",
    "estimate",
    "line_through",
    "noise",
    "noise_along",
]


class Difference(NamedTuple):
    """A derivative found by differences, and how far to trust it.

    Parameters
    ----------
    value : tree like f(x)
        J(x)·v.
    error : tree like f(x), real
        Estimate of |value − J(x)·v| per element; infinite where the difference failed.
    step : float
        The step taken; where each element has its own (Ridders), the shortest.
    evaluations : int
        How often f was called.
    """

    value: Any
    error: Any
    step: float
    evaluations: int


def estimate(
    f: Callable[[Any], Any],
    x: Any,
    v: Any,
    scheme: str = "ridders",
    step: Step = None,
) -> Difference:
    """Differentiate f at x along v, and estimate the error.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real or complex floating
        Where.
    v : tree like x
        The direction; real where x is real.
    scheme : str
        A name of `SCHEMES`. One-sided ones ("forward", "backward", "forward4",
        "ridders_forward", …) never leave their side of x: use them at kinks and at
        the edge of a domain.
    step : float, "automatic" or None
        None: by scheme, dtype and the size of x (`default_step`). "automatic": the
        noise of f is measured, and the V of truncation and rounding error is followed
        from long steps to its bottom. For the extrapolated schemes a number is the
        longest step of the table; they and the complex step need no "automatic".

    Returns
    -------
    Difference

    Raises
    ------
    ArgumentError
        For an unknown scheme, a step that is not positive, arguments that are not
        floating, outputs that are not numbers, or a complex step of complex x.
    ShapeError
        Where v has another structure or shape than x, or f's output changes its own.

    Cost
    ----
    Evaluations of f: 1 for the value at x, and then 8 to 20 where f is smooth and 42
    where it is not (ridders, all components together), twice the points of the scheme
    (step given or None), or 40 to 100 ("automatic"). Errors of f are passed on; its
    floating-point warnings are silent.

    Examples
    --------
    >>> d = estimate(np.exp, 1.0, 1.0)
    >>> bool(abs(d.value - np.e) <= d.error < 1e-11)
    True

    The slope of |x| from the right, where there is no derivative:

    >>> estimate(np.abs, 0.0, 1.0, scheme="forward").value
    np.float64(1.0)

    References
    ----------
    Ridders (1982); Squire & Trapp (1998); Moré & Wild (2011). See the modules.
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        line = line_through(f, x, v, found)
        flat = differentiate(line, found, length)
    return Difference(
        line.values.unpack(flat.value),
        line.values.unpack(flat.error, real=True),
        float(np.min(flat.step, initial=np.inf)),
        line.evaluations + 1,
    )


def directional(
    f: Callable[[Any], Any],
    x: Any,
    v: Any,
    scheme: str = "central",
    step: Step = None,
) -> Any:
    """Differentiate f at x along v: J(x)·v.

    Known elsewhere as the numerical jvp.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real or complex floating
    v : tree like x
        The direction.
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.

    Returns
    -------
    tree like f(x), in its dtypes

    Raises
    ------
    ArgumentError, ShapeError
        As `estimate`.

    Cost
    ----
    Evaluations of f: 1, and the points of the scheme: forward 1, central 2, central8
    8, complex 1, ridders 8 to 42.

    Examples
    --------
    >>> def f(x):
    ...     return np.array([x[0] * x[1], x[0] ** 2])
    >>> directional(f, np.array([3.0, 2.0]), np.array([1.0, 0.0])).round(6)
    array([2., 6.])

    The Hessian times a vector, from a gradient, at one more gradient:

    >>> def gradient_of_cubes(x):
    ...     return 3 * x**2
    >>> x, v = np.array([1.0, 2.0]), np.array([1.0, 1.0])
    >>> directional(gradient_of_cubes, x, v, "forward").round(4)
    array([ 6., 12.])
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        line = line_through(f, x, v, found)
        flat = differentiate(line, found, length, judge=False)
        return line.values.unpack(flat.value)


def noise(f: Callable[[Any], Any], x: Any, v: Any) -> Any:
    """Estimate the noise of f near x: how far equal arguments give unequal values.

    Rounding errors, solvers stopped early and the like make f(x + t·v) rough on a
    scale far below the one on which its derivative lives.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real or complex floating
    v : tree like x
        The direction along which to sample.

    Returns
    -------
    tree like f(x), real
        Standard deviation, at least u|f(x)|.

    Raises
    ------
    ArgumentError, ShapeError
        As `estimate`.

    Cost
    ----
    10 evaluations of f; where they lie on a line, up to 32 more.

    Examples
    --------
    >>> def f(x):
    ...     return np.round(x**2, 9)
    >>> bool(1e-10 < noise(f, 1.0, 1.0) < 1e-9)
    True

    References
    ----------
    .. [1] J. J. Moré and S. M. Wild (2011), Estimating computational noise, SIAM
       Journal on Scientific Computing 33(3), 1292–1314.
    """
    with np.errstate(all="ignore"):
        line = line_through(f, x, v, find_scheme("central"))
        return line.values.unpack(noise_along(line), real=True)


def line_through(f: Callable[[Any], Any], x: Any, v: Any, scheme: Scheme) -> Line:
    """Make the curve t ↦ f(x + t·v), evaluating f at x.

    Raises
    ------
    ArgumentError, ShapeError
        As `estimate`.
    """
    point = Point(x, near=scheme.extrapolated)
    direction = point.direction(v)
    if scheme.imaginary and point.is_complex():
        raise ArgumentError(
            "the complex step needs real x; perhaps you meant scheme='central'?"
        )
    values = Values(f(point.along(direction, 0.0)))
    return Line(
        f,
        lambda t: point.along(direction, t),
        values,
        point.reach_along(direction),
        max(point.roundoff, values.roundoff),
    )


def differentiate(
    line: Curve, scheme: Scheme, step: Step, *, judge: bool = True, rounded: bool = True
) -> Extrapolated:
    """Differentiate a curve at 0.

    Parameters
    ----------
    line : Curve
    scheme : Scheme
    step : float, "automatic" or None
    judge : bool
        Whether an error estimate is worth twice the evaluations; it comes for free
        with extrapolation and with the automatic step.
    rounded : bool
        Whether f may be a staircase: see `extrapolate`.

    Returns
    -------
    Extrapolated
        Flat arrays (m,); the error infinite where it is unknown.
    """
    rounding = scheme.amplification * line.roundoff * np.abs(line.origin)
    if step == "automatic" and not (scheme.extrapolated or scheme.imaginary):
        return _descend(line, scheme)
    if isinstance(step, float):
        length = step
    else:
        length = starting_step(scheme, line.roundoff) * power_of_two(line.reach)
    if scheme.extrapolated:
        return extrapolate(
            lambda h: difference(line, scheme, h),
            scheme,
            length,
            rounding,
            line.roundoff,
            rounded=rounded,
        )
    value = difference(line, scheme, length)
    error = np.full(value.shape, np.inf)
    if judge:
        # D(h) − D(2h) shows (2ᵖ − 1) times the leading truncation error of D(h).
        other = difference(line, scheme, 2 * length)
        truncation = np.abs(value - other) / (2.0**scheme.order - 1)
        floor = rounding / length + line.roundoff * np.abs(value)
        error = _or_infinite(truncation + floor)
    return Extrapolated(value, error, np.full(value.shape, length))


def noise_along(line: Curve) -> Array:
    """Estimate the noise of a curve near 0, per component: at least u|φ(0)|."""
    # Close enough that a smooth function hardly curves: the square of the spacing is
    # the unit roundoff.
    spacing = power_of_two(line.reach * line.roundoff**0.5)
    return np.maximum(
        line_noise(line, spacing, line.reach), line.roundoff * np.abs(line.origin)
    )


def _descend(line: Curve, scheme: Scheme) -> Extrapolated:
    # Walk down the right side of the V, each component for itself, and stop where its
    # left side alone, known from the noise, is higher than the lowest point seen.
    rounding = scheme.amplification * noise_along(line)
    length = power_of_two(line.reach) * 2.0**-2
    shorter = difference(line, scheme, length)
    best, error = shorter, np.full(shorter.shape, np.inf)
    step = np.full(shorter.shape, length)
    ratio, change = 2.0**scheme.order, np.zeros(shorter.shape)
    for _ in range(_LONGEST_WALK):
        value, shorter = shorter, difference(line, scheme, length / 2)
        # Twice, from the shorter and the longer step, as noise may hide one of them.
        before, change = change, np.abs(value - shorter) / (ratio - 1)
        truncation = np.fmax(change * ratio, before)
        floor = rounding / length + line.roundoff * np.abs(value)
        height = _or_infinite(truncation + floor)
        lower = height < error
        best, error = np.where(lower, value, best), np.where(lower, height, error)
        step = np.where(lower, length, step)
        length /= 2
        if np.all(rounding / length >= error):
            break
    return Extrapolated(best, _LUCK * error, step)


# The least of many estimates is the least by luck too.
_LUCK = 2.0
_LONGEST_WALK = 48


def _or_infinite(error: Array) -> Array:
    return np.where(np.isfinite(error), error, np.inf)
