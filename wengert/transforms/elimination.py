"""Vertex elimination: a Jacobian from partial derivatives, in any order.

Law: eliminating a vertex v, that is adding c_wv·c_vu to c_wu for each u before and each
w after it, leaves the Jacobian as it was; when only inputs and outputs are left, the
edges between them are the Jacobian (Griewank & Walther, 2008, ch. 9). Orders differ in
their cost alone: eliminated in the order of evaluation it is forward mode with sparse
tangents, from the end on reverse mode. The best order is hard to find, so several are
tried, and the cheapest is taken.

Worked example, `y = sin(x·z)·(x·z)`, and t = x·z: t has the edges z and x in, and
out, with s = sin t, `cos t` to s and `s` to y, while s has `t` to y. Eliminated from
the end: s (1 multiplication: t·cos t, added to s), then t (2). Forward: t (4), s (2).
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wengert.primitives.arithmetic import scale
from wengert.trace.tracer import Tracer

__all__ = [
    "Algebra",
    "Elimination",
    "Order",
    "Scalars",
    "Unknown",
    "best_order",
    "try_orders",
]

# Up to so many vertices all orders are tried: 2ⁿ sets, n·2ⁿ eliminations.
_EXHAUSTIVE = 7
# Moves that are tried to better the best order, and operations counted for them all.
_MOVES, _WORK = 300, 150_000

Edges = Sequence[Mapping[int, Any]]


class Algebra(Protocol):
    """How edges are multiplied and added, and what that has cost so far."""

    multiplications: int
    additions: int

    def times(self, later: Any, earlier: Any) -> Any:
        """Multiply the edge out of a vertex by one into it."""

    def plus(self, one: Any, other: Any) -> Any:
        """Add two parallel edges; None, if the sum is no edge."""


class Unknown:
    """An edge whose value is not known before the program runs."""

    def __mul__(self, _: Any) -> Unknown:
        return self

    def __add__(self, _: Any) -> Unknown:
        return self

    __rmul__ = __mul__
    __radd__ = __add__

    def __neg__(self) -> Unknown:
        return self

    def __repr__(self) -> str:
        return "?"


class Scalars:
    """The algebra of numbers, Tracers and Unknowns.

    What needs no multiplication is none: by 1 and −1, and of two numbers, which is
    computed once and for all; likewise for sums.

    Parameters
    ----------
    product : callable
        Multiplies Tracers; by default a zero wins over inf and nan, as in every Graph.
    """

    def __init__(self, product: Callable[[Any, Any], Any] = scale) -> None:
        self.multiplications = self.additions = 0
        self._product = product

    def times(self, later: Any, earlier: Any) -> Any:
        """Multiply."""
        for one, other in ((later, earlier), (earlier, later)):
            if _is_number(one) and one in (1, -1):
                return other if one == 1 else -other
        if _is_number(later) and _is_number(earlier):
            return later * earlier
        self.multiplications += 1
        if isinstance(later, Tracer) or isinstance(earlier, Tracer):
            return self._product(later, earlier)
        return later * earlier

    def plus(self, one: Any, other: Any) -> Any:
        """Add."""
        if not (_is_number(one) and _is_number(other)):
            self.additions += 1
            return one + other
        total = one + other
        return None if total == 0 else total


class Elimination:
    """A graph that loses its vertices one by one.

    Parameters
    ----------
    edges : sequence of dict
        For each vertex, in an order of evaluation, its edges in, by the vertex before.
    outputs : sequence of int or None
        The vertices of the outputs; each gets a sink of its own, joined by `one`.
    algebra : Algebra
    one : object
        The edge of an output to its sink.

    Attributes
    ----------
    before : dict
        Vertex → {u: edge}.
    after : dict
        Vertex → the vertices that it leads to, in order.
    sinks : list of int
        A vertex for each output, of which nothing is computed.
    """

    def __init__(
        self,
        edges: Edges,
        outputs: Sequence[int | None],
        algebra: Algebra,
        one: Callable[[int], Any] = lambda vertex: 1.0,
    ) -> None:
        self.algebra = algebra
        count = len(edges)
        self.sinks = list(range(count, count + len(outputs)))
        before = {v: dict(into) for v, into in enumerate(edges)}
        for sink, v in zip(self.sinks, outputs, strict=True):
            before[sink] = {} if v is None else {v: one(v)}
        useful = set(self.sinks)
        for v in sorted(before, reverse=True):
            if v in useful:
                useful.update(before[v])
        self.before = {v: into for v, into in before.items() if v in useful}
        self.after: dict[int, dict[int, None]] = {v: {} for v in self.before}
        for v, into in self.before.items():
            for u in into:
                self.after[u][v] = None

    @property
    def intermediate(self) -> list[int]:
        """What is left to eliminate, in the order of evaluation."""
        return [v for v, into in self.before.items() if into and self.after[v]]

    def copy(self, algebra: Algebra) -> Elimination:
        """Make the same graph again, to be reduced apart."""
        other = Elimination([], [], algebra)
        other.sinks = self.sinks
        other.before = {v: dict(into) for v, into in self.before.items()}
        other.after = {v: dict(out) for v, out in self.after.items()}
        return other

    def eliminate(self, v: int) -> None:
        """Join what leads to v with what v leads to."""
        into, algebra = self.before.pop(v), self.algebra
        for w in self.after.pop(v):
            edges = self.before[w]
            later = edges.pop(v)
            for u, earlier in into.items():
                edge = algebra.times(later, earlier)
                if u in edges:
                    edge = algebra.plus(edges[u], edge)
                if edge is None:
                    del edges[u], self.after[u][w]
                else:
                    edges[u] = edge
                    self.after[u][w] = None
        for u in into:
            del self.after[u][v]

    def eliminate_all(self, order: Iterable[int]) -> Elimination:
        """Eliminate vertices in this order; some may have lost all their edges."""
        for v in order:
            self.eliminate(v)
        return self

    def neighbours(self, v: int) -> list[int]:
        """Give the vertices beside v that are still to be eliminated."""
        beside = [*self.before[v], *self.after[v]]
        return [u for u in beside if self.before[u] and self.after[u]]


@dataclass(frozen=True)
class Order:
    """An order of elimination and its cost.

    Attributes
    ----------
    name : str
        "forward", "reverse", "Markowitz", "Markowitz from the outputs", "cheapest",
        "relative Markowitz", "exhaustive", "refined"; "given" by the caller.
    vertices : tuple of int
    multiplications, additions : int
        Of edges; those of which the result is known beforehand do not count.
    """

    name: str
    vertices: tuple[int, ...]
    multiplications: int
    additions: int

    @property
    def price(self) -> tuple[int, int]:
        """What orders are compared by."""
        return self.multiplications, self.additions


def try_orders(start: Elimination, algebra: Callable[[], Algebra]) -> list[Order]:
    """Find out what each order costs, on a graph that stays as it is.

    Parameters
    ----------
    start : Elimination
        Its edges may be Unknown: what counts is which there are.
    algebra : callable
        Makes a fresh algebra, which has cost nothing.
    """
    vertices = start.intermediate
    found = [
        _costed("forward", start, algebra, vertices),
        _costed("reverse", start, algebra, vertices[::-1]),
    ]
    greedy = {
        "Markowitz": (_degree, 1),
        "Markowitz from the outputs": (_degree, -1),
        "cheapest": (_exact(algebra), -1),
        "relative Markowitz": (_relative(start), -1),
    }
    for name, (price, tie) in greedy.items():
        graph = start.copy(algebra())
        found.append(_order(name, _greedily(graph, vertices, price, tie), graph))
    if len(vertices) <= _EXHAUSTIVE:
        found.append(_exhaustive(start, algebra, vertices))
    else:
        found.append(_refined(best_order(found), start, algebra))
    return found


def best_order(orders: Iterable[Order]) -> Order:
    """Take the order of the fewest multiplications, the first of those that tie."""
    return min(orders, key=lambda order: order.price)


Price = Callable[[Elimination, int], int]


def _costed(
    name: str,
    start: Elimination,
    algebra: Callable[[], Algebra],
    vertices: Sequence[int],
) -> Order:
    graph = start.copy(algebra())
    return _order(name, vertices, graph.eliminate_all(vertices))


def _order(name: str, vertices: Iterable[int], graph: Elimination) -> Order:
    spent = graph.algebra
    return Order(name, tuple(vertices), spent.multiplications, spent.additions)


def _greedily(
    graph: Elimination, vertices: Sequence[int], price: Price, tie: int
) -> list[int]:
    """Eliminate the vertex of the least price, again and again."""
    prices = {v: price(graph, v) for v in vertices}
    heap = [(p, tie * v) for v, p in prices.items()]
    heapq.heapify(heap)
    order = []
    while heap:
        p, key = heapq.heappop(heap)
        v = tie * key
        if prices.get(v) != p:
            continue  # its price has changed, or it is gone
        del prices[v]
        beside = [u for u in graph.neighbours(v) if u in prices]
        graph.eliminate(v)
        order.append(v)
        for u in beside:
            changed = price(graph, u)
            if changed != prices[u]:
                prices[u] = changed
                heapq.heappush(heap, (changed, tie * u))
    return order


def _degree(graph: Elimination, v: int) -> int:
    """Give the Markowitz degree: edges in times edges out."""
    return len(graph.before[v]) * len(graph.after[v])


def _exact(algebra: Callable[[], Algebra]) -> Price:
    """Make the price that counts the multiplications which have to be done."""

    def price(graph: Elimination, v: int) -> int:
        spent = algebra()
        for w in graph.after[v]:
            later = graph.before[w][v]
            for earlier in graph.before[v].values():
                spent.times(later, earlier)
        return spent.multiplications

    return price


def _relative(start: Elimination) -> Price:
    """Make the price of Markowitz, less that of the vertex were it eliminated last:
    the inputs that it depends on times the outputs that depend on it."""
    vertices = list(start.before)
    inputs: dict[int, set[int]] = {}
    for v in vertices:
        into = start.before[v]
        inputs[v] = set().union(*(inputs[u] for u in into)) if into else {v}
    outputs: dict[int, set[int]] = {}
    for v in reversed(vertices):
        after = start.after[v]
        outputs[v] = set().union(*(outputs[w] for w in after)) if after else {v}
    last = {v: len(inputs[v]) * len(outputs[v]) for v in vertices}
    return lambda graph, v: _degree(graph, v) - last[v]


def _exhaustive(start: Elimination, algebra: Any, vertices: list[int]) -> Order:
    """Try all orders. What is left after a set of vertices does not depend on the
    order in which they went, so the best way to each set is found from smaller sets."""
    best = {frozenset[int](): (Order("exhaustive", (), 0, 0), start)}
    for _ in vertices:
        larger: dict[frozenset[int], tuple[Order, Elimination]] = {}
        for gone, (order, graph) in best.items():
            for v in vertices:
                if v in gone:
                    continue
                spent = algebra()
                rest = graph.copy(spent)
                rest.eliminate(v)
                longer = Order(
                    order.name,
                    (*order.vertices, v),
                    order.multiplications + spent.multiplications,
                    order.additions + spent.additions,
                )
                key = gone | {v}
                if key not in larger or longer.price < larger[key][0].price:
                    larger[key] = longer, rest
        best = larger
    return next(iter(best.values()))[0]


def _refined(order: Order, start: Elimination, algebra: Callable[[], Algebra]) -> Order:
    """Move one vertex at a time to another place, and keep what is no dearer."""
    choose = random.Random(len(order.vertices)).randrange
    best = _costed("refined", start, algebra, order.vertices)
    for _ in range(min(_MOVES, _WORK // (1 + sum(order.price)))):
        moved = list(best.vertices)
        v = moved.pop(choose(len(moved)))
        moved.insert(choose(len(moved) + 1), v)
        found = _costed("refined", start, algebra, moved)
        if found.price <= best.price:
            best = found
    return best


def _is_number(edge: Any) -> bool:
    return not isinstance(edge, Tracer | Unknown)
