"""The linear map of one run of f, as a Graph, and many sweeps through it at once.

    push:  (x, ẋ) ↦ ẏ = J ẋ

It is traced from what `jvp` runs, custom rules included: so the Graph that is looked at
for the pattern is the one that gives the entries. What does not depend on the tangents
is computed once for all sweeps. Reverse sweeps transpose the same Graph, and so run
none of f again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.graph import Graph, Var
from wengert.graph.evaluate import run_equation, runner, value_of
from wengert.graph.walk import releases
from wengert.passes.prune import drop_dead
from wengert.trace.staging import stage_function
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

__all__ = ["push_graph", "sweep", "sweep_back"]


def push_graph(
    f: Callable[..., Sequence[Any]], xs: Sequence[Any]
) -> tuple[list[Any], Graph]:
    """Trace the pushforward of f at xs.

    Returns
    -------
    ys : list
        Zeros like the outputs of f.
    graph : Graph
        Its inputs are the leaves x, then their tangents; its outputs the tangents of y.
    """
    ys: list[Any] = []

    def pushed(*values: Any) -> list[Any]:
        count = len(xs)
        found, (dots,) = push_function(f, values[:count], [values[count:]])
        ys[:] = [np.zeros(y.shape, y.dtype) for y in found]
        return [
            zero if dot is None else dot for zero, dot in zip(ys, dots, strict=True)
        ]

    graph = stage_function(pushed, [*xs, *map(_zeros, xs)])[1]
    # The path is traced anew at each call, and so needs no guards.
    return ys, drop_dead(replace(graph, guards=()))


def sweep(
    graph: Graph, xs: Sequence[Any], seeds: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """Push many tangents through, all of them equation by equation.

    Parameters
    ----------
    graph : Graph
        From `push_graph`.
    xs : sequence
        Where.
    seeds : sequence
        Each a sequence of tangents.

    Returns
    -------
    list
        The tangents of the outputs, for each seed.
    """
    values: dict[Var, Any] = {c.var: c.value for c in graph.captures}
    values.update(zip(graph.inputs, xs, strict=False))
    tangents = graph.inputs[len(xs) :]
    moving = [dict(zip(tangents, seed, strict=True)) for seed in seeds]
    varying = set(tangents)
    with np.errstate(all="ignore"):
        for equation, dead in zip(graph.equations, releases(graph), strict=True):
            if varying.isdisjoint(equation.inputs):
                results = run_equation(graph, equation, values)
                values.update(zip(equation.outputs, results, strict=True))
            else:
                varying.update(equation.outputs)
                fixed = {a: values[a] for a in equation.inputs if a in values}
                for own in moving:
                    asked = fixed | {a: own[a] for a in equation.inputs if a in own}
                    results = run_equation(graph, equation, asked)
                    own.update(zip(equation.outputs, results, strict=True))
            for var in dead:
                for kept in (values, *moving):
                    kept.pop(var, None)
    return [
        [value_of(a, own if a in own else values) for a in graph.outputs]
        for own in moving
    ]


def sweep_back(
    graph: Graph, xs: Sequence[Any], seeds: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """Pull many cotangents of the outputs back: `sweep`, transposed."""
    run = runner(graph)
    zeros = list(map(_zeros, xs))
    _, pull = record_function(lambda *dots: run(*xs, *dots), zeros)
    return [pull(seed) for seed in seeds]


def _zeros(x: Any) -> Any:
    return np.zeros(x.shape, x.dtype)[()]
