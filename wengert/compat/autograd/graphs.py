"""`autograd.tracer` and `autograd.misc.tracers`: traces with nodes of any class."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from wengert.compat.autograd.derivation import trace
from wengert.compat.autograd.rules import subvals
from wengert.compat.autograd.wrapping import wraps
from wengert.errors import ArgumentError

__all__ = [
    "ConstGraphNode",
    "FullGraphNode",
    "Node",
    "const_graph",
    "const_graph_unary",
    "full_graph",
    "toposort",
]


class Node:
    """Be the base of nodes that a client defines."""

    __slots__: Any = []

    def __init__(
        self, value: Any, fun: Any, args: Any, kwargs: Any, argnums: Any, parents: Any
    ) -> None:
        raise NotImplementedError

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """Make this the node of an input."""
        raise NotImplementedError

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Any:
        """Make the node of an input."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


def toposort(
    end_node: Any, parents: Callable[[Any], Any] = operator.attrgetter("parents")
) -> Iterator[Any]:
    """Yield the nodes that a node depends on, each after all that depend on it."""
    children: dict[Any, int] = {}
    pending = [end_node]
    while pending:
        node = pending.pop()
        children[node] = children.get(node, 0) + 1
        if children[node] == 1:
            pending += parents(node)
    ready = [end_node]
    while ready:
        node = ready.pop()
        yield node
        for parent in parents(node):
            children[parent] -= 1
            if not children[parent]:
                ready.append(parent)


class ConstGraphNode(Node):
    """An operation that can be run again on other values of its parents."""

    __slots__ = ["parents", "partial_fun"]
    parents: Any
    partial_fun: Any

    def __init__(
        self, value: Any, fun: Any, args: Any, kwargs: Any, argnums: Any, parents: Any
    ) -> None:
        kept = subvals(args, ((n, None) for n in argnums))

        def partial_fun(values: Any) -> Any:
            return fun(*subvals(kept, zip(argnums, values, strict=True)), **kwargs)

        self.parents, self.partial_fun = parents, partial_fun

    def initialize_root(self) -> None:
        """Have no parents."""
        self.parents, self.partial_fun = [], None


def const_graph_unary(fun: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make a function that runs fun once, and repeats its operations afterwards.

    Right where fun's branches do not depend on its argument.
    """
    graph: list[Any] = []

    def repeat(x: Any) -> Any:
        if not graph:
            value, end = trace(ConstGraphNode.new_root(), fun, x)
            if end is None:
                raise ArgumentError("Output is independent of input")
            graph.extend(reversed(list(toposort(end))))
            return value
        values = {graph[0]: x}
        for node in graph[1:]:
            values[node] = node.partial_fun([values[p] for p in node.parents])
        return values[graph[-1]]

    return repeat


def const_graph(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """Make a function of the remaining arguments that runs fun only once."""
    repeat = const_graph_unary(lambda rest: fun(*args, *rest, **kwargs))

    @wraps(fun)
    def repeated(*rest: Any) -> Any:
        return repeat(rest)

    return repeated


class FullGraphNode(Node):
    """An operation with all its arguments: `recipe` is (fun, args, kwargs, parents)."""

    __slots__ = ["recipe", "value"]
    value: Any
    recipe: Any

    def __init__(
        self, value: Any, fun: Any, args: Any, kwargs: Any, argnums: Any, parents: Any
    ) -> None:
        self.value = value
        self.recipe = (fun, args, kwargs, zip(argnums, parents, strict=True))

    def initialize_root(self) -> None:
        """Have no parents."""
        self.value, self.recipe = None, (lambda x: x, (), {}, [])


def full_graph(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """Run fun; give the node of its output, which leads to all others."""
    root = FullGraphNode.new_root()
    return trace(root, lambda inputs: fun(*inputs, **kwargs), args)[1]
