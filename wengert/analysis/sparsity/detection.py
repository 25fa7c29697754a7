"""The pattern of the outputs of a Graph: which depend on which of some inputs.

Each equation makes of the patterns of its inputs that of its output; nothing is done
element by element in Python. The pattern is a superset of the true one, for all values
of the inputs that take the branches of the Graph, as long as its conditions hold.

Example: of `y = x[1:] * x[:-1]`, with x of three elements,

    x             1 · ·   · 1 ·   · · 1
    x[1:]         · 1 ·   · · 1
    x[:-1]        1 · ·   · 1 ·
    y             1 1 ·   · 1 1

See Griewank & Walther (2008), Evaluating Derivatives, ch. 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wengert.analysis.sparsity.equations import transfer
from wengert.analysis.sparsity.knowledge import (
    Condition,
    Facts,
    Knowledge,
    OfEquation,
)
from wengert.analysis.sparsity.patterns import (
    MOST_ENTRIES,
    Pattern,
    carry,
    empty,
    identity,
    stacked,
    union,
)
from wengert.analysis.sparsity.questions import Question
from wengert.analysis.sparsity.structured import STRUCTURED
from wengert.errors import DensePatternError
from wengert.graph import Atom, Equation, Graph, Structured, Var
from wengert.graph.dependence import active_inputs
from wengert.graph.types import is_inexact
from wengert.graph.walk import releases

__all__ = ["Dependence", "Run", "dependence"]


class Dependence(NamedTuple):
    """How the outputs of a Graph depend on inputs.

    Attributes
    ----------
    pattern : csr_array of bool
        A row for each element of the outputs, one output after the other; a column for
        each element of the inputs that vary. Indices are sorted.
    conditions : tuple of Condition
        What this relies on, besides the Graph.
    """

    pattern: Pattern
    conditions: tuple[Condition, ...]


def dependence(
    graph: Graph, varying: Sequence[int], limit: int = MOST_ENTRIES
) -> Dependence:
    """Find which elements of the outputs depend on which of some inputs.

    Parameters
    ----------
    graph : Graph
    varying : sequence of int
        The positions of the inputs that vary.
    limit : int
        The most entries that a pattern may have on the way.

    Returns
    -------
    Dependence

    Raises
    ------
    DensePatternError
        If there are more.

    Notes
    -----
    Cost: for each equation a few passes over the entries of its pattern.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import trace
    >>> graph = trace(lambda x: x[1:] * x[:-1], np.ones(3))
    >>> dependence(graph, [0]).pattern.toarray().astype(int)
    array([[1, 1, 0],
           [0, 1, 1]])
    """
    inputs = [graph.inputs[i] for i in varying]
    columns = sum(var.type.size for var in inputs)
    patterns, start = {}, 0
    for var in inputs:
        patterns[var] = identity(var.type.size, start, columns)
        start += var.type.size
    facts = Facts(graph)
    run = Run(columns, limit, facts)
    found = run.outputs(graph, patterns, {})
    if not found:
        return Dependence(empty(0, columns), ())
    pattern = stacked(
        [
            empty(atom.type.size if isinstance(atom, Var) else 1, columns)
            if part is None
            else part
            for atom, part in zip(graph.outputs, found, strict=True)
        ]
    )
    pattern.sort_indices()
    return Dependence(pattern, facts.conditions)


class Run:
    """One walk over a Graph, and over those within it.

    Attributes
    ----------
    columns : int
        How many independents there are.
    limit : int
    facts : Facts
    """

    def __init__(self, columns: int, limit: int, facts: Facts) -> None:
        self.columns, self.limit, self.facts = columns, limit, facts

    def outputs(
        self,
        graph: Graph,
        patterns: Mapping[Var, Pattern],
        given: Mapping[Var, Any],
        knowledge: Knowledge | None = None,
    ) -> list[Pattern | None]:
        """Give the pattern of each output; None of what does not vary.

        Parameters
        ----------
        graph : Graph
        patterns : mapping
            Of the inputs that vary.
        given : mapping
            Values of inputs that are known.
        knowledge : Knowledge, optional
            Of the Graph, where the caller wants to ask it.
        """
        if knowledge is None:
            knowledge = Knowledge(graph, self.facts, given)
        found = dict(patterns)
        for equation, dead in zip(graph.equations, releases(graph), strict=True):
            try:
                parts = self._equation(equation, found, knowledge)
            except DensePatternError as error:
                if equation.source and not hasattr(error, "__notes__"):
                    error.add_note(f"at: {equation.source}")
                raise
            knowledge.note(equation)
            for var, part in zip(equation.outputs, parts, strict=True):
                if part is not None and part.nnz and is_inexact(var.type.dtype):
                    found[var] = part
            for var in dead:
                found.pop(var, None)
        return [self._of(atom, found) for atom in graph.outputs]

    def _equation(
        self, equation: Equation, found: Mapping[Var, Pattern], knowledge: Knowledge
    ) -> Sequence[Pattern | None]:
        row, count = equation.primitive, len(equation.inputs)
        varying = [
            i
            for i in active_inputs(row, count)
            if self._of(equation.inputs[i], found) is not None
        ]
        if not varying:
            return [None] * len(equation.outputs)
        if isinstance(row, Structured):
            parts = [self._of(atom, found) for atom in equation.inputs]
            known = [
                None if part is not None else knowledge.of(atom)
                for atom, part in zip(equation.inputs, parts, strict=True)
            ]
            patterns, told = STRUCTURED[row.name](self, equation, parts, known)
            for var, value in zip(equation.outputs, told, strict=True):
                knowledge.tell(var, value)
            return patterns
        asked = OfEquation(knowledge, equation, frozenset(varying))
        return [
            union(
                [
                    carry(
                        transfer(Question(equation, i, k, asked)),
                        found[equation.inputs[i]],  # type: ignore[index]
                        self.limit,
                    )
                    for i in varying
                ],
                self.limit,
            )
            for k in range(len(equation.outputs))
        ]

    @staticmethod
    def _of(atom: Atom, found: Mapping[Var, Pattern]) -> Pattern | None:
        return found.get(atom) if isinstance(atom, Var) else None
