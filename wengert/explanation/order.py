"""The order in which a lecture writes the lines of a trace.

It is the order of execution, except that sums wait until they are used: of
`log(x1) + x1 * x2 - sin(x2)` Python computes ln, ·, +, sin, −, and a lecture writes
ln, ·, sin, +, −. So the operations stand together, and then how they are put together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from wengert.graph.equations import Atom, Equation, Graph, Var

__all__ = ["lecture_order"]

_SUMS = frozenset({"add", "subtract"})


def lecture_order(graph: Graph) -> Graph:
    """Give the same Graph with each sum just before the first line that uses it.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Graph
        Of the same vars and equations; sums that nothing uses stand last.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> graph = parse('''graph(x: f64[]) {
    ...     s = add x 1.0
    ...     p = square x
    ...     y = multiply s p
    ...     return y
    ... }''')
    >>> [equation.primitive.name for equation in lecture_order(graph).equations]
    ['square', 'add', 'multiply']
    """
    waiting: dict[Var, Equation] = {}
    ordered: list[Equation] = []
    for equation in graph.equations:
        if equation.primitive.name in _SUMS:
            waiting[equation.outputs[0]] = equation
        else:
            _release(equation.inputs, waiting, ordered)
            ordered.append(equation)
    _release(graph.outputs, waiting, ordered)
    _release(list(waiting), waiting, ordered)
    return dataclasses.replace(graph, equations=tuple(ordered))


def _release(
    atoms: Iterable[Atom], waiting: dict[Var, Equation], ordered: list[Equation]
) -> None:
    """Append the waiting sums that some atoms need, and what those need, first."""
    stack = [atom for atom in atoms if atom in waiting][::-1]
    while stack:
        var = stack[-1]
        if var not in waiting:  # needed twice, and already in place
            stack.pop()
            continue
        needed = [atom for atom in waiting[var].inputs if atom in waiting]
        if needed:
            stack += reversed(needed)
        else:
            ordered.append(waiting.pop(stack.pop()))
