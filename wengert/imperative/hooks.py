"""Hooks: functions of the user's that see a cotangent on its way, and may change it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from weakref import ref

from wengert.errors import ShapeError
from wengert.graph.types import ArrayType
from wengert.imperative.vertices import Vertex

__all__ = ["Handle", "add_hook", "run_hooks"]

_numbers = itertools.count()


class Handle:
    """Be what `register_hook` gives: it can take the hook away again.

    Examples
    --------
    >>> from wengert.imperative import tensor
    >>> x = tensor(3.0, requires_grad=True)
    >>> handle = x.register_hook(lambda x_bar: 2 * x_bar)
    >>> (x * x).backward()
    >>> x.grad
    tensor(12.)
    >>> handle.remove()
    """

    def __init__(self, vertex: Vertex, number: int) -> None:
        self._vertex = ref(vertex)
        self._number = number

    def remove(self) -> None:
        """Take the hook away; once more is no error."""
        vertex = self._vertex()
        if vertex is not None:
            vertex.noted.hooks.pop(self._number, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def add_hook(vertex: Vertex, hook: Callable[[Any], Any]) -> Handle:
    """Put a hook on a vertex, behind those that it has."""
    number = next(_numbers)
    vertex.noted.hooks[number] = hook
    return Handle(vertex, number)


def run_hooks(vertex: Vertex, bar: Any, as_tensor: Callable[[Any], Any]) -> Any:
    """Give the cotangent after all hooks, in the order in which they were put.

    Raises
    ------
    ShapeError
        If one gives something of another shape or dtype.
    """
    for hook in list(vertex.known.hooks.values()):
        given = as_tensor(bar)
        found = hook(given)
        if found is None:
            continue
        found = as_tensor(found)
        if found.shape != given.shape or found.dtype != given.dtype:
            raise ShapeError(
                f"a hook of {vertex.known.label or vertex.name} gave "
                f"{ArrayType.of(found)!r} for a gradient {ArrayType.of(given)!r}. "
                "Return one of the same shape and dtype, or None to leave it."
            )
        bar = found
    return bar
