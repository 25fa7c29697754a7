"""Read what was just written: elements of arrays that are written one by one.

Law: for all inputs, `forward_reads(graph)` gives the outputs of `graph`, bit for bit
but for the sign of a zero to which a scatter's zeros were added.

    y' = update[index=(3,)] y v          y'[3] is v, and y'[5] is y[5]
    y' = add y (scatter[index=(3,)] v)   y'[3] is y[3] + v, and y'[5] is y[5]

What is written is kept by index, from the array that the writing began with on: so an
element is found in one step, however often the array was written to since.

Before, and after (with `drop_dead`):

```
v1: f64[4] = update[index=(0,)] c0 v0    v1: f64[4] = update[index=(0,)] c0 v0
v2: f64[] = getitem[index=(0,)] v1       v2: f64[] = sin v0
v3: f64[] = sin v2                       v3: f64[4] = update[index=(1,)] v1 v2
v4: f64[4] = update[index=(1,)] v1 v3
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from wengert.graph import PRIMITIVES, Atom, Equation, Graph, GraphBuilder, Var
from wengert.graph.rebuild import copy_equation, rebuild

__all__ = ["forward_reads"]


@dataclass(eq=False, slots=True)
class _Written:
    """An array, and what was written to its elements since.

    For each index of `depth` integers `elements` has the element, None for the one of
    `root`, and then what was added to it.
    """

    root: Atom
    depth: int
    elements: dict[tuple[int, ...], list[Atom | None]] = field(default_factory=dict)


class _Elements:
    """What is known of elements, along the equations of a new Graph."""

    def __init__(self, build: GraphBuilder) -> None:
        self.build = build
        self.written: dict[Var, _Written] = {}
        self.scattered: dict[Var, tuple[tuple[int, ...], Atom]] = {}

    def extend(self, x: Atom, y: Var, depth: int) -> _Written:
        """Go on from x to y, which is x but for what is written next."""
        known = self.written.pop(x, None) if isinstance(x, Var) else None
        if known is None or known.depth != depth:
            known = _Written(x, depth)
        self.written[y] = known
        return known

    def read(self, equation: Equation) -> Atom | None:
        """Find an element, or give None where nothing is known of it."""
        (x,) = equation.inputs
        known = self.written.get(x) if isinstance(x, Var) else None
        place = _place(equation.params["index"], x.type.shape)
        if known is None or place is None or len(place) != known.depth:
            return None
        parts = known.elements.setdefault(place, [None])
        first, *rest = parts
        if first is None:
            params = equation.params
            row = PRIMITIVES["getitem"]
            (first,) = self.build.add(row, [known.root], params, equation.source)
        for part in rest:
            assert part is not None
            row = PRIMITIVES["add"]
            (first,) = self.build.add(row, [first, part], {}, equation.source)
        parts[:] = [first]
        return first


def forward_reads(graph: Graph) -> Graph:
    """Replace reads of elements by what was written there."""
    if not any(e.primitive.name in ("update", "scatter") for e in graph.equations):
        return graph
    # A guard needs a var: what is asked for is read.
    asked = {guard.var for guard in graph.guards}
    state: list[_Elements] = []

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        if not state:
            state.append(_Elements(build))
        (known,) = state
        name = equation.primitive.name
        if name == "getitem" and equation.outputs[0] not in asked:
            found = known.read(equation)
            if found is not None and found.type == equation.outputs[0].type:
                return (found,)
        outputs = copy_equation(build, equation)
        if name == "update":
            _note_update(known, equation, outputs[0])
        elif name == "scatter":
            place = _place(equation.params["index"], equation.params["shape"])
            if place is not None:
                known.scattered[outputs[0]] = place, equation.inputs[0]
        elif name == "add":
            _note_add(known, equation, outputs[0])
        return outputs

    return rebuild(graph, rewrite)


def _note_update(known: _Elements, equation: Equation, y: Var) -> None:
    x, v, *indices = equation.inputs
    place = None if indices else _place(equation.params["index"], y.type.shape)
    if place is None or not hasattr(v.type, "dtype"):
        return
    if v.type.shape == y.type.shape[len(place) :] and v.type.dtype == y.type.dtype:
        known.extend(x, y, len(place)).elements[place] = [v]


def _note_add(known: _Elements, equation: Equation, y: Var) -> None:
    for x, other in (equation.inputs, equation.inputs[::-1]):
        if isinstance(other, Var) and other in known.scattered:
            place, part = known.scattered[other]
            if x.type == other.type == y.type and isinstance(x, Var):
                written = known.extend(x, y, len(place))
                written.elements.setdefault(place, [None]).append(part)
                return


def _place(index: Any, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Give the integers of an index that has nothing else; None for any other."""
    if not all(type(part) is int for part in index):
        return None
    return tuple(i + n if i < 0 else i for i, n in zip(index, shape, strict=False))
