"""Jacobians by elimination: f is run element by element, and its partials accumulated.

Law: `accumulate(f, x)` gives the Jacobian that forward and reverse mode give; only the
order of the products differs, and is the cheapest that was found.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import ArgumentError
from wengert.graph.equations import Graph
from wengert.primitives.arithmetic import scale
from wengert.trace.levels import staging
from wengert.trace.staging import stage_function
from wengert.trace.tracer import Tracer
from wengert.trace.views import has_value, memory
from wengert.transforms.elements import Partials, check_size, local_partials
from wengert.transforms.elimination import (
    Elimination,
    Order,
    Scalars,
    Unknown,
    best_order,
    try_orders,
)

__all__ = ["Accumulated", "accumulate", "elimination_orders"]


class Accumulated(NamedTuple):
    """A Jacobian by elimination, and how it came about.

    Attributes
    ----------
    values : list
        What f returned.
    blocks : list of list
        For each output y and each input x an array of shape y.shape + x.shape.
    orders : tuple of Order
        What was tried.
    taken : Order
    partials : Partials
        The linearised computational graph; where its edges are Tracers, their run is
        over.
    graph : Graph
        Of the Jacobian: partials, then products and sums; outputs are the blocks.
    """

    values: list[Any]
    blocks: list[list[Any]]
    orders: tuple[Order, ...]
    taken: Order
    partials: Partials
    graph: Graph


def accumulate(
    f: Callable[..., Sequence[Any]],
    inputs: Sequence[Any],
    order: Sequence[int] | None = None,
) -> Accumulated:
    """Compute the Jacobian of f by vertex elimination.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are inputs, returns a flat sequence of outputs.
    inputs : sequence of real inexact arrays, NumPy scalars or Tracers
    order : sequence of int, optional
        Of all intermediate vertices; the cheapest order that is found, by default.

    Raises
    ------
    ArgumentError
        If f computes with complex numbers, or has too many elements; if the order is
        none of all intermediate vertices.
    """
    values, graph = _staged(f, inputs)
    known: list[Any] = []
    product = operator.mul if _is_overflown(values) else scale

    def run(*xs: Any) -> list[Any]:
        partials = local_partials(graph, xs)
        pattern = _pattern(partials)
        orders = _plan(pattern)
        taken = best_order(orders) if order is None else _given(pattern, order)
        check_size(taken.multiplications, "multiplications")
        outputs = [cell.vertex for cell in partials.outputs]
        reduced = Elimination(partials.edges, outputs, Scalars(product))
        reduced.eliminate_all(taken.vertices)
        known[:] = orders, taken, partials
        return [
            block for row in _blocks(reduced, partials, values, xs) for block in row
        ]

    # Where partials are infinite, a zero beside them wins; that is no news.
    with np.errstate(all="ignore"):
        flat, written = stage_function(run, inputs)
    orders, taken, partials = known
    n = len(inputs)
    return Accumulated(
        values,
        [flat[k * n : (k + 1) * n] for k in range(len(values))],
        orders,
        taken,
        partials,
        written,
    )


def elimination_orders(
    f: Callable[..., Sequence[Any]], inputs: Sequence[Any]
) -> list[Order]:
    """Tell what each order of elimination costs for the Jacobian of f, without it.

    Parameters
    ----------
    f, inputs
        As for `accumulate`.

    Returns
    -------
    list of Order
        Their multiplications come after f and its partial derivatives.
    """
    _, graph = _staged(f, inputs)
    orders: list[Order] = []

    def run(*xs: Any) -> list[Any]:
        orders.extend(_plan(_pattern(local_partials(graph, xs))))
        return []

    with np.errstate(all="ignore"):
        stage_function(run, inputs)
    return orders


def _staged(
    f: Callable[..., Sequence[Any]], inputs: Sequence[Any]
) -> tuple[list[Any], Graph]:
    # Loops and branches are Python's, every step is written out: unless there are no
    # values to decide by, in a body. There each is one operation, whose Jacobian is one
    # block.
    return stage_function(f, inputs, unrolled=all(map(has_value, inputs)))


_UNKNOWN = Unknown()
# For each vertex (u, edge) of the edges in; and the vertices of the outputs.
_Pattern = tuple[tuple[tuple[tuple[int, Any], ...], ...], tuple[int | None, ...]]


def _pattern(partials: Partials) -> _Pattern:
    """Say which edges there are; what is not known beforehand is Unknown."""
    edges = tuple(
        tuple((u, _UNKNOWN if isinstance(w, Tracer) else w) for u, w in into.items())
        for into in partials.edges
    )
    return edges, tuple(cell.vertex for cell in partials.outputs)


@functools.lru_cache(maxsize=256)
def _plan(pattern: _Pattern) -> tuple[Order, ...]:
    edges, outputs = pattern
    return tuple(
        try_orders(Elimination(list(map(dict, edges)), outputs, Scalars()), Scalars)
    )


def _given(pattern: _Pattern, order: Sequence[int]) -> Order:
    edges, outputs = pattern
    spent = Scalars()
    graph = Elimination(list(map(dict, edges)), outputs, spent)
    if sorted(order) != graph.intermediate:
        raise ArgumentError(
            f"the order {list(order)} does not name each intermediate vertex once; "
            f"these are {graph.intermediate}."
        )
    graph.eliminate_all(order)
    return Order("given", tuple(order), spent.multiplications, spent.additions)


def _is_overflown(ys: Sequence[Any]) -> bool:
    """Tell whether zeros are not to win: of log(1 + exp(1000)), which overflows, the
    zero in 0·inf is not that of a branch not taken. A Graph is for other values too."""
    return not staging.depth and not all(np.isfinite(memory(y)).all() for y in ys)


def _blocks(
    reduced: Elimination, partials: Partials, ys: Sequence[Any], xs: Sequence[Any]
) -> list[list[Any]]:
    """Arrange what is left of the edges as arrays."""
    rows, first_row = [], 0
    for y in ys:
        count = math.prod(y.shape)
        sinks = reduced.sinks[first_row : first_row + count]
        first_row += count
        blocks, first = [], 0
        for x in xs:
            size = math.prod(x.shape)
            sources = partials.inputs[first : first + size]
            first += size
            entries = [reduced.before[v].get(u, 0.0) for v in sinks for u in sources]
            blocks.append(_array(entries, y.shape + x.shape, y.dtype))
        rows.append(blocks)
    return rows


def _array(entries: Sequence[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    if not any(isinstance(entry, Tracer) for entry in entries):
        return np.array(entries, dtype).reshape(shape)[()]
    entries = [e if isinstance(e, Tracer) else dtype.type(e) for e in entries]
    block = np.reshape(np.stack(entries), shape)[()]
    return block if block.dtype == dtype else block.astype(dtype)
