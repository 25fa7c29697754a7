"""Turn captured arrays of equal elements into one number, broadcast.

A pullback makes many of these: the cotangent of a sum is an array of ones. As a number
it takes part in folding, and needs no memory. Only arrays that nobody but the Graph
holds are taken: any other may be written to before the next call.

Law: for all inputs, `broadcast_uniform(graph)` gives the outputs of `graph`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.graph import Atom, Capture, Graph, GraphBuilder, Literal
from wengert.graph.rebuild import recapture
from wengert.primitives.shaping import broadcast_to_

__all__ = ["broadcast_uniform"]


def broadcast_uniform(graph: Graph) -> Graph:
    """Replace the captures that are uniform and the Graph's own.

    Examples
    --------
    >>> from wengert import grad, trace
    >>> print(broadcast_uniform(trace(grad(lambda x: np.sum(x)), np.ones(3))))
    graph(v0: f64[3]) {
      v1: f64[3] = broadcast_to[shape=(3,)] f64(1.0)
      v2: f64[] = sum[axes=(0,), keepdims=False] v0
      return v1
    }
    """
    numbers = {
        capture.var: Literal(capture.value.flat[0])
        for capture in _own(graph.captures)
        if _is_uniform(capture.value)
    }
    if not numbers:
        return graph

    def write(build: GraphBuilder, capture: Capture) -> Atom:
        number = numbers.get(capture.var)
        if number is None:
            return build.capture(capture.value)
        params = {"shape": capture.var.type.shape}
        return build.add(broadcast_to_, (number,), params)[0]

    return recapture(graph, write)


def _own(captures: Sequence[Capture]) -> list[Capture]:
    """List the captures of which no array, nor what it is a view of, is held by others.

    Those who hold an array are counted: its Capture, and captured views of it.
    """
    by_graph = Counter[int]()
    for capture in captures:
        by_graph[id(capture.value)] += 1
        if type(capture.value) is np.ndarray and capture.value.base is not None:
            by_graph[id(capture.value.base)] += 1
    return [capture for capture in captures if _is_own(capture, by_graph)]


def _is_own(capture: Capture, by_graph: Counter[int]) -> bool:
    array = capture.value
    if type(array) is not np.ndarray:
        return False
    # `array` is one more reference.
    if _references(capture.value) > by_graph[id(array)] + 1:
        return False
    if array.base is None:
        return True
    base = array.base
    plain = type(base) is np.ndarray and base.base is None
    return plain and _references(array.base) <= by_graph[id(base)] + 1


def _references(array: Any) -> int:
    """Count the references to an array, but for those that this call makes."""
    return sys.getrefcount(array) - _BY_THE_CALL


# How many it makes differs between versions of Python.
_BY_THE_CALL = 0
_HELD = [np.zeros(1)]
_BY_THE_CALL = _references(_HELD[0]) - 1


def _is_uniform(array: Any) -> bool:
    if not array.size or array.dtype.hasobject:
        return False
    if not any(array.strides):
        return True
    # By their bytes: a nan is equal to itself, and 0.0 is not −0.0.
    rows = np.ascontiguousarray(array).reshape(-1, 1).view(np.uint8)
    return bool((rows[:64] == rows[0]).all() and (rows == rows[0]).all())
