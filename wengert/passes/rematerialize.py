"""Compute values once more, late, in place of keeping them from early on.

Law: for all inputs, `rematerialize(graph, late, kept)` gives the outputs of `graph`.

A Graph that ends in a reverse sweep computes values early that are used late, and that
are held all the while. Here only those of `kept` are; the others are computed once more
just before the first late equation that asks for them, by a `checkpoint` for each such
occasion, which no pass merges with the early equations.

Before, and after, with late = 3 and kept = {v2}:

```
v1 = sin v0                     v1 = sin v0
v2 = exp v1                     v2 = exp v1
v3 = multiply v2 v2             v3 = multiply v2 v2
v4 = multiply v-1 v2            v4 = multiply v-1 v2
v5 = multiply v4 v1             v5 = checkpoint[body: sin] v0
                                v6 = multiply v4 v5
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

from wengert.graph import Atom, Equation, Graph, GraphBuilder, Literal, Var
from wengert.graph.extract import extract, used_vars
from wengert.graph.walk import producers
from wengert.passes.prune import drop_dead
from wengert.primitives.checkpointing import SCHEDULED, checkpoint

__all__ = ["carried", "crossing", "rematerialize", "stretches"]

Step = Equation | list[Equation]


def rematerialize(graph: Graph, late: int, kept: Collection[Var]) -> Graph:
    """Make the Graph that holds, of what is computed early, only what is kept.

    Parameters
    ----------
    graph : Graph
        Without guards.
    late : int
        The index of the first late equation.
    kept : collection of Var

    Returns
    -------
    Graph
        With the same inputs and captures.
    """
    steps = list(_steps(graph, late, set(kept) | used_vars(graph.outputs)))
    wanted = used_vars(graph.outputs)
    uses: list[set[Var]] = []
    for step in reversed(steps):
        uses.append(set(wanted))
        for equation in step if isinstance(step, list) else [step]:
            wanted |= used_vars(equation.inputs)
    uses.reverse()

    build = GraphBuilder()
    for var in graph.inputs:
        build.keep(var)
    for capture in graph.captures:
        build.keep(capture)
    for equation in graph.equations[:late]:
        build.keep(equation)
    new: dict[Atom, Atom] = {}
    for step, after in zip(steps, uses, strict=True):
        if isinstance(step, list):
            inputs, body = _body(graph, step, after)
            given = [new.get(var, var) for var in inputs[0]]
            params = {"body": body, "policy": SCHEDULED}
            made = build.add(checkpoint, given, params, step[-1].source)
            new.update(zip(inputs[1], made, strict=True))
        else:
            atoms = [new.get(atom, atom) for atom in step.inputs]
            if all(a is b for a, b in zip(atoms, step.inputs, strict=True)):
                build.keep(step)
            else:
                new.update(zip(step.outputs, build.copy(step, atoms), strict=True))
    return drop_dead(build.finish([new.get(atom, atom) for atom in graph.outputs]))


def _steps(graph: Graph, late: int, kept: set[Var]) -> Iterator[Step]:
    """Give the late equations, and before each what it asks for and is not there."""
    early = {var: e for e in graph.equations[:late] for var in e.outputs}
    order = {equation: k for k, equation in enumerate(graph.equations[:late])}
    missing = set(early) - kept
    for equation in graph.equations[late:]:
        chunk: set[Equation] = set()
        waiting = list(used_vars(equation.inputs) & missing)
        while waiting:
            giver = early[waiting.pop()]
            if giver not in chunk:
                chunk.add(giver)
                missing.difference_update(giver.outputs)
                waiting += used_vars(giver.inputs) & missing
        if chunk:
            yield sorted(chunk, key=order.__getitem__)
        yield equation


def _body(
    graph: Graph, chunk: Sequence[Equation], after: Collection[Var]
) -> tuple[tuple[list[Var], list[Var]], Graph]:
    """Make the Graph of some equations: what it takes and gives, and itself."""
    made = {var: None for equation in chunk for var in equation.outputs}
    taken: dict[Var, None] = {}
    for equation in chunk:
        for atom in equation.inputs:
            if not isinstance(atom, Literal) and atom not in made:
                taken[atom] = None
    inputs, outputs = list(taken), [var for var in made if var in after]
    return (inputs, outputs), extract(graph, inputs, outputs, set(chunk))


# ----- what may be kept -----


def crossing(graph: Graph, late: int) -> list[Var]:
    """List what early equations give and late ones use, in order."""
    used = {
        v for equation in graph.equations[late:] for v in used_vars(equation.inputs)
    }
    return [v for e in graph.equations[:late] for v in e.outputs if v in used]


def carried(graph: Graph, late: int) -> list[set[Var]]:
    """List, for the beginning of each early equation, what was given before, and is
    used by it or by an early one after it."""
    made = producers(graph)
    alive: set[Var] = set()
    lists = []
    for equation in reversed(graph.equations[:late]):
        alive.difference_update(equation.outputs)
        alive.update(var for var in used_vars(equation.inputs) if var in made)
        lists.append(set(alive))
    return lists[::-1]


def stretches(graph: Graph, late: int, count: int) -> list[int]:
    """Cut the early equations into stretches between which little is carried, and that
    give about as many bytes, of those that are used late.

    Returns
    -------
    list of int
        The index of the first equation of each stretch but the first.
    """
    used = set(crossing(graph, late))
    totals = list(
        accumulate(
            sum(v.type.nbytes for v in e.outputs if v in used)
            for e in graph.equations[:late]
        )
    )
    if not totals:
        return []
    loads = [sum(v.type.nbytes for v in alive) for alive in carried(graph, late)]
    share = totals[-1] / count
    cuts: list[int] = []
    for k in range(1, count):
        near = [
            i
            for i in range(1, late)
            if abs(totals[i - 1] - k * share) <= share / 2
            and i > (cuts[-1] if cuts else 0)
        ]
        if near:
            # The least carried; of equals, the one that parts most evenly.
            cuts.append(
                min(near, key=lambda i: (loads[i], abs(totals[i - 1] - k * share)))
            )
    return cuts
