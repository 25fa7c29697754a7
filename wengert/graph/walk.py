"""Walk over a Graph: who gives and uses a var, until when it lives, what is needed.

All are single loops over the list of equations, which stands in an order of evaluation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from wengert.graph.equations import Atom, Equation, Graph, Var

__all__ = [
    "consumers",
    "count",
    "inner_graphs",
    "is_ordered",
    "last_uses",
    "needed",
    "producers",
    "releases",
]


def producers(graph: Graph) -> dict[Var, Equation]:
    """Map each var to the equation that gives it; inputs and captures have none."""
    return {var: equation for equation in graph.equations for var in equation.outputs}


def consumers(graph: Graph) -> dict[Var, list[Equation]]:
    """Map each var to the equations that use it, in order, each once.

    Guards and the outputs of the Graph are uses too, but not by an equation.
    """
    uses: dict[Var, list[Equation]] = {var: [] for var in _given(graph)}
    for equation in graph.equations:
        for var in dict.fromkeys(_vars(equation.inputs)):
            uses.setdefault(var, []).append(equation)
    return uses


def last_uses(graph: Graph) -> dict[Var, int]:
    """Map each var to the index of the last equation that uses it.

    A var that no equation uses has the index of the equation that gives it, or -1 if it
    is an input or a capture; an output has `len(graph.equations)`. A guard is checked
    where its var is given, and so keeps nothing alive.
    """
    last = dict.fromkeys(_given(graph), -1)
    for index, equation in enumerate(graph.equations):
        for var in (*_vars(equation.inputs), *equation.outputs):
            last[var] = index
    last.update(dict.fromkeys(_vars(graph.outputs), len(graph.equations)))
    return last


def releases(graph: Graph) -> list[tuple[Var, ...]]:
    """List for each equation the vars that are no longer needed after it.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph import name_vars
    >>> from wengert.graph.parse import parse
    >>> graph = parse('''graph(x: f64[]) {
    ...     y = square x
    ...     z = multiply y x
    ...     return z
    ... }''')
    >>> names = name_vars(graph)
    >>> [sorted(names[var] for var in dead) for dead in releases(graph)]
    [[], ['v0', 'v1']]
    """
    dead: list[list[Var]] = [[] for _ in graph.equations]
    for var, index in last_uses(graph).items():
        if 0 <= index < len(dead):
            dead[index].append(var)
    return [tuple(vars) for vars in dead]


def is_ordered(graph: Graph) -> bool:
    """Tell whether every var is given before it is used."""
    known = {*graph.inputs, *(capture.var for capture in graph.captures)}
    for equation in graph.equations:
        if not known.issuperset(_vars(equation.inputs)):
            return False
        known.update(equation.outputs)
    return known.issuperset(_vars(graph.outputs))


def needed(graph: Graph, outputs: Iterable[Atom]) -> tuple[Equation, ...]:
    """Find the equations that some atoms depend on, in the order of the Graph.

    Parameters
    ----------
    graph : Graph
    outputs : iterable of Var or Literal
        Of this Graph, not necessarily its outputs.
    """
    wanted = set(_vars(outputs))
    kept = []
    for equation in reversed(graph.equations):
        if not wanted.isdisjoint(equation.outputs):
            kept.append(equation)
            wanted.update(_vars(equation.inputs))
    return tuple(reversed(kept))


def count(graph: Graph) -> Counter[str]:
    """Count equations by the name of their primitive.

    Those of Graphs inside params are counted too, once however often they would run.
    """
    names: Counter[str] = Counter()
    stack = [graph]
    while stack:
        for equation in stack.pop().equations:
            names[equation.primitive.name] += 1
            stack.extend(inner_graphs(equation))
    return names


def inner_graphs(equation: Equation) -> Iterator[Graph]:
    """Find the Graphs among the params of an equation: bodies of loops, branches."""
    values = list(equation.params.values())
    while values:
        value = values.pop(0)
        if isinstance(value, Graph):
            yield value
        elif isinstance(value, tuple):
            values[:0] = value


def _vars(atoms: Iterable[Atom]) -> Iterator[Var]:
    return (atom for atom in atoms if isinstance(atom, Var))


def _given(graph: Graph) -> Iterator[Var]:
    yield from graph.inputs
    for capture in graph.captures:
        yield capture.var
    for equation in graph.equations:
        yield from equation.outputs
