"""The Graph: a Wengert list, typed, in static single assignment.

```
graph     ::=  inputs, captures, equations, guards, outputs
equation  ::=  var... = primitive[params] atom...
atom      ::=  var | literal
guard     ::=  var is told
```

All are frozen. A Graph is made by `GraphBuilder` only, and a transform returns a new
one. Vars are equal only to themselves; their names (v₋₁, v₀, v₁ …) are given when
printed.

Example: `x * np.sin(x)` is one input v₀ and the equations
`v1 = sin v0`, `v2 = multiply v0 v1`, with the output v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wengert.errors import Source
from wengert.graph.primitive import Primitive
from wengert.graph.show import show
from wengert.graph.types import ArrayType

__all__ = ["Atom", "Capture", "Equation", "Graph", "Guard", "Literal", "Var"]


@dataclass(frozen=True, eq=False, slots=True)
class Var:
    """A value that an equation, an input or a capture gives. Equal only to itself."""

    type: ArrayType


@dataclass(frozen=True, eq=False, slots=True)
class Literal:
    """A number written into the Graph: a Python number (weak) or a NumPy scalar."""

    value: Any

    @property
    def type(self) -> Any:
        """ArrayType of a NumPy scalar; a Python number is its own (weak) type."""
        return ArrayType.of(self.value) if hasattr(self.value, "dtype") else self.value


Atom = Var | Literal


@dataclass(frozen=True, eq=False, slots=True)
class Capture:
    """An array that the function closed over, kept by reference."""

    var: Var
    value: Any


@dataclass(frozen=True, eq=False, slots=True)
class Equation:
    """One line of the list: `outputs = primitive[params] inputs`."""

    primitive: Primitive
    inputs: tuple[Atom, ...]
    params: Mapping[str, Any]
    outputs: tuple[Var, ...]
    source: Source | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Guard:
    """What Python was told when it asked for the value of a var: `if x > 0`."""

    var: Var
    told: bool | int
    source: Source | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Graph:
    """A function as a list of equations.

    Attributes
    ----------
    inputs : tuple of Var
        One for each array or float leaf of the arguments.
    captures : tuple of Capture
    equations : tuple of Equation
        In an order in which every var is given before it is used.
    guards : tuple of Guard
        The branches taken while tracing: the Graph is right while they hold.
    outputs : tuple of Var or Literal
    """

    inputs: tuple[Var, ...]
    captures: tuple[Capture, ...]
    equations: tuple[Equation, ...]
    guards: tuple[Guard, ...]
    outputs: tuple[Atom, ...]

    def __str__(self) -> str:
        return show(self)

    __repr__ = __str__
