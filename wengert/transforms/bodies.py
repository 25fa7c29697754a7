"""The pushforward and the pullback of a Graph, and the Graph of a batch, as Graphs.

Law: `push_body(body)` maps (x, ẋ) to (y, ẏ), and `pull_body(body)` maps (x, ȳ) to
(y, x̄), where ẋ, ȳ and x̄ are there for the inputs and outputs that vary only.

`batch_body(body)` maps the values of all members of a batch, stacked, to theirs.

All run the Graph on Tracers of a derivative, or of a batch, and these on Tracers that
know types alone (trace/bodies.py): so the result is a Graph of ordinary rows, and can
itself be differentiated. What it has captured, zeros mostly, are its first inputs.

Inputs and outputs stand in groups (constants, carry, slices), and what is added to a
group stands right after it: the group of a loop's carry stays one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.graph.dependence import reached, varying
from wengert.graph.equations import Graph
from wengert.graph.evaluate import runner
from wengert.graph.extract import Closed
from wengert.graph.types import ArrayType, is_inexact
from wengert.primitives.batches import spread
from wengert.primitives.bodies import input_types, output_types
from wengert.trace.bodies import stage_body
from wengert.trace.tracer import Tracer
from wengert.transforms.batching import batch_function
from wengert.transforms.forward import Forward, push_function
from wengert.transforms.reverse import record_function
from wengert.transforms.taylor import Expansion

__all__ = [
    "Mask",
    "batch_body",
    "batched_types",
    "closed_mask",
    "grouped",
    "inexact_only",
    "moved_outputs",
    "picked",
    "pull_body",
    "push_body",
    "reached_outputs",
    "stack_tangents",
    "untangled",
    "zeros_of",
]

Mask = tuple[bool, ...]
# Graphs are made once for each step of a derivative of an order, and used again where
# the same Graph runs once more; some are kept.
_KEPT = 256


@functools.lru_cache(_KEPT)
def push_body(
    graph: Graph,
    moving: Mask,
    moved: Mask,
    directions: int,
    groups: tuple[int, ...],
    out_groups: tuple[int, ...],
    series: bool = False,
) -> Closed:
    """Make the pushforward of a Graph.

    Parameters
    ----------
    graph : Graph
        Without captures and guards.
    moving, moved : tuple of bool
        Which inputs have a tangent, and which outputs shall have one: zeros, where
        they do not vary.
    directions : int
    groups, out_groups : tuple of int
        How many inputs, and outputs, make a group. In each, tangents follow on the
        values: those of the first direction, of the second, …
    series : bool
        Whether the tangents are the coefficients of power series instead.
    """
    run, types = runner(graph), input_types(graph)
    mode = Expansion if series else Forward

    def pushed(*values: Any) -> list[Any]:
        x, x_dots = untangled(values, moving, directions, groups)
        y, y_dots = push_function(
            lambda *duals: run(*duals), x, x_dots, mode(directions)
        )
        return stack_tangents(y, y_dots, moved, out_groups)

    given = stack_tangents(types, [types] * directions, moving, groups)
    return stage_body(pushed, given)


@functools.lru_cache(_KEPT)
def pull_body(graph: Graph, moving: Mask, seeded: Mask, added: Mask) -> Closed:
    """Make the pullback of a Graph.

    Parameters
    ----------
    graph : Graph
        Without captures and guards.
    moving, seeded : tuple of bool
        To which inputs, and from which outputs, cotangents are pulled.
    added : tuple of bool
        Of the moving inputs, whose cotangents are added to ones that are given.

    Returns
    -------
    Closed
        The inputs are those of the Graph, the cotangents to add to, and those of the
        seeded outputs; the outputs those of the Graph, and the cotangents of the moving
        inputs.
    """
    run, count = runner(graph), len(graph.inputs)
    types, y_types = input_types(graph), output_types(graph)
    totals_at = count + sum(added)

    def pulled(*values: Any) -> list[Any]:
        x, totals = values[:count], iter(values[count:totals_at])

        def primal(*nodes: Any) -> list[Any]:
            rest = iter(nodes)
            return run(
                *(next(rest) if m else v for v, m in zip(x, moving, strict=True))
            )

        y, pull = record_function(primal, picked(x, moving))
        seeds = iter(values[totals_at:])
        bars = pull([next(seeds) if s else None for s in seeded])
        return [
            *y,
            *(
                _sum(next(totals), bar) if add else bar
                for bar, add in zip(bars, added, strict=True)
            ),
        ]

    totals = picked(picked(types, moving), added)
    return stage_body(pulled, [*types, *totals, *picked(y_types, seeded)])


def _sum(total: Any, bar: Any) -> Any:
    # Cotangents are linear in the seeds: one that is not traced is zero.
    return total + bar if isinstance(bar, Tracer) else total


@functools.lru_cache(_KEPT)
def batch_body(graph: Graph, mapped: Mask, wanted: Mask, size: int) -> Closed:
    """Make the Graph that does for all members of a batch what a Graph does for one.

    Parameters
    ----------
    graph : Graph
        Without captures and guards.
    mapped, wanted : tuple of bool
        Which inputs have the batch as their first axis, and which outputs shall.
    size : int
        The number of members.
    """
    run = runner(graph)

    def batched(*values: Any) -> list[Any]:
        y, ours = batch_function(run, values, mapped, size)
        triples = zip(y, ours, wanted, strict=True)
        return [spread(v, own, size) if w else v for v, own, w in triples]

    return stage_body(batched, batched_types(graph, mapped, size))


def batched_types(graph: Graph, mapped: Mask, size: int) -> list[ArrayType]:
    """Give the types of what a Graph takes for all members of a batch."""
    return [
        ArrayType((size, *t.shape), t.dtype) if m else t
        for t, m in zip(input_types(graph), mapped, strict=True)
    ]


# ----- what varies -----


def inexact_only(mask: Sequence[bool], types: Sequence[ArrayType]) -> Mask:
    """Leave out of a mask what has no derivative: integers and booleans."""
    return tuple(m and is_inexact(t.dtype) for m, t in zip(mask, types, strict=True))


@functools.lru_cache(_KEPT)
def moved_outputs(graph: Graph, moving: Mask) -> Mask:
    """Tell which outputs of a Graph vary with the moving inputs."""
    vars = [var for var, m in zip(graph.inputs, moving, strict=True) if m]
    found = varying(graph, vars)
    return tuple(atom in found for atom in graph.outputs)


@functools.lru_cache(_KEPT)
def reached_outputs(graph: Graph, mapped: Mask) -> Mask:
    """Tell which outputs of a Graph depend in any way on those inputs."""
    found = reached(graph, picked(graph.inputs, mapped))
    return tuple(atom in found for atom in graph.outputs)


def closed_mask(
    body: Graph,
    moving: Mask,
    consts: int,
    carries: int,
    depend: Callable[[Graph, Mask], Mask] = moved_outputs,
) -> Mask:
    """Complete what varies in a loop: what is carried varies where it ever does.

    `depend` tells which outputs of the body do where some inputs do.
    """
    while True:
        moved = depend(body, moving)[:carries]
        carried = moving[consts : consts + carries]
        after = tuple(a or b for a, b in zip(carried, moved, strict=True))
        if after == carried:
            return moving
        moving = (*moving[:consts], *after, *moving[consts + carries :])


# ----- arranging -----


def picked(values: Sequence[Any], mask: Sequence[bool]) -> list[Any]:
    """Give the values at which the mask is true."""
    return [v for v, m in zip(values, mask, strict=True) if m]


def grouped(values: Sequence[Any], sizes: Sequence[int]) -> list[Sequence[Any]]:
    """Part values into groups of these sizes."""
    parts, start = [], 0
    for size in sizes:
        parts.append(values[start : start + size])
        start += size
    return parts


def stack_tangents(
    values: Sequence[Any],
    dots: Sequence[Sequence[Any]],
    mask: Sequence[bool],
    groups: Sequence[int],
) -> list[Any]:
    """Let the tangents of each group, in all directions, follow on its values."""
    stacked: list[Any] = []
    start = 0
    for size in groups:
        part = slice(start, start + size)
        stacked += values[part]
        for dot in dots:
            pairs = zip(values[part], dot[part], mask[part], strict=True)
            stacked += [zeros_of(v) if d is None else d for v, d, m in pairs if m]
        start += size
    return stacked


def untangled(
    values: Sequence[Any], mask: Mask, directions: int, groups: Sequence[int]
) -> tuple[list[Any], list[list[Any]]]:
    """Undo `stack_tangents`; None where there is no tangent."""
    rest = iter(values)
    x: list[Any] = []
    dots: list[list[Any]] = [[] for _ in range(directions)]
    start = 0
    for size in groups:
        x += [next(rest) for _ in range(size)]
        for dot in dots:
            dot += [next(rest) if m else None for m in mask[start : start + size]]
        start += size
    return x, dots


def zeros_of(like: Any) -> Any:
    """Make zeros of the shape and dtype of a value."""
    return np.zeros(like.shape, like.dtype)[()]
