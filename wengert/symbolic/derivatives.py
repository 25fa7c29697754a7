"""Derivatives of expressions: wengert's own, run on symbols.

Law: an expression is the function of its symbols that its Graph computes, and its
derivative is that function's derivative at the symbols. Forward mode for one symbol,
reverse mode for many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import operators, tree
from wengert.errors import ArgumentError, NotScalarError
from wengert.graph import ArrayType
from wengert.graph.evaluate import runner
from wengert.symbolic.exchange import settled
from wengert.symbolic.expression import Expression, as_expression, variable_of
from wengert.symbolic.graphs import constant_in, graph_of
from wengert.symbolic.level import LEVEL
from wengert.symbolic.nodes import Input, Node, Result, Variable, within_rules
from wengert.symbolic.paper import ON_PAPER

__all__ = ["diff", "function_of", "gradient", "hessian", "jacobian", "laplacian"]

# Beyond this order formulas are multiplied out where that is shorter.
_TIDY = 2


@dataclass(frozen=True)
class Wanted:
    """What is differentiated by: a variable, or one element of an array of symbols."""

    variable: Variable
    index: tuple[int, ...] | None

    def unit(self) -> Any:
        """Give the direction in which it, and nothing else, varies."""
        direction = np.zeros(self.variable.type.shape, self.variable.type.dtype)
        direction[self.index or ()] = 1.0
        return direction[()]

    @property
    def is_number(self) -> bool:
        """Whether it is one number."""
        return self.index is not None or self.variable.type.shape == ()


def function_of(
    outputs: Sequence[Input], variables: Sequence[Variable]
) -> Callable[..., list[Any]]:
    """Make the function of some variables that computes expressions.

    Returns
    -------
    callable
        Takes an expression, or another traced value, for each variable; all other
        symbols stay as they are.
    """
    nodes = [x for x in outputs if isinstance(x, Node)]
    others = constant_in(variables, nodes)
    run = runner(graph_of(outputs, [*variables, *others], rows=ON_PAPER))
    constants = list(map(LEVEL.wrap, others))
    return lambda *values: run(*values, *constants)


def diff(e: Any, *by: Any) -> Any:
    """Differentiate an expression by one symbol after another.

    Parameters
    ----------
    e : Expression, or pytree of them
        Of any shape; lists are arrays.
    *by : Expression or int
        Symbols, each perhaps followed by how often: `diff(e, x, 2, y)`.

    Returns
    -------
    Expression
        Of the shape of e, followed by that of each symbol.

    Raises
    ------
    ArgumentError
        If something else than a symbol, or an element of an array of symbols, is
        differentiated by.

    Notes
    -----
    Steps as `floor` and `sign` have derivative 0, which is right but at their jumps;
    of `abs(x)` it is `sign(x)`. Cost: the operations of each derivative are at most
    three times those before.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x, y = symbols("x y")
    >>> diff(np.sin(x**2), x)
    2*x*cos(x**2)
    >>> diff(x * y**2 + np.cos(x * y), x, 2)
    -y**2*cos(x*y)
    """
    orders = _orders(by)
    if isinstance(e, dict | tuple):
        return tree.map_leaves(lambda leaf: diff(leaf, *by), e)
    result = as_expression(e)
    for number, wanted in enumerate(orders, 1):
        result = _once(result, wanted)
        if number > _TIDY:
            result = settled(result)
    return result


def gradient(e: Any, by: Any) -> Any:
    """Give the gradient of a scalar expression.

    Parameters
    ----------
    e : Expression
        A scalar.
    by : Expression, list or pytree of them
        Symbols. A list of scalars is a vector.

    Returns
    -------
    Expression or pytree
        Of the shape of a symbol, a vector for a list of scalars, otherwise arranged
        as `by`.

    Raises
    ------
    NotScalarError
        If e is an array.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x, y = symbols("x y")
    >>> gradient(x * y**2 + np.cos(x * y), [x, y])
    [y**2 - y*sin(x*y), 2*x*y - x*sin(x*y)]
    """
    e = _scalar(e, "gradient", "jacobian")
    wanted, arrange = _arranged(by)
    pulled = _differentiated(operators.grad, e, wanted)
    return arrange(pulled, ())


def jacobian(e: Any, by: Any) -> Any:
    """Give the Jacobian of an array of expressions.

    Parameters
    ----------
    e : Expression or list
        Of any shape.
    by : Expression, list or pytree of them
        Symbols. A list of scalars is a vector.

    Returns
    -------
    Expression or pytree
        Of the shape of e followed by that of the symbol, arranged as `by`.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> r, t = symbols("r t")
    >>> jacobian([r * np.cos(t), r * np.sin(t)], [r, t])
    [[cos(t), -r*sin(t)],
     [sin(t), r*cos(t)]]
    """
    e = as_expression(e)
    wanted, arrange = _arranged(by)
    return arrange(_differentiated(operators.jacobian, e, wanted), e.shape)


def hessian(e: Any, by: Any) -> Expression:
    """Give the Hessian of a scalar expression.

    Parameters
    ----------
    e : Expression
        A scalar.
    by : Expression, or list of scalar ones
        Symbols.

    Returns
    -------
    Expression
        The shape of the symbol twice; a matrix for a list of scalars.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x, y = symbols("x y")
    >>> hessian(x**2 * y, [x, y])
    [[2*y, 2*x],
     [2*x, 0]]
    """
    first = gradient(_scalar(e, "hessian", "jacobian twice"), by)
    if type(first) is not Expression:
        raise ArgumentError(
            "hessian takes an array of symbols or a list of scalar ones; of several "
            "arrays, take jacobian(gradient(e, A), B)"
        )
    return jacobian(first, by)  # type: ignore[no-any-return]


def laplacian(e: Any, by: Any) -> Any:
    """Give the sum of the second derivatives by each symbol.

    Parameters
    ----------
    e : Expression
        Of any shape.
    by : Expression, or list of scalar ones

    Returns
    -------
    Expression
        Of the shape of e.

    Examples
    --------
    >>> from wengert.symbolic import symbols
    >>> x, y = symbols("x y")
    >>> laplacian(x * y**2 + np.cos(x * y), [x, y])
    -x**2*cos(x*y) + 2*x - y**2*cos(x*y)
    """
    e = as_expression(e)
    numbers = [n for w in _arranged(by)[0] for n in _numbers(w)]
    return as_expression(sum(_once(_once(e, n), n) for n in numbers))


def _once(e: Any, wanted: Wanted) -> Any:
    if not wanted.is_number:
        (result,) = _differentiated(operators.jacobian, e, [wanted])
        return as_expression(result)
    f = function_of([e.variable], [wanted.variable])
    x = LEVEL.wrap(wanted.variable)
    with within_rules():
        (tangent,) = operators.jvp(lambda x: f(x), (x,), (wanted.unit(),))[1]
    return as_expression(tangent)


def _differentiated(
    operator: Callable[..., Any], e: Expression, wanted: Sequence[Wanted]
) -> list[Any]:
    """Run grad or jacobian by the variables, and pick what is wanted of each."""
    variables = list(dict.fromkeys(w.variable for w in wanted))
    f = function_of([e.variable], variables)
    xs = list(map(LEVEL.wrap, variables))
    with within_rules():
        found = operator(lambda *x: f(*x)[0], tuple(range(len(xs))))(*xs)
        by_variable = dict(zip(variables, found, strict=True))
        return [
            by_variable[w.variable]
            if w.index is None
            else by_variable[w.variable][(..., *w.index)]
            for w in wanted
        ]


def _arranged(by: Any) -> tuple[list[Wanted], Callable[..., Any]]:
    """Read what is differentiated by; and how the results are arranged."""
    if isinstance(by, np.ndarray) and by.dtype.kind == "O":
        by = by.tolist()
    leaves, structure = tree.flatten(by)
    wanted = list(map(_wanted, leaves))
    if not wanted:
        raise ArgumentError("there is no symbol to differentiate by")
    is_vector = isinstance(by, list) and all(w.is_number for w in wanted)

    def arrange(results: Sequence[Any], shape: tuple[int, ...]) -> Any:
        made = list(map(as_expression, results))
        if not is_vector:
            return tree.unflatten(structure, made)
        grid = np.shape(np.asarray(_places(by)))
        with within_rules():
            return np.reshape(np.stack(made, axis=-1), (*shape, *grid))

    return wanted, arrange


def _places(by: Any) -> Any:
    return [_places(b) for b in by] if isinstance(by, list) else 0


def _wanted(x: Any) -> Wanted:
    variable = variable_of(x)
    if variable is not None:
        return Wanted(variable, None)
    node = x.variable if type(x) is Expression else None
    if isinstance(node, Result) and node.call.row.name == "getitem":
        (array,), index = node.call.inputs, node.call.params["index"]
        if isinstance(array, Variable) and node.type.shape == ():
            return Wanted(array, tuple(index))
    raise ArgumentError(
        f"an expression is differentiated by a symbol, not by {x!r}. Perhaps you "
        "meant to put a symbol in its place first: subs"
    )


def _numbers(wanted: Wanted) -> list[Wanted]:
    if wanted.is_number:
        return [wanted]
    return [Wanted(wanted.variable, i) for i in np.ndindex(*wanted.variable.type.shape)]


def _orders(by: Sequence[Any]) -> list[Wanted]:
    """Read `x, 2, y` as x, x, y."""
    if not by:
        raise ArgumentError("diff needs a symbol to differentiate by: diff(e, x)")
    listed: list[Wanted] = []
    for x in by:
        if type(x) is tuple:
            listed += _orders(x)
        elif type(x) is int and x >= 0 and listed:
            last = listed.pop()
            listed += [last] * x
        else:
            listed.append(_wanted(x))
    return listed


def _scalar(e: Any, name: str, instead: str) -> Any:
    e = as_expression(e)
    if e.ndim:
        raise NotScalarError(
            f"{name} needs a scalar expression, not {ArrayType.of(e)}. "
            f"Perhaps you meant {instead}?"
        )
    return e
