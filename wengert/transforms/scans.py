"""The derivative of `scan`, in both modes, and a batch of it: scans again.

Forward mode carries tangents beside values. Reverse mode runs a scan that also stacks,
step by step, what the pullback of the body will need, and then one in the other
direction, which carries the cotangents of the carry and, as sums, those of the
constants; cotangents of slices come out as stacks.

What the pullback needs is found by writing body and pullback down as one Graph, and
cutting it where the cotangents come in: values that cross the cut are stacked. What
depends on the constants alone, and views of what is there already, are computed once
more instead (Griewank & Walther, 2008, ch. 4 and 12).

Worked example, the body `c' = sin(c) · a`. The first scan stacks cos(c) and sin(c); the
second carries (ā, c̄) and does `ā += sin(c) · c̄; c̄ = cos(c) · a · c̄`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.graph.equations import Equation, Graph, Literal, Var
from wengert.graph.extract import extract, used_vars
from wengert.primitives.batches import batch_first, spread
from wengert.primitives.bodies import input_types
from wengert.primitives.loops import scan
from wengert.trace.bodies import VIEWS
from wengert.transforms.bodies import (
    Mask,
    batch_body,
    closed_mask,
    grouped,
    inexact_only,
    moved_outputs,
    picked,
    pull_body,
    push_body,
    reached_outputs,
    stack_tangents,
    untangled,
    zeros_of,
)
from wengert.transforms.checkpointed_scans import (
    Loop,
    Snapshots,
    record_checkpointed,
)
from wengert.transforms.structured import Recorded, Tangents, enter_rules

__all__: list[str] = []


def _push(
    x: Sequence[Any],
    x_dots: Tangents,
    series: bool,
    *,
    body: Graph,
    length: int,
    reverse: bool,
    consts: int,
    carries: int,
    checkpoint: Snapshots | None = None,
) -> tuple[Sequence[Any], Tangents]:
    """Carry tangents beside values."""
    directions, slices = len(x_dots), len(x) - consts - carries
    given = [any(dot[i] is not None for dot in x_dots) for i in range(len(x))]
    moving = inexact_only(given, input_types(body))
    moving = closed_mask(body, moving, consts, carries)
    moved = _moved(body, moving, consts, carries)
    groups, out_groups = (consts, carries, slices), (carries, len(moved) - carries)
    pushed = push_body(body, moving, moved, directions, groups, out_groups, series)
    values = [*pushed.values, *stack_tangents(x, x_dots, moving, groups)]
    moving_const, moving_carry, _ = grouped(moving, groups)
    y = scan(
        *values,
        body=pushed.graph,
        length=length,
        reverse=reverse,
        consts=len(pushed.values) + consts + directions * sum(moving_const),
        carries=carries + directions * sum(moving_carry),
        **({} if checkpoint is None else {"checkpoint": checkpoint}),
    )
    return untangled(y, moved, directions, out_groups)


def _record(
    x: Sequence[Any],
    moving: Sequence[bool],
    *,
    body: Graph,
    length: int,
    reverse: bool,
    consts: int,
    carries: int,
    checkpoint: Snapshots | None = None,
) -> Recorded:
    """Run the scan that stacks residuals."""
    known = inexact_only(moving, input_types(body))
    known = closed_mask(body, known, consts, carries)
    if checkpoint is not None and length > 1:
        loop = Loop(body, length, reverse, consts, carries, checkpoint)
        return record_checkpointed(x, known, loop)
    moved = _moved(body, known, consts, carries)
    forth = _forth(body, known, moved, consts, carries)
    fixed, rest = [*forth.values, *x[:consts]], x[consts:]
    y = scan(
        *fixed, *rest, body=forth.graph, length=length, reverse=reverse,
        consts=len(fixed), carries=carries,
    )  # fmt: skip
    count = len(moved)
    outputs, stacks = y[:count], y[count:]

    def pull(y_bars: Sequence[Any]) -> list[Any]:
        seeded = (
            *moved[:carries],
            *(
                m and bar is not None
                for m, bar in zip(moved[carries:], y_bars[carries:], strict=True)
            ),
        )
        back = _back(body, known, moved, seeded, consts, carries)
        const_bars = map(zeros_of, picked(x[:consts], known[:consts]))
        carry_bars = [
            zeros_of(v) if bar is None else bar
            for v, bar, m in zip(
                x[consts:], y_bars[:carries], known[consts : consts + carries],
                strict=False,
            )
            if m
        ]  # fmt: skip
        over = [x[consts + carries + i] for i in back.slices]
        known_consts = [*(fixed[i] for i in back.fixed), *back.zeros]
        bars = scan(
            *known_consts, *const_bars, *carry_bars, *stacks, *over,
            *picked(y_bars[carries:], seeded[carries:]),
            body=back.graph, length=length, reverse=not reverse,
            consts=len(known_consts), carries=sum(known[: consts + carries]),
        )  # fmt: skip
        rest = iter(bars)
        return [next(rest) if m else None for m in known]

    return Recorded(tuple(outputs), moved, pull)


def _batch(
    x: Sequence[Any],
    mapped: Mask,
    size: int,
    *,
    body: Graph,
    length: int,
    reverse: bool,
    consts: int,
    carries: int,
    checkpoint: Snapshots | None = None,
) -> tuple[Sequence[Any], Mask]:
    """Run one scan for all members: what is carried is mapped where it ever is."""
    known = closed_mask(body, mapped, consts, carries, reached_outputs)
    stacks = reached_outputs(body, known)[carries:]
    wanted = (*known[consts : consts + carries], *stacks)
    batched = batch_body(body, known, wanted, size)
    fixed, carry, over = grouped(x, (consts, carries, len(x) - consts - carries))
    start = [
        spread(v, m, size) if w else v
        for v, m, w in zip(carry, mapped[consts:], wanted, strict=False)
    ]
    # The steps come before the batch.
    steps = zip(over, mapped[consts + carries :], strict=True)
    y = scan(
        *batched.values,
        *fixed,
        *start,
        *(np.moveaxis(v, 0, 1) if m else v for v, m in steps),
        body=batched.graph,
        length=length,
        reverse=reverse,
        consts=len(batched.values) + consts,
        carries=carries,
        **({} if checkpoint is None else {"checkpoint": checkpoint}),
    )
    ys = zip(y[carries:], stacks, strict=True)
    return [*y[:carries], *(batch_first(v, 1) if m else v for v, m in ys)], wanted


enter_rules(scan, _push, _record, _batch)


def _moved(body: Graph, moving: Mask, consts: int, carries: int) -> Mask:
    """Tell which outputs of a scan vary: of the carry, what comes in does too."""
    stacked = moved_outputs(body, moving)[carries:]
    return (*moving[consts : consts + carries], *stacked)


# ----- the cut -----


class _Forth(NamedTuple):
    """The body that gives residuals; `values` are its first inputs."""

    graph: Graph
    values: tuple[Any, ...]


class _Back(NamedTuple):
    """The body of the sweep, which constants and slices it takes, and zeros for outputs
    without a cotangent. It takes all residuals."""

    graph: Graph
    fixed: tuple[int, ...]
    zeros: tuple[Any, ...]
    slices: tuple[int, ...]


class _Cut(NamedTuple):
    """Body and pullback in one Graph, and what of it belongs to the sweep."""

    graph: Graph
    values: tuple[Any, ...]
    late: frozenset[Equation]
    residuals: tuple[Var, ...]


@functools.lru_cache(256)
def _cut(body: Graph, moving: Mask, seeded: Mask, consts: int, carries: int) -> _Cut:
    """Write body and pullback down, and find the values that cross over."""
    count = len(body.inputs)
    added = tuple(k < sum(moving[:consts]) for k in range(sum(moving)))
    graph, values = pull_body(body, moving, seeded, added)
    fixed = len(values) + consts
    seeds = graph.inputs[len(values) + count :]
    bars = graph.outputs[len(body.outputs) :]
    late = _depending(graph, seeds)
    invariant = {*graph.inputs[:fixed]}
    for equation in graph.equations:
        if used_vars(equation.inputs) <= invariant:
            invariant.update(equation.outputs)
    wanted = used_vars(bars)
    for equation in reversed(graph.equations):
        if equation in late or (
            not wanted.isdisjoint(equation.outputs)
            and (invariant.issuperset(equation.outputs) or _is_cheap(equation))
        ):
            late.add(equation)
            wanted |= used_vars(equation.inputs)
    made = {var for equation in late for var in equation.outputs}
    crossing = wanted - made - set(seeds) - set(graph.inputs[:fixed])
    crossing -= set(graph.inputs[fixed + carries : len(values) + count])
    order = [*graph.inputs, *(v for e in graph.equations for v in e.outputs)]
    residuals = tuple(v for v in order if v in crossing)
    return _Cut(graph, values, frozenset(late), residuals)


def _depending(graph: Graph, vars: Sequence[Var]) -> set[Equation]:
    known = set(vars)
    found = set()
    for equation in graph.equations:
        if not known.isdisjoint(used_vars(equation.inputs)):
            found.add(equation)
            known.update(equation.outputs)
    return found


def _is_cheap(equation: Equation) -> bool:
    """Tell whether to compute a value once more takes less than to keep it."""
    if equation.primitive.name not in VIEWS:
        return False
    (x,), (y,) = equation.inputs, equation.outputs
    return isinstance(x, Literal) or x.type.nbytes <= y.type.nbytes


@functools.lru_cache(256)
def _forth(body: Graph, moving: Mask, moved: Mask, consts: int, carries: int) -> _Forth:
    cut = _cut(body, moving, moved, consts, carries)
    given = len(cut.values) + len(body.inputs)
    graph = cut.graph
    outputs = [*graph.outputs[: len(body.outputs)], *cut.residuals]
    return _Forth(extract(graph, graph.inputs[:given], outputs), cut.values)


@functools.lru_cache(256)
def _back(
    body: Graph, moving: Mask, moved: Mask, seeded: Mask, consts: int, carries: int
) -> _Back:
    cut = _cut(body, moving, moved, consts, carries)
    graph, inputs = cut.graph, cut.graph.inputs
    own, totals = len(cut.values), sum(moving[:consts])
    *_, slices, bars_in, seeds = grouped(
        inputs, (own, consts, carries, len(body.inputs) - consts - carries, totals,
                 len(inputs) - own - len(body.inputs) - totals),
    )  # fmt: skip
    carried = sum(moving[consts : consts + carries])
    carry_seeds, stack_seeds = seeds[:carried], seeds[carried:]
    given = [m for m, n in zip(seeded[carries:], moved[carries:], strict=True) if n]
    bars = graph.outputs[len(body.outputs) :]
    used = used_vars([a for e in cut.late for a in e.inputs]) | used_vars(bars)
    fixed = [k for k in range(own + consts) if inputs[k] in used]
    over = [k for k, var in enumerate(slices) if var in used]
    absent = [s for s, g in zip(stack_seeds, given, strict=True) if not g]
    arranged = [
        *(inputs[k] for k in fixed), *absent, *bars_in, *carry_seeds, *cut.residuals,
        *(slices[k] for k in over), *picked(stack_seeds, given),
    ]  # fmt: skip
    zeros = tuple(zeros_of(var.type) for var in absent)
    return _Back(extract(graph, arranged, bars), tuple(fixed), zeros, tuple(over))
