"""GraphBuilder: the only way to make a Graph.

It gives each equation its output types by the primitive's type rule, so that a Graph
that was built is a Graph that checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.errors import Source
from wengert.graph.equations import (
    Atom,
    Capture,
    Equation,
    Graph,
    Guard,
    Literal,
    Var,
)
from wengert.graph.primitive import Primitive
from wengert.graph.types import ArrayType

__all__ = ["GraphBuilder"]


class GraphBuilder:
    """Collect inputs, captures, equations and guards; `finish` makes the Graph."""

    def __init__(self) -> None:
        self._inputs: list[Var] = []
        self._captures: dict[int, Capture] = {}
        self._equations: list[Equation] = []
        self._guards: list[Guard] = []

    def input(self, type: ArrayType) -> Var:
        """Add an input of this type."""
        var = Var(type)
        self._inputs.append(var)
        return var

    def constant(self, value: Any) -> Atom:
        """Turn a number into a Literal, an array into a capture (by reference)."""
        if isinstance(value, np.generic) or not hasattr(value, "dtype"):
            return Literal(value)
        return self.capture(value)

    def capture(self, value: Any) -> Var:
        """Keep an array by reference; the same array is the same var."""
        capture = self._captures.get(id(value))
        if capture is None:
            capture = Capture(Var(ArrayType.of(value)), value)
            self._captures[id(value)] = capture
        return capture.var

    def keep(self, part: Var | Capture | Equation) -> Sequence[Var]:
        """Take over an input, a capture or an equation of another Graph as it is.

        Vars of two Graphs may be the same: what did not change need not be copied.
        """
        if isinstance(part, Equation):
            self._equations.append(part)
            return part.outputs
        if isinstance(part, Capture):
            return (self._captures.setdefault(id(part.value), part).var,)
        self._inputs.append(part)
        return (part,)

    def add(
        self,
        primitive: Primitive,
        inputs: Sequence[Atom],
        params: Mapping[str, Any],
        source: Source | None = None,
    ) -> tuple[Var, ...]:
        """Add an equation and return its output vars, typed by the primitive."""
        types = primitive.type(*(atom.type for atom in inputs), **params)
        if not primitive.is_tuple:
            # The type rule of what leaves x as it is may hand a weak number through.
            types = (types if isinstance(types, ArrayType) else ArrayType.of(types),)
        outputs = tuple(map(Var, types))
        self._equations.append(
            Equation(primitive, tuple(inputs), dict(params), outputs, source)
        )
        return outputs

    def copy(self, equation: Equation, inputs: Sequence[Atom]) -> tuple[Var, ...]:
        """Add an equation with other inputs of the same types: so are its outputs'."""
        outputs = tuple(Var(var.type) for var in equation.outputs)
        self._equations.append(
            Equation(
                equation.primitive,
                tuple(inputs),
                equation.params,
                outputs,
                equation.source,
            )
        )
        return outputs

    def guard(self, var: Var, told: bool | int, source: Source | None = None) -> None:
        """Record what Python was told about a var."""
        self._guards.append(Guard(var, told, source))

    def mark(self) -> tuple[int, int, int]:
        """Give what `rewind` needs to forget what is added from here on."""
        return len(self._captures), len(self._equations), len(self._guards)

    def rewind(self, mark: tuple[int, int, int]) -> None:
        """Forget the captures, equations and guards since a mark."""
        captures, equations, guards = mark
        for key in list(self._captures)[captures:]:
            del self._captures[key]
        del self._equations[equations:]
        del self._guards[guards:]

    def finish(
        self, outputs: Sequence[Atom], settled: Mapping[int, Any] | None = None
    ) -> Graph:
        """Make the Graph; `settled` replaces captured arrays, by their ids."""
        settled = settled or {}
        return Graph(
            tuple(self._inputs),
            tuple(
                Capture(c.var, settled.get(id(c.value), c.value))
                for c in self._captures.values()
            ),
            tuple(self._equations),
            tuple(self._guards),
            tuple(outputs),
        )
