"""Branches on traced values: `cond` and `switch`, known by these names in JAX.

Where nothing is recorded, they are Python's `if`. Where a Graph is recorded, all
branches are written into it, and each run takes one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError, user_source
from wengert.graph.extract import Closed, share
from wengert.operators.arguments import Output, check_callable, name_of
from wengert.operators.bodies import Leaves, is_recorded, scalar, written_down
from wengert.primitives.branching import switch as switch_
from wengert.trace.tracer import Tracer

__all__ = ["cond", "switch"]


def cond(
    pred: Any,
    true_fun: Callable[..., Any],
    false_fun: Callable[..., Any],
    *operands: Any,
) -> Any:
    """Give `true_fun(*operands)` if pred is true, else `false_fun(*operands)`.

    Parameters
    ----------
    pred : bool, or array () of any dtype
    true_fun, false_fun : callable
        Return pytrees of one structure, with arrays of the same shapes and dtypes.
    *operands : pytrees of arrays and floats

    Returns
    -------
    pytree
        What the function that is taken returns.

    Raises
    ------
    ArgumentError
        If pred is no single value.
    ShapeError
        If the functions return different structures, shapes or dtypes; noticed where a
        Graph is recorded, in which both are written down.
    ControlFlowError
        If Python asks for a value in one of them, where a Graph is recorded.

    Notes
    -----
    Cost: that of the function taken. The pullback computes it once more in a Graph, and
    keeps its operands only. What a function computes of traced values that it closes
    over, without its operands, stands before the branch in a Graph, and is computed in
    any case: pass as an operand what may be computed in one branch only.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> f = lambda x: cond(x > 0, np.sqrt, lambda v: 0.0 * v, x)
    >>> grad(f)(4.0), grad(f)(-4.0)
    (0.25, 0.0)
    """
    check_callable("cond", true_fun)
    check_callable("cond", false_fun)
    pred = scalar("cond", "the predicate", pred, "biufc")
    if not isinstance(pred, Tracer) or not is_recorded(pred):
        return (true_fun if pred else false_fun)(*operands)
    index = pred if pred.dtype == bool else np.not_equal(pred, 0)
    return _record("cond", index, (false_fun, true_fun), operands)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Give `branches[index](*operands)`.

    Parameters
    ----------
    index : int, or array () of integers
        Below 0 it counts as 0, above the last as the last.
    branches : sequence of callables
        Return pytrees of one structure, with arrays of the same shapes and dtypes.
    *operands : pytrees of arrays and floats

    Returns
    -------
    pytree
        What the branch that is taken returns.

    Raises
    ------
    ArgumentError
        If index is no single integer, or there are no branches.
    ShapeError
        If branches return different structures, shapes or dtypes; noticed where a Graph
        is recorded, in which all are written down.
    ControlFlowError
        If Python asks for a value in one of them, where a Graph is recorded.

    Notes
    -----
    Cost: as for `cond`.

    Examples
    --------
    >>> import numpy as np
    >>> switch(1, [np.sin, np.cos], 0.0), switch(7, [np.sin, np.cos], 0.0)
    (np.float64(1.0), np.float64(1.0))
    """
    branches = tuple(branches)
    if not branches:
        raise ArgumentError(f"switch needs one branch at least (at {user_source()}).")
    for branch in branches:
        check_callable("switch", branch)
    index = scalar("switch", "the index", index, "iu")
    if not isinstance(index, Tracer) or not is_recorded(index):
        k = min(max(operator.index(index), 0), len(branches) - 1)
        return branches[k](*operands)
    return _record("switch", index, branches, operands)


def _record(
    name: str, index: Any, branches: Sequence[Callable[..., Any]], operands: Any
) -> Any:
    given = Leaves(name, "operands", operands)

    def flat(branch: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *leaves: branch(*given.restore(leaves))

    written = [written_down(flat(branch), given.arrays) for branch in branches]
    _check_alike(name, branches, written)
    values, graphs = share([body for body, _ in written])
    outputs = switch_(index, *values, *given.arrays, branches=graphs)
    return written[0][1].restore(outputs)


def _check_alike(
    name: str,
    branches: Sequence[Callable[..., Any]],
    written: Sequence[tuple[Closed, Output]],
) -> None:
    """Raise ShapeError where branches return different structures or types."""
    (first, output), *others = written
    for branch, (body, other) in zip(branches[1:], others, strict=True):
        pair = f"{name_of(branches[0])} and {name_of(branch)}"
        if other.structure != output.structure:
            raise ShapeError(
                f"{name}: {pair} return different structures, {output.structure} and "
                f"{other.structure} (at {user_source()}). Return the same from all "
                "branches."
            )
        paths = tree.paths(output.restore(range(len(first.graph.outputs))), "output")
        for path, a, b in zip(
            paths, first.graph.outputs, body.graph.outputs, strict=True
        ):
            if a.type != b.type:
                raise ShapeError(
                    f"{name}: {path} of {pair} is {a.type!r} and {b.type!r} (at "
                    f"{user_source()}). Return the same shapes and dtypes from all "
                    "branches."
                )
