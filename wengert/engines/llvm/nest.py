"""Loop nests as LLVM IR: vectors along the innermost axis, scalars outside of it.

A value is computed in the outermost loop that it allows: what does not move with the
inner counter, once for all turns of that. Along the innermost axis `width` elements go
at a time, as one LLVM vector, which may be wider than the machine's: that is how a
short body is unrolled. A few remaining elements are one narrower vector.
"""

from __future__ import annotations

from typing import Any

from wengert.engines.llvm.context import Context
from wengert.engines.llvm.text import constant, in_memory, vector
from wengert.engines.llvm.values import (
    combine,
    computed,
    reduced,
)
from wengert.engines.loops.affine import Affine
from wengert.engines.loops.expressions import FLOATS, Expression
from wengert.engines.loops.neutral import neutral
from wengert.engines.loops.program import (
    SIZES,
    Buffer,
    Loop,
    Reduction,
    Store,
)
from wengert.engines.loops.turns import collapsed, in_order

__all__ = ["emit_loop"]

# So many turns add up short floats before their sum is added to what came before.
_BLOCK = 512


def emit_loop(context: Context, loop: Loop) -> None:
    """Add the instructions of a loop nest to a function."""
    _Nest(context, loop).run()


class _Nest:
    def __init__(self, context: Context, loop: Loop) -> None:
        self.context = context
        self.f = context.function
        self.module = context.module
        self.writes = loop.writes
        self.nodes = in_order(loop.writes)
        self.axes, self.extents = collapsed(loop, self.nodes)
        self.starts = [low for low, _ in loop.box]
        self.depth = len(self.extents)
        self.depths = {id(node): self._depth_of(node) for node in self.nodes}
        self.counters: list[str] = []
        self.values: dict[int, str] = {}
        self.splats: dict[Any, str] = {}
        self.by_depth: list[list[Expression]] = [[] for _ in range(self.depth + 1)]
        for node in self.nodes:
            if node.op != "constant":
                self.by_depth[self.depths[id(node)]].append(node)

    # ----- places -----

    def _coefficients(self, place: Affine) -> tuple[int, ...]:
        """Give the coefficients of the counters that are left after collapsing."""
        return tuple(place.coefficients[axis] for axis in self.axes)

    def _offset(self, place: Affine) -> int:
        return place.constant + sum(
            k * low for k, low in zip(place.coefficients, self.starts, strict=True)
        )

    def _depth_of(self, node: Expression) -> int:
        depth = 0
        moves = node.moves
        for k, axis in enumerate(self.axes):
            # The counters collapsed into one move together.
            first = self.axes[k - 1] + 1 if k else 0
            if any(moves >> a & 1 for a in range(first, axis + 1)):
                depth = k + 1
        return depth

    def _element(self, buffer: Buffer, place: Affine, depth: int) -> str:
        """Give the address of the element at a place, with `depth` counters known."""
        f, pointer = self.f, self.context.pointers[buffer]
        index = self._offset(place)
        name = ""
        for k, coefficient in enumerate(self._coefficients(place)[:depth]):
            if not coefficient:
                continue
            term = self.counters[k]
            if coefficient != 1:
                term = f.value(f"mul nsw i64 {term}, {coefficient}")
            name = f.value(f"add nsw i64 {name}, {term}") if name else term
        word = in_memory(buffer.type, 0)
        if name:
            pointer = f.value(
                f"getelementptr inbounds {word}, ptr {pointer}, i64 {name}"
            )
        if index:
            pointer = f.value(
                f"getelementptr inbounds {word}, ptr {pointer}, i64 {index}"
            )
        return pointer

    # ----- the nest -----

    def run(self) -> None:
        self._level(0)

    def _level(self, depth: int) -> None:
        """Compute what is known here, and open the next loop."""
        if depth == self.depth:
            self._compute(depth, 0)
            self._write(0)
            return
        self._compute(depth, 0)
        if depth == self.depth - 1:
            self._innermost(depth)
            return
        f = self.f
        n = self.extents[depth]
        before, head, after = f.block, f.name_block(), f.name_block()
        f.do(f"br label %{head}")
        f.start(head)
        hole = f.hole()
        counter = f"%i{hole}"
        self.counters.append(counter)
        self._level(depth + 1)
        self.counters.pop()
        following = f.value(f"add nuw nsw i64 {counter}, 1")
        f.lines[hole] = (
            f"  {counter} = phi i64 [0, %{before}], [{following}, %{f.block}]"
        )
        more = f.value(f"icmp ult i64 {following}, {n}")
        f.do(f"br i1 {more}, label %{head}, label %{after}")
        f.start(after)

    def _innermost(self, depth: int) -> None:
        n = self.extents[depth]
        lanes, width = self._widths(n)
        if n <= 2 * lanes or n < width:
            self._single(depth, "0", n)
            return
        turns, rest = divmod(n, width)
        if rest and self._may_overlap() and turns:
            self._counted(depth, 0, n, width, overlap=True)
            return
        if turns:
            start = self._blocks(depth, turns, width)
            self._counted(depth, start, turns * width, width, overlap=False)
        start = turns * width
        if rest > lanes and width > lanes:
            steps = rest // lanes
            self._counted(depth, start, start + steps * lanes, lanes, overlap=False)
            start += steps * lanes
        if start < n:
            self._single(depth, str(start), n - start)

    def _blocks(self, depth: int, turns: int, width: int) -> int:
        """Sum up floats block by block, all but the last one, and give where that
        begins: one long sum would lose digits that NumPy's pairwise one keeps."""
        count = (turns - 1) // _BLOCK
        if not count or not any(
            self._stands_still(w) and w.op == "add" and w.value.type in FLOATS
            for w in self.writes
            if isinstance(w, Reduction)
        ):
            return 0
        f, size = self.f, _BLOCK * width
        before, head, after = f.block, f.name_block(), f.name_block()
        f.do(f"br label %{head}")
        f.start(head)
        hole = f.hole()
        start = f"%i{hole}"
        end = f.value(f"add nuw nsw i64 {start}, {size}")
        self._counted(depth, start, end, width, overlap=False)
        f.lines[hole] = f"  {start} = phi i64 [0, %{before}], [{end}, %{f.block}]"
        more = f.value(f"icmp ult i64 {end}, {count * size}")
        f.do(f"br i1 {more}, label %{head}, label %{after}")
        f.start(after)
        return count * size

    def _widths(self, n: int) -> tuple[int, int]:
        """Choose how many elements fill a vector, and how many go in a turn."""
        size = max(
            [SIZES[node.type.lstrip("fiu")] for node in self.by_depth[self.depth]]
            + [SIZES[write.buffer.type.lstrip("fiu")] for write in self.writes]
        )
        lanes = max(1, self.context.lanes // size)
        body = len(self.by_depth[self.depth])
        calls = any(node.op == "call" for node in self.by_depth[self.depth])
        unroll = 1 if calls else 4 if body <= 8 else 2 if body <= 24 else 1
        while unroll > 1 and lanes * unroll * 2 > n:
            unroll //= 2
        return lanes, lanes * unroll

    def _may_overlap(self) -> bool:
        """Tell whether writing some elements twice is harmless."""
        written = {write.buffer for write in self.writes}
        if any(isinstance(w, Reduction) or w.offset is not None for w in self.writes):
            return False
        return not any(
            node.op in ("load", "gather") and node.info[0] in written
            for node in self.nodes
        )

    def _single(self, depth: int, start: str, width: int) -> None:
        self.counters.append(start)
        scope = dict(self.values)
        self._compute(self.depth, width)
        self._write(width)
        self._combine_rows(depth, width, None)
        self.values = scope
        self.counters.pop()

    def _counted(
        self, depth: int, start: int | str, end: int | str, width: int, *, overlap: bool
    ) -> None:
        f = self.f
        sums = [
            w for w in self.writes if isinstance(w, Reduction) and self._stands_still(w)
        ]
        starts = [self._neutral(w, width) for w in sums]
        before, head, after = f.block, f.name_block(), f.name_block()
        f.do(f"br label %{head}")
        f.start(head)
        hole = f.hole()
        counter = f"%i{hole}"
        holes = [f.hole() for _ in sums]
        names = [f"%s{k}" for k in holes]
        place = counter
        if overlap:
            assert isinstance(end, int)
            last = f.value(f"icmp ult i64 {counter}, {end - width}")
            place = f.value(f"select i1 {last}, i64 {counter}, i64 {end - width}")
        self.counters.append(place)
        scope = dict(self.values)
        self._compute(self.depth, width)
        self._write(width)
        totals = [
            combine(
                f, w.op, w.value.type, width, name, self._vector(w.value, width),
                self.module.declare,
            )
            for w, name in zip(sums, names, strict=True)
        ]  # fmt: skip
        self.values = scope
        self.counters.pop()
        following = f.value(f"add nuw nsw i64 {counter}, {width}")
        f.lines[hole] = (
            f"  {counter} = phi i64 [{start}, %{before}], [{following}, %{f.block}]"
        )
        for h, w, name, first, total in zip(
            holes, sums, names, starts, totals, strict=True
        ):
            word = vector(w.value.type, width)
            f.lines[h] = (
                f"  {name} = phi {word} [{first}, %{before}], [{total}, %{f.block}]"
            )
        more = f.value(f"icmp ult i64 {following}, {end}")
        f.do(f"br i1 {more}, label %{head}, label %{after}")
        f.start(after)
        self._combine_rows(depth, width, dict(zip(map(id, sums), totals, strict=True)))

    # ----- values -----

    def _compute(self, depth: int, width: int) -> None:
        for node in self.by_depth[depth]:
            self.values[id(node)] = self._node(node, width)

    def _vector(self, node: Expression, width: int) -> str:
        """Give a value as a vector, or as a scalar where width is 0."""
        if node.op == "constant":
            return constant(node.info, node.type, width)
        name = self.values[id(node)]
        if not width or self.depths[id(node)] == self.depth:
            return name
        return self.f.splat(name, node.type, width)

    def _node(self, node: Expression, width: int) -> str:
        if node.op == "load":
            return self._load(node, width)
        if node.op == "counter":
            return self._counter(node, width)
        args = [self._vector(arg, width) for arg in node.args]
        if node.op == "gather":
            return self._gather(node, args[0], width)
        if node.op == "checked":
            return self._checked(node, args[0], width)
        return computed(
            self.f,
            node,
            args,
            width,
            self.module.declare,
            self.module.mathematics,
        )

    def _inner(self, place: Affine) -> int:
        return self._coefficients(place)[-1] if self.depth else 0

    def _load(self, node: Expression, width: int) -> str:
        f, (buffer, place) = self.f, node.info
        depth = self.depths[id(node)]
        pointer = self._element(buffer, place, min(depth, len(self.counters)))
        step = self._inner(place)
        if not width:
            return self._loaded(pointer, buffer, 0)
        if step == 1:
            return self._loaded(pointer, buffer, width)
        if step == -1 and width > 1:
            word = in_memory(buffer.type, 0)
            low = f.value(
                f"getelementptr inbounds {word}, ptr {pointer}, i64 {1 - width}"
            )
            return self.f.reversed(self._loaded(low, buffer, width), buffer.type, width)
        parts = [
            self._loaded(self._moved(pointer, buffer, k * step), buffer, 0)
            for k in range(width)
        ]
        return self.f.assembled(parts, buffer.type, width)

    def _moved(self, pointer: str, buffer: Buffer, by: int) -> str:
        if not by:
            return pointer
        word = in_memory(buffer.type, 0)
        return self.f.value(f"getelementptr inbounds {word}, ptr {pointer}, i64 {by}")

    def _loaded(self, pointer: str, buffer: Buffer, width: int) -> str:
        f, type = self.f, buffer.type
        align = SIZES[type.lstrip("fiu")]
        name = f.value(f"load {in_memory(type, width)}, ptr {pointer}, align {align}")
        if type != "bool":
            return name
        zero = "zeroinitializer" if width else "0"
        return f.value(f"icmp ne {in_memory(type, width)} {name}, {zero}")

    def _gather(self, node: Expression, offset: str, width: int) -> str:
        f, (buffer, place) = self.f, node.info
        depth = min(self.depths[id(node)], len(self.counters))
        pointer, word = self._element(buffer, place, depth), in_memory(buffer.type, 0)
        step = self._inner(place)
        if not width:
            at = f.value(f"getelementptr inbounds {word}, ptr {pointer}, i64 {offset}")
            return self._loaded(at, buffer, 0)
        parts = []
        for k in range(width):
            one = f.value(f"extractelement {vector('i64', width)} {offset}, i64 {k}")
            at = f.value(f"getelementptr inbounds {word}, ptr {pointer}, i64 {one}")
            parts.append(self._loaded(self._moved(at, buffer, k * step), buffer, 0))
        return self.f.assembled(parts, buffer.type, width)

    def _checked(self, node: Expression, x: str, width: int) -> str:
        f, (n, code) = self.f, node.info
        word, which = vector("i64", width), vector("bool", width)
        zero, length = constant(0, "i64", width), constant(n, "i64", width)
        negative = f.value(f"icmp slt {word} {x}, {zero}")
        ahead = f.value(f"add {word} {x}, {length}")
        y = f.value(f"select {which} {negative}, {word} {ahead}, {word} {x}")
        good = f.value(f"icmp ult {word} {y}, {length}")
        every = good
        if width:
            every = reduced(f, "and", "bool", width, good, self.module.declare)
        before = f.value("load i64, ptr %code")
        after = f.value(f"select i1 {every}, i64 {before}, i64 {code}")
        f.do(f"store i64 {after}, ptr %code")
        return f.value(f"select {which} {good}, {word} {y}, {word} {zero}")

    def _counter(self, node: Expression, width: int) -> str:
        f, place = self.f, node.info
        name = str(self._offset(place))
        for k, coefficient in enumerate(self._coefficients(place)):
            if coefficient and k < len(self.counters):
                term = f.value(f"mul nsw i64 {self.counters[k]}, {coefficient}")
                name = f.value(f"add nsw i64 {term}, {name}")
        if not width:
            return name
        steps = ", ".join(f"i64 {k * self._inner(place)}" for k in range(width))
        splat = self.f.splat(name, "i64", width)
        return f.value(f"add nsw {vector('i64', width)} {splat}, <{steps}>")

    # ----- writing -----

    def _stands_still(self, write: Store | Reduction) -> bool:
        """Tell whether a reduction goes to one place while the inner counter moves."""
        return (
            isinstance(write, Reduction)
            and write.offset is None
            and self.depth > 0
            and self._inner(write.place) == 0
        )

    def _neutral(self, write: Reduction, width: int) -> str:
        type, op = write.value.type, write.op
        # −0.0 changes no sum, not even one of zeros.
        value = -0.0 if op == "add" and type in FLOATS else neutral(op, type)
        return constant(value, type, width)

    def _write(self, width: int) -> None:
        for write in self.writes:
            if self._stands_still(write) and width:
                continue
            value = self._vector(write.value, width)
            self._put(write, value, width)

    def _put(self, write: Store | Reduction, value: str, width: int) -> None:
        f, buffer = self.f, write.buffer
        pointer = self._element(buffer, write.place, len(self.counters))
        step = self._inner(write.place)
        if write.offset is not None:
            self._put_scattered(write, pointer, value, width)
            return
        if width > 1 and step != 1:
            for k in range(width):
                one = f.value(
                    f"extractelement {vector(buffer.type, width)} {value}, i64 {k}"
                )
                self._put_at(write, self._moved(pointer, buffer, k * step), one, 0)
            return
        self._put_at(write, pointer, value, width)

    def _put_scattered(
        self, write: Store | Reduction, pointer: str, value: str, width: int
    ) -> None:
        """Write element by element, since two may have the same place."""
        f, buffer, step = self.f, write.buffer, self._inner(write.place)
        assert write.offset is not None
        offset, word = self._vector(write.offset, width), in_memory(buffer.type, 0)
        for k in range(max(1, width)):
            one, by = value, offset
            if width:
                wide = vector(buffer.type, width)
                one = f.value(f"extractelement {wide} {value}, i64 {k}")
                by = f.value(f"extractelement {vector('i64', width)} {offset}, i64 {k}")
            at = f.value(f"getelementptr inbounds {word}, ptr {pointer}, i64 {by}")
            self._put_at(write, self._moved(at, buffer, k * step), one, 0)

    def _put_at(
        self, write: Store | Reduction, pointer: str, value: str, width: int
    ) -> None:
        f, type = self.f, write.buffer.type
        if isinstance(write, Reduction):
            old = self._loaded(pointer, write.buffer, width)
            value = combine(f, write.op, type, width, old, value, self.module.declare)
        word = in_memory(type, width)
        if type == "bool":
            value = f.value(f"zext {vector(type, width)} {value} to {word}")
        align = SIZES[type.lstrip("fiu")]
        f.do(f"store {word} {value}, ptr {pointer}, align {align}")

    def _combine_rows(
        self, depth: int, width: int, totals: dict[int, str] | None
    ) -> None:
        """Bring what the inner loop has gathered to where it belongs."""
        for write in self.writes:
            if not self._stands_still(write):
                continue
            assert isinstance(write, Reduction)
            if totals is None:
                total = self._vector(write.value, width)
            else:
                total = totals[id(write)]
            type = write.value.type
            one = reduced(self.f, write.op, type, width, total, self.module.declare)
            counters = self.counters[:depth]
            saved, self.counters = self.counters, counters
            pointer = self._element(write.buffer, write.place, depth)
            self._put_at(write, pointer, one, 0)
            self.counters = saved
