"""The sweep back over a graph, from the latest vertex to the earliest.

Law: as that of a tape, x̄ = Jᵀȳ. What the outputs were made of is collected first, and
put in order of birth; nothing else is visited.

With `create_graph`, the values that an entry holds are made tensors again, each with
the vertex that it came from, so that the sweep is recorded as any other computation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from typing import Any

from wengert.errors import FreedGraphError, MissingRuleError, user_source
from wengert.graph.types import ArrayType, is_inexact
from wengert.imperative.hooks import run_hooks
from wengert.imperative.ledger import Ledger
from wengert.imperative.recording import recording
from wengert.imperative.vertices import FREED, LEAF, Entry, Vertex, parents, place
from wengert.transforms.buffer import Buffer
from wengert.transforms.pullback import Pullback
from wengert.transforms.recorders import SAVED
from wengert.transforms.reverse import (
    pull_any,
    pull_attached,
    pull_slot,
    pull_structured,
)
from wengert.transforms.writing import pull_write

__all__ = ["Sweep"]

Product = Callable[[Any, Any], Any]


class Sweep(Pullback):
    """One sweep from some vertices.

    Parameters
    ----------
    ledger : Ledger
    roots : sequence of Vertex
    values : sequence
        The values of the tensors that these belong to.
    wanted : collection of Vertex, optional
        Where cotangents are asked for; by default at leaves and at what retains them.
    create_graph : bool

    Attributes
    ----------
    found : dict
        Vertex → its cotangent, a tensor if a graph was created.
    """

    def __init__(
        self,
        ledger: Ledger,
        roots: Sequence[Vertex],
        values: Sequence[Any],
        wanted: Collection[Vertex] | None,
        create_graph: bool,
    ) -> None:
        super().__init__([], ledger.captured, [], [], values)
        self._ledger, self._roots = ledger, roots
        self._wanted, self._create_graph = wanted, create_graph
        # What is older than all that is wanted need not be swept.
        self._first = min((v.birth for v in wanted), default=0) if wanted else 0
        self._order: list[Vertex] = []
        self.found: dict[Vertex, Any] = {}

    def run(self, y_bars: Sequence[Any], retain_graph: bool) -> None:
        """Sweep, and free what was visited unless told otherwise.

        Raises
        ------
        FreedGraphError
            If an earlier sweep has freed part of the graph.
        """
        self._order = self._in_order()
        before, recording.on = recording.on, self._create_graph
        try:
            self(y_bars)
        finally:
            recording.on = before
        if not retain_graph:
            for vertex in self._order:
                if vertex.entry is not LEAF:
                    vertex.entry = FREED

    def _in_order(self) -> list[Vertex]:
        """Collect what the roots were made of, the latest first."""
        first, seen = self._first, set(self._roots)
        waiting = list(seen)
        while waiting:
            vertex = waiting.pop()
            if vertex.entry is FREED:
                raise _freed(vertex)
            for parent in parents(vertex.entry):
                if parent not in seen and parent.birth >= first:
                    seen.add(parent)
                    waiting.append(parent)
        return sorted(seen, key=_birth, reverse=True)

    def _sweep(self, y_bars: Sequence[Any], product: Product) -> list[Any]:
        self.found = {}
        bars: Any = _Bars.fromkeys(self._order)
        for vertex, y_bar in zip(self._roots, y_bars, strict=True):
            bar = bars[vertex]
            bars[vertex] = y_bar if bar is None else bar + y_bar
        uses = self._ledger.captured
        everywhere, create_graph = self._wanted is not None, self._create_graph
        for vertex in self._order:
            bar = bars[vertex]
            if bar is None:
                continue
            bars[vertex] = None
            entry = vertex.entry
            pull: Any = entry[0] if entry else None
            if type(bar) is Buffer and pull is not pull_write:
                bar = bar.finished()
            if everywhere or pull is None or vertex.notes is not None:
                bar = self._seen(vertex, bar)
            if pull is None:
                continue
            if uses.any:
                uses.verify(entry)
            if create_graph:
                entry = lifted(self._ledger, vertex)
            pull(bars, bar, entry, product)
        return list(self.found.values())

    def _seen(self, vertex: Vertex, bar: Any) -> Any:
        """Show a cotangent to hooks, and keep it where it is asked for."""
        known = vertex.known
        if self._wanted is None:
            keeps = known.retains or vertex.entry is LEAF
        else:
            keeps = vertex in self._wanted
        if keeps or known.hooks:
            bar = bar.finished() if type(bar) is Buffer else bar
        if known.hooks:
            bar = run_hooks(vertex, bar, self._as_tensor)
            if self._ledger.holds(bar) and not self._create_graph:
                bar = bar.value
        if keeps:
            self.found[vertex] = bar
        return bar

    def _as_tensor(self, bar: Any) -> Any:
        return bar if self._ledger.holds(bar) else self._ledger.constant(bar)


class _Bars(dict[Any, Any]):
    """The cotangents by vertex; those older than what is wanted are of no account."""

    def __missing__(self, vertex: Vertex) -> None:
        return None


_birth = operator.attrgetter("birth")


def _freed(vertex: Vertex) -> FreedGraphError:
    name = f" (at {vertex.known.label!r})" if vertex.known.label else ""
    return FreedGraphError(
        f"this graph was swept before{name}, and what the sweep needs was freed "
        f"(at {user_source()}). Say retain_graph=True in the first backward() or "
        "grad() through it, or compute the loss anew."
    )


def lifted(ledger: Ledger, vertex: Vertex) -> Entry:
    """Give the entry of a vertex with tensors for the values in it.

    Raises
    ------
    MissingRuleError
        If its pullback is one function, of which no one knows the values.
    """
    entry = vertex.entry
    pull = entry[0]
    if pull is pull_any:
        return _any_lifted(ledger, vertex)
    if pull is pull_attached or pull is pull_structured:
        raise MissingRuleError(
            "create_graph=True through a custom rule, a branch or a loop (at "
            f"{user_source()}): its pullback is recorded for one sweep only. Take "
            "wengert.grad of a function for the inner derivative."
        )
    parts: list[Any] = list(entry)
    for at, owner in SAVED.get(pull, ()):
        if parts[at] is not None:
            parts[at] = ledger.tensor_of(entry[owner] if owner else vertex, parts[at])
    return tuple(parts)


def _any_lifted(ledger: Ledger, vertex: Vertex) -> Entry:
    pull, parents, row, x, y, params, wanted = vertex.entry
    x = list(x)
    for i, parent in zip(wanted, parents, strict=True):
        if parent is not None and not isinstance(x[i], ArrayType):
            x[i] = ledger.tensor_of(parent, x[i])
    if row.is_tuple:
        y = tuple(_part(ledger, vertex, j, v, len(y)) for j, v in enumerate(y))
    elif y is not None:
        y = ledger.tensor_of(vertex, y)
    return pull, parents, row, tuple(x), y, params, wanted


def _part(ledger: Ledger, whole: Vertex, j: int, value: Any, count: int) -> Any:
    if not is_inexact(value.dtype):
        return value
    known = whole.known.parts.get(j)
    vertex = known() if known is not None else None
    if vertex is None:
        vertex = place(ledger, (pull_slot, whole, j, count))
    return ledger.constant(value) if vertex is None else ledger.tensor_of(vertex, value)
