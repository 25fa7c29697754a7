"""What stands in a Program, to be told to users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wengert.engines.inspection import Fused
from wengert.engines.loops.memory import reads, writes
from wengert.engines.loops.plan import Group
from wengert.engines.loops.program import (
    Buffer,
    Call,
    Loop,
    Parallel,
    Product,
    Program,
    Scan,
    Step,
    Switch,
    Unwind,
    While,
)

__all__ = ["summarize"]


def summarize(program: Program) -> tuple[Fused, ...]:
    """Tell of each group of steps what it computes, and from what."""
    pairs = zip(program.steps, program.origins, strict=True)
    return tuple(_summarize_group(steps, origin) for steps, origin in pairs if steps)


def _summarize_group(steps: Sequence[Step], origin: Group) -> Fused:
    return Fused(
        origin.domain,
        tuple(equation.primitive.name for equation in origin.equations),
        sum(isinstance(step, Loop | Parallel) for step in steps),
        sum(isinstance(step, Product | Call) for step in steps),
        sum(isinstance(step, Parallel) for step in steps),
        _named(buffer for step in steps for buffer in reads(step)),
        _named(buffer for step in steps for buffer in writes(step)),
        tuple(
            group
            for step in steps
            for body in _bodies(step)
            for group in summarize(body)
        ),
    )


def _named(buffers: Iterable[Buffer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(repr, buffers)))


def _bodies(step: Step) -> Iterator[Program]:
    match step:
        case Scan():
            yield step.body.program
        case While():
            yield from (step.condition.program, step.body.program)
        case Unwind():
            yield from _bodies(step.loop)
            yield step.back.program
        case Switch():
            yield from (branch.program for branch in step.branches)
