"""Products of derivatives with vectors: jvp, vjp, hvp, gnvp."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, NotScalarError
from wengert.operators.arguments import (
    Arguments,
    Output,
    as_result,
    check_callable,
    flat_seeds,
    name_of,
    own,
    own_values,
)
from wengert.operators.gradient import grad
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

__all__ = ["gnvp", "hvp", "jvp", "refuse_complex", "vjp"]


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
) -> Any:
    """Compute f and the product of its Jacobian with a vector, by forward mode.

    Parameters
    ----------
    f : callable
    primals : tuple or list
        The arguments of f: pytrees of floats and inexact arrays.
    tangents : tuple or list
        Of the same structure and shapes: the direction.
    has_aux : bool
        Whether f returns a pair (output, auxiliary).

    Returns
    -------
    y, y_dot : pytrees
        f(*primals) and J·tangents, alike in structure, shapes and dtypes; and the
        auxiliary, with `has_aux`.

    Raises
    ------
    ShapeError
        If the tangents do not fit the primals.
    ArgumentError
        If a primal cannot be differentiated.

    Notes
    -----
    Cost: at most about 3 times f, no memory beyond that of f.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3.

    Examples
    --------
    >>> jvp(lambda x, y: x * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 5.0)
    """
    check_callable("jvp", f)
    primals, tangents = _as_tuple(primals, "primals"), _as_tuple(tangents, "tangents")
    arguments = Arguments(f, primals, {}, range(len(primals)))
    output = Output(f, has_aux)
    _, structure = tree.flatten(primals)
    seeds = flat_seeds(tangents, structure, arguments.leaves, "tangent", "the primals")
    ys, (dots,) = push_function(
        lambda *leaves: output.take(arguments.call(leaves)), arguments.leaves, [seeds]
    )
    dots = [
        np.zeros(y.shape, y.dtype)[()] if dot is None else dot
        for y, dot in zip(ys, dots, strict=True)
    ]
    ys = own_values(ys, arguments.are_floats)
    result = output.restore(ys), output.restore(own(dots, ys, seeds))
    return (*result, output.aux) if has_aux else result


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Compute f and its pullback, by reverse mode.

    Parameters
    ----------
    f : callable
    *primals
        The arguments of f: pytrees of floats and inexact arrays.
    has_aux : bool
        Whether f returns a pair (output, auxiliary).

    Returns
    -------
    y : pytree
        f(*primals).
    pullback : callable
        Maps a cotangent of y (its structure and shapes) to a tuple of cotangents of the
        primals, Jᵀ·y_bar. It may be called any number of times. And the auxiliary, with
        `has_aux`.

    Raises
    ------
    ArgumentError
        If a primal cannot be differentiated.
    ShapeError
        By the pullback, if the cotangent does not fit y.

    Notes
    -----
    Cost: f runs once, at about twice its own cost; each pullback costs a small multiple
    of f. Memory grows with the number of operations that f runs.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 3.

    Examples
    --------
    >>> y, pullback = vjp(lambda x, y: x * y, 2.0, 5.0)
    >>> y, pullback(1.0)
    (10.0, (5.0, 2.0))
    """
    check_callable("vjp", f)
    arguments = Arguments(f, primals, {}, range(len(primals)))
    output = Output(f, has_aux)
    # A copy: the caller may write to its arrays before the pullback is called.
    leaves = [x.copy() if type(x) is np.ndarray else x for x in arguments.leaves]
    ys, pull = record_function(
        lambda *leaves: output.take(arguments.call(leaves)), leaves
    )

    def pullback(y_bar: Any) -> Any:
        seeds = flat_seeds(y_bar, output.structure, ys, "cotangent", "the outputs")
        return arguments.like_arguments(pull(seeds), seeds)

    pullback.__doc__ = (
        "Map a cotangent of the output to a tuple of those of the inputs."
    )
    y = output.restore(own_values(ys, arguments.are_floats))
    return (y, pullback, output.aux) if has_aux else (y, pullback)


def hvp(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Make the function that multiplies the Hessian of f by a vector.

    Parameters
    ----------
    f : callable
        Returns a real scalar.
    argnums : int
        The position of the argument x that is differentiated twice.

    Returns
    -------
    callable
        `(x, p, *args)`: the point first, then the vector, of x's structure and shapes,
        as SciPy's `hessp` has it; then f's other arguments in their order. Gives
        H(x)·p with the structure of x.

    Notes
    -----
    Forward over reverse: at a small multiple of the cost of f, without the Hessian.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 5.

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    check_callable("hvp", f)
    gradient = grad(f, argnums)

    @functools.wraps(f, updated=())
    def product(x: Any, p: Any, *args: Any, **kwargs: Any) -> Any:
        def at(x: Any) -> Any:
            return gradient(*args[:argnums], x, *args[argnums:], **kwargs)

        originals, structure = tree.flatten(x)
        columns, _ = tree.flatten(jvp(at, (x,), (p,))[1])
        return tree.unflatten(structure, map(as_result, columns, originals))

    return product


def gnvp(
    f: Callable[..., Any],
    loss: Callable[[Any], Any] | None = None,
    argnums: int = 0,
) -> Callable[..., Any]:
    """Make the function that multiplies the Gauss–Newton matrix of loss∘f by a vector.

    That is Jᵀ·H·J·v: J of the model f, H the Hessian of the loss at what f returns.
    Where the loss is convex it is positive semidefinite, which the Hessian of loss∘f
    need not be; the two are equal where f is linear.

    Parameters
    ----------
    f : callable
        The model, or the residuals: any pytree of real arrays.
    loss : callable, optional
        From f's output to a real scalar. By default ½‖·‖², whose H is the identity.
    argnums : int
        The position of the argument x that is differentiated.

    Returns
    -------
    callable
        `(x, v, *args)`: as for `hvp`. Gives the product with the structure of x.

    Raises
    ------
    NotScalarError
        If the loss is no real scalar, or f is complex.
    ShapeError
        If v does not fit x.

    Notes
    -----
    Cost: a tangent and an adjoint sweep of f, two runs of it in all, and an `hvp` of
    the loss. For many products at one point, see `ggn_operator`.

    References
    ----------
    Schraudolph (2002), Fast curvature matrix-vector products for second-order gradient
    descent, Neural Computation 14(7).

    Examples
    --------
    >>> residuals = lambda x: np.stack([x[0] * x[1], x[1]])
    >>> gnvp(residuals)(np.array([2.0, 3.0]), np.array([1.0, 0.0]))
    array([9., 6.])
    """
    check_callable("gnvp", f)
    if loss is not None:
        check_callable("gnvp", loss)

    @functools.wraps(f, updated=())
    def product(x: Any, v: Any, *args: Any, **kwargs: Any) -> Any:
        def at(x: Any) -> Any:
            return f(*args[:argnums], x, *args[argnums:], **kwargs)

        _, y_dot = jvp(at, (x,), (v,))
        y, pullback = vjp(at, x)
        refuse_complex("gnvp", f, (x, y))
        curved = y_dot if loss is None else hvp(loss)(y, y_dot)
        return pullback(curved)[0]

    return product


def refuse_complex(operator_name: str, f: Callable[..., Any], values: Any) -> None:
    """Refuse complex leaves, for which a second derivative means several things."""
    for leaf in tree.flatten(values)[0]:
        if np.dtype(getattr(leaf, "dtype", type(leaf))).kind == "c":
            raise NotScalarError(
                f"{operator_name} of {name_of(f)} meets a complex value; it is defined "
                "for real ones. Differentiate real and imaginary parts."
            )


def _as_tuple(values: Any, what: str) -> tuple[Any, ...]:
    if not isinstance(values, tuple | list):
        raise ArgumentError(
            f"{what} must be a tuple or list, one entry for each argument of f: "
            f"jvp(f, (x,), (v,)); not {type(values).__name__}"
        )
    return tuple(values)
