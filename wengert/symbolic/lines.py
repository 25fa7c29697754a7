"""A Graph as lines of formulas.

A short program is written out, and then its common subexpressions get names. In a long
one values are named before they are written, since written out it may have more
operations than there are atoms: `for _ in range(300): x = x * x + 1`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sympy
from sympy.logic.boolalg import Boolean

from wengert.engines.sympy import array_of, truth, values_of
from wengert.graph import Graph, Guard, Var
from wengert.passes import prune, simplify
from wengert.symbolic.conversion import operations

__all__ = ["LEGIBLE", "Lines", "written"]

# Formulas of more operations are named before they are written.
LEGIBLE = 2000
# Below, a formula is short enough without names.
_SHORT = 24
# A value that is used once has a line of its own from this many operations on.
_LONG = 40

Line = tuple[Any, Any]


class Lines(NamedTuple):
    """Named subexpressions, what is made of them, and the conditions."""

    lines: list[Line]
    outputs: list[Any]
    conditions: list[Any]


class Swollen(Exception):  # noqa: N818
    """Say that a formula grows too long to be written out."""


def written(graph: Graph, symbols: Sequence[Any], names: Iterator[Any]) -> Lines:
    """Write a Graph down, in lines if it is long.

    Parameters
    ----------
    graph : Graph
    symbols : sequence of arrays of SymPy symbols
        Of its inputs.
    names : iterator of SymPy symbols
        For the lines.
    """
    graph = prune(simplify(graph))
    try:
        return _written_out(graph, symbols, names)
    except Swollen:
        return _in_lines(graph, symbols, names)


def _written_out(graph: Graph, symbols: Sequence[Any], names: Iterator[Any]) -> Lines:
    counts: dict[Any, int] = {}

    def check(_: Var, array: Any) -> Any:
        if operations(array.flat, counts) > LEGIBLE:
            raise Swollen
        return array

    value = values_of(graph, symbols, check)
    outputs = [value(atom) for atom in graph.outputs]
    conditions = _conditions(graph.guards, value)
    formulas = [e for array in outputs for e in array.flat]
    if operations(formulas) < _SHORT:
        return Lines([], outputs, conditions)
    lines, reduced = _shared(formulas, names)
    rest = iter(reduced)
    return Lines(
        lines,
        [array_of([next(rest) for _ in a.flat], a.shape) for a in outputs],
        conditions,
    )


def _shared(formulas: list[Any], names: Iterator[Any]) -> tuple[list[Line], list[Any]]:
    """Name common subexpressions, but not multiples such as 2*x."""
    places = (sympy.Dummy() for _ in itertools.count())
    found, reduced = sympy.cse(formulas, symbols=places, order="none", list=True)
    known: dict[Any, Any] = {}
    lines: list[Line] = []
    for place, e in found:
        e = e.xreplace(known)
        is_multiple = e.is_Mul and sum(not a.is_Number for a in e.args) < 2
        known[place] = e if is_multiple else next(names)
        if not is_multiple:
            lines.append((known[place], e))
    return lines, [e.xreplace(known) for e in reduced]


def _in_lines(graph: Graph, symbols: Sequence[Any], names: Iterator[Any]) -> Lines:
    uses = Counter(atom for e in graph.equations for atom in e.inputs)
    lines: list[Line] = []

    def named(e: Any, often: bool) -> Any:
        count = operations([e])
        if count < 2 or isinstance(e, Boolean) or not (often or count > _LONG):
            return e
        lines.append((next(names), e))
        return lines[-1][0]

    def name(var: Var, array: Any) -> Any:
        often = uses[var] > 1
        return array_of((named(e, often) for e in array.flat), array.shape)

    value = values_of(graph, symbols, name)
    outputs = [value(atom) for atom in graph.outputs]
    conditions = _conditions(graph.guards, value)
    used = [*(e for array in outputs for e in array.flat), *conditions]
    return Lines(_needed(lines, used), outputs, conditions)


def _needed(lines: Sequence[Line], used: Sequence[Any]) -> list[Line]:
    wanted = {s for e in used for s in e.free_symbols}
    kept = []
    for s, e in reversed(lines):
        if s in wanted:
            kept.append((s, e))
            wanted |= e.free_symbols
    return kept[::-1]


def _conditions(guards: Sequence[Guard], value: Any) -> list[Any]:
    """Write what the program was told as conditions, each once."""
    found: dict[Any, None] = {}
    for guard in guards:
        e = value(guard.var)[()]
        if isinstance(guard.told, bool):
            condition = truth(e) if guard.told else sympy.Not(truth(e))
        else:
            condition = sympy.Eq(e, guard.told)
        found[condition] = None
    return [c for c in found if c != sympy.true]
