"""Rules made argument by argument, as in HIPS autograd: `defvjp`, `defjvp`.

Known elsewhere as `autograd.extend`. What is stated here stands in the primitive's own
`rules`; a maker is called only for an argument that is differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wengert.errors import ArgumentError
from wengert.operators.calls import add_trees
from wengert.operators.primitive import ByArgument, primitive

__all__ = ["defjvp", "defvjp"]

Rule = Callable[..., Any]


def defvjp(
    f: primitive, *vjpmakers: Rule | None, argnums: Sequence[int] | None = None
) -> None:
    """State the pullback of a primitive argument by argument, as in HIPS autograd.

    Parameters
    ----------
    f : primitive
    *vjpmakers : callable or None
        `(ans, *args, **params) → (g → x_bar)`, one for each argument; None says that
        the derivative is zero. One is called only if its argument is differentiated.
    argnums : sequence of int, optional
        Which arguments they are for; 0, 1, … if not given.

    Raises
    ------
    ArgumentError
        If f is no `primitive`, or there is not one maker for each of argnums.

    Notes
    -----
    Cost: nothing here; a derivative costs the makers that it needs.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> @primitive
    ... def logsumexp(x):
    ...     top = np.max(x)
    ...     return top + np.log(np.sum(np.exp(x - top)))
    >>> defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))
    >>> grad(logsumexp)(np.array([1.0, 1.0]))
    array([0.5, 0.5])
    """

    def pull(
        makers: dict[int, Rule], y: Any, x: Any, y_bar: Any, /, **params: Any
    ) -> Any:
        x_bar: list[Any] = [None] * len(x)
        for position, maker in makers.items():
            x_bar[position] = maker(y, *x, **params)(y_bar)
        return tuple(x_bar)

    makers = _by_position("defvjp", f, vjpmakers, argnums)
    f.rules.vjp = ByArgument(f"the vjp of {f.__name__}", makers, pull)


def defjvp(
    f: primitive, *jvpmakers: Rule | str | None, argnums: Sequence[int] | None = None
) -> None:
    """State the pushforward of a primitive argument by argument, as in HIPS autograd.

    Parameters
    ----------
    f : primitive
    *jvpmakers : callable, "same" or None
        `(g, ans, *args, **params) → y_dot`, one for each argument, whose tangent is g.
        "same" says that f is linear in that argument: f itself is applied to g. None
        says that the derivative is zero.
    argnums : sequence of int, optional
        Which arguments they are for; 0, 1, … if not given.

    Raises
    ------
    ArgumentError
        If f is no `primitive`, or there is not one maker for each of argnums.

    Notes
    -----
    Cost: nothing here; a derivative costs the makers that it needs.

    Examples
    --------
    >>> from wengert import jvp
    >>> @primitive
    ... def scaled(x, factor):
    ...     return factor * x
    >>> defjvp(scaled, "same", lambda g, ans, x, factor: g * x)
    >>> jvp(scaled, (3.0, 2.0), (1.0, 10.0))
    (6.0, 32.0)
    """

    def push(
        makers: dict[int, Any], y: Any, x: Any, x_dot: Any, /, **params: Any
    ) -> Any:
        total = None
        for position, maker in makers.items():
            g = x_dot[position]
            if maker == "same":
                y_dot = f(*x[:position], g, *x[position + 1 :], **params)
            else:
                y_dot = maker(g, y, *x, **params)
            total = y_dot if total is None else add_trees(f.__name__, total, y_dot)
        return total

    makers = _by_position("defjvp", f, jvpmakers, argnums)
    f.rules.jvp = ByArgument(f"the jvp of {f.__name__}", makers, push)


def _by_position(
    operator: str, f: Any, makers: Sequence[Any], argnums: Sequence[int] | None
) -> dict[int, Any]:
    if not isinstance(f, primitive):
        raise ArgumentError(
            f"{operator} needs a function made by wengert.primitive, not {f!r}. "
            "Write f = wengert.primitive(f) first."
        )
    positions = range(len(makers)) if argnums is None else list(argnums)
    if len(positions) != len(makers):
        raise ArgumentError(
            f"{operator} of {f.__name__}: {len(makers)} makers for argnums={argnums!r}."
        )
    return dict(zip(positions, makers, strict=True))
