"""What a compiled function takes and gives: trees over the flat list of a Graph.

```
argument  ::=  Array | Float | Complex | NumpyScalar | Static
            |  Tuple[argument...] | List[argument...] | Dict[key: argument...]
result    ::=  Array | Float | Complex | NumpyScalar | Int | Bool | Constant
            |  Tuple[result...] | List[result...] | Dict[key: result...]
```

The traced leaves of the arguments (`Array`, `Float`, `Complex`, `NumpyScalar`), from
left to right and containers opened where they stand, are the inputs of the Graph; the
leaves of the result that are no `Constant` are its outputs. All types are exact: what
is of a subclass is something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.graph import ArrayType

__all__ = [
    "Argument",
    "Array",
    "Bool",
    "Complex",
    "Constant",
    "Dict",
    "Float",
    "Int",
    "List",
    "NumpyScalar",
    "Result",
    "Static",
    "Tuple",
    "leaf_type",
    "same_static",
    "traced_leaves",
]


@dataclass(frozen=True, slots=True)
class Array:
    """An ndarray of this shape and dtype; of shape `()` it is a 0-d array."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class NumpyScalar:
    """A NumPy scalar, such as np.float64."""

    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Float:
    """A Python float: `f64[]` in the Graph."""


@dataclass(frozen=True, slots=True)
class Complex:
    """A Python complex: `c128[]` in the Graph."""


@dataclass(frozen=True, slots=True)
class Int:
    """A Python int, as a result: `i64[]` in the Graph."""


@dataclass(frozen=True, slots=True)
class Bool:
    """A Python bool, as a result: `bool[]` in the Graph."""


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """An argument that is no input of the Graph and must be this very value.

    Ints, strings and bytes are compared by type and value, all else by identity: 1, 1.0
    and True are three.
    """

    object: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return NotImplemented
        return same_static(self.object, other.object)

    def __hash__(self) -> int:
        by_value = type(self.object) in _BY_VALUE
        return hash((type(self.object), self.object if by_value else id(self.object)))


@dataclass(frozen=True, slots=True)
class Constant:
    """A result that is no output of the Graph: always this object."""

    object: Any


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple, not of a subclass."""

    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class List:
    """A list, not of a subclass."""

    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict, not of a subclass, with its keys in this order: f may go through them.

    Keys are compared as Static values are. `items` stand in the order of `keys`.
    """

    keys: tuple[Any, ...]
    items: tuple[Any, ...]


Argument = Array | Float | Complex | NumpyScalar | Static | Tuple | List | Dict
Result = (
    Array | Float | Complex | NumpyScalar | Int | Bool | Constant | Tuple | List | Dict
)

_BY_VALUE = (int, str, bytes)
_PYTHON = {Float: float, Complex: complex, Int: np.int64, Bool: np.bool_}


def same_static(x: Any, y: Any) -> bool:
    """Tell whether two static values are the same, without running code of theirs.

    Examples
    --------
    >>> same_static("mean", "mean"), same_static(1, True), same_static([], [])
    (True, False, False)
    """
    return x is y or (type(x) is type(y) and type(x) in _BY_VALUE and x == y)


def leaf_type(leaf: Any) -> ArrayType:
    """Give the type in the Graph of a traced leaf.

    Examples
    --------
    >>> leaf_type(Float())
    f64[]
    """
    if isinstance(leaf, Array):
        return ArrayType(leaf.shape, leaf.dtype)
    if isinstance(leaf, NumpyScalar):
        return ArrayType((), leaf.dtype)
    return ArrayType((), np.dtype(_PYTHON[type(leaf)]))


def traced_leaves(trees: Iterable[Argument | Result]) -> Iterator[Any]:
    """List the leaves that are inputs, or outputs, of the Graph, in its order.

    Examples
    --------
    >>> list(traced_leaves([Tuple((Float(), Static(None))), Complex()]))
    [Float(), Complex()]
    """
    for tree in trees:
        if isinstance(tree, Tuple | List | Dict):
            yield from traced_leaves(tree.items)
        elif not isinstance(tree, Static | Constant):
            yield tree
