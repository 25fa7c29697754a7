"""Graph → SymPy: run a Graph on arrays of expressions.

Every value is an array of objects, of the shape that its var has: an equation is the
rule of its row for each element, or the row itself, run on objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from wengert.engines.sympy.arrays import ARRAYS, AS_THEY_ARE, array_of
from wengert.engines.sympy.numbers import exact
from wengert.engines.sympy.table import element_rule, indicator
from wengert.errors import EngineError
from wengert.graph import ArrayType, Equation, Graph, Literal, Var

__all__ = ["symbols_of", "values_of"]

Values = dict[Var, Any]
Naming = Callable[[Var, Any], Any]


def values_of(
    graph: Graph, inputs: Sequence[Any], naming: Naming | None = None
) -> Callable[[Any], Any]:
    """Run a Graph on SymPy expressions.

    Parameters
    ----------
    graph : Graph
        Its guards are left to the caller.
    inputs : sequence
        For each input an array of its shape, of expressions or numbers.
    naming : callable, optional
        Takes a var and its array of expressions, gives what later equations shall use
        in their place: symbols, where the expressions have grown long.

    Returns
    -------
    callable
        From a var or literal of the Graph to its array of expressions.

    Raises
    ------
    EngineError
        If a row has no formula: it names the row and the user's line.

    Examples
    --------
    >>> import wengert.primitives.trigonometric, wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> graph = parse('''graph(x: f64[]) {
    ...     y = sin x
    ...     z = multiply y 2.0
    ...     return z
    ... }''')
    >>> values_of(graph, [sympy.Symbol("t")])(graph.outputs[0])
    array(2*sin(t), dtype=object)
    """
    given = [*graph.inputs, *(capture.var for capture in graph.captures)]
    arrays = [*inputs, *(capture.value for capture in graph.captures)]
    values: Values = {
        var: _objects(array, var.type.shape)
        for var, array in zip(given, arrays, strict=True)
    }
    for equation in graph.equations:
        x = [_value(atom, values) for atom in equation.inputs]
        results = _results(equation, x)
        for var, y in zip(equation.outputs, results, strict=True):
            y = _objects(y, var.type.shape)
            values[var] = y if naming is None else naming(var, y)
    return lambda atom: _value(atom, values)


def _value(atom: Any, values: Mapping[Var, Any]) -> Any:
    if isinstance(atom, Literal):
        return array_of([exact(atom.value)], ())
    return values[atom]


def _objects(array: Any, shape: tuple[int, ...]) -> Any:
    if not isinstance(array, np.ndarray):
        array = array_of([array], ())
    exacts = array_of(map(exact, array.flat), array.shape)
    return exacts if exacts.shape == shape else np.broadcast_to(exacts, shape)


def _results(equation: Equation, x: list[Any]) -> tuple[Any, ...]:
    row, params = equation.primitive, equation.params
    dtype = equation.outputs[0].type.dtype
    x = [
        array_of(map(indicator, v.flat), v.shape)
        if _is_counted(atom, dtype) and not (row.name == "where" and i == 0)
        else v
        for i, (atom, v) in enumerate(zip(equation.inputs, x, strict=True))
    ]
    try:
        y = _result(equation, x, params)
    except EngineError:
        raise
    except (TypeError, ValueError, NotImplementedError) as error:
        raise EngineError(
            f"SymPy cannot write {row.name} of these formulas{_place(equation)}: "
            f"{error}. Evaluate it at numbers instead"
        ) from error
    return tuple(y) if row.is_tuple else (y,)


def _is_counted(atom: Any, dtype: np.dtype[Any]) -> bool:
    """Tell whether a truth value is taken for a number."""
    type_ = atom.type if isinstance(atom, Var) else ArrayType.of(atom.value)
    return bool(type_.dtype.kind == "b") and dtype.kind != "b"


def _result(equation: Equation, x: list[Any], params: Mapping[str, Any]) -> Any:
    row = equation.primitive
    var = equation.outputs[0]
    rule = element_rule(row, var.type.dtype)
    if rule is not None and not params:
        return _elementwise(rule, x, var.type.shape)
    if row.name in ARRAYS:
        return ARRAYS[row.name](x, params)
    if row.name in AS_THEY_ARE:
        return row.impl(*(_as_index(atom, v) for atom, v in _pairs(equation, x)),
                        **params)  # fmt: skip
    raise EngineError(
        f"{row.name} has no formula in SymPy{_place(equation)}. Evaluate or "
        "differentiate it at numbers, where it needs none"
    )


def _pairs(equation: Equation, x: list[Any]) -> Any:
    return zip(equation.inputs, x, strict=True)


def _as_index(atom: Any, array: Any) -> Any:
    """Give integers as integers: they may be an index."""
    is_whole = isinstance(atom, Var) and atom.type.dtype.kind in "iub"
    if is_whole and all(e.is_number or e.is_Boolean for e in array.flat):
        return np.array(array, atom.type.dtype)
    return array


def _elementwise(rule: Any, x: list[Any], shape: tuple[int, ...]) -> Any:
    spread = [np.broadcast_to(v, shape) for v in x]
    return array_of((rule(*(v[i] for v in spread)) for i in np.ndindex(*shape)), shape)


def _place(equation: Equation) -> str:
    return f" (at {equation.source})" if equation.source else ""


def symbols_of(name: str, shape: tuple[int, ...], **assumptions: bool) -> Any:
    """Make the symbols of an array: `x`, or `x[0]`, `x[1]` …."""
    return array_of(
        (
            sympy.Symbol(
                f"{name}[{', '.join(map(str, i))}]" if shape else name, **assumptions
            )
            for i in np.ndindex(*shape)
        ),
        shape,
    )
