"""Loops over traced values: `while_loop`, `fori_loop`, `scan`, known by these names in
JAX.

Where nothing is recorded, they are Python's loops. Where a Graph is recorded, the body
is written into it once, whatever the number of steps.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError, user_source
from wengert.graph.extract import Closed
from wengert.graph.types import ArrayType
from wengert.operators.arguments import check_callable
from wengert.operators.bodies import (
    Carry,
    Leaves,
    is_recorded,
    own_copy,
    scalar,
    written_down,
)
from wengert.primitives.loops import scan as scan_
from wengert.primitives.loops import while_loop as while_loop_
from wengert.trace.levels import running
from wengert.trace.tracer import Tracer

__all__ = ["fori_loop", "scan", "while_loop"]


# ----- while_loop -----


def while_loop(
    cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any
) -> Any:
    """Do `val = body_fun(val)` while `cond_fun(val)` is true, and give val.

    Parameters
    ----------
    cond_fun : callable
        From val to a bool, or an array () of bools.
    body_fun : callable
        From val to the next val, of the same structure, shapes and dtypes.
    init_val : pytree of arrays and numbers
        Python numbers among it take the dtype that the body gives them.

    Returns
    -------
    pytree
        Like init_val.

    Raises
    ------
    ShapeError
        If a step changes structure, a shape or a dtype.
    ArgumentError
        If the condition is no single bool.
    ControlFlowError
        If Python asks for a value in the body, where a Graph is recorded.

    Notes
    -----
    Both modes of differentiation work, to any order. Reverse mode, in a Graph, runs the
    loop once more when it sweeps, and keeps what is carried of all steps then; the
    number of steps may differ from run to run. Cost of its gradient: 2 runs of the
    loop, and a sweep.

    Examples
    --------
    >>> from wengert import grad
    >>> grad(lambda x: while_loop(lambda v: v < 99.0, lambda v: v * v, x))(3.0)
    17496.0
    """
    check_callable("while_loop", cond_fun)
    check_callable("while_loop", body_fun)
    carry = Carry("while_loop", "init_val", init_val)
    if is_recorded():
        return _record_while(cond_fun, body_fun, carry)
    return _run_while(cond_fun, body_fun, carry)


def _run_while(cond_fun: Any, body_fun: Any, carry: Carry) -> Any:
    leaves, settled = carry.arrays, False
    while True:
        answer = cond_fun(carry.restore(leaves))
        answer = scalar("while_loop", "the condition", answer, "b")
        if is_recorded(answer):
            # From here on the members of a batch go different ways.
            carry.arrays = leaves
            return _record_while(cond_fun, body_fun, carry)
        if not answer:
            return carry.restore(leaves)
        leaves, settled = _step(carry, settled, leaves, body_fun)


def _step(
    carry: Carry, settled: bool, leaves: Sequence[Any], body_fun: Any
) -> tuple[list[Any], bool]:
    """Do one step; the first one twice, where a number takes another dtype."""
    while True:
        given = [own_copy(x) for x in leaves] if not settled else leaves
        step = Leaves(carry.operator, "output", body_fun(carry.restore(given)))
        if carry.fits(step.structure, step.arrays):
            return step.arrays, True
        leaves = carry.arrays


def _record_while(cond_fun: Any, body_fun: Any, carry: Carry) -> Any:
    while True:
        body, output = written_down(
            lambda *leaves: body_fun(carry.restore(leaves)), carry.arrays
        )
        if carry.fits(output.structure, _types(body)):
            break

    def asked(*leaves: Any) -> Any:
        answer = cond_fun(carry.restore(leaves))
        return scalar("while_loop", "the condition", answer, "b")

    cond, _ = written_down(asked, carry.arrays)
    outputs = while_loop_(
        *cond.values, *body.values, *carry.arrays, cond=cond.graph, body=body.graph,
        cond_consts=len(cond.values), body_consts=len(body.values),
    )  # fmt: skip
    return carry.restore(outputs)


# ----- fori_loop -----


def fori_loop(
    lower: Any,
    upper: Any,
    body_fun: Callable[[Any, Any], Any],
    init_val: Any,
    *,
    unroll: int | bool | None = None,  # noqa: ARG001
    checkpoint: int | str | None = None,
) -> Any:
    """Do `val = body_fun(i, val)` for i = lower, …, upper − 1, and give val.

    Parameters
    ----------
    lower, upper : int, or arrays () of integers
        May be traced: then the loop is a `while_loop` in a Graph, else a `scan`.
    body_fun : callable
        From i, an array () of integers, and val to the next val, of the same structure,
        shapes and dtypes.
    init_val : pytree of arrays and numbers
    unroll : ignored
        Taken for JAX's sake: the engine unrolls.
    checkpoint : int or "binomial", optional
        As for `scan`; the bounds must not be traced then.

    Returns
    -------
    pytree
        Like init_val.

    Raises
    ------
    ArgumentError
        If a bound is no integer; if it is traced, and checkpoint is given.
    ShapeError
        If a step changes structure, a shape or a dtype.
    ControlFlowError
        If Python asks for a value in the body, where a Graph is recorded.

    Notes
    -----
    Cost: as for `scan`, or for `while_loop`.

    Examples
    --------
    >>> from wengert import grad
    >>> grad(lambda x: fori_loop(0, 3, lambda i, v: v * x, 1.0))(2.0)
    12.0
    """
    check_callable("fori_loop", body_fun)
    lower = scalar("fori_loop", "lower", lower, "iu")
    upper = scalar("fori_loop", "upper", upper, "iu")
    if isinstance(lower, Tracer) or isinstance(upper, Tracer):
        if checkpoint is not None:
            raise ArgumentError(
                f"fori_loop: checkpoint={checkpoint!r} needs bounds that are known (at "
                f"{user_source()}), and one is traced: the number of steps is told by "
                "each run alone. Leave checkpoint out."
            )
        return while_loop(
            lambda pair: pair[0] < upper,
            lambda pair: (pair[0] + 1, body_fun(pair[0], pair[1])),
            (lower, init_val),
        )[1]
    length = max(0, operator.index(upper) - operator.index(lower))
    if not length and not is_recorded():
        start = Carry("fori_loop", "init_val", init_val)
        return start.restore(start.arrays)
    (_, val), _ = scan(
        lambda pair, _: ((pair[0] + 1, body_fun(pair[0], pair[1])), None),
        (np.asarray(lower, np.result_type(lower, upper))[()], init_val),
        None,
        length,
        checkpoint=checkpoint,
    )
    return val


# ----- scan -----


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,  # noqa: ARG001
    checkpoint: int | str | None = None,
) -> tuple[Any, Any]:
    """Do `carry, y = f(carry, x)` for each x in xs; give the last carry, and all ys.

    Parameters
    ----------
    f : callable
        From carry and x to a pair: the next carry, of the same structure, shapes and
        dtypes, and y, a pytree of arrays (or None).
    init : pytree of arrays and numbers
        The first carry. Python numbers take the dtype that f gives them.
    xs : pytree of arrays (length, …), or None
        Over whose first axis the loop runs.
    length : int, optional
        Needed where xs is None.
    reverse : bool
        Whether to run from the last x to the first; ys stay in the order of xs.
    unroll : ignored
        Taken for JAX's sake: the engine unrolls.
    checkpoint : int or "binomial", optional
        How many of the carries reverse mode keeps at one time, where it would keep
        values of all steps; it computes the others once more. "binomial" keeps as many
        as fit into 32 MB.

    Returns
    -------
    carry : pytree
        Like init.
    ys : pytree of arrays (length, …)

    Raises
    ------
    ShapeError
        If a step changes structure, a shape or a dtype; if xs differ in length, or are
        not as long as stated.
    ArgumentError
        If neither xs nor length tells the number of steps, or f returns no pair; if
        checkpoint is no such value.
    ControlFlowError
        If Python asks for a value in f, where a Graph is recorded, or checkpoint is
        given and a derivative is computed.

    Notes
    -----
    Cost: length times that of f. Reverse mode keeps, of each step, the values that the
    pullback of f needs and that are no constants of the loop; its sweep is a `scan` in
    the other direction (Griewank & Walther, 2008, ch. 4). With checkpoint=c the sweep
    does no step more than r times before it sweeps over it, where r is the least number
    with (c + r)! ≥ length · c! r!: of 1000 steps, each twice at most for c = 44, three
    times for c = 17 (ch. 12, the schedule revolve). In a Graph, and under an outer
    derivative, r scans inside each other keep r · length^(1/r) carries.

    Examples
    --------
    >>> import numpy as np
    >>> scan(lambda c, x: (c + x, c * x), 0.0, np.array([1.0, 2.0, 3.0]))
    (np.float64(6.0), array([0., 2., 9.]))
    """
    check_callable("scan", f)
    carry, over = Carry("scan", "init", init), Leaves("scan", "xs", xs)
    steps = _length(over, length)
    _check_snapshots(checkpoint)
    # Without steps, only a body that is written down tells what ys are.
    if is_recorded() or steps == 0 or (checkpoint is not None and running.depth):
        return _record_scan(f, carry, over, steps, reverse, checkpoint)
    return _run_scan(f, carry, over, steps, reverse)


def _length(over: Leaves, stated: int | None) -> int:
    """Find the number of steps."""
    lengths = {} if stated is None else {"length": operator.index(stated)}
    for i, x in enumerate(over.arrays):
        if x.shape == ():
            raise ShapeError(
                f"scan: {over.path(i)} is {ArrayType.of(x)!r}, which has no axis to "
                f"run over (at {user_source()}). Constants of the loop need not be "
                "passed: f may use what it sees."
            )
        lengths[over.path(i)] = x.shape[0]
    if not lengths:
        raise ArgumentError(
            "scan: xs holds no array, and length is not given: how many steps? (at "
            f"{user_source()})"
        )
    if len(set(lengths.values())) > 1 or min(lengths.values()) < 0:
        shown = ", ".join(f"{path}: {n}" for path, n in lengths.items())
        raise ShapeError(
            f"scan: xs differ in length ({shown}; at {user_source()}). Give all of "
            "them the same first axis."
        )
    return next(iter(lengths.values()))


def _pair(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise ArgumentError(
            f"scan: f must return a pair (carry, y), not a {type(result).__name__} (at "
            f"{user_source()})."
        )
    return result[0], result[1]


def _run_scan(
    f: Any, carry: Carry, over: Leaves, steps: int, reverse: bool
) -> tuple[Any, Any]:
    leaves, settled = carry.arrays, False
    rows: list[list[Any]] = []
    first: Any = None
    for k in reversed(range(steps)) if reverse else range(steps):
        x = over.restore([array[k] for array in over.arrays])
        y: Any = None

        def body(given: Any, x: Any = x) -> Any:
            nonlocal y
            after, y = _pair(f(given, x))
            return after

        leaves, settled = _step(carry, settled, leaves, body)
        row = Leaves("scan", "y", y)
        first = first or row
        _check_row(first, row)
        rows.append([own_copy(array) for array in row.arrays])
    if reverse:
        rows.reverse()
    ys = [np.stack(column) for column in zip(*rows, strict=True)]
    return carry.restore(leaves), first.restore(ys)


def _check_row(first: Leaves, row: Leaves) -> None:
    """Raise ShapeError where y is not what it was in the first step."""
    if row.structure != first.structure:
        raise ShapeError(
            f"scan: y has the structure {first.structure} in one step, and "
            f"{row.structure} in another (at {user_source()})."
        )
    for i, (a, b) in enumerate(zip(first.arrays, row.arrays, strict=True)):
        if a.shape != b.shape or a.dtype != b.dtype:
            raise ShapeError(
                f"scan: {row.path(i)} is {ArrayType.of(a)!r} in one step, and "
                f"{ArrayType.of(b)!r} in another (at {user_source()})."
            )


def _check_snapshots(checkpoint: Any) -> None:
    if checkpoint is None or checkpoint == "binomial":
        return
    if type(checkpoint) is not int or checkpoint < 1:
        raise ArgumentError(
            f"scan: checkpoint={checkpoint!r} (at {user_source()}) is neither a number "
            'of carries to keep, 1 or more, nor "binomial".'
        )


def _record_scan(
    f: Any,
    carry: Carry,
    over: Leaves,
    steps: int,
    reverse: bool,
    checkpoint: int | str | None,
) -> tuple[Any, Any]:
    carries = len(carry.arrays)
    structures: list[Any] = []

    def flat(*leaves: Any) -> Any:
        x = over.restore(leaves[carries:])
        after, y = _pair(f(carry.restore(leaves[:carries]), x))
        after_leaves, after_structure = tree.flatten(after)
        y_leaves, y_structure = tree.flatten(y)
        structures[:] = after_structure, len(after_leaves), y_structure
        return [*after_leaves, *y_leaves]

    slices = [ArrayType(x.shape[1:], x.dtype) for x in over.arrays]
    while True:
        body, _ = written_down(flat, [*carry.arrays, *slices])
        structure, count, y_structure = structures
        if carry.fits(structure, _types(body)[:count]):
            break
    outputs = scan_(
        *body.values, *carry.arrays, *over.arrays, body=body.graph, length=steps,
        reverse=bool(reverse), consts=len(body.values), carries=carries,
        **({} if checkpoint is None else {"checkpoint": checkpoint}),
    )  # fmt: skip
    last, ys = outputs[:carries], outputs[carries:]
    return carry.restore(last), tree.unflatten(y_structure, ys)


def _types(body: Closed) -> list[ArrayType]:
    """Give the types of what a body returns, which holds no Python numbers."""
    return [atom.type for atom in body.graph.outputs]
