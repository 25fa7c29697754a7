"""Derivatives of functions of one real variable, of any order."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from wengert.errors import ArgumentError, ShapeError
from wengert.operators.arguments import Arguments, check_callable, name_of
from wengert.operators.products import jvp

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
    Forward mode, nested n times: for one order at most about 3 times f.

    Examples
    --------
    >>> derivative(lambda x: x**3, 2)(5.0)
    30.0
    """
    check_callable("derivative", f)
    if type(n) is not int or n < 0:
        raise ArgumentError(
            f"the order of a derivative is a whole number ≥ 0, not {n!r}"
        )

    @functools.wraps(f, updated=())
    def nth(x: Any, *args: Any, **kwargs: Any) -> Any:
        (leaf, *more) = Arguments(f, (x,), {}, 0).leaves
        if more or leaf.shape != ():
            raise ShapeError(
                f"derivative(f) needs a scalar x, but {name_of(f)} was called with "
                f"shape {leaf.shape}. Perhaps you meant elementwise_grad(f), or "
                "jacobian(f)?"
            )

        def at(x: Any, order: int) -> Any:
            if order == 0:
                return f(x, *args, **kwargs)
            return jvp(lambda t: at(t, order - 1), (x,), (1.0,))[1]

        return at(x, n)

    return nth
