"""Unknown functions, u(x): symbols that are functions, and their derivatives.

A derivative is a function too, u'(x), whose row is made when it is asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import sympy

from wengert.engines.sympy import lowering
from wengert.errors import ArgumentError, EngineError
from wengert.graph import ArrayType, Elementwise, Primitive
from wengert.symbolic.expression import as_expression
from wengert.symbolic.level import LEVEL

__all__ = ["Function", "function_value", "functions"]

_PRIME = "′"


class Function:
    """An unknown function of one or more numbers; arrays elementwise.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> from wengert.symbolic import diff, symbols
    >>> x, u = symbols("x"), Function("u")
    >>> diff(u(x) ** 2, x)
    2*u(x)*u'(x)
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *x: Any) -> Any:
        """Apply it to expressions or numbers, or to traced values.

        Raises
        ------
        ArgumentError
            If there is no argument.
        """
        if not x:
            raise ArgumentError(f"{self.name} needs an argument: {self.name}(x)")
        if any(hasattr(type(v), "__wengert_bind__") for v in x):
            return _row(self.name, (0,) * len(x))(*x)
        return LEVEL.bind(
            _row(self.name, (0,) * len(x)), list(map(as_expression, x)), {}
        )

    def __repr__(self) -> str:
        return self.name


def functions(names: str) -> Any:
    """Make unknown functions.

    Parameters
    ----------
    names : str
        Separated by blanks or commas.

    Returns
    -------
    Function or tuple of Function
        One, if there is one name.

    Examples
    --------
    >>> from wengert.symbolic import diff, symbols
    >>> x = symbols("x")
    >>> u, v = functions("u v")
    >>> diff(u(x) * v(x), x)
    u(x)*v'(x) + v(x)*u'(x)
    """
    made = tuple(map(Function, names.replace(",", " ").split()))
    if not made:
        raise ArgumentError(f"functions needs names, as in 'u v', not {names!r}")
    return made[0] if len(made) == 1 else made


@functools.cache
def _row(name: str, orders: tuple[int, ...]) -> Primitive:
    """Make the row of a derivative, so many times by each argument."""
    by = range(len(orders))
    once = [tuple(n + (i == k) for i, n in enumerate(orders)) for k in by]
    row = Elementwise(
        name=name + _mark(orders),
        numpy=(),
        impl=functools.partial(_no_value, name),
        type=_type,
        cost=lambda types, y, **_: y.size,
        samples=lambda rng, dtype: (),
        ref="",
        partials=tuple(_partial(name, more) for more in once),
    )
    lowering(row)(functools.partial(_written, name, orders))
    return row


def _mark(orders: tuple[int, ...]) -> str:
    if len(orders) == 1:
        return _PRIME * orders[0]
    return "".join(f"_{k}" * n for k, n in enumerate(orders, 1))


def _partial(name: str, orders: tuple[int, ...]) -> Callable[..., Any]:
    return lambda _, *x: _row(name, orders)(*x)


def _no_value(name: str, *_: Any) -> NoReturn:
    raise EngineError(
        f"{name} is an unknown function, which has no values. Put a formula in its "
        "place to compute with numbers"
    )


def _type(*types: Any) -> ArrayType:
    shapes = [getattr(t, "shape", ()) for t in types]
    return ArrayType(np.broadcast_shapes(*shapes), np.dtype(float))


def _written(name: str, orders: tuple[int, ...], *x: Any) -> Any:
    places = [sympy.Dummy(f"t{i}") for i in range(len(x))]
    function = sympy.Function(name)
    counts = [(t, n) for t, n in zip(places, orders, strict=True) if n]
    if not counts:
        return function(*x)
    derivative = sympy.Derivative(function(*places), *counts)
    differentiated = [v for v, n in zip(x, orders, strict=True) if n]
    if all(v.is_Symbol for v in differentiated) and len(set(x)) == len(x):
        return derivative.xreplace(dict(zip(places, x, strict=True)))
    return sympy.Subs(derivative, places, x)


def function_value(e: Any, value: Callable[[Any], Any]) -> Any:
    """Read what SymPy writes of an unknown function, or of its derivative."""
    points: dict[Any, Any] = {}
    if isinstance(e, sympy.Subs):
        points = dict(zip(e.variables, e.point, strict=True))
        e = e.expr
    orders: dict[Any, int] = {}
    if isinstance(e, sympy.Derivative):
        orders = {v: int(n) for v, n in e.variable_count}
        e = e.expr
    if not isinstance(e, sympy.core.function.AppliedUndef):
        raise EngineError(f"SymPy's {e} is no function, nor a derivative of one")
    counts = tuple(orders.get(a, 0) for a in e.args)
    if sum(counts) != sum(orders.values()):
        raise EngineError(f"the derivative of {e} is not by its arguments")
    x = [as_expression(value(points.get(a, a))) for a in e.args]
    return LEVEL.bind(_row(e.func.__name__, counts), x, {})
