"""Long loops on several threads: a loop nest cut along its outermost axis.

A part writes what no other part writes. A reduction over the axis that is cut goes to a
place of its own in each part, and these are combined when all are done; so the sum is
that of as many partial sums as there are threads, whichever is ready first.
"""

from __future__ import annotations

from wengert.engines.loops.affine import Affine
from wengert.engines.loops.expressions import Builder, Expression
from wengert.engines.loops.neutral import neutral
from wengert.engines.loops.program import (
    Buffer,
    Check,
    Loop,
    Parallel,
    Program,
    Reduction,
    Step,
    Store,
)

__all__ = ["is_long", "spread"]

# Loops of less work than so many additions are done before a second thread has begun.
_LONG = 200_000


def spread(program: Program, threads: int) -> None:
    """Cut the long loops of a Program into parts, one for each thread."""
    if threads < 2:
        return
    for k, group in enumerate(program.steps):
        program.steps[k] = [
            part for step in group for part in _spread_step(step, threads)
        ]


def _work_of(step: Step) -> int:
    """Estimate the work of a loop, in additions."""
    if not isinstance(step, Loop):
        return 0
    turns = 1
    for low, high in step.box:
        turns *= high - low
    seen: set[int] = set()
    waiting = [write.value for write in step.writes]
    weight = len(step.writes)
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            weight += 10 if node.op == "call" else 1
            waiting += node.args
    return turns * weight


def is_long(program: Program) -> bool:
    """Tell whether a run takes so long that other threads of Python should run."""
    for group in program.steps:
        for step in group:
            if not isinstance(step, Loop | Check) or _work_of(step) >= _LONG:
                return True
    return False


def _spread_step(step: Step, threads: int) -> list[Step]:
    if _work_of(step) < _LONG or not step.box:
        return [step]
    axis = max(range(len(step.box)), key=lambda k: step.box[k][1] - step.box[k][0] > 1)
    low, high = step.box[axis]
    if high - low < threads or any(write.offset is not None for write in step.writes):
        return [step]
    shared = [w for w in step.writes if _stands_still(w, axis)]
    if any(isinstance(write, Store) for write in shared):
        return [step]
    if any(write.buffer.size > 4096 for write in shared):
        return [step]
    before: list[Step] = []
    after: list[Step] = []
    parts = []
    for t in range(threads):
        ends = tuple(low + (high - low) * k // threads for k in (t, t + 1))
        box = (*step.box[:axis], ends, *step.box[axis + 1 :])
        own: dict[Buffer, Buffer] = {}
        if t:
            for write in shared:
                assert isinstance(write, Reduction)
                own[write.buffer] = _place_of_its_own(write, before, after)
        parts.append(
            Loop(
                box,
                tuple(
                    w._replace(buffer=own.get(w.buffer, w.buffer)) if w in shared else w
                    for w in step.writes
                ),
            )
        )
    return [*before, Parallel(tuple(parts)), *after]


def _stands_still(write: Store | Reduction, axis: int) -> bool:
    return write.place.coefficients[axis] == 0


def _place_of_its_own(
    write: Reduction, before: list[Step], after: list[Step]
) -> Buffer:
    """Make a buffer for the partial result of a thread, cleared and then added."""
    whole = write.buffer
    own = Buffer("scratch", 0, whole.type, whole.size)
    box = ((0, whole.size),)
    build, place = Builder(), Affine(0, (1,))
    clear: Expression = build.constant(neutral(write.op, whole.type), whole.type)
    before.append(Loop(box, (Store(own, place, clear),)))
    partial = build.load(own, place, whole.type)
    after.append(Loop(box, (Reduction(write.op, whole, place, partial),)))
    return own
