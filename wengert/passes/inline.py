"""Calls of `checkpoint` written out, for readers: source code computes a body in place.

y = checkpoint[body: graph(a) { b = sin a; return b }] x        b = sin x
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wengert.graph import Graph
from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Atom, Equation, Literal
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import count
from wengert.primitives.checkpointing import checkpoint

__all__ = ["inline_checkpoints"]


def inline_checkpoints(graph: Graph) -> Graph:
    """Put the equations of each body in the place of its call, in loops too.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Graph
        The same Graph, if there is no such call.
    """
    return rebuild(graph, _rewrite) if count(graph)["checkpoint"] else graph


def _rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
    if equation.primitive is checkpoint:
        return _written(build, equation)
    params = {name: _inlined(value) for name, value in equation.params.items()}
    if all(params[name] is value for name, value in equation.params.items()):
        return copy_equation(build, equation)
    return build.add(equation.primitive, equation.inputs, params, equation.source)


def _written(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
    body = inline_checkpoints(equation.params["body"])
    atoms: dict[Any, Atom] = dict(zip(body.inputs, equation.inputs, strict=True))

    def found(atom: Atom) -> Atom:
        return atom if isinstance(atom, Literal) else atoms[atom]

    for inner in body.equations:
        inputs = [found(atom) for atom in inner.inputs]
        made = build.add(inner.primitive, inputs, inner.params, inner.source)
        atoms.update(zip(inner.outputs, made, strict=True))
    return [found(atom) for atom in body.outputs]


def _inlined(value: Any) -> Any:
    if isinstance(value, Graph):
        return inline_checkpoints(value)
    if isinstance(value, tuple) and any(isinstance(part, Graph) for part in value):
        parts = tuple(map(_inlined, value))
        same = all(a is b for a, b in zip(parts, value, strict=True))
        return value if same else parts
    return value
