"""Add up what a loop gives in the loop, where nothing else needs the stack of it.

Law: for all inputs, `accumulate(graph)` gives the outputs of `graph`, but for rounding:
sums are made in the order of the steps.

Before, and after (with `prune`): a carry of one slice takes the place of all of them,
which were written to memory and read again.

```
v1, v2 = scan[body=graph(c, x) {        v3 = broadcast_to[shape=(9,)] -0.0
  d = sin c                             v1, v2 = scan[body=graph(c, s, x) {
  y = multiply c x                        d = sin c
  return d, y                             y = multiply c x
}, carries=1, …] v-1 v0                   t = add s y
v3 = sum[axes=(0,)] v2                    return d, t
                                        }, carries=2, …] v-1 v3 v0
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wengert.graph import (
    PRIMITIVES,
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Literal,
    Var,
)
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import consumers, inner_graphs
from wengert.passes.narrow import map_inner

__all__ = ["accumulate"]


def accumulate(graph: Graph) -> Graph:
    """Turn sums over the steps of scans into what they carry."""
    if not any(map(_holds_graphs, graph.equations)):
        return graph
    summed = _summed(graph)
    done: dict[Var, Atom] = {}

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        if equation.outputs and equation.outputs[0] in done:
            return (done[equation.outputs[0]],)
        inner = replace(equation, params=map_inner(equation.params, accumulate))
        places = [k for k, y in enumerate(equation.outputs) if y in summed]
        if not places:
            return copy_equation(build, inner)
        given, totals = _carrying(build, inner, places)
        for k, total in zip(places, totals, strict=True):
            done[summed[equation.outputs[k]]] = total
        return given

    return rebuild(graph, rewrite)


def _holds_graphs(equation: Equation) -> bool:
    return any(True for _ in inner_graphs(equation))


def _summed(graph: Graph) -> dict[Var, Var]:
    """Map the stacks of scans that are summed, and used for nothing else, to sums."""
    users = consumers(graph)
    kept = {*graph.outputs, *(guard.var for guard in graph.guards)}
    found: dict[Var, Var] = {}
    for equation in graph.equations:
        params = equation.params
        if equation.primitive.name != "scan" or not params["length"]:
            continue
        pairs = zip(equation.outputs, params["body"].outputs, strict=True)
        for y, inner in list(pairs)[params["carries"] :]:
            if y in kept or len(users.get(y, ())) != 1 or not isinstance(inner, Var):
                continue
            (user,) = users[y]
            (total, *_) = user.outputs
            if user.primitive.name == "sum" and _is_over_steps(user, y, total):
                found[y] = total
    return found


def _is_over_steps(equation: Equation, y: Var, total: Var) -> bool:
    axes, keepdims = equation.params["axes"], equation.params["keepdims"]
    return axes == (0,) and not keepdims and total.type.dtype == y.type.dtype


def _carrying(
    build: GraphBuilder, equation: Equation, places: Sequence[int]
) -> tuple[Sequence[Var], Sequence[Var]]:
    """Add a scan that carries sums of its outputs at these places, after what it
    carried; give its outputs as before, and the sums."""
    body, params = equation.params["body"], equation.params
    carries, before = params["carries"], params["consts"] + params["carries"]
    zeros = [_zero(build, body.outputs[k]) for k in places]
    inner = GraphBuilder()
    for var in body.inputs[:before]:
        inner.keep(var)
    sums = [inner.input(zero.type) for zero in zeros]
    for part in (*body.inputs[before:], *body.equations):
        inner.keep(part)
    added = [
        inner.add(PRIMITIVES["add"], (total, body.outputs[k]), {})[0]
        for total, k in zip(sums, places, strict=True)
    ]
    outputs = (*body.outputs[:carries], *added, *body.outputs[carries:])
    made = build.add(
        equation.primitive,
        (*equation.inputs[:before], *zeros, *equation.inputs[before:]),
        {**params, "body": inner.finish(outputs), "carries": carries + len(places)},
        equation.source,
    )
    after = carries + len(places)
    return (*made[:carries], *made[after:]), made[carries:after]


def _zero(build: GraphBuilder, like: Atom) -> Var:
    """Write an array that changes nothing it is added to, not the sign of a zero."""
    type = like.type
    number = Literal(
        type.dtype.type(-0.0 if np.issubdtype(type.dtype, np.inexact) else 0)
    )
    if not type.shape:
        return build.add(PRIMITIVES["copy"], (number,), {})[0]
    return build.add(PRIMITIVES["broadcast_to"], (number,), {"shape": type.shape})[0]
