"""Traces: the levels of boxes, and the nodes that clients see of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from wengert import tree
from wengert.compat.autograd.boxes import (
    ArrayBox,
    Box,
    DictBox,
    SequenceBox,
    TangentBox,
    as_numbers,
    is_opaque,
)
from wengert.compat.autograd.errors import not_differentiable
from wengert.compat.autograd.opaque import Opaque
from wengert.graph.types import ArrayType, is_inexact
from wengert.trace.levels import Level
from wengert.transforms.forward import Forward
from wengert.transforms.reverse import Tape

__all__ = [
    "ForwardTrace",
    "JVPNode",
    "NodeTrace",
    "ReverseTrace",
    "TraceStack",
    "VJPNode",
    "new_box",
    "trace_stack",
]


class ReverseTrace(Tape):
    """A tape whose Tracers are ArrayBoxes."""

    __slots__ = ()
    kind = ArrayBox

    def input(self, value: Any) -> Any:
        """Put a value on the tape as an input, of a client's own type too."""
        if isinstance(value, Opaque):
            return self.opaque(value.value, ())
        return super().input(value)

    def opaque(self, value: Any, entry: Any) -> Any:
        """Put a value of a client's own type on the tape, in its own box."""
        kind = Box.type_mappings[type(value)]
        box = kind.__new__(kind)
        box.value, box.level, box.index = value, self, self._append(entry)
        return box

    def node_of(self, box: Any) -> Any:
        """Give what stands for the node of a box: its place on the tape."""
        return VJPNode(self, box.index)

    def close(self) -> None:
        """Leave boxes usable: what is recorded from now on, nobody sweeps."""
        self.entries = []


class VJPNode:
    """Stand for a place on a tape.

    Attributes
    ----------
    tape : ReverseTrace
    index : int
    """

    __slots__ = ("index", "tape")

    def __init__(self, tape: Any, index: int) -> None:
        self.tape, self.index = tape, index

    @classmethod
    def new_root(cls, *_: Any) -> VJPNode:
        """Make the node of an input, which `new_box` puts on a tape."""
        return cls(None, 0)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, VJPNode)
            and self.tape is other.tape
            and self.index == other.index
        )

    def __hash__(self) -> int:
        return hash((id(self.tape), self.index))


class ForwardTrace(Forward):
    """A forward-mode run whose Tracers are boxes."""

    __slots__ = ()
    kind = TangentBox

    def node_of(self, box: Any) -> Any:
        """Give the box itself, which holds its tangents."""
        return JVPNode(box.tangents[0])

    def close(self) -> None:
        """Leave boxes usable."""


class JVPNode:
    """Stand for a tangent, `g`."""

    __slots__ = ("g",)

    def __init__(self, g: Any) -> None:
        self.g = g

    new_root = classmethod(lambda cls, g: cls(g))


class TraceStack:
    """Number the traces that clients open by hand.

    Attributes
    ----------
    top : int
        The number of the innermost.
    """

    def __init__(self) -> None:
        self.top = -1
        self.levels: dict[int, Any] = {}

    @contextmanager
    def new_trace(self) -> Iterator[int]:
        """Open a trace; give its number, for `new_box`."""
        before, number = self.top, Level().number
        self.top = number
        try:
            yield number
        finally:
            self.top = before
            self.levels.pop(number, None)


trace_stack = TraceStack()


def new_box(value: Any, trace: int, node: Any) -> Any:
    """Box a value as an input of a trace, with a node of any class.

    Raises
    ------
    TypeError
        If values of this type are not differentiable.
    """
    kind = Box.type_mappings.get(type(value))
    if kind is None:
        raise not_differentiable(value)
    level = trace_stack.levels.get(trace)
    if level is None:
        level = _level_for(node)
        level.number = trace
        trace_stack.levels[trace] = level
    if kind in (SequenceBox, DictBox):
        return level.container(value, node)
    if is_opaque(value):
        return level.opaque(value, ())
    return level.box(_number(value), node)


def _number(x: Any) -> Any:
    return x if hasattr(x, "dtype") else np.asarray(x)[()]


def _level_for(node: Any) -> Any:
    return _OpenTape() if isinstance(node, VJPNode) else NodeTrace(type(node))


class _OpenTape(ReverseTrace):
    """A tape of a trace that a client opened by hand.

    Attributes
    ----------
    inputs : list of ArrayType
    """

    __slots__ = ("inputs",)

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[Any] = []

    def box(self, value: Any, node: Any) -> Any:
        box = self.input(as_numbers(value))
        self.inputs.append(ArrayType.of(box))
        node.tape, node.index = self, box.index
        return box

    def container(self, value: Any, node: Any) -> Any:
        return tree.map_leaves(lambda leaf: self.box(_number(leaf), node), value)


class NodeTrace(Level):
    """A trace whose nodes are of a client's own class.

    For each operation it calls `constructor(value, fun, args, kwargs, parent_argnums,
    parents)`.
    """

    __slots__ = ("constructor",)
    kind = TangentBox

    def __init__(self, constructor: Any) -> None:
        super().__init__()
        self.constructor = constructor

    def box(self, value: Any, node: Any) -> Any:
        """Box a value with its node."""
        return TangentBox(self, value, node)

    def container(self, value: Any, node: Any) -> Any:
        """Box what a container holds: each part has a node, of taking it out."""
        if isinstance(value, tuple | list | dict):
            keys = list(value) if isinstance(value, dict) else range(len(value))
            parts = [
                self.container(
                    value[k],
                    self.constructor(value[k], _take, (value, k), {}, (0,), (node,)),
                )
                for k in keys
            ]
            if isinstance(value, dict):
                return dict(zip(keys, parts, strict=True))
            return type(value)(parts)
        return self.box(_number(value), node)

    def node_of(self, box: Any) -> Any:
        """Give the node of a box."""
        return box.node

    def lift(self, value: Any) -> Any:
        """Box a constant: its node has no parents."""
        return self.apply(value, lambda: value, (), {})

    def bind(self, row: Any, inputs: Sequence[Any], params: Any) -> Any:
        """Compute on the values inside, and make a node."""

        def fun(*args: Any, **kwargs: Any) -> Any:
            return row(*args, **kwargs)

        fun.__name__ = row.name
        y = row(*(v.value if self.is_mine(v) else v for v in inputs), **params)
        return self.apply(y, fun, tuple(inputs), dict(params))

    def apply(self, y: Any, fun: Any, args: tuple[Any, ...], kwargs: Any) -> Any:
        """Box what fun returned for these arguments, some of them boxes."""
        mine = [i for i, v in enumerate(args) if self.is_mine(v)]
        values = tuple(v.value if self.is_mine(v) else v for v in args)
        parents = tuple(args[i].node for i in mine)
        node = self.constructor(y, fun, values, kwargs, tuple(mine), parents)
        if not isinstance(y, tuple):
            return self._boxed(y, node)
        return (
            type(y)(*self._parts(y, node))
            if hasattr(y, "_fields")
            else tuple(self._parts(y, node))
        )

    def is_mine(self, x: Any) -> bool:
        """Tell boxes of this trace."""
        return type(x) is TangentBox and x.level is self

    def _boxed(self, y: Any, node: Any) -> Any:
        y = _number(y)
        return self.box(y, node) if is_inexact(y.dtype) else y

    def _parts(self, y: tuple[Any, ...], node: Any) -> Iterator[Any]:
        for i, part in enumerate(y):
            taken = self.constructor(part, _take, (y, i), {}, (0,), (node,))
            yield self._boxed(part, taken)

    def close(self) -> None:
        """Leave boxes usable."""


def _take(container: Any, i: Any) -> Any:
    return container[i]
