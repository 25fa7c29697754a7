"""Derivatives of functions of one real variable, of any order."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from wengert.errors import ShapeError
from wengert.operators.arguments import Arguments, check_callable, name_of
from wengert.operators.products import jvp
from wengert.operators.taylor import check_order, directional_derivative

__all__ = ["derivative"]


def derivative(f: Callable[..., Any], n: int = 1) -> Callable[..., Any]:
    """Make the n-th derivative of a function of one real variable.

    Parameters
    ----------
    f : callable
        Maps a float (and further arguments, held fixed) to a float, an array of any
        shape, or a pytree of them.
    n : int
        The order, 0 or more.

    Returns
    -------
    callable
        Gives dⁿf/dxⁿ, of the shape of f(x).

    Raises
    ------
    ArgumentError
        If n is no whole number ≥ 0.
    ShapeError
        If x is no scalar.

    Notes
    -----
    Forward mode, for one order at most about 3 times f; for more, Taylor mode, at about
    n² times f.

    Examples
    --------
    >>> derivative(lambda x: x**3, 2)(5.0)
    30.0
    """
    check_callable("derivative", f)
    check_order("derivative", n)

    @functools.wraps(f, updated=())
    def nth(x: Any, *args: Any, **kwargs: Any) -> Any:
        (leaf, *more) = Arguments(f, (x,), {}, 0).leaves
        if more or leaf.shape != ():
            raise ShapeError(
                f"derivative(f) needs a scalar x, but {name_of(f)} was called with "
                f"shape {leaf.shape}. Perhaps you meant elementwise_grad(f), or "
                "jacobian(f)?"
            )

        def at(x: Any) -> Any:
            return f(x, *args, **kwargs)

        if n == 0:
            return at(x)
        if n == 1:
            return jvp(at, (x,), (1.0,))[1]
        return directional_derivative(at, x, 1.0, n)

    return nth
