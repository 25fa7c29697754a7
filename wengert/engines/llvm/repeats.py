"""Loops over bodies: scan, while, and the sweep back over a while."""

from __future__ import annotations

from collections.abc import Sequence

from wengert.engines.llvm.checks import may_fail
from wengert.engines.llvm.context import Context, address
from wengert.engines.llvm.text import in_memory
from wengert.engines.loops.program import (
    Buffer,
    Carry,
    Part,
    Scan,
    Unwind,
    While,
)

__all__ = ["call_part", "copy", "emit_scan", "emit_unwind", "emit_while"]

# What a function answers that got no memory.
_NO_MEMORY = "-1"


def copy(context: Context, target: str, source: str, nbytes: int) -> None:
    """Copy memory; over itself, too."""
    if target != source and nbytes:
        symbol = "llvm.memmove.p0.p0.i64"
        context.module.declare(symbol, "void", "ptr, ptr, i64, i1")
        context.function.do(
            f"call void @{symbol}(ptr {target}, ptr {source}, i64 {nbytes}, i1 false)"
        )


def call_part(
    context: Context,
    part: Part,
    inputs: Sequence[str],
    outputs: Sequence[str],
    keep: _Stack | None = None,
) -> None:
    """Call a body, and leave where it fails, without the stack of states."""
    f = context.function
    name = context.module.body(part.program)
    merged = {j for _, j in part.program.merged}
    kept = [out for j, out in enumerate(outputs) if j not in merged]
    listed = "".join(f", ptr {pointer}" for pointer in (*inputs, *kept))
    code = f.value(f"call i64 @{name}(ptr {context.pointers[part.work]}{listed})")
    if any(may_fail(step) for group in part.program.steps for step in group):
        drop = None if keep is None else keep.drop
        f.leave_unless(f.value(f"icmp eq i64 {code}, 0"), code, drop)


class _Carried:
    """Where the values stand that a loop carries, before and after a step."""

    def __init__(self, context: Context, carries: Sequence[Carry]) -> None:
        self.context = context
        self.carries = carries
        self.now: list[str] = []
        self.next: list[str] = []
        self._lines: list[tuple[int, int]] = []

    def begin(self, last_first: bool) -> None:
        """Put the first values in place: where they shall end, if `last_first`."""
        self.starts = []
        for carry in self.carries:
            last = self.context.pointers[carry.last]
            spare = last if carry.spare is None else self.context.pointers[carry.spare]
            pair = (last, spare) if last_first else (spare, last)
            copy(
                self.context, pair[0], address(self.context, carry.first),
                carry.last.nbytes,
            )  # fmt: skip
            self.starts.append(pair)

    def enter(self) -> None:
        """Add the phis of a loop's head."""
        f = self.context.function
        for carry, (now, _) in zip(self.carries, self.starts, strict=True):
            if carry.spare is None:
                self.now.append(now)
                self.next.append(now)
                self._lines.append((-1, -1))
                continue
            a, b = f.hole(), f.hole()
            self._lines.append((a, b))
            self.now.append(f"%c{a}")
            self.next.append(f"%c{b}")

    def turn(self, before: str, here: str) -> None:
        """Close the loop: what was next is now."""
        f = self.context.function
        for (a, b), now, following, start in zip(
            self._lines, self.now, self.next, self.starts, strict=True
        ):
            if a < 0:
                continue
            f.lines[a] = (
                f"  {now} = phi ptr [{start[0]}, %{before}], [{following}, %{here}]"
            )
            f.lines[b] = (
                f"  {following} = phi ptr [{start[1]}, %{before}], [{now}, %{here}]"
            )

    def end(self, values: Sequence[str]) -> None:
        """Bring the values to where they belong."""
        for carry, value in zip(self.carries, values, strict=True):
            last = self.context.pointers[carry.last]
            if carry.spare is not None:
                copy(self.context, last, value, carry.last.nbytes)


def emit_scan(context: Context, step: Scan) -> None:
    """Add a loop over a body, with a slice of some arrays for each step."""
    f, length = context.function, step.length
    carried = _Carried(context, step.carries)
    # After an even number of turns, what goes to and fro is back at its place.
    carried.begin(last_first=length % 2 == 0)
    if not length:
        return
    constants = [address(context, view) for view in step.constants]
    starts = [address(context, view) for view in (*step.xs, *step.ys)]
    before, head, after = f.block, f.name_block(), f.name_block()
    f.do(f"br label %{head}")
    f.start(head)
    hole = f.hole()
    counter = place = f"%i{hole}"
    carried.enter()
    if step.reverse:
        place = f.value(f"sub nuw nsw i64 {length - 1}, {counter}")
    slices = []
    for view, start in zip((*step.xs, *step.ys), starts, strict=True):
        offset = f.value(f"mul nsw i64 {place}, {view.strides[0]}")
        word = in_memory(view.buffer.type, 0)
        slices.append(
            f.value(f"getelementptr inbounds {word}, ptr {start}, i64 {offset}")
        )
    xs, ys = slices[: len(step.xs)], slices[len(step.xs) :]
    inputs = [*constants, *carried.now, *xs]
    call_part(context, step.body, inputs, [*carried.next, *ys])
    following = f.value(f"add nuw nsw i64 {counter}, 1")
    carried.turn(before, f.block)
    f.lines[hole] = f"  {counter} = phi i64 [0, %{before}], [{following}, %{f.block}]"
    more = f.value(f"icmp ult i64 {following}, {length}")
    f.do(f"br i1 {more}, label %{head}, label %{after}")
    f.start(after)


def emit_while(context: Context, step: While) -> None:
    """Add a loop that runs as long as a condition holds."""
    _while(context, step, None)


def _while(context: Context, step: While, keep: _Stack | None) -> None:
    f = context.function
    carried = _Carried(context, step.carries)
    carried.begin(last_first=True)
    asked = [address(context, view) for view in step.asked]
    constants = [address(context, view) for view in step.constants]
    before, head, inside, after = f.block, *(f.name_block() for _ in range(3))
    f.do(f"br label %{head}")
    f.start(head)
    carried.enter()
    told = context.pointers[step.told]
    call_part(context, step.condition, [*asked, *carried.now], [told], keep)
    answer = f.value(f"icmp ne i8 {f.value(f'load i8, ptr {told}')}, 0")
    f.do(f"br i1 {answer}, label %{inside}, label %{after}")
    f.start(inside)
    if keep is not None:
        keep.push(carried.now)
    inputs = [*constants, *carried.now]
    call_part(context, step.body, inputs, carried.next, keep)
    carried.turn(before, f.block)
    f.do(f"br label %{head}")
    f.start(after)
    if keep is None:
        carried.end(carried.now)


class _Stack:
    """Memory that grows with the steps of a loop: what was carried into each."""

    def __init__(self, context: Context, buffers: Sequence[Buffer]) -> None:
        self.context = context
        self.buffers = buffers
        self.size = sum(-(-b.nbytes // 8) * 8 for b in buffers)
        f = context.function
        self.base = f.value("alloca ptr")
        self.room = f.value("alloca i64")
        self.count = f.value("alloca i64")
        f.do(f"store ptr null, ptr {self.base}")
        f.do(f"store i64 0, ptr {self.room}")
        f.do(f"store i64 0, ptr {self.count}")
        context.module.declare("realloc", "ptr", "ptr, i64")
        context.module.declare("free", "void", "ptr")

    def push(self, values: Sequence[str]) -> None:
        """Keep the values of one step."""
        f = self.context.function
        count = f.value(f"load i64, ptr {self.count}")
        room = f.value(f"load i64, ptr {self.room}")
        full, write = f.name_block(), f.name_block()
        is_full = f.value(f"icmp eq i64 {count}, {room}")
        f.do(f"br i1 {is_full}, label %{full}, label %{write}")
        f.start(full)
        doubled = f.value(f"shl i64 {room}, 1")
        larger = f.value(f"add i64 {doubled}, 16")
        nbytes = f.value(f"mul i64 {larger}, {max(8, self.size)}")
        old = f.value(f"load ptr, ptr {self.base}")
        new = f.value(f"call ptr @realloc(ptr {old}, i64 {nbytes})")
        failed, good = f.name_block(), f.name_block()
        is_null = f.value(f"icmp eq ptr {new}, null")
        f.do(f"br i1 {is_null}, label %{failed}, label %{good}")
        f.start(failed)
        f.do(f"call void @free(ptr {old})")
        f.do(f"ret i64 {_NO_MEMORY}")
        f.start(good)
        f.do(f"store ptr {new}, ptr {self.base}")
        f.do(f"store i64 {larger}, ptr {self.room}")
        f.do(f"br label %{write}")
        f.start(write)
        for buffer, place, value in zip(
            self.buffers, self.places(count), values, strict=True
        ):
            copy(self.context, place, value, buffer.nbytes)
        following = f.value(f"add i64 {count}, 1")
        f.do(f"store i64 {following}, ptr {self.count}")

    def places(self, k: str) -> list[str]:
        """Give the addresses of the values of step k."""
        f = self.context.function
        base = f.value(f"load ptr, ptr {self.base}")
        offset = f.value(f"mul i64 {k}, {self.size}")
        start = f.value(f"getelementptr i8, ptr {base}, i64 {offset}")
        places, at = [], 0
        for buffer in self.buffers:
            places.append(f.value(f"getelementptr i8, ptr {start}, i64 {at}"))
            at += -(-buffer.nbytes // 8) * 8
        return places

    def drop(self) -> None:
        """Free the memory."""
        f = self.context.function
        base = f.value(f"load ptr, ptr {self.base}")
        f.do(f"call void @free(ptr {base})")


def emit_unwind(context: Context, step: Unwind) -> None:
    """Add a while loop whose states are kept, and the sweep back over them."""
    f = context.function
    stack = _Stack(context, [carry.last for carry in step.loop.carries])
    _while(context, step.loop, stack)
    bars = _Carried(context, step.bars)
    bars.begin(last_first=True)
    also = [address(context, view) for view in step.also]
    constants = [address(context, view) for view in step.loop.constants]
    before, head, inside, after = f.block, *(f.name_block() for _ in range(3))
    f.do(f"br label %{head}")
    f.start(head)
    bars.enter()
    left = f.value(f"load i64, ptr {stack.count}")
    none = f.value(f"icmp eq i64 {left}, 0")
    f.do(f"br i1 {none}, label %{after}, label %{inside}")
    f.start(inside)
    k = f.value(f"sub i64 {left}, 1")
    f.do(f"store i64 {k}, ptr {stack.count}")
    states = stack.places(k)
    inputs = [*also, *constants, *states, *bars.now]
    call_part(context, step.back, inputs, bars.next, stack)
    bars.turn(before, f.block)
    f.do(f"br label %{head}")
    f.start(after)
    bars.end(bars.now)
    stack.drop()
