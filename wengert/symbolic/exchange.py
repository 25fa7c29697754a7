"""Expressions and SymPy's, each made of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from wengert import tree
from wengert.engines.sympy import array_of, read
from wengert.symbolic.conversion import elements, known_as, operations, plain
from wengert.symbolic.expression import (
    Expression,
    as_expression,
    node_of,
    symbol,
)
from wengert.symbolic.graphs import variables_of
from wengert.symbolic.level import LEVEL
from wengert.symbolic.nodes import Node
from wengert.symbolic.unknowns import function_value

__all__ = [
    "from_sympy",
    "rebuilt",
    "rewritten",
    "settled",
    "simplify",
    "to_sympy",
]


_EXPANDED = 1000  # operations


def to_sympy(e: Any, real: bool = False) -> Any:
    """Convert an expression to SymPy.

    Parameters
    ----------
    e : Expression, or pytree of them
    real : bool
        Whether SymPy shall know that the symbols are real; then they differ from those
        that `sympy.symbols("x")` makes.

    Returns
    -------
    SymPy expression, or an ImmutableDenseNDimArray of them

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x = symbols("x")
    >>> sympy.integrate(to_sympy(x * np.cos(x)), sympy.Symbol("x"))
    x*sin(x) + cos(x)
    """
    if isinstance(e, dict | tuple):
        return tree.map_leaves(lambda leaf: to_sympy(leaf, real), e)
    array = elements([as_expression(e).variable])[0]
    if not real:
        array = array_of(map(plain, array.flat), array.shape)
    if array.shape == ():
        return array[()]
    return sympy.ImmutableDenseNDimArray(list(array.flat), array.shape)


def from_sympy(expression: Any, **symbols: Expression) -> Any:
    """Convert an expression of SymPy.

    Parameters
    ----------
    expression : SymPy expression, Matrix or array
    **symbols : Expression
        What stands for symbols of these names. Others become scalar symbols of their
        names.

    Returns
    -------
    Expression

    Raises
    ------
    EngineError
        If NumPy and SciPy have no function for it.

    Examples
    --------
    >>> t = sympy.Symbol("t")
    >>> np.sqrt(from_sympy(sympy.exp(t) / 2))
    sqrt(2)*exp(t/2)/2
    """
    expression = sympy.sympify(expression)
    if isinstance(expression, sympy.MatrixBase | sympy.NDimArray):
        array = array_of(sympy.flatten(expression.tolist()), expression.shape)
    else:
        array = array_of([expression], ())
    free = sorted({s for e in array.flat for s in e.free_symbols}, key=str)
    values = {s: symbols.get(s.name, symbol(s.name)) for s in free}
    return _read(array, values)


def _read(array: Any, values: Mapping[Any, Any]) -> Any:
    made = [
        as_expression(read(e, values, function_value, as_expression))
        for e in array.flat
    ]
    if array.shape == ():
        return made[0]
    return as_expression(np.reshape(np.stack(made), array.shape))


def simplify(e: Any) -> Any:
    """Have SymPy simplify an expression.

    Parameters
    ----------
    e : Expression, or pytree of them

    Returns
    -------
    Expression

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x = symbols("x")
    >>> simplify(np.sin(x) ** 2 + np.cos(x) ** 2 + x)
    x + 1
    """
    return rewritten(sympy.simplify, e)


def settled(e: Any) -> Expression:
    """Give an expression as it is written: products with 1 and the like are gone."""
    return rewritten(_shorter, e)  # type: ignore[no-any-return]


def _shorter(formula: Any) -> Any:
    """Multiply out, where that is shorter and no great work."""
    if operations([formula]) > _EXPANDED:
        return formula
    expanded = sympy.expand(formula)
    return min(formula, expanded, key=lambda e: operations([e]))


def rewritten(rule: Any, e: Any) -> Any:
    """Apply a function of SymPy to each element of an expression."""
    if isinstance(e, dict | tuple):
        return tree.map_leaves(lambda leaf: rewritten(rule, leaf), e)
    node = as_expression(e).variable
    if not isinstance(node, Node):
        return as_expression(e)
    (array,) = elements([node])
    return rebuilt(array_of(map(rule, array.flat), array.shape), [e])


def rebuilt(array: Any, of: Sequence[Any]) -> Any:
    """Read an array of SymPy's expressions in the symbols of some expressions."""
    nodes = [node for e in of if isinstance(node := node_of(e), Node)]
    values: dict[Any, Any] = {}
    for variable in variables_of(nodes):
        own = LEVEL.wrap(variable)
        for i, s in np.ndenumerate(elements([variable])[0]):
            values[s] = own[i] if i else own
    result = _read(array, values)
    if isinstance(result.variable, Node):
        known_as(result.variable, array)
    return result
