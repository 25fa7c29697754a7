"""Derivatives at one point as linear operators of SciPy: matrices that are never made.

f runs once, on a tape; then a product costs a sweep, whoever asks for it: `cg`,
`gmres`, `lsmr`, `eigsh`, `svds`. A sweep back is linear in the cotangent: recorded on a
tape of its own and pulled back in turn, it multiplies by J where it multiplied by Jᵀ.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, NotScalarError
from wengert.graph.types import ArrayType
from wengert.operators.arguments import Arguments, Output, check_callable, name_of
from wengert.operators.gradient import grad
from wengert.operators.products import refuse_complex
from wengert.trace.tracer import Tracer
from wengert.transforms.reverse import record_function

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

__all__ = ["ggn_operator", "hessian_operator", "jacobian_operator"]

Product = Callable[[Any], Any]
# From tangents or cotangents, leaf by leaf, to others.
Pull = Callable[[Sequence[Any]], list[Any]]


def jacobian_operator(f: Callable[..., Any], x: Any, *args: Any) -> LinearOperator:
    """Make the Jacobian of f at a point, as a `scipy.sparse.linalg.LinearOperator`.

    Parameters
    ----------
    f : callable
        Maps a pytree of real arrays to one.
    x : pytree
        The point. n is the number of its elements.
    *args
        Further arguments of f, as constants.

    Returns
    -------
    LinearOperator
        (m, n): `A @ v` is J·v, `A.rmatvec(u)` is Jᵀ·u. Vectors are the leaves in their
        order, each flat, one after the other.

    Raises
    ------
    ArgumentError
        If x is traced, or cannot be differentiated: an operator is made of numbers.
    NotScalarError
        If a value is complex.

    Notes
    -----
    Cost: f runs once, on a tape. Each product is then a sweep, a small multiple of f in
    which f's own operations are not repeated. Memory grows with the number of
    operations that f runs, and doubles at the first product with J itself.

    Examples
    --------
    >>> from scipy.sparse.linalg import lsmr
    >>> A = jacobian_operator(lambda x: x**2, np.array([1.0, 2.0]))
    >>> A @ np.array([1.0, 1.0])
    array([2., 4.])
    >>> lsmr(A, np.array([2.0, 8.0]))[0].round(6)
    array([1., 2.])
    """
    point = _Point("jacobian_operator", f, x, args)
    ys, pull = point.taped()
    push = _transposed(pull, ys)
    return _operator(
        (_size(ys), _size(point.leaves)),
        [*ys, *point.leaves],
        lambda v: _ravel(push(_parts(v, point.leaves))),
        lambda u: _ravel(pull(_parts(u, ys))),
    )


def hessian_operator(f: Callable[..., Any], x: Any, *args: Any) -> LinearOperator:
    """Make the Hessian of f at a point, as a `scipy.sparse.linalg.LinearOperator`.

    Parameters
    ----------
    f : callable
        Returns a real scalar.
    x, *args
        As for `jacobian_operator`.

    Returns
    -------
    LinearOperator
        (n, n), symmetric: `A @ p` is H·p.

    Raises
    ------
    NotScalarError
        If f returns anything but one real number, or x is complex.
    ArgumentError
        If x is traced, or cannot be differentiated.

    Notes
    -----
    Cost: the gradient runs once, on a tape. Each product is then a sweep over that, a
    small multiple of f in which f's own operations are not repeated. Where rules that
    users state make a gradient that is none, its Jacobian is not symmetric, and this is
    the transpose.

    Examples
    --------
    >>> from scipy.sparse.linalg import cg
    >>> f = lambda x: np.sum(x**4) / 12
    >>> H = hessian_operator(f, np.array([1.0, 2.0]))
    >>> cg(H, np.array([1.0, 8.0]))[0].round(6)
    array([1., 2.])
    """
    point = _Point("hessian_operator", f, x, args, grad(f))
    _, pull = point.taped()
    return _symmetric(point.leaves, pull)


def ggn_operator(
    f: Callable[..., Any],
    x: Any,
    *args: Any,
    loss: Callable[[Any], Any] | None = None,
) -> LinearOperator:
    """Make the Gauss–Newton matrix at a point, as a `LinearOperator` of SciPy.

    Parameters
    ----------
    f : callable
        The model, or the residuals.
    x, *args
        As for `jacobian_operator`.
    loss : callable, optional
        From f's output to a real scalar. By default ½‖·‖²: then the matrix is JᵀJ.

    Returns
    -------
    LinearOperator
        (n, n), symmetric: `A @ v` is Jᵀ·H·J·v, as `gnvp` gives it.

    Raises
    ------
    ArgumentError, NotScalarError
        As for `jacobian_operator` and `hessian_operator`.

    Notes
    -----
    Cost: f and the loss's gradient run once, on tapes; each product is then a sweep
    there, one with the loss's Hessian, and one back.

    Examples
    --------
    >>> G = ggn_operator(lambda x: x**2, np.array([1.0, 2.0]))
    >>> G @ np.array([1.0, 1.0])
    array([ 4., 16.])
    """
    point = _Point("ggn_operator", f, x, args)
    ys, pull = point.taped()
    push, curve = _transposed(pull, ys), None
    if loss is not None:
        y = point.output.restore(ys)
        _, curve = _Point("ggn_operator", loss, y, (), grad(loss)).taped()

    def product(parts: Sequence[Any]) -> list[Any]:
        y_dot = push(parts)
        return pull(y_dot if curve is None else curve(y_dot))

    return _symmetric(point.leaves, product)


class _Point:
    """A function at a point, both flat; `derived` is recorded in the place of f."""

    def __init__(
        self,
        operator_name: str,
        f: Callable[..., Any],
        x: Any,
        args: tuple[Any, ...],
        derived: Callable[..., Any] | None = None,
    ) -> None:
        check_callable(operator_name, f)
        self.f, self.name = f, operator_name
        if any(isinstance(leaf, Tracer) for leaf in tree.flatten((x, args))[0]):
            raise ArgumentError(
                f"{operator_name} of {name_of(f)} meets a traced value; an operator of "
                "SciPy is made of numbers. Under jit or another derivative use the "
                "product itself: jvp, vjp, hvp or gnvp."
            )
        refuse_complex(operator_name, f, x)
        self.arguments = Arguments(derived or f, (x, *args), {}, 0)
        self.output = Output(derived or f, has_aux=False)
        # Copies: the caller may write to its arrays before a product is asked for.
        self.leaves = [np.array(leaf)[()] for leaf in self.arguments.leaves]

    def flat(self, *leaves: Any) -> list[Any]:
        return self.output.take(self.arguments.call(leaves))

    def taped(self) -> tuple[list[Any], Pull]:
        ys, pull = record_function(self.flat, self.leaves)
        refuse_complex(self.name, self.f, ys)
        return ys, pull


def _transposed(pull: Pull, ys: Sequence[Any]) -> Pull:
    """Make the transpose of a sweep back, which is recorded when it is first asked."""

    @functools.cache
    def sweep() -> Pull:
        zeros = [np.zeros(y.shape, np.result_type(y, np.float32)) for y in ys]
        return record_function(lambda *seeds: pull(seeds), zeros)[1]

    return lambda parts: sweep()(parts)


def _symmetric(likes: Sequence[Any], apply: Pull) -> LinearOperator:
    size = _size(likes)

    def product(v: Any) -> Any:
        return _ravel(apply(_parts(v, likes)))

    return _operator((size, size), likes, product, product)


def _operator(
    shape: tuple[int, int], likes: Sequence[Any], matvec: Product, rmatvec: Product
) -> LinearOperator:
    from scipy.sparse.linalg import LinearOperator

    dtype = np.result_type(*likes) if likes else np.dtype(float)
    return LinearOperator(shape, matvec=matvec, rmatvec=rmatvec, dtype=dtype)


def _parts(vector: Any, likes: Sequence[Any]) -> list[Any]:
    """Cut a vector into pieces of the shapes and dtypes of the leaves."""
    vector, parts, start = np.ravel(vector), [], 0
    if vector.dtype.kind == "c":
        raise NotScalarError(
            f"the vector is complex, {ArrayType.of(vector)!r}, and the operator real. "
            "Multiply real and imaginary parts."
        )
    for like in likes:
        stop = start + math.prod(like.shape)
        part = vector[start:stop].reshape(like.shape)
        parts.append(part.astype(like.dtype)[()])
        start = stop
    return parts


def _ravel(leaves: Sequence[Any]) -> Any:
    return np.concatenate([np.ravel(leaf) for leaf in leaves] or [np.zeros(0)])


def _size(leaves: Sequence[Any]) -> int:
    return sum(math.prod(leaf.shape) for leaf in leaves)
