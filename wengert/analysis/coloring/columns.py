"""Colours of columns: two that have an entry in the same row get two colours.

So the product with the sum of the unit vectors of one colour holds each entry of these
columns, each in a place of its own (Curtis, Powell & Reid, 1974).

Bands and grids are coloured by a formula, if one fits (grids.py). Otherwise columns are
coloured one by one, each with the first colour that no neighbour has.

References
----------
Gebremedhin, Manne & Pothen (2005), What color is your Jacobian?, SIAM Review 47(4).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import scipy.sparse

from wengert.analysis.coloring.grids import color_grid
from wengert.errors import ArgumentError

__all__ = ["ORDERS", "color_columns", "greedy", "neighbours"]

# With more pairs of columns that meet in a row, no colouring is worth its search.
_MOST_PAIRS = 40_000_000
# Orders that look at each neighbour again are for graphs of up to so many pairs.
_FEW_PAIRS = 300_000


def color_columns(pattern: Any, order: str = "auto") -> Any:
    """Colour the columns of a pattern.

    Parameters
    ----------
    pattern : csr_array (m, n)
        Of which only the places of the entries matter.
    order : str
        "natural", "largest_first", "smallest_last" or "incidence": the order in which
        columns get their colours. "auto" takes the fewest colours of a formula for
        grids, the natural order and, for matrices that are not large, the others.

    Returns
    -------
    array (n,) of int
        A colour for each column, from 0; -1 for one without entries.

    Raises
    ------
    ArgumentError
        If there is no such order.

    Notes
    -----
    Cost: of the order of the pairs of entries that share a row.

    Examples
    --------
    >>> offsets = np.subtract.outer(np.arange(6), np.arange(6))
    >>> color_columns(scipy.sparse.csr_array(abs(offsets) <= 1))
    array([0, 1, 2, 0, 1, 2])
    """
    if order != "auto" and order not in ORDERS:
        raise ArgumentError(f"order={order!r}; it is one of auto, {', '.join(ORDERS)}")
    pattern = scipy.sparse.csr_array(pattern)
    best = color_grid(pattern) if order == "auto" else None
    lengths = np.diff(pattern.indptr).astype(np.int64)
    fewest = int(lengths.max(initial=0))
    if best is not None and _count(best) <= fewest:
        return _without_empty(best, pattern)
    if int((lengths**2).sum()) > _MOST_PAIRS:
        each = np.arange(pattern.shape[1])
        return _without_empty(each if best is None else best, pattern)
    meeting = neighbours(pattern)
    names: Iterable[str] = [order]
    if order == "auto":
        names = ORDERS if meeting.nnz <= _FEW_PAIRS else ["natural"]
    for name in names:
        found = greedy(meeting, ORDERS[name](meeting))
        if best is None or _count(found) < _count(best):
            best = found
        if _count(best) <= fewest:
            break
    return _without_empty(best, pattern)


def neighbours(pattern: Any) -> Any:
    """Give the graph of columns that meet in a row, as csr_array; each meets itself."""
    ones = np.ones(pattern.nnz, bool)
    plain = scipy.sparse.csr_array(
        (ones, pattern.indices, pattern.indptr), shape=pattern.shape
    )
    return plain.T.tocsr() @ plain


def greedy(graph: Any, order: Iterable[int]) -> Any:
    """Give each vertex of a graph, in an order, the first colour that no neighbour
    has."""
    adjacent, starts = graph.indices.tolist(), graph.indptr.tolist()
    colors = [-1] * graph.shape[0]
    of = colors.__getitem__
    for v in order:
        taken = set(map(of, adjacent[starts[v] : starts[v + 1]]))
        color = 0
        while color in taken:
            color += 1
        colors[v] = color
    return np.array(colors, int)


# ----- orders -----


def _natural(graph: Any) -> Sequence[int]:
    return range(graph.shape[0])


def _largest_first(graph: Any) -> Sequence[int]:
    order: list[int] = np.argsort(-np.diff(graph.indptr), kind="stable").tolist()
    return order


def _smallest_last(graph: Any) -> Sequence[int]:
    """Take away the vertex with the fewest neighbours left, again and again; the last
    one taken is coloured first."""
    return _by_heap(graph, np.diff(graph.indptr).tolist(), -1)[::-1]


def _incidence(graph: Any) -> Sequence[int]:
    """Colour next what has the most neighbours that are coloured."""
    return _by_heap(graph, [0] * graph.shape[0], -1)


def _by_heap(graph: Any, keys: list[int], step: int) -> list[int]:
    """Take the vertex of the least key, and change those of its neighbours."""
    adjacent, starts = graph.indices.tolist(), graph.indptr.tolist()
    heap = [(key, v) for v, key in enumerate(keys)]
    heapq.heapify(heap)
    taken = bytearray(graph.shape[0])
    order: list[int] = []
    while heap:
        key, v = heapq.heappop(heap)
        if taken[v] or key != keys[v]:
            continue
        taken[v] = 1
        order.append(v)
        for w in adjacent[starts[v] : starts[v + 1]]:
            if not taken[w]:
                keys[w] += step
                heapq.heappush(heap, (keys[w], w))
    return order


ORDERS: dict[str, Callable[[Any], Sequence[int]]] = {
    "natural": _natural,
    "largest_first": _largest_first,
    "smallest_last": _smallest_last,
    "incidence": _incidence,
}


def _count(colors: Any) -> int:
    return int(colors.max(initial=-1)) + 1


def _without_empty(colors: Any, pattern: Any) -> Any:
    """Take the colours of empty columns away, and number the others anew."""
    filled = np.zeros(pattern.shape[1], bool)
    filled[pattern.indices] = True
    colors = np.where(filled, colors, -1)
    _, renamed = np.unique(colors[filled], return_inverse=True)
    colors[filled] = renamed
    return colors
