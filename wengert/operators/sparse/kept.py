"""Patterns and colours that are kept from one call to the next, and when they hold.

They depend on the Graph of the linear map alone, and on the captured arrays that the
pattern relies on: so both are compared at each call. Where a compiled program is being
recorded, the arrays are asked there too, and the answer is a guard of the program.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.analysis.sparsity import (
    NUMBERS,
    Condition,
    dependence,
)
from wengert.errors import DensePatternError
from wengert.graph import Graph
from wengert.passes.fingerprint import fingerprint, numbers
from wengert.trace.staging import GraphLevel
from wengert.trace.tracer import Tracer
from wengert.trace.views import known_value

__all__ = ["Kept", "recording"]

_MOST = 16  # Graphs, and sets of captured arrays for each; the oldest goes


class Kept:
    """What is known of the linear maps of one function.

    Parameters
    ----------
    compress : callable
        Makes what is kept of a pattern.
    limit : int, optional
        The most entries of a pattern; with more, None is kept. By default that is an
        error.
    """

    def __init__(
        self, compress: Callable[[Any], Any], limit: int | None = None
    ) -> None:
        self._compress, self._limit = compress, limit
        self._lock = threading.Lock()
        self._known: dict[Any, list[tuple[tuple[Condition, ...], Any]]] = {}

    def find(self, graph: Graph, varying: Sequence[int], xs: Sequence[Any]) -> Any:
        """Give what `compress` makes of the pattern of a Graph, made now or before."""
        with self._lock:
            conditions, made = self._remembered(graph, varying)
        for condition in conditions:
            _ask(condition, graph, xs)
        return made

    def _remembered(
        self, graph: Graph, varying: Sequence[int]
    ) -> tuple[tuple[Condition, ...], Any]:
        known = self._known.setdefault(fingerprint(graph), [])
        floats = numbers(graph)
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        for found in known:
            if all(_holds(condition, graph, floats) for condition in found[0]):
                return found
        conditions, made = self._made(graph, varying)
        conditions = tuple(
            c._replace(value=floats) if c.capture == NUMBERS else c for c in conditions
        )
        found = conditions, made
        known.insert(0, found)
        del known[_MOST:]
        return found

    def _made(
        self, graph: Graph, varying: Sequence[int]
    ) -> tuple[tuple[Condition, ...], Any]:
        if self._limit is None:
            pattern, conditions = dependence(graph, varying)
        else:
            try:
                pattern, conditions = dependence(graph, varying, self._limit)
            except DensePatternError:
                return (), None
        return conditions, self._compress(pattern)


def _holds(condition: Condition, graph: Graph, floats: Any) -> bool:
    if condition.capture == NUMBERS:
        return bool(condition.value == floats)
    return condition.holds(known_value(graph.captures[condition.capture].value))


def _ask(condition: Condition, graph: Graph, xs: Sequence[Any]) -> None:
    """Ask what is traced whether a condition holds: it does, and that is kept."""
    if condition.capture == NUMBERS:
        return  # a Graph's own numbers do not change
    value = graph.captures[condition.capture].value
    if isinstance(value, Tracer):
        asked = [value]
    else:
        asked = [level.captured(value) for level in recording(graph, xs)]
    for array in asked:
        if condition.places is None:
            bool(np.all(np.equal(array, condition.value)))
        else:
            places = np.flatnonzero(condition.places)
            bool(np.any(np.not_equal(np.ravel(array)[places], 0)))


def recording(graph: Graph, xs: Sequence[Any]) -> list[GraphLevel]:
    """List the levels of Graphs that are being recorded around this call, the newest
    first."""
    found: dict[int, GraphLevel] = {}
    for x in (*xs, *(capture.value for capture in graph.captures)):
        while isinstance(x, Tracer):
            if isinstance(x.level, GraphLevel):
                found[x.level.number] = x.level
            x = x.value
    return list(found.values())
