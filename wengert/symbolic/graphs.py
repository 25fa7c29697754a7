"""Expressions as Graphs: what the derivatives and the engines run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from wengert.graph import Graph, GraphBuilder, Literal, Primitive
from wengert.symbolic.nodes import Call, Constant, Input, Node, Result, Variable, walk

__all__ = ["constant_in", "graph_of", "variables_of"]

# Conditions that hold nowhere, or where a formula has no meaning anyway.
_THIN = frozenset({"equal", "isnan", "isinf"})


def constant_in(variables: Sequence[Variable], nodes: Sequence[Node]) -> list[Node]:
    """List what nodes are made of that depends on none of some variables."""
    moving: set[Node] = set(variables)
    used: dict[Node, None] = {}
    for node in walk(nodes):
        inputs = node.call.inputs if isinstance(node, Result) else ()
        if any(x in moving for x in inputs):
            moving.add(node)
            used |= dict.fromkeys(x for x in inputs if isinstance(x, Node))
    used |= dict.fromkeys(nodes)
    return [n for n in used if n not in moving and not isinstance(n, Constant)]


def variables_of(nodes: Sequence[Node]) -> list[Variable]:
    """List the variables that nodes are made of, as they are met."""
    return [node for node in walk(nodes) if isinstance(node, Variable)]


def graph_of(
    nodes: Sequence[Input],
    inputs: Sequence[Node],
    tidy: bool = False,
    rows: Mapping[str, Primitive] = MappingProxyType({}),
) -> Graph:
    """Write nodes down as a Graph.

    Parameters
    ----------
    nodes : sequence of Node or Literal
        The outputs.
    inputs : sequence of Node
        All variables that the nodes are made of, or nodes that are made of these.
    tidy : bool
        Whether to leave out what rules do for the sake of single points: the power
        rule, say, has another form at 0**0. Formulas on paper hold almost everywhere.
    rows : mapping
        From names of rows to others that take their place.
    """
    build = GraphBuilder()
    atoms: dict[Any, Any] = {x: build.input(x.type) for x in inputs}
    results: dict[Call, Any] = {}
    skipped: dict[Node, Input] = {}

    def settled(x: Input) -> Input:
        while isinstance(x, Node) and x in skipped:
            x = skipped[x]
        return x

    def atom(x: Input) -> Any:
        x = settled(x)
        return x if isinstance(x, Literal) else atoms[x]

    for node in walk([x for x in nodes if isinstance(x, Node)], inputs):
        if node in atoms:
            continue
        if isinstance(node, Constant):
            atoms[node] = build.capture(node.value)
        elif isinstance(node, Result):
            if tidy and (other := _generic(node)) is not None:
                skipped[node] = other
                continue
            call = node.call
            if call not in results:
                operands = [atom(x) for x in call.inputs]
                row = rows.get(call.row.name, call.row)
                results[call] = build.add(row, operands, call.params, call.source)
            atoms[node] = results[call][node.output]
    return build.finish([atom(x) for x in nodes])


def _generic(node: Result) -> Input | None:
    """Of a rule's `where`, give the branch that is taken almost everywhere."""
    call = node.call
    if not call.is_ours or call.row.name != "where" or not _is_thin(call.inputs[0]):
        return None
    other = call.inputs[2]
    fits = other.type == node.type or node.type.shape == () == _shape(other)
    return other if fits else None


def _shape(x: Input) -> tuple[int, ...]:
    return getattr(x.type, "shape", ())


def _is_thin(condition: Input) -> bool:
    """Tell whether a condition holds on a set without volume at most."""
    if not isinstance(condition, Result):
        return False
    call = condition.call
    if call.row.name in ("logical_and", "bitwise_and"):
        return any(map(_is_thin, call.inputs))
    if call.row.name in ("logical_or", "bitwise_or"):
        return all(map(_is_thin, call.inputs))
    return call.row.name in _THIN
