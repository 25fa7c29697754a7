"""What cannot be written as C: say it before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wengert.engines.loops.expressions import type_of
from wengert.engines.loops.kinds import LAPACK, is_lowered
from wengert.engines.loops.special import SPECIAL
from wengert.errors import EngineError
from wengert.graph import ArrayType, Equation, Graph, Literal
from wengert.graph.walk import inner_graphs

__all__ = ["check_lowered"]

_NEXT = "Let C compute what comes before it, and what comes after, as functions apart"


def check_lowered(graph: Graph, inputs: Sequence[str]) -> None:
    """Raise EngineError where something has no native code.

    Parameters
    ----------
    graph : Graph
    inputs : sequence of str
        What the inputs are called.
    """
    for var, path in zip(graph.inputs, inputs, strict=True):
        _check_dtype(path, var.type)
    for capture in graph.captures:
        _check_dtype("an array that the function uses", capture.var.type)
    for atom in graph.outputs:
        of = ArrayType.of(atom.value) if isinstance(atom, Literal) else atom.type
        _check_dtype("an output", of)
    for equation in _without_code(graph):
        given = ", ".join(repr(atom.type) for atom in equation.inputs)
        made = ", ".join(repr(var.type) for var in equation.outputs)
        line = f", at {equation.source}" if equation.source else ""
        raise EngineError(
            f"to_c: {equation.primitive.name} of {given} to {made} has no native code"
            f"{line}. {_NEXT}"
        )


def _check_dtype(what: str, type: ArrayType) -> None:
    if type_of(type.dtype) is None:
        raise EngineError(
            f"to_c: {what} is {type!r}, and C code is made of float64, float32, "
            "integers and bools only. Convert it with astype"
        )


def _without_code(graph: Graph) -> Iterator[Equation]:
    """Give the equations without native code; of bodies, what is within."""
    for equation in graph.equations:
        special = equation.primitive.name in SPECIAL | LAPACK  # which are SciPy's
        if is_lowered(equation) and not special:
            within = [e for body in inner_graphs(equation) for e in _without_code(body)]
            yield from within
            continue
        within = [e for body in inner_graphs(equation) for e in _without_code(body)]
        yield from within or [equation]
