"""Taylor coefficients along a curve, and directional derivatives of any order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError
from wengert.operators.arguments import (
    Arguments,
    Output,
    check_callable,
    flat_seeds,
    own,
    own_values,
)
from wengert.transforms.forward import push_function
from wengert.transforms.taylor import Expansion

__all__ = ["check_order", "directional_derivative", "taylor"]

_KINDS = ("coefficients", "derivatives")


def taylor(
    f: Callable[..., Any],
    x: Any,
    v: Any,
    order: int,
    *args: Any,
    argnums: int | Sequence[int] = 0,
    kind: str = "coefficients",
    **kwargs: Any,
) -> list[Any]:
    """Expand f along a curve in a Taylor series; known elsewhere as `jet`.

    Parameters
    ----------
    f : callable
    x : pytree
        The point x(0): floats and inexact arrays of any shape.
    v : pytree, or sequence of pytrees
        The direction, of the structure and shapes of x: x(t) = x + v·t. Or the
        coefficients 1, 2, … of a curve, each like x, at most `order` of them:
        x(t) = x + v[0]·t + v[1]·t² + …
    order : int
        Of the last coefficient, 0 or more.
    *args, **kwargs
        f's other arguments, in their order; they are held fixed.
    argnums : int or sequence of int
        The position of x among f's arguments; if a sequence, x, and each coefficient of
        the curve, is a tuple of as many arguments.
    kind : {"coefficients", "derivatives"}
        Whether what comes out, and what v holds, are coefficients cₖ or derivatives
        k!·cₖ with respect to t.

    Returns
    -------
    list of pytrees
        order + 1 of them, each like f(x): c₀ = f(x), c₁, …, c_order, such that
        f(x(t)) = Σ cₖ·tᵏ + O(t^(order + 1)).

    Raises
    ------
    ArgumentError
        If the order, the kind, or x is none, or there are more coefficients than that.
    ShapeError
        If a direction or coefficient does not fit x.

    Notes
    -----
    Cost: about order² times f, and order times its memory. Where a rule reaches its
    kink, conventions are those of its derivative. A power of whole exponent is exact
    everywhere; √x at 0 is infinite from order 1 on.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 13.

    Examples
    --------
    >>> taylor(np.exp, 0.0, 1.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    >>> taylor(np.exp, 0.0, 1.0, 3, kind="derivatives")
    [1.0, 1.0, 1.0, 1.0]

    Along the curve (t, 1 + t²) of two arguments:

    >>> taylor(lambda x, y: x * y, (0.0, 1.0), [(1.0, 0.0), (0.0, 1.0)], 3,
    ...        argnums=(0, 1))
    [0.0, 1.0, 0.0, 1.0]
    """
    check_callable("taylor", f)
    check_order("taylor", order)
    if kind not in _KINDS:
        raise ArgumentError(f"kind={kind!r} is none of {', '.join(map(repr, _KINDS))}")
    picked = _picked(x, argnums)
    arguments = Arguments(f, _filled(args, argnums, picked), kwargs, argnums)
    output = Output(f, has_aux=False)
    curve = _curve(x, v, order, arguments.leaves)
    weights = [1] * (order + 1)
    if kind == "derivatives":
        weights = [math.factorial(k) for k in range(order + 1)]
        curve = [_weighed(c, 1 / w) for c, w in zip(curve, weights[1:], strict=True)]
    y, found = push_function(
        lambda *leaves: output.take(arguments.call(leaves)),
        arguments.leaves,
        curve,
        Expansion(order),
    )
    found = [
        [
            np.zeros(like.shape, like.dtype)[()] if c is None else c
            for c, like in zip(_weighed(each, w), y, strict=True)
        ]
        for each, w in zip(found, weights[1:], strict=True)
    ]
    y = own_values(y, arguments.are_floats)
    given = [c for each in curve for c in each if c is not None]
    flat = own([c for each in found for c in each], y * order, given)
    count = len(y)
    return [
        output.restore(y),
        *(output.restore(flat[k * count : (k + 1) * count]) for k in range(order)),
    ]


def directional_derivative(
    f: Callable[..., Any],
    x: Any,
    v: Any,
    order: int = 1,
    *args: Any,
    argnums: int | Sequence[int] = 0,
    **kwargs: Any,
) -> Any:
    """Differentiate f along a direction, any number of times.

    Parameters
    ----------
    f : callable
    x, v : pytrees
        The point and the direction, of one structure, as `taylor` takes them.
    order : int
        How often.
    *args, argnums, **kwargs
        As of `taylor`.

    Returns
    -------
    pytree
        dᵏ/dtᵏ f(x + v·t) at t = 0, like f(x): with the k-th derivative tensor, that
        tensor applied to k times v.

    Raises
    ------
    ArgumentError, ShapeError
        As `taylor`.

    Notes
    -----
    Cost: that of `taylor`.

    Examples
    --------
    >>> directional_derivative(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]),
    ...                        np.array([1.0, 1.0]), 3)
    np.float64(6.0)
    """
    check_callable("directional_derivative", f)
    return taylor(f, x, v, order, *args, argnums=argnums, kind="derivatives", **kwargs)[
        -1
    ]


def check_order(name: str, order: Any) -> None:
    """Refuse an order that is no whole number ≥ 0."""
    if type(order) is bool or not hasattr(order, "__index__") or order < 0:
        raise ArgumentError(f"{name}: the order is a whole number ≥ 0, not {order!r}")


def _picked(x: Any, argnums: int | Sequence[int]) -> tuple[Any, ...]:
    if isinstance(argnums, int):
        return (x,)
    if not isinstance(x, tuple | list) or len(x) != len(argnums):
        raise ArgumentError(
            f"argnums={argnums!r} picks {len(argnums)} arguments: x must be a tuple of "
            "as many points."
        )
    return tuple(x)


def _filled(
    args: tuple[Any, ...], argnums: int | Sequence[int], picked: Sequence[Any]
) -> tuple[Any, ...]:
    """Put the expanded arguments at their positions among the others."""
    places = [argnums] if isinstance(argnums, int) else list(argnums)
    count = len(args) + len(picked)
    if any(type(n) is not int or not -count <= n < count for n in places):
        raise ArgumentError(
            f"argnums={argnums!r}, but with x there are {count} positional arguments."
        )
    by_place = {n % count: v for n, v in zip(places, picked, strict=True)}
    if len(by_place) < len(places):
        raise ArgumentError(f"argnums={argnums!r} names an argument twice.")
    rest = iter(args)
    return tuple(by_place[n] if n in by_place else next(rest) for n in range(count))


def _curve(x: Any, v: Any, order: int, leaves: Sequence[Any]) -> list[list[Any]]:
    """Flatten a direction, or the coefficients of a curve, and pad them with None."""
    _, structure = tree.flatten(x)
    is_curve = isinstance(v, tuple | list) and tree.flatten(v)[1] != structure
    series = list(v) if is_curve else [v]
    if is_curve and len(series) > order:
        raise ArgumentError(
            f"v holds {len(series)} coefficients, more than the order {order}"
        )
    try:
        found = [flat_seeds(c, structure, leaves, "coefficient", "x") for c in series]
    except ShapeError as error:
        raise ShapeError(
            f"{error} v is a direction like x, or a sequence of coefficients like x."
        ) from None
    nothing: list[Any] = [None] * len(leaves)
    return [*found, *[nothing] * (order - len(found))][:order]


def _weighed(coefficients: Sequence[Any], weight: float) -> list[Any]:
    if weight == 1:
        return list(coefficients)
    return [None if c is None else (c * weight).astype(c.dtype) for c in coefficients]
