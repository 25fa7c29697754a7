"""Leave out what a Graph computes in vain: equal equations, and dead ones.

Law: for all inputs, `prune(graph)` gives the outputs of `graph`, bit for bit, and fails
the same guards.

Before, and after:

```
graph(v0: f64[]) {                      graph(v0: f64[]) {
  v1: f64[] = sin v0                      v1: f64[] = sin v0
  v2: f64[] = cos v0                      v2: f64[] = multiply v1 v1
  v3: f64[] = sin v0                      return v2
  v4: f64[] = multiply v1 v3            }
  return v4
}
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wengert.graph import (
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Literal,
    Structured,
    Var,
)
from wengert.graph.extract import used_vars
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import needed
from wengert.passes.exact import exact_key
from wengert.passes.narrow import narrowed

__all__ = ["drop_dead", "merge_equal", "prune"]


def prune(graph: Graph) -> Graph:
    """Merge equal equations, then drop dead ones.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> from wengert.graph.parse import parse
    >>> print(prune(parse('''graph(x: f64[]) {
    ...     a = square x
    ...     b = negative x
    ...     c = square x
    ...     d = add a c
    ...     return d
    ... }''')))
    graph(v0: f64[]) {
      v1: f64[] = square v0
      v2: f64[] = add v1 v1
      return v2
    }
    """
    return drop_dead(merge_equal(graph))


def drop_dead(graph: Graph) -> Graph:
    """Keep the equations that an output or a guard depends on, and their captures; of
    branches and loops, what is wanted of them, pruned (see `narrow`)."""
    roots = [*graph.outputs, *(guard.var for guard in graph.guards)]
    equations = needed(graph, roots)
    if any(isinstance(equation.primitive, Structured) for equation in equations):
        graph = _narrow(graph, used_vars(roots))
        roots = [*graph.outputs, *(guard.var for guard in graph.guards)]
        equations = needed(graph, roots)
    return rebuild(graph, equations=equations)


def _narrow(graph: Graph, wanted: set[Var]) -> Graph:
    """Leave out, from the last equation to the first, what is not wanted of it."""
    kept = []
    for equation in reversed(graph.equations):
        if wanted.isdisjoint(equation.outputs):
            continue
        if isinstance(equation.primitive, Structured):
            mask = [var in wanted for var in equation.outputs]
            left = narrowed(equation, mask, prune)
            equation = replace(
                equation,
                params=left.params,
                inputs=tuple(equation.inputs[k] for k in left.inputs),
                outputs=tuple(equation.outputs[k] for k in left.outputs),
            )
        kept.append(equation)
        wanted |= used_vars(equation.inputs)
    return replace(graph, equations=tuple(reversed(kept)))


def merge_equal(graph: Graph) -> Graph:
    """Compute once what several equations compute: same primitive, inputs and params.

    Captured arrays are the same if they are one object; numbers, if they have the same
    type and bits, so that 0.0 is not -0.0 and 1 is not True.
    """
    seen: dict[Any, Sequence[Atom]] = {}

    def merge(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        params = equation.params and tuple(
            (name, exact_key(equation.params[name])) for name in sorted(equation.params)
        )
        key = equation.primitive, *map(_atom_key, equation.inputs), params or ()
        if key not in seen:
            seen[key] = copy_equation(build, equation)
        return seen[key]

    return rebuild(graph, merge)


def _atom_key(atom: Atom) -> Any:
    return exact_key(atom.value) if isinstance(atom, Literal) else atom
