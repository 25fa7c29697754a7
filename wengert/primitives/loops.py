"""Loops: a body, run a stated number of times or while a condition holds.

    c', y  = scan(a, c, x):       for k in 0…length−1:  c, y[k] = body(a, c, x[k])
    c'     = while_loop(p, a, c): while cond(p, c):     c = body(a, c)
    ā, c̄  = while_back(p, a, b, c, c̄'): the pullback of `while_loop`

where p, a and b are constants of the loop, and c is what it carries. `while_back` runs
the loop once more, keeps what is carried into each step, and sweeps back over the steps
with `back(b, a, c, ā, c̄)`, the pullback of the body. So no Graph holds an array whose
length is known only when it runs; for what the derivative of `while_back` is, see
transforms/while_loops.py. How many states the sweep over a scan keeps, its param
`checkpoint` says, where it is there: see transforms/checkpointed_scans.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Graph
from wengert.graph.evaluate import runner
from wengert.graph.primitive import PRIMITIVES, Sample, Structured, register
from wengert.graph.types import ArrayType
from wengert.primitives.arithmetic import add, multiply
from wengert.primitives.bodies import (
    check_inputs,
    flops,
    output_types,
)
from wengert.primitives.samplers import arrays
from wengert.primitives.trigonometric import cos, sin

__all__ = ["scan", "while_back", "while_loop"]


# ----- scan -----


def _scan(
    *inputs: Any,
    body: Graph,
    length: int,
    reverse: bool,
    consts: int,
    carries: int,
    checkpoint: Any = None,  # noqa: ARG001
) -> tuple[Any, ...]:
    run = runner(body)
    fixed, carry = inputs[:consts], list(inputs[consts : consts + carries])
    xs = inputs[consts + carries :]
    ys = [np.empty((length, *t.shape), t.dtype) for t in output_types(body)[carries:]]
    for k in range(length - 1, -1, -1) if reverse else range(length):
        outputs = run(*fixed, *carry, *[x[k] for x in xs])
        carry = outputs[:carries]
        for y, part in zip(ys, outputs[carries:], strict=True):
            y[k] = part
    return (*carry, *ys)


def _scan_type(
    *types: ArrayType,
    body: Graph,
    length: int,
    reverse: bool,
    consts: int,
    carries: int,
    checkpoint: Any = None,  # noqa: ARG001
) -> tuple[ArrayType, ...]:
    over = consts + carries
    for i, x in enumerate(types[over:]):
        if x.shape[:1] != (length,):
            raise ShapeError(
                f"scan: it runs {length} steps over xs[{i}], which is {x}: the first "
                "axis must have that length"
            )
    slices = [ArrayType(x.shape[1:], x.dtype) for x in types[over:]]
    check_inputs("scan", "body", body, (*types[:over], *slices))
    given = output_types(body)
    _check_carry("scan", types[consts:over], given[:carries])
    return (
        *given[:carries],
        *(ArrayType((length, *y.shape), y.dtype) for y in given[carries:]),
    )


def _scan_cost(types: Any, y: Any, *, body: Graph, length: int, **_: Any) -> int:
    return length * flops(body)


def _scan_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    scalar, vector = ArrayType((), dtype), ArrayType((2,), dtype)
    build = GraphBuilder()
    a, c, x = build.input(scalar), build.input(vector), build.input(scalar)
    (ax,) = build.add(multiply, [a, x], {})
    (shifted,) = build.add(add, [c, ax], {})
    (after,) = build.add(sin, [shifted], {})
    (y,) = build.add(multiply, [shifted, c], {})
    body = build.finish([after, y])
    for length, reverse in ((3, False), (2, True), (0, False)):
        inputs = [arrays(rng, dtype, shape) for shape in ((), (2,), (length,))]
        params = {
            "body": body, "length": length, "reverse": reverse, "consts": 1,
            "carries": 1,
        }  # fmt: skip
        yield Sample(tuple(inputs), params)


scan = register(
    Structured(
        name="scan",
        numpy=(),
        impl=_scan,
        type=_scan_type,
        cost=_scan_cost,
        samples=_scan_samples,
        ref="the loop, unrolled; Griewank & Walther (2008), ch. 3 and 4",
    )
)


# ----- while_loop -----


def _while_loop(
    *inputs: Any, cond: Graph, body: Graph, cond_consts: int, body_consts: int
) -> tuple[Any, ...]:
    ask, run = runner(cond), runner(body)
    asked, fixed, carry = _parted(inputs, cond_consts, body_consts)
    while ask(*asked, *carry)[0]:
        carry = run(*fixed, *carry)
    return tuple(carry)


def _while_loop_type(
    *types: ArrayType, cond: Graph, body: Graph, cond_consts: int, body_consts: int
) -> tuple[ArrayType, ...]:
    asked, fixed, carry = _parted(types, cond_consts, body_consts)
    check_inputs("while_loop", "condition", cond, (*asked, *carry))
    check_inputs("while_loop", "body", body, (*fixed, *carry))
    told = output_types(cond)
    if len(told) != 1 or told[0] != ArrayType((), np.dtype(bool)):
        raise ShapeError(f"while_loop: its condition gives {told}, no single bool")
    _check_carry("while_loop", carry, output_types(body))
    return tuple(carry)


def _while_cost(types: Any, y: Any, *, cond: Graph, body: Graph, **_: Any) -> int:
    # How many steps there are, only a run can tell: this is what one costs.
    return flops(cond) + flops(body)


def _condition(*types: ArrayType) -> Graph:
    """Make the condition carry[0] < 2, for samples."""
    build = GraphBuilder()
    t, *_ = [build.input(type_) for type_ in types]
    return build.finish(build.add(PRIMITIVES["less"], [t, build.constant(2)], {}))


def _while_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    count, scalar, vector = (
        ArrayType((), np.dtype(np.int64)), ArrayType((), dtype), ArrayType((2,), dtype),
    )  # fmt: skip
    build = GraphBuilder()
    a, t, c = build.input(scalar), build.input(count), build.input(vector)
    (after,) = build.add(add, [t, build.constant(1)], {})
    (ac,) = build.add(multiply, [a, c], {})
    body = build.finish([after, *build.add(sin, [ac], {})])
    params = {
        "cond": _condition(count, vector), "body": body, "cond_consts": 0,
        "body_consts": 1,
    }  # fmt: skip
    for start in (0, 3):
        values = arrays(rng, dtype, ()), np.int64(start), arrays(rng, dtype, (2,))
        yield Sample(values, params)


while_loop = register(
    Structured(
        name="while_loop",
        numpy=(),
        impl=_while_loop,
        type=_while_loop_type,
        cost=_while_cost,
        samples=_while_samples,
        ref="the loop, unrolled; Griewank & Walther (2008), ch. 3 and 4",
    )
)


# ----- while_back -----


def _while_back(
    *inputs: Any,
    cond: Graph,
    body: Graph,
    back: Graph,
    cond_consts: int,
    body_consts: int,
    back_consts: int,
    moving: tuple[bool, ...],
) -> tuple[Any, ...]:
    ask, run, pull = runner(cond), runner(body), runner(back)
    asked, fixed, rest = _parted(inputs, cond_consts, body_consts)
    also, carry = rest[:back_consts], rest[back_consts:]
    seeds = sum(moving[body_consts:])
    carry, carry_bar = carry[: len(carry) - seeds], carry[len(carry) - seeds :]
    steps = []
    while ask(*asked, *carry)[0]:
        steps.append(carry)
        carry = run(*fixed, *carry)
    bars = [*_zeros(output_types(back)[: sum(moving[:body_consts])]), *carry_bar]
    while steps:
        bars = pull(*also, *fixed, *steps.pop(), *bars)
    return tuple(bars)


def _while_back_type(
    *types: ArrayType,
    cond: Graph,
    body: Graph,
    back: Graph,
    cond_consts: int,
    body_consts: int,
    back_consts: int,
    moving: tuple[bool, ...],
) -> tuple[ArrayType, ...]:
    asked, fixed, rest = _parted(types, cond_consts, body_consts)
    also, carry = rest[:back_consts], rest[back_consts:]
    seeds = sum(moving[body_consts:])
    carry, carry_bar = carry[: len(carry) - seeds], carry[len(carry) - seeds :]
    check_inputs("while_back", "condition", cond, (*asked, *carry))
    check_inputs("while_back", "body", body, (*fixed, *carry))
    moved = [t for t, m in zip((*fixed, *carry), moving, strict=True) if m]
    _check_carry("while_back", moved, output_types(back))
    fixed_bar = moved[: len(moved) - seeds]
    taken = (*also, *fixed, *carry, *fixed_bar, *carry_bar)
    check_inputs("while_back", "pullback", back, taken)
    return tuple(moved)


def _while_back_cost(
    types: Any, y: Any, *, cond: Graph, body: Graph, back: Graph, **_: Any
) -> int:
    return flops(cond) + flops(body) + flops(back)


def _while_back_samples(rng: Any, dtype: Any) -> Iterator[Sample]:
    (sample, *_) = _while_samples(rng, dtype)
    (a, start, c), params = sample
    scalar, vector = ArrayType((), dtype), ArrayType((2,), dtype)
    types = (scalar, ArrayType((), np.dtype(np.int64)), vector, vector)
    build = GraphBuilder()
    a_, _t, c_, c_bar = map(build.input, types)
    (ac,) = build.add(multiply, [a_, c_], {})
    (slope,) = build.add(cos, [ac], {})
    (pulled,) = build.add(multiply, [slope, c_bar], {})
    back = build.finish(build.add(multiply, [a_, pulled], {}))
    moving = (False, False, True)
    more = {"back": back, "back_consts": 0, "moving": moving}
    yield Sample((a, start, c, arrays(rng, dtype, (2,))), {**params, **more})


while_back = register(
    Structured(
        name="while_back",
        numpy=(),
        impl=_while_back,
        type=_while_back_type,
        cost=_while_back_cost,
        samples=_while_back_samples,
        ref="Griewank & Walther (2008), ch. 4: the sweep over a loop of which the "
        "states were kept",
    )
)


# ----- what they share -----


def _parted(
    values: Sequence[Any], first: int, second: int
) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
    middle = first + second
    return values[:first], values[first:middle], values[middle:]


def _check_carry(
    row: str, before: Sequence[ArrayType], after: Sequence[ArrayType]
) -> None:
    if tuple(before) != tuple(after):
        raise ShapeError(
            f"{row}: it carries {tuple(before)} into a step, and {tuple(after)} out"
        )


def _zeros(types: Sequence[ArrayType]) -> list[Any]:
    return [np.zeros(t.shape, t.dtype)[()] for t in types]
