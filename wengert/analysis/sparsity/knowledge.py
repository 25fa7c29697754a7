"""What is known, without running a Graph, of values that do not vary: index arrays, and
zeros of constant matrices.

A pattern may rely on such values. What it has relied on is told as conditions, since a
captured array may be written to between two calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import ControlFlowError
from wengert.graph import Atom, Equation, Graph, Literal, Structured, Var
from wengert.graph.evaluate import run_equation
from wengert.trace.views import known_value

__all__ = ["NUMBERS", "Condition", "Facts", "Knowledge", "OfEquation"]


NUMBERS = -1


class Condition(NamedTuple):
    """What a pattern relies on.

    Attributes
    ----------
    capture : int
        The position of an array among the captures of the Graph; NUMBERS, which is no
        position, where it relies on the floats that are written into the Graph.
    places : array of bool, or None
        Where the array is zero; None if it is all of `value`.
    value : array or None
    """

    capture: int
    places: Any
    value: Any

    def holds(self, array: Any) -> bool:
        """Tell whether it holds of a plain array."""
        if self.places is None:
            return bool(
                array.dtype == self.value.dtype and np.array_equal(array, self.value)
            )
        return not np.any(array[self.places])


class Facts:
    """The captured arrays of a Graph, and what was relied on of them so far."""

    def __init__(self, graph: Graph) -> None:
        self._arrays = [_plain(capture.value) for capture in graph.captures]
        self._wholly: dict[int, Condition] = {}
        self._zeros: dict[int, Condition] = {}

    def array(self, capture: int) -> Any:
        """Give a captured array, without relying on it; None in the body of a loop that
        is being traced, where it has no values."""
        return self._arrays[capture]

    def rely_on(self, captures: Iterable[int]) -> None:
        """Rely on all of some captured arrays, or on NUMBERS."""
        for k in captures:
            if k not in self._wholly:
                value = None if k == NUMBERS else np.array(self._arrays[k])
                self._wholly[k] = Condition(k, None, value)

    def rely_on_zeros(self, capture: int) -> None:
        """Rely on the zeros of a captured array."""
        if capture not in self._zeros:
            places = np.asarray(self._arrays[capture] == 0)
            self._zeros[capture] = Condition(capture, places, None)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them."""
        zeros = (c for k, c in self._zeros.items() if k not in self._wholly)
        return (*self._wholly.values(), *zeros)


class _Value(NamedTuple):
    """A known value, and the captures that it was computed from."""

    value: Any
    sources: frozenset[int]


class Knowledge:
    """What is known of the vars of one Graph that depend on constants alone.

    Parameters
    ----------
    graph : Graph
    facts : Facts
    given : mapping of Var to known values, optional
        Of inputs: in the body of a loop.
    """

    def __init__(
        self, graph: Graph, facts: Facts, given: Mapping[Var, Any] | None = None
    ) -> None:
        self._graph, self._facts = graph, facts
        self._found: dict[Var, _Value | None] = dict(given or {})
        self._captures: dict[Var, int] = {}
        for position, capture in enumerate(graph.captures):
            value = facts.array(position)
            sources = frozenset([position])
            self._found[capture.var] = None if value is None else _Value(value, sources)
            self._captures[capture.var] = position
        self._producers: dict[Var, Equation] = {}

    def note(self, equation: Equation) -> None:
        """Remember who gives a var, should its value be asked for."""
        if not isinstance(equation.primitive, Structured):
            for var in equation.outputs:
                self._producers[var] = equation

    def tell(self, var: Var, value: Any) -> None:
        """Remember what is known of a var; None for nothing."""
        self._found[var] = value

    def of(self, atom: Atom) -> _Value | None:
        """Give what is known of an atom, without relying on it."""
        if isinstance(atom, Literal):
            is_float = isinstance(atom.value, float | complex | np.inexact)
            sources = frozenset([NUMBERS]) if is_float else frozenset()
            return _Value(np.asarray(atom.value), sources)
        pending = [atom]
        while pending:  # no recursion: a chain may be long
            var = pending[-1]
            if var in self._found:
                pending.pop()
                continue
            equation = self._producers.get(var)
            if equation is None:
                self._found[var] = None
                continue
            inputs = [a for a in equation.inputs if isinstance(a, Var)]
            missing = [a for a in inputs if a not in self._found]
            if missing:
                pending += missing
            elif any(self._found[a] is None for a in inputs):
                self._found.update(dict.fromkeys(equation.outputs))
            else:
                self._compute(equation, inputs)
        return self._found[atom]

    def rely_on(self, atom: Atom) -> Any:
        """Give the value of an atom, and rely on it; None if it is not known."""
        found = self.of(atom)
        if found is None:
            return None
        self._facts.rely_on(found.sources)
        return found.value

    def nonzero(self, atom: Atom) -> Any:
        """Give where an atom is not zero, and rely on that; None if it is nowhere
        zero, or not known."""
        found = self.of(atom)
        if found is None or np.all(found.value):
            return None
        if isinstance(atom, Var) and atom in self._captures:
            self._facts.rely_on_zeros(self._captures[atom])
        elif isinstance(atom, Var):
            self._facts.rely_on(found.sources)
        return np.asarray(found.value != 0)

    def _compute(self, equation: Equation, inputs: list[Var]) -> None:
        values = {a: self._found[a].value for a in inputs}  # type: ignore[union-attr]
        sources: frozenset[int] = frozenset().union(
            *(self.of(a).sources for a in equation.inputs)  # type: ignore[union-attr]
        )
        with np.errstate(all="ignore"):
            results = run_equation(self._graph, equation, values)
        for var, y in zip(equation.outputs, results, strict=True):
            self._found[var] = _Value(np.asarray(y), sources)


class OfEquation:
    """What is known of the inputs of one equation, by their numbers."""

    def __init__(
        self, knowledge: Knowledge, equation: Equation, varying: frozenset[int]
    ) -> None:
        self._knowledge, self._equation = knowledge, equation
        self._varying = varying

    def value(self, i: int) -> Any:
        """Give the value of input i, and rely on it; None if it is not known."""
        if i in self._varying:
            return None
        return self._knowledge.rely_on(self._equation.inputs[i])

    def nonzero(self, i: int) -> Any:
        """Give where input i is not zero, and rely on that; None if it has no zeros, or
        is not known."""
        if i in self._varying:
            return None
        return self._knowledge.nonzero(self._equation.inputs[i])


def _plain(value: Any) -> Any:
    try:
        return known_value(value)
    except ControlFlowError:
        return None
