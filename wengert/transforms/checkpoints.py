"""The derivative of `checkpoint`, in both modes: `checkpoint` again.

Body and pullback are written down as one Graph, and cut: what the policy keeps goes
from the first call to the second, which computes all else once more from what the call
was given. With nothing kept, for the body `y = sin(exp(x))`:

    y = checkpoint(x):        v = exp x;  y = sin v
    x̄ = checkpoint(x, ȳ):     v = exp x;  x̄ = ȳ · cos v · v

(Griewank & Walther, 2008, ch. 12). Both calls are differentiated in turn: second
derivatives keep as little.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from wengert.graph.equations import Equation, Graph, Var
from wengert.graph.extract import between, extract, used_vars, useful
from wengert.primitives.bodies import input_types
from wengert.primitives.checkpointing import SCHEDULED, checkpoint, checkpoint_name
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
from wengert.transforms.policies import Policy, keeps
from wengert.transforms.rules import or_zeros
from wengert.transforms.structured import Recorded, Tangents, enter_rules

__all__: list[str] = []

_NOTHING = ("nothing", SCHEDULED)


def _push(
    x: Sequence[Any], x_dots: Tangents, series: bool, *, body: Graph, policy: Policy
) -> tuple[Sequence[Any], Tangents]:
    """Carry tangents beside values."""
    given = [any(dot[i] is not None for dot in x_dots) for i in range(len(x))]
    moving = inexact_only(given, input_types(body))
    moved, directions = moved_outputs(body, moving), len(x_dots)
    groups, out_groups = (len(x),), (len(moved),)
    pushed = push_body(body, moving, moved, directions, groups, out_groups, series)
    stacked = stack_tangents(x, x_dots, moving, groups)
    y = checkpoint(*pushed.values, *stacked, body=pushed.graph, policy=policy)
    return untangled(y, moved, directions, out_groups)


def _record(
    x: Sequence[Any], moving: Sequence[bool], *, body: Graph, policy: Policy
) -> Recorded:
    """Run the body; keep what it was given, and what the policy says."""
    inexact = inexact_only(moving, input_types(body))
    moved = moved_outputs(body, inexact)
    known = _reaching(body, inexact, moved)
    forth = _forth(body, known, moved, policy)
    values = forth.values if forth.kept else ()
    y = checkpoint(*values, *x, body=forth.graph, policy=policy)
    outputs, kept = y[: len(moved)], y[len(moved) :]

    def pull(y_bars: Sequence[Any]) -> list[Any]:
        if kept:  # which belong to a Graph that takes all cotangents
            seeded, asked = moved, known
            y_bars = [
                or_zeros(bar, y) if m else None
                for bar, y, m in zip(y_bars, outputs, moved, strict=True)
            ]
        else:
            seeded = tuple(
                m and bar is not None for m, bar in zip(moved, y_bars, strict=True)
            )
            asked = _reaching(body, known, seeded)
        back = _back(body, asked, seeded, policy)
        seeds = picked(y_bars, seeded)
        bars = iter(
            checkpoint(*back.values, *x, *kept, *seeds, body=back.graph, policy=policy)
        )
        return [next(bars) if m else None for m in asked]

    return Recorded(tuple(outputs), moved, pull)


def _batch(
    x: Sequence[Any], mapped: Mask, size: int, *, body: Graph, policy: Policy
) -> tuple[Sequence[Any], Mask]:
    """Make one call for all members."""
    wanted = reached_outputs(body, mapped)
    batched = batch_body(body, mapped, wanted, size)
    y = checkpoint(*batched.values, *x, body=batched.graph, policy=policy)
    return y, wanted


enter_rules(checkpoint, _push, _record, _batch)


@functools.lru_cache(256)
def _reaching(body: Graph, moving: Mask, seeded: Mask) -> Mask:
    """Tell which of the inputs some outputs depend on: the others have no cotangent, of
    which zeros would have to be made."""
    used = useful(body, picked(body.outputs, seeded))
    return tuple(m and k in used for k, m in enumerate(moving))


# ----- the cut -----


class _Half(NamedTuple):
    """The Graph of one of the calls; `values` are its first inputs."""

    graph: Graph
    values: tuple[Any, ...]
    kept: tuple[Var, ...]


@functools.lru_cache(256)
def _forth(body: Graph, moving: Mask, seeded: Mask, policy: Policy) -> _Half:
    """Make the body that also gives what is kept."""
    if policy in _NOTHING:
        return _Half(body, (), ())
    graph, values = _joint(body, moving, seeded)
    kept = _kept(graph, len(values) + len(body.inputs), len(body.outputs), policy)
    if not kept:
        return _Half(body, (), ())
    given = graph.inputs[: len(values) + len(body.inputs)]
    outputs = [*graph.outputs[: len(body.outputs)], *kept]
    return _Half(extract(graph, given, outputs), values, kept)


@functools.lru_cache(256)
def _back(body: Graph, moving: Mask, seeded: Mask, policy: Policy) -> _Half:
    """Make the body of the pullback, which takes what is kept before cotangents."""
    graph, values = _joint(body, moving, seeded)
    count = len(values) + len(body.inputs)
    kept = _kept(graph, count, len(body.outputs), policy)
    inputs = [*graph.inputs[:count], *kept, *graph.inputs[count:]]
    bars = graph.outputs[len(body.outputs) :]
    return _Half(extract(graph, inputs, bars), values, kept)


def _joint(body: Graph, moving: Mask, seeded: Mask) -> tuple[Graph, tuple[Any, ...]]:
    """Write body and pullback down as one Graph."""
    return pull_body(body, moving, seeded, (False,) * sum(moving))


def _kept(graph: Graph, places: int, outputs: int, policy: Policy) -> tuple[Var, ...]:
    """Find what the policy keeps of all that does not depend on cotangents, and that
    the pullback then asks for."""
    if policy in _NOTHING:
        return ()
    late, given = set(graph.inputs[places:]), set(graph.inputs)
    allowed: list[Var] = []
    for equation in graph.equations:
        if late.isdisjoint(used_vars(equation.inputs)):
            if keeps(policy, equation):
                allowed += _result(equation, given)
        else:
            late.update(equation.outputs)
    bars = graph.outputs[outputs:]
    used = used_vars(bars)
    for equation in between(graph, [*graph.inputs, *allowed], bars):
        used |= used_vars(equation.inputs)
    return tuple(var for var in allowed if var in used)


def _result(equation: Equation, given: set[Var]) -> Sequence[Var]:
    """Give what it means to keep a result; of a name, it is what is named, which
    pullbacks ask for too."""
    if equation.primitive is not checkpoint_name:
        return equation.outputs
    return list(used_vars(equation.inputs) - given)
