"""The derivative of `switch`, in both modes: a `switch` of the branches' derivatives;
and a batch of it.

The pullback computes the branch that was taken once more, so that nothing is kept but
its operands, whatever the branches need.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.graph.equations import Graph
from wengert.graph.evaluate import runner
from wengert.graph.extract import Closed, extract, share
from wengert.primitives.batches import spread, widened
from wengert.primitives.bodies import input_types
from wengert.primitives.branching import switch
from wengert.transforms.batching import batch_function
from wengert.transforms.bodies import (
    Mask,
    batch_body,
    inexact_only,
    moved_outputs,
    picked,
    pull_body,
    push_body,
    reached_outputs,
    stack_tangents,
    untangled,
)
from wengert.transforms.structured import Recorded, Tangents, enter_rules

__all__: list[str] = []


def _push(
    x: Sequence[Any], x_dots: Tangents, series: bool, *, branches: tuple[Graph, ...]
) -> tuple[Sequence[Any], Tangents]:
    """Carry tangents beside values."""
    index, operands = x[0], x[1:]
    dots = [dot[1:] for dot in x_dots]
    given = [any(dot[i] is not None for dot in dots) for i in range(len(operands))]
    moving = inexact_only(given, input_types(branches[0]))
    moved = _moved(branches, moving)
    groups, out_groups = (len(operands),), (len(moved),)
    pushed = [
        push_body(branch, moving, moved, len(dots), groups, out_groups, series)
        for branch in branches
    ]
    values, graphs = share(pushed)
    stacked = stack_tangents(operands, dots, moving, groups)
    y = switch(index, *values, *stacked, branches=graphs)
    return untangled(y, moved, len(dots), out_groups)


def _record(
    x: Sequence[Any], moving: Sequence[bool], *, branches: tuple[Graph, ...]
) -> Recorded:
    """Run the branch; what its pullback needs is what it was given."""
    index, operands = x[0], x[1:]
    known = inexact_only(moving[1:], input_types(branches[0]))
    moved = _moved(branches, known)
    y = switch(index, *operands, branches=branches)

    def pull(y_bars: Sequence[Any]) -> list[Any]:
        seeded = tuple(
            m and bar is not None for m, bar in zip(moved, y_bars, strict=True)
        )
        values, graphs = share([_pulled(b, known, seeded) for b in branches])
        seeds = picked(y_bars, seeded)
        bars = iter(switch(index, *values, *operands, *seeds, branches=graphs))
        return [None, *(next(bars) if m else None for m in known)]

    return Recorded(y, moved, pull)


def _batch(
    x: Sequence[Any], mapped: Mask, size: int, *, branches: tuple[Graph, ...]
) -> tuple[Sequence[Any], Mask]:
    """Take the branch for all members; where they take different ones, run all of them
    and select."""
    if mapped[0]:
        return _select(x, mapped, size, branches)
    known = mapped[1:]
    each = [reached_outputs(branch, known) for branch in branches]
    wanted = tuple(map(any, zip(*each, strict=True)))
    values, graphs = share([batch_body(b, known, wanted, size) for b in branches])
    return switch(x[0], *values, *x[1:], branches=graphs), wanted


def _select(
    x: Sequence[Any], mapped: Mask, size: int, branches: Sequence[Graph]
) -> tuple[list[Any], Mask]:
    index = np.clip(x[0].astype(np.int64), 0, len(branches) - 1)
    chosen: list[Any] = []
    # What a branch makes of the members that do not take it is no news.
    with np.errstate(all="ignore"):
        for k, branch in enumerate(branches):
            found, ours = batch_function(runner(branch), x[1:], mapped[1:], size)
            y = [spread(v, own, size) for v, own in zip(found, ours, strict=True)]
            taken = index == k
            chosen = y if k == 0 else [
                np.where(widened(taken, v.ndim - 1), v, other)
                for v, other in zip(y, chosen, strict=True)
            ]  # fmt: skip
    return chosen, (True,) * len(chosen)


enter_rules(switch, _push, _record, _batch)


def _moved(branches: Sequence[Graph], moving: Mask) -> Mask:
    """Tell which outputs vary, whichever branch is taken."""
    each = [moved_outputs(branch, moving) for branch in branches]
    return tuple(map(any, zip(*each, strict=True)))


@functools.lru_cache(256)
def _pulled(branch: Graph, moving: Mask, seeded: Mask) -> Closed:
    """Make the pullback of a branch, without the outputs of the branch itself."""
    graph, values = pull_body(branch, moving, seeded, (False,) * sum(moving))
    bars = graph.outputs[len(branch.outputs) :]
    return Closed(extract(graph, graph.inputs, bars), values)
