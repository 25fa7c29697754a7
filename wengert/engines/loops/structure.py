"""Loops and branches that the Graph states: their bodies become Programs of their own.

A body reads and writes through addresses that the step hands it. What a loop carries is
written over the old value where the body allows that, and otherwise goes to and fro
between two places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from wengert.engines.loops.program import (
    Buffer,
    Carry,
    Part,
    Program,
    Scan,
    Step,
    Switch,
    Unwind,
    View,
    While,
)
from wengert.graph import Atom, Equation, Graph, Literal, Var

__all__ = ["structured"]


class Surroundings(Protocol):
    """What this needs of the lowering around it."""

    def view_of(self, atom: Atom) -> View | None:
        """Find an array in memory."""

    def copied(self, atom: Atom) -> View:
        """Copy an atom into memory."""

    def stored(self, var: Var) -> View:
        """Give a var memory."""

    def fill(self, view: View) -> None:
        """Write zeros into memory."""


Lower = Callable[..., Program]


def structured(around: Surroundings, equation: Equation, lower: Lower) -> Step:
    """Make the step of an equation that holds Graphs."""
    make = {
        "checkpoint": _call,
        "scan": _scan,
        "switch": _switch,
        "while_loop": _while,
        "while_back": _unwind,
    }[equation.primitive.name]
    return make(around, equation, lower)


def _scan(around: Surroundings, equation: Equation, lower: Lower) -> Scan:
    p: Any = equation.params
    consts, carries = p["consts"], p["carries"]
    body = _part(p["body"], lower, [(consts + k, k) for k in range(carries)])
    firsts = equation.inputs[consts : consts + carries]
    return Scan(
        body,
        p["length"],
        p["reverse"],
        _whole(around, equation.inputs[:consts]),
        _carries(around, firsts, equation.outputs, body.program, consts),
        tuple(_sliced(around, atom) for atom in equation.inputs[consts + carries :]),
        tuple(around.stored(var) for var in equation.outputs[carries:]),
    )


def _while(around: Surroundings, equation: Equation, lower: Lower) -> While:
    return _loop(around, equation.inputs, equation.params, lower, equation.outputs)


def _loop(
    around: Surroundings,
    inputs: Sequence[Atom],
    p: Any,
    lower: Lower,
    outputs: Sequence[Var] | None,
) -> While:
    asked, fixed = p["cond_consts"], p["body_consts"]
    start = asked + fixed
    count = len(inputs) - start
    body = _part(p["body"], lower, [(fixed + k, k) for k in range(count)])
    condition = _part(p["cond"], lower, ())
    return While(
        condition,
        body,
        _whole(around, inputs[:asked]),
        _whole(around, inputs[asked:start]),
        _carries(around, inputs[start:], outputs, body.program, fixed),
        Buffer("scratch", 0, "bool", 1),
    )


def _unwind(around: Surroundings, equation: Equation, lower: Lower) -> Unwind:
    p: Any = equation.params
    asked, fixed, also = p["cond_consts"], p["body_consts"], p["back_consts"]
    moving = p["moving"]
    start = asked + fixed + also
    seeds = sum(moving[fixed:])
    states = len(equation.inputs) - start - seeds
    inputs = equation.inputs
    kept = (*inputs[: asked + fixed], *inputs[start : start + states])
    loop = _loop(around, kept, p, lower, None)
    # The pullback takes also, constants, state; then the cotangents that it carries.
    first = also + fixed + states
    count = len(equation.outputs)
    back = _part(p["back"], lower, [(first + k, k) for k in range(count)])
    bars = []
    given = [None] * (count - seeds) + list(inputs[start + states :])
    for k, (var, atom) in enumerate(zip(equation.outputs, given, strict=True)):
        if atom is None:
            target = around.stored(var)
            view = target._replace(buffer=Buffer("scratch", 0, *_like(target.buffer)))
            around.fill(view)
        else:
            (view,) = _whole(around, [atom])
        bars.append(_carry(around, view, var, back.program, (first + k, k)))
    return Unwind(
        loop, back, _whole(around, inputs[asked + fixed : start]), tuple(bars)
    )


def _switch(around: Surroundings, equation: Equation, lower: Lower) -> Switch:
    index, *operands = equation.inputs
    (where,) = _whole(around, [index])
    return Switch(
        where,
        tuple(_part(graph, lower, ()) for graph in equation.params["branches"]),
        _whole(around, operands),
        tuple(around.stored(var).buffer for var in equation.outputs),
    )


def _call(around: Surroundings, equation: Equation, lower: Lower) -> Switch:
    """Make a branch that is always taken: its values have memory of their own, which
    other steps use before and after."""
    return Switch(
        around.copied(Literal(np.int64(0))),
        (_part(equation.params["body"], lower, ()),),
        _whole(around, equation.inputs),
        tuple(around.stored(var).buffer for var in equation.outputs),
    )


# ----- parts -----


def _part(graph: Graph, lower: Lower, carried: Sequence[tuple[int, int]]) -> Part:
    program = lower(graph, carried)
    return Part(program, Buffer("scratch", 0, "u8", max(1, program.scratch)))


def _carries(
    around: Surroundings,
    firsts: Sequence[Atom],
    outputs: Sequence[Var] | None,
    program: Program,
    before: int,
) -> tuple[Carry, ...]:
    views = _whole(around, firsts)
    return tuple(
        _carry(
            around, view, outputs[k] if outputs is not None else None, program,
            (before + k, k),
        )
        for k, view in enumerate(views)
    )  # fmt: skip


def _carry(
    around: Surroundings,
    first: View,
    var: Var | None,
    program: Program,
    pair: tuple[int, int],
) -> Carry:
    like = first.buffer
    size = program.outputs[pair[1]].size
    last = (
        around.stored(var).buffer
        if var is not None
        else Buffer("scratch", 0, like.type, size)
    )
    spare = None if pair in program.merged else Buffer("scratch", 0, last.type, size)
    return Carry(first, last, spare)


def _whole(around: Surroundings, atoms: Sequence[Atom]) -> tuple[View, ...]:
    """Find arrays in memory in C order, or copy them there."""
    views = []
    for atom in atoms:
        view = around.view_of(atom)
        if view is None or not view.is_contiguous:
            view = around.copied(atom)
        views.append(view)
    return tuple(views)


def _like(buffer: Buffer) -> tuple[str, int]:
    return buffer.type, buffer.size


def _sliced(around: Surroundings, atom: Atom) -> View:
    """Find an array of which each slice along the first axis is in C order."""
    view = around.view_of(atom)
    if view is not None:
        one = View(view.buffer, view.shape[1:], view.strides[1:], 0)
        if one.is_contiguous:
            return view
    return around.copied(atom)
