"""Branches and loops without what nobody asks for: outputs, what is carried for them,
and the inputs that only these needed.

Law: the outputs that are kept are what they were, bit for bit.

Before, and after, where only the carry is used:

```
v1, v2 = scan[body=graph(c, x) {        v1 = scan[body=graph(c, x) {
  s = sin c                               d = add c x
  d = add c x                             return d
  return d, s                           }, …] v-1 v0
}, …] v-1 v0
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from wengert.graph.equations import Equation, Graph
from wengert.graph.extract import extract, taking, useful
from wengert.primitives.branching import switch
from wengert.primitives.checkpointing import checkpoint
from wengert.primitives.loops import scan, while_loop

__all__ = ["Narrowed", "map_inner", "narrowed"]

Pass = Callable[[Graph], Graph]


class Narrowed(NamedTuple):
    """What is left of an equation: its params, and which inputs and outputs."""

    params: Mapping[str, Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def map_inner(params: Mapping[str, Any], change: Pass) -> dict[str, Any]:
    """Apply a pass to the Graphs among the params of an equation."""

    def mapped(value: Any) -> Any:
        if isinstance(value, Graph):
            return change(value)
        if type(value) is tuple and any(isinstance(part, Graph) for part in value):
            return tuple(map(mapped, value))
        return value

    return {name: mapped(value) for name, value in params.items()}


def narrowed(equation: Equation, wanted: Sequence[bool], change: Pass) -> Narrowed:
    """Leave out of a branch or loop what is not wanted.

    Parameters
    ----------
    equation : Equation
    wanted : sequence of bool
        For each output, whether it is used.
    change : callable
        The pass for the Graphs inside, run before it is seen which inputs they use.
    """
    narrow = _NARROWERS.get(equation.primitive)
    if narrow is not None:
        return narrow(equation, wanted, change)
    return Narrowed(
        map_inner(equation.params, change),
        tuple(range(len(equation.inputs))),
        tuple(range(len(equation.outputs))),
    )


def _switch(equation: Equation, wanted: Sequence[bool], change: Pass) -> Narrowed:
    kept = _places(wanted)
    branches = [
        change(extract(branch, branch.inputs, [branch.outputs[k] for k in kept]))
        for branch in equation.params["branches"]
    ]
    operands = sorted(
        {k for branch in branches for k in useful(branch, branch.outputs)}
    )
    graphs = tuple(taking(branch, operands) for branch in branches)
    return Narrowed({"branches": graphs}, (0, *(k + 1 for k in operands)), kept)


def _checkpoint(equation: Equation, wanted: Sequence[bool], change: Pass) -> Narrowed:
    kept, body = _places(wanted), equation.params["body"]
    inner = change(extract(body, body.inputs, [body.outputs[k] for k in kept]))
    taken = tuple(sorted(useful(inner, inner.outputs)))
    narrow = {**equation.params, "body": taking(inner, taken)}
    return Narrowed(narrow, taken, kept)


def _scan(equation: Equation, wanted: Sequence[bool], change: Pass) -> Narrowed:
    params = equation.params
    body, consts, carries = params["body"], params["consts"], params["carries"]
    carried = _needed_carries(body, consts, wanted[:carries], wanted[carries:])
    kept = _places([*carried, *wanted[carries:]])
    inner = change(extract(body, body.inputs, [body.outputs[k] for k in kept]))
    used = useful(inner, inner.outputs) | {consts + k for k in _places(carried)}
    taken = tuple(sorted(used))
    narrow = {
        **params,
        "body": taking(inner, taken),
        "consts": sum(k < consts for k in taken),
        "carries": sum(carried),
    }
    return Narrowed(narrow, taken, kept)


def _while_loop(equation: Equation, wanted: Sequence[bool], change: Pass) -> Narrowed:
    params = equation.params
    cond, body = change(params["cond"]), params["body"]
    asked, fixed = params["cond_consts"], params["body_consts"]
    looked_at = {k - asked for k in useful(cond, cond.outputs) if k >= asked}
    asks = [want or k in looked_at for k, want in enumerate(wanted)]
    kept = _places(_needed_carries(body, fixed, asks, ()))
    inner = change(extract(body, body.inputs, [body.outputs[k] for k in kept]))
    cond_taken = sorted(k for k in useful(cond, cond.outputs) if k < asked)
    body_taken = sorted(k for k in useful(inner, inner.outputs) if k < fixed)
    narrow = {
        "cond": taking(cond, [*cond_taken, *(asked + k for k in kept)]),
        "body": taking(inner, [*body_taken, *(fixed + k for k in kept)]),
        "cond_consts": len(cond_taken),
        "body_consts": len(body_taken),
    }
    taken = (
        *cond_taken,
        *(asked + k for k in body_taken),
        *(asked + fixed + k for k in kept),
    )
    return Narrowed(narrow, taken, kept)


_NARROWERS: dict[Any, Callable[[Equation, Sequence[bool], Pass], Narrowed]] = {
    checkpoint: _checkpoint,
    scan: _scan,
    switch: _switch,
    while_loop: _while_loop,
}


def _needed_carries(
    body: Graph, consts: int, wanted: Sequence[bool], others: Sequence[bool]
) -> list[bool]:
    """Find what a loop must carry for the outputs that are wanted."""
    needed, count = list(wanted), len(wanted)
    while True:
        kept = _places([*needed, *others])
        used = useful(body, [body.outputs[k] for k in kept])
        after = [n or consts + k in used for k, n in enumerate(needed)]
        if after == needed:
            return needed
        needed = after[:count]


def _places(mask: Sequence[bool]) -> tuple[int, ...]:
    return tuple(k for k, m in enumerate(mask) if m)
