"""Turn captured arrays of equal elements into one number, broadcast.

A pullback makes many of these: the cotangent of a sum is an array of ones. As a number
it takes part in folding, and needs no memory. Only arrays that nobody but the Graph
holds are taken: any other may be written to before the next call.

Law: for all inputs, `broadcast_uniform(graph)` gives the outputs of `graph`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from wengert.graph import Capture, Graph, GraphBuilder, Literal, Var
from wengert.primitives.shaping import broadcast_to_

__all__ = ["broadcast_uniform"]

# What `sys.getrefcount` counts of an array that only its Capture holds: the Capture,
# a local name, and the argument of getrefcount itself.
_ALONE = 3


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
        for capture in graph.captures
        if _is_own(capture) and _is_uniform(capture.value)
    }
    if not numbers:
        return graph
    build = GraphBuilder()
    new: dict[Var, Any] = {var: build.input(var.type) for var in graph.inputs}
    for capture in graph.captures:
        number = numbers.get(capture.var)
        if number is None:
            new[capture.var] = build.capture(capture.value)
        else:
            shape = capture.var.type.shape
            (new[capture.var],) = build.add(broadcast_to_, (number,), {"shape": shape})
    for equation in graph.equations:
        inputs = [new.get(a, a) if isinstance(a, Var) else a for a in equation.inputs]
        outputs = build.copy(equation, inputs)
        new.update(zip(equation.outputs, outputs, strict=True))
    for guard in graph.guards:
        build.guard(new[guard.var], guard.told, guard.source)
    return build.finish([new[a] if isinstance(a, Var) else a for a in graph.outputs])


def _is_own(capture: Capture) -> bool:
    array = capture.value
    if type(array) is not np.ndarray or sys.getrefcount(array) > _ALONE:
        return False
    base = array.base
    return base is None or (
        type(base) is np.ndarray
        and base.base is None
        and sys.getrefcount(base) <= _ALONE
    )


def _is_uniform(array: Any) -> bool:
    if not array.size or array.dtype.hasobject:
        return False
    if not any(array.strides):
        return True
    first = array.flat[0].tobytes()
    whole = np.ascontiguousarray(array)
    return first * min(array.size, 64) == whole.reshape(-1)[:64].tobytes() and (
        bool((whole.reshape(-1) == array.flat[0]).all())
    )
