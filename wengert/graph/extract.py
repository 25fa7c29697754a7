"""Graphs made of parts of a Graph, such as the bodies of loops: without captures.

Law: `close(graph)` gives a Graph and values, and `closed(*values, *inputs)` is
`graph(*inputs)`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Atom, Equation, Graph, Literal, Var
from wengert.graph.types import ArrayType

__all__ = [
    "Closed",
    "between",
    "close",
    "extract",
    "share",
    "taking",
    "used_vars",
    "useful",
]


class Closed(NamedTuple):
    """A Graph without captures, and the values of its first inputs, which it had
    captured."""

    graph: Graph
    values: tuple[Any, ...]


def close(graph: Graph) -> Closed:
    """Turn captures into inputs, before all others.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> graph, values = close(parse('''graph(x: f64[2]) {
    ...     capture c: f64[2] = [1.0, 2.0]
    ...     y = add x c
    ...     return y
    ... }'''))
    >>> print(graph)
    graph(v-1: f64[2], v0: f64[2]) {
      v1: f64[2] = add v0 v-1
      return v1
    }
    """
    captured = [capture.var for capture in graph.captures]
    values = tuple(capture.value for capture in graph.captures)
    return Closed(extract(graph, [*captured, *graph.inputs], graph.outputs), values)


def share(bodies: Sequence[Closed]) -> tuple[list[Any], tuple[Graph, ...]]:
    """Let several Graphs take the same first inputs: what any of them has captured.

    Returns
    -------
    values : list
        Each once, even where several Graphs have captured it.
    graphs : tuple of Graph
    """
    values = {id(value): value for body in bodies for value in body.values}
    graphs = []
    for graph, own in bodies:
        vars = dict(zip(map(id, own), graph.inputs, strict=False))
        first = [
            vars[key] if key in vars else Var(ArrayType.of(value))
            for key, value in values.items()
        ]
        rest = graph.inputs[len(own) :]
        graphs.append(extract(graph, [*first, *rest], graph.outputs))
    return list(values.values()), tuple(graphs)


def extract(
    graph: Graph,
    inputs: Sequence[Var],
    outputs: Sequence[Atom],
    equations: Collection[Equation] | None = None,
) -> Graph:
    """Make the Graph from some vars of a Graph to some atoms of it.

    Parameters
    ----------
    graph : Graph
        Without captures, or with captures that are among the inputs.
    inputs : sequence of Var
    outputs : sequence of Var or Literal
    equations : collection of Equation, optional
        Those to keep; all that the outputs depend on and the inputs do not give, by
        default.
    """
    build = GraphBuilder()
    new: dict[Var, Atom] = {var: build.input(var.type) for var in inputs}
    kept = between(graph, inputs, outputs) if equations is None else equations

    def renew(atom: Atom) -> Atom:
        return atom if isinstance(atom, Literal) else new[atom]

    for equation in graph.equations:
        if equation in kept:
            made = build.copy(equation, tuple(map(renew, equation.inputs)))
            new.update(zip(equation.outputs, made, strict=True))
    return build.finish([renew(atom) for atom in outputs])


def between(
    graph: Graph, inputs: Sequence[Var], outputs: Sequence[Atom]
) -> set[Equation]:
    """Find the equations that the outputs depend on, where the inputs are given."""
    given = set(inputs)
    wanted = {atom for atom in outputs if isinstance(atom, Var)} - given
    kept = set()
    for equation in reversed(graph.equations):
        if not wanted.isdisjoint(equation.outputs):
            kept.add(equation)
            wanted.update(used_vars(equation.inputs) - given)
    return kept


def useful(graph: Graph, outputs: Sequence[Atom]) -> set[int]:
    """Tell on which inputs of a Graph some of its atoms depend, by their places."""
    used = used_vars(outputs)
    for equation in between(graph, graph.inputs, outputs):
        used |= used_vars(equation.inputs)
    return {k for k, var in enumerate(graph.inputs) if var in used}


def taking(graph: Graph, places: Sequence[int]) -> Graph:
    """Let a Graph take these of its inputs only."""
    return extract(graph, [graph.inputs[k] for k in places], graph.outputs)


def used_vars(atoms: Sequence[Atom]) -> set[Var]:
    """Give the vars among some atoms."""
    return {atom for atom in atoms if isinstance(atom, Var)}
