"""Gradients and Jacobians by differences, one coordinate at a time.

Complex arguments z = x + iy are moved along the real and along the imaginary axis:

    real f:         gradient = ∂f/∂x − i ∂f/∂y
    holomorphic f:  f'(z) = ½(∂f/∂x − i ∂f/∂y),    since ∂f/∂y = i ∂f/∂x

as JAX and HIPS autograd define it; PyTorch gives the conjugate of the first.

References
----------
.. [1] A. Griewank and A. Walther (2008), Evaluating Derivatives, 2nd ed., SIAM, ch. 1
   and 8: what differences cost beside exact derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, NanError, NotScalarError
from wengert.numeric.differences import differentiate
from wengert.numeric.fan import Fan, sizes_of, value_of_one
from wengert.numeric.points import Line, Point, Values, in_form_of
from wengert.numeric.schemes import Array, Scheme, find_scheme
from wengert.numeric.steps import Step, valid_step
from wengert.tree import unflatten

__all__ = [
    "blocks",
    "gradient",
    "jacobian",
    "jacobian_matrix",
    "require_number",
    "shown_shapes",
]

# Truncation errors of the two axes differ in sign, so that the Cauchy–Riemann equations
# hold only as well as the differences do; conj, abs and real miss them by everything.
_CAUCHY_RIEMANN = 1e-2


def gradient(
    f: Callable[[Any], Any],
    x: Any,
    scheme: str = "central",
    step: Step = None,
    *,
    holomorphic: bool = False,
    vectorized: bool = False,
) -> Any:
    """Differentiate a scalar function by every coordinate of x.

    Parameters
    ----------
    f : callable
        From a tree like x to one real number; a complex one if `holomorphic`.
    x : tree of floats or arrays, real or complex floating
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.
    holomorphic : bool
        Whether f is a holomorphic function of complex x.
    vectorized : bool
        Whether f takes many points at once, from (k, *x.shape) to (k, *y.shape): then
        x must be one real array, and f is called once for each point of the scheme.

    Returns
    -------
    tree like x, in its dtypes
        For complex x, ∂f/∂x − i ∂f/∂y; for holomorphic f, f'.

    Raises
    ------
    NotScalarError
        Where f returns more than one number.
    NanError
        Where f is NaN at x, or beside it at the points of the scheme.
    ArgumentError
        Where f returns a complex number and is not said to be holomorphic; and as
        `estimate`.

    Cost
    ----
    1 + n times the points of the scheme, n the number of coordinates (twice that for
    complex x): central 1 + 2n, forward 1 + n.

    Examples
    --------
    >>> def f(v):
    ...     return 3 * v[0] ** 2 + 2 * v[1] - 7
    >>> gradient(f, np.array([3.0, 5.0])).round(6)
    array([18.,  2.])
    >>> round(gradient(lambda x: 3 * x**2 + 2 * x, 5.0), 6)
    32.0
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        point = Point(x, near=found.extrapolated)
        values = value_of_one(f, point) if vectorized else Values(f(point.at({})))
        if values.shapes != [()]:
            raise NotScalarError(
                f"f returned {shown_shapes(values)}; gradient needs a scalar. "
                "Perhaps you meant jacobian(f, x)?"
            )
        if values.is_complex and not point.is_complex():
            raise ArgumentError(
                "f returned a complex number for real x; gradient needs a real one. "
                "Perhaps you meant jacobian(f, x), or the real part of f?"
            )
        (row,) = jacobian_matrix(
            f, point, values, found, length, holomorphic, vectorized
        )
    require_number(row, values)
    parts = zip(point.leaves, point.shapes, point.dtypes, point.starts, strict=False)
    return unflatten(
        point.structure,
        [
            in_form_of(leaf, _cast(row[i : i + _size(shape)], dtype).reshape(shape))
            for leaf, shape, dtype, i in parts
        ],
    )


def jacobian(
    f: Callable[[Any], Any],
    x: Any,
    scheme: str = "central",
    step: Step = None,
    *,
    holomorphic: bool = False,
    vectorized: bool = False,
) -> Any:
    """Differentiate every output by every coordinate of x.

    Parameters
    ----------
    f : callable
        From a tree like x to a tree of numbers.
    x : tree of floats or arrays, real or complex floating
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.
    holomorphic : bool
        Whether f is a holomorphic function of complex x.
    vectorized : bool
        Whether f takes many points at once, from (k, *x.shape) to (k, *y.shape): then
        x must be one real array, and f is called once for each point of the scheme.

    Returns
    -------
    array y.shape + x.shape
        Where x is a tree, a tree like x of such arrays; where f(x) is a tree, a tree
        like f(x) of those. For real outputs of complex x, ∂y/∂x − i ∂y/∂y.

    Raises
    ------
    ArgumentError
        Where f returns complex numbers for complex x and is not said to be
        holomorphic, or is said to be and is not; and as `estimate`.
    ShapeError
        Where the shape of f's output changes with x, or f is not `vectorized`.

    Notes
    -----
    An output that is NaN has derivatives NaN; the others have theirs.

    Cost
    ----
    1 + n times the points of the scheme, n the number of coordinates (twice that for
    complex x); memory for m·n numbers.

    Examples
    --------
    >>> jacobian(lambda x: x**2, np.array([1.0, 2.0])).round(6)
    array([[2., 0.],
           [0., 4.]])
    >>> z = np.array(1.0 + 2.0j)
    >>> print(jacobian(lambda z: z**2, z, holomorphic=True).round(6))
    (2+4j)
    """
    found, length = find_scheme(scheme), valid_step(step)
    with np.errstate(all="ignore"):
        point = Point(x, near=found.extrapolated)
        values = value_of_one(f, point) if vectorized else Values(f(point.at({})))
        matrix = jacobian_matrix(
            f, point, values, found, length, holomorphic, vectorized
        )
    return blocks(matrix, values, [point])


def jacobian_matrix(
    f: Callable[[Any], Any],
    point: Point,
    values: Values,
    scheme: Scheme,
    step: Step,
    holomorphic: bool,
    vectorized: bool = False,
) -> Array:
    """Give the Jacobian as a matrix (m, n).

    Raises
    ------
    ArgumentError
        As `jacobian`.
    """
    if holomorphic and not all(dtype.kind == "c" for dtype in point.dtypes):
        raise ArgumentError("holomorphic=True needs complex x throughout")
    if point.is_complex() and values.is_complex and not holomorphic:
        raise ArgumentError(
            "f returned complex numbers for complex x, where one complex derivative "
            "exists only if f is holomorphic: say holomorphic=True if it is, or "
            "differentiate real and imaginary parts"
        )
    if scheme.imaginary and point.is_complex():
        raise ArgumentError(
            "the complex step needs real x; perhaps you meant scheme='central'?"
        )
    if vectorized:
        sizes = sizes_of(point, step)
        fan = Fan(f, point, values, np.diag(sizes))
        flat = differentiate(fan, scheme, step, judge=False).value
        return flat.reshape(point.size, values.size).T / sizes
    roundoff = max(point.roundoff, values.roundoff)

    def column(i: int, unit: complex) -> Array:
        line = Line(
            f,
            lambda t: point.at({i: unit * t}),
            values,
            point.reach(i),
            roundoff,
        )
        return differentiate(line, scheme, step, judge=False).value

    dtype = np.result_type(values.wide, *point.dtypes)
    matrix = np.empty((values.size, point.size), dtype)
    for i in range(point.size):
        real = column(i, 1.0)
        if not point.is_complex(point.leaf_of(i)):
            matrix[:, i] = real
            continue
        imaginary = column(i, 1j)
        if not holomorphic:
            matrix[:, i] = real - 1j * imaginary
            continue
        _require_holomorphic(real, imaginary, point.names[point.leaf_of(i)])
        matrix[:, i] = (real - 1j * imaginary) / 2
    return matrix


def require_number(derivative: Array, values: Values) -> None:
    """Refuse a derivative of a scalar that is NaN.

    Raises
    ------
    NanError
        Saying whether f is NaN at x, or beside it.
    """
    if np.any(np.isnan(values.origin)):
        raise NanError("f(x) is NaN: there is nothing to differentiate at x")
    if np.any(np.isnan(derivative)):
        raise NanError(
            "f is NaN beside x, at a point of the difference: x may lie at the edge of "
            "f's domain. Try scheme='ridders', which shortens its steps, or "
            "'ridders_forward' or 'ridders_backward', which stay on one side"
        )


def _require_holomorphic(real: Array, imaginary: Array, name: str) -> None:
    size = np.max(np.abs(real) + np.abs(imaginary), initial=0.0)
    conjugate = np.max(np.abs(real + 1j * imaginary), initial=0.0)
    if conjugate > _CAUCHY_RIEMANN * size:
        raise ArgumentError(
            f"f is not holomorphic in {name}: ∂f/∂y differs from i ∂f/∂x by "
            f"{conjugate:.3g} where the derivatives are of size {size:.3g}"
        )


def blocks(array: Array, rows: Values | Point, columns: list[Point]) -> Any:
    """Cut (m, n, …) into a tree like y of trees like x of arrays y.shape + x.shape."""

    def cut(part: Array, shape: tuple[int, ...], dtype: Any, axis: int) -> Any:
        if axis > len(columns):
            return _cast(part, dtype).reshape(shape)[()]
        point = columns[axis - 1]
        pieces = []
        for k, (start, extra) in enumerate(
            zip(point.starts, point.shapes, strict=False)
        ):
            index = (slice(None),) * axis + (slice(start, start + _size(extra)),)
            # Real outputs of complex arguments have complex derivatives.
            kind = np.result_type(dtype, 1j) if point.is_complex(k) else dtype
            pieces.append(cut(part[index], shape + extra, kind, axis + 1))
        return unflatten(point.structure, pieces)

    cuts = []
    for start, shape, dtype in zip(rows.starts, rows.shapes, rows.dtypes, strict=False):
        cuts.append(cut(array[start : start + _size(shape)], shape, dtype, 1))
    return unflatten(rows.structure, cuts)


def _cast(array: Array, dtype: Any) -> Array:
    # Real parts are taken on purpose; NumPy warns where a cast drops the imaginary one.
    part = array if np.dtype(dtype).kind == "c" else array.real
    return part.astype(dtype)


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def shown_shapes(values: Values) -> str:
    """List the shapes of outputs for a message."""
    return ", ".join(f"shape {shape}" for shape in values.shapes)
