"""Solve triangular systems as such: a factor is known to be triangular.

Law: for all inputs, `solve_triangles(graph)` gives the outputs of `graph`, to rounding.

```
v1 = cholesky v0                   v1 = cholesky v0
v2 = solve v1 b                    v2 = triangular_solve[lower=True] v1 b
v3 = transpose[axes=(1, 0)] v1     v3 = transpose[axes=(1, 0)] v1
v4 = solve v3 b                    v4 = triangular_solve[lower=False] v3 b
```

Two triangles cost n² each, where P L U costs 2n³/3; JAX and NumPy pay for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wengert.graph import PRIMITIVES, Atom, Equation, Graph, GraphBuilder
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import inner_graphs
from wengert.passes.narrow import map_inner

__all__ = ["solve_triangles"]

# Of rows that give triangles: which output, and whether it is the lower one.
_GIVEN = {"cholesky": (0, True), "qr": (1, False)}


def solve_triangles(graph: Graph) -> Graph:
    """Replace `solve` with factors of Cholesky and QR by `triangular_solve`."""
    if not _has_systems(graph):
        return graph
    lower: dict[Atom, bool] = {}

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        name = equation.primitive.name
        first = equation.inputs[0] if equation.inputs else None
        if name == "solve" and first in lower:
            row = PRIMITIVES["triangular_solve"]
            params = {"lower": lower[first], "unit": False}
            return build.add(row, equation.inputs, params, equation.source)
        params = map_inner(equation.params, solve_triangles)
        outputs = copy_equation(build, replace(equation, params=params))
        if name in _GIVEN:
            k, is_lower = _GIVEN[name]
            lower[outputs[k]] = is_lower
        elif name == "transpose" and first in lower and _turns(equation):
            lower[outputs[0]] = not lower[first]
        return outputs

    return rebuild(graph, rewrite)


def _has_systems(graph: Graph) -> bool:
    return any(
        equation.primitive.name == "solve"
        or any(map(_has_systems, inner_graphs(equation)))
        for equation in graph.equations
    )


def _turns(equation: Equation) -> bool:
    """Tell whether the last two axes are exchanged, and no others moved."""
    *before, i, j = map(int, equation.params["axes"])
    return before == list(range(len(before))) and i > j
