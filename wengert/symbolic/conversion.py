"""From nodes to SymPy's expressions: their Graph, run by the SymPy engine."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sympy

from wengert.engines.sympy import array_of, exact, symbols_of, values_of
from wengert.graph import Literal
from wengert.symbolic.graphs import graph_of, variables_of
from wengert.symbolic.nodes import Input, Node, Variable

__all__ = ["depth", "elements", "known_as", "operations", "plain", "real_symbols"]

# Folding tries all combinations of cases, and very long formulas nobody reads.
_CHOICES, _TIDIED = 4, 500
_KNOWN: weakref.WeakKeyDictionary[Node, Any] = weakref.WeakKeyDictionary()


def elements(nodes: Sequence[Input]) -> list[Any]:
    """Convert nodes, each to an array of expressions in real symbols."""
    new = [
        node
        for node in dict.fromkeys(nodes)
        if isinstance(node, Node) and node not in _KNOWN
    ]
    variables = variables_of(new)
    graph = graph_of(new, variables, tidy=True)
    value = values_of(graph, [real_symbols(v) for v in variables])
    for node, atom in zip(new, graph.outputs, strict=True):
        _KNOWN[node] = array_of(map(_tidied, value(atom).flat), node.type.shape)
    return [_found(node) for node in nodes]


def _tidied(expression: Any) -> Any:
    """Bring choices outside, one formula for each case, and numbers to the front."""
    if operations([expression]) > _TIDIED:
        return expression
    if 0 < len(expression.atoms(sympy.Piecewise)) <= _CHOICES:
        expression = sympy.piecewise_fold(expression)
    if any(m for m in expression.atoms(sympy.Mul) if _has_content(m)):
        expression = expression.replace(_has_content, _in_front)
    return expression


def _has_content(e: Any) -> bool:
    """Tell whether a number can be taken out of a factor: 2*x*(2*y + 2)."""
    return (
        bool(e.is_Mul)
        and sum(not a.is_Number for a in e.args) > 1
        and any(a.is_Add and a.primitive()[0] != 1 for a in e.args)
    )


def _in_front(product: Any) -> Any:
    parts = [a.primitive() if a.is_Add else (1, a) for a in product.args]
    return sympy.Mul(*(part for pair in parts for part in pair))


def _found(node: Input) -> Any:
    if isinstance(node, Literal):
        return array_of([exact(node.value)], ())
    return _KNOWN[node]


def known_as(node: Node, array: Any) -> None:
    """Remember what a node looks like to SymPy: it may have been read from that."""
    _KNOWN[node] = array


def real_symbols(variable: Variable) -> Any:
    """Make the symbols of a variable: real, where its dtype is."""
    is_real = variable.type.dtype.kind in "fiub"
    return symbols_of(variable.name, variable.type.shape, **_assumed(is_real))


def _assumed(is_real: bool) -> dict[str, bool]:
    return {"real": True} if is_real else {}


def plain(expression: Any) -> Any:
    """Replace real symbols by symbols without assumptions, as `sympy.symbols` makes."""
    free = {s: sympy.Symbol(s.name) for s in expression.free_symbols}
    return expression.xreplace(free)


def operations(expressions: Iterable[Any], known: dict[Any, int] | None = None) -> int:
    """Count the operations of expressions, written out in full.

    Parameters
    ----------
    expressions : iterable of SymPy expressions
    known : dict, optional
        Counts that are known already, of symbols that stand for expressions too. It
        is filled.
    """
    counts = {} if known is None else known
    return sum(_measured(e, counts, _own_and_parts) for e in expressions)


def depth(expressions: Iterable[Any], known: dict[Any, int] | None = None) -> int:
    """Count the longest chain of operations; parameters as for `operations`."""
    counts = {} if known is None else known
    return max((_measured(e, counts, _longest) for e in expressions), default=0)


def _own_and_parts(e: Any, parts: list[int]) -> int:
    own = len(parts) - 1 if e.is_Add or e.is_Mul else bool(parts)
    return own + sum(parts)


def _longest(_: Any, parts: list[int]) -> int:
    return 1 + max(parts) if parts else 0


def _measured(
    expression: Any, known: dict[Any, int], rule: Callable[[Any, list[int]], int]
) -> int:
    """Measure an expression by its parts, each part once."""
    stack = [expression]
    while stack:
        e = stack[-1]
        waiting = [] if e in known else [a for a in e.args if a not in known]
        if waiting:
            stack += waiting
            continue
        if e not in known:
            known[e] = rule(e, [known[a] for a in e.args])
        stack.pop()
    return known[expression]
