"""Captured arrays that are transposed, as transposes of arrays in the order of memory.

Native code reads arrays in C order, and would copy any other at each call. A transpose
of one it reads where it stands; BLAS does, too.

Law: for all inputs, `in_memory_order(graph)` gives the outputs of `graph`, bit for bit;
captured arrays show the same memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.graph import Atom, Capture, Graph, GraphBuilder
from wengert.graph.rebuild import recapture
from wengert.primitives.shaping import transpose_

__all__ = ["in_memory_order"]


def in_memory_order(graph: Graph) -> Graph:
    """Replace captured arrays whose axes stand in another order than in memory.

    Examples
    --------
    >>> from wengert import trace
    >>> A = np.arange(6.0).reshape(2, 3)
    >>> print(in_memory_order(trace(lambda x: A.T @ x, np.ones(2))))
    graph(v0: f64[2]) {
      capture c0: f64[2,3] = [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
      v1: f64[3,2] = transpose[axes=(1, 0)] c0
      v2: f64[3] = matmul v1 v0
      return v2
    }
    """
    orders = {c.var: _order(c.value) for c in graph.captures}
    if not any(orders.values()):
        return graph

    def write(build: GraphBuilder, capture: Capture) -> Atom:
        order = orders[capture.var]
        if order is None:
            return build.capture(capture.value)
        straight = build.capture(capture.value.transpose(order))
        back = tuple(int(k) for k in np.argsort(order))
        return build.add(transpose_, (straight,), {"axes": back})[0]

    return recapture(graph, write)


def _order(array: Any) -> tuple[int, ...] | None:
    """Find the order of axes in which an array is C-contiguous; None if it is so, or
    there is none."""
    if type(array) is not np.ndarray or array.flags.c_contiguous:
        return None
    order = tuple(
        int(k) for k in np.argsort([-s for s in array.strides], kind="stable")
    )
    return order if array.transpose(order).flags.c_contiguous else None
