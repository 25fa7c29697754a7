"""Sparse Jacobians: as many differences as there are groups of columns, not columns.

    J·d = Σ sⱼ·J[:, j] over the group,        d = Σ sⱼ·eⱼ,

of which row i shows sⱼ·J[i, j] for the one column j of the group that it has. Example:
for a tridiagonal Jacobian of any size, three groups (`group_columns`).

A pattern that lacks an entry would give wrong numbers at others' places. So J·v is
compared with a difference along a random v, of which a lacking entry has a share.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric.differences import differentiate
from wengert.numeric.fan import Fan, sizes_of, value_of_one
from wengert.numeric.grouping import entries_of, group_columns
from wengert.numeric.points import Line, Point, Values
from wengert.numeric.schemes import Array, Scheme, find_scheme
from wengert.numeric.steps import Step, valid_step
from wengert.tree import LEAF

__all__ = ["sparse_jacobian"]


def sparse_jacobian(
    f: Callable[[Any], Any],
    x: Any,
    sparsity: Any,
    scheme: str = "central",
    step: Step = None,
    *,
    groups: Any = None,
    vectorized: bool = False,
    check: bool = True,
) -> Any:
    """Differentiate a function whose Jacobian has a known pattern of zeros.

    Parameters
    ----------
    f : callable
        From an array like x to an array.
    x : array of n numbers, real floating
    sparsity : array (m, n) or SciPy sparse matrix (m, n)
        What is not zero may have a derivative; m the number of outputs.
    scheme : str
        A name of `SCHEMES`; see `estimate`.
    step : float, "automatic" or None
        See `estimate`.
    groups : array (n,) of int, optional
        The group of each column, no two of which share a row; `group_columns` finds
        them. To be given where the same pattern is used again.
    vectorized : bool
        See `jacobian`.
    check : bool
        Whether to try the pattern on a random direction.

    Returns
    -------
    array (m, n), or a SciPy sparse matrix of the pattern's kind
        Whatever shapes x and f(x) have, in the order of their elements.

    Raises
    ------
    ArgumentError
        Where the check finds an entry that the pattern lacks, or columns of a group
        share a row; for complex x, and as `estimate`.
    ShapeError
        Where pattern, x and f(x) do not fit.

    Cost
    ----
    1 + the number of groups times the points of the scheme; the check takes twice the
    points. A band of width w has w groups: tridiagonal, central: 1 + 6 + 4 evaluations
    of f for any n.

    Examples
    --------
    >>> def f(x):
    ...     return x**2 + np.append(x[1:], 0.0)
    >>> pattern = np.eye(3) + np.eye(3, k=1)
    >>> sparse_jacobian(f, np.array([1.0, 2.0, 3.0]), pattern).round(6)
    array([[2., 1., 0.],
           [0., 4., 1.],
           [0., 0., 6.]])
    """
    found, length = find_scheme(scheme), valid_step(step)
    rows, columns, shape = entries_of(sparsity)
    with np.errstate(all="ignore"):
        point = Point(x, near=found.extrapolated)
        if point.structure is not LEAF or point.is_complex():
            raise ArgumentError("sparse_jacobian needs x to be one real array")
        values = value_of_one(f, point) if vectorized else Values(f(point.at({})))
        if shape != (values.size, point.size):
            raise ShapeError(
                f"the pattern has shape {shape}; f takes {point.size} numbers to "
                f"{values.size}, so it must have shape {(values.size, point.size)}"
            )
        group = _valid_groups(groups, rows, columns, shape, sparsity)
        sizes = sizes_of(point, length)
        directions = np.zeros((int(np.max(group, initial=-1)) + 1, point.size))
        directions[group, np.arange(point.size)] = sizes

        def along(moves: Array, judge: bool = False) -> tuple[Array, Array]:
            return _along(f, point, values, moves, vectorized, found, length, judge)

        slopes = along(directions)[0]
        data = slopes[group[columns], rows] / sizes[columns]
        if check and point.size:
            rng = np.random.default_rng(point.size)
            v = sizes * rng.uniform(0.5, 1.0, point.size)
            slope, error = along(v[None], judge=True)
            _check(data * v[columns], rows, slope[0], error[0], values)
    return _in_form_of(sparsity, data, rows, columns, shape)


def _along(
    f: Callable[[Any], Any],
    point: Point,
    values: Values,
    directions: Array,
    vectorized: bool,
    scheme: Scheme,
    step: Step,
    judge: bool,
) -> tuple[Array, Array]:
    """Differentiate along directions (k, n): slopes (k, m) and their errors."""
    if vectorized:
        fan = Fan(f, point, values, directions)
        found = differentiate(fan, scheme, step, judge=judge)
        size = (len(directions), values.size)
        return found.value.reshape(size), found.error.reshape(size)
    roundoff = max(point.roundoff, values.roundoff)
    slopes = np.empty((len(directions), values.size), values.wide)
    errors = np.empty(slopes.shape)
    for k, direction in enumerate(directions):
        move = functools.partial(_move, point, direction)
        line = Line(f, move, values, 1.0, roundoff)
        slopes[k], errors[k], _ = differentiate(line, scheme, step, judge=judge)
    return slopes, errors


def _move(point: Point, direction: Array, t: complex) -> Any:
    return point.moved(t * direction)


def _valid_groups(
    groups: Any, rows: Array, columns: Array, shape: tuple[int, int], sparsity: Any
) -> Array:
    """Find the groups, or check those that are given."""
    if groups is None:
        return group_columns(sparsity)
    group = np.asarray(groups)
    if group.shape != shape[1:] or group.dtype.kind not in "iu" or np.any(group < 0):
        raise ArgumentError(
            f"groups must be {shape[1]} integers of at least 0, one for each column; "
            f"they have shape {group.shape} and dtype {group.dtype}"
        )
    taken = rows * (int(np.max(group, initial=0)) + 1) + group[columns]
    if len(np.unique(taken)) < len(taken):
        raise ArgumentError("two columns of one group share a row; see group_columns")
    return group


# A lacking entry shows unless it is this small beside the others of its row.
_SHARE = 1e-4


def _check(
    terms: Array, rows: Array, slope: Array, error: Array, values: Values
) -> None:
    """Compare J·v with a difference along v."""
    real = terms.dtype.kind != "c"
    product = np.zeros(values.size, terms.dtype)
    np.add.at(product, rows, terms)
    size = np.bincount(rows, np.abs(terms), values.size)
    gap = np.abs(product - (slope.real if real else slope))
    wrong = np.flatnonzero(gap > _SHARE * size + 10 * error)
    if wrong.size:
        worst = int(wrong[0])
        raise ArgumentError(
            f"the pattern lacks entries: along a random direction, the slope of "
            f"{values.name_of(worst)} is {slope[worst]:.6g}, of the pattern's entries "
            f"{product[worst]:.6g}; so in {wrong.size} of {values.size} rows. If f has "
            "a kink or noise here, try step='automatic', or check=False"
        )


def _in_form_of(
    sparsity: Any, data: Array, rows: Array, columns: Array, shape: tuple[int, int]
) -> Any:
    if not hasattr(sparsity, "tocoo"):
        matrix = np.zeros(shape, data.dtype)
        matrix[rows, columns] = data
        return matrix
    # The oracle imports no SciPy: the pattern brings its own class.
    kind = type(sparsity.tocoo())
    return kind((data, (rows, columns)), shape).asformat(sparsity.format)
