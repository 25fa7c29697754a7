"""A Graph in stages: native code where there is some, NumPy where there is none.

An equation without native code runs by its own primitive. The others are gathered, as
many as possible together, into Graphs of their own, which run before and after.

```
v1 = sin v0               stage 0, native
v2, v3 = eigh v1          stage 1, NumPy
v4 = exp v2               stage 2, native
v5 = cos v1               stage 0, native
```
"""

from __future__ import annotations

from dataclasses import dataclass

from wengert.engines.loops.kinds import is_lowered
from wengert.graph import Atom, Equation, Graph, Guard, Var

__all__ = ["Stage", "stages_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Equations that run together.

    Attributes
    ----------
    graph : Graph
        Its inputs and outputs are vars of the whole Graph.
    is_native : bool
    """

    graph: Graph
    is_native: bool


def stages_of(graph: Graph) -> list[Stage]:
    """Split a Graph into stages; a single native one if all of it has native code.

    The values of vars are handed from stage to stage; inputs of the Graph and captured
    arrays, to each stage that uses them.
    """
    native = {equation: is_lowered(equation) for equation in graph.equations}
    if all(native.values()):
        return [Stage(graph, True)]
    stage_of = _stage_of(graph, native)
    members: dict[int, list[Equation]] = {}
    for equation in graph.equations:
        members.setdefault(stage_of[equation.outputs[0]], []).append(equation)
    guards: dict[int, list[Guard]] = {}
    for guard in graph.guards:
        place = stage_of.get(guard.var, min(members))
        guards.setdefault(place, []).append(guard)
    used_in = _used_in(graph, stage_of)
    return [
        Stage(
            _part(graph, members[k], guards.get(k, []), used_in, k),
            k % 2 == 0,
        )
        for k in sorted(members)
    ]


def _stage_of(graph: Graph, native: dict[Equation, bool]) -> dict[Var, int]:
    """Number the stages: even ones are native, odd ones run on NumPy."""
    stage: dict[Var, int] = {}
    for equation in graph.equations:
        first = 0 if native[equation] else 1
        for atom in equation.inputs:
            if isinstance(atom, Var) and atom in stage:
                other = stage[atom] % 2 != first % 2
                first = max(first, stage[atom] + other)
        for var in equation.outputs:
            stage[var] = first
    return stage


def _used_in(graph: Graph, stage_of: dict[Var, int]) -> dict[Var, int]:
    """Map each var to the last stage that uses it; outputs are used after all."""
    last: dict[Var, int] = {}
    for equation in graph.equations:
        place = stage_of[equation.outputs[0]]
        for atom in equation.inputs:
            if isinstance(atom, Var):
                last[atom] = max(last.get(atom, 0), place)
    end = 1 + max(stage_of.values(), default=0)
    last.update({atom: end for atom in graph.outputs if isinstance(atom, Var)})
    return last


def _part(
    graph: Graph,
    equations: list[Equation],
    guards: list[Guard],
    used_in: dict[Var, int],
    place: int,
) -> Graph:
    given = {var for equation in equations for var in equation.outputs}
    captured = {capture.var for capture in graph.captures}
    read: dict[Var, None] = {}
    atoms: list[Atom] = [atom for equation in equations for atom in equation.inputs]
    for atom in (*atoms, *(guard.var for guard in guards)):
        if isinstance(atom, Var) and atom not in given:
            read[atom] = None
    return Graph(
        tuple(var for var in read if var not in captured),
        tuple(capture for capture in graph.captures if capture.var in read),
        tuple(equations),
        tuple(guards),
        tuple(
            var
            for equation in equations
            for var in equation.outputs
            if used_in.get(var, 0) > place
        ),
    )
