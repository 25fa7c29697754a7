"""What the rows of branches and loops share: the Graphs in their params."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wengert.errors import ShapeError
from wengert.graph.equations import Graph, Literal
from wengert.graph.types import ArrayType

__all__ = ["check_inputs", "flops", "input_types", "output_types"]


def input_types(graph: Graph) -> tuple[ArrayType, ...]:
    """Give the types of what a Graph takes."""
    return tuple(var.type for var in graph.inputs)


def output_types(graph: Graph) -> tuple[ArrayType, ...]:
    """Give the types of what a Graph returns."""
    return tuple(
        ArrayType.of(atom.value) if isinstance(atom, Literal) else atom.type
        for atom in graph.outputs
    )


def check_inputs(row: str, what: str, graph: Graph, types: Sequence[Any]) -> None:
    """Raise ShapeError where a Graph in the params does not take these types."""
    if graph.captures or graph.guards:
        raise ShapeError(f"{row}: its {what} has captures or guards of its own")
    if input_types(graph) != tuple(types):
        taken = ", ".join(map(repr, input_types(graph)))
        given = ", ".join(map(repr, types))
        raise ShapeError(f"{row}: its {what} takes ({taken}), but is given ({given})")


def flops(graph: Graph) -> int:
    """Add up what the rows of a Graph state as their costs."""
    total = 0
    for equation in graph.equations:
        types = tuple(
            ArrayType.of(atom.value) if isinstance(atom, Literal) else atom.type
            for atom in equation.inputs
        )
        y = tuple(var.type for var in equation.outputs)
        row = equation.primitive
        total += row.cost(types, y if row.is_tuple else y[0], **equation.params)
    return total
