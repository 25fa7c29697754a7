"""Values in the place of symbols: numbers, other expressions, or arguments to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError
from wengert.graph.evaluate import runner
from wengert.operators.compile import jit
from wengert.symbolic.conversion import elements
from wengert.symbolic.derivatives import function_of
from wengert.symbolic.expression import Expression, as_expression, variable_of
from wengert.symbolic.graphs import graph_of, variables_of
from wengert.symbolic.nodes import Node, Variable

__all__ = ["equal", "evaluate", "lambdify", "subs"]

Values = Mapping[Any, Any] | None


def subs(e: Any, values: Values = None, /, **named: Any) -> Any:
    """Put expressions or numbers in the place of symbols, all at once.

    Parameters
    ----------
    e : Expression, or pytree of them
    values : mapping, optional
        From symbols, or their names, to what takes their place.
    **named
        The same by name.

    Returns
    -------
    Expression or pytree

    Raises
    ------
    ArgumentError
        If e does not hold one of the symbols.
    ShapeError
        If what takes the place of an array of symbols has another shape.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x, y = symbols("x y")
    >>> subs(np.sin(x) * y, {x: y**2}), subs(np.sin(x) * y, x=1)
    (y*sin(y**2), y*sin(1))
    """
    if isinstance(e, dict | tuple):
        return tree.map_leaves(lambda leaf: subs(leaf, values, **named), e)
    e = as_expression(e)
    given = _given([e], values, named)
    expressions = [as_expression(v) for v in given.values()]
    (result,) = function_of([e.variable], list(given))(*expressions)
    return as_expression(result)


def evaluate(e: Any, values: Values = None, /, **named: Any) -> Any:
    """Compute an expression at numbers.

    Parameters
    ----------
    e : Expression, or pytree of them
    values : mapping, optional
        From symbols, or their names, to numbers and arrays.
    **named
        The same by name.

    Returns
    -------
    float, complex or array
        In the same pytree.

    Raises
    ------
    ArgumentError
        If a symbol has no value.
    ShapeError
        If an array has another shape than its symbol.

    Examples
    --------
    >>> from wengert.symbolic import diff, symbols
    >>> x = symbols("x")
    >>> round(evaluate(diff(np.sin(x**2), x), x=2), 4)
    -2.6146
    """
    if isinstance(e, dict | tuple):
        return tree.map_leaves(lambda leaf: evaluate(leaf, values, **named), e)
    e = as_expression(e)
    given = _given([e], values, named)
    missing = [v.name for v in _variables([e]) if v not in given]
    if missing:
        raise ArgumentError(
            f"{', '.join(missing)} has no value: evaluate(e, {missing[0]}=2.0). "
            "To replace some symbols only, use subs"
        )
    numbers = [_number(value, variable) for variable, value in given.items()]
    (result,) = runner(graph_of([e.variable], list(given)))(*numbers)
    array = np.array(result)
    return array if array.ndim else array.item()


def lambdify(args: Any, e: Any) -> Callable[..., Any]:
    """Make a compiled function of expressions.

    Parameters
    ----------
    args : Expression or sequence of them
        The symbols that become its arguments, in order.
    e : Expression, or pytree of them

    Returns
    -------
    callable
        Takes a number or an array for each symbol and gives those of `e`; compiled by
        `wengert.jit` at its first call, and differentiable.

    Raises
    ------
    ArgumentError
        If e holds a symbol that is no argument, or an argument is no symbol.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x, y = symbols("x y")
    >>> f = lambdify([x, y], {"value": x * np.exp(y), "slope": np.exp(y)})
    >>> float(f(2.0, 0.0)["value"])
    2.0
    """
    listed = list(args) if isinstance(args, list | tuple) else [args]
    variables = [_variable(x) for x in listed]
    leaves, structure = _flatten(e)
    outputs = [as_expression(leaf) for leaf in leaves]
    if unknown := [v.name for v in _variables(outputs) if v not in variables]:
        raise ArgumentError(
            f"the expression holds {', '.join(unknown)}, which is no argument. "
            f"Add it: lambdify([…, {unknown[0]}], e)"
        )
    run = runner(graph_of([e.variable for e in outputs], variables))

    def function(*values: Any) -> Any:
        if len(values) != len(variables):
            names = ", ".join(v.name for v in variables)
            raise TypeError(f"the function takes {names}, not {len(values)} values")
        given = [_number(v, s) for v, s in zip(values, variables, strict=True)]
        results = [np.asarray(y)[()] if not hasattr(y, "dtype") else y
                   for y in run(*given)]  # fmt: skip
        return tree.unflatten(structure, results)

    function.__doc__ = f"Compute {e}."
    return jit(function)  # type: ignore[no-any-return]


def equal(a: Any, b: Any) -> bool:
    """Tell whether two expressions are the same function, as far as SymPy finds out.

    Parameters
    ----------
    a, b : Expression, or what can be made one

    Returns
    -------
    bool
        True is certain. False may be a difference that SymPy cannot simplify to 0.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x = symbols("x")
    >>> equal(np.cos(x) ** 2, 1 - np.sin(x) ** 2)
    True
    """
    a, b = as_expression(a), as_expression(b)
    if a.shape != b.shape:
        return False
    left, right = elements([a.variable, b.variable])
    pairs = zip(left.flat, right.flat, strict=True)
    return all(x == y or (x - y).simplify() == 0 for x, y in pairs)


def _given(
    expressions: list[Expression], values: Values, named: Mapping[str, Any]
) -> dict[Variable, Any]:
    """Match values to the variables of expressions."""
    present = {v.name: v for v in _variables(expressions)}
    given: dict[Variable, Any] = {}
    for key, value in {**(values or {}), **named}.items():
        variable = present.get(key) if isinstance(key, str) else variable_of(key)
        if variable is None or variable not in present.values():
            known = ", ".join(present) or "none"
            raise ArgumentError(
                f"the expression holds no symbol {key}; its symbols are: {known}"
            )
        shape, wanted = np.shape(value), variable.type.shape
        if shape != wanted:
            raise ShapeError(
                f"the symbol {variable.name} has shape {wanted}, and cannot be "
                f"replaced by something of shape {shape}"
            )
        given[variable] = value
    return given


def _variables(expressions: list[Expression]) -> list[Variable]:
    nodes = [e.variable for e in expressions]
    return variables_of([node for node in nodes if isinstance(node, Node)])


def _variable(x: Any) -> Variable:
    variable = variable_of(x)
    if variable is None:
        raise ArgumentError(f"an argument of a function is a symbol, not {x!r}")
    return variable


def _number(value: Any, variable: Variable) -> Any:
    """Give a value the dtype of its symbol, at least."""
    if hasattr(type(value), "__wengert_bind__"):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "O" or array.shape != variable.type.shape:
        raise ShapeError(
            f"{variable.name} needs numbers of shape {variable.type.shape}, "
            f"not {value!r}"
        )
    return array.astype(np.result_type(array.dtype, variable.type.dtype))[()]


def _flatten(e: Any) -> tuple[list[Any], Any]:
    """Take dicts and tuples apart; lists are arrays."""
    if isinstance(e, list):
        e = as_expression(e)
    return tree.flatten(e)
