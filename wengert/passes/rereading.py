"""Read an element where it is used, however often: what `prune` joined is taken apart.

Law: for all inputs, `reread(graph)` gives the outputs of `graph`, bit for bit.

In `s + x[i] * x[i + 1]` a step reads what the step before has read, and a gradient
reads it again. With reads of its own each step takes slices of x, instead of what other
steps keep for it. Before, and after:

```
v1: f64[] = getitem[index=(0,)] v0        v1: f64[] = getitem[index=(0,)] v0
v2: f64[] = sin v1                        v2: f64[] = sin v1
v3: f64[] = cos v1                        v3: f64[] = getitem[index=(0,)] v0
                                          v4: f64[] = cos v3
```
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wengert.graph import Atom, Equation, Graph, GraphBuilder, Var
from wengert.graph.rebuild import copy_equation, rebuild

__all__ = ["reread"]

_MANY = 16  # reads of an array that make it one that a loop goes through


def reread(graph: Graph) -> Graph:
    """Repeat reads of elements, by integers only, before each equation that uses them.

    Of arrays that are read at many places: what is read once or twice of each of many
    arrays is kept, for these arrays may be large.
    """
    counts = Counter(
        equation.inputs[0] for equation in graph.equations if _is_element(equation)
    )
    many = {source for source, count in counts.items() if count >= _MANY}
    if not many:
        return graph
    reads: dict[Var, Equation] = {}

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        again: dict[Atom, Atom] = {
            atom: build.copy(reads[atom], reads[atom].inputs)[0]
            for atom in dict.fromkeys(equation.inputs)
            if isinstance(atom, Var) and atom in reads
        }
        if again:
            inputs = [again.get(atom, atom) for atom in equation.inputs]
            return build.copy(equation, inputs)
        if equation.inputs and equation.inputs[0] in many and _is_element(equation):
            reads[equation.outputs[0]] = equation
        return copy_equation(build, equation)

    return rebuild(graph, rewrite)


def _is_element(equation: Equation) -> bool:
    return equation.primitive.name == "getitem" and all(
        type(part) is int for part in equation.params["index"]
    )
