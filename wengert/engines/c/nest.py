"""Loop nests as C: a value is computed in the outermost loop that it allows.

The compiler vectorises: the pointers are `restrict`, and the inner loop runs along the
last axis. Only sums are helped, since C may not change their order: eight partial sums
take turns, which is faster, and nearer to the exact sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wengert.engines.c.text import (
    MEMORY,
    VALUES,
    Function,
    constant,
    index_text,
)
from wengert.engines.c.values import Helper, combined, computed
from wengert.engines.loops.affine import Affine
from wengert.engines.loops.expressions import FLOATS, Expression
from wengert.engines.loops.program import Buffer, Loop, Program, Reduction, Store
from wengert.engines.loops.turns import collapsed, in_order

__all__ = ["LANES", "Context", "Module", "emit_loop"]

# Partial sums of an inner loop, and the length from which on there are some.
LANES = 8
_LONG = 32


class Module(Protocol):
    """What the functions of a file share."""

    def helper(self, name: str, text: str) -> str:
        """Write a short function once, and give its full name."""

    def body(self, program: Program) -> tuple[str, bool]:
        """Write the function of a body; give its name, and whether it may fail."""


@dataclass(slots=True)
class Context:
    """What a step needs of the function around it.

    Attributes
    ----------
    function : Function
    pointers : dict
        Of each buffer the name of its address.
    module : Module
    """

    function: Function
    pointers: dict[Buffer, str]
    module: Module


def emit_loop(context: Context, loop: Loop) -> None:
    """Add a loop nest to a function."""
    _Nest(context, loop).run()


class _Nest:
    def __init__(self, context: Context, loop: Loop) -> None:
        self.context = context
        self.f = context.function
        self.writes = loop.writes
        self.nodes = in_order(loop.writes)
        self.axes, self.extents = collapsed(loop, self.nodes)
        self.starts = [low for low, _ in loop.box]
        self.depth = len(self.extents)
        self.counters: list[str] = []
        self.values: dict[int, str] = {}
        self.by_depth: list[list[Expression]] = [[] for _ in range(self.depth + 1)]
        for node in self.nodes:
            if node.op != "constant":
                self.by_depth[self._depth_of(node)].append(node)

    def run(self) -> None:
        self.f.open()
        self._level(0)
        self.f.close()

    # ----- the nest -----

    def _level(self, depth: int) -> None:
        """Compute what is known here, and open the next loop."""
        for node in self.by_depth[depth]:
            self.values[id(node)] = self._node(node)
        if depth == self.depth:
            for write in self.writes:
                self._write(write)
            return
        if depth == self.depth - 1:
            self._innermost(depth)
            return
        self.counters.append(f"i{depth}")
        self.f.open(_for(f"i{depth}", 0, self.extents[depth]))
        self._level(depth + 1)
        self.f.close()
        self.counters.pop()

    def _innermost(self, depth: int) -> None:
        f, n = self.f, self.extents[depth]
        sums = {id(w): _Sum(f, w, n >= _LONG) for w in self.writes if self._still(w)}
        for write in self.writes:
            if id(write) in sums:
                first = self._loaded(write.buffer, write.place)
                sums[id(write)].start(first)
        counter, done = f"i{depth}", 0
        if any(total.has_lanes for total in sums.values()):
            done = n - n % LANES
            f.open(f"for (int64_t base = 0; base < {done}; base += {LANES})")
            f.open(_for("lane", 0, LANES))
            f.do(f"const int64_t {counter} = base + lane;")
            self._turn(counter, sums, "lane")
            f.close()
            f.close()
        if done < n:
            f.open(_for(counter, done, n))
            self._turn(counter, sums, "0")
            f.close()
        for write in self.writes:
            if id(write) in sums:
                place = self._element(write.buffer, write.place)
                sums[id(write)].finish(place, self.context.module.helper)

    def _turn(self, counter: str, sums: dict[int, _Sum], lane: str) -> None:
        """Do what stands in the inner loop."""
        self.counters.append(counter)
        for node in self.by_depth[self.depth]:
            self.values[id(node)] = self._node(node)
        for write in self.writes:
            if id(write) in sums and isinstance(write, Reduction):
                total = sums[id(write)].lane(lane)
                self.f.do(f"{total} = {self._combined(write, total)};")
            else:
                self._write(write)
        self.counters.pop()

    def _still(self, write: Store | Reduction) -> bool:
        """Tell whether a reduction goes to one place while the inner counter moves."""
        return (
            isinstance(write, Reduction)
            and write.offset is None
            and self._coefficients(write.place)[-1] == 0
        )

    # ----- values -----

    def _node(self, node: Expression) -> str:
        f, op = self.f, node.op
        if op == "load":
            return f.value(VALUES[node.type], self._loaded(*node.info))
        if op == "counter":
            return f.value("int64_t", self._index(node.info))
        args = [self._value(arg) for arg in node.args]
        if op == "gather":
            buffer, place = node.info
            text = self._loaded(buffer, place, args[0])
            return f.value(VALUES[node.type], text)
        if op == "checked":
            n, code = node.info
            y = f.value("int64_t", f"{args[0]} < 0 ? {args[0]} + {n} : {args[0]}")
            f.leave_if(f"{y} < 0 || {y} >= {n}", str(code))
            return y
        text = computed(node, args, self.context.module.helper)
        return f.value(VALUES[node.type], text)

    def _value(self, node: Expression) -> str:
        if node.op == "constant":
            return constant(node.info, node.type)
        return self.values[id(node)]

    # ----- places -----

    def _coefficients(self, place: Affine) -> tuple[int, ...]:
        """Give the coefficients of the counters that are left after collapsing."""
        return tuple(place.coefficients[axis] for axis in self.axes)

    def _depth_of(self, node: Expression) -> int:
        depth = 0
        for k, axis in enumerate(self.axes):
            # The counters collapsed into one move together.
            first = self.axes[k - 1] + 1 if k else 0
            if any(node.moves >> a & 1 for a in range(first, axis + 1)):
                depth = k + 1
        return depth

    def _index(self, place: Affine) -> str:
        offset = place.constant + sum(
            k * low for k, low in zip(place.coefficients, self.starts, strict=True)
        )
        coefficients = self._coefficients(place)[: len(self.counters)]
        terms = [
            (k, name) for k, name in zip(coefficients, self.counters, strict=True) if k
        ]
        return index_text(offset, terms)

    def _element(self, buffer: Buffer, place: Affine, offset: str = "") -> str:
        index = self._index(place)
        if offset:
            index = offset if index == "0" else f"{index} + {offset}"
        return f"{self.context.pointers[buffer]}[{index}]"

    def _loaded(self, buffer: Buffer, place: Affine, offset: str = "") -> str:
        text = self._element(buffer, place, offset)
        return f"{text} != 0" if buffer.type == "bool" else text

    # ----- writing -----

    def _write(self, write: Store | Reduction) -> None:
        buffer = write.buffer
        offset = "" if write.offset is None else self._value(write.offset)
        place = self._element(buffer, write.place, offset)
        value = self._value(write.value)
        if isinstance(write, Reduction):
            value = self._combined(write, place)
        self.f.do(f"{place} = {_stored(buffer.type, value)};")

    def _combined(self, write: Reduction, old: str) -> str:
        value, helper = self._value(write.value), self.context.module.helper
        return combined(write.op, write.buffer.type, old, value, helper)


class _Sum:
    """What an inner loop gathers, in a variable, or in one for each lane."""

    def __init__(self, f: Function, write: Store | Reduction, long: bool) -> None:
        assert isinstance(write, Reduction)
        self.f = f
        self.op, self.type = write.op, write.buffer.type
        self.adds = self.op == "add" and self.type in FLOATS
        self.has_lanes = long and (self.adds or self.op in ("max", "min"))
        self.name = f.name("s")

    def lane(self, k: str) -> str:
        """Name the variable of a lane."""
        return f"{self.name}[{k}]" if self.has_lanes else self.name

    def start(self, first: str) -> None:
        """Begin with what stands in memory; for a sum of lanes, that comes last."""
        f, word = self.f, VALUES[self.type]
        if not self.has_lanes:
            f.do(f"{word} {self.name} = {first};")
            return
        f.do(f"{word} {self.name}[{LANES}];")
        start = constant(0, self.type) if self.adds else first
        f.do(f"{_for('lane', 0, LANES)} {self.name}[lane] = {start};")

    def finish(self, place: str, helper: Helper) -> None:
        """Bring the result to where it belongs."""
        f, total = self.f, self.lane("0")
        if self.has_lanes:
            merged = combined(self.op, self.type, total, self.lane("lane"), helper)
            f.do(f"{_for('lane', 1, LANES)} {total} = {merged};")
            if self.adds:
                total = f"{place} + {total}"
        f.do(f"{place} = {_stored(self.type, total)};")


def _for(counter: str, start: int, end: int) -> str:
    return f"for (int64_t {counter} = {start}; {counter} < {end}; {counter}++)"


def _stored(type: str, value: str) -> str:
    return f"({MEMORY[type]})({value})" if type == "bool" else value
