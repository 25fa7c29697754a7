"""Nodes: what an expression is made of. Equal operations on equal inputs are one node.

```
node  ::=  Variable | Constant | Result of a Call
call  ::=  primitive[params] (node | literal)...
```

So common subexpressions are shared from the start, and a derivative that is run over an
expression finds the expression's own nodes again.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.errors import ShapeError, Source
from wengert.graph import ArrayType, Literal, Primitive

__all__ = [
    "Call",
    "Constant",
    "Input",
    "Node",
    "Nodes",
    "Result",
    "Variable",
    "rules",
    "walk",
    "within_rules",
]


@dataclass(frozen=True, eq=False)
class Node:
    """A value of a type. Equal only to itself."""

    type: ArrayType


@dataclass(frozen=True, eq=False)
class Variable(Node):
    """A symbol, or an array of them."""

    name: str


@dataclass(frozen=True, eq=False)
class Constant(Node):
    """An array of numbers, which nobody writes to."""

    value: Any


Input = Node | Literal


@dataclass(frozen=True, eq=False)
class Call:
    """An operation.

    Attributes
    ----------
    row : Primitive
    inputs : tuple of Node or Literal
    params : mapping
    is_ours : bool
        Whether a derivative's rule has made it, not the user.
    source : Source or None
    """

    row: Primitive
    inputs: tuple[Input, ...]
    params: Mapping[str, Any]
    is_ours: bool
    source: Source | None


@dataclass(frozen=True, eq=False)
class Result(Node):
    """One output of a call."""

    call: Call
    output: int


class Rules(threading.local):
    """Count, for this thread, the derivatives that are being made."""

    depth = 0


rules = Rules()


@contextlib.contextmanager
def within_rules() -> Iterator[None]:
    """Mark the operations that are made meanwhile as a derivative's own."""
    rules.depth += 1
    try:
        yield
    finally:
        rules.depth -= 1


class Nodes:
    """Make nodes, in the way in which a GraphBuilder makes equations."""

    def __init__(self) -> None:
        self._known: weakref.WeakValueDictionary[Hashable, Node]
        self._known = weakref.WeakValueDictionary()

    def variable(self, name: str, type_: ArrayType) -> Variable:
        """Give the variable of a name and a type."""
        made = self._once(("variable", name, type_), lambda: Variable(type_, name))
        return made  # type: ignore[return-value]

    def constant(self, value: Any) -> Input:
        """Turn a number into a Literal, an array into a Constant."""
        if isinstance(value, np.generic) or not hasattr(value, "dtype"):
            return Literal(value)
        return self.capture(value)

    def capture(self, value: Any) -> Node:
        """Keep a copy of an array."""
        type_ = ArrayType.of(value)
        key = ("constant", type_, value.tobytes())
        return self._once(key, lambda: Constant(type_, value.copy()))

    def add(
        self,
        row: Primitive,
        inputs: Sequence[Input],
        params: Mapping[str, Any],
        source: Source | None = None,
    ) -> tuple[Node, ...]:
        """Give the nodes of an operation's outputs, typed by the primitive.

        Raises
        ------
        ShapeError
            If the shapes of the inputs do not fit.
        """
        try:
            types = row.type(*(x.type for x in inputs), **params)
        except ValueError as error:
            shown = ", ".join(repr(ArrayType.of(x.type)) if isinstance(x, Literal)
                              else repr(x.type) for x in inputs)  # fmt: skip
            raise ShapeError(
                f"{row.name} of {shown} (at {source}): {error}. Give the symbols "
                'the shapes that the arrays have: symbol("A", shape=(2, 3))'
            ) from error
        if not row.is_tuple:
            types = (types if isinstance(types, ArrayType) else ArrayType.of(types),)
        call = Call(row, tuple(inputs), dict(params), rules.depth > 0, source)
        key = ("call", row, *map(_key, inputs), *sorted(params.items()))
        return tuple(
            self._once((*key, i), lambda i=i, t=t: Result(t, call, i))
            for i, t in enumerate(types)
        )

    def _once(self, key: Hashable, make: Any) -> Node:
        try:
            node = self._known.get(key)
        except TypeError:  # a parameter that cannot be a key
            return make()  # type: ignore[no-any-return]
        if node is None:
            node = self._known[key] = make()
        return node


def _key(x: Input) -> Hashable:
    if isinstance(x, Literal):
        return type(x.value).__name__, repr(x.value)
    return x


def walk(nodes: Sequence[Node], known: Sequence[Node] = ()) -> list[Node]:
    """List all that nodes are made of, in an order of evaluation, the known first."""
    done: dict[Node, None] = dict.fromkeys(known)
    stack = list(reversed(nodes))
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        inputs = node.call.inputs if isinstance(node, Result) else ()
        waiting = [x for x in inputs if isinstance(x, Node) and x not in done]
        if waiting:
            stack += reversed(waiting)
        else:
            done[stack.pop()] = None
    return list(done)
