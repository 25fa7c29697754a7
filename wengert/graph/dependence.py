"""What a primitive's derivative depends on: which inputs, and which values.

A trace keeps only what the pullback will ask for; this is where it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wengert.graph.equations import Graph, Var
from wengert.graph.primitive import (
    Elementwise,
    General,
    Linear,
    Multilinear,
    Primitive,
    Structured,
)
from wengert.graph.types import is_inexact

__all__ = [
    "active_inputs",
    "needed_inputs",
    "needs",
    "needs_output",
    "reached",
    "varying",
]


def active_inputs(row: Primitive, count: int) -> Sequence[int]:
    """List the inputs in which a primitive has a derivative."""
    match row:
        case Elementwise():
            return [i for i in range(count) if row.partials[i] is not None]
        case Linear():
            return range(count) if row.linear_in is None else row.linear_in
        case Multilinear() | Structured():
            return range(count)
        case General():
            return row.active
        case _:
            return ()


def needed_inputs(row: Primitive, count: int, wanted: Sequence[int]) -> set[int]:
    """Give the inputs whose values the pullback for the wanted ones will need; of the
    others it needs the types."""
    match row:
        case Elementwise():
            return {j for i in wanted for j in needs(row.partials[i]) if j >= 0}
        case Linear():
            return set(range(count)) - set(active_inputs(row, count))
        case Multilinear() if len(wanted) == 1:
            return set(range(count)) - set(wanted)
        case _:
            return set(range(count))


def needs_output(row: Primitive, wanted: Sequence[int]) -> bool:
    """Tell whether the pullback for the wanted inputs needs the output's value."""
    match row:
        case Elementwise():
            return any(-1 in needs(row.partials[i]) for i in wanted)
        case General() | Structured():
            return True
        case _:
            return False


def needs(partial: Any) -> list[int]:
    """Give the positions that a partial uses: -1 for the output, i for input i."""
    if not callable(partial):
        return []
    code = partial.__code__
    names = code.co_varnames[: code.co_argcount]
    return [i - 1 for i, name in enumerate(names) if not name.startswith("_")]


def varying(graph: Graph, inputs: Iterable[Var]) -> set[Any]:
    """Find the vars of a Graph that vary, with a derivative, with some of its vars."""
    found: set[Any] = set(inputs)
    for equation in graph.equations:
        row, atoms = equation.primitive, equation.inputs
        if any(atoms[i] in found for i in active_inputs(row, len(atoms))):
            found.update(v for v in equation.outputs if is_inexact(v.type.dtype))
    return found


def reached(graph: Graph, inputs: Iterable[Var]) -> set[Any]:
    """Find the vars of a Graph that depend in any way on some of its vars."""
    found: set[Any] = set(inputs)
    for equation in graph.equations:
        if any(atom in found for atom in equation.inputs):
            found.update(equation.outputs)
    return found
