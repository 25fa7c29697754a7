"""Diagonals and traces of derivatives: hessian_diagonal, laplacian, divergence; curl.

Law: `laplacian(f)(x)` is the trace of `hessian(f)(x)`, and `divergence(f)(x)` that of
`jacobian(f)(x)`.
Nothing but the diagonal is kept of each sweep, so memory is that of a vector.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.errors import NotScalarError, ShapeError
from wengert.graph.types import ArrayType
from wengert.operators.arguments import (
    Arguments,
    Output,
    Wrt,
    check_callable,
    name_of,
    own,
)
from wengert.operators.basis import units
from wengert.operators.jacobian import jacobian
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function
from wengert.transforms.rules import or_zeros

__all__ = ["curl", "divergence", "hessian_diagonal", "laplacian"]


def hessian_diagonal(
    f: Callable[..., Any], argnums: Wrt = None, argnames: str | Sequence[str] = ()
) -> Callable[..., Any]:
    """Make the function that computes the second derivative in each element of x.

    Parameters
    ----------
    f : callable
        Real, of any shape; usually a scalar.
    argnums, argnames
        As for `grad`.

    Returns
    -------
    callable
        Gives, for each leaf y of the output and each leaf x of the argument, an array
        of shape y.shape + x.shape: ∂²y/∂xᵢ². Arranged as by `jacobian`.

    Raises
    ------
    NotScalarError
        If x or y is complex.

    Notes
    -----
    Cost: of a scalar, for n elements, one run of the gradient on a tape and n sweeps
    over that, each some multiple of f; memory grows with the number of operations that
    f runs. Where f is no scalar, n runs of f forward over forward, whatever the number
    of outputs.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 5.

    Examples
    --------
    >>> hessian_diagonal(lambda x: x[0] ** 2 * x[1] + x[1] ** 3)(np.array([1.0, 2.0]))
    array([ 4., 12.])
    """
    check_callable("hessian_diagonal", f)

    @functools.wraps(f, updated=())
    def diagonal(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums, argnames)
        seconds = call.seconds()
        rows = []
        for k, y in enumerate(call.ys):
            entries, row = iter(seconds), []
            for x in call.xs:
                parts = [next(entries)[k] for _ in range(x.size)]
                shape = y.shape + x.shape
                stacked = np.stack(parts, -1) if parts else np.zeros(shape, y.dtype)
                row.append(np.reshape(stacked, shape))
            kinds = call.arguments.kinds(y.shape)
            rows.append(call.arguments.like_leaves(own(row, kinds)))
        return call.output.restore(rows)

    return diagonal


def laplacian(
    f: Callable[..., Any], argnums: Wrt = None, argnames: str | Sequence[str] = ()
) -> Callable[..., Any]:
    """Make the function that computes the Laplacian of f, the sum of ∂²f/∂xᵢ².

    Parameters
    ----------
    f : callable
        Real, of any shape: of an array, the Laplacian of each element.
    argnums, argnames
        As for `grad`; the sum goes over all elements of all arguments picked.

    Returns
    -------
    callable
        Gives the Laplacian with the structure and shapes of f's output.

    Raises
    ------
    NotScalarError
        If x or y is complex.

    Notes
    -----
    Cost: as `hessian_diagonal`.

    Examples
    --------
    >>> laplacian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    np.float64(18.0)
    """
    check_callable("laplacian", f)

    @functools.wraps(f, updated=())
    def trace(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums, argnames)
        seconds = call.seconds()
        sums = [
            _total([second[k] for second in seconds], y) for k, y in enumerate(call.ys)
        ]
        return call.output.restore(own(sums, call.kinds()))

    return trace


def divergence(
    f: Callable[..., Any], argnums: Wrt = None, argnames: str | Sequence[str] = ()
) -> Callable[..., Any]:
    """Make the function that computes the divergence of a vector field, Σ ∂fᵢ/∂xᵢ.

    Parameters
    ----------
    f : callable
        Real; returns leaves of the shapes of those of its argument, in their order.
    argnums, argnames
        As for `grad`.

    Returns
    -------
    callable
        Gives a scalar.

    Raises
    ------
    ShapeError
        If the field has other shapes than its argument.
    NotScalarError
        If x or y is complex.

    Notes
    -----
    Cost: for n elements at most about 3n times f, in one run that carries n tangents.

    Examples
    --------
    >>> divergence(lambda x: x**2)(np.array([1.0, 2.0]))
    np.float64(6.0)
    """
    check_callable("divergence", f)

    @functools.wraps(f, updated=())
    def sources(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums, argnames)
        call.ys, columns = push_function(call.flat, call.xs, call.directions())
        call.check_real(call.ys, "output")
        shapes = [y.shape for y in call.ys], [x.shape for x in call.xs]
        if shapes[0] != shapes[1]:
            raise ShapeError(
                f"{name_of(f)} maps shapes {shapes[1]} to {shapes[0]}; a divergence "
                "needs as many components as coordinates. Perhaps you meant "
                "jacobian(f)?"
            )
        parts = [
            np.reshape(column[k], -1)[i]
            for column, (k, i) in zip(columns, call.places(), strict=True)
            if column[k] is not None
        ]
        total = _total(parts, np.zeros((), np.result_type(float, *call.ys)))
        return float(total) if call.arguments.are_floats else total

    return sources


def curl(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Make the function that computes the curl of a vector field.

    Parameters
    ----------
    f : callable
        From arrays of shape (3,) to (3,), or of (2,) to (2,).
    argnums : int

    Returns
    -------
    callable
        Gives ∇×f, an array (3,); in the plane the scalar ∂f₁/∂x₀ − ∂f₀/∂x₁.

    Raises
    ------
    ShapeError
        For other shapes.

    Notes
    -----
    Cost: that of the Jacobian.

    Examples
    --------
    >>> curl(lambda x: np.stack([-x[1], x[0]]))(np.array([1.0, 2.0]))
    np.float64(2.0)
    """
    check_callable("curl", f)
    matrix = jacobian(f, argnums, mode="forward")

    @functools.wraps(f, updated=())
    def rotation(*args: Any, **kwargs: Any) -> Any:
        j = matrix(*args, **kwargs)
        if getattr(j, "shape", None) not in ((2, 2), (3, 3)):
            raise ShapeError(
                f"the Jacobian of {name_of(f)} has the shape "
                f"{getattr(j, 'shape', 'of a container')}; a curl needs a field of 3 "
                "components in 3 coordinates, or of 2 in 2."
            )
        if j.shape == (2, 2):
            return j[1, 0] - j[0, 1]
        turns = [j[2, 1] - j[1, 2], j[0, 2] - j[2, 0], j[1, 0] - j[0, 1]]
        return np.stack(turns)

    return rotation


class _Call:
    """One call of f, and the second derivatives along each element of its argument."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: Wrt,
        argnames: str | Sequence[str],
    ) -> None:
        self.f = f
        self.arguments = Arguments(f, args, kwargs, argnums, argnames)
        self.output = Output(f, has_aux=False)
        self.xs, self.ys = self.arguments.leaves, list[Any]()
        self.is_scalar = False
        self.check_real(self.xs, "argument")

    def flat(self, *leaves: Any) -> list[Any]:
        return self.output.take(self.arguments.call(leaves))

    def directions(self) -> list[list[Any]]:
        """Give the unit seed of each element, as a tangent for each leaf."""
        return [
            [seed if i == j else None for j in range(len(self.xs))]
            for i, x in enumerate(self.xs)
            for seed in units(x)
        ]

    def places(self) -> list[tuple[int, int]]:
        """Give leaf and position of each element, in the order of `directions`."""
        return [(k, i) for k, x in enumerate(self.xs) for i in range(x.size)]

    def seconds(self) -> list[list[Any]]:
        """Give, for each element of the argument, ∂² of each leaf of the output."""
        values, pullback = record_function(self.gradient, self.xs)
        self.check_real(values, "output")
        if not self.is_scalar:
            seconds = [self.twice(direction) for direction in self.directions()]
            if not seconds:
                self.ys, _ = push_function(self.flat, self.xs, [])
            return seconds
        self.ys = values[:1]
        # A sweep gives eᵀH, of which the diagonal is that of H.
        columns = [pullback([None, *direction]) for direction in self.directions()]
        return [
            [np.reshape(column[k], -1)[i]]
            for column, (k, i) in zip(columns, self.places(), strict=True)
        ]

    def gradient(self, *leaves: Any) -> list[Any]:
        """Give f and its gradient; of an f that is no scalar f alone."""
        ys, pullback = record_function(self.flat, leaves)
        self.is_scalar = len(ys) == 1 and ys[0].shape == () and ys[0].dtype.kind == "f"
        return [*ys, *pullback([ys[0].dtype.type(1)])] if self.is_scalar else [*ys]

    def twice(self, direction: Sequence[Any]) -> list[Any]:
        """Differentiate twice along a direction, forward over forward."""

        def once(*leaves: Any) -> list[Any]:
            ys, (dots,) = push_function(self.flat, leaves, [direction])
            return [*ys, *map(or_zeros, dots, ys)]

        values, (dots,) = push_function(once, self.xs, [direction])
        count = len(values) // 2
        self.ys = values[:count]
        return list(map(or_zeros, dots[count:], self.ys))

    def kinds(self) -> list[Any]:
        """Exemplify the output's leaves: floats, where the arguments are."""
        return [0.0 if self.arguments.are_floats else y for y in self.ys]

    def check_real(self, values: Sequence[Any], what: str) -> None:
        for v in values:
            if v.dtype.kind == "c":
                raise NotScalarError(
                    f"an {what} of {name_of(self.f)} is complex, {ArrayType.of(v)!r}; "
                    "second derivatives and divergences are those of real functions. "
                    "Differentiate real and imaginary parts."
                )


def _total(parts: list[Any], like: Any) -> Any:
    if not parts:
        return np.zeros(like.shape, like.dtype)[()]
    return np.sum(np.stack(parts), axis=0)
