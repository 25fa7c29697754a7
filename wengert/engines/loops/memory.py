"""Memory: arrays written in place of their predecessors, and one arena for the rest.

First, a copy whose original nobody reads again is left out: both are one buffer. So a
loop that fills an array element by element stays linear. Then each scratch buffer gets
a place in the arena, which it shares with buffers whose lives do not overlap.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Sequence
from typing import Any

from wengert.engines.loops.expressions import Expression
from wengert.engines.loops.program import (
    Buffer,
    Call,
    Carry,
    Check,
    Loop,
    Parallel,
    Product,
    Program,
    Reduction,
    Scan,
    Step,
    Store,
    Unwind,
    View,
    While,
)
from wengert.engines.loops.threads import spread

__all__ = ["arrange", "reads", "writes"]

_LINE = 64  # bytes: what vectors and caches like


def reads(step: Step) -> list[Buffer]:
    """List the buffers that a step reads."""
    if isinstance(step, Loop):
        found: dict[Buffer, None] = {}
        seen: set[int] = set()
        for write in step.writes:
            _loads(write.value, found, seen)
            if write.offset is not None:
                _loads(write.offset, found, seen)
            if isinstance(write, Reduction):
                found[write.buffer] = None
        return list(found)
    if isinstance(step, Parallel):
        return list(dict.fromkeys(b for part in step.parts for b in reads(part)))
    return _views_read(step)


def writes(step: Step) -> list[Buffer]:
    """List the buffers that a step writes."""
    if isinstance(step, Loop):
        return list(dict.fromkeys(write.buffer for write in step.writes))
    if isinstance(step, Parallel):
        return list(dict.fromkeys(b for part in step.parts for b in writes(part)))
    return _views_written(step)


def _views_read(step: Step) -> list[Buffer]:
    match step:
        case Product():
            return [step.left.buffer, step.right.buffer]
        case Call():
            return [operand.buffer for operand in step.operands]
        case Check():
            return [step.buffer]
        case Scan():
            views = [*step.constants, *(c.first for c in step.carries), *step.xs]
        case While():
            views = [*step.asked, *step.constants, *(c.first for c in step.carries)]
        case Unwind():
            views = [*step.also, *(c.first for c in step.bars)]
            return [v.buffer for v in views] + _views_read(step.loop)
        case _:
            views = [step.index, *step.operands]
    return [view.buffer for view in views]


def _views_written(step: Step) -> list[Buffer]:
    match step:
        case Product():
            return [step.target.buffer]
        case Call():
            return [o.buffer for o in step.operands if o.written]
        case Check():
            return []
        case Scan():
            ys = [view.buffer for view in step.ys]
            return [*_places(step.carries), *ys, step.body.work]
        case While():
            works = [step.condition.work, step.body.work, step.told]
            return [*_places(step.carries), *works]
        case Unwind():
            inner = _views_written(step.loop)
            return [*_places(step.bars), step.back.work, *inner]
        case _:
            return [*step.targets, *(part.work for part in step.branches)]


def _places(carries: Sequence[Carry]) -> list[Buffer]:
    spares = [c.spare for c in carries if c.spare is not None]
    return [*(c.last for c in carries), *spares]


def _loads(value: Expression, found: dict[Buffer, None], seen: set[int]) -> None:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.op in ("load", "gather"):
            found[node.info[0]] = None
        waiting += node.args


def arrange(
    program: Program, carried: Sequence[tuple[int, int]] = (), threads: int = 1
) -> None:
    """Leave out needless copies, and give every scratch buffer its place.

    Parameters
    ----------
    program : Program
    carried : sequence of (int, int)
        Inputs that nobody needs after the run, and outputs that may be written over
        them: where that is right, they are merged.
    threads : int
        Into how many parts long loops are cut.
    """
    free = {program.inputs[i] for i, _ in carried}
    _leave_out_copies(program, free)
    for i, j in carried:
        _merge(program, i, j)
    spread(program, threads)
    _place(program)


def _leave_out_copies(program: Program, free: set[Buffer]) -> None:
    steps = [step for group in program.steps for step in group]
    used = [(reads(step), writes(step)) for step in steps]
    last: dict[Buffer, int] = {}
    first_write: dict[Buffer, int] = {}
    for k, (read, written) in enumerate(used):
        for buffer in (*read, *written):
            last[buffer] = k
        for buffer in written:
            first_write.setdefault(buffer, k)
    instead: dict[Buffer, Buffer] = {}
    dropped: set[int] = set()
    for k, step in enumerate(steps):
        pair = _whole_copy(step)
        if pair is None:
            continue
        source, target = pair
        if first_write.get(target) != k or last[source] != k:
            continue
        source = instead.get(source, source)
        if source.kind == "scratch":
            # The older buffer takes the place of the newer one, which may be an output.
            old, new = source, target
        elif source in free and target.kind == "scratch":
            old, new = target, source
        else:
            continue
        for key, value in instead.items():
            if value is old:
                instead[key] = new
        instead[old] = new
        dropped.add(id(step))
    if not instead:
        return
    for i, group in enumerate(program.steps):
        program.steps[i] = [
            _renamed(step, instead) for step in group if id(step) not in dropped
        ]


def _merge(program: Program, i: int, j: int) -> None:
    """Write output j over input i, if nothing reads the input once that has begun."""
    source, target = program.inputs[i], program.outputs[j]
    if target.type != source.type or target.size != source.size:
        return
    begun = False
    for group in program.steps:
        for step in group:
            reading, writing = source in reads(step), target in writes(step)
            if reading and (begun or writing and not _in_step(step, source, target)):
                return
            begun = begun or writing
    instead = {target: source}
    for k, group in enumerate(program.steps):
        steps = [_renamed(step, instead) for step in group]
        program.steps[k] = [step for step in steps if not _is_idle(step)]
    program.outputs[j] = source
    program.merged.add((i, j))


def _in_step(step: Step, source: Buffer, target: Buffer) -> bool:
    """Tell whether each turn of a loop reads of `source` only what it writes itself."""
    if not isinstance(step, Loop):
        return False
    places = {write.place for write in step.writes if write.buffer is target}
    if len(places) != 1 or any(write.offset is not None for write in step.writes):
        return False
    waiting = [write.value for write in step.writes]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.op in ("load", "gather") and node.info[0] is source:
            if node.op == "gather" or node.info[1] not in places:
                return False
        waiting += node.args
    turns = 1
    for low, high in step.box:
        turns *= high - low
    # Each place is written in one turn only.
    (place,) = places
    return turns == target.size or not any(place.coefficients) and turns == 1


def _is_idle(step: Step) -> bool:
    """Tell whether a step copies a buffer onto itself."""
    if not isinstance(step, Loop) or len(step.writes) != 1:
        return False
    (write,) = step.writes
    value = write.value
    return (
        isinstance(write, Store)
        and value.op == "load"
        and (value.info == (write.buffer, write.place))
    )


def _whole_copy(step: Step) -> tuple[Buffer, Buffer] | None:
    """Give source and target of a loop that copies all of a buffer as it is."""
    if not isinstance(step, Loop) or len(step.writes) != 1:
        return None
    (write,) = step.writes
    if not isinstance(write, Store) or write.value.op != "load" or write.offset:
        return None
    source, place = write.value.info
    turns = 1
    for low, high in step.box:
        turns *= high - low
    same = source.type == write.buffer.type and place == write.place
    whole = turns == source.size == write.buffer.size
    return (source, write.buffer) if same and whole else None


def _renamed(step: Step, instead: dict[Buffer, Buffer]) -> Step:
    if isinstance(step, Loop):
        known: dict[int, Expression] = {}
        return Loop(
            step.box,
            tuple(
                write._replace(
                    buffer=instead.get(write.buffer, write.buffer),
                    value=_moved(write.value, instead, known),
                    offset=write.offset and _moved(write.offset, instead, known),
                )
                for write in step.writes
            ),
        )
    return _with_buffers(step, instead)


def _with_buffers(value: Any, instead: dict[Buffer, Buffer]) -> Any:
    """Replace buffers in a step that is not a Loop, wherever they stand."""
    if isinstance(value, Buffer):
        return instead.get(value, value)
    if isinstance(value, View):
        return value._replace(buffer=instead.get(value.buffer, value.buffer))
    if isinstance(value, tuple):
        return tuple(_with_buffers(part, instead) for part in value)
    if isinstance(value, Program) or not dataclasses.is_dataclass(value):
        return value
    make: Any = type(value)
    fields = (field.name for field in dataclasses.fields(value))
    return make(
        **{name: _with_buffers(getattr(value, name), instead) for name in fields}
    )


def _moved(
    root: Expression, instead: dict[Buffer, Buffer], known: dict[int, Expression]
) -> Expression:
    """Copy an expression with other buffers; what does not change stays as it is."""
    waiting = [root]
    while waiting:
        node = waiting[-1]
        if id(node) in known:
            waiting.pop()
            continue
        missing = [arg for arg in node.args if id(arg) not in known]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        args = tuple(known[id(arg)] for arg in node.args)
        info = node.info
        if node.op in ("load", "gather") and info[0] in instead:
            info = (instead[info[0]], info[1])
        if info is node.info and all(map(lambda a, b: a is b, args, node.args)):
            known[id(node)] = node
        else:
            known[id(node)] = Expression(node.op, node.type, args, info, node.moves)
    return known[id(root)]


def _place(program: Program) -> None:
    """Give each scratch buffer the first gap that is free while it lives."""
    first: dict[Buffer, int] = {}
    last: dict[Buffer, int] = {}
    for k, group in enumerate(program.steps):
        for step in group:
            for buffer in (*reads(step), *writes(step)):
                if buffer.kind == "scratch":
                    first.setdefault(buffer, k)
                    last[buffer] = k
    dying: list[tuple[int, int, int]] = []  # last group, place, bytes
    gaps = _Gaps()
    for buffer in first:
        while dying and dying[0][0] < first[buffer]:
            _, place, size = heapq.heappop(dying)
            gaps.free(place, size)
        size = -(-max(1, buffer.nbytes) // 8) * 8
        if size >= _LINE:
            size = -(-size // _LINE) * _LINE
        buffer.place = gaps.take(size)
        heapq.heappush(dying, (last[buffer], buffer.place, size))
    program.scratch = gaps.end


class _Gaps:
    """The free parts of the arena."""

    def __init__(self) -> None:
        self.end = 0
        self._free: list[tuple[int, int]] = []  # place, bytes; in order of place

    def take(self, size: int) -> int:
        """Give the place of so many free bytes: the tightest gap, or the end."""
        best = -1
        for k, (place, free) in enumerate(self._free):
            start = place if size < _LINE else -(-place // _LINE) * _LINE
            if free - (start - place) >= size and (
                best < 0 or free < self._free[best][1]
            ):
                best = k
                if free == size:
                    break
        if best >= 0:
            place, free = self._free.pop(best)
            start = place if size < _LINE else -(-place // _LINE) * _LINE
            if start > place:
                self.free(place, start - place)
            if start + size < place + free:
                self.free(start + size, place + free - start - size)
            return start
        start = self.end if size < _LINE else -(-self.end // _LINE) * _LINE
        if start > self.end:
            self.free(self.end, start - self.end)
        self.end = start + size
        return start

    def free(self, place: int, size: int) -> None:
        """Take bytes back, and join them with the gaps beside them."""
        at = 0
        while at < len(self._free) and self._free[at][0] < place:
            at += 1
        self._free.insert(at, (place, size))
        if at + 1 < len(self._free) and place + size == self._free[at + 1][0]:
            size += self._free.pop(at + 1)[1]
            self._free[at] = (place, size)
        if at and sum(self._free[at - 1]) == place:
            before, length = self._free[at - 1]
            self._free[at - 1] = (before, length + size)
            del self._free[at]
