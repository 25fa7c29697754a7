"""Patterns of branches and loops.

A branch whose index is known is that branch; otherwise the union of all. A loop that is
short is gone through step by step, with what is known of its counters, so that an index
that counts is as good as a written one; of a long one the union over all steps is taken
until it grows no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.analysis.sparsity.knowledge import Knowledge
from wengert.analysis.sparsity.patterns import (
    Groups,
    Pattern,
    block_rows,
    carry,
    empty,
    matrix,
    stacked,
    take,
    union,
)
from wengert.graph import Atom, Equation, Graph

if TYPE_CHECKING:
    from wengert.analysis.sparsity.detection import Run

__all__ = ["STRUCTURED"]

Parts = Sequence[Pattern | None]
Known = Sequence[Any]
# For each output its pattern, and what is known of it.
Found = tuple[Parts, Known]
# As many equations, in all steps, are worth going through one by one.
_MOST_STEPS = 20_000


def _switch(run: Run, equation: Equation, parts: Parts, known: Known) -> Found:
    branches = equation.params["branches"]
    if known[0] is not None:
        run.facts.rely_on(known[0].sources)
        index = int(known[0].value)
        branches = [branches[min(max(index, 0), len(branches) - 1)]]
    found = [_outputs(run, branch, parts[1:], known[1:]) for branch in branches]
    if len(found) == 1:
        return found[0]
    options = zip(*(patterns for patterns, _ in found), strict=True)
    return _unknown([_united(run, parts) for parts in options])


def _checkpoint(run: Run, equation: Equation, parts: Parts, known: Known) -> Found:
    return _outputs(run, equation.params["body"], parts, known)


def _scan(run: Run, equation: Equation, parts: Parts, known: Known) -> Found:
    params = equation.params
    if params["length"] * max(len(params["body"].equations), 1) <= _MOST_STEPS:
        return _scan_steps(run, equation, parts, known)
    return _scan_whole(run, equation, parts)


def _scan_steps(run: Run, equation: Equation, parts: Parts, known: Known) -> Found:
    params = equation.params
    body, length, consts = params["body"], params["length"], params["consts"]
    over = consts + params["carries"]
    carried, facts = list(parts[consts:over]), list(known[consts:over])
    rows: list[list[Pattern]] = [[] for _ in body.outputs[params["carries"] :]]
    values_of: list[list[Any]] = [[] for _ in rows]
    steps = range(length - 1, -1, -1) if params["reverse"] else range(length)
    for k in steps:
        slices = [_slice(x, k, length) for x in parts[over:]]
        values = [
            None if v is None else v._replace(value=v.value[k]) for v in known[over:]
        ]
        found, told = _outputs(
            run,
            body,
            [*parts[:consts], *carried, *slices],
            [*known[:consts], *facts, *values],
        )
        count = params["carries"]
        carried, facts = list(found[:count]), told[:count]
        for kept, atom, y in zip(
            rows, body.outputs[count:], found[count:], strict=True
        ):
            size = _size(atom)
            kept.append(empty(size, run.columns) if y is None else y)
        for own, value in zip(values_of, told[count:], strict=True):
            own.append(value)
    order = slice(None, None, -1 if params["reverse"] else 1)
    ys = [stacked(kept[order]) if kept else None for kept in rows]
    return [*carried, *ys], [*facts, *(_stacked(own[order]) for own in values_of)]


def _scan_whole(run: Run, equation: Equation, parts: Parts) -> Found:
    params = equation.params
    body, length, consts = params["body"], params["length"], params["consts"]
    count = params["carries"]
    over = consts + count
    xs = [None if x is None else block_rows(x, length) for x in parts[over:]]
    carried = list(parts[consts:over])
    unknown = [None] * len(body.inputs)
    while True:
        found, _ = _outputs(run, body, [*parts[:consts], *carried, *xs], unknown)
        grown = [
            _united(run, pair) for pair in zip(carried, found[:count], strict=True)
        ]
        if _entries(grown) == _entries(carried):
            break
        carried = grown
    # A step's own output depends on its own slice, and on all that is carried.
    none = [None] * (len(body.inputs) - over)
    steady, _ = _outputs(run, body, [*parts[:consts], *carried, *none], unknown)
    ys = []
    for k, atom in enumerate(body.outputs[count:]):
        options = [
            None if steady[count + k] is None else _repeated(steady[count + k], length)
        ]
        options += [
            _each_step(run, body, over + j, count + k, x, length)
            for j, x in enumerate(parts[over:])
            if x is not None and _size(atom)
        ]
        ys.append(_united(run, options))
    return _unknown([*carried, *ys])


def _each_step(
    run: Run, body: Graph, i: int, k: int, x: Pattern, length: int
) -> Pattern | None:
    """Apply the pattern of output k of the body by its input i at each step."""
    from_slice = type(run)(body.inputs[i].type.size, run.limit, run.facts)
    size = body.inputs[i].type.size
    own = matrix(np.arange(size), np.arange(size), (size, size))
    parts: list[Any] = [None] * len(body.inputs)
    parts[i] = own
    found, _ = _outputs(from_slice, body, parts, [None] * len(parts))
    local = found[k]
    if local is None:
        return None
    rows, columns = local.tocoo().coords
    steps = np.arange(length)[:, None]
    shape = (length * local.shape[0], length * size)
    whole = matrix(
        (steps * local.shape[0] + rows).ravel(), (steps * size + columns).ravel(), shape
    )
    return carry(whole, x, run.limit)


def _while_loop(run: Run, equation: Equation, parts: Parts, known: Known) -> Found:
    params = equation.params
    first = params["cond_consts"]
    start = first + params["body_consts"]
    stepped = _while_steps(run, equation, parts, known)
    if stepped is not None:
        return stepped
    body, carried = params["body"], list(parts[start:])
    unknown = [None] * len(body.inputs)
    while True:
        found, _ = _outputs(run, body, [*parts[first:start], *carried], unknown)
        grown = [_united(run, pair) for pair in zip(carried, found, strict=True)]
        if _entries(grown) == _entries(carried):
            return _unknown(carried)
        carried = grown


def _while_steps(
    run: Run, equation: Equation, parts: Parts, known: Known
) -> Found | None:
    """Go through the steps, as long as the condition is known and they are few."""
    params = equation.params
    cond, body = params["cond"], params["body"]
    first = params["cond_consts"]
    start = first + params["body_consts"]
    carried, facts = list(parts[start:]), list(known[start:])
    for _ in range(_MOST_STEPS // max(len(body.equations), 1)):
        told = _outputs(
            run, cond, [*parts[:first], *carried], [*known[:first], *facts]
        )[1][0]
        if told is None:
            return None
        run.facts.rely_on(told.sources)
        if not told.value:
            return carried, facts
        found, facts = _outputs(
            run, body, [*parts[first:start], *carried], [*known[first:start], *facts]
        )
        carried = list(found)
    return None


def _while_back(run: Run, equation: Equation, parts: Parts, _: Known) -> Found:
    whole = []
    for part in parts:
        if part is not None:
            zeros = np.zeros(part.shape[0], int)
            whole.append(carry(Groups(np.zeros(1, int), zeros, 1), part, run.limit))
    union_of_all = union(whole, run.limit)
    return _unknown(
        [
            take(union_of_all, np.zeros(var.type.size, int), run.limit)
            for var in equation.outputs
        ]
    )


Rule = Callable[["Run", Equation, Parts, Known], Found]
STRUCTURED: dict[str, Rule] = {
    "checkpoint": _checkpoint,
    "switch": _switch,
    "scan": _scan,
    "while_loop": _while_loop,
    "while_back": _while_back,
}


# ----- bodies -----


def _outputs(
    run: Run, graph: Graph, parts: Parts, known: Known
) -> tuple[list[Pattern | None], list[Any]]:
    """Give, for each output of a Graph without captures, its pattern and what is known
    of it: of integers and booleans, which may be counters."""
    patterns = {
        var: part
        for var, part in zip(graph.inputs, parts, strict=True)
        if part is not None
    }
    given = dict(zip(graph.inputs, known, strict=True))
    knowledge = Knowledge(graph, run.facts, given)
    found = run.outputs(graph, patterns, given, knowledge)
    told = [
        knowledge.of(atom) if part is None and _is_counter(atom) else None
        for atom, part in zip(graph.outputs, found, strict=True)
    ]
    return found, told


def _unknown(parts: Parts) -> Found:
    return parts, [None] * len(parts)


def _stacked(values: Sequence[Any]) -> Any:
    """Know the values of all steps, if each is known."""
    if not values or any(v is None for v in values):
        return None
    sources = frozenset().union(*(v.sources for v in values))
    return values[0]._replace(
        value=np.stack([v.value for v in values]), sources=sources
    )


def _is_counter(atom: Atom) -> bool:
    dtype = getattr(atom.type, "dtype", None)
    return dtype is None or dtype.kind in "iub"


def _slice(x: Pattern | None, k: int, length: int) -> Pattern | None:
    if x is None:
        return None
    rows = x.shape[0] // length
    return x[k * rows : (k + 1) * rows]


def _repeated(pattern: Pattern, times: int) -> Pattern:
    return take(pattern, np.tile(np.arange(pattern.shape[0]), times))


def _united(run: Run, options: Sequence[Pattern | None]) -> Pattern | None:
    some = [part for part in options if part is not None]
    return union(some, run.limit) if some else None


def _entries(parts: Parts) -> int:
    return sum(part.nnz for part in parts if part is not None)


def _size(atom: Any) -> int:
    return getattr(atom.type, "size", 1)
