"""What a loop nest does in each turn, and how many nested loops it takes."""

from __future__ import annotations

from collections.abc import Sequence

from wengert.engines.loops.expressions import Expression
from wengert.engines.loops.program import Loop, Reduction, Store

__all__ = ["collapsed", "in_order"]


def in_order(writes: Sequence[Store | Reduction]) -> list[Expression]:
    """List the nodes below some values, arguments first."""
    done: dict[int, Expression] = {}
    roots = [root for w in writes for root in (w.value, w.offset) if root is not None]
    for root in roots:
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if id(node) in done:
                waiting.pop()
                continue
            missing = [arg for arg in node.args if id(arg) not in done]
            if missing:
                waiting += missing
            else:
                waiting.pop()
                done[id(node)] = node
    return list(done.values())


def collapsed(loop: Loop, nodes: Sequence[Expression]) -> tuple[list[int], list[int]]:
    """Join axes along which every access moves as along one; drop those of length 1.

    Returns the axis whose coefficient counts for each that is left, and the lengths.
    """
    places = [write.place for write in loop.writes]
    for node in nodes:
        if node.op in ("load", "gather"):
            places.append(node.info[1])
        elif node.op == "counter":
            places.append(node.info)
    axes: list[int] = []
    extents: list[int] = []
    for axis, (low, high) in enumerate(loop.box):
        n = high - low
        if n == 1:
            continue
        if axes and all(
            place.coefficients[axes[-1]] == place.coefficients[axis] * n
            for place in places
        ):
            axes[-1], extents[-1] = axis, extents[-1] * n
        else:
            axes.append(axis)
            extents.append(n)
    return axes, extents
