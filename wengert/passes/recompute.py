"""Compute again what is cheap, instead of stacking it over the steps of a loop.

Law: for all inputs, `recompute(graph)` gives the outputs of `graph`, bit for bit.

A pullback reads what each step has computed on its way forward: a stack for every such
value. Those that a few additions and products give anew from what the step was handed
are left out; what it was carried is stacked instead, once. Memory is the time of such
loops: of Runge and Kutta's method one stack is left of four.

Before, and after (with `prune`):

```
v1, v2, v3 = scan[body=graph(a, c) {    v1, v4 = scan[body=graph(a, c) {
  p = multiply a c                        p = multiply a c
  q = add p c                             q = add p c
  d = sin q                               d = sin q
  return d, p, q                          return d, c
}, …] a c                               }, …] a c
w = scan[body=graph(s, p, q) {          w = scan[body=graph(a, s, c) {
  …                                       p = multiply a c
                                          q = add p c
                                          …
}, …] s v2 v3                           }, …] a s v4
```
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from wengert.graph import (
    PRIMITIVES,
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Var,
)
from wengert.graph.extract import used_vars
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import consumers, producers
from wengert.passes.prune import drop_dead

__all__ = ["recompute"]

# Stacks of fewer bytes stay in a cache.
LEAST = 1 << 20
# So many additions, at most, for each element that is not stacked.
_WORTH = 6
# A value that takes more equations than these stays a stack.
_LONGEST = 64
# What costs as much as an addition, or nothing.
_CHEAP = frozenset(
    {
        "absolute", "add", "broadcast_to", "concatenate", "copy", "equal", "flip",
        "getitem", "greater", "greater_equal", "less", "less_equal", "maximum",
        "minimum", "multiply", "negative", "not_equal", "reshape", "roll", "scale",
        "scatter", "sign", "square", "stack", "subtract", "transpose", "where",
    }
)  # fmt: skip


@dataclass(eq=False, slots=True)
class _Forward:
    """A scan, and which of its stacks are left out.

    Attributes
    ----------
    equation : Equation
    dropped : dict
        Each stack that is left out, and the var of the body that it is of.
    needed : list of Equation
        What gives these in the body.
    bases : list of Var
        What that is computed from: inputs of the body, and what is stacked still.
    givers : dict
        The equation that gives each var, of all in the body.
    """

    equation: Equation
    dropped: dict[Var, Var]
    needed: list[Equation]
    bases: list[Var]
    givers: Mapping[Var, Equation]
    # Once it is written: for each base that is stacked or sliced, its stack; for each
    # constant, its atom.
    stacks: dict[Atom, Atom] = field(default_factory=dict)
    constants: dict[Atom, Atom] = field(default_factory=dict)


def recompute(graph: Graph, least: int = LEAST) -> Graph:
    """Leave out stacks of scans that scans read, where that is worth while.

    Parameters
    ----------
    graph : Graph
    least : int
        Bytes that the stacks of a scan must have.
    """
    while forwards := _forwards(graph, least):
        graph = drop_dead(_rewritten(graph, forwards))
    return graph


def _rewritten(graph: Graph, forwards: Sequence[_Forward]) -> Graph:
    of = {y: forward for forward in forwards for y in forward.dropped}
    plans = {forward.equation.outputs: forward for forward in forwards}
    slices = _slices(graph, of)
    old = {equation.outputs: equation.inputs for equation in graph.equations}

    def rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
        inputs, outputs = old[equation.outputs], equation.outputs
        if forward := plans.get(outputs):
            return _write_forward(build, forward, equation)
        if equation.primitive.name == "scan":
            taken = [
                _Taken(k, y, of[y], index)
                for k, x in enumerate(inputs)
                if isinstance(x, Var) and x in slices
                for y, index in (slices[x],)
            ]
            again = _read_again(build, equation, taken) if taken else equation
            return copy_equation(build, again)
        x = inputs[0] if inputs else None
        if isinstance(x, Var) and x in of and outputs[0] not in slices:
            return (_element(build, equation, of[x], x),)
        return copy_equation(build, equation)

    return rebuild(graph, rewrite)


# ----- which -----


def _forwards(graph: Graph, least: int) -> list[_Forward]:
    users = consumers(graph)
    kept = {*graph.outputs, *(guard.var for guard in graph.guards)}
    found: list[_Forward] = []
    changed: set[Atom] = set()
    for equation in graph.equations:
        if not changed.isdisjoint(equation.inputs):
            # What reads a stack that goes has its turn in another round.
            changed.update(equation.outputs)
            continue
        if equation.primitive.name != "scan":
            continue
        stacks = equation.outputs[equation.params["carries"] :]
        free = [y for y in stacks if y not in kept and _is_replaceable(y, users, kept)]
        size = sum(y.type.size * y.type.dtype.itemsize for y in free)
        if size >= least and (forward := _chosen(equation, set(free))):
            found.append(forward)
            changed.update(forward.dropped)
    return found


def _is_replaceable(y: Var, users: Mapping[Var, Any], kept: set[Any]) -> bool:
    """Tell whether a stack is read step by step only: by scans, or one step of it."""
    readers = users.get(y, ())
    return bool(readers) and all(
        _is_slice_of(e, y)
        or (
            _index_of(e, slice) is not None
            and e.outputs[0] not in kept
            and all(_is_slice_of(u, e.outputs[0]) for u in users.get(e.outputs[0], ()))
        )
        or _index_of(e, int) is not None
        for e in readers
    )


def _is_slice_of(equation: Equation, x: Var) -> bool:
    """Tell whether a scan takes x step by step, and in no other way."""
    if equation.primitive.name != "scan":
        return False
    over = equation.params["consts"] + equation.params["carries"]
    return x not in equation.inputs[:over]


def _index_of(equation: Equation, kind: type) -> Any:
    """Give the index of a getitem along the first axis, if it is of this kind."""
    if equation.primitive.name != "getitem" or len(equation.params["index"]) != 1:
        return None
    (index,) = equation.params["index"]
    return index if type(index) is kind else None


def _chosen(equation: Equation, free: set[Var]) -> _Forward | None:
    """Choose which stacks to leave out: all that pay for what they are made of."""
    params = equation.params
    body, consts, carries = params["body"], params["consts"], params["carries"]
    order = {var: k for k, var in enumerate((*body.inputs, *_defined(body)))}
    pairs = zip(equation.outputs[carries:], body.outputs[carries:], strict=True)
    stacked = {inner: y for y, inner in pairs if isinstance(inner, Var)}
    givers = producers(body)
    candidates = sorted(
        (x for x, y in stacked.items() if y in free and x in givers),
        key=order.__getitem__,
    )
    carried = set(body.inputs[consts : consts + carries]) - set(stacked)
    while True:
        closures = _closures(givers, candidates, set(stacked))
        unpaid = _unpaid(closures, carried)
        if not unpaid:
            break
        candidates = [x for x in candidates if x not in unpaid]
    needed = set[Equation]().union(*closures.values())
    work = sum(map(_work, needed))
    if not closures or work > _WORTH * sum(x.type.size for x in closures):
        return None
    given = {var for e in needed for var in e.outputs}
    bases = used_vars([atom for e in needed for atom in e.inputs]) - given
    return _Forward(
        equation,
        {stacked[x]: x for x in closures},
        [e for e in body.equations if e in needed],
        sorted(bases, key=order.__getitem__),
        givers,
    )


def _defined(body: Graph) -> list[Var]:
    return [var for equation in body.equations for var in equation.outputs]


def _closures(
    givers: Mapping[Var, Equation], candidates: Sequence[Var], stacked: set[Var]
) -> dict[Var, set[Equation]]:
    """Find what computes each candidate from inputs and stacks that stay: those of
    other vars, and of candidates that are dear."""
    kept, found = stacked - set(candidates), {}
    for x in candidates:
        closure = _closure(givers, x, kept)
        if closure is None:
            kept.add(x)
        else:
            found[x] = closure
    return found


def _closure(
    givers: Mapping[Var, Equation], x: Var, kept: Collection[Atom]
) -> set[Equation] | None:
    """Find what computes a var from inputs and kept vars; None where that is dear."""
    found, waiting = set[Equation](), [x]
    while waiting:
        var = waiting.pop()
        if var in kept or (giver := givers.get(var)) is None or giver in found:
            continue
        if giver.primitive.name not in _CHEAP or len(found) == _LONGEST:
            return None
        found.add(giver)
        waiting += [atom for atom in giver.inputs if isinstance(atom, Var)]
    return found


def _unpaid(closures: Mapping[Var, set[Equation]], carried: set[Var]) -> set[Var]:
    """Find vars that save less than the stacks of what was carried, which they need."""
    bad: set[Var] = set()
    reading = {
        x: used_vars([atom for e in closure for atom in e.inputs])
        for x, closure in closures.items()
    }
    for carry in carried:
        users = {x for x, read in reading.items() if carry in read}
        if users and 2 * sum(map(_bytes, users)) < 3 * _bytes(carry):
            bad |= users
    return bad


def _bytes(var: Var) -> int:
    return int(var.type.size * var.type.dtype.itemsize)


def _work(equation: Equation) -> int:
    free = ("getitem", "transpose", "reshape", "broadcast_to", "flip", "copy")
    if equation.primitive.name in free:
        return 0
    return sum(math.prod(var.type.shape) for var in equation.outputs)


# ----- writing -----


def _slices(graph: Graph, of: Mapping[Var, _Forward]) -> dict[Var, tuple[Var, Any]]:
    """Map what scans take of stacks that are left out to the stack and its index."""
    found: dict[Var, tuple[Var, Any]] = {y: (y, None) for y in of}
    for equation in graph.equations:
        x = equation.inputs[0] if equation.inputs else None
        if isinstance(x, Var) and x in of:
            if (index := _index_of(equation, slice)) is not None:
                found[equation.outputs[0]] = x, index
    return found


def _write_forward(
    build: GraphBuilder, forward: _Forward, equation: Equation
) -> Sequence[Atom]:
    """Add the scan, with stacks of the bases; what is left out goes with `prune`."""
    params = equation.params
    body, consts, carries = params["body"], params["consts"], params["carries"]
    stacked = dict(zip(body.outputs[carries:], range(carries, 10**9), strict=False))
    inputs = dict(zip(body.inputs, equation.inputs, strict=True))
    added = [
        var
        for var in forward.bases
        if var not in stacked and var in body.inputs[consts : consts + carries]
    ]
    inner = replace(body, outputs=(*body.outputs, *added))
    made = build.add(
        equation.primitive, equation.inputs, {**params, "body": inner}, equation.source
    )
    for var in forward.bases:
        if var in stacked:
            forward.stacks[var] = made[stacked[var]]
        elif var in added:
            forward.stacks[var] = made[len(body.outputs) + added.index(var)]
        elif var in body.inputs[:consts]:
            forward.constants[var] = inputs[var]
        else:
            forward.stacks[var] = inputs[var]
    return made[: len(body.outputs)]


def _computed(
    build: GraphBuilder, forward: _Forward, known: dict[Atom, Atom], x: Var
) -> Atom:
    """Add what gives a var of the body, where it is not known already."""
    closure = _closure(forward.givers, x, known)
    assert closure is not None
    for equation in forward.needed:
        if equation in closure:
            inputs = [known.get(atom, atom) for atom in equation.inputs]
            made = build.copy(equation, inputs)
            known.update(zip(equation.outputs, made, strict=True))
    return known[x]


def _element(
    build: GraphBuilder, equation: Equation, forward: _Forward, y: Var
) -> Atom:
    """Compute one step of a stack, which is read outside of loops."""
    known = dict(forward.constants)
    for var, stack in forward.stacks.items():
        (known[var],) = build.add(
            PRIMITIVES["getitem"], (stack,), equation.params, equation.source
        )
    return _computed(build, forward, known, forward.dropped[y])


class _Taken(NamedTuple):
    """What a scan takes step by step of stacks that are left out.

    Attributes
    ----------
    place : int
        Which input of the scan.
    stack : Var
    forward : _Forward
        What gives it.
    index : slice or None
        Which steps of it.
    """

    place: int
    stack: Var
    forward: _Forward
    index: Any

    @property
    def key(self) -> Any:
        """Equal for what is made of the same bases."""
        steps = self.index and (self.index.start, self.index.stop, self.index.step)
        return id(self.forward), steps


def _read_again(
    build: GraphBuilder, equation: Equation, taken: Sequence[_Taken]
) -> Equation:
    """Let a scan take the bases, and compute in its body what was left out."""
    params = equation.params
    body, over = params["body"], params["consts"] + params["carries"]
    places = {part.place for part in taken}
    staying = [k for k in range(over, len(body.inputs)) if k not in places]
    groups = {part.key: part for part in taken}
    known: dict[Any, dict[Atom, Atom]] = {key: {} for key in groups}
    inner, fixed, stacks = GraphBuilder(), list[Atom](), list[Atom]()
    for key, part in groups.items():
        for var, atom in part.forward.constants.items():
            known[key][var] = inner.input(var.type)
            fixed.append(atom)
    for var in (*body.inputs[:over], *(body.inputs[k] for k in staying)):
        inner.keep(var)
    for key, part in groups.items():
        for var, atom in part.forward.stacks.items():
            known[key][var] = inner.input(var.type)
            stacks.append(_sliced(build, atom, part.index))
    new: dict[Atom, Atom] = {}
    for part in taken:
        x = part.forward.dropped[part.stack]
        new[body.inputs[part.place]] = _computed(
            inner, part.forward, known[part.key], x
        )
    for step in body.equations:
        inputs = tuple(new.get(atom, atom) for atom in step.inputs)
        inner.keep(replace(step, inputs=inputs))
    outputs = [new.get(atom, atom) for atom in body.outputs]
    others = (*equation.inputs[:over], *(equation.inputs[k] for k in staying))
    again = {
        **params,
        "body": inner.finish(outputs),
        "consts": params["consts"] + len(fixed),
    }
    return replace(equation, inputs=(*fixed, *others, *stacks), params=again)


def _sliced(build: GraphBuilder, stack: Atom, index: Any) -> Atom:
    if index is None:
        return stack
    return build.add(PRIMITIVES["getitem"], (stack,), {"index": (index,)})[0]
